"""Where words go: data to stdout, narration to stderr, progress in place on a terminal and seldom elsewhere."""

from __future__ import annotations

import io

import pytest

from tui_migrate.cli.output import Output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the output sees; the test moves it."""
    now = [100.0]
    monkeypatch.setattr("tui_migrate.cli.output.time.monotonic", lambda: now[0])
    return now


def test_progress_in_a_log_is_a_plain_line_every_ten_seconds(seconds: list[float]) -> None:
    out, err = io.StringIO(), io.StringIO()
    output = Output(stdout=out, stderr=err)
    for number in range(35):
        output.progress(f"{number} of 35 jobs")
        seconds[0] += 1
    assert err.getvalue().splitlines() == ["10 of 35 jobs", "20 of 35 jobs", "30 of 35 jobs"]
    assert out.getvalue() == ""


def test_progress_on_a_terminal_is_one_line_that_ends_before_anything_else(seconds: list[float]) -> None:
    del seconds
    out, err = io.StringIO(), Terminal()
    output = Output(stdout=out, stderr=err)
    output.progress("1 of 2 jobs")
    output.progress("2 of 2 jobs")
    output.say("The wave is over.")
    assert err.getvalue() == "\r\x1b[K1 of 2 jobs\r\x1b[K2 of 2 jobs\nThe wave is over.\n"
    output.text("data")
    assert out.getvalue() == "data\n"


def test_words_from_outside_are_harmless_at_the_terminal(seconds: list[float]) -> None:
    del seconds
    err = Terminal()
    output = Output(stdout=io.StringIO(), stderr=err)
    output.say("evil \x1b[2J name\nsecond line")
    output.progress("evil \x1b[2J name")
    assert "\x1b[2J" not in err.getvalue()
    assert err.getvalue().count("\n") == 1
