"""The mapping that is being made: which targets are possible, how good each is, and why others are not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from tui_migrate.migration.suggest import Suggestion
    from tui_migrate.operations.plan import OpenPlan

LARGE: Final = 600
"""Activities of both sides from which targets are ranked in a thread, so that no key waits for it."""


class PendingMapping(Struct):
    """PendingMapping mode for one source activity."""

    source_id: str
    replaces: str | None
    """The target it is mapped to now, or None."""
    suggestions: tuple[Suggestion, ...] = ()
    """The possible targets, best first."""
    stars: dict[str, int] = field(default_factory=dict)
    """Stars by possible target."""
    asked: str | None = None
    """The impossible target on which `enter` was pressed once already."""

    def suggestion(self, target_id: str | None) -> Suggestion | None:
        """Return the suggestion for a target, or None where it is not possible."""
        return next((one for one in self.suggestions if one.target_id == target_id), None)

    def take(self, suggestions: tuple[Suggestion, ...]) -> None:
        """Light the targets that are possible."""
        self.suggestions = suggestions
        self.stars = {one.target_id: one.stars for one in suggestions}


def is_large(open_plan: OpenPlan) -> bool:
    """Return whether ranking takes long enough to be done in a thread."""
    return len(open_plan.source_model.activities) + len(open_plan.target_model.activities) >= LARGE


def ranked(open_plan: OpenPlan, source_id: str, *, limit: int | None = None) -> tuple[Suggestion, ...]:
    """Return the possible targets of an activity, best first.

    Args:
        open_plan: The plan; it is read only.
        source_id: The activity.
        limit: The most that are returned; None is all.
    """
    from tui_migrate.migration.suggest import suggest

    plan = open_plan
    return suggest(plan.source_model, plan.target_model, plan.draft.instructions, source_id, limit=limit)


async def rank_targets(open_plan: OpenPlan, source_id: str, *, limit: int | None = None) -> tuple[Suggestion, ...]:
    """Return what `ranked` does; in a thread where that takes long."""
    if is_large(open_plan):
        return await asyncio.to_thread(ranked, open_plan, source_id, limit=limit)
    return ranked(open_plan, source_id, limit=limit)


def reasons_against(open_plan: OpenPlan, source_id: str, target_id: str) -> tuple[str, ...]:
    """Return the engine's sentences against mapping an activity to a target; none where it is possible."""
    from tui_migrate.migration.suggest import why_not

    return why_not(open_plan.source_model, open_plan.target_model, open_plan.draft.instructions, source_id, target_id)
