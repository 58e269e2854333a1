"""Acting on a batch: suspend, resume, retry, drop, cancel; answering the run. Each asks before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.result.base import ResultBase
from tui_migrate.tui.shown_run import ShownRun
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tui_migrate.operations.session import Session
    from tui_migrate.operations.watch import BatchReading


class ChangeDone(Message):
    """The engine has done what was asked for.

    Args:
        run: The run that it was about.
        sentence: What to say.
    """

    def __init__(self, run: ShownRun, sentence: str) -> None:
        self.run = run
        self.sentence = sentence
        super().__init__()


_CHANGES = frozenset({"suspend", "retry", "drop", "cancel"})


class ResultActing(ResultBase):
    """The part of the result screen that changes the engine."""

    def reason_against_change(self, action: str) -> str | None:
        """Return why an action on the batch can't be done now."""
        session, run = self.state.session, self.run
        if session is None or run is None:
            return "Nothing is shown."
        if session.profile.read_only:
            return "This profile is read-only: nothing is sent that changes the engine."
        at_hand = run.batch_at_hand()
        if at_hand is None:
            return "This run has no batch in the engine."
        reading = at_hand[1]
        if reading is not None and reading.phase in ("done", "deleted"):
            return "The batch is not in the engine any more."
        if action in ("suspend", "cancel") and reading is not None and reading.phase == "finishing":
            return "All jobs have run; the engine removes the batch by itself within a minute."
        if action in ("retry", "drop") and (reading is None or not reading.failed):
            return "No job of this batch has failed."
        return None

    def ask_and_do(
        self,
        title: str,
        sentences: Sequence[str],
        word: str,
        do: Callable[[Session], Awaitable[str]],
    ) -> None:
        """Ask, then send a change in a worker of the app, which no screen's leaving ends.

        Args:
            title: The question.
            sentences: What there is to know.
            word: The word beside `y`.
            do: Sends it; returns what to say afterwards.
        """
        from tui_migrate.tui.screens.question import QuestionModal

        question = QuestionModal(title, sentences, yes=word, no="not now")
        self.app.push_screen(question, lambda answer: self._send(do) if answer else None)

    def _send(self, do: Callable[[Session], Awaitable[str]]) -> None:
        session, run = self.state.session, self.run
        if session is None or run is None:
            return

        async def work() -> None:
            from tui_migrate.errors import TuiMigrateError

            try:
                sentence = await do(session)
            except TuiMigrateError as error:
                sentence = f"{self.glyphs.error} {error}"
            self.post_message(ChangeDone(run, sentence))

        self.tell("Sent; waiting for the engine's answer …")
        start(self.app, f"change {id(run)}", work, lambda _: None, exclusive=False)

    @on(ChangeDone)
    def _changed(self, event: ChangeDone) -> None:
        event.stop()
        failed = event.sentence.startswith(self.glyphs.error)
        self.say(event.sentence, "error" if failed else "information")
        self.status = None
        if event.run is not self.run:
            return
        if self.is_current:
            self.watch_further()
        self.show_all()

    def _batch(self) -> tuple[str, BatchReading | None]:
        at_hand = self.run.batch_at_hand() if self.run is not None else None
        if at_hand is None:
            raise LookupError("no batch")
        return at_hand

    @property
    def is_suspended(self) -> bool:
        """Whether the batch at hand is suspended, as last read."""
        at_hand = self.run.batch_at_hand() if self.run is not None else None
        return at_hand is not None and at_hand[1] is not None and at_hand[1].phase == "suspended"

    def action_suspend(self) -> None:
        """Suspend the batch, or resume it."""
        if self.refuse("suspend"):
            return
        from tui_migrate.operations.batches import resume, suspend

        batch_id, _ = self._batch()
        if self.is_suspended:

            async def go_on(session: Session) -> str:
                await resume(session, batch_id)
                return "The batch goes on."

            self.ask_and_do("Resume the batch?", (f"Batch {batch_id} goes on with its jobs.",), "resume", go_on)
            return

        async def hold(session: Session) -> str:
            await suspend(session, batch_id)
            return "The batch is suspended; S resumes it."

        words = f"Batch {batch_id}: jobs that run just now finish, no other begins. S resumes it."
        self.ask_and_do("Suspend the batch?", (words,), "suspend", hold)

    def action_retry(self) -> None:
        """Give all failed jobs of the batch new tries."""
        if self.refuse("retry"):
            return
        from tui_migrate.operations.batches import retry_failed

        batch_id, reading = self._batch()
        number = reading.failed if reading is not None else 0

        async def retry(session: Session) -> str:
            told = await retry_failed(session, batch_id)
            return f"{told} failed jobs have new tries; the job executor may need some seconds to take them."

        words = (
            "It is the same plan again: of use where the instances have changed, or somebody else was in the way.",
            f"Batch {batch_id}.",
        )
        noun = "job" if number == 1 else "jobs"
        self.ask_and_do(f"Try {number} failed {noun} again?", words, "retry", retry)

    def retry_job(self, job_id: str) -> None:
        """Give one failed job new tries."""
        if self.refuse("retry"):
            return
        from tui_migrate.operations.batches import retry_one

        batch_id, _ = self._batch()

        async def retry(session: Session) -> str:
            await retry_one(session, job_id, batch_id=batch_id)
            return "The job has new tries."

        self.ask_and_do("Try this job again?", (f"Job {job_id}.",), "retry", retry)

    def drop_job(self, job_id: str, instance_id: str | None) -> None:
        """Give one failed job up."""
        if self.refuse("drop"):
            return
        from tui_migrate.operations.batches import drop_job

        batch_id, _ = self._batch()

        async def drop(session: Session) -> str:
            await drop_job(session, job_id, batch_id=batch_id)
            return "The job is dropped; its instances stay where they are."

        about = f" of instance {shown(instance_id, 60)}" if instance_id else ""
        words = f"Job {job_id}{about}: its instances stay on the source, and the engine counts it as done."
        self.ask_and_do("Drop this job?", (words,), "drop", drop)

    def action_drop(self) -> None:
        """Give one failed job up; with several in the line, choose it first."""
        if self.refuse("drop"):
            return
        line = self.lines.current
        jobs = line.jobs if line is not None else ()
        if len(jobs) == 1:
            self.drop_job(jobs[0].job_id, jobs[0].instance_id)
        elif jobs:
            self.say("Choose the job, then D.")
            self.action_details()
        else:
            self.say("Put the cursor on a line with failed jobs first.", "warning")

    def action_details(self) -> None:
        """Show the line of the cursor whole."""

    def action_cancel(self) -> None:
        """Cancel the batch safely."""
        if self.refuse("cancel"):
            return
        from tui_migrate.operations.batches import cancel_safely

        batch_id, reading = self._batch()

        async def cancel(session: Session) -> str:
            done = await cancel_safely(session, batch_id)
            if done.was_gone:
                return "The batch had ended by itself before it could be cancelled."
            return f"Cancelled: {done.completed} of {done.total} jobs had run, and stay as they are."

        done = f" {reading.completed} of {reading.total} jobs have run." if reading is not None else ""
        words = (
            f"Batch {batch_id} is suspended, its running jobs finish, then it is deleted.{done}",
            "Nothing is rolled back: what was migrated stays migrated.",
        )
        self.ask_and_do("Cancel the batch?", words, "cancel the batch", cancel)

    # -- the run's own questions -------------------------------------------------------------------------------

    def action_next_wave(self) -> None:
        """Send the next wave."""
        run = self.run
        if self.refuse("next_wave") or run is None or run.runner is None or run.state.question is None:
            return
        question, runner = run.state.question, run.runner
        size = run.state.waves[question.next_wave].size
        from tui_migrate.tui.screens.question import QuestionModal

        def answered(answer: bool | None) -> None:
            if answer and runner.state.question is question:
                runner.confirm_next_wave()

        words = (question.sentence, f"Wave {question.next_wave + 1} with {size} instances is sent to the engine.")
        self.app.push_screen(QuestionModal("Send the next wave?", words, yes="send it", no="not now"), answered)

    def action_stop(self) -> None:
        """Leave the other waves unsent."""
        run = self.run
        if self.refuse("stop") or run is None or run.runner is None or run.state.question is None:
            return
        question, runner = run.state.question, run.runner
        from tui_migrate.tui.screens.question import QuestionModal

        def answered(answer: bool | None) -> None:
            if answer and runner.state.question is question:
                runner.stop()

        words = (f"{question.unsent} instances stay unsent, and the run ends with an account of all.",)
        self.app.push_screen(QuestionModal("Stop the run here?", words, yes="stop here", no="not yet"), answered)
