"""`tui-migrate`, also as `python -m tui_migrate`."""

from __future__ import annotations

import sys

from tui_migrate import __version__


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    # Building a parser takes longer than starting Python. These two answers are known beforehand: a test holds the
    # help text against the parser's own.
    if arguments in (["--version"], ["-V"]):
        sys.stdout.write(f"tui-migrate {__version__}\n")
    elif arguments in (["--help"], ["-h"]):
        sys.stdout.write(_help())
    else:
        from tui_migrate.cli.entry import run

        sys.exit(run(arguments))


def _help() -> str:
    if __spec__ is not None and __spec__.loader is not None and hasattr(__spec__.loader, "get_data"):
        folder = __file__.rpartition("__main__")[0]
        data: bytes = __spec__.loader.get_data(f"{folder}cli/help.txt")
        return data.decode("utf-8")
    from tui_migrate.cli.arguments import build_parser

    return build_parser(()).format_help()


if __name__ == "__main__":
    main()
