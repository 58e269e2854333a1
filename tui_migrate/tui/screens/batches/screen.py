"""The batches tab: all migration batches of the engine, whoever started them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.list_screen import ListScreen, RowList
from tui_migrate.tui.screens.result.cockpit_link import BatchLinking
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from tui_migrate.operations.batches import BatchRow
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.shown_run import ShownRun


class BatchesRead(Message):
    """The batches have been read.

    Args:
        rows: Running ones first, then those that have ended.
    """

    def __init__(self, rows: tuple[BatchRow, ...]) -> None:
        self.rows = rows
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


def _listed(number: int) -> str:
    """Return a number of batches, of which only the newest are listed."""
    from tui_migrate.operations.batches import LISTED

    return f"the newest {number}" if number >= LISTED else str(number)


class BatchList(RowList["BatchRow"]):
    """Batches, one to a line."""

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


_NONE = {True: "No migration batch is on this engine.", False: "No migration batch runs."}
"""What is said of an empty list, with those that have ended and without."""

HEADING = f" {'state':<9} {'jobs done':>9} {'failed':>6} {'started':<11} {'ended':<11} {'by':<7} batch"


class BatchesScreen(ListScreen["BatchRow"], BatchLinking):
    """Running and ended migration batches."""

    NAME = "batches"
    SCOPES: ClassVar[tuple[str, ...]] = ("batches",)
    BINDINGS = bindings("batches")
    HEADING = HEADING
    NOUN = "batch"
    NEED_ROW: ClassVar[frozenset[str]] = frozenset({"open", "link", "copy_id"})

    ended = True
    _read: tuple[BatchRow, ...] | None = None

    def make_list(self) -> BatchList:
        """Return the list."""
        return BatchList(self.app.glyphs, id="batches")

    def read_again(self) -> None:
        """Read the batches."""
        session = self.state.session
        if session is None:
            return
        from tui_migrate.operations.batches import list_batches

        self.tell(("Reading the batches …", "dim"))
        start(self, "batches", lambda: list_batches(session), BatchesRead)

    @on(BatchesRead)
    def _batches_read(self, event: BatchesRead) -> None:
        event.stop()
        self._read = event.rows
        self._show()

    def _show(self) -> None:
        self.row_list.show_rows(tuple(row for row in self._read or () if self.ended or not row.ended))
        self._say_about()
        self.refresh_frame()

    def _say_about(self) -> None:
        """Tell how many there are, and what the row of the cursor has no room for."""
        row = self.current
        if row is None:
            self.tell((_NONE[self.ended], "dim"))
            return
        running = sum(not one.ended for one in self._read or ())
        past = len(self._read or ()) - running
        hidden = "" if self.ended or not past else f" ({self.app.key_text_of('batches-ended')} shows them)"
        pieces: list[Piece] = [(f"Batch {shown(row.id, 60)}", "strong")]
        pieces += [(f"of run {shown(row.run_id, 40)}", "accent")] if row.run_id else []
        pieces += [(f"by {shown(row.user, 40)}", "")] if row.user else []
        pieces += [(f"tenant {shown(row.tenant_id, 40)}", "")] if row.tenant_id else []
        if row.invocations_per_job > 1:
            pieces.append((f"{row.invocations_per_job} instances a job", ""))
        numbers = f"{_listed(running)} running, {_listed(past)} ended{hidden}"
        self.tell(*pieces, (f"{numbers}. enter watches it and acts on it.", "dim"))

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self._say_about()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("batches-open", "batches-ended", "batches-link", "app-read-again", "app-back", "app-help")

    def action_ended(self) -> None:
        """Show or hide those that have ended."""
        self.ended = not self.ended
        self._show()

    def action_link(self) -> None:
        """Copy the address of its page in Cockpit."""
        row, session = self.current, self.state.session
        if not self.refuse("link") and row is not None and session is not None:
            self.copy_link(session, row.id, ended=row.ended)

    def open_row(self, session: Session, row: BatchRow) -> Awaitable[ShownRun]:
        """Return the batch to watch: as our run where it is one."""
        from tui_migrate.tui.screens.runs.opening import open_batch

        return open_batch(self.app, session, row)
