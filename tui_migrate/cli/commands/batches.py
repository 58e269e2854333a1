"""`tui-migrate batches`: migration batches of the engine, and what can be done with one."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.batches import BatchRow
    from tui_migrate.operations.session import Session

ACTIONS = {
    "list": "list running and ended batches",
    "suspend": "suspend a batch; jobs that run just now finish",
    "resume": "resume a suspended batch",
    "retry": "give all its failed jobs, or the one named by --job, a new try",
    "drop": "give up the failed job named by --job; its instances stay where they are",
    "cancel": "suspend a batch, wait until it stands still, delete it; what was migrated stays migrated",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    lines = "; ".join(f"{name}: {meaning}" for name, meaning in ACTIONS.items())
    parser.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="list", help=lines)
    parser.add_argument("batch", nargs="?", metavar="BATCH", help="id of the batch, for all actions but list")
    parser.add_argument("--job", metavar="ID", help="one job of the batch, for retry and drop")
    parser.add_argument("--running", action="store_true", help="list running ones only")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    add_format(parser)


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.confirm import confirm
    from tui_migrate.cli.connect import open_session
    from tui_migrate.errors import UsageError
    from tui_migrate.operations.batches import list_batches

    if arguments.action != "list" and arguments.batch is None:
        raise UsageError(f"Name the batch: tui-migrate batches {arguments.action} BATCH.")
    if arguments.action == "drop" and arguments.job is None:
        raise UsageError("Name the job to drop by --job; `tui-migrate watch BATCH --format json` lists failed ones.")
    async with open_session(arguments) as session:
        if arguments.action == "list":
            rows = await list_batches(session, ended=not arguments.running)
            columns = ("id", "state", "totalJobs", "completedJobs", "failedJobs", "started", "ended", "user", "run")
            output.rows("batches", columns, [_row(row) for row in rows])
            return ExitCode.DONE
        await confirm(
            f"{arguments.action.capitalize()} batch {arguments.batch} on {session.engine.base_url}?", arguments, output
        )
        output.say(await _act(session, arguments))
    return ExitCode.DONE


async def _act(session: Session, arguments: argparse.Namespace) -> str:
    from tui_migrate.operations import batches

    batch: str = arguments.batch
    if arguments.action == "suspend":
        await batches.suspend(session, batch)
        return f"Batch {batch} is suspended; jobs that run just now finish."
    if arguments.action == "resume":
        await batches.resume(session, batch)
        return f"Batch {batch} goes on."
    if arguments.action == "drop":
        await batches.drop_job(session, arguments.job)
        return f"Job {arguments.job} is dropped; its instances stay where they are."
    if arguments.action == "retry":
        if arguments.job is not None:
            await batches.retry_one(session, arguments.job)
            return f"Job {arguments.job} is queued again; the job executor may take a while to look."
        number = await batches.retry_failed(session, batch)
        return f"{number} failed jobs are queued again; the job executor may take a while to look."
    cancelled = await batches.cancel_safely(session, batch)
    if cancelled.was_gone:
        return f"Batch {batch} had ended before it could be cancelled."
    return f"Batch {batch} is deleted after {cancelled.completed} of {cancelled.total} jobs; nothing is rolled back."


def _row(row: BatchRow) -> dict[str, Any]:
    state = "ended" if row.ended else "suspended" if row.suspended else "running"
    return {
        "id": row.id,
        "state": state,
        "totalJobs": row.total,
        "jobsCreated": row.created,
        "completedJobs": row.completed,
        "failedJobs": row.failed,
        "remainingJobs": row.remaining,
        "invocationsPerJob": row.invocations_per_job,
        "started": row.started_at.isoformat() if row.started_at else None,
        "ended": row.ended_at.isoformat() if row.ended_at else None,
        "user": row.user,
        "tenant": row.tenant_id,
        "run": row.run_id,
    }
