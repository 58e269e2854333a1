"""`tui-migrate run PLAN`: migrate instances by a plan file, wait, and account for each of them."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format
from tui_migrate.cli.run_arguments import add_run_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run_arguments(parser)
    add_format(parser, "table", "json", "junit", "csv")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.carry_out import carry_all_out, last_look
    from tui_migrate.cli.confirm import confirm
    from tui_migrate.cli.connect import open_session
    from tui_migrate.cli.run_output import show_accounts, show_dry_run
    from tui_migrate.cli.run_preparation import prepare
    from tui_migrate.errors import UsageError

    async with open_session(arguments) as session:
        runs = await prepare(session, arguments, output)
        total = sum(len(one.ids) for one in runs)
        if arguments.expect is not None and total != arguments.expect:
            output.say(f"{total} instances are selected and {arguments.expect} were expected. Nothing was sent.")
            return ExitCode.REFUSED
        if arguments.dry_run:
            show_dry_run(runs, output)
            return ExitCode.DONE
        if total == 0:
            output.say("Nothing to migrate: no running instance is selected.")
            show_accounts([], output)
            return ExitCode.DONE
        important = await last_look(session, runs, output)
        where = f"{session.profile.name} ({session.engine.base_url})"
        pairs = "; ".join(f"{len(one.ids)} from {one.source.id} to {one.target.id}" for one in runs if one.ids)
        key = runs[0].source.key
        if important and arguments.yes:
            raise UsageError("That is not as it was selected a moment ago. Nothing was sent; start again to go on.")
        await confirm(
            f"Migrate {total} instances on {where}: {pairs}?",
            arguments,
            output,
            word=key if session.profile.confirm == "key" else "yes",
        )
        finished, code = await carry_all_out(session, runs, arguments, output)
        show_accounts(finished, output)
    return code
