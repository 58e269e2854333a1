"""The way back: the inverse of a plan for the instances that moved, and what it can't undo, said plainly."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.migration.plan import Instruction, MigrationPlan

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import Activity, ProcessModel
    from tui_migrate.migration.report import ValidationReport
    from tui_migrate.operations.account import Account
    from tui_migrate.operations.records import RunRecord
    from tui_migrate.operations.session import Session


class ReturnPlan(Struct, frozen=True):
    """A plan from the old target back to the old source."""

    plan: MigrationPlan
    report: ValidationReport
    """What is wrong with the plan by the rules; it may need work by hand before it can be used."""
    dropped: tuple[Instruction, ...]
    """Inverse instructions that are left out, since they can't be valid."""
    notes: tuple[str, ...]
    """What the way back does not undo; each a sentence."""


async def make_return_plan(session: Session, run: RunRecord) -> ReturnPlan:
    """Return the way back for a run of the journal.

    The selection for it is the account's `moved_ids`.

    Raises:
        NotFound: A definition is not there any more.
        BpmnError: A model can't be read.
    """
    from tui_migrate.operations.prepared_run import plan_of

    source = await session.model(run.source_id)
    target = await session.model(run.target_id)
    return return_plan(plan_of(run.plan), source, target)


def moved_selection(account: Account) -> tuple[str, ...]:
    """Return the instances that a return plan would take back: those that run on the target now."""
    return account.moved_ids


def return_plan(plan: MigrationPlan, source: ProcessModel, target: ProcessModel) -> ReturnPlan:
    """Return the inverse of a plan.

    Of several sources that went to one target, the first in document order is the one that all go back to. Instructions
    whose inverse the rules refuse are left out and named.

    Args:
        plan: The plan that was carried out, from `source` to `target`.
        source: Where the instances came from.
        target: Where they are now.
    """
    from tui_migrate.migration.validate import validate

    inverse = _inverse(plan, source)
    kept = inverse
    report = validate(target, source, kept)
    # Leaving one out can make another invalid (a child whose scope is not mapped any more), so until nothing changes.
    while report.instruction_reports:
        failing = {one.instruction for one in report.instruction_reports}
        rest = tuple(one for one in kept if one not in failing)
        if len(rest) == len(kept):
            break
        kept = rest
        report = validate(target, source, kept)
    dropped = tuple(one for one in inverse if one not in kept)
    notes = (*_merged(plan, source, target), *_left_out(dropped, target), *_without_way(kept, target), *_lasting(plan))
    back = MigrationPlan(plan.target_definition_id, plan.source_definition_id, kept)
    return ReturnPlan(back, report, dropped, notes)


def _inverse(plan: MigrationPlan, source: ProcessModel) -> tuple[Instruction, ...]:
    place = {activity_id: number for number, activity_id in enumerate(source.activities)}
    first: dict[str, Instruction] = {}
    for one in sorted(plan.instructions, key=lambda one: place.get(one.source_activity_id or "", len(place))):
        if one.source_activity_id is not None and one.target_activity_id is not None:
            back = Instruction(one.target_activity_id, one.source_activity_id, one.update_event_trigger)
            first.setdefault(one.target_activity_id, back)
    return tuple(first.values())


def _merged(plan: MigrationPlan, source: ProcessModel, target: ProcessModel) -> list[str]:
    counts = Counter(one.target_activity_id for one in plan.instructions if one.target_activity_id)
    notes = []
    for target_id, number in counts.items():
        if number < 2:
            continue
        sources = [one.source_activity_id for one in plan.instructions if one.target_activity_id == target_id]
        ordered = [activity_id for activity_id in source.activities if activity_id in sources]
        names = ", ".join(_name(source.get(one), one) for one in ordered)
        notes.append(
            f"{_name(target.get(target_id), target_id)} took in {names}: nothing tells any more which instance came "
            f"from which, so all go back to {_name(source.get(ordered[0]), ordered[0])}."
        )
    return notes


def _left_out(dropped: tuple[Instruction, ...], target: ProcessModel) -> list[str]:
    return [
        f"{_name(target.get(one.source_activity_id), one.source_activity_id or '')} has no valid way back to "
        f"'{one.target_activity_id}': instances that wait there can't return."
        for one in dropped
    ]


def _without_way(kept: tuple[Instruction, ...], target: ProcessModel) -> list[str]:
    mapped = {one.source_activity_id for one in kept}
    lost = [one for one in target.activities.values() if one.id not in mapped and _can_wait(one)]
    if not lost:
        return []
    names = ", ".join(_name(one, one.id) for one in lost[:8]) + (" …" if len(lost) > 8 else "")
    return [f"Instances that have gone on to activities without a way back can't return: {names}."]


def _can_wait(activity: Activity) -> bool:
    """Whether a token can rest there: what is no gateway, no start and no plain end."""
    return (
        activity.type not in {"exclusiveGateway", "startEvent", "noneEndEvent"} and "EndEvent" not in activity.behavior
    )


def _lasting(plan: MigrationPlan) -> list[str]:
    notes = [
        "Listeners and IO mappings that ran, and everything that the instances did since, stay done.",
        "Boundary events and event sub processes that were dropped come back anew: their timers start again.",
    ]
    if plan.variables:
        names = ", ".join(sorted(plan.variables))
        notes.append(f"The variables that the migration set keep their values: {names}.")
    if any(one.update_event_trigger for one in plan.instructions):
        notes.append("Updated event triggers are updated again to what the old version declares; timers start again.")
    return notes


def _name(activity: Activity | None, activity_id: str) -> str:
    if activity is None or activity.label == activity_id:
        return f"'{activity_id}'"
    return f"'{activity.label}' ({activity_id})"
