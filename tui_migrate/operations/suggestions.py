"""Taking suggestions into a draft: one by one as somebody accepts them, or the best of each in one step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui_migrate.migration.plan import Instruction

if TYPE_CHECKING:
    from tui_migrate.migration.suggest import Suggestion
    from tui_migrate.operations.plan import OpenPlan


def instructions_of(plan: OpenPlan, accepted: Iterable[Suggestion]) -> tuple[Instruction, ...]:
    """Return the instructions of suggestions with what has to be mapped along, each source once."""
    found: dict[str | None, Instruction] = {}
    for suggestion in accepted:
        for one in suggestion.along:
            found.setdefault(one.source_activity_id, one)
        forced = plan.draft.can_update_trigger(suggestion.source_id) == "forced"
        found[suggestion.source_id] = Instruction(suggestion.source_id, suggestion.target_id, forced)
    return tuple(found.values())


def best_suggestions(plan: OpenPlan) -> tuple[Suggestion, ...]:
    """Return the best suggestion for each activity that has instances and no mapping, in the order of the source."""
    from tui_migrate.migration.suggest import suggest_all

    draft = plan.draft
    waiting = [one for one in plan.source_model.activities if plan.counts.tokens(one) and draft.target_of(one) is None]
    return tuple(suggest_all(draft.source, draft.target, draft.instructions, only=waiting)) if waiting else ()


def take_best_suggestions(plan: OpenPlan) -> tuple[Suggestion, ...]:
    """Map the best suggestion for each activity that has instances and no mapping; one undoable step.

    Returns:
        What was mapped; none where there is nothing to suggest.
    """
    found = best_suggestions(plan)
    if found:
        plan.draft.map_all(instructions_of(plan, found))
    return found
