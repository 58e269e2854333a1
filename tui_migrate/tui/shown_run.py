"""The run or batch that the result screen shows: one that goes on in this app, one of the journal, or somebody else's.

A run that is being carried out belongs to the app: screens come and go, it goes on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from textual.message import Message

from tui_migrate.errors import TuiMigrateError
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import App
    from textual.message_pump import MessagePump

    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.migration.plan import MigrationPlan
    from tui_migrate.operations.account import Account
    from tui_migrate.operations.batches import BatchRow
    from tui_migrate.operations.failures import FailureGroup
    from tui_migrate.operations.records import RunRecord
    from tui_migrate.operations.run import PreparedRun, Runner, RunState
    from tui_migrate.operations.session import Session
    from tui_migrate.operations.watch import BatchReading


PATIENCE: Final = 10.0
"""Seconds that quitting waits for the answer to a request that is on its way; later the next start finds it out."""


class RunTold(Message):
    """Something happened in a run.

    Args:
        run: The run, with its new state.
    """

    def __init__(self, run: ShownRun) -> None:
        self.run = run
        super().__init__()


class ShownRun(Struct, eq=False):
    """What the result screen knows. Mutable; it survives the screen."""

    state: RunState
    total: int
    """Instances of the run; jobs of somebody else's batch."""
    source_id: str = ""
    target_id: str = ""
    plan: MigrationPlan | None = None
    source: ProcessDefinition | None = None
    target: ProcessDefinition | None = None
    runner: Runner | None = None
    """Carries it out in this app; None for one of the journal and for somebody else's batch."""
    row: BatchRow | None = None
    """Somebody else's batch."""
    started: str = ""
    annotation: str = ""
    groups: dict[str, tuple[FailureGroup, ...]] = field(default_factory=dict)
    """The failed jobs by cause, by batch."""
    asked: dict[str, int] = field(default_factory=dict)
    """Number of failed jobs of each batch when they were last read: they are read again when it has changed."""
    readings: dict[str, BatchReading] = field(default_factory=dict)
    """Readings of this app's screens, taken after the run was over; they are newer than the run's own."""
    late_account: Account | None = None
    """An account that was taken after the run was over, such as after a retry."""
    back: str = "instances"
    """Name of the screen that it was opened from."""
    trouble: str | None = None
    """Why it could not even begin."""
    watcher: MessagePump | None = None
    """The screen that shows it now; it is told what happens."""

    @property
    def own(self) -> bool:
        """Whether it is a run of this journal, so that there is an account."""
        return self.row is None

    @property
    def account(self) -> Account | None:
        """The last account."""
        return self.late_account or self.state.account

    @property
    def going_on(self) -> bool:
        """Whether this app carries it out just now."""
        return self.runner is not None and not self.state.ended and self.trouble is None

    def reading_of(self, number: int) -> BatchReading | None:
        """Return the newest reading of a wave's batch."""
        wave = self.state.waves[number]
        if wave.batch is None:
            return wave.reading
        return self.readings.get(wave.batch.id) or wave.reading

    def last_reading(self, batch_id: str) -> BatchReading | None:
        """Return the newest reading of a batch."""
        waves = (wave for wave in self.state.waves if wave.batch is not None and wave.batch.id == batch_id)
        return next((self.reading_of(wave.number) for wave in waves), None)

    @property
    def completed(self) -> int:
        """Number of jobs that have run or were dropped, as last read."""
        readings = (self.reading_of(wave.number) for wave in self.state.waves)
        return sum(reading.completed for reading in readings if reading is not None)

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The batches that were sent."""
        return tuple(wave.batch.id for wave in self.state.waves if wave.batch is not None)

    def batch_at_hand(self) -> tuple[str, BatchReading | None] | None:
        """Return the batch that actions are about: the one that goes on, else one with failed jobs, else the last."""
        candidates: list[tuple[int, int, str, BatchReading | None]] = []
        for wave in self.state.waves:
            if wave.batch is None:
                continue
            reading = self.reading_of(wave.number)
            gone = reading is not None and reading.phase in ("done", "deleted")
            busy = wave.status != "over" if reading is None else not reading.over
            failed = reading is not None and reading.failed > 0
            rank = 0 if gone else 3 if busy else 2 if failed else 1
            candidates.append((rank, wave.number, wave.batch.id, reading))
        if not candidates:
            return None
        _, _, batch_id, reading = max(candidates, key=lambda one: one[:2])
        return batch_id, reading

    def tell(self) -> None:
        """Let the screen that shows it draw it anew."""
        if self.watcher is not None:
            self.watcher.post_message(RunTold(self))

    def leaving_sentence(self) -> str | None:
        """Return what quitting would leave behind, or None where nothing goes on."""
        if not self.going_on or self.runner is None:
            return None
        if self.state.phase == "sending":
            return (
                "A migration is being sent just now. Quitting does not stop it; the run is in the journal, and the "
                "next start finds out what became of it."
            )
        return self.runner.leaving().sentence or "The run is in the journal and can be taken up."


def begin(app: App[None], session: Session, prepared: PreparedRun) -> ShownRun:
    """Begin a run; the app carries it out from now on, whatever screen is shown."""
    from tui_migrate.operations.run import Runner

    return carry_out(app, Runner(session, prepared))


def shown_of(runner: Runner) -> ShownRun:
    """Return a run as it is shown before it has begun."""
    prepared = runner.prepared
    return ShownRun(
        state=runner.state,
        total=len(prepared.ids),
        source_id=prepared.plan.source_definition_id,
        target_id=prepared.plan.target_definition_id,
        plan=prepared.plan,
        source=prepared.source,
        target=prepared.target,
        runner=runner,
        started=runner.session.clock.now().astimezone().strftime("%m-%d %H:%M"),
        annotation=prepared.options.annotation or "",
    )


async def follow(run: ShownRun, runner: Runner, told: Callable[[], None]) -> None:
    """Start a run and tell what happens in it until nothing more comes.

    Args:
        run: Takes each new state.
        runner: Carries it out.
        told: Called after each.
    """
    try:
        await runner.start()
        async for event in runner.events():
            run.state = event.state
            told()
    except TuiMigrateError as error:
        run.trouble = str(error)
        told()
    except asyncio.CancelledError:
        runner.stop_waiting()
        raise


def carry_out(app: App[None], runner: Runner) -> ShownRun:
    """Carry a run out in a worker of the app."""
    run = shown_of(runner)
    start(app, f"run {id(run)}", lambda: follow(run, runner, run.tell), lambda _: None, exclusive=False)
    return run


async def leave(runs: Sequence[ShownRun]) -> None:
    """Wait no more for any run; a request that is on its way gets some seconds to be answered and written down."""
    waiting = []
    for run in runs:
        runner = run.runner
        if runner is not None and runner.state.phase != "ready" and not runner.state.ended:
            runner.stop_waiting()
            waiting.append(asyncio.create_task(runner.wait()))
    if waiting:
        _, unanswered = await asyncio.wait(waiting, timeout=PATIENCE)
        for task in unanswered:
            task.cancel()


async def from_journal(session: Session, record: RunRecord) -> ShownRun:
    """Return a run of the journal as it was left; the account is the one that was kept."""
    from tui_migrate.operations.account import kept_account
    from tui_migrate.operations.prepared_run import plan_of
    from tui_migrate.operations.run_state import RunState, WaveState

    waves = tuple(
        WaveState(wave.number, wave.size, wave.status, wave.batch, None, wave.failure, wave.deleted)
        for wave in record.waves
    )
    kept = await asyncio.to_thread(kept_account, session, record)
    state = RunState(record.id, "over", waves, wave=max(len(waves) - 1, 0), account=kept)
    return ShownRun(
        state=_with_outcome(state, record),
        total=record.total,
        source_id=record.source_id,
        target_id=record.target_id,
        plan=plan_of(record.plan),
        source=session.known_definition(record.source_id),
        target=session.known_definition(record.target_id),
        started=record.started_at.astimezone().strftime("%m-%d %H:%M"),
        annotation=str(record.options.get("annotation") or ""),
    )


def _with_outcome(state: RunState, record: RunRecord) -> RunState:
    from msgspec.structs import replace

    from tui_migrate.operations.run_state import RunOutcome

    outcome: RunOutcome = "stopped" if state.unsent else "done"
    failure = state.failure
    if not record.total:
        outcome = "nothing"
    elif any(wave.status == "unknown" for wave in state.waves):
        outcome = "unknown"
    elif failure is not None:
        words: dict[str, RunOutcome] = {"plan": "plan invalid", "instance": "instance refused"}
        outcome = words.get(failure.kind, "failed")
    return replace(state, outcome=outcome)


def of_batch(row: BatchRow, reading: BatchReading | None = None) -> ShownRun:
    """Return somebody else's batch as something to watch: one wave, of which only jobs are known."""
    from tui_migrate.operations.records import SentBatch
    from tui_migrate.operations.run_state import RunState, WaveState

    batch = SentBatch(row.id, row.total, row.invocations_per_job, "", "", "")
    wave = WaveState(0, row.total * row.invocations_per_job, "sent", batch, reading)
    started = row.started_at.astimezone().strftime("%m-%d %H:%M") if row.started_at else ""
    return ShownRun(state=RunState("", "over", (wave,)), total=row.total, row=row, started=started)
