"""A hundred thousand instances on the embedded engine, and twenty thousand on a live one: the same figures on both."""

from __future__ import annotations

from statistics import median

from benchmarks.bare import FIRST
from benchmarks.crowd import EMPTY, ROW, Crowd, embedded, live, memory_to_the_end, quick_page_requests
from benchmarks.figures import Report
from benchmarks.serving import engine_seconds
from benchmarks.terminals import PATIENCE, bare_app, ours, press
from tests.engines.build import missing_tools
from tests.terminal import Key, Probe

ROUNDS = 5
KEYS = 20
LIVE, LIVE_TOTAL = "camunda-7.24", 20_000
PRESSED = (
    ("down", "up", "down"),
    ("pagedown", "pageup", "pagedown"),
    ("end", "home", "end"),
    ("space", "up", "down"),
    ("p", "p", "pagedown"),
)
"""A key, the one that takes it back, and what an OptionList is asked for beside it."""


def measure(report: Report) -> None:
    with embedded() as crowd:
        _measure(report, crowd, "100,000")
    lacking = missing_tools()
    if lacking is not None:
        report.skip("20,000 on a live engine", lacking)
        return
    with live(LIVE, LIVE_TOTAL) as crowd:
        _measure(report, crowd, f"20,000 on {LIVE}")


def _measure(report: Report, crowd: Crowd, what: str) -> None:
    _first_rows(report, crowd, what)
    base = crowd.memory_of_empty(ours)
    with crowd.open(ours, crowd.full) as probe, bare_app("options", 50) as bare:
        probe.key("2", expect=ROW, window=PATIENCE)
        bare.wait_for(FIRST, PATIENCE)
        for pressed in PRESSED:
            _key(report, what, probe, bare, *pressed)
        pages = quick_page_requests(crowd, probe)
        report.add(f"page requests for 20 quick page keys, {what}", pages, 2, "")
        memory = memory_to_the_end(crowd, probe)
    title = f"memory at the end of {what}, over the app with an empty list"
    report.add(title, memory.end - base, 30, "MiB", note=f"at most {memory.most - base:.1f} MiB on the way")
    report.add(f"memory at the end of {what}, over that after a quarter", memory.end - memory.quarter, 10, "MiB")


def _first_rows(report: Report, crowd: Crowd, what: str) -> None:
    """From the step's key to rows, against the engine's own time and one and a half empty lists."""
    ratios, notes = [], []
    for _ in range(ROUNDS):
        with crowd.open(ours, crowd.empty) as probe:
            empty = probe.key("2", expect=EMPTY, window=PATIENCE).settled_ms or 0.0
        with crowd.open(ours, crowd.full) as probe:
            crowd.server.forget()
            took = probe.key("2", expect=ROW, window=PATIENCE).settled_ms or 0.0
            engine = 1000 * engine_seconds(crowd.server.log()[:2])
        ratios.append(took / (engine + 1.5 * empty))
        notes.append((took, engine, empty))
    took, engine, empty = (median(values) for values in zip(*notes, strict=True))
    note = f"{took:.0f} ms; engine {engine:.0f}, empty list {empty:.0f} ms"
    report.add(f"first rows of {what}, against the engine's time and 1.5 empty lists", median(ratios), 1, note=note)


def _key(report: Report, what: str, probe: Probe, bare: Probe, name: str, back: str, like: str) -> None:
    """The same keys on both; where ours has to read rows first, its first answer counts, on both sides."""
    mine: list[Key] = []
    other: list[Key] = []
    likewise = {"down": "up", "pagedown": "pageup", "end": "home"}[like]
    for number in range(KEYS):
        mine.append(press(probe, back if number % 2 else name))
        other.append(press(bare, likewise if number % 2 else like))
    ours_ms, bare_ms = (median(key.first_ms or 0.0 for key in keys) for keys in (mine, other))
    title = f"{name}, {back} on {what}, against an OptionList of 50"
    report.add(title, ours_ms / bare_ms, 1.5, note=f"{ours_ms:.1f} against {bare_ms:.1f} ms")
