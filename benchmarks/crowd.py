"""A list with a great number of instances, behind a server that notes each request: what it costs to go through it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.figures import BenchmarkError
from benchmarks.models import flat
from benchmarks.plan import USABLE
from benchmarks.serving import Served, served
from benchmarks.terminals import PATIENCE, press, resident_mib
from tests.engines import rest
from tests.engines.launcher import started
from tests.terminal import Probe

ROW = "case-"
"""How every row begins."""
EMPTY = "there is nothing to migrate"
STOPS = 60
"""How often one stands still on the way to the end, so that rows are read."""
ROWS_ON_SCREEN = 14

Opener = Callable[..., Probe]
"""Starts the app in a terminal with these arguments: `benchmarks.terminals.ours`, or one like it."""


@dataclass(frozen=True)
class Crowd:
    """A process with many instances, and one of the same kind without any.

    Args:
        total: The number of instances.
        server: Where the app finds them.
        full: Key of the process that has them.
        empty: Key of the one that has none.
    """

    total: int
    server: Served
    full: str = "crowd"
    empty: str = "nobody"

    def open(self, opener: Opener, key: str) -> Probe:
        """The app on the plan from the first version of a process to its second."""
        probe = opener("--url", self.server.url, "--source", f"{key}:1", "--target", f"{key}:2")
        probe.wait_for(USABLE, PATIENCE)
        probe.settle(10)
        return probe

    def memory_of_empty(self, opener: Opener) -> float:
        """Resident memory in MiB of the app with an empty list."""
        with self.open(opener, self.empty) as probe:
            probe.key("2", expect=EMPTY, window=PATIENCE)
            return resident_mib(probe.pid)


@contextlib.contextmanager
def embedded() -> Iterator[Crowd]:
    """A hundred thousand instances on the embedded engine."""
    with served("crowd") as server:
        yield Crowd(100_000, server)


@contextlib.contextmanager
def live(name: str, total: int) -> Iterator[Crowd]:
    """So many instances on an engine that is started for them, since none gets rid of them in a time one would wait.

    They are started inside the engine, which takes seconds where REST would take minutes.
    """
    with started(name, memory="1g") as engine:
        for key, count in (("crowd", total), ("nobody", 0)):
            xml = [flat(key, 50, version=version).decode() for version in (1, 2)]
            source, _ = (rest.deploy(engine.url, {f"{key}.bpmn": one})[0] for one in xml)
            rest.start_instances(engine.url, source, count, business_key_prefix=ROW)
        with served(engine.url) as server:
            yield Crowd(total, server)


def quick_page_requests(crowd: Crowd, probe: Probe) -> int:
    """How many pages of rows are asked for while 20 page keys come as fast as they can."""
    _to_the_beginning(probe)
    for _ in range(12):  # to just before what has been read ends
        press(probe, "pagedown")
    probe.settle(10)
    crowd.server.forget()
    probe.burst("pagedown", 20)
    _until_read(probe)
    return len(pages_asked(crowd.server))


def pages_asked(server: Served) -> list[str]:
    return [entry["path"] for entry in server.log() if entry["path"].startswith("/engine-rest/process-instance?")]


@dataclass(frozen=True)
class Memory:
    """Resident memory in MiB on the way through the list."""

    quarter: float
    end: float
    most: float


def memory_to_the_end(crowd: Crowd, probe: Probe) -> Memory:
    """From the beginning to the end, standing still again and again so that rows are read."""
    _to_the_beginning(probe)
    between = -(-crowd.total // (STOPS * ROWS_ON_SCREEN))
    measured = []
    for _ in range(STOPS):
        probe.burst("pagedown", between)
        _until_read(probe)
        measured.append(resident_mib(probe.pid))
    if not any(f"firstResult={crowd.total - 200}" in path for path in pages_asked(crowd.server)):
        raise BenchmarkError("the end of the list was not reached")
    return Memory(measured[STOPS // 4], measured[-1], max(measured))


def _to_the_beginning(probe: Probe) -> None:
    """By way of the end: a key that changes nothing is waited for in vain."""
    press(probe, "end")
    press(probe, "home")
    probe.settle(10)


def _until_read(probe: Probe) -> None:
    """Wait until the rows on the screen have been read: dots stand in their place before."""
    probe.settle(10)
    end = time.monotonic() + PATIENCE
    while not probe.shows(ROW):
        if time.monotonic() > end:
            raise BenchmarkError(f"rows on the screen were never read:\n{probe.text()}")
        probe.settle(0.5)
