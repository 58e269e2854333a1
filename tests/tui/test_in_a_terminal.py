"""The app in a real pseudo-terminal: how it leaves, what a key costs, that idle is silent."""

from __future__ import annotations

import os
import pty
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.terminal import Probe
from tests.waiting import PATIENCE

pytestmark = pytest.mark.pty
ROOT = Path(__file__).parents[2]


@contextmanager
def plan_in_a_terminal(*arguments: str, **environment: str) -> Iterator[Probe]:
    """Start the app with the plan open and the engine's verdict there."""
    settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT), **environment}
    argv = [sys.executable, "-m", "tests.tui.claim_app", *arguments]
    with Probe(argv, env={**os.environ, **settings}, window=PATIENCE) as probe:
        probe.wait_for("engine ✓" if settings.get("PYTHONIOENCODING") is None else "engine v")
        probe.settle()
        yield probe


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back_and_is_the_exit_code(number: signal.Signals) -> None:
    with plan_in_a_terminal() as probe:
        os.kill(probe.pid, number)
        assert probe.wait_exit() == 128 + number
        assert probe.leftovers() == []


def test_a_terminal_that_goes_away_without_a_signal_ends_it() -> None:
    """Whom `setsid` or a killed multiplexer left without a controlling terminal gets no SIGHUP, and must not spin."""
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "tests.tui.claim_app"]
    process = subprocess.Popen(argv, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True)
    os.close(its)
    try:
        shown = b""
        while b"engine" not in shown:
            shown += os.read(ours, 65536)
        os.close(ours)
        assert process.wait(PATIENCE) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()


def test_quitting_gives_the_terminal_back() -> None:
    with plan_in_a_terminal() as probe:
        assert probe.quit("q") is not None
        assert probe.wait_exit() == 0
        assert probe.leftovers() == []


def test_a_crash_gives_the_terminal_back_and_is_no_success() -> None:
    with plan_in_a_terminal("--crash") as probe:
        probe.key("space")
        assert probe.wait_exit() == 70
        assert probe.leftovers() == []


def test_a_cursor_key_writes_at_most_700_bytes_and_each_is_answered() -> None:
    with plan_in_a_terminal() as probe:
        probe.key("down")
        keys = [probe.key("down") for _ in range(20)]
        assert all(key.settled_ms is not None for key in keys)
        assert statistics.median(key.bytes for key in keys) <= 700


def test_idle_is_silent() -> None:
    with plan_in_a_terminal() as probe:
        start = probe.cpu_seconds()
        assert start is not None
        # A busy machine may still be painting when the first look begins.
        probe.until(lambda: wrote_nothing(probe, at_most=max(0.02, 0.03 * start)))


def wrote_nothing(probe: Probe, at_most: float) -> bool:
    """Whether the program is silent for 5 s, in no more than so many seconds of the processor."""
    time_before, bytes_before = probe.cpu_seconds(), probe.total_bytes
    end = time.monotonic() + 5
    while time.monotonic() < end:
        probe.settle(1.0)
    time_after = probe.cpu_seconds()
    assert time_before is not None
    assert time_after is not None
    return probe.total_bytes == bytes_before and time_after - time_before <= at_most


def test_an_encoding_without_line_drawing_gets_plain_characters() -> None:
    with plan_in_a_terminal(PYTHONIOENCODING="latin-1") as probe:
        assert probe.text().isascii()


def test_no_colour_runs_the_same() -> None:
    with plan_in_a_terminal(NO_COLOR="1") as probe:
        assert probe.key("down").settled_ms is not None
        assert probe.key("A").settled_ms is not None


@pytest.mark.parametrize("dialog", [False, True], ids=["screen", "dialog"])
def test_what_another_program_wrote_is_drawn_over(dialog: bool) -> None:
    with plan_in_a_terminal() as probe:
        if dialog:
            probe.key("?")
        before = probe.text()
        probe.disturb(b"\x1b[12;1HBroadcast message from root: going down\r\n" + b"\r\n" * 14)
        probe.settle()
        assert "Broadcast message" in probe.text()
        probe.key("ctrl+l")
        probe.until(lambda: probe.text() == before)
