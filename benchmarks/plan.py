"""The plan screen: keys, bytes and idling. Keys of ours and of the bare app are pressed by turns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.bare import FIRST
from benchmarks.figures import Report
from benchmarks.serving import Served, served
from benchmarks.terminals import PATIENCE, bare_app, cpu_seconds, ours, press
from tests.terminal import Key, Probe

MOVES = 60
IDLE = 10.0
USABLE = "rules ✓  engine ✓"
"""On the screen once both verdicts are there: nothing more is being read for the first view."""


@dataclass(frozen=True)
class Moves:
    """Keys of ours, and what a bare app took for as many."""

    keys: Sequence[Key]
    bare: Sequence[Key]

    @property
    def milliseconds(self) -> float:
        return median(key.settled_ms or 0.0 for key in self.keys)

    @property
    def ratio(self) -> float:
        """Medians, since one slow turn on either side says nothing about the other's key beside it."""
        return self.milliseconds / median(key.settled_ms or 0.0 for key in self.bare)

    @property
    def note(self) -> str:
        return f"{self.milliseconds:.1f} against {median(key.settled_ms or 0.0 for key in self.bare):.1f} ms"


def measure(report: Report) -> None:
    with served("plans") as server, bare_app("tree", 50) as bare:
        bare.wait_for(FIRST, PATIENCE)
        with opened(server, 1000) as probe:
            _small(report, probe, bare)
        with opened(server, 5000) as probe:
            _large(report, probe, bare)


def opened(server: Served, size: int) -> Probe:
    """The app with a plan of the server open, both verdicts there."""
    probe = ours("--url", server.url, "--source", f"plan{size}:1", "--target", f"plan{size}:2")
    probe.wait_for(USABLE, PATIENCE)
    probe.settle(5)
    return probe


def _small(report: Report, probe: Probe, bare: Probe) -> None:
    _idle(report, probe)
    moves = _moves(probe, bare)
    name = "a cursor key, both panes linked, 1,000 activities"
    report.add(f"{name}: key to both panes", moves.milliseconds, 16, "ms", note=f"a bare Tree beside it: {moves.note}")
    sizes = [key.bytes for key in moves.keys]
    report.add(f"{name}: written", median(sizes), 700, "B")
    report.add(f"{name}: written, mean of a long scroll", mean(sizes), 1000, "B")
    pages = [press(probe, "pagedown").bytes for _ in range(10)]
    report.add("a page, both panes linked: written", median(pages), 5000, "B")


def _large(report: Report, probe: Probe, bare: Probe) -> None:
    moves = _moves(probe, bare)
    report.add("a cursor key on 5,000 activities, against a bare Tree of 50", moves.ratio, 1.5, note=moves.note)
    report.add("a cursor key on 5,000 activities: written, mean", mean(key.bytes for key in moves.keys), 1500, "B")


def _moves(probe: Probe, bare: Probe) -> Moves:
    """Down all the way on ours; on the bare one down and up inside its window, where it need not scroll."""
    mine: list[Key] = []
    other: list[Key] = []
    for number in range(MOVES):
        mine.append(press(probe, "down"))
        other.append(press(bare, "down" if number % 16 < 8 else "up"))
    return Moves(mine, other)


def _idle(report: Report, probe: Probe) -> None:
    probe.settle(10)
    written, used = probe.total_bytes, cpu_seconds(probe.pid)
    end = time.monotonic() + IDLE
    while time.monotonic() < end:
        probe.settle(end - time.monotonic())
    report.add(f"idle for {IDLE:.0f} s: written", probe.total_bytes - written, 0, "B")
    report.add(f"idle for {IDLE:.0f} s: processor time", (cpu_seconds(probe.pid) - used) * 1000, 20, "ms")
