"""What the tabs of batches and runs have in common: one list of things with ids, sentences below it, a run to open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from textual import on
from textual.message import Message
from textual.widgets import Static

from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.widgets.tab_line import TabLine
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from textual.app import ComposeResult

    from tui_migrate.operations.session import Session
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_run import ShownRun


class Identified(Protocol):
    """Something with an id of its own."""

    @property
    def id(self) -> str:
        """The id."""


Row = TypeVar("Row", bound=Identified)


class RunReady(Message):
    """A run, or somebody else's batch, is ready to be shown.

    Args:
        run: The run.
    """

    def __init__(self, run: ShownRun) -> None:
        self.run = run
        super().__init__()


class RowList(LineList, Generic[Row]):
    """Things with ids, one to a line.

    Args:
        glyphs: The set of characters.
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.rows: tuple[Row, ...] = ()

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show these; the cursor stays on its own."""
        at = self.current
        self.rows = rows
        same = [place for place, row in enumerate(rows) if at is not None and row.id == at.id]
        self.rows_changed(cursor=same[0] if same else 0)

    @property
    def current(self) -> Row | None:
        """The one with the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def row_count(self) -> int:
        """Return how many there are."""
        return len(self.rows)


class ListScreen(BaseScreen, Generic[Row]):
    """A tab with one list. A subclass names what is in it, makes the list, reads, and opens a row."""

    HEADING: ClassVar[str] = ""
    """What stands above the columns; "" is nothing."""
    NOUN: ClassVar[str] = ""
    """What one row is."""
    NEED_ROW: ClassVar[frozenset[str]] = frozenset()
    """Actions that are about the row of the cursor."""

    def compose(self) -> ComposeResult:
        """Header, tabs, list, what there is to say, keys."""
        yield HeaderLine()
        yield TabLine(self.NAME)
        if self.HEADING:
            yield Static(self.HEADING, classes="line heading", markup=False)
        with Pane():
            yield self.make_list()
        yield Paragraph(id="said")
        yield KeyLine()

    def make_list(self) -> RowList[Row]:
        """Return the list, made once."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Begin in the list."""
        self.row_list.focus()

    @property
    def row_list(self) -> RowList[Row]:
        """The list."""
        return self.query_one(RowList)

    @property
    def current(self) -> Row | None:
        """The row of the cursor."""
        return self.row_list.current

    def shown(self) -> None:
        """Read each time: what is listed changes by itself."""
        if self.state.session is not None:
            self.read_again()

    def tell(self, *pieces: Piece) -> None:
        """Show sentences below the list."""
        self.query_one("#said", Paragraph).show(pieces)

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it below the list."""
        self.tell((f"{event.sentence} {self.app.key_text_of('app-read-again')} reads again.", "error"))

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.row_list.glyphs = self.glyphs
        self.row_list.rows_changed()

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        if action in self.NEED_ROW and self.current is None:
            return f"There is no {self.NOUN} here."
        return None

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        if event.again:
            self.action_open()

    def action_copy_id(self) -> None:
        """Copy the id of the row of the cursor."""
        row = self.current
        if not self.refuse("copy_id") and row is not None:
            self.app.copy_to_clipboard(row.id)
            self.say(f"Copied {row.id}.")

    def action_open(self) -> None:
        """Show what is at the cursor."""
        row, session = self.current, self.state.session
        if not self.refuse("open") and row is not None and session is not None:
            start(self, "open", lambda: self.open_row(session, row), RunReady)

    def open_row(self, session: Session, row: Row) -> Awaitable[ShownRun]:
        """Return what the result screen shows of a row."""
        raise NotImplementedError

    @on(RunReady)
    def _run_ready(self, event: RunReady) -> None:
        event.stop()
        event.run.back = self.NAME
        self.state.run = event.run
        self.app.go("result")
