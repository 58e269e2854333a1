"""Our app and the bare one in pseudo-terminals."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from benchmarks import bare
from benchmarks.figures import BenchmarkError
from benchmarks.installed import ROOT, environment, installed
from tests.terminal import Key, Probe

PATIENCE = 120.0


def ours(*arguments: str, cols: int = 80, rows: int = 24) -> Probe:
    """The installed app."""
    command = str(installed() / "tui-migrate")
    return Probe([command, *arguments], cols=cols, rows=rows, env=environment(), window=PATIENCE)


def bare_app(kind: str, count: int, cols: int = 80, rows: int = 24) -> Probe:
    """A bare app with one widget, run by the same Python."""
    argv = [str(installed() / "python"), str(ROOT / "benchmarks" / "bare.py"), kind, str(count)]
    return Probe(argv, cols=cols, rows=rows, env=environment(), window=PATIENCE)


def bare_ready() -> float:
    """Milliseconds from the command to the rows of a bare app with a tree."""
    with bare_app("tree", 3) as probe:
        return probe.wait_for(bare.FIRST, PATIENCE)


def answered(key: Key) -> Key:
    """The key as it is; one that changed nothing on the screen makes every figure worthless."""
    if key.first_ms is None or key.settled_ms is None:
        raise BenchmarkError(f"the key {key.name} went unanswered")
    return key


def press(probe: Probe, name: str) -> Key:
    return answered(probe.key(name))


def settled_ms(key: Key) -> float:
    return answered(key).settled_ms or 0.0


def first_ms(key: Key) -> float:
    return answered(key).first_ms or 0.0


def middle(values: list[float]) -> float:
    return median(values)


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads of a process so far, to the nanosecond."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise BenchmarkError("the system does not tell the memory of a process")
