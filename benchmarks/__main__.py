"""`python -m benchmarks [NAME …]`: each figure beside its goal."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from benchmarks.figures import BenchmarkError, Report
from tests.terminal import ProbeError

BENCHMARKS = {
    "start": "from the command to the first frame, to rows, to the end",
    "plan": "keys, bytes and idling on the plan screen",
    "opening": "from the command to a plan; how many requests it takes",
    "rules": "reading models, generating and validating plans",
    "instances": "a hundred thousand instances",
    "client": "what the engine client adds to a request",
    "polling": "requests that watching a batch costs",
    "live": "against a live engine: verdicts, rehearsal, freezing",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; without one, all")
    parser.add_argument("--list", action="store_true", help="tell which there are")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end, and nothing else")
    parser.add_argument(
        "--table",
        action="store_true",
        help="print a table in Markdown at the end; lines go to stderr as they come",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a figure misses its goal")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; --list tells which there are")
    if arguments.list:
        for name, line in BENCHMARKS.items():
            print(f"{name:<12}{line}")
        return 0
    report = Report(quiet=arguments.json, progress=sys.stderr if arguments.table else None)
    failed = [name for name in arguments.names or BENCHMARKS if not _ran(name, report)]
    if arguments.json:
        print(report.json())
    elif arguments.table:
        print(report.table())
    for figure in report.missed:
        print(f"MISSED: {figure.line()}", file=sys.stderr)
    return 1 if failed or (arguments.strict and report.missed) else 0


def _ran(name: str, report: Report) -> bool:
    """Run one benchmark; one that can't be run does not take the others with it."""
    if not report.quiet:
        print(f"\n{name}: {BENCHMARKS[name]}", file=report.progress, flush=True)
    begun = time.monotonic()
    try:
        importlib.import_module(f"benchmarks.{name}").measure(report)
    except (BenchmarkError, ProbeError) as error:
        print(f"{name}: FAILED TO RUN: {error}", file=sys.stderr, flush=True)
        return False
    if not report.quiet:
        print(f"{name} took {time.monotonic() - begun:.0f} s", file=report.progress, flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
