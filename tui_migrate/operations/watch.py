"""Watching a batch: one request a tick, ticks that slow down, and phases that are told apart.

A batch is made by seed jobs (100 jobs a run), its jobs migrate, and the monitor job removes it up to 35 s after the
last one, or at once. A batch with failed jobs never ends by itself. Source: REST reference, section 7.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.errors import (
    EngineFault,
    EngineTimeout,
    EngineUnreachable,
    NotFound,
    UnexpectedReply,
)
from tui_migrate.operations.failures import (
    Cause,
    FailedJob,
    FailureGroup,
    failures,
    full_message,
    stack_trace,
)

if TYPE_CHECKING:
    from tui_migrate.engine.models import Batch, BatchStatistics, HistoricBatch, Job
    from tui_migrate.operations.session import Session

__all__ = [
    "BatchPhase",
    "BatchReading",
    "Cause",
    "FailedJob",
    "FailureGroup",
    "failures",
    "full_message",
    "stack_trace",
    "watch_batch",
]

BatchPhase = Literal["seeding", "executing", "finishing", "suspended", "stalled", "done", "deleted"]
"""`seeding`: jobs are made and none has run. `executing`: jobs run. `finishing`: all have run, the batch is still
there. `stalled`: nothing moves, and `stall` says why. `done`: all have run and it is gone. `deleted`: gone before."""

FIRST_PAUSE: Final = 1.0
"""Seconds from an answer to the next request while something changes."""
SLOWER: Final = 1.5
"""Factor for the pause after each reading that changed nothing."""
LONGEST_PAUSE: Final = 10.0
NO_JOBS_AFTER: Final = 15.0
"""Seconds without a first job after which the job executor looks as if it were off."""
NOTHING_AFTER: Final = 60.0
"""Seconds without any change after which a batch counts as stalled."""
RATE_WINDOW: Final = 30.0
"""Seconds over which the rate is taken."""

_PASSING: Final = (EngineUnreachable, EngineTimeout, EngineFault, UnexpectedReply)


class BatchReading(Struct, frozen=True):
    """What one reading of a batch said. All numbers count jobs."""

    batch_id: str
    phase: BatchPhase
    total: int
    created: int
    completed: int
    """Jobs that have gone: they ran, or somebody dropped them."""
    failed: int
    """Jobs without retries left; they are part of `remaining`."""
    remaining: int
    rate: float | None
    """Jobs a second over the last half minute; None as long as it can't be told."""
    seconds_left: float | None
    read_at: datetime
    """When the engine last answered."""
    stall: str | None = None
    """Why nothing moves; a sentence."""
    invocations_per_job: int = 1
    """Instances in one job; with more than one, one bad instance takes its neighbours with it."""
    batch_job_definition_id: str = ""
    trouble: str | None = None
    """Why the last reading failed; the numbers are then those of `read_at`."""
    note: str | None = None
    """What can't be told for certain; a sentence."""

    @property
    def only_failed_left(self) -> bool:
        """Whether nothing more will run by itself: all jobs were made, and those left have failed."""
        return self.created >= self.total and 0 < self.remaining <= self.failed

    @property
    def over(self) -> bool:
        """Whether all is done that will be done by itself."""
        return self.phase in ("finishing", "done", "deleted") or self.only_failed_left

    def age(self, now: datetime) -> float:
        """Return the seconds since the engine last answered."""
        return max(0.0, (now - self.read_at).total_seconds())


async def watch_batch(
    session: Session, batch_id: str, *, until: Literal["jobs-done", "gone"] = "jobs-done"
) -> AsyncIterator[BatchReading]:
    """Yield readings of a batch until its end; one request in flight, measured from the last answer.

    A reading that fails does not end it: the next one comes later and carries `trouble`. A screen that is left cancels
    or closes the iterator, and nothing is asked any more.

    Args:
        session: The engine.
        batch_id: The batch; one that has ended already gives one reading.
        until: `jobs-done` ends when nothing more will run by itself (failed jobs may remain); `gone` when the engine
            has removed the batch, which for one with failed jobs needs somebody to retry, drop or delete.

    Raises:
        NotFound: There is no such batch, and there is none in history.
        AuthFailed: The engine does not know the user any more; it is not tried again.
    """
    watch = _Watch(session, batch_id)
    while True:
        reading = await watch.read()
        yield reading
        if reading.phase in ("done", "deleted") or (until == "jobs-done" and reading.over and not reading.trouble):
            return
        await session.clock.sleep(watch.pause)


