"""Everything about a draft that wants a look before going on, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.operations.plan import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_migrate.migration.plan import Instruction
    from tui_migrate.operations.plan import OpenPlan


def find_problems(open_plan: OpenPlan) -> tuple[Problem, ...]:
    """Return errors, unmapped activities with tokens, async tokens without a place, and advice.

    They come in the document order of the source; for one activity in the order just named. What belongs to no activity
    of the source comes last.
    """
    found = [*_errors(open_plan), *_unmapped(open_plan), *_waiting(open_plan), *_advice(open_plan)]
    position = {activity_id: index for index, activity_id in enumerate(open_plan.source_model.activities)}
    last = len(position)
    return tuple(sorted(found, key=lambda problem: position.get(problem.source_id or "", last)))


def _errors(open_plan: OpenPlan) -> Iterator[Problem]:
    draft = open_plan.draft
    if draft.report.valid:
        return
    from tui_migrate.migration.remedy import remedy

    source, target, instructions = open_plan.source_model, open_plan.target_model, draft.instructions
    for report in draft.report.instruction_reports:
        one = report.instruction
        remedies = (remedy(failure, source, target, instructions, one) for failure in report.failures)
        yield Problem(
            kind="error",
            source_id=one.source_activity_id,
            target_id=one.target_activity_id,
            sentences=report.failures,
            remedies=tuple(dict.fromkeys(text for text in remedies if text)),
            instances=open_plan.counts.tokens(one.source_activity_id or ""),
        )


def _unmapped(open_plan: OpenPlan) -> Iterator[Problem]:
    counts = open_plan.counts
    for activity in open_plan.source_model.activities.values():
        tokens = counts.tokens(activity.id)
        if not tokens or open_plan.draft.target_of(activity.id) is not None:
            continue
        what = f"{tokens} {'activity instance is' if tokens == 1 else 'activity instances are'} here"
        yield Problem(
            kind="unmapped",
            source_id=activity.id,
            target_id=None,
            sentences=(
                f"{what} and there is no mapping; their process instances would fail.",
                *counts.reasons.get(activity.id, ()),
            ),
            remedies=("Map it to the activity that takes its place in the target.",),
            instances=tokens,
        )


def _waiting(open_plan: OpenPlan) -> Iterator[Problem]:
    """A job before or after an activity needs the same async attribute in the target (`AsyncMigrationValidator`)."""
    counts = open_plan.counts
    for instruction in open_plan.draft.instructions:
        sentences = _async_sentences(open_plan, instruction)
        if sentences:
            source_id = instruction.source_activity_id or ""
            yield Problem(
                kind="waiting",
                source_id=source_id,
                target_id=instruction.target_activity_id,
                sentences=sentences,
                remedies=("Let the jobs run before migrating, or make it asynchronous in the same way in the target.",),
                instances=counts.before.get(source_id, 0) + counts.after.get(source_id, 0),
            )


def _async_sentences(open_plan: OpenPlan, instruction: Instruction) -> tuple[str, ...]:
    target = open_plan.target_model.get(instruction.target_activity_id)
    source_id = instruction.source_activity_id
    if target is None or source_id is None:
        return ()
    before, after = open_plan.counts.before.get(source_id, 0), open_plan.counts.after.get(source_id, 0)
    sentences = []
    if before and not target.async_before:
        sentences.append(f"{before} wait before it, and '{target.id}' is not asyncBefore; they would fail.")
    if after and not target.async_after:
        sentences.append(f"{after} wait after it, and '{target.id}' is not asyncAfter; they would fail.")
    return tuple(sentences)


def _advice(open_plan: OpenPlan) -> Iterator[Problem]:
    for advice in open_plan.advice():
        yield Problem(
            kind="advice" if advice.severity == "danger" else "note",
            source_id=advice.source_id,
            target_id=advice.target_id,
            sentences=(advice.sentence,),
            remedies=(advice.remedy,),
            instances=open_plan.counts.tokens(advice.source_id or ""),
        )
