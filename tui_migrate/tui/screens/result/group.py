"""One line of the result with its instances and failed jobs, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from tui_migrate.operations.failures import FailedJob
from tui_migrate.text import safe_lines
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.instances.details import TextModal
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.widget import Widget

    from tui_migrate.operations.session import Session
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.screens.result.lines import ResultLine

GroupAnswer = tuple[str, FailedJob]
"""What is to be done with a job: `retry` or `drop`."""


class TraceRead(Message):
    """A stack trace has been read.

    Args:
        text: The whole of it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class LongTextModal(TextModal):
    """A long foreign text as it came, line by line.

    Args:
        title: The title.
        text: The text.
    """

    BINDINGS = bindings("text", "dialog")
    SCOPES: ClassVar[tuple[str, ...]] = ("text", "dialog")

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title)
        self.whole = text

    def lines(self, width: int) -> Iterator[list[Piece]]:
        """Yield the lines; long ones go on below, moved to the right."""
        for line in safe_lines(self.whole):
            rest = line
            yield [(rest[:width], "")]
            rest = rest[width:]
            while rest:
                yield [(f"    {rest[: width - 4]}", "")]
                rest = rest[width - 4 :]

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("text-copy", "dialog-close")

    def action_copy(self) -> None:
        """Copy the whole text."""
        self.app.copy_to_clipboard(self.whole)
        self.app.say("Copied.")


class InstanceLines(LineList):
    """Instances, or jobs that name none."""

    def __init__(self, line: ResultLine, glyphs: Glyphs) -> None:
        super().__init__()
        jobs = {job.instance_id: job for job in line.jobs if job.instance_id is not None}
        self.rows: list[tuple[str, FailedJob | None]] = [(one, jobs.get(one)) for one in line.ids]
        self.rows += [("", job) for job in line.jobs if job.instance_id is None]
        self.glyphs = glyphs

    @property
    def current(self) -> tuple[str, FailedJob | None]:
        """The row with the cursor."""
        return self.rows[self.cursor] if self.rows else ("", None)

    def row_count(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return instance and job."""
        instance_id, job = self.rows[row]
        name = shown(instance_id, 80) or "an instance that the engine does not name"
        about = f"job {shown(job.job_id, 60)}" if job is not None else ""
        first = min(38, max(width // 2, 10))
        return [(f" {fit(name, first, self.glyphs.ellipsis)} ", ""), (fit(about, max(width - first - 2, 0)), "dim")]


class GroupModal(BaseModal[GroupAnswer]):
    """Ends with what is to be done with one failed job, or None.

    Args:
        session: For stack traces, which are read on demand.
        line: The line.
        glyphs: The set of characters.
    """

    BINDINGS = bindings("group")
    SCOPES: ClassVar[tuple[str, ...]] = ("group", "dialog")
    DEFAULT_CSS = """
    GroupModal > .dialog { width: 100%; height: 100%; }
    GroupModal Paragraph { height: 5; }
    """

    def __init__(self, session: Session, line: ResultLine, glyphs: Glyphs) -> None:
        number = "" if line.number is None else f"{line.number} "
        super().__init__(f"{number}{shown(line.title, 60)}")
        self.session = session
        self.line = line
        self.rows = InstanceLines(line, glyphs)

    def body(self) -> Iterable[Widget]:
        """Return the cause and the list."""
        yield Paragraph()
        yield self.rows

    def on_mount(self) -> None:
        """Show the cause whole."""
        super().on_mount()
        self.call_after_refresh(self._show_cause)
        self.rows.focus()

    def _show_cause(self) -> None:
        self.query_one(Paragraph).show([(shown(self.line.sentence, 2000) or "Nothing more is known.", self.line.style)])

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        jobs = ("group-trace", "group-retry", "group-drop") if self.line.jobs else ()
        return (*jobs, "group-copy", "dialog-close")

    def _job(self) -> FailedJob | None:
        job = self.rows.current[1]
        if job is None:
            self.app.say("There is no failed job of this instance in the engine (any more).", "warning")
        return job

    def action_trace(self) -> None:
        """Read the stack trace of the job."""
        job = self._job() if self.rows.rows else None
        if job is None:
            return
        from tui_migrate.operations.failures import stack_trace

        session, job_id = self.session, job.job_id
        start(self, "trace", lambda: stack_trace(session, job_id), TraceRead)

    @on(TraceRead)
    def _trace_read(self, event: TraceRead) -> None:
        event.stop()
        self.app.push_screen(LongTextModal("Stack trace", event.text))

    @on(WorkFailed)
    def _failed(self, event: WorkFailed) -> None:
        event.stop()
        self.app.say(event.sentence, "error")

    def action_retry(self) -> None:
        """End with a retry of the job."""
        job = self._job()
        if job is not None:
            self.dismiss(("retry", job))

    def action_drop(self) -> None:
        """End with dropping the job."""
        job = self._job()
        if job is not None:
            self.dismiss(("drop", job))

    def action_copy(self) -> None:
        """Copy the instance's id."""
        instance_id, job = self.rows.current
        text = instance_id or (job.job_id if job is not None else "")
        if text:
            self.app.copy_to_clipboard(text)
            self.app.say(f"Copied {text}.")
