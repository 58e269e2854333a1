"""Finding out what became of a request whose answer was not read, by asking the engine; it is never sent again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from tui_migrate.errors import EngineTimeout, EngineUnreachable, Forbidden, NotFound
from tui_migrate.operations.locate import locate

if TYPE_CHECKING:
    from tui_migrate.engine.models import Batch, HistoricBatch
    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.operations.records import SentBatch
    from tui_migrate.operations.session import Session

PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
"""Seconds between looks for a batch: making one takes the engine less than a second once it has the request."""

SYNCHRONOUS_PAUSES: Final = (*PAUSES, 30.0, 30.0, 60.0, 60.0, 60.0)
"""The same for one transaction, which for 5,000 instances takes 20 s and more, and goes on after a time-out."""

_LATEST: Final = 50


class Found(Struct, frozen=True):
    """What was found out."""

    kind: Literal["batch", "migrated", "nothing", "several"]
    """`batch`: the request made it. `migrated`: the transaction was committed. `nothing`: no sign of it up to now.
    `several`: there are several new batches that it could have made."""
    batch: Batch | HistoricBatch | None = None
    candidates: tuple[str, ...] = ()


async def batches_there(session: Session) -> tuple[str, ...]:
    """Return the ids of the migration batches there, ended ones of late included, to be written down before sending."""
    there = [batch.id for batch in await session.engine.list_batch_statistics(limit=None)]
    return tuple(dict.fromkeys(there + [batch.id for batch in await _history(session)]))


async def find_batch(
    session: Session,
    prepared: PreparedRun,
    size: int,
    before: Sequence[str],
    told: Callable[[str], None],
) -> Found:
    """Look for the batch that a request has made: one that was not there before and is of the right size.

    Args:
        session: The engine.
        prepared: The run.
        size: Number of instances that were sent.
        before: What `batches_there` gave before.
        told: Gets a sentence at each look that found nothing.

    Raises:
        EngineError: The engine can't be asked.
    """
    known = frozenset(before)
    for pause in (*PAUSES, None):
        try:
            found = [batch for batch in await _new_batches(session, known) if _fits(batch, prepared, size, session)]
            if len(found) == 1:
                return Found("batch", found[0])
            if found:
                return Found("several", candidates=tuple(batch.id for batch in found))
            told("No new batch is there yet.")
        except (EngineUnreachable, EngineTimeout) as error:
            if pause is None:
                raise
            told(str(error))
        if pause is not None:
            await session.clock.sleep(pause)
    return Found("nothing")


async def find_migrated(
    session: Session, prepared: PreparedRun, ids: Sequence[str], told: Callable[[str], None]
) -> Found:
    """Look whether a transaction was committed: any of its instances on the target tells it of all.

    Args:
        session: The engine.
        prepared: The run.
        ids: The instances that were sent.
        told: Gets a sentence at each look that found nothing.

    Raises:
        EngineError: The engine can't be asked.
    """
    source_id, target_id = prepared.plan.source_definition_id, prepared.plan.target_definition_id
    if source_id == target_id:
        return Found("nothing")
    for pause in (*SYNCHRONOUS_PAUSES, None):
        try:
            where = await locate(session, ids)
            if any(where.definition_of(one) == target_id for one in ids):
                return Found("migrated")
            told("All instances are on the source; the engine may still be working.")
        except (EngineUnreachable, EngineTimeout) as error:
            if pause is None:
                raise
            told(str(error))
        if pause is not None:
            await session.clock.sleep(pause)
    return Found("nothing")


def sent_batch(batch: Batch | HistoricBatch) -> SentBatch:
    """Return what the journal keeps of a batch."""
    from tui_migrate.operations.records import SentBatch

    return SentBatch(
        id=batch.id,
        total_jobs=batch.total_jobs,
        invocations_per_batch_job=batch.invocations_per_batch_job,
        seed_job_definition_id=batch.seed_job_definition_id or "",
        monitor_job_definition_id=batch.monitor_job_definition_id or "",
        batch_job_definition_id=batch.batch_job_definition_id or "",
    )


async def _new_batches(session: Session, known: frozenset[str]) -> list[Batch | HistoricBatch]:
    new: dict[str, Batch | HistoricBatch] = {}
    for batch in await session.engine.list_batch_statistics(limit=None):
        if batch.id not in known:
            new[batch.id] = batch
    # A batch may have run to its end before the first look. Newest first: what stands below a known one is older.
    for past in await _history(session):
        if past.id in known:
            break
        new.setdefault(past.id, past)
    return list(new.values())


async def _history(session: Session) -> list[HistoricBatch]:
    try:
        return await session.engine.historic_batches(limit=_LATEST)
    except (Forbidden, NotFound):
        return []


def _fits(batch: Batch | HistoricBatch, prepared: PreparedRun, size: int, session: Session) -> bool:
    from tui_migrate.engine.settings import Basic

    authentication = session.engine.settings.authentication
    if isinstance(authentication, Basic) and batch.create_user_id not in (None, authentication.user):
        return False
    if batch.tenant_id != prepared.source.tenant_id:
        return False
    return batch.total_jobs == math.ceil(size / max(batch.invocations_per_batch_job, 1))
