"""Starting and leaving, against a bare Textual app with a `Tree` and against Python itself."""

from __future__ import annotations

import os
import re
import subprocess

from benchmarks.bare import FIRST
from benchmarks.figures import BenchmarkError, Report, paired
from benchmarks.installed import environment, installed
from benchmarks.terminals import PATIENCE, bare_app, bare_ready, ours

ROUNDS = 7
FRAME = re.compile(r"tui-migrate.*Plan › Instances")
ROWS = "loan-approval"


def measure(report: Report) -> None:
    frame = paired(lambda: _until(FRAME), bare_ready, ROUNDS)
    report.add("command to first frame, against a bare app with a Tree", frame.ratio, 1.25, note=frame.note())
    rows = paired(lambda: _until(ROWS), bare_ready, ROUNDS)
    report.add("command to the rows of the demo, against the same", rows.ratio, 1.6, note=rows.note())
    leaving = paired(_leave_ours, _leave_bare, ROUNDS)
    report.add("quit key to the end, against the same", leaving.ratio, 1.3, note=leaving.note())
    python, command = str(installed() / "python"), str(installed() / "tui-migrate")
    helping = paired(lambda: _cpu(command, "--help"), lambda: _cpu(python, "-c", "pass"), 2 * ROUNDS + 1)
    report.add("--help, processor time, against python -c pass", helping.ratio, 1.6, note=helping.note(scale=1000))


def _until(shown: str | re.Pattern[str]) -> float:
    with ours("--demo") as probe:
        return probe.wait_for(shown, PATIENCE)


def _leave_ours() -> float:
    with ours("--demo") as probe:
        probe.wait_for(ROWS, PATIENCE)
        return _left(probe.quit("q"))


def _leave_bare() -> float:
    with bare_app("tree", 3) as probe:
        probe.wait_for(FIRST, PATIENCE)
        return _left(probe.quit("q"))


def _left(milliseconds: float | None) -> float:
    if milliseconds is None:
        raise BenchmarkError("the app did not end when it was told to")
    return milliseconds


def _cpu(*argv: str) -> float:
    """User and system seconds of a command."""
    full = os.environ | {name: value for name, value in environment().items() if value is not None}
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=full)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchmarkError(f"{argv} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
