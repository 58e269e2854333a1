"""Migration batches of the engine, ours and others': list, suspend, resume, retry, drop a job, cancel safely."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.errors import EngineFault, EngineRefused, NotFound, OutcomeUnknown
from tui_migrate.operations.changing import send_change
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui_migrate.engine.models import BatchStatistics, HistoricBatch
    from tui_migrate.operations.session import Session

SETTLE_PAUSE: Final = 0.5
"""Seconds between two readings of a suspended batch: jobs that ran when it was suspended still finish."""

LISTED: Final = 50
"""The most batches of each kind, running and ended, that are listed; the newest ones."""

DELETE_TRIES: Final = 6
"""A deletion that meets a running job answers OptimisticLockingException and has done nothing."""


class BatchRow(Struct, frozen=True):
    """One migration batch. Numbers count jobs; they are None for an ended one, of which the engine keeps no counts."""

    id: str
    total: int
    created: int | None
    completed: int | None
    failed: int | None
    remaining: int | None
    suspended: bool
    invocations_per_job: int
    started_at: datetime | None
    """None for running ones of engines before 7.18 without history."""
    ended_at: datetime | None
    """None while it runs; set for a deleted one as well as for one that ran to its end."""
    user: str | None
    tenant_id: str | None
    run_id: str | None
    """Our run that sent it, where this journal has it."""

    @property
    def ended(self) -> bool:
        """Whether it is gone from the runtime."""
        return self.remaining is None


class Cancelled(Struct, frozen=True):
    """How a batch was cancelled. Nothing is rolled back: what was migrated stays so."""

    batch_id: str
    total: int
    completed: int
    """Jobs that had run when it was deleted."""
    was_gone: bool
    """Whether it ended by itself before it could be deleted."""


async def list_batches(session: Session, *, ended: bool = True, limit: int = LISTED) -> tuple[BatchRow, ...]:
    """Return migration batches, also those started elsewhere: the running ones, then the ended ones, newest first.

    Two requests at once; one more for engines before 7.24, which can't sort running batches by time: history tells when
    each was started. Running ones that history does not have come last, by id.

    Args:
        session: The engine.
        ended: Also list ended ones, from history; none where it is off or not readable.
        limit: The most of each kind.
    """
    await session.features()
    runs = await asyncio.to_thread(session.journal.runs_by_batch)
    async with round_trip() as trip:
        running = trip.create_task(_running_batches(session, limit))
        history = trip.create_task(session.engine.historic_batches(completed=True, limit=limit)) if ended else None
    rows = [_running_row(batch, started, runs.get(batch.id)) for batch, started in running.result()]
    seen = {row.id for row in rows}
    past = history.result() if history is not None else []
    return tuple(rows + [_ended_row(batch, runs.get(batch.id)) for batch in past if batch.id not in seen])


async def _running_batches(session: Session, limit: int) -> list[tuple[BatchStatistics, datetime | None]]:
    """Return the newest running batches with their start, newest first."""
    if (await session.features()).has_batch_start_time:
        batches = await session.engine.list_batch_statistics(limit=limit)
        return [(batch, batch.start_time) for batch in batches]
    async with round_trip() as trip:
        running = trip.create_task(session.engine.list_batch_statistics(limit=None))
        history = trip.create_task(session.engine.historic_batches(completed=False, limit=None))
    times = {batch.id: batch.start_time for batch in history.result()}
    dated = [(batch, batch.start_time or times.get(batch.id)) for batch in running.result()]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(dated, key=lambda one: one[1] or oldest, reverse=True)[:limit]


async def suspend(session: Session, batch_id: str) -> None:
    """Suspend a batch; jobs that run just now finish.

    Raises:
        EngineRefused: There is no such batch (any more).
    """
    await _change(session, "suspend batch", batch_id, lambda: session.engine.set_batch_suspended(batch_id, True))


async def resume(session: Session, batch_id: str) -> None:
    """Resume a suspended batch.

    Raises:
        EngineRefused: There is no such batch (any more).
    """
    await _change(session, "resume batch", batch_id, lambda: session.engine.set_batch_suspended(batch_id, False))


async def retry_failed(session: Session, batch_id: str, *, retries: int = 1) -> int:
    """Give all failed jobs of a batch new tries; return how many there were.

    They are queued: the job executor may need 3 to 15 s and more to look again. It is the same plan again, of use only
    where the instances have changed or somebody else was in the way.

    Raises:
        NotFound: There is no such batch (any more).
    """
    statistics = await session.engine.batch_statistics(batch_id)
    if statistics is None or statistics.batch_job_definition_id is None:
        raise NotFound(f"There is no batch '{batch_id}' any more, so nothing can be retried.")
    definition_id = statistics.batch_job_definition_id
    await _change(
        session,
        "retry failed jobs",
        batch_id,
        lambda: session.engine.set_job_definition_retries(definition_id, retries),
    )
    return statistics.failed_jobs


async def retry_one(session: Session, job_id: str, *, retries: int = 1, batch_id: str | None = None) -> None:
    """Give one job new tries.

    Args:
        session: The engine.
        job_id: The job.
        retries: How many tries.
        batch_id: Its batch, where it is known: the journal has the request with the run that sent it.

    Raises:
        EngineRefused: There is no such job (any more).
    """
    await _change(session, "retry job", job_id, lambda: session.engine.set_job_retries(job_id, retries), batch_id)


async def drop_job(session: Session, job_id: str, *, batch_id: str | None = None) -> None:
    """Give one job up: its instances stay where they are, and the engine counts it as completed.

    Args:
        session: The engine.
        job_id: The job.
        batch_id: Its batch, where it is known: the journal has the request with the run that sent it.

    Raises:
        NotFound: There is no such job (any more).
    """
    await _change(session, "drop job", job_id, lambda: session.engine.delete_job(job_id), batch_id)


async def cancel_safely(
    session: Session, batch_id: str, *, on_progress: Callable[[BatchStatistics], None] | None = None
) -> Cancelled:
    """Cancel a batch: suspend it, wait until its numbers stand still, delete it. Its history is kept.

    Args:
        session: The engine.
        batch_id: The batch.
        on_progress: Called with each reading while it settles.

    Raises:
        NotFound: There is no such batch.
        OutcomeUnknown: The deletion was sent, its answer was not read, and the batch is still there.
        EngineFault: Jobs were still running at the last try; the batch is suspended.
    """
    before = await session.engine.batch_statistics(batch_id)
    if before is None:
        raise NotFound(f"There is no batch '{batch_id}' any more, so there is nothing to cancel.")
    try:
        await suspend(session, batch_id)
    except EngineRefused:
        return await _after(session, before)
    for attempt in range(DELETE_TRIES):
        settled = await _settle(session, before, on_progress)
        if settled is None:
            return Cancelled(batch_id, before.total_jobs, before.total_jobs, was_gone=True)
        try:
            await _change(session, "delete batch", batch_id, lambda: session.engine.delete_batch(batch_id))
        except EngineFault as error:
            if error.engine_type != "OptimisticLockingException" or attempt == DELETE_TRIES - 1:
                raise
            continue
        except EngineRefused:
            return await _after(session, settled)
        except OutcomeUnknown:
            if await _settle(session, settled, on_progress) is not None:
                raise
        return Cancelled(batch_id, settled.total_jobs, settled.completed_jobs, was_gone=False)
    raise AssertionError("the last try returns or raises")


async def _settle(
    session: Session, before: BatchStatistics, on_progress: Callable[[BatchStatistics], None] | None
) -> BatchStatistics | None:
    """Wait until two readings are equal; None if the batch has gone meanwhile."""
    last: BatchStatistics | None = None
    while True:
        await session.clock.sleep(SETTLE_PAUSE)
        now = await session.engine.batch_statistics(before.id)
        if now is None:
            return None
        if on_progress is not None:
            on_progress(now)
        if last is not None and _numbers(now) == _numbers(last):
            return now
        last = now


async def _after(session: Session, last: BatchStatistics) -> Cancelled:
    """The engine refused since the batch is gone; if it is still there, say why it refused."""
    if await session.engine.batch_statistics(last.id) is not None:
        raise EngineRefused(f"The engine does not let batch '{last.id}' be suspended or deleted. Its log may say why.")
    return Cancelled(last.id, last.total_jobs, last.total_jobs, was_gone=True)


def _numbers(batch: BatchStatistics) -> tuple[int, int, int]:
    return batch.jobs_created, batch.remaining_jobs, batch.failed_jobs


async def _change(
    session: Session, action: str, subject: str, call: Callable[[], Awaitable[None]], batch_id: str | None = None
) -> None:
    run_id = await asyncio.to_thread(lambda: session.journal.runs_by_batch().get(batch_id or subject))
    await send_change(session, action, subject, call, run_id=run_id)


def _running_row(batch: BatchStatistics, started: datetime | None, run_id: str | None) -> BatchRow:
    return BatchRow(
        id=batch.id,
        total=batch.total_jobs,
        created=batch.jobs_created,
        completed=batch.completed_jobs,
        failed=batch.failed_jobs,
        remaining=batch.remaining_jobs,
        suspended=batch.suspended,
        invocations_per_job=batch.invocations_per_batch_job,
        started_at=started,
        ended_at=None,
        user=batch.create_user_id,
        tenant_id=batch.tenant_id,
        run_id=run_id,
    )


def _ended_row(batch: HistoricBatch, run_id: str | None) -> BatchRow:
    return BatchRow(
        id=batch.id,
        total=batch.total_jobs,
        created=None,
        completed=None,
        failed=None,
        remaining=None,
        suspended=False,
        invocations_per_job=batch.invocations_per_batch_job,
        started_at=batch.start_time,
        ended_at=batch.end_time,
        user=batch.create_user_id,
        tenant_id=batch.tenant_id,
        run_id=run_id,
    )
