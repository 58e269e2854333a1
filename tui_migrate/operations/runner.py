"""Carrying a run out: wave by wave, asking where somebody has to decide, and accounting for it at the end.

It runs in a task of its own and prints nothing: screens and commands read its events. What it sends is in the journal
before it is sent, so that it can be taken up after a kill.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tui_migrate.errors import NotFound, TuiMigrateError, UsageError
from tui_migrate.operations.account import account
from tui_migrate.operations.annotation import annotate, operations_before
from tui_migrate.operations.canary import CanaryReport, canary_report
from tui_migrate.operations.changing import refuse_if_read_only
from tui_migrate.operations.prepared_run import PreparedRun, prepared_from
from tui_migrate.operations.records import NewRun, RunRecord, RunStatus, WaveFailure
from tui_migrate.operations.run_course import RunCourse
from tui_migrate.operations.run_state import (
    Leaving,
    Question,
    QuestionKind,
    RunOutcome,
    RunState,
    WaveState,
)
from tui_migrate.operations.sending import Sent, reconcile_wave, send_wave
from tui_migrate.operations.watch import watch_batch
from tui_migrate.operations.who import who_acts

if TYPE_CHECKING:
    from tui_migrate.operations.session import Session

_HOPELESS: Final = ("plan", "refused")
"""Failures that the next wave would meet as well."""


class Runner(RunCourse):
    """Carries one run out.

    Args:
        session: The engine and the journal.
        prepared: What was reviewed.
        record: The run in the journal, when it is taken up (`take_up`).
    """

    def __init__(self, session: Session, prepared: PreparedRun, record: RunRecord | None = None) -> None:
        self.session = session
        self.prepared = prepared
        waves = tuple(WaveState(number, len(ids), "unsent") for number, ids in enumerate(prepared.waves))
        if record is not None:
            waves = tuple(
                WaveState(wave.number, wave.size, wave.status, wave.batch, None, wave.failure, wave.deleted)
                for wave in record.waves
            )
        super().__init__(RunState(record.id if record else "", "ready", waves))
        self._taken_up = record is not None
        self._sending = False
        self._left = False

    @classmethod
    async def take_up(cls, session: Session, run_id: str) -> Runner:
        """Return a runner for a run of the journal: what was sent is found out and watched, the rest is asked about.

        Raises:
            UsageError: There is no such run, it went to another engine, or another process runs it.
            NotFound: A definition is not there any more.
        """
        record = await asyncio.to_thread(session.journal.run, run_id)
        if record.engine_url != session.engine.base_url:
            raise UsageError(
                f"Run {run_id} went to {record.engine_url}, and this session is with {session.engine.base_url}. "
                f"Choose the profile '{record.profile}'."
            )
        await asyncio.to_thread(session.journal.claim, run_id)
        try:
            prepared = await prepared_from(session, record)
        except BaseException:
            session.journal.release(run_id)
            raise
        return cls(session, prepared, await asyncio.to_thread(session.journal.run, run_id))

    async def write_down(self) -> None:
        """Write the run into the journal without beginning it, so that it can be taken up; once only.

        Raises:
            ReadOnly: The profile is read-only.
            JournalError: It could not be written down.
        """
        if self.run_id:
            return
        refuse_if_read_only(self.session, "migrate instances")
        await self.session.features()
        record = await asyncio.to_thread(self.session.journal.begin_run, self._new_run())
        self.state = replace(self.state, run_id=record.id)

    async def give_up(self) -> None:
        """End a run that was written down and never begun: all of its instances are accounted for as not sent."""
        if self._task is not None or not self.run_id:
            raise UsageError("Only a run that is written down and not begun can be given up.")
        await self._close()

    async def start(self) -> None:
        """Write the run down and begin; returns at once.

        Raises:
            ReadOnly: The profile is read-only.
            JournalError: It could not be written down, so nothing is sent.
        """
        if self._task is not None:
            raise UsageError(f"Run {self.run_id} has been started before.")
        await self.write_down()
        self._task = asyncio.create_task(self._run(), name=f"run {self.run_id}")
        self._task.add_done_callback(self._finished)
        await asyncio.sleep(0)  # a task that is cancelled before its first step could not write that it was

    def stop_waiting(self) -> Leaving:
        """Wait no more: a request that is on its way is still answered, no other is sent; the batches go on.

        The run stays open in the journal. `wait` tells when the last request was answered.
        """
        self._left = True
        if self._task is not None and not self._sending:
            self._task.cancel()
        return self.leaving()

    async def refresh_canary(self) -> CanaryReport | None:
        """Read again how the canary does while its question is open; None without one."""
        question = self.state.question
        if question is None or question.canary is None:
            return None
        canary = await canary_report(self.session, self.prepared.waves[0], self.prepared.plan.target_definition_id)
        if self.state.question is question:
            self._set(question=replace(question, canary=canary, sentence=_canary_sentence(canary)))
            self._tell("changed", canary.sentence)
        return canary

    # The run itself

    async def _run(self) -> None:
        try:
            await self._run_waves()
            await self._close()
        except asyncio.CancelledError:
            self.session.journal.release(self.run_id)
            self._set(phase="left", question=None)
            self._tell("ended", self.leaving().sentence)
            if not self._left:
                raise
        except TuiMigrateError as error:
            await asyncio.to_thread(self.session.journal.release, self.run_id)
            self._set(phase="interrupted", question=None, error=error)
            self._tell("ended", str(error))

    async def _run_waves(self) -> None:
        ask: tuple[QuestionKind, str] | None = None
        first_after_take_up = self._taken_up
        for number in range(len(self.state.waves)):
            if self.state.waves[number].status in ("over", "refused"):
                continue
            self._set(wave=number)
            if self.state.waves[number].status == "unsent":
                if ask is None and first_after_take_up:
                    ask = "taken up", f"{self.state.unsent} instances of this run were not sent yet."
                first_after_take_up = False
                if ask is not None and not await self._ask(ask[0], ask[1], number):
                    return
                while not await self._send(number):
                    failure = self.state.waves[number].failure
                    words = failure.message if failure else ""
                    if not await self._ask("not sent", f"The wave was not sent: {words}", number):
                        return
            await self._see_through(number)
            failure = self.state.waves[number].failure
            if failure is not None and failure.kind in _HOPELESS:
                return
            ask = self._judge(number)

    async def _send(self, number: int) -> bool:
        """Send a wave; False if it was not sent, since there is no connection."""
        ids = self.prepared.waves[number]
        self._set(phase="sending")
        self._tell("sending", f"Sending wave {number + 1} of {len(self.prepared.waves)}: {len(ids)} instances.")
        operations = await operations_before(self.session) if self.prepared.options.annotation else None
        self._sending = True
        try:
            sent = await send_wave(self.session, self.prepared, self.run_id, number)
            self._take(number, sent)
            if sent.status in ("sent", "over"):
                await self._annotate(operations, len(ids))
        finally:
            self._sending = False
        if self._left:
            raise asyncio.CancelledError
        return sent.status != "unsent"

    async def _annotate(self, before: frozenset[str] | None, size: int) -> None:
        note = await annotate(self.session, self.prepared, before, size=size, run_id=self.run_id)
        if note is not None:
            await self._note(note)

    def _take(self, number: int, sent: Sent) -> None:
        self._set_wave(number, status=sent.status, batch=sent.batch, failure=sent.failure)
        if sent.batch is not None:
            self._tell("sent", f"Batch {sent.batch.id} with {sent.batch.total_jobs} jobs was accepted.")
        elif sent.status == "over":
            self._tell("sent", f"Wave {number + 1} was migrated.")
        elif sent.failure is not None:
            self._tell("refused", sent.failure.message)
        else:
            self._tell("note", str(sent.error or "The answer was not read."))

    async def _see_through(self, number: int) -> None:
        """Find out about a lost answer, then watch the batch until nothing more will run by itself."""
        if self.state.waves[number].status in ("sending", "unknown"):
            self._set(phase="reconciling")
            self._tell("note", f"Asking the engine what became of wave {number + 1}; it is not sent again.")
            told = self._told_while_reconciling
            self._take(number, await reconcile_wave(self.session, self.prepared, self.run_id, number, told))
        batch = self.state.waves[number].batch
        if batch is None or self.state.waves[number].status != "sent":
            return
        self._set(phase="watching")
        words, deleted = await self._watch(number, batch.id)
        await asyncio.to_thread(self.session.journal.set_wave, self.run_id, number, "over", deleted=deleted)
        self._set_wave(number, status="over", deleted=deleted)
        self._tell("wave over", f"Wave {number + 1} is over: {words}.")

    async def _watch(self, number: int, batch_id: str) -> tuple[str, bool]:
        """Watch a batch; return what became of it in words, and whether somebody deleted it."""
        reading = None
        try:
            async for reading in watch_batch(self.session, batch_id):
                self._set_wave(number, reading=reading)
                self._tell("reading")
        except NotFound:
            # Without history an engine forgets a batch that has ended; that it was there, the journal knows.
            reading = None
        if reading is None:
            return f"batch {batch_id} is gone and the engine's history does not know it", False
        return f"{reading.completed} jobs done, {reading.failed} failed", reading.phase == "deleted"

    def _told_while_reconciling(self, text: str) -> None:
        self._tell("note", text)

    def _judge(self, number: int) -> tuple[QuestionKind, str] | None:
        """What has to be asked before the next wave, if anything."""
        wave = self.state.waves[number]
        if wave.status == "unknown":
            return "unknown", f"It could not be found out whether wave {number + 1} was started."
        if wave.deleted:
            return "deleted", f"Somebody deleted the batch of wave {number + 1} before its end."
        if number == 0 and self.prepared.has_canary:
            return "canary", ""
        if wave.failed > self.prepared.options.allowed_failures:
            allowed = self.prepared.options.allowed_failures
            return "failures", f"Up to {wave.failed} instances of wave {number + 1} failed; {allowed} are allowed."
        return None

    async def _ask(self, kind: QuestionKind, sentence: str, number: int) -> bool:
        canary = None
        if kind == "canary":
            canary = await canary_report(self.session, self.prepared.waves[0], self.prepared.plan.target_definition_id)
            sentence = _canary_sentence(canary)
        answer = await self._answer_to(Question(kind, sentence, number, self.state.unsent, canary))
        words = f"{kind}: {'go on' if answer else 'stop'}"
        await asyncio.to_thread(self.session.journal.add_event, self.run_id, "answer", words)
        return answer

    async def _close(self) -> None:
        """Account for every instance and end the run in the journal."""
        self._set(phase="accounting")
        self._tell("changed")
        if self.prepared.ids:
            self._set(account=await account(self.session, self.run_id))
        outcome = self._outcome()
        status: RunStatus = "stopped" if self.state.unsent else "done"
        await asyncio.to_thread(self.session.journal.set_status, self.run_id, status)
        await asyncio.to_thread(self.session.journal.release, self.run_id)
        self._set(phase="over", outcome=outcome)
        self._tell("ended", outcome)

    def _outcome(self) -> RunOutcome:
        if not self.prepared.ids:
            return "nothing"
        if any(wave.status == "unknown" for wave in self.state.waves):
            return "unknown"
        failure = self.state.failure
        if failure is not None:
            return _outcome_of(failure)
        return "stopped" if self.state.unsent else "done"

    async def _note(self, text: str) -> None:
        await asyncio.to_thread(self.session.journal.add_event, self.run_id, "note", text)
        self._set(notes=(*self.state.notes, text))
        self._tell("note", text)

    def _new_run(self) -> NewRun:
        session, prepared = self.session, self.prepared
        return NewRun(
            kind="migration",
            who=who_acts(session),
            engine_url=session.engine.base_url,
            engine_label=session.engine_label,
            profile=session.profile.name or "",
            source_id=prepared.plan.source_definition_id,
            target_id=prepared.plan.target_definition_id,
            plan=prepared.plan.to_engine(),
            options={**prepared.options.to_json(), "asynchronous": prepared.asynchronous},
            waves=prepared.waves,
        )


def _outcome_of(failure: WaveFailure) -> RunOutcome:
    if failure.kind == "plan":
        return "plan invalid"
    return "instance refused" if failure.kind == "instance" else "failed"


def _canary_sentence(canary: CanaryReport) -> str:
    return f"The canary has gone first: {canary.sentence}"
