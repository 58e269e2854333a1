"""`tui-migrate instances DEFINITION`: running instances of one version, with any filter."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.instances import InstanceRow
    from tui_migrate.operations.session import Session

_PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "definition", metavar="DEFINITION", nargs="?", help="key:version, key@tag, key (the newest) or an id"
    )
    parser.add_argument("--filter", metavar="TEXT", help="such as 'bk:EU-* activity:ask_papers started:<2026-11-01'")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many; all without it")
    parser.add_argument(
        "--ids", action="store_true", help="print the ids alone, one a line: a file for --instances-file"
    )
    parser.add_argument("--list-filters", action="store_true", help="list what can be filtered by on this engine")
    add_format(parser)


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.connect import open_session, tenant_of
    from tui_migrate.cli.selection_arguments import filter_of
    from tui_migrate.errors import UsageError
    from tui_migrate.operations.instances import InstanceList
    from tui_migrate.operations.plan import open_plan
    from tui_migrate.operations.resolve import resolve_definition

    async with open_session(arguments) as session:
        if arguments.list_filters:
            return await _list_filters(output, session)
        if arguments.definition is None:
            raise UsageError(
                "Name the definition whose instances are to be listed: key:version, key@tag, key or an id."
            )
        definition = await resolve_definition(session, arguments.definition, tenant=tenant_of(arguments, session))
        plan = await open_plan(session, definition.id, definition.id)
        listed = InstanceList(session, plan, filter_of(arguments))
        total = await listed.count()
        wanted = total if arguments.limit is None else min(total, max(0, arguments.limit))
        rows: list[InstanceRow] = []
        while len(rows) < wanted:
            read = listed.rows if arguments.ids else listed.page
            page = await read(len(rows), min(_PAGE, wanted - len(rows)))
            if not page:
                break
            rows += page
            output.progress(f"{len(rows)} of {wanted} instances read")
    output.end_progress()
    if arguments.ids:
        for row in rows:
            output.text(row.id)
    else:
        columns = ("id", "businessKey", "started", "state", "activities", "incidents")
        output.rows("instances", columns, [_row(row) for row in rows], definition=definition.id, total=total)
    if len(rows) < total:
        output.say(f"{len(rows)} of {total} instances shown.")
    return ExitCode.DONE


def _row(row: InstanceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "businessKey": row.business_key,
        "started": row.started.isoformat() if row.started else None,
        "state": "suspended" if row.suspended else "active",
        "tenant": row.tenant_id,
        "activities": [*row.activities, *(f"{one} (waiting)" for one in row.waiting)] if row.placed else None,
        "incidents": row.incidents if row.incidents_counted else None,
    }


async def _list_filters(output: Output, session: Session) -> ExitCode:
    from tui_migrate.operations.filter_completion import offers

    found = offers(await session.features(), history=await session.engine.history_available())
    rows = [
        {
            "name": one.criterion.word,
            "example": one.criterion.example,
            "meaning": one.criterion.help,
            "offered": one.reason is None,
            "reason": one.reason,
        }
        for one in found
    ]
    output.rows("filters", ("name", "example", "meaning", "offered"), rows)
    return ExitCode.DONE
