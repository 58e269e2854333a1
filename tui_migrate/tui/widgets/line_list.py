"""A list of lines that draws only what is on the screen: the base of the trees and of all lists.

Ten thousand rows cost what fifty do. A cursor key repaints two lines; leaving the window jumps most of a page, since a
terminal gets a whole page of bytes for each line scrolled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.themes import piece_style
from tui_migrate.tui.widgets.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

Piece = tuple[str, str]
"""Text of known width and the name of its style (`themes.piece_style`); "" for the plain one."""


class LineList(ScrollView, Kept, can_focus=True, inherit_bindings=False):
    """Rows by number, drawn on demand. A subclass says how many there are and what pieces a row has."""

    BINDINGS = bindings("list")
    DEFAULT_CSS = """
    LineList {
        scrollbar-size: 0 0;
        overflow-x: hidden;
        overflow-y: auto;
        height: 1fr;
    }
    """

    class Moved(Message):
        """The cursor stands on another row.

        Args:
            lines: The list.
            row: The row's number.
        """

        def __init__(self, lines: LineList, row: int) -> None:
            self.lines = lines
            self.row = row
            super().__init__()

        @property
        def control(self) -> LineList:
            """The list, for `@on` with a selector."""
            return self.lines

    class Clicked(Message):
        """A row was clicked.

        Args:
            lines: The list.
            row: The row's number.
            column: The column inside the list.
            again: Whether the cursor stood there already.
            count: 2 for a double click.
        """

        def __init__(self, lines: LineList, row: int, column: int, *, again: bool, count: int) -> None:
            self.lines = lines
            self.row = row
            self.column = column
            self.again = again
            self.count = count
            super().__init__()

        @property
        def control(self) -> LineList:
            """The list, for `@on` with a selector."""
            return self.lines

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._cursor = 0
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}

    def row_count(self) -> int:
        """Return the number of rows."""
        raise NotImplementedError

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return the pieces of a row, `width` cells together at most; the list's last column stays blank."""
        raise NotImplementedError

    def row_class(self, row: int) -> str:
        """Return the name of the style that a whole row has, or ""."""
        if row != self._cursor:
            return ""
        return "cursor" if self.has_focus else "blurred"

    def cursor_moved(self, old: int) -> None:
        """Tell that the cursor moved, by a message; a subclass that tells it by a call in the same paint needs none."""
        self.post_message(self.Moved(self, self._cursor))

    @property
    def cursor(self) -> int:
        """Number of the row with the cursor, counted from 0."""
        return self._cursor

    @property
    def top(self) -> int:
        """Number of the first row on the screen."""
        return self.scroll_offset.y

    @property
    def page(self) -> int:
        """Rows that fit on the screen."""
        return max(self.scrollable_content_region.height, 1)

    def rows_changed(self, *, cursor: int | None = None) -> None:
        """Draw everything anew after rows came, went or changed.

        Args:
            cursor: The row that has the cursor now; None leaves it where it is as far as there is such a row.
        """
        count = self.row_count()
        wanted = self._cursor if cursor is None else cursor
        self._cursor = max(0, min(wanted, count - 1))
        self._strips.clear()
        self.virtual_size = Size(self.size.width, count)
        if self.is_mounted and self.size.height:
            self.keep_in_sight(self._cursor)
        self.refresh()

    def row_changed(self, row: int) -> None:
        """Draw one row anew."""
        self._strips.pop(row, None)
        if self.top <= row < self.top + self.size.height:
            # Without the last column, which is always blank: at the edge Textual moves the cursor once more.
            self.refresh(Region(0, row - self.top, max(self.size.width - 1, 1), 1))

    def move_to(self, row: int, *, quiet: bool = False) -> None:
        """Put the cursor on a row and show it.

        Args:
            row: Its number; beyond the ends means the end.
            quiet: Whether the move is not to be told.
        """
        row = max(0, min(row, self.row_count() - 1))
        old, self._cursor = self._cursor, row
        self.keep_in_sight(row)
        if row == old:
            return
        self.row_changed(old)
        self.row_changed(row)
        if not quiet:
            self.cursor_moved(old)

    def keep_in_sight(self, row: int) -> None:
        """Scroll by most of a page when a row is out of sight; do nothing when it is in sight.

        The row then stands a quarter of a page behind the edge that it came from: each scroll writes the whole page.
        """
        page, top = self.page, self.top
        if top <= row < top + page:
            return
        quarter = page // 4
        self.scroll_rows(row - page + 1 + quarter if row < top else row - quarter)

    def scroll_rows(self, top: int) -> None:
        """Show `top` as the first row, as far as the rows reach."""
        top = max(0, min(top, self.row_count() - self.page))
        if top != self.top:
            self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.size.width
        row = y + self.top
        if not 0 <= row < self.row_count():
            return Strip.blank(width, self._style(""))
        strip = self._strips.get(row)
        if strip is None:
            strip = self._strips[row] = self._draw(row, width)
            if len(self._strips) > 4096:
                self._strips.clear()
        return strip

    def _draw(self, row: int, width: int) -> Strip:
        whole = self.row_class(row)
        base = self._style(whole)
        segments: list[Segment] = []
        for text, name in self.row_pieces(row, width - 1):
            # A row that stands out as a whole is one piece: each change of colour costs some 40 bytes on the line.
            style = base if whole or not name else base + piece_style(self.app, name)
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))
        drawn = Strip(segments).adjust_cell_length(width - 1, base)
        # Joined where the row looks as plain as the last column: an own piece there would be a fifth of a page's bytes.
        return Strip([*drawn, Segment(" ", self._style(""))], width).simplify()

    def _style(self, name: str) -> Style:
        """Return the style of a whole row."""
        style = self._styles.get(name)
        if style is None:
            style = self.rich_style + piece_style(self.app, name) if name else self.rich_style
            self._styles[name] = style
        return style

    def notify_style_update(self) -> None:
        """Forget styles of the theme before."""
        self._styles.clear()
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width and keep the cursor on the screen."""
        self._strips.clear()
        self.virtual_size = Size(event.size.width, self.row_count())
        self.keep_in_sight(self._cursor)

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.row_changed(self._cursor)

    def on_blur(self) -> None:
        """Show the cursor as the other one."""
        self.row_changed(self._cursor)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row clicked."""
        place = event.get_content_offset(self)
        if place is None or not 0 <= place.y + self.top < self.row_count():
            return
        event.stop()
        row = place.y + self.top
        again = row == self._cursor
        self.move_to(row)
        self.post_message(self.Clicked(self, row, place.x, again=again, count=event.chain))

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.wheel(3)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.wheel(-3)

    def wheel(self, rows: int) -> None:
        """Scroll by some rows; the cursor stays on its row."""
        self.scroll_rows(self.top + rows)

    def action_cursor_up(self) -> None:
        """Go one row up."""
        self.move_to(self._cursor - 1)

    def action_cursor_down(self) -> None:
        """Go one row down."""
        self.move_to(self._cursor + 1)

    def action_page_up(self) -> None:
        """Go one page up."""
        self.move_to(self._cursor - self.page)

    def action_page_down(self) -> None:
        """Go one page down."""
        self.move_to(self._cursor + self.page)

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.move_to(self.row_count() - 1)
