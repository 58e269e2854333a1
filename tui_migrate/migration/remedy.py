"""What to do about a failure: from the engine's sentence, the models and the plan to a next step in words."""

from __future__ import annotations

from collections.abc import Sequence

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.plan import Instruction


def remedy(
    failure: str,
    source: ProcessModel,
    target: ProcessModel,
    instructions: Sequence[Instruction],
    instruction: Instruction | None,
    *,
    activity_id: str | None = None,
) -> str | None:
    """Return what to do about a failure, None where nothing better than the sentence itself is known.

    Args:
        failure: The engine's sentence, of a plan's report or of an instance's.
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan.
        instruction: The instruction that the failure is about; None for an instance's failure.
        activity_id: The source activity that an instance's failure is about.
    """
    return None
