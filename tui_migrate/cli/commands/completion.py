"""`tui-migrate completion SHELL`: a completion script for the shell."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete for")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    import shtab

    from tui_migrate.cli.arguments import build_parser

    output.text(shtab.complete(build_parser(), shell=arguments.shell))
    return ExitCode.DONE
