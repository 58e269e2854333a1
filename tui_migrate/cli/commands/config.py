"""`tui-migrate config`: what would be used, with the origin of each value; or whether a file is good."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("action", choices=("show", "validate", "path"), help="what to do")
    add_format(parser)


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    import os
    from pathlib import Path

    from tui_migrate.cli.connect import profile_of
    from tui_migrate.config.load import load_config
    from tui_migrate.config.paths import config_file

    if arguments.action == "show":
        rows = [
            {"name": one.name, "value": one.value, "origin": one.origin} for one in profile_of(arguments).settings()
        ]
        output.rows("settings", ("name", "value", "origin"), rows)
        return ExitCode.DONE
    named = getattr(arguments, "config", None)
    if arguments.action == "path":
        output.text(named or os.environ.get("TUI_MIGRATE_CONFIG") or str(config_file()))
        return ExitCode.DONE
    config = load_config(Path(named) if named else None, os.environ)
    if config.path is None:
        output.say(f"There is no configuration file; {config_file()} would be read.")
    rows = [{"profile": name} for name in config.profile_names]
    output.rows("profiles", ("profile",), rows, file=str(config.path) if config.path else None)
    return ExitCode.DONE
