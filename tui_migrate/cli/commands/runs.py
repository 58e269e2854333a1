"""`tui-migrate runs`: our runs as the journal has them."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.records import RunRecord

ACTIONS = {
    "list": "list the runs of this user on this machine",
    "show": "show one with its plan, waves, requests and account as the journal has them",
    "export": "ask the engine again about each instance and print the account",
    "resume": "take an open run up: watch what was sent, ask before sending the rest",
    "return-plan": "print a plan file for the way back, and say what it can't undo",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    lines = "; ".join(f"{name}: {meaning}" for name, meaning in ACTIONS.items())
    parser.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="list", help=lines)
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run, for all actions but list")
    parser.add_argument("--open", action="store_true", dest="open_only", help="list only those that are not over")
    parser.add_argument("--failed-ids", action="store_true", help="export: print the ids that failed, one a line")
    parser.add_argument("--yes", action="store_true", help="resume: send the waves that are unsent without asking")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="resume: stop waiting after that time")
    parser.add_argument("-o", "--output", metavar="FILE", help="return-plan: write it there")
    add_format(parser, "table", "json", "jsonl", "csv", "junit")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.connect import open_journal
    from tui_migrate.errors import UsageError

    if arguments.action == "list":
        with open_journal(arguments) as journal:
            runs = journal.open_runs() if arguments.open_only else journal.runs()
        columns = ("id", "status", "started", "source", "target", "total", "counts", "profile", "who")
        output.rows("runs", columns, [_row(one) for one in runs])
        return ExitCode.DONE
    if arguments.run is None:
        raise UsageError(f"Name the run: tui-migrate runs {arguments.action} RUN; `tui-migrate runs` lists them.")
    if arguments.action == "show":
        return _show(arguments, output)
    from tui_migrate.cli.run_again import export, resume, write_return_plan

    actions = {"export": export, "resume": resume, "return-plan": write_return_plan}
    return await actions[arguments.action](arguments, output)


def _show(arguments: argparse.Namespace, output: Output) -> ExitCode:
    from tui_migrate.cli.connect import open_journal

    with open_journal(arguments) as journal:
        record = journal.run(arguments.run)
        requests = journal.requests(record.id)
        events = journal.events(record.id)
    members = {
        **_row(record),
        "plan": dict(record.plan),
        "options": dict(record.options),
        "waves": [
            {"number": one.number + 1, "size": one.size, "status": one.status, "batch": one.batch and one.batch.id}
            for one in record.waves
        ],
        "requests": [
            {"at": one.sent_at.isoformat(), "action": one.action, "subject": one.subject, "outcome": one.outcome}
            for one in requests
        ],
        "events": [{"at": one.at.isoformat(), "kind": one.kind, "text": one.text} for one in events],
    }
    lines = [f"run {record.id} ({record.status}) by {record.who}, {record.started_at.isoformat(timespec='seconds')}"]
    lines += [f"  {record.total} instances from {record.source_id}", f"  to {record.target_id}"]
    lines += [f"  on {record.engine_label} at {record.engine_url}"]
    lines += [
        f"  wave {one.number + 1}: {one.size} instances, {one.status}"
        + (f", batch {one.batch.id}" if one.batch else "")
        for one in record.waves
    ]
    lines += [f"  {number:7d}  {name}" for name, number in record.counts.items() if number]
    lines += [
        f"  {one.sent_at.isoformat(timespec='seconds')}  {one.action}: {one.outcome or 'outcome unknown'}"
        for one in requests
    ]
    output.document("run", members, lines)
    return ExitCode.DONE


def _row(record: RunRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "status": record.status,
        "runKind": record.kind,
        "started": record.started_at.isoformat(timespec="seconds"),
        "ended": record.ended_at.isoformat(timespec="seconds") if record.ended_at else None,
        "source": record.source_id,
        "target": record.target_id,
        "total": record.total,
        "counts": [f"{name} {number}" for name, number in record.counts.items() if number],
        "profile": record.profile,
        "engine": record.engine_label,
        "url": record.engine_url,
        "who": record.who,
    }
