"""`python -m tests.engines build | names | run NAME [--port N] [--demo]`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from typing import TYPE_CHECKING

from tests.engines import rest
from tests.engines.build import KINDS, EngineProblem, build, missing_tools
from tests.engines.demo import play
from tests.engines.launcher import alive, log_end, started
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.command == "names":
            _say("\n".join(KINDS))
        elif options.command == "build":
            _build()
        else:
            _run(options.name, options.port, demo=options.demo)
    except (EngineProblem, rest.RestError, TimeoutError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:  # while the engine was starting, and has been stopped
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.engines", description="Real engines to test on.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("names", help="the engines that there are")
    commands.add_parser("build", help="build them all, if they are out of date")
    run = commands.add_parser("run", help="start one and keep it until Ctrl+C")
    run.add_argument("name", choices=list(KINDS))
    run.add_argument("--port", type=int, help="default: one that is free")
    run.add_argument("--demo", action="store_true", help="with the demo processes and instances of them")
    return parser


def _build() -> None:
    problem = missing_tools()
    if problem is not None:
        raise EngineProblem(f"The test engines can't be built: {problem}.")
    build()


def _run(name: str, port: int | None, *, demo: bool) -> None:
    """Keeps an engine until Ctrl+C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _say(f"Starting {name} …")
    with started(name, port=port, memory="1g") as engine, contextlib.suppress(KeyboardInterrupt):
        if demo:
            for definition_id, count in play(engine):
                _say(f"  {definition_id}: {count} instances")
        login = f"user and password {engine.user}, " if engine.user else ""
        _say(f"{name} {engine.version} runs at {engine.url} ({login}process {engine.pid}). Ctrl+C stops it.")
        wait_until(lambda: engine.pid is None or not alive(engine.pid), "the engine ends", float("inf"))
        raise EngineProblem(f"{name} has ended by itself:\n{log_end(engine.log)}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
