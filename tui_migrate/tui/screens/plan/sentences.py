"""What the pane below the trees says about the activity under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.cells import shown
from tui_migrate.tui.glyphs import KIND_WORDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_migrate.bpmn.model import Activity, ProcessModel
    from tui_migrate.migration.suggest import Suggestion
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.screens.plan.facts import PlanFacts
    from tui_migrate.tui.screens.plan.mapping import PendingMapping
    from tui_migrate.tui.widgets.activity_tree import Side

Sentence = tuple[str, str]
"""Text that has been made harmless, and a style's name such as `error`, or ""."""

NAME_LIMIT = 60
"""Characters of a foreign name inside a sentence."""


def named(model: ProcessModel, activity_id: str | None) -> str:
    """Return the name of an activity for a sentence, cut, or a dash where there is none."""
    activity = model.get(activity_id)
    return shown(activity.label if activity else activity_id, NAME_LIMIT) or "—"


def described(activity: Activity) -> str:
    """Return name, kind and id of an activity."""
    name = shown(activity.label, NAME_LIMIT)
    kind = KIND_WORDS[kind_of(activity)]
    return f"{name} ({kind} {shown(activity.id, NAME_LIMIT)})"


def sentences(
    facts: PlanFacts, side: Side, activity_id: str, glyphs: Glyphs, *, best: Suggestion | None = None
) -> list[Sentence]:
    """Return what there is to say about an activity, the most urgent first.

    Args:
        facts: The plan.
        side: The activity's side.
        activity_id: The activity.
        glyphs: The set of characters.
        best: The best target of an unmapped activity, where it is known.
    """
    model = facts.open_plan.source_model if side == "source" else facts.open_plan.target_model
    head = described(model[activity_id])
    if side == "source":
        head += _mapped_to(facts, activity_id, glyphs)
    mark = facts.open_plan.marker(side, activity_id).marker
    sign, style = {
        "error": (f"{glyphs.error} ", "error"),
        "unmapped": (f"{glyphs.unmapped} ", "warning"),
        "mapped": (f"{glyphs.mapped} ", ""),
        "none": ("", ""),
    }[mark]
    found = _of_source(facts, activity_id, best) if side == "source" else _of_target(facts, activity_id)
    return [(f"{sign}{head}", style), *found]


def _mapped_to(facts: PlanFacts, activity_id: str, glyphs: Glyphs) -> str:
    """Return where an activity is mapped to, and how, in few words."""
    draft = facts.open_plan.draft
    instruction = draft.instruction_of(activity_id)
    if instruction is None:
        return ""
    target_id = instruction.target_activity_id
    name = named(facts.open_plan.target_model, target_id)
    other_id = f" ({shown(target_id, NAME_LIMIT)})" if target_id != activity_id and target_id != name else ""
    how = {"manual": ", by hand", "suggested": ", suggested", "imported": ", imported"}
    trigger = ", updates its event trigger" if instruction.update_event_trigger else ""
    return f" {glyphs.arrow} {name}{other_id}{how.get(draft.origin_of(activity_id) or '', '')}{trigger}"


def _of_source(facts: PlanFacts, activity_id: str, best: Suggestion | None) -> Iterator[Sentence]:
    plan = facts.open_plan
    for problem in facts.problems():
        if problem.source_id != activity_id:
            continue
        style = {"error": "error", "note": ""}.get(problem.kind, "warning")
        for sentence in problem.sentences:
            yield shown(sentence, 600), style
        if problem.kind == "unmapped" and best is not None:
            reasons = shown(", ".join(best.reasons[:3]), 300)
            yield f"Best match: {named(plan.target_model, best.target_id)}, {reasons}.", ""
            continue
        for remedy in problem.remedies:
            yield shown(remedy, 600), ""
    if plan.draft.target_of(activity_id) is not None:
        for reason in plan.counts.reasons.get(activity_id, ()):
            yield shown(reason, 300), ""
    elif plan.counts.tokens(activity_id) == 0:
        yield "Not mapped, and nothing waits here.", ""
    yield from _differences(facts, "source", activity_id)


def _of_target(facts: PlanFacts, activity_id: str) -> Iterator[Sentence]:
    plan = facts.open_plan
    sources = plan.draft.sources_of(activity_id)
    if sources:
        names = ", ".join(named(plan.source_model, one) for one in sources[:4])
        more = f" and {len(sources) - 4} more" if len(sources) > 4 else ""
        yield f"Target of {names}{more}.", ""
    else:
        yield "No activity of the source is mapped to it.", ""
    for problem in facts.problems():
        if problem.target_id == activity_id and problem.kind == "error":
            for sentence in problem.sentences:
                yield shown(sentence, 600), "error"
    yield from _differences(facts, "target", activity_id)


def _differences(facts: PlanFacts, side: Side, activity_id: str) -> Iterator[Sentence]:
    found = facts.compared(side, activity_id)
    if found is not None and found.kinds != ("unchanged",) and found.sentences:
        yield "Differs: " + shown("; ".join(found.sentences), 600), "accent"


def mapping_sentences(
    facts: PlanFacts, mapping: PendingMapping, target_id: str | None, reasons: tuple[str, ...]
) -> list[Sentence]:
    """Return what mapping mode says about the target under the cursor.

    Args:
        facts: The plan.
        mapping: The mapping that is being made.
        target_id: The target under the cursor.
        reasons: The engine's sentences against it, empty where it is possible.
    """
    plan = facts.open_plan
    source = named(plan.source_model, mapping.source_id)
    if mapping.replaces is None:
        head = f'Map "{source}" to …  {len(mapping.suggestions)} possible.'
    else:
        now = named(plan.target_model, mapping.replaces)
        head = f'Replace "{source}" → "{now}" by …  {len(mapping.suggestions)} possible.'
    lines: list[Sentence] = [(head, "strong")]
    if target_id is None:
        return lines
    target = named(plan.target_model, target_id)
    suggestion = mapping.suggestion(target_id)
    if suggestion is not None:
        if suggestion.along:
            names = ", ".join(named(plan.source_model, one.source_activity_id) for one in suggestion.along)
            lines.append((f"Maps along, in the same step: {names}.", ""))
        lines.append((f"{target}: {shown(', '.join(suggestion.reasons), 400)}.", "success"))
    elif mapping.asked == target_id:
        lines.append((f"{target} is not possible. enter again maps it all the same.", "warning"))
        lines.extend((shown(reason, 600), "error") for reason in reasons)
    else:
        why = shown(reasons[0], 400) if reasons else "it is the one that is mapped now"
        lines.append((f"{target} is not possible: {why}", "warning"))
    return lines
