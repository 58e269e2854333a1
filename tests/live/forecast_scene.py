"""What a scene is: a process in states that decide whether an instance migrates, and its changed versions.

Job definitions are suspended before any instance starts, so that nothing moves by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.live.forecast_steps import Step

NO_INSTRUCTION: Final = "There is no migration instruction for this instance's activity"
NOT_SUPPORTED: Final = "The type of the source activity is not supported"
NO_FLOW: Final = "is assigned to no sequence flow"
OTHER_FLOW: Final = "is assigned to a sequence flow that cannot be matched"
NOT_BEFORE: Final = "Target activity is not asyncBefore"
NOT_AFTER: Final = "Target activity is not asyncAfter"
NO_BOUNDARY: Final = "There is no migration instruction for the compensation boundary event"
NO_START: Final = "There is no migration instruction for the compensation start event"


@dataclass(frozen=True)
class Scene:
    """Two versions of a process, and the states in which instances are put."""

    name: str
    source: str
    targets: Mapping[str, str]
    states: Mapping[str, Sequence[Step]]
    variables: Mapping[str, object] = field(default_factory=dict)
    called: str | None = None
    """Another process, deployed with the source under the key `{key}-called`."""
    tenants: tuple[str | None, str | None] = (None, None)
    reaches: Sequence[str] = (NO_INSTRUCTION,)
    """Sentences, or parts of them, that the engine must have said, so that the scene shows what it is for."""
    also: Sequence[tuple[str, str]] = ()
    """Pairs that one of the plans maps in place of what has the same id."""
    unsure: frozenset[str] = frozenset()
    """States in which not everything can be told, though everything was read."""
