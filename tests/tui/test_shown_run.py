"""Which batch of a run the actions are about."""

from __future__ import annotations

from datetime import UTC, datetime

from tui_migrate.operations.records import SentBatch, WaveStatus
from tui_migrate.operations.run_state import RunState, WaveState
from tui_migrate.operations.watch import BatchPhase, BatchReading
from tui_migrate.tui.glyphs import UNICODE
from tui_migrate.tui.screens.result.sentences import phase_pieces
from tui_migrate.tui.shown_run import ShownRun


def wave(number: int, status: WaveStatus, reading: BatchReading | None = None) -> WaveState:
    return WaveState(number, 5, status, SentBatch(f"b{number}", 5, 1, "", "", ""), reading)


def read(batch_id: str, phase: BatchPhase, *, failed: int = 0, remaining: int = 0) -> BatchReading:
    done = 5 - remaining
    return BatchReading(batch_id, phase, 5, 5, done, failed, remaining, None, None, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_one_that_goes_on_comes_first() -> None:
    waves = (wave(0, "over", read("b0", "stalled", failed=2, remaining=2)), wave(1, "sent"))
    assert ShownRun(RunState("r", "watching", waves), 10).batch_at_hand() == ("b1", None)


def test_one_with_failed_jobs_comes_before_one_of_which_nothing_was_read_since_it_was_over() -> None:
    failing = read("b1", "stalled", failed=2, remaining=2)
    run = ShownRun(RunState("r", "over", (wave(0, "over"), wave(1, "over", failing))), 10)
    assert run.batch_at_hand() == ("b1", failing)


def test_the_last_one_if_all_are_gone() -> None:
    waves = (wave(0, "over", read("b0", "done")), wave(1, "over", read("b1", "done")))
    at_hand = ShownRun(RunState("r", "over", waves), 10).batch_at_hand()
    assert at_hand is not None
    assert at_hand[0] == "b1"


def test_a_run_without_batches_has_none() -> None:
    assert ShownRun(RunState("r", "over", ()), 0).batch_at_hand() is None


def test_a_run_taken_up_between_two_waves_waits_for_an_answer() -> None:
    run = ShownRun(RunState("r", "asking", (wave(0, "over"), WaveState(1, 5, "unsent"))), 10)
    assert phase_pieces(run, UNICODE, 78) == [("The run waits for an answer.", "accent")]
