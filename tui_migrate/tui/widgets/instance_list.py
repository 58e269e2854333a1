"""The list of instances: rows are read page by page while one scrolls, and only those on the screen are drawn.

A hundred thousand rows cost what a hundred do: the number is asked for once, pages of 200 rows are read when the list
has stood still for a moment, and the oldest of twenty pages is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from textual.message import Message

from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.timer import Timer

    from tui_migrate.operations.instances import InstanceRow

PAGE_ROWS: Final = 200
PAGES_KEPT: Final = 20
STILL: Final = 0.02
"""Seconds without scrolling before pages are asked for: a fast scroll does not ask for what it only passes."""


class InstanceTable(LineList):
    """Rows by number; a row that was not read yet is a line of dots.

    Args:
        draw: Makes the pieces of a row for a width.
    """

    class Wanted(Message):
        """Pages are needed that were not read yet.

        Args:
            pages: Their numbers, counted from 0.
        """

        def __init__(self, pages: tuple[int, ...]) -> None:
            self.pages = pages
            super().__init__()

    def __init__(self, draw: Callable[[InstanceRow, int], Sequence[Piece]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.draw_row = draw
        self.total = 0
        self.range_start: int | None = None
        """Row where a range was begun, or None."""
        self._pages: OrderedDict[int, list[InstanceRow]] = OrderedDict()
        self._asked: tuple[int, ...] = ()
        self._timer: Timer | None = None

    # -- what it holds -----------------------------------------------------------------------------------------

    def begin(self, total: int, *, cursor: int = 0) -> None:
        """Show a list of so many rows, none of them read yet."""
        self._pages.clear()
        self._asked = ()
        self.total = total
        self.range_start = None
        self.rows_changed(cursor=cursor)
        self.want_pages()

    def put(self, page: int, rows: Sequence[InstanceRow]) -> None:
        """Take a page that was read, or the same one filled."""
        self._pages[page] = list(rows)
        self._pages.move_to_end(page)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        first = page * PAGE_ROWS
        for row in range(max(first, self.top), min(first + PAGE_ROWS, self.top + self.page)):
            self.row_changed(row)
        for row in range(first, first + PAGE_ROWS):
            self._strips.pop(row, None)

    def refresh_rows(self, change: Callable[[Sequence[InstanceRow]], list[InstanceRow]]) -> None:
        """Change the rows on the screen and forget the other pages, whose rows are not up to date any more."""
        shown = self.pages_on_screen()
        for number in list(self._pages):
            if number in shown:
                self._pages[number] = change(self._pages[number])
            else:
                del self._pages[number]
        self.draw_again()

    def draw_again(self) -> None:
        """Draw all rows on the screen anew."""
        self._strips.clear()
        self.refresh()

    def row_at(self, row: int) -> InstanceRow | None:
        """Return a row, or None where it was not read or is not there."""
        page = self._pages.get(row // PAGE_ROWS)
        place = row % PAGE_ROWS
        return page[place] if page is not None and row >= 0 and place < len(page) else None

    @property
    def current(self) -> InstanceRow | None:
        """The row with the cursor, if it was read."""
        return self.row_at(self.cursor)

    def rows_on_screen(self) -> list[InstanceRow]:
        """Return the rows on the screen, as far as they were read."""
        found = (self.row_at(row) for row in range(self.top, min(self.top + self.page, self.total)))
        return [row for row in found if row is not None]

    # -- pages -------------------------------------------------------------------------------------------------

    def pages_on_screen(self) -> tuple[int, ...]:
        """Return the numbers of the pages that the screen shows rows of."""
        if not self.total:
            return ()
        last = min(self.top + self.page, self.total) - 1
        return tuple(range(self.top // PAGE_ROWS, last // PAGE_ROWS + 1))

    def missing(self) -> tuple[int, ...]:
        """Return the pages on the screen that were not read yet."""
        return tuple(page for page in self.pages_on_screen() if page not in self._pages)

    def want_pages(self) -> None:
        """Ask for the missing pages once the list stands still."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(STILL, self._ask) if self.missing() else None

    def _ask(self) -> None:
        self._timer = None
        pages = self.missing()
        if pages and pages != self._asked:
            self._asked = pages
            self.post_message(self.Wanted(pages))

    def asked_in_vain(self) -> None:
        """Let the pages be asked for again that could not be read."""
        self._asked = ()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._asked = self._asked if round(old_value) == round(new_value) else ()
        self.want_pages()

    # -- drawing -----------------------------------------------------------------------------------------------

    def row_count(self) -> int:
        """Return the number of rows."""
        return self.total

    def row_class(self, row: int) -> str:
        """Return the colour of the cursor, or of a range that is being chosen."""
        own = super().row_class(row)
        if own or self.range_start is None:
            return own
        low, high = sorted((self.range_start, self.cursor))
        return "marked" if low <= row <= high else ""

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return what a row says, or dots as long as it was not read."""
        found = self.row_at(row)
        if found is None:
            return [("  …"[: max(width, 0)], "dim")] if row < self.total else []
        return self.draw_row(found, width)

    def move_to(self, row: int, *, quiet: bool = False) -> None:
        """Put the cursor on a row; a range that is being chosen grows or shrinks with it."""
        before = self.cursor
        super().move_to(row, quiet=quiet)
        if self.range_start is not None:
            low, high = sorted((before, self.cursor))
            for between in range(max(low, self.top), min(high + 1, self.top + self.page)):
                self.row_changed(between)

    def rows_of(self, ids: Iterable[str]) -> list[int]:
        """Return the numbers of the rows of some instances, as far as they were read."""
        wanted = frozenset(ids)
        return [
            page * PAGE_ROWS + place
            for page, rows in self._pages.items()
            for place, row in enumerate(rows)
            if row.id in wanted
        ]
