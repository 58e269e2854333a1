"""`tui-migrate forecast PLAN`: which instances would not migrate, computed here from what the engine shows."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format
from tui_migrate.cli.plan_arguments import add_plan_arguments, bind
from tui_migrate.cli.selection_arguments import add_selection_arguments, freeze_selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_plan_arguments(parser)
    add_selection_arguments(parser)
    add_format(parser, "table", "json", "jsonl", "junit")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.check_output import show_check
    from tui_migrate.cli.connect import open_session
    from tui_migrate.operations.check import check_selection

    async with open_session(arguments) as session:
        bound = await bind(session, arguments, output)
        frozen = await freeze_selection(session, bound.open_plan.source.id, arguments, output)
        summary = await check_selection(
            session,
            bound.open_plan,
            frozen.ids,
            on_progress=lambda number: output.progress(f"{number} of {len(frozen.ids)} instances looked at"),
        )
    show_check("forecast", bound.open_plan, summary, output)
    valid = bound.open_plan.draft.report.valid
    if not valid:
        output.say("The plan itself is invalid, so no instance would migrate: see `tui-migrate validate`.")
    return ExitCode.REFUSED if summary.fails or not valid else ExitCode.DONE
