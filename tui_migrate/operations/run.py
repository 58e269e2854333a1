"""A run, whole: prepare it, look again before it is sent, carry it out, take it up. One place to import from."""

from __future__ import annotations

from tui_migrate.operations.canary import CanaryReport, canary_report
from tui_migrate.operations.prepared_run import WAVE_SIZE, PreparedRun, RunOptions, prepare_run
from tui_migrate.operations.recheck import Change, recheck
from tui_migrate.operations.run_state import Leaving, Question, RunEvent, RunOutcome, RunPhase, RunState, WaveState
from tui_migrate.operations.runner import Runner

__all__ = [
    "WAVE_SIZE",
    "CanaryReport",
    "Change",
    "Leaving",
    "PreparedRun",
    "Question",
    "RunEvent",
    "RunOptions",
    "RunOutcome",
    "RunPhase",
    "RunState",
    "Runner",
    "WaveState",
    "canary_report",
    "prepare_run",
    "recheck",
]