class _Watch:
    """What is remembered from reading to reading."""

    def __init__(self, session: Session, batch_id: str) -> None:
        self.session = session
        self.batch_id = batch_id
        self.pause = FIRST_PAUSE
        self.last: BatchReading | None = None
        self.changed_at = session.clock.monotonic()
        self.samples: deque[tuple[float, int]] = deque()
        self.stall_asked_at: float | None = None
        self.stall: str | None = None

    async def read(self) -> BatchReading:
        try:
            statistics = await self.session.engine.batch_statistics(self.batch_id)
            reading = await (self._gone() if statistics is None else self._there(statistics))
        except _PASSING as error:
            if self.last is None:
                raise
            self.pause = min(self.pause * SLOWER, LONGEST_PAUSE)
            reading = replace(self.last, trouble=str(error))
        self.last = reading
        return reading

    async def _there(self, batch: BatchStatistics) -> BatchReading:
        now = self.session.clock.monotonic()
        self._see_change(batch, now)
        reading = BatchReading(
            batch_id=batch.id,
            phase=_phase(batch),
            total=batch.total_jobs,
            created=batch.jobs_created,
            completed=batch.completed_jobs,
            failed=batch.failed_jobs,
            remaining=batch.remaining_jobs,
            rate=None,
            seconds_left=None,
            read_at=self.session.clock.now(),
            invocations_per_job=batch.invocations_per_batch_job,
            batch_job_definition_id=batch.batch_job_definition_id or "",
        )
        stall = await self._why_stalled(batch, reading, now - self.changed_at)
        if stall is not None:
            return replace(reading, stall=stall, phase="suspended" if batch.suspended else "stalled")
        rate = self._rate(now, batch.completed_jobs + batch.failed_jobs)
        left = (batch.remaining_jobs - batch.failed_jobs) / rate if rate else None
        return replace(reading, rate=rate, seconds_left=left)

    def _see_change(self, batch: BatchStatistics, now: float) -> None:
        new = (batch.jobs_created, batch.remaining_jobs, batch.failed_jobs, batch.suspended)
        last = self.last
        old = last and (last.created, last.remaining, last.failed, last.phase == "suspended")
        if old != new:
            self.changed_at = now
            self.stall = self.stall_asked_at = None
            self.pause = FIRST_PAUSE
        else:
            self.pause = min(self.pause * SLOWER, LONGEST_PAUSE)

    def _rate(self, now: float, processed: int) -> float | None:
        samples = self.samples
        if samples and processed < samples[-1][1]:  # failed jobs got new retries
            samples.clear()
        samples.append((now, processed))
        while len(samples) > 2 and now - samples[0][0] > RATE_WINDOW:
            samples.popleft()
        seconds, jobs = now - samples[0][0], processed - samples[0][1]
        return jobs / seconds if seconds > 0 and jobs > 0 else None

    async def _why_stalled(self, batch: BatchStatistics, reading: BatchReading, unchanged: float) -> str | None:
        if batch.suspended:
            return "The batch is suspended: resume it to go on."
        if reading.only_failed_left:
            return f"Only failed jobs remain ({batch.failed_jobs}): retry, drop, or cancel the batch."
        nothing_yet = batch.jobs_created == 0
        if unchanged < (NO_JOBS_AFTER if nothing_yet or batch.jobs_created < batch.total_jobs else NOTHING_AFTER):
            return None
        now = self.session.clock.monotonic()
        # One more request when it stalls, then one a minute: the seed or monitor job may have failed.
        if self.stall_asked_at is None or now - self.stall_asked_at >= NOTHING_AFTER:
            self.stall_asked_at = now
            self.stall = await self._management_failure(batch)
        if self.stall is not None:
            return self.stall
        if nothing_yet:
            return f"No job has been made for {unchanged:.0f} s: the engine's job executor seems to be off."
        if unchanged < NOTHING_AFTER:
            return None
        return f"Nothing has changed for {unchanged:.0f} s: the job executor is off or busy, or jobs wait for a retry."

    async def _management_failure(self, batch: BatchStatistics) -> str | None:
        """Ask for the failed seed or monitor job, which the engine's statistics don't count."""
        seeding = batch.jobs_created < batch.total_jobs
        definition_id = batch.seed_job_definition_id if seeding else batch.monitor_job_definition_id
        jobs = await failed_management_jobs(self.session, definition_id)
        if not jobs:
            return None
        name = "seed" if seeding else "monitor"
        message = " ".join((jobs[0].exception_message or "it gives no reason").split())
        return f"The batch's {name} job has failed: {message}. Retry it to go on (job {jobs[0].id})."

    async def _gone(self) -> BatchReading:
        """Tell a batch that ran to its end from one that somebody deleted: history shows an end for both."""
        ending = await read_ending(self.session, self.batch_id, self.last)
        if ending is None:
            raise NotFound(
                f"There is no batch '{self.batch_id}' on this engine, and none in its history. Check the id; "
                "`tui-migrate batches` lists those that are there."
            )
        return ending


