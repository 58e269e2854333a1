"""Choosing the columns of the instance list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.instances.columns import COLUMNS
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui_migrate.tui.glyphs import Glyphs

_WORDS = {"bk": "business key", "id": "process instance id", "at": "current activities", "incidents": "incidents"}


class ColumnLines(LineList):
    """The columns with a tick each."""

    def __init__(self, chosen: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__()
        self.chosen = set(chosen)
        self.glyphs = glyphs

    def row_count(self) -> int:
        """Return the number of columns there are."""
        return len(COLUMNS)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return tick and title."""
        column = COLUMNS[row]
        tick = self.glyphs.ticked if column.name in self.chosen else self.glyphs.unticked
        return [(f" {tick} {_WORDS.get(column.name, column.title)}", "")]


class ColumnChooser(BaseModal[tuple[str, ...]]):
    """Ends with the names of the columns to show.

    Args:
        chosen: The names of those that are shown.
        glyphs: The set of characters.
    """

    BINDINGS = bindings("columns")
    SCOPES: ClassVar[tuple[str, ...]] = ("columns", "dialog")
    DEFAULT_CSS = """
    ColumnChooser > .dialog { width: 50; }
    ColumnChooser ColumnLines { height: 7; }
    """

    def __init__(self, chosen: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__("Columns")
        self.lines = ColumnLines(chosen, glyphs)

    def body(self) -> Iterable[Widget]:
        """Return the list."""
        yield self.lines

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("columns-toggle", "dialog-accept", "dialog-close")

    def action_toggle_row(self) -> None:
        """Show or hide the column of the cursor."""
        self.lines.chosen.symmetric_difference_update((COLUMNS[self.lines.cursor].name,))
        self.lines.row_changed(self.lines.cursor)

    def action_accept(self) -> None:
        """End with what is ticked; the verdict alone is better than nothing."""
        names = tuple(column.name for column in COLUMNS if column.name in self.lines.chosen)
        self.dismiss(names or ("verdict",))
