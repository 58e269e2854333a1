"""The batches tab: all migration batches of the engine, whoever started them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message
from textual.widgets import Static

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.widgets.tab_line import TabLine
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

    from tui_migrate.operations.batches import BatchRow
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_run import ShownRun


class BatchesRead(Message):
    """The batches have been read.

    Args:
        rows: Running ones first, then those that have ended.
    """

    def __init__(self, rows: tuple[BatchRow, ...]) -> None:
        self.rows = rows
        super().__init__()


class RunFound(Message):
    """The run of a batch is ready to be shown.

    Args:
        run: The run, or somebody else's batch.
    """

    def __init__(self, run: ShownRun) -> None:
        self.run = run
        super().__init__()


class LinkMade(Message):
    """The address of a batch's page is known.

    Args:
        link: The address.
    """

    def __init__(self, link: str) -> None:
        self.link = link
        super().__init__()


def batch_state(row: BatchRow) -> Piece:
    """Return how a batch does, in a word."""
    if row.ended:
        return "ended", "dim"
    if row.suspended:
        return "suspended", "warning"
    if row.failed and row.remaining == row.failed:
        return "failed", "error"
    return "running", "accent"


class BatchList(LineList):
    """Batches, one to a line.

    Args:
        glyphs: The set of characters.
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.rows: tuple[BatchRow, ...] = ()

    def show_rows(self, rows: tuple[BatchRow, ...]) -> None:
        """Show batches; the cursor stays on its own."""
        at = self.current
        self.rows = rows
        same = [place for place, row in enumerate(rows) if at is not None and row.id == at.id]
        self.rows_changed(cursor=same[0] if same else 0)

    @property
    def current(self) -> BatchRow | None:
        """The batch with the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def row_count(self) -> int:
        """Return the number of batches."""
        return len(self.rows)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return state, progress, failed jobs, start, end, user, id."""
        one = self.rows[row]
        word, style = batch_state(one)
        start = one.started_at.astimezone().strftime("%m-%d %H:%M") if one.started_at else ""
        end = one.ended_at.astimezone().strftime("%m-%d %H:%M") if one.ended_at else ""
        done = f"{one.completed}/{one.total}" if one.completed is not None else str(one.total)
        failed = str(one.failed) if one.failed else ""
        mine = "ours" if one.run_id else shown(one.user, 20)
        room = max(width - 61, 8)
        ellipsis = self.glyphs.ellipsis
        return [
            (f" {word:<9} ", style),
            (f"{done:>9} ", "strong"),
            (f"{failed:>6} ", "error"),
            (f"{start:<11} {end:<11} ", ""),
            (f"{fit(mine, 7, ellipsis)} ", "accent" if one.run_id else "dim"),
            (fit(one.id, room, ellipsis), "dim"),
        ]


HEADING = f" {'state':<9} {'jobs done':>9} {'failed':>6} {'started':<11} {'ended':<11} {'by':<7} batch"


class BatchesScreen(BaseScreen):
    """Running and ended migration batches."""

    NAME = "batches"
    SCOPES: ClassVar[tuple[str, ...]] = ("batches",)
    BINDINGS = bindings("batches")

    ended = True
    _read: tuple[BatchRow, ...] | None = None

    def compose(self) -> ComposeResult:
        """Header, tabs, list, status, keys."""
        yield HeaderLine()
        yield TabLine("batches")
        yield Static(HEADING, classes="line heading", markup=False)
        with Pane():
            yield BatchList(self.app.glyphs, id="batches")
        yield Paragraph(id="batches-said")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.list.focus()

    @property
    def list(self) -> BatchList:
        """The list."""
        return self.query_one(BatchList)

    def shown(self) -> None:
        """Read the batches each time: they change by themselves."""
        if self.state.session is not None:
            self.read_again()

    def read_again(self) -> None:
        """Read the batches."""
        session = self.state.session
        if session is None:
            return
        from tui_migrate.operations.batches import list_batches

        self.tell("Reading the batches …")
        start(self, "batches", lambda: list_batches(session), BatchesRead)

    @on(BatchesRead)
    def _batches_read(self, event: BatchesRead) -> None:
        event.stop()
        self._read = event.rows
        self._show()

    def _show(self) -> None:
        rows = tuple(row for row in self._read or () if self.ended or not row.ended)
        self.list.show_rows(rows)
        running = sum(not row.ended for row in self._read or ())
        past = len(self._read or ()) - running
        if not rows:
            self.tell("No migration batch is on this engine." if self.ended else "No migration batch runs.")
        else:
            hidden = "" if self.ended or not past else f"; h shows the {past} that have ended"
            self.tell(f"{running} running, {past} ended{hidden}. enter watches one: suspend, retry, cancel are there.")
        self.refresh_frame()

    def tell(self, sentence: str, style: str = "dim") -> None:
        """Show a sentence below the list."""
        self.query_one("#batches-said", Paragraph).show([(sentence, style)])

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it where the numbers would be."""
        self.tell(f"{event.sentence} r reads again.", "error")

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.list.glyphs = self.glyphs
        self.list.rows_changed()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("batches-open", "batches-ended", "batches-link", "app-read-again", "app-back", "app-help")

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        if action in ("open", "link", "copy_id") and self.list.current is None:
            return "There is no batch here."
        return None

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        if event.again:
            self.action_open()

    def action_ended(self) -> None:
        """Show or hide those that have ended."""
        self.ended = not self.ended
        self._show()

    def action_copy_id(self) -> None:
        """Copy the id of the batch of the cursor."""
        row = self.list.current
        if row is not None:
            self.app.copy_to_clipboard(row.id)
            self.say(f"Copied {row.id}.")

    def action_link(self) -> None:
        """Copy the address of its page in Cockpit."""
        row, session = self.list.current, self.state.session
        if self.refuse("link") or row is None or session is None:
            return
        from tui_migrate.operations.cockpit import batch_link

        start(self, "link", lambda: batch_link(session, row.id, ended=row.ended), LinkMade)

    @on(LinkMade)
    def _link_made(self, event: LinkMade) -> None:
        event.stop()
        self.app.copy_to_clipboard(event.link)
        self.say(f"Copied, where Cockpit usually is: {event.link}")

    def action_open(self) -> None:
        """Watch the batch of the cursor: as our run where it is one."""
        row, session = self.list.current, self.state.session
        if self.refuse("open") or row is None or session is None:
            return
        from tui_migrate.tui.screens.runs.opening import open_batch

        start(self, "open", lambda: open_batch(self.app, session, row), RunFound)

    @on(RunFound)
    def _run_found(self, event: RunFound) -> None:
        event.stop()
        event.run.back = self.NAME
        self.state.run = event.run
        self.app.go("result")
