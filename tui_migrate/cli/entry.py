"""The outermost frame: parse, run the command or the screens, turn every outcome into an exit code."""

from __future__ import annotations

import sys

from tui_migrate.cli.arguments import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


def run(argv: list[str]) -> int:
    """Run `tui-migrate` with these arguments and return its exit code.

    Args:
        argv: The arguments without the program's name.
    """
    arguments = parse(argv)

    from tui_migrate.cli.exit_code import ExitCode, exit_code_of
    from tui_migrate.cli.output import Output
    from tui_migrate.errors import TuiMigrateError

    output = Output(getattr(arguments, "format", "table"))
    try:
        if arguments.command is None:
            from tui_migrate.cli.screens import open_screens

            return open_screens(arguments)
        return _run_command(arguments, output)
    except TuiMigrateError as error:
        output.say(f"tui-migrate: {error}")
        return exit_code_of(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our stdout went away (head, less): no news for anybody. Python would complain at exit.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        return _fault(error, output)


def _run_command(arguments: argparse.Namespace, output: Output) -> int:
    import asyncio

    return asyncio.run(_with_signals(arguments, output))


async def _with_signals(arguments: argparse.Namespace, output: Output) -> int:
    """Run the command as a task that SIGTERM, SIGHUP and SIGINT cancel, so that the journal is closed properly."""
    import asyncio
    import signal

    from tui_migrate.cli.commands import runner

    task = asyncio.ensure_future(runner(arguments.command)(arguments, output))
    received: list[int] = []
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        received.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not received:
            raise
        output.say("tui-migrate: interrupted. What was sent goes on in the engine; `tui-migrate runs` lists it.")
        return 128 + received[0]


def _fault(error: Exception, output: Output) -> int:
    """Write the traceback to the log file, and one sentence to the user."""
    from tui_migrate.cli.exit_code import ExitCode
    from tui_migrate.cli.fault import write_fault

    where = write_fault(error)
    output.say(
        f"tui-migrate: a fault of tui-migrate itself ({type(error).__name__}). Details: {where}; please report it."
    )
    return ExitCode.FAULT
