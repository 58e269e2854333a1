"""Asks before a generated plan takes the place of the edits: shows first what would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.help import TextLines
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.screens.plan.sentences import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui_migrate.migration.plan import Instruction
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.line_list import Piece


class RegenerateModal(BaseModal[str]):
    """Ends with `take`, `other` (generate with the other choice about event triggers), or None.

    Args:
        plan: The plan as it stands.
        instructions: What was generated.
        glyphs: The set of characters.
        update_event_triggers: Whether it was generated with updated event triggers.
    """

    BINDINGS = bindings("regenerate")
    SCOPES: ClassVar[tuple[str, ...]] = ("regenerate", "dialog")
    DEFAULT_CSS = """
    RegenerateModal > .dialog { width: 78; }
    RegenerateModal TextLines { height: auto; max-height: 14; }
    """

    def __init__(
        self, plan: OpenPlan, instructions: Sequence[Instruction], glyphs: Glyphs, *, update_event_triggers: bool
    ) -> None:
        triggers = "with" if update_event_triggers else "without"
        super().__init__(f"Regenerate {triggers} updating event triggers")
        self.plan = plan
        self.arrow = glyphs.arrow
        self.glyphs_shown = glyphs
        self.difference = plan.draft.difference(instructions)

    def body(self) -> Iterable[Widget]:
        """Return what would change, one line each."""
        lines = TextLines(list(self._lines()))
        lines.styles.height = min(len(lines.lines_shown), 14)
        yield lines

    def _lines(self) -> Iterable[list[Piece]]:
        if self.plan.generation_error:
            yield [(self.plan.generation_error[:300], "warning")]
        if self.difference.is_empty:
            yield [("The generated plan is what is here already; nothing would change.", "")]
            return
        yield [("This would change in your plan:", "strong")]
        glyphs = self.glyphs_shown
        for sign, style, found, words in (
            (glyphs.removed, "error", self.difference.removed, ""),
            (glyphs.added, "success", self.difference.added, ""),
            (glyphs.changed, "accent", self.difference.flag_changed, "event trigger "),
        ):
            for one in found:
                flag = ("updated " if one.update_event_trigger else "kept ") if words else ""
                yield [(f" {sign} ", style), (f"{words}{flag}{self._pair(one)}", "")]

    def _pair(self, one: Instruction) -> str:
        source = named(self.plan.source_model, one.source_activity_id)
        return f"{source} {self.arrow} {named(self.plan.target_model, one.target_activity_id)}"

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("dialog-accept", "regenerate-other", "dialog-close")

    def on_mount(self) -> None:
        """Let the arrows scroll the lines."""
        super().on_mount()
        self.query_one(TextLines).focus()

    def action_accept(self) -> None:
        """Take the generated plan."""
        self.dismiss(None if self.difference.is_empty else "take")

    def action_other(self) -> None:
        """Generate with the other choice about event triggers."""
        self.dismiss("other")
