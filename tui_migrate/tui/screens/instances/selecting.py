"""Choosing instances: one, a range, the page, all that match; and what is meant by choosing none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.screens.instances.filtering import InstancesFiltering
from tui_migrate.tui.screens.instances.scope_question import undecided
from tui_migrate.tui.widgets.line_list import LineList
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class RangeRead(Message):
    """The ids of a range are known.

    Args:
        ids: The instances.
        remove: Whether they are taken out.
    """

    def __init__(self, ids: Iterable[str], *, remove: bool) -> None:
        self.ids = tuple(ids)
        self.remove = remove
        super().__init__()


class InstancesSelecting(InstancesFiltering):
    """The part of the screen that chooses."""

    def selection_changed(self) -> None:
        """Show the choice as it stands; a review of another one does not hold any more."""
        self.state.all_meant = False
        self.table.draw_again()
        self.show_selection()

    def action_toggle_row(self) -> None:
        """Choose the row of the cursor, or no longer, and go on to the next; a range as a whole."""
        if self.refuse("toggle_row"):
            return
        table = self.table
        if table.range_start is not None:
            self._take_range(table.range_start, table.cursor)
            return
        row = table.current
        if row is None:
            self.say("This row is being read; again in a moment.")
            return
        self.selection.toggle(row.id, self.filter)
        self.state.all_meant = False
        table.row_changed(table.cursor)
        table.move_to(table.cursor + 1)
        self.show_selection()

    def action_range(self) -> None:
        """Begin a range at the cursor, or take it."""
        if self.refuse("range"):
            return
        table = self.table
        if table.range_start is None:
            table.range_start = table.cursor
            table.row_changed(table.cursor)
            self.show_selection()
        else:
            self._take_range(table.range_start, table.cursor)

    def _take_range(self, one: int, other: int) -> None:
        first, last = sorted((one, other))
        start_row = self.table.row_at(one)
        remove = start_row is not None and self.selection.is_selected(start_row.id, self.filter)
        self.table.range_start = None
        self.tell(f"Reading the {last - first + 1} rows of the range …")

        async def read() -> RangeRead:
            return RangeRead(await self.ids_of_rows(first, last), remove=remove)

        start(self, "range", read, lambda message: message)

    @on(RangeRead)
    def _range_read(self, event: RangeRead) -> None:
        event.stop()
        if event.remove:
            self.selection.remove(event.ids)
        else:
            self.selection.add(event.ids, self.filter)
        self.tell(None)
        self.selection_changed()

    def action_select_page(self) -> None:
        """Choose all rows on the screen, or none of them if all are chosen."""
        if self.refuse("select_page"):
            return
        ids = [row.id for row in self.table.rows_on_screen()]
        if all(self.selection.is_selected(one, self.filter) for one in ids):
            self.selection.remove(ids)
        else:
            self.selection.add(ids, self.filter)
        self.selection_changed()

    def action_select_matching(self) -> None:
        """Choose all that the filter matches."""
        if self.refuse("select_matching"):
            return
        self.selection.select_all_matching(self.filter)
        self.selection_changed()

    def action_select_nothing(self) -> None:
        """Choose nothing."""
        self.selection.clear()
        self.selection_changed()

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        if event.column < 5:
            row = self.table.current
            if row is not None:
                self.selection.toggle(row.id, self.filter)
                self.selection_changed()
        elif event.again:
            self.action_details()

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.show_verdict()
        if self.table.range_start is not None:
            self.show_selection()

    def action_details(self) -> None:
        """Show the instance of the cursor."""

    def leave_forwards(self) -> bool:
        """Ask first which instances are meant where a filter leaves that open."""
        if not undecided(self.state):
            return True
        self.ask_which(lambda: self.app.go("confirm"))
        return False

    def ask_which(self, then: Callable[[], object]) -> None:
        """Ask which instances are meant, then go on."""
