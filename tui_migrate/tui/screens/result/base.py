"""What all parts of the result screen work on: the run, its lines, the reads of this screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.result.frame import ResultFrame
from tui_migrate.tui.screens.result.lines import ResultList, result_lines
from tui_migrate.tui.screens.result.sentences import head_sentences, number_pieces, phase_pieces, question_pieces
from tui_migrate.tui.shown_run import RunTold, ShownRun
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.operations.account import Account
    from tui_migrate.operations.failures import FailureGroup
    from tui_migrate.operations.watch import BatchReading
    from tui_migrate.tui.widgets.line_list import Piece


class BatchRead(Message):
    """A batch has been read by this screen.

    Args:
        run: The run that it belongs to.
        reading: What was read.
    """

    def __init__(self, run: ShownRun, reading: BatchReading) -> None:
        self.run = run
        self.reading = reading
        super().__init__()


class FailuresRead(Message):
    """The failed jobs of a batch have been read.

    Args:
        run: The run that it belongs to.
        batch_id: The batch.
        groups: Its failed jobs by cause.
    """

    def __init__(self, run: ShownRun, batch_id: str, groups: tuple[FailureGroup, ...]) -> None:
        self.run = run
        self.batch_id = batch_id
        self.groups = groups
        super().__init__()


class Accounted(Message):
    """Every instance of the run has been asked about anew.

    Args:
        run: The run.
        account: The account.
    """

    def __init__(self, run: ShownRun, account: Account) -> None:
        self.run = run
        self.account = account
        super().__init__()


class ResultBase(ResultFrame):
    """The result screen without its actions."""

    NAME = "result"
    BACK = "confirm"
    SCOPES: ClassVar[tuple[str, ...]] = ("result",)
    BINDINGS = bindings("result")

    run: ShownRun | None = None
    _arriving = True
    status: Piece | None = None
    """What an action is doing, in the place of the details; None is nothing."""

    def make_list(self) -> ResultList:
        """Return the list of failures and of what the account says."""
        return ResultList(self.app.glyphs, id="result-lines")

    @property
    def lines(self) -> ResultList:
        """The list."""
        return self.query_one(ResultList)

    @property
    def model(self) -> ProcessModel | None:
        """The source's model, where the plan that is open is the run's."""
        plan = self.state.open_plan
        if plan is None or self.run is None or plan.source.id != self.run.source_id:
            return None
        return plan.source_model

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_all(self) -> None:
        """Draw everything for the run as it stands."""
        run, session = self.run, self.state.session
        if run is None or session is None:
            return
        self.write("head", head_sentences(run, self.glyphs.arrow))
        self.write("bar", phase_pieces(run, self.glyphs, self.text_width))
        self.write("numbers", number_pieces(run, session.clock.now()))
        self.write("question", question_pieces(run))
        self.lines.show_lines(result_lines(run, self.model))
        self.show_foot()
        self.refresh_frame()

    def show_age(self) -> None:
        """Let the age of the last reading grow."""
        run, session = self.run, self.state.session
        if run is not None and session is not None:
            self.write("numbers", number_pieces(run, session.clock.now()))

    def show_foot(self) -> None:
        """Show the line under the cursor whole."""
        pieces: list[Piece] = []
        line = self.lines.current
        if self.status is not None:
            pieces.append(self.status)
        elif line is not None:
            if line.sentence:
                pieces.append((shown(line.sentence, 600), line.style if line.style != "success" else ""))
            names = ", ".join(shown(one, 40) for one in line.ids[:5])
            more = f" and {len(line.ids) - 5} more" if len(line.ids) > 5 else ""
            pieces += [(names + more, "dim")] if names else []
        self.write("foot", pieces)

    def tell(self, sentence: str | None, style: str = "accent") -> None:
        """Show what is going on in place of the details."""
        self.status = (sentence, style) if sentence is not None else None
        self.show_foot()

    # -- reading -----------------------------------------------------------------------------------------------

    @on(RunTold)
    def _told(self, event: RunTold) -> None:
        event.stop()
        if event.run is not self.run:
            return
        self.read_failures()
        self.show_all()

    def watch_further(self) -> None:
        """Read the batch at hand until nothing more runs by itself; only what nobody else watches."""
        run, session = self.run, self.state.session
        at_hand = run.batch_at_hand() if run is not None else None
        if run is None or session is None or at_hand is None or run.going_on:
            return
        from tui_migrate.operations.watch import watch_batch

        batch_id = at_hand[0]

        async def watch() -> None:
            async for reading in watch_batch(session, batch_id):
                self.post_message(BatchRead(run, reading))

        start(self, "watch", watch, lambda _: None)

    @on(BatchRead)
    def _batch_read(self, event: BatchRead) -> None:
        event.stop()
        run, reading = event.run, event.reading
        before = run.last_reading(reading.batch_id)
        run.readings[reading.batch_id] = reading
        if run is not self.run:
            return
        if run.own and not run.going_on and before is not None and _came_to_an_end(before, reading):
            self.account_again()
        self.read_failures()
        self.show_all()

    def read_failures(self) -> None:
        """Read the failed jobs of the batches of which their number has changed."""
        run, session = self.run, self.state.session
        if run is None or session is None:
            return
        for wave in run.state.waves:
            reading = run.reading_of(wave.number)
            if reading is None or not reading.batch_job_definition_id:
                continue
            if run.asked.get(reading.batch_id, 0) == reading.failed or not self.is_current:
                continue
            run.asked[reading.batch_id] = reading.failed
            self._ask_failures(run, reading)

    def _ask_failures(self, run: ShownRun, reading: BatchReading) -> None:
        session = self.state.session
        if session is None:
            return
        from tui_migrate.operations.watch import failures

        async def read() -> FailuresRead:
            found = await failures(session, reading) if reading.failed and reading.phase != "deleted" else ()
            return FailuresRead(run, reading.batch_id, found)

        start(self, f"failures {reading.batch_id}", read, lambda message: message)

    @on(FailuresRead)
    def _failures_read(self, event: FailuresRead) -> None:
        event.stop()
        event.run.groups[event.batch_id] = event.groups
        if not event.groups:
            event.run.groups.pop(event.batch_id, None)
        if event.run is self.run:
            self.show_all()

    def account_again(self) -> None:
        """Ask about every instance anew."""
        run, session = self.run, self.state.session
        if run is None or session is None or not run.own or not run.state.run_id or run.going_on:
            return
        from tui_migrate.operations.account import account

        run_id = run.state.run_id

        async def read() -> Accounted:
            return Accounted(run, await account(session, run_id))

        self.tell("Asking the engine about every instance …")
        start(self, "account", read, lambda message: message)

    @on(Accounted)
    def _accounted(self, event: Accounted) -> None:
        event.stop()
        event.run.late_account = event.account
        self.status = None
        if event.run is self.run:
            self.show_all()

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it; a read that failed can be asked for again."""
        self.status = None
        if event.group.startswith("failures") and self.run is not None:
            self.run.asked.pop(event.group.partition(" ")[2], None)
        super().work_failed(event)
        self.show_all()

    def on_screen_suspend(self) -> None:
        """Stop listening to the run; it goes on."""
        super().on_screen_suspend()
        if self.run is not None and self.app.screen_is_left(self):
            self.run.watcher = None
            self._arriving = True


def _came_to_an_end(before: BatchReading, now: BatchReading) -> bool:
    """Whether a batch has ended since; a job that is tried again may do so between two readings, with none busy."""
    return now.over and (not before.over or (before.completed, before.failed) != (now.completed, now.failed))
