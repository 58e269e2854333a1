"""The runs tab, and taking up what an earlier start left open."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, StillClock, open_desk
from tests.tui.walking import (
    HeldClock,
    confirm_and_send,
    map_all,
    open_instances_desk,
    run_to_end,
    same_run_ids,
    sent,
    small_engine,
)
from tui_migrate.operations.journal import Journal
from tui_migrate.sandbox.engine import SandboxEngine

__all__ = ["same_run_ids"]

pytestmark = pytest.mark.usefixtures("same_run_ids")


async def open_runs(desk: Desk) -> None:
    await desk.press("0")
    await desk.until(lambda: desk.app.current_name == "overview", "overview shown")
    await desk.press("J")
    await desk.until(lambda: desk.app.current_name == "runs", "runs shown")
    await desk.settled()


async def test_an_empty_journal_says_so(snap: Snap) -> None:
    async with open_desk() as desk:
        await desk.press("J")
        await desk.settled()
        assert "The journal has no run yet" in desk.text
        await snap(desk, "runs-empty-80x24")


async def test_what_who_when_and_the_account(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await open_runs(desk)
        assert "8 migrated, 3 failed" in desk.text
        assert "by mary" in desk.text
        await snap(desk, "runs-80x24")
        await desk.press("v")
        await snap(desk, "runs-record-80x24")
        await desk.press("escape", "enter")
        await desk.until(lambda: desk.app.current_name == "result", "run shown")
        await desk.settled()
        assert "3 of 11 failed; 8 were migrated." in desk.text


async def test_wide_light_ascii(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock, size=(120, 40), theme="light", ascii=True) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await open_runs(desk)
        assert desk.text.isascii()
        await snap(desk, "runs-ascii-120x40-light")


async def test_the_account_is_exported_from_the_journal(tmp_path: Path) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await open_runs(desk)
        await desk.press("e")
        await desk.settled()
        path = tmp_path / "account.csv"
        desk.app.screen.query_one(Input).value = str(path)
        await desk.press("enter")
        await desk.until(path.exists, "written")
        await desk.settled()
        assert len(path.read_text().splitlines()) == 12


async def left_open(engine: SandboxEngine, clock: HeldClock, path: Path) -> None:
    """Begin a run with a canary, and leave it as a kill would: nobody carries it out any more."""
    journal = Journal(path, clock=clock)
    async with open_instances_desk(engine, clock=clock, journal=lambda: journal) as desk:
        map_all(desk)
        await desk.press("3")
        await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        await desk.settled()
        await desk.press("n")
        desk.app.screen.query_one(Input).value = "2"
        await desk.press("enter", "enter")
        await desk.until(lambda: "Migrate 11 instances?" in desk.text, "asked")
        await desk.press("y")
        await desk.until(lambda: clock.sleepers > 0 and "0/2" in desk.text, "canary watched")


async def test_the_next_start_offers_to_take_up_what_was_left(snap: Snap, tmp_path: Path) -> None:
    clock = HeldClock()
    engine = small_engine(clock, jobs_per_second=2)
    path = tmp_path / "journal.sqlite"
    await left_open(engine, clock, path)
    clock.let_go()
    again = StillClock()
    again.time, again.seconds = clock.time, clock.seconds
    engine.clock = again.now
    async with open_desk(engine, clock=again, journal=lambda: Journal(path, clock=again), settle=False) as desk:
        await desk.press("slash", "y")
        told = ("1 run of an earlier start is not over: J shows it", "9 instances were never sent")
        await desk.until(lambda: all(words in desk.text for words in told), "told")
        assert desk.app.current_name == "overview", "what comes by itself takes no keys"
        assert desk.app.screen.query_one(Input).value == "y"
        desk.app.clear_notifications()
        await desk.press("escape")
        assert "Runs J 1 to take up" in desk.text
        await snap(desk, "runs-offered-80x24")
        await desk.press("J")
        await desk.until(lambda: desk.app.current_name == "runs", "runs shown")
        await desk.settled()
        assert "to take up" in desk.text
        await snap(desk, "runs-to-take-up-80x24")
        await desk.press("enter")
        await desk.until(lambda: "W sends wave 2 (9 instances)" in desk.text, "asked before sending")
        assert not sent(desk)
        await desk.press("W", "y")
        await run_to_end(desk)
        await desk.until(lambda: "Success: all 11 were migrated" in desk.text, "all migrated")
        assert sent(desk) == ["/migration/executeAsync"]
        await open_runs(desk)
        assert "to take up" not in desk.text
