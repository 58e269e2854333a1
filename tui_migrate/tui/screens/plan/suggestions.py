"""The list of suggestions, to accept or refuse one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import cut, fit, shown
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.screens.plan.sentences import named
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui_migrate.migration.suggest import Suggestion
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.glyphs import Glyphs


class SuggestionList(LineList):
    """Suggestions with a tick each."""

    def __init__(self, plan: OpenPlan, suggestions: Sequence[Suggestion], glyphs: Glyphs) -> None:
        super().__init__()
        self.plan = plan
        self.suggestions = tuple(suggestions)
        self.glyphs = glyphs
        self.ticked = {one.source_id for one in suggestions}

    def row_count(self) -> int:
        """Return the number of suggestions."""
        return len(self.suggestions)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return tick, names and stars."""
        one = self.suggestions[row]
        glyphs = self.glyphs
        tick = glyphs.ticked if one.source_id in self.ticked else glyphs.unticked
        count = self.plan.counts.tokens(one.source_id)
        right = f" {count or '':>5} {glyphs.star * one.stars:>3} "
        room = width - cell_len(tick) - 2 - cell_len(right) - 4
        source = fit(named(self.plan.source_model, one.source_id), room // 2, glyphs.ellipsis)
        target = fit(named(self.plan.target_model, one.target_id), room - room // 2, glyphs.ellipsis)
        return [(f" {tick} ", ""), (source, ""), (f" {cut(glyphs.arrow, 2)} ", "dim"), (target, ""), (right, "accent")]

    def toggle(self) -> None:
        """Tick or untick the row of the cursor and go on to the next."""
        if not self.suggestions:
            return
        self.ticked.symmetric_difference_update((self.suggestions[self.cursor].source_id,))
        self.row_changed(self.cursor)
        self.move_to(self.cursor + 1)


class SuggestionsModal(BaseModal[tuple["Suggestion", ...]]):
    """Accept or refuse; nothing is mapped before `enter`.

    Args:
        plan: The plan.
        suggestions: What is suggested.
        glyphs: The set of characters.
    """

    BINDINGS = bindings("suggestions")
    SCOPES: ClassVar[tuple[str, ...]] = ("suggestions", "dialog")
    DEFAULT_CSS = """
    SuggestionsModal > .dialog { width: 78; height: 20; max-height: 100%; }
    SuggestionsModal Paragraph { height: 3; }
    """

    def __init__(self, plan: OpenPlan, suggestions: Sequence[Suggestion], glyphs: Glyphs) -> None:
        count = len(suggestions)
        super().__init__(f"{count} {'suggestion' if count == 1 else 'suggestions'}")
        self.rows = SuggestionList(plan, suggestions, glyphs)
        self.why = Paragraph()

    def body(self) -> Iterable[Widget]:
        """Return the list, and the reasons for the row of the cursor."""
        yield self.rows
        yield self.why

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("suggestions-toggle", "suggestions-all", "dialog-accept", "dialog-close")

    def on_mount(self) -> None:
        """Begin at the first row."""
        super().on_mount()
        self.rows.focus()
        self.call_after_refresh(self._show_reasons)

    def on_line_list_moved(self) -> None:
        """Show the reasons for another row."""
        self._show_reasons()

    def on_line_list_clicked(self, event: LineList.Clicked) -> None:
        """Tick by a click on the tick, or by a second one on the row."""
        if event.again or event.column < 5:
            self.action_toggle_row()

    def _show_reasons(self) -> None:
        one = self.rows.suggestions[self.rows.cursor]
        plan = self.rows.plan
        lines: list[Piece] = [(f"Why: {shown(', '.join(one.reasons), 500)}.", "")]
        if one.along:
            names = ", ".join(named(plan.source_model, other.source_activity_id) for other in one.along)
            lines.append((f"Maps along: {names}.", "accent"))
        self.why.show(lines)

    def action_toggle_row(self) -> None:
        """Accept or refuse the row of the cursor."""
        self.rows.toggle()

    def action_toggle_all(self) -> None:
        """Accept all, or refuse all where all are accepted."""
        everything = {one.source_id for one in self.rows.suggestions}
        self.rows.ticked = set() if self.rows.ticked == everything else everything
        self.rows.rows_changed()

    def action_accept(self) -> None:
        """Close with what is ticked."""
        self.dismiss(tuple(one for one in self.rows.suggestions if one.source_id in self.rows.ticked))
