"""From a run of the journal, or a batch, to what the result screen shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_migrate.tui.shown_run import ShownRun, carry_out, from_journal, of_batch

if TYPE_CHECKING:
    from tui_migrate.operations.batches import BatchRow
    from tui_migrate.operations.records import RunRecord
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.app import TuiMigrateApp


async def open_run(app: TuiMigrateApp, session: Session, record: RunRecord) -> ShownRun:
    """Return a run to show: the one that this app carries out, an open one taken up, or the kept one.

    Raises:
        UsageError: It went to another engine, or another process carries it out.
        NotFound: One of its definitions is not there any more.
    """
    here = next((run for run in app.state.runs if run.state.run_id == record.id and run.runner is not None), None)
    if here is not None and (here.going_on or record.status != "open"):
        return here
    if record.status != "open":
        return await from_journal(session, record)
    from tui_migrate.operations.run import Runner

    runner = await Runner.take_up(session, record.id)
    run = carry_out(app, runner)
    app.state.runs.append(run)
    app.quit_guards.append(run.leaving_sentence)
    return run


async def open_batch(app: TuiMigrateApp, session: Session, row: BatchRow) -> ShownRun:
    """Return a batch to show: as our run where it belongs to one, else by itself."""
    if row.run_id is None:
        return of_batch(row)
    record = await asyncio.to_thread(session.journal.run, row.run_id)
    return await open_run(app, session, record)
