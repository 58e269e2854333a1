"""A hundred thousand instances on the embedded engine, which runs as a server of its own."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.bare import FIRST
from benchmarks.figures import BenchmarkError, Report
from benchmarks.serving import Served, engine_seconds, served
from benchmarks.terminals import PATIENCE, bare_app, ours, press, resident_mib
from tests.terminal import Key, Probe

ROUNDS = 5
KEYS = 20
ROW = "case-"
EMPTY = "there is nothing to migrate"
STOPS = 60
TO_END = 120
"""Page keys between two stops: 60 stops of them are more than the list has."""


def measure(report: Report) -> None:
    with served("crowd") as server:
        _first_rows(report, server)
        with _opened(server, "nobody") as empty:
            empty.key("2", expect=EMPTY, window=PATIENCE)
            base = resident_mib(empty.pid)
        with _opened(server, "crowd") as probe, bare_app("options", 50) as bare:
            probe.key("2", expect=ROW, window=PATIENCE)
            bare.wait_for(FIRST, PATIENCE)
            _keys(report, probe, bare)
            _quick_pages(report, server, probe)
            _memory(report, server, probe, base)


def _opened(server: Served, key: str) -> Probe:
    probe = ours("--url", server.url, "--source", f"{key}:1", "--target", f"{key}:2")
    probe.wait_for("linked", PATIENCE)
    probe.settle(10)
    return probe


def _first_rows(report: Report, server: Served) -> None:
    """From the step's key to rows, against the engine's own time and one and a half empty lists."""
    ratios, notes = [], []
    for _ in range(ROUNDS):
        with _opened(server, "nobody") as probe:
            empty = probe.key("2", expect=EMPTY, window=PATIENCE).settled_ms or 0.0
        with _opened(server, "crowd") as probe:
            server.forget()
            took = probe.key("2", expect=ROW, window=PATIENCE).settled_ms or 0.0
            engine = 1000 * engine_seconds(server.log()[:2])
        ratios.append(took / (engine + 1.5 * empty))
        notes.append((took, engine, empty))
    took, engine, empty = (median(values) for values in zip(*notes, strict=True))
    note = f"{took:.0f} ms; engine {engine:.0f}, empty list {empty:.0f} ms"
    report.add("first rows of 100,000, against the engine's time and 1.5 empty lists", median(ratios), 1, note=note)


def _keys(report: Report, probe: Probe, bare: Probe) -> None:
    """The same keys on both; where ours has to read rows first, its first answer counts, on both sides."""
    for name, back in (("down", "up"), ("pagedown", "pageup"), ("end", "home")):
        mine: list[Key] = []
        other: list[Key] = []
        for number in range(KEYS):
            key = back if number % 2 else name
            mine.append(press(probe, key))
            other.append(press(bare, key))
        ours_ms, bare_ms = (median(key.first_ms or 0.0 for key in keys) for keys in (mine, other))
        title = f"{name}, {back} on 100,000, against an OptionList of 50"
        report.add(title, ours_ms / bare_ms, 1.5, note=f"{ours_ms:.1f} against {bare_ms:.1f} ms")


def _quick_pages(report: Report, server: Served, probe: Probe) -> None:
    press(probe, "end")
    press(probe, "home")
    probe.settle(10)
    for _ in range(12):  # to just before what has been read ends
        press(probe, "pagedown")
    probe.settle(10)
    server.forget()
    probe.burst("pagedown", 20)
    probe.settle(10)
    pages = [entry for entry in server.log() if entry["path"].startswith("/engine-rest/process-instance?")]
    report.add("page requests for 20 quick page keys", len(pages), 2, "")


def _memory(report: Report, server: Served, probe: Probe, base: float) -> None:
    """From the beginning to the end, standing still again and again so that rows are read."""
    press(probe, "home")
    quarter = 0.0
    for stop in range(STOPS):
        probe.burst("pagedown", TO_END)
        _rows_shown(probe)
        if stop == STOPS // 4:
            quarter = resident_mib(probe.pid)
    if not any("firstResult=99800" in entry["path"] for entry in server.log()):
        raise BenchmarkError("the end of the list was not reached")
    end = resident_mib(probe.pid)
    report.add("memory at the end of 100,000, over the app with an empty list", end - base, 30, "MiB")
    report.add("memory at the end, over that after a quarter", end - quarter, 10, "MiB")


def _rows_shown(probe: Probe) -> None:
    """Wait until the rows on the screen have been read: dots stand in their place before."""
    end = time.monotonic() + PATIENCE
    while not probe.shows(ROW):
        if time.monotonic() > end:
            raise BenchmarkError("rows on the screen were never read")
        probe.settle(0.5)
