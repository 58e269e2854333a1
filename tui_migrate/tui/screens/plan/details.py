"""Everything about one mapping: failures and remedies, the flag with its triggers, both activities side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, flow, shown
from tui_migrate.tui.glyphs import KIND_WORDS, kind_of
from tui_migrate.tui.screens.help import TextLines
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.screens.plan.sentences import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual import events
    from textual.widget import Widget

    from tui_migrate.bpmn.model import Activity, ProcessModel
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.screens.plan.facts import PlanFacts
    from tui_migrate.tui.widgets.line_list import Piece

_LABEL = 15
_TRIGGER_WORDS = ("timer", "message", "signal", "condition")


class DetailsModal(BaseModal[None]):
    """The details of a pair; `t` switches the event trigger here too.

    Args:
        facts: The plan.
        source_id: The source activity, or None.
        target_id: The target activity, or None.
        glyphs: The set of characters.
        against: The engine's sentences against the pair, where it is no mapping yet.
    """

    BINDINGS = bindings("details")
    SCOPES: ClassVar[tuple[str, ...]] = ("details", "dialog")
    DEFAULT_CSS = """
    DetailsModal > .dialog { width: 100%; height: 100%; }
    """

    def __init__(
        self,
        facts: PlanFacts,
        source_id: str | None,
        target_id: str | None,
        glyphs: Glyphs,
        *,
        against: tuple[str, ...] = (),
    ) -> None:
        super().__init__("Details")
        self.against = against
        self.facts = facts
        self.source_id = source_id
        self.target_id = target_id
        self.glyphs_shown = glyphs
        self.changed = False
        self.text = TextLines([])

    def body(self) -> Iterable[Widget]:
        """Return the lines."""
        yield self.text

    def on_mount(self) -> None:
        """Let the arrows scroll the lines."""
        super().on_mount()
        self.text.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines for the width."""
        self.call_after_refresh(self.fill)

    def fill(self) -> None:
        """Write everything anew."""
        width = max(self.text.size.width, 20)
        self.text.lines_shown = list(self._lines(width))
        self.text.rows_changed()
        more = self.text.row_count() > self.text.page
        self.query_one(".dialog").border_subtitle = "pgdn: more" if more else ""

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("details-trigger", "dialog-close")

    def action_trigger(self) -> None:
        """Switch the event trigger of this mapping."""
        draft = self.facts.open_plan.draft
        instruction = draft.instruction_of(self.source_id or "")
        if instruction is None or draft.can_update_trigger(self.source_id or "") != "allowed":
            self.app.say(self._flag_sentence()[0], "warning")
            return
        draft.set_update_event_trigger((self.source_id or "",), not instruction.update_event_trigger)
        self.changed = True
        self.fill()

    # -- what it says ------------------------------------------------------------------------------------------

    def _lines(self, width: int) -> Iterator[list[Piece]]:
        for text, style in self._paragraphs():
            for position, line in enumerate(flow([(text, style)], width - 2, 40)):
                yield [("" if position == 0 else "  ", ""), *line]
        yield []
        yield from self._side_by_side(width)

    def _paragraphs(self) -> Iterator[Piece]:
        plan = self.facts.open_plan
        glyphs = self.glyphs_shown
        counts = plan.counts
        for sentence in self.against:
            yield f"{glyphs.error} {shown(sentence, 2000)}", "error"
        if self.source_id is not None:
            for problem in self.facts.problems():
                if problem.source_id != self.source_id:
                    continue
                sign, style = {
                    "error": (glyphs.error, "error"),
                    "unmapped": (glyphs.unmapped, "warning"),
                    "note": (glyphs.note, ""),
                }.get(problem.kind, (glyphs.advice, "warning"))
                for sentence in problem.sentences:
                    yield f"{sign} {shown(sentence, 2000)}", style
                for remedy in problem.remedies:
                    yield f"{glyphs.arrow} {shown(remedy, 2000)}", ""
            running = counts.instances.get(self.source_id, 0)
            yield f"{running} activity instances here, {counts.incidents.get(self.source_id, 0)} incidents.", ""
            for reason in counts.reasons.get(self.source_id, ()):
                yield shown(reason, 500), ""
        yield self._flag_sentence()
        yield from self._trigger_sentences()
        found = self.facts.compared("source", self.source_id) if self.source_id else None
        if found is not None and found.target_id == self.target_id and found.kinds != ("unchanged",):
            for sentence in found.sentences:
                yield f"{glyphs.changed} {shown(sentence, 500)}", "accent"

    def _flag_sentence(self) -> Piece:
        draft = self.facts.open_plan.draft
        instruction = draft.instruction_of(self.source_id or "")
        glyphs = self.glyphs_shown
        if instruction is None:
            return "Not mapped.", "dim"
        possible = draft.can_update_trigger(self.source_id or "")
        if possible == "no":
            return "Update event trigger: not for this activity, it has no event that waits.", "dim"
        tick = glyphs.ticked if instruction.update_event_trigger else glyphs.unticked
        if possible == "forced":
            return f"{tick} update event trigger: the engine demands it of a conditional event.", ""
        return f"{tick} update event trigger (t)", "strong"

    def _trigger_sentences(self) -> Iterator[Piece]:
        plan = self.facts.open_plan
        source, target = plan.source_model.get(self.source_id), plan.target_model.get(self.target_id)
        instruction = plan.draft.instruction_of(self.source_id or "")
        if source is None or target is None or source.trigger is None:
            return
        old, new = _trigger(source), _trigger(target)
        yield f"Trigger: {old} {self.glyphs_shown.arrow} {new}", "accent" if old != new else ""
        if instruction is None:
            return
        yield _consequence(source, instruction.update_event_trigger, old, new), ""

    def _side_by_side(self, width: int) -> Iterator[list[Piece]]:
        plan = self.facts.open_plan
        source, target = plan.source_model.get(self.source_id), plan.target_model.get(self.target_id)
        room = max((width - _LABEL - 3) // 2, 8)
        yield [(fit("", _LABEL) + fit("source", room) + "   " + fit("target", room), "strong")]
        left = dict(_facts_of(plan.source_model, source))
        right = dict(_facts_of(plan.target_model, target))
        for label in dict.fromkeys((*left, *right)):
            old, new = left.get(label, ""), right.get(label, "")
            style = "accent" if old != new and source is not None and target is not None else ""
            yield from _row(label, old, new, room, style)


def _row(label: str, old: str, new: str, room: int, style: str) -> Iterator[list[Piece]]:
    """Yield one row of the table, as many lines as the longer side needs, at most four."""
    left = ["".join(text for text, _ in line) for line in flow([(old, "")], room, 4)]
    right = ["".join(text for text, _ in line) for line in flow([(new, "")], room, 4)]
    for position in range(max(len(left), len(right))):
        head = fit(label, _LABEL - 1) + " " if position == 0 else " " * _LABEL
        first = fit(left[position], room) if position < len(left) else " " * room
        second = fit(right[position], room) if position < len(right) else ""
        yield [(head, "dim"), (f"{first}   {second}", style)]


def _facts_of(model: ProcessModel, activity: Activity | None) -> Iterator[tuple[str, str]]:
    """Yield what a person compares about an activity, as label and text that is harmless."""
    if activity is None:
        return
    yield "name", shown(activity.name, 500)
    yield "id", shown(activity.id, 500)
    yield "kind", KIND_WORDS[kind_of(activity)]
    if activity.attached_to:
        yield "attached to", named(model, activity.attached_to)
        if activity.interrupting is not None:
            yield "interrupting", "yes" if activity.interrupting else "no"
    if model.get(activity.flow_scope) is not None:
        yield "inside", named(model, activity.flow_scope)
    waits = [word for word, on in (("before", activity.async_before), ("after", activity.async_after)) if on]
    if waits:
        yield "asynchronous", " and ".join(waits)
    for word, text in activity.details.items():
        yield shown(word, 40), shown(text, 1000)
    for position, listener in enumerate(activity.listeners):
        yield "listeners" if position == 0 else f"listener {position + 1}", shown(listener, 300)
    for position, mapping in enumerate(activity.mappings):
        yield "mappings" if position == 0 else f"mapping {position + 1}", shown(mapping, 300)
    if activity.documentation:
        yield "documentation", shown(activity.documentation, 1000)


def _trigger(activity: Activity) -> str:
    parts = [
        f"{word} {shown(text, 200)}"
        for word, text in activity.details.items()
        if word in _TRIGGER_WORDS or word.startswith("timeout ")
    ]
    return ", ".join(parts) or activity.trigger or "none"


def _consequence(source: Activity, updates: bool, old: str, new: str) -> str:
    """Return what the flag means for what waits there now."""
    if source.trigger == "timer":
        if updates:
            return "A waiting timer is set anew from the target's definition, counted from the migration on."
        kept = "A waiting timer keeps the time it is due"
        return kept + ("; the target's own timer counts only for new instances." if old != new else ".")
    if source.trigger == "message":
        return (
            "What waits there listens to the target's message from then on."
            if updates
            else "What waits there keeps listening to the message it waits for now."
        )
    if source.trigger == "signal":
        return (
            "What waits there listens to the target's signal from then on."
            if updates
            else "What waits there keeps listening to the signal it waits for now."
        )
    return "The target's condition counts from then on." if updates else "The condition stays as it is."
