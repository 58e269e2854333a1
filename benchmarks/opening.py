"""From the command to a plan that can be worked on: time, and requests as the engine saw them."""

from __future__ import annotations

from statistics import median
from typing import Any

from lxml import etree

from benchmarks.figures import BenchmarkError, Report
from benchmarks.models import flat
from benchmarks.plan import USABLE
from benchmarks.rules import seconds
from benchmarks.serving import Served, engine_seconds, round_trips, served
from benchmarks.terminals import PATIENCE, bare_ready, ours
from tests.terminal import Probe

ROUNDS = 15
"""Pairs of starts; one pair alone may differ from the next by a tenth."""
DELAY = 0.3
"""Seconds that an answer takes while round trips are counted: requests of one trip arrive together before the first."""
NEEDED = ("/xml", "/xml", "/migration/generate", "/process-instance/count")
"""How the paths end without which there is no plan; statistics are asked for again later, and always among these."""


def measure(report: Report) -> None:
    with served("plans") as server:
        _times(report, server)
        server.delay(DELAY)
        for size in (50, 5000):
            _requests(report, server, size)


def _times(report: Report, server: Served) -> None:
    """Milliseconds to the plan, against 1.6 times the bare app plus what is not ours."""
    parse = sum(
        median(seconds(lambda xml=xml: etree.fromstring(xml)) for _ in range(5))  # type: ignore[misc]
        for xml in (flat("plan5000", 5000), flat("plan5000", 5000, version=2))
    )
    for size, parsing in ((50, 0.0), (5000, 7000 * parse)):
        ratios = []
        for _ in range(ROUNDS):
            allowed = 1.6 * bare_ready() + parsing
            server.forget()
            with _start(server, size) as probe:
                took = probe.wait_for("linked", PATIENCE)
            ratios.append(took / (allowed + 1000 * engine_seconds(server.log())))
        more = ", 7 parses of both files" if parsing else ""
        report.add(f"command to a plan of {size:,}, against 1.6 bare apps and the engine{more}", median(ratios), 1)


def _requests(report: Report, server: Served, size: int) -> None:
    server.forget()
    with _start(server, size) as probe:
        probe.wait_for(USABLE, PATIENCE)
        trips = _until_plan(server.log())
    report.add(f"requests from the command line to a plan of {size:,}", sum(trips), 8, "", note=f"as {trips}")
    report.add(f"round trips from the command line to a plan of {size:,}", len(trips), 3, "")
    with ours("--url", server.url) as probe:
        probe.wait_for("plan5000", PATIENCE)
        probe.settle(5)
        probe.key("/")
        probe.key(f"text:plan{size}")
        probe.key("enter")
        server.forget()
        probe.key("enter", expect=USABLE, window=PATIENCE)
        trips = _until_plan(server.log())
    report.add(f"requests from the overview to a plan of {size:,}", sum(trips), 5, "", note=f"as {trips}")
    report.add(f"round trips from the overview to a plan of {size:,}", len(trips), 1, "")


def _start(server: Served, size: int) -> Probe:
    return ours("--url", server.url, "--source", f"plan{size}:1", "--target", f"plan{size}:2")


def _until_plan(log: list[dict[str, Any]]) -> list[int]:
    """The requests of each round trip, up to the last that the plan waits for; what comes later fills in counts."""
    paths = [entry["path"].partition("?")[0] for entry in log]
    needed = [place for place, path in enumerate(paths) if path.endswith(NEEDED)]
    if len(needed) < len(NEEDED):
        raise BenchmarkError(f"the plan was not read as it was thought to be: {paths}")
    return round_trips(log[: max(needed) + 1])
