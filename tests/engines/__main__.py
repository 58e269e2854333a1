"""`python -m tests.engines build | names | run NAME [--port N] [--demo]`."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engines import rest
from tests.engines.build import KINDS, EngineProblem, build, missing_tools
from tests.engines.launcher import RunningEngine, alive, start, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

DEMO = Path(__file__).parents[2] / "tui_migrate" / "sandbox" / "demo"
DEMO_INSTANCES = 40


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
    engine = start(name, port=port, memory="1g")
    try:
        if demo:
            _demo(engine)
        login = f"user and password {engine.user}, " if engine.user else ""
        _say(f"{name} {engine.version} runs at {engine.url} ({login}log {engine.log}). Ctrl+C stops it.")
        wait_until(lambda: engine.pid is None or not alive(engine.pid), float("inf"), "the engine ends")
        raise EngineProblem(f"{name} has ended by itself; its log is {engine.log}.")
    except KeyboardInterrupt:
        _say("")
    finally:
        engine.stop()


def _demo(engine: RunningEngine) -> None:
    """Deploys each version of the demo's processes in its order, and starts instances of each."""
    for file in sorted(DEMO.glob("*.bpmn")):
        for definition_id in rest.deploy(engine.url, {file.name: file.read_text("utf-8")}, user=engine.user):
            rest.start_instances(engine.url, definition_id, DEMO_INSTANCES, business_key_prefix=f"{file.stem}-")
            _say(f"  {definition_id}: {DEMO_INSTANCES} instances")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
