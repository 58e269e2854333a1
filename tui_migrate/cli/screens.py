"""Opening the screens, and saying plainly where they can't be."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from tui_migrate.errors import UsageError

if TYPE_CHECKING:
    import argparse


def open_screens(arguments: argparse.Namespace) -> int:
    """Open the Textual app and return its exit code.

    Raises:
        UsageError: There is no terminal that could show it.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the screens need a terminal, and there is none here. Use a command such as `tui-migrate definitions`;"
            " `tui-migrate --help` lists them."
        )
    if os.environ.get("TERM", "") == "dumb":
        raise UsageError(
            "the screens can't be drawn on TERM=dumb. Set TERM to what the terminal is (often xterm-256color), or use a"
            " command such as `tui-migrate definitions`."
        )
    # Imports make many objects and no garbage: looking for it takes a fifth of the start. On again once connected.
    gc.disable()
    from tui_migrate.cli.connect import app_options
    from tui_migrate.tui.app import run_app

    return run_app(app_options(arguments))
