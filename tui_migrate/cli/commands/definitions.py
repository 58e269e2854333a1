"""`tui-migrate definitions`: what runs on the engine, by key and version."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("search", nargs="*", metavar="WORD", help="only those with all words in key, name, tag or id")
    parser.add_argument("--running", action="store_true", help="only versions with running instances")
    add_format(parser)


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.connect import open_session, tenant_of
    from tui_migrate.operations.overview import load_overview

    async with open_session(arguments) as session:
        overview = await load_overview(session)
        tenant = tenant_of(arguments, session)
    rows = [
        row
        for row in overview.search(" ".join(arguments.search))
        if (row.instances or not arguments.running) and tenant in (None, row.definition.tenant_id)
    ]
    if not rows:
        output.say("no process definition found; without the right to read them the engine lists none")
    output.rows(
        "definitions",
        ("key", "version", "versionTag", "tenant", "name", "instances", "incidents", "id"),
        [
            {
                "id": row.definition.id,
                "key": row.definition.key,
                "version": row.definition.version,
                "versionTag": row.definition.version_tag,
                "tenant": row.definition.tenant_id,
                "name": row.definition.name,
                "suspended": row.definition.suspended,
                "instances": row.instances,
                "failedJobs": row.failed_jobs,
                "incidents": row.incidents,
            }
            for row in rows
        ],
    )
    return ExitCode.DONE
