"""`tui-migrate watch BATCH`: watch a migration batch, ours or another's, until nothing more will run by itself."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.watch import BatchReading, FailureGroup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("batch", metavar="BATCH", help="id of the batch")
    parser.add_argument("--until", choices=("jobs-done", "gone"), default="jobs-done", help="when to stop watching")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="stop after that time with exit code 4")
    add_format(parser, "table", "json", "jsonl")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    import asyncio

    from tui_migrate.cli.connect import open_session
    from tui_migrate.operations.watch import failures, watch_batch

    last: BatchReading | None = None
    timed_out = False
    groups: Sequence[FailureGroup] = ()
    async with open_session(arguments) as session:
        try:
            async with asyncio.timeout(arguments.timeout):
                async for reading in watch_batch(session, arguments.batch, until=arguments.until):
                    last = reading
                    output.progress(_sentence(reading))
                    if arguments.format == "jsonl":
                        output.rows("readings", (), [_members(reading)])
                    if reading.stall and reading.phase in ("stalled", "suspended"):
                        break
        except TimeoutError:
            timed_out = True
            output.say(f"Stopped watching after {arguments.timeout:g} s; the batch goes on in the engine.")
        if last is not None and last.failed:
            groups = await failures(session, last)
    if last is None:
        return ExitCode.TIMED_OUT
    if arguments.format != "jsonl":
        output.document("batch", {**_members(last), "failures": _failures(groups)}, _lines(last, groups))
    return ExitCode.TIMED_OUT if timed_out else _code(last)


def _code(reading: BatchReading) -> ExitCode:
    if reading.failed or reading.phase == "deleted":
        return ExitCode.REFUSED
    return ExitCode.TIMED_OUT if reading.phase in ("stalled", "suspended") else ExitCode.DONE


def _sentence(reading: BatchReading) -> str:
    rate = f", {reading.rate:.0f}/s" if reading.rate else ""
    trouble = f" ({reading.trouble})" if reading.trouble else ""
    failed = f", {reading.failed} failed" if reading.failed else ""
    return f"{reading.phase}: {reading.completed} of {reading.total} jobs done{failed}{rate}{trouble}"


def _members(reading: BatchReading) -> dict[str, Any]:
    return {
        "id": reading.batch_id,
        "phase": reading.phase,
        "totalJobs": reading.total,
        "jobsCreated": reading.created,
        "completedJobs": reading.completed,
        "failedJobs": reading.failed,
        "remainingJobs": reading.remaining,
        "stall": reading.stall,
        "note": reading.note,
        "readAt": reading.read_at.isoformat(),
    }


def _failures(groups: Sequence[FailureGroup]) -> list[dict[str, Any]]:
    return [
        {"cause": group.cause.text, "instances": list(group.instance_ids), "jobs": [job.job_id for job in group.jobs]}
        for group in groups
    ]


def _lines(reading: BatchReading, groups: Sequence[FailureGroup]) -> Iterable[str]:
    yield f"batch {reading.batch_id}: {_sentence(reading)}"
    for sentence in (reading.stall, reading.note):
        if sentence:
            yield f"  {sentence}"
    for group in groups:
        few = ", ".join(group.instance_ids[:3]) + (" …" if len(group.instance_ids) > 3 else "")
        yield f"  {len(group.jobs):6d}  {group.cause.text} ({few or 'the engine names no instance'})"
