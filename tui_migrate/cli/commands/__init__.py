"""One module a command: `add_arguments(parser)` and `run(arguments, output)`.

The table below is all that the top-level help needs, so that a command's module is imported only when it is used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable
    from typing import Any

    from tui_migrate.cli.exit_code import ExitCode
    from tui_migrate.cli.output import Output

COMMANDS: dict[str, tuple[str, str]] = {
    "definitions": ("definitions", "list process definitions with running instances and incidents"),
    "instances": ("instances", "list running instances of one version, with any filter"),
    "plan": ("plan", "generate a migration plan and write it to a file"),
    "check": ("check", "compare two BPMN files and judge a plan, with no engine"),
    "validate": ("validate", "ask the engine, and the local rules, whether a plan is valid"),
    "forecast": ("forecast", "compute which instances would not migrate"),
    "rehearse": ("rehearse", "ask the engine for its verdict on each instance, with nothing migrated"),
    "run": ("run", "migrate instances by a plan file and account for each of them"),
    "apply": ("run", "the same as run"),
    "watch": ("watch", "watch a migration batch to its end"),
    "batches": ("batches", "list migration batches; suspend, resume, retry or cancel one"),
    "runs": ("runs", "list our runs; show, export, resume one, or make its return plan"),
    "doctor": ("doctor", "look at terminal, configuration and engine, and say what is wrong"),
    "config": ("config", "show the configuration with origins, or validate it"),
    "completion": ("completion", "print a shell completion script"),
}
"""By command its module and its line in the help."""


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the arguments of one command to its parser."""
    _module(name).add_arguments(parser)


def runner(name: str) -> Callable[[argparse.Namespace, Output], Awaitable[ExitCode]]:
    """Return the coroutine function that runs a command."""
    run: Callable[[argparse.Namespace, Output], Awaitable[ExitCode]] = _module(name).run
    return run


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(f"{__name__}.{COMMANDS[name][0]}")
