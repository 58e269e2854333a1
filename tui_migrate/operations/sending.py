"""Sending one wave: written down, sent once, and a refusal read into what it means for the wave."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.errors import (
    EngineError,
    EngineFault,
    EngineRefused,
    EngineUnreachable,
    InstanceRejected,
    OutcomeUnknown,
    PlanRejected,
    ReadOnly,
    UsageError,
)
from tui_migrate.operations.changing import send_change
from tui_migrate.operations.instance_report import instance_failure, named_instance
from tui_migrate.operations.reconcile import batches_there, find_batch, find_migrated, sent_batch
from tui_migrate.operations.records import WaveFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.operations.reconcile import Found
    from tui_migrate.operations.records import SentBatch, WaveStatus
    from tui_migrate.operations.session import Session


class Sent(Struct, frozen=True):
    """What became of the request of one wave."""

    status: WaveStatus
    batch: SentBatch | None = None
    failure: WaveFailure | None = None
    error: EngineError | None = None
    """The engine's refusal as it came, for those who show its report."""


async def send_wave(session: Session, prepared: PreparedRun, run_id: str, number: int) -> Sent:
    """Send one wave, once.

    Args:
        session: The engine and the journal.
        prepared: The run.
        run_id: The run in the journal.
        number: The wave, from 0.

    Returns:
        `sent` with the batch, `over` after a transaction, `refused` or `unsent` with the failure, `unknown` where the
        answer was not read.

    Raises:
        UsageError: Another process has sent this wave.
        JournalError: It could not be written down; nothing was sent.
        EngineError: The batches there could not be read; nothing was sent.
    """
    before = await batches_there(session) if prepared.asynchronous else ()
    if not await asyncio.to_thread(session.journal.begin_wave, run_id, number, before):
        raise UsageError(
            f"Wave {number + 1} of run {run_id} was sent by another process, so it is not sent again. Look at the run "
            "anew."
        )
    sent = await _send(session, prepared, run_id, number)
    await _write(session, run_id, number, sent)
    return sent


async def reconcile_wave(
    session: Session, prepared: PreparedRun, run_id: str, number: int, told: Callable[[str], None]
) -> Sent:
    """Find out what became of a wave whose answer was not read; it is not sent again.

    Returns:
        `sent` with the batch that was found, `over` if the transaction was committed, else `unknown`.

    Raises:
        EngineError: The engine can't be asked; the journal has the wave as it was.
    """
    wave = (await asyncio.to_thread(session.journal.run, run_id)).waves[number]
    ids = prepared.waves[number]
    if prepared.asynchronous:
        found = await find_batch(session, prepared, len(ids), wave.batches_before, told)
    else:
        found = await find_migrated(session, prepared, ids, told)
    sent = _sent_of(found)
    await asyncio.to_thread(session.journal.add_event, run_id, "reconciled", _words(found))
    await _write(session, run_id, number, sent)
    return sent


async def _send(session: Session, prepared: PreparedRun, run_id: str, number: int) -> Sent:
    ids = prepared.waves[number]
    skip = prepared.options.skip_custom_listeners, prepared.options.skip_io_mappings
    engine = session.engine
    subject = f"wave {number + 1} of {len(prepared.waves)}: {len(ids)} instances"
    try:
        if prepared.asynchronous:
            batch = await send_change(
                session,
                "execute as a batch",
                subject,
                lambda: engine.execute_async(
                    prepared.plan, ids, skip_custom_listeners=skip[0], skip_io_mappings=skip[1]
                ),
                run_id=run_id,
                wave=number,
            )
            return Sent("sent", batch=sent_batch(batch))
        await send_change(
            session,
            "execute",
            subject,
            lambda: engine.execute(prepared.plan, ids, skip_custom_listeners=skip[0], skip_io_mappings=skip[1]),
            run_id=run_id,
            wave=number,
        )
    except OutcomeUnknown as error:
        return Sent("unknown", error=error)
    except ReadOnly:
        await asyncio.to_thread(session.journal.set_wave, run_id, number, "unsent")
        raise
    except EngineError as error:
        failure = read_failure(error)
        return Sent("unsent" if failure.kind == "not sent" else "refused", failure=failure, error=error)
    return Sent("over")


def read_failure(error: EngineError) -> WaveFailure:
    """Return what a refusal means for the wave that was refused."""
    message = error.engine_message or str(error)
    if isinstance(error, PlanRejected):
        return WaveFailure("plan", message, report=dict(error.report))
    if isinstance(error, InstanceRejected):
        failure = instance_failure(error)
        if failure is not None:
            report = dict(error.report)
            return WaveFailure("instance", message, failure.instance_id, failure.failures, failure.activity_ids, report)
    if isinstance(error, EngineUnreachable):
        return WaveFailure("not sent", message)
    instance_id = named_instance(error.engine_message)
    if isinstance(error, EngineRefused) and instance_id is not None:
        return WaveFailure("instance", message, instance_id, (message,), ("",))
    if isinstance(error, EngineFault | InstanceRejected):
        return WaveFailure("fault", message)
    return WaveFailure("refused", message)


async def _write(session: Session, run_id: str, number: int, sent: Sent) -> None:
    # A wave that was not sent may still be: no failure is kept of it.
    failure = None if sent.status == "unsent" else sent.failure
    await asyncio.to_thread(session.journal.set_wave, run_id, number, sent.status, batch=sent.batch, failure=failure)


def _sent_of(found: Found) -> Sent:
    if found.batch is not None:
        return Sent("sent", batch=sent_batch(found.batch))
    return Sent("over" if found.kind == "migrated" else "unknown")


def _words(found: Found) -> str:
    if found.batch is not None:
        return f"The request had made batch {found.batch.id}."
    if found.kind == "migrated":
        return "The transaction had been committed."
    if found.kind == "several":
        return f"Several new batches could be the one of this request: {', '.join(found.candidates)}."
    return "There is no sign that the engine has done what was asked for."
