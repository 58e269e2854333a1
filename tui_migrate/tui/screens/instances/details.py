"""All about one instance: its activity tree with verdicts, incidents, jobs, variables, what it called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tui_migrate.text import safe
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import flow, shown
from tui_migrate.tui.screens.help import TextLines
from tui_migrate.tui.screens.instances.words import verdict_sentences
from tui_migrate.tui.screens.modal import BaseModal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual import events
    from textual.widget import Widget

    from tui_migrate.engine.models import ActivityInstance, Variable
    from tui_migrate.operations.instance_detail import InstanceDetail
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.line_list import Piece


class TextModal(BaseModal[None]):
    """Lines to scroll through; a subclass makes them for a width.

    Args:
        title: The title.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("dialog",)
    DEFAULT_CSS = """
    TextModal > .dialog { width: 100%; height: 100%; }
    """

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.text = TextLines([])

    def lines(self, width: int) -> Iterable[list[Piece]]:
        """Return the lines for a width."""
        return ()

    def body(self) -> Iterable[Widget]:
        """Return the lines."""
        yield self.text

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        super().on_mount()
        self.text.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines for the width."""
        self.call_after_refresh(self.fill)

    def fill(self) -> None:
        """Write everything anew."""
        self.text.lines_shown = list(self.lines(max(self.text.size.width - 1, 20)))
        self.text.rows_changed()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("dialog-close",)


def wrapped(sentence: str, style: str, width: int, *, indent: int = 0) -> Iterator[list[Piece]]:
    """Yield a sentence that has been made harmless as lines, those after the first indented by two more."""
    for place, line in enumerate(flow([(sentence, style)], max(width - indent - 2, 10), 200)):
        yield [(" " * (indent + (2 if place else 0)), ""), *line]


class InstanceModal(TextModal):
    """The details of an instance.

    Args:
        plan: The plan, for the verdicts.
        detail: What was read.
        glyphs: The set of characters.
    """

    BINDINGS = bindings("dialog")

    def __init__(self, plan: OpenPlan, detail: InstanceDetail, glyphs: Glyphs) -> None:
        super().__init__(f"Instance {shown(detail.instance.business_key or detail.instance.id, 60)}")
        self.plan = plan
        self.detail = detail
        self.glyphs_shown = glyphs

    def lines(self, width: int) -> Iterator[list[Piece]]:
        """Yield verdict, tree, incidents, jobs, variables, called instances."""
        detail = self.detail
        for sentence, style in verdict_sentences(self.plan, detail.forecast, None, self.glyphs_shown):
            yield from wrapped(sentence, style, width)
        started = f", started {detail.started.astimezone():%Y-%m-%d %H:%M:%S}" if detail.started else ""
        state = "suspended" if detail.instance.suspended else "active"
        yield from wrapped(f"{shown(detail.instance.id)} {state}{started}", "dim", width)
        yield [("Activities", "strong")]
        yield from self._tree(detail.tree, 1, width)
        yield from self._incidents(width)
        yield from self._jobs(width)
        yield from self._called(width)
        yield from self._variables(width)

    def _tree(self, node: ActivityInstance, depth: int, width: int) -> Iterator[list[Piece]]:
        glyphs = self.glyphs_shown
        if depth > 1:
            yield from self._activity(node.activity_id, depth, width, "")
        for child in node.child_activity_instances:
            yield from self._tree(child, depth + 1, width)
        for transition in node.child_transition_instances:
            waiting = f" waits for an asynchronous job {glyphs.separator}"
            yield from self._activity(transition.activity_id or "", depth + 1, width, waiting)

    def _activity(self, activity_id: str, depth: int, width: int, extra: str) -> Iterator[list[Piece]]:
        glyphs = self.glyphs_shown
        activity = self.plan.source_model.get(activity_id)
        name = shown(activity.label if activity is not None else activity_id, 80)
        failures = self.detail.failures_at(activity_id)
        target = self.plan.draft.target_of(activity_id)
        sign, style = (glyphs.error, "error") if failures else (glyphs.mapped, "success")
        if not failures and target is None:
            sign, style = glyphs.impossible, "dim"
        kind = f" {glyphs.kind(activity)}" if activity is not None else ""
        to = f" {glyphs.arrow} {shown(target, 60)}" if target is not None else " (not mapped)"
        yield [("  " * (depth - 1), ""), (sign, style), (f"{kind} {name}{extra}", ""), (to, "dim")]
        for failure in failures:
            yield from wrapped(shown(failure.sentence, 600), "error", width, indent=2 * depth)

    def _incidents(self, width: int) -> Iterator[list[Piece]]:
        if not self.detail.incidents:
            return
        yield [("Incidents", "strong")]
        for one in self.detail.incidents:
            place = f" at {shown(one.activity_id, 60)}" if one.activity_id else ""
            text = f"{self.glyphs_shown.incident} {shown(one.incident_type, 40)}{place}: "
            yield from wrapped(text + shown(one.incident_message or "no message", 600), "error", width, indent=2)

    def _jobs(self, width: int) -> Iterator[list[Piece]]:
        if not self.detail.jobs:
            return
        yield [("Jobs", "strong")]
        for one in self.detail.jobs:
            due = f", due {one.due_date.astimezone():%Y-%m-%d %H:%M}" if one.due_date else ""
            words = f"{shown(one.id, 60)} {one.retries} tries left{due}"
            words += f": {shown(one.exception_message, 300)}" if one.exception_message else ""
            yield from wrapped(words, "" if one.retries else "error", width, indent=2)

    def _called(self, width: int) -> Iterator[list[Piece]]:
        if not self.detail.called:
            return
        yield [("Called instances stay on their own version", "strong")]
        for one in self.detail.called:
            definition = one.definition
            words = f"{shown(definition.key, 60)} v{definition.version} {shown(one.instance.id, 60)}"
            yield from wrapped(words, "", width, indent=2)

    def _variables(self, width: int) -> Iterator[list[Piece]]:
        if not self.detail.variables:
            return
        yield [("Variables", "strong")]
        for one in sorted(self.detail.variables, key=lambda one: one.name):
            local = "" if one.activity_instance_id in (None, self.detail.instance.id) else " (local)"
            text = f"{shown(one.name, 60)}{local} = {_value(one)}  {shown(one.type, 30)}"
            yield from wrapped(text, "", width, indent=2)


def _value(variable: Variable) -> str:
    if variable.error_message:
        return f"not readable: {safe(variable.error_message, limit=200)}"
    value = variable.value
    return safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), limit=300)
