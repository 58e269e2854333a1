"""What is known about the selection: the frozen ids, their forecasts, the engine's verdicts on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tui_migrate.migration.forecast import Forecast
    from tui_migrate.operations.check import CheckSummary
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.rehearse import RehearsalVerdict
    from tui_migrate.operations.selection import FrozenSelection, Selection

Fingerprint = tuple[str, str, tuple[str, ...], frozenset[str]]


def fingerprint(selection: Selection) -> Fingerprint:
    """Return what tells a selection from another one, so that a frozen one is known to be of the same choice."""
    text = selection.filter.text if selection.filter is not None else ""
    return selection.mode, text, selection.ids, selection.excluded


class Verdicts(Struct):
    """The engine's verdicts for one revision of the draft; another revision makes them worthless."""

    revision: int
    rehearsed: dict[str, RehearsalVerdict] = field(default_factory=dict)
    at: datetime | None = None
    seconds: float = 0.0

    def of(self, plan: OpenPlan, instance_id: str) -> RehearsalVerdict | None:
        """Return the engine's verdict on an instance, if there is one for the draft as it stands."""
        return self.rehearsed.get(instance_id) if plan.draft.revision == self.revision else None

    def number(self, plan: OpenPlan, ids: Iterable[str]) -> int:
        """Return of how many of these instances there is a verdict for the draft as it stands."""
        found = self.valid(plan)
        return sum(one in found for one in ids)

    def valid(self, plan: OpenPlan) -> Mapping[str, RehearsalVerdict]:
        """Return the verdicts for the draft as it stands."""
        return self.rehearsed if plan.draft.revision == self.revision else {}


class Review(Struct):
    """The selection as it was frozen, and what each of its instances would do."""

    frozen: FrozenSelection
    chosen: Fingerprint
    """What was chosen when it was frozen."""
    revision: int = -1
    """The draft's revision that `summary` is about."""
    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    summary: CheckSummary | None = None

    def is_of(self, selection: Selection) -> bool:
        """Whether it is of the choice as it stands."""
        return self.chosen == fingerprint(selection)