def _phase(batch: BatchStatistics) -> BatchPhase:
    if batch.jobs_created >= batch.total_jobs and batch.remaining_jobs == 0:
        return "finishing"
    if batch.completed_jobs == 0 and batch.failed_jobs == 0 and batch.jobs_created < batch.total_jobs:
        return "seeding"
    return "executing"


async def failed_management_jobs(session: Session, job_definition_id: str | None) -> list[Job]:
    """Return the failed jobs of a batch's seed or monitor definition."""
    from tui_migrate.engine.queries import JobQuery

    if job_definition_id is None:
        return []
    return await session.engine.jobs(JobQuery(job_definition_id=job_definition_id, no_retries_left=True), limit=2)


async def read_ending(session: Session, batch_id: str, last: BatchReading | None) -> BatchReading | None:
    """Return how a batch ended that is gone, or None where neither history nor an earlier reading knows it.

    The engine's job log tells: as many successes as jobs, or not. Jobs that somebody dropped count as gone.
    """
    historic: HistoricBatch | None = await session.engine.historic_batch(batch_id)
    if historic is None:
        return None if last is None else _without_history(session, last)
    definition_id = historic.batch_job_definition_id or ""
    succeeded = await session.engine.count_job_log(job_definition_id=definition_id, success=True)
    ending = _ending(session, historic, succeeded)
    if succeeded >= historic.total_jobs or (last is not None and last.phase == "finishing"):
        return replace(ending, phase="done", completed=max(succeeded, last.completed if last else 0))
    if succeeded == 0 and last is not None and last.completed > 0:
        return _without_history(session, last)
    dropped = await session.engine.count_job_log(job_definition_id=definition_id, deletion=True)
    if succeeded + dropped < historic.total_jobs or last is None or last.remaining - last.failed > 0:
        return ending
    return replace(ending, phase="done", note=f"{dropped} failed jobs were dropped.")


def _ending(session: Session, batch: Batch | HistoricBatch, succeeded: int) -> BatchReading:
    return BatchReading(
        batch_id=batch.id,
        phase="deleted",
        total=batch.total_jobs,
        created=batch.total_jobs,
        completed=succeeded,
        failed=0,
        remaining=batch.total_jobs - succeeded,
        rate=None,
        seconds_left=None,
        read_at=session.clock.now(),
        invocations_per_job=batch.invocations_per_batch_job,
        batch_job_definition_id=batch.batch_job_definition_id or "",
    )


def _without_history(session: Session, last: BatchReading) -> BatchReading:
    """What can be told of a batch that is gone from what was read before."""
    gone = replace(last, phase="done", stall=None, rate=None, seconds_left=None, read_at=session.clock.now())
    if last.phase == "finishing":
        return gone
    if last.phase == "suspended" or last.only_failed_left:
        return replace(gone, phase="deleted")
    return replace(
        gone,
        note="The batch is gone, and the engine's history does not tell whether it ran to its end or was deleted: "
        "the account asks for each instance.",
    )
