"""Reading the list: the number once, pages as they come into sight, first what the list says, then the verdicts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.screens.instances.base import InstancesBase
from tui_migrate.tui.widgets.instance_list import PAGE_ROWS, InstanceTable
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_migrate.operations.instances import InstanceList, InstanceRow


class Counted(Message):
    """The instances have been counted, and the first page is here.

    Args:
        instances: The list that it is about.
        count: How many there are.
        rows: The first page, not filled.
        running: How many run on the source version; None where it was not asked.
    """

    def __init__(self, instances: InstanceList, count: int, rows: list[InstanceRow], running: int | None) -> None:
        self.instances = instances
        self.count = count
        self.rows = rows
        self.running = running
        super().__init__()


class PageRead(Message):
    """A page is here, or the same one filled.

    Args:
        instances: The list that it is of.
        page: Its number.
        rows: Its rows.
    """

    def __init__(self, instances: InstanceList, page: int, rows: Sequence[InstanceRow]) -> None:
        self.instances = instances
        self.page = page
        self.rows = rows
        super().__init__()


class InstancesReading(InstancesBase):
    """The part of the screen that reads."""

    _revision = -1

    def open_list(self, *, keep_cursor: bool = False) -> None:
        """Read the list anew, from its number on."""
        session = self.state.session
        if session is None or self.state.open_plan is None:
            return
        from tui_migrate.operations.instances import InstanceList

        plan = self.plan
        instances = self.instances = InstanceList(session, plan, self.filter, sort=self.state.sort)
        self.listed_plan = plan
        self._revision = plan.draft.revision
        self.matching = None
        cursor = self.table.cursor if keep_cursor else 0
        self.table.begin(0, cursor=0)
        self.tell("Reading the instances …")
        self.show_filter_line()
        filtered = not self.filter.is_empty

        async def read() -> Counted:
            from tui_migrate.engine.queries import InstanceQuery
            from tui_migrate.operations.together import round_trip

            async with round_trip() as trip:
                count = trip.create_task(instances.count())
                rows = trip.create_task(instances.rows(0, PAGE_ROWS))
                query = InstanceQuery(process_definition_id=plan.source.id)
                running = trip.create_task(session.engine.count_instances(query)) if filtered else None
            all_of_them = running.result() if running is not None else count.result()
            return Counted(instances, count.result(), rows.result() if cursor < PAGE_ROWS else [], all_of_them)

        self._cursor_wanted = cursor
        start(self, "page", read, lambda message: message)

    _cursor_wanted = 0

    @on(Counted)
    def _counted(self, event: Counted) -> None:
        event.stop()
        if event.instances is not self.instances:
            return
        self.matching = event.count
        if event.running is not None:
            self.plan.running = event.running
        self.table.begin(event.count, cursor=min(self._cursor_wanted, max(event.count - 1, 0)))
        if event.count and event.rows:
            self.table.put(0, event.rows)
            self._fill(((0, tuple(event.rows)),))
        self.tell(None if event.count else self._empty_sentence())
        self.show_filter_line()
        self.show_selection()
        self.refresh_frame()

    def _empty_sentence(self) -> str:
        if self.filter.is_empty:
            return "No instance runs on this version: there is nothing to migrate."
        return "No instance matches the filter; / changes it, and an empty one shows all."

    @on(InstanceTable.Wanted)
    def _wanted(self, event: InstanceTable.Wanted) -> None:
        event.stop()
        instances = self.instances
        if instances is None:
            return

        async def read() -> None:
            first: list[tuple[int, tuple[InstanceRow, ...]]] = []
            for page in event.pages:
                rows = await instances.rows(page * PAGE_ROWS, PAGE_ROWS)
                self.post_message(PageRead(instances, page, rows))
                first.append((page, tuple(rows)))
            for page, found in first:
                self.post_message(PageRead(instances, page, await instances.fill(found)))

        start(self, "page", read, lambda _: None)

    def _fill(self, pages: Sequence[tuple[int, Sequence[InstanceRow]]]) -> None:
        instances = self.instances
        if instances is None:
            return

        async def fill() -> None:
            for page, rows in pages:
                self.post_message(PageRead(instances, page, await instances.fill(rows)))

        start(self, "page", fill, lambda _: None)

    @on(PageRead)
    def _page_read(self, event: PageRead) -> None:
        event.stop()
        if event.instances is not self.instances:
            return
        self.table.put(event.page, event.rows)
        self.show_verdict()

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it where the rows would be."""
        if event.group == "page":
            self.table.asked_in_vain()
            self.tell(f"{event.sentence} r reads again.", "error")
            return
        super().work_failed(event)

    def on_screen_suspend(self) -> None:
        """A page that was being read when the screen was left is asked for again when one comes back."""
        super().on_screen_suspend()
        self.table.asked_in_vain()

    def read_again(self) -> None:
        """Read the list anew; the cursor stays where it is."""
        self.open_list(keep_cursor=True)

    def take_new_draft(self) -> None:
        """Bring the forecasts up to date with the draft, without a request for what is on the screen."""
        if self.instances is None or self._revision == self.plan.draft.revision:
            return
        self._revision = self.plan.draft.revision
        self.table.refresh_rows(self.instances.refreshed)
        self.table.want_pages()

    async def ids_of_rows(self, first: int, last: int) -> list[str]:
        """Return the ids of rows by number; those that were not read are asked for."""
        known = [self.table.row_at(row) for row in range(first, last + 1)]
        if all(row is not None for row in known) or self.instances is None:
            return [row.id for row in known if row is not None]
        found: list[str] = []
        for at in range(first, last + 1, 1000):
            rows = await self.instances.rows(at, min(1000, last + 1 - at))
            found += [row.id for row in rows]
            await asyncio.sleep(0)
        return found
