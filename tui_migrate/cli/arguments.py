"""The command line's grammar, made as lazily as argparse allows: only the chosen command's arguments are built."""

from __future__ import annotations

import argparse

from tui_migrate import __version__
from tui_migrate.cli.commands import COMMANDS, add_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

DESCRIPTION = """\
Migrate running BPMN process instances from one process definition version to another on
Camunda 7 compatible engines. Without a command it opens the screens."""

EPILOG = """\
exit codes: 0 done · 1 the plan or some instances say no · 2 usage or configuration ·
3 can't reach the engine or not allowed · 4 timed out or stalled · 5 outcome unknown ·
70 a fault of tui-migrate · 129, 130, 143 ended by a signal"""


def engine_options() -> argparse.ArgumentParser:
    """Return the options that every command takes, before or after its name."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parser.add_argument_group("engine")
    group.add_argument("--url", metavar="URL", help="REST base such as https://host/engine-rest (TUI_MIGRATE_URL)")
    group.add_argument("--engine", metavar="NAME", help="name of the process engine below the REST base")
    group.add_argument("--profile", metavar="NAME", help="profile of the configuration file (TUI_MIGRATE_PROFILE)")
    group.add_argument("--config", metavar="FILE", help="configuration file in place of the user's")
    group.add_argument("--tenant", metavar="ID", help="tenant of the definitions named by key")
    group.add_argument("--read-only", action="store_true", help="refuse every request that would change the engine")
    group.add_argument("--demo", action="store_true", help="use the embedded engine with its demo processes")
    return parser


def build_parser(commands: Container[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser.

    Args:
        commands: The commands whose own arguments are built; the others are known by name only.
    """
    options = engine_options()
    parser = argparse.ArgumentParser(
        prog="tui-migrate",
        description=DESCRIPTION,
        epilog=EPILOG,
        parents=[options],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("-V", "--version", action="version", version=f"tui-migrate {__version__}")
    screens = parser.add_argument_group("screens (without a command)")
    screens.add_argument(
        "--source", metavar="DEFINITION", help="open the plan with this source: key:version, key or id"
    )
    screens.add_argument("--target", metavar="DEFINITION", help="and this target")
    screens.add_argument("--instance", metavar="ID", help="open the plan for the version of this process instance")
    screens.add_argument("--plan", dest="plan_file", metavar="FILE", help="open this plan file")
    screens.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    screens.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    screens.add_argument("--theme", metavar="NAME", help="dark, light, ansi-dark or ansi-light")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, (_, line) in COMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            help=line,
            description=line[0].upper() + line[1:] + ".",
            parents=[options],
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in commands:
            add_arguments(name, subparser)
    return parser


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the arguments; argparse itself ends the process with 2 on a usage error and 0 after help."""
    return build_parser(frozenset(argv)).parse_args(argv)
