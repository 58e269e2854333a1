"""The overview: what runs on the engine, by key; the way into a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.connection import import_plan
from tui_migrate.tui.screens.base import AT_ONCE, BaseScreen
from tui_migrate.tui.screens.overview.list import DefinitionList
from tui_migrate.tui.screens.overview.rows import GroupLine, heading
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.search_line import SearchLine
from tui_migrate.tui.widgets.tab_line import TabLine
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from tui_migrate.operations.overview import Overview
    from tui_migrate.tui.state import Progress


class OverviewRead(Message):
    """The definitions have been read.

    Args:
        overview: What was read.
    """

    def __init__(self, overview: Overview) -> None:
        self.overview = overview
        super().__init__()


class OverviewScreen(BaseScreen):
    """Definitions by key; those with instances on old versions come first."""

    _progress: Progress = ()
    """How far the runs were when the definitions were read last."""

    _failed = False
    _reading = False
    """Whether the last reading failed."""

    NAME = "overview"
    SCOPES: ClassVar[tuple[str, ...]] = ("overview",)
    BINDINGS = bindings("overview")

    def compose(self) -> ComposeResult:
        """Header, tabs, list, search, keys."""
        yield HeaderLine()
        yield TabLine("overview")
        yield Static("", id="heading", classes="line", markup=False)
        with Pane():
            yield DefinitionList(self.app.glyphs, id="definitions")
        yield Static("", id="status", classes="status", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(DefinitionList).focus()
        self._tell("Connecting …")

    def shown(self) -> None:
        """Show what is known, and read if nothing is."""
        self._list.glyphs = self.glyphs
        if self.state.overview is not None:
            self._list.show_overview(self.state.overview)
            self._tell_read()
        if self.state.overview is None or self.state.progress() != self._progress:
            self.read_again()

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self._list.glyphs = self.glyphs
        self._list.rows_changed()
        self.query_one(TabLine).refresh()

    def read_again(self) -> None:
        """Read the definitions anew."""
        session = self.state.session
        if session is None:
            return
        from tui_migrate.operations.overview import load_overview

        self._progress = self.state.progress()
        self._failed = False
        self._reading = True
        self.set_timer(AT_ONCE, self._tell_reading)
        start(self, "overview", lambda: load_overview(session), OverviewRead)

    def _tell_reading(self) -> None:
        if self._reading:
            self._tell("Reading the process definitions …")

    @on(OverviewRead)
    def _show(self, event: OverviewRead) -> None:
        self._reading = False
        first = self.state.overview is None
        self.state.overview = event.overview
        self.refresh_frame()
        self._list.show_overview(event.overview)
        self._tell_read()
        if first:
            self.call_after_refresh(start, self, "imports", import_plan, lambda _: None)

    def work_failed(self, event: WorkFailed) -> None:
        """Leave the sentence on the screen: there is nothing else to see."""
        self._failed = True
        self._reading = False
        self._tell(event.sentence, failed=True)
        super().work_failed(event)

    @property
    def _list(self) -> DefinitionList:
        return self.query_one(DefinitionList)

    def _tell(self, sentence: str, *, failed: bool = False) -> None:
        from tui_migrate.text import safe

        status = self.query_one("#status", Static)
        status.set_class(failed, "-failed")
        status.update(Content.styled(f" {safe(sentence, limit=400)}", "$error" if failed else "$row-dim"))

    def _tell_read(self) -> None:
        overview = self.state.overview
        if overview is None:
            return
        self.query_one("#heading", Static).update(
            heading(self._list.size.width, tenants=self._list.tenants), layout=False
        )
        count = sum(len(group.rows) for group in overview.groups)
        if not count:
            self._tell("This engine has no process definitions that you may see. Deploy one, then r reads again.")
            return
        old = sum(group.instances_on_old for group in overview.groups)
        keys = len(overview.groups)
        found = f"{self._list.row_count()} found  " if self._list.search else ""
        self._tell(
            f"{found}{keys} {'key' if keys == 1 else 'keys'}, {count} definitions, {old} instances on old versions"
            f"  read {overview.read_at:%H:%M:%S}"
        )

    def on_resize(self) -> None:
        """Keep the heading above its columns."""
        self.call_after_refresh(self._tell_read)

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("overview-open", "overview-search", "overview-newest", "app-read-again", "app-quit", "app-help")

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        if action in ("open", "bring_to_newest", "open_group", "close_group") and self._list.current is None:
            if self.state.overview is None:
                return self._waiting()
            return "There is no process definition to open."
        if action == "bring_to_newest":
            line = self._list.current
            if line is not None and not line.group.instances_on_old:
                return "No instance runs on an old version of this key."
        return None

    def _waiting(self) -> str:
        """Return why there is nothing to open yet: it is on its way, or it could not be read."""
        if self._failed:
            return f"The process definitions could not be read; {self.app.key_text_of('app-read-again')} reads again."
        return "The process definitions are being read, one moment."

    def leave_forwards(self) -> bool:
        """Go to the plan that is open; where none is, open that of the definition under the cursor."""
        if self.state.open_plan is not None or self.state.wanted is not None:
            return True
        self.action_open()
        return False

    # -- actions -----------------------------------------------------------------------------------------------

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        line = self._list.current
        if isinstance(line, GroupLine) and event.column < 3:
            self._list.set_opened(not line.opened)
        elif event.again:
            self.action_open()

    def action_open(self) -> None:
        """Open the plan from the definition of the cursor."""
        if self.refuse("open"):
            return
        line, overview = self._list.current, self.state.overview
        if line is not None and overview is not None:
            self.app.open_pair(*overview.default_pair(line.definition_id))

    def action_open_group(self) -> None:
        """Show all versions of the key."""
        self._list.set_opened(True)

    def action_close_group(self) -> None:
        """Show the key's line only."""
        self._list.set_opened(False)

    def action_bring_to_newest(self) -> None:
        """Bring all old versions of the key to the newest."""
        if self.refuse("bring_to_newest"):
            return
        line = self._list.current
        if line is not None:
            self.app.bring_to_newest(line.group)

    async def action_search(self) -> None:
        """Narrow the list while typing."""
        words = "Search key, name, v3, tag or tenant"
        await SearchLine.open_on(self, words, self._list.search, before="#status")

    @on(SearchLine.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        if self.state.overview is not None:
            self._list.show_overview(self.state.overview, search=event.value)
            self._tell_read()

    @on(SearchLine.Left)
    def _search_left(self, event: SearchLine.Left) -> None:
        if not event.accepted and self.state.overview is not None:
            self._list.show_overview(self.state.overview, search="")
            self._tell_read()
        self._list.focus()

    @on(SearchLine.Moved)
    def _search_moved(self, event: SearchLine.Moved) -> None:
        self._list.move_to(self._list.cursor + event.rows)

    def leave_mode(self) -> bool:
        """Leave a search first."""
        if not self._list.search:
            return False
        for line in self.query(SearchLine):
            line.value = ""
        if self.state.overview is not None:
            self._list.show_overview(self.state.overview, search="")
            self._tell_read()
        return True
