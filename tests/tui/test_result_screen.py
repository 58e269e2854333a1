"""The result: every state that a run can end in or wait in, and every action on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, StillClock
from tests.tui.walking import (
    HeldClock,
    confirm_and_send,
    map_all,
    open_instances_desk,
    run_to_end,
    run_with_two_failed_at_decide,
    same_run_ids,
    sent,
    small_engine,
    spoil,
    tick,
    try_again_further_on,
)
from tui_migrate.operations.account_rules import AccountClass
from tui_migrate.operations.journal import Journal
from tui_migrate.tui.screens.result.screen import ResultScreen

__all__ = ["same_run_ids"]

pytestmark = pytest.mark.usefixtures("same_run_ids")


def result_of(desk: Desk) -> ResultScreen:
    screen = desk.app.screen
    assert isinstance(screen, ResultScreen)
    return screen


async def test_success(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert "Success: all 11 were migrated" in desk.text
        assert sent(desk) == ["/migration/executeAsync"]
        await snap(desk, "result-success-80x24")


async def test_success_of_one_transaction(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk, "a")
        await run_to_end(desk)
        assert sent(desk) == ["/migration/execute"]
        assert "Success: all 11 were migrated" in desk.text
        await snap(desk, "result-transaction-80x24")


async def test_running(snap: Snap) -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, jobs_per_second=2), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk)
        run = desk.app.state.run
        assert run is not None
        for _ in range(4):
            await tick(desk, clock)
        reading = run.state.waves[0].reading
        assert reading is not None
        assert 0 < reading.completed < 11
        assert "Leaving is safe" in desk.text
        await snap(desk, "result-running-80x24")
        clock.let_go()


async def test_accepted(snap: Snap) -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, seeds_per_second=0.01), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk)
        await desk.until(lambda: "seeding" in desk.text, "accepted")
        await snap(desk, "result-accepted-80x24")
        clock.let_go()


async def test_stalled_since_the_job_executor_is_off(snap: Snap) -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, active=False), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk)
        await tick(desk, clock, 60)
        await desk.until(lambda: "job executor seems to be off" in desk.flat, "told why")
        await snap(desk, "result-stalled-80x24")
        clock.let_go()


async def test_deleted_by_somebody_else(snap: Snap) -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, jobs_per_second=2), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk)
        run, session = desk.app.state.run, desk.app.state.session
        assert run is not None
        assert session is not None
        for _ in range(3):
            await tick(desk, clock)
        await session.engine.delete_batch(run.batch_ids[0])
        clock.let_go()
        await run_to_end(desk)
        assert run.account is not None
        assert run.account.counts[AccountClass.UNTOUCHED] > 0
        await snap(desk, "result-deleted-80x24")


async def test_failed_jobs_are_grouped_and_the_account_adds_up(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        run = desk.app.state.run
        assert run is not None
        assert run.account is not None
        counts = run.account.counts
        assert counts[AccountClass.MIGRATED] == 8
        assert counts[AccountClass.FAILED] == 3
        assert "3 of 11 failed; 8 were migrated." in desk.text
        assert "Only failed jobs remain (3)" in desk.text
        await snap(desk, "result-failed-80x24")


async def test_wide_and_light(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock, size=(120, 40), theme="light") as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await snap(desk, "result-failed-120x40-light")


async def test_plain_ascii(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock, ascii=True) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert desk.text.isascii()
        await snap(desk, "result-failed-ascii-80x24")


async def test_plan_invalid_and_one_key_back_to_the_fault(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        spoil(desk)
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert "The engine refused the plan" in desk.text
        await snap(desk, "result-plan-invalid-80x24")
        await desk.press("m")
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")
        await desk.settled()
        assert "Decide (user task decide)" in desk.text


async def test_one_instance_refused(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk, "a")
        await run_to_end(desk)
        assert "One instance can't be migrated, so none of its wave was." in desk.text
        await snap(desk, "result-instance-refused-80x24")


async def test_failed_for_another_reason(snap: Snap) -> None:
    clock = StillClock()
    engine = small_engine(clock)
    async with open_instances_desk(engine, clock=clock) as desk:
        map_all(desk)
        engine.faults.answer(
            500,
            '{"type": "ProcessEngineException", "message": "ENGINE-03083 [x] Unexpected exception <b>here</b>"}',
            path="/migration/executeAsync",
        )
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert "It failed for another reason" in desk.text
        assert "ENGINE-03083 [x] Unexpected exception <b>here</b>" in desk.text
        await snap(desk, "result-failed-otherwise-80x24")


async def test_a_journal_that_can_not_be_written_stops_all_before_it_is_sent(snap: Snap, tmp_path: Path) -> None:
    clock = StillClock()
    journal = Journal(tmp_path / "journal.sqlite3", clock=clock)
    async with open_instances_desk(small_engine(clock), clock=clock, journal=lambda: journal) as desk:
        journal.path = Path("/state/journal.db")
        journal._connection.execute("PRAGMA query_only = ON")
        await confirm_and_send(desk)
        await desk.until(lambda: "Not started" in desk.text, "told")
        assert not sent(desk)
        assert "Cannot write the journal /state/journal.db" in desk.flat
        assert "look at the disk and the file's mode, then try again." in desk.flat
        await snap(desk, "result-not-started-80x24")


async def test_nothing_to_migrate(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock, counts={"check": 0}), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert "There was nothing to migrate" in desk.text
        assert not sent(desk)
        await snap(desk, "result-nothing-80x24")


async def test_outcome_unknown(snap: Snap) -> None:
    clock = StillClock()
    engine = small_engine(clock)
    async with open_instances_desk(engine, clock=clock) as desk:
        map_all(desk)
        engine.faults.timeout(path="/migration/executeAsync", does_it=False)
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert "can't be found out" in desk.text
        assert sent(desk) == ["/migration/executeAsync"], "it is never sent again"
        await snap(desk, "result-unknown-80x24")


async def test_a_lost_answer_is_found_out_by_asking() -> None:
    clock = StillClock()
    engine = small_engine(clock)
    async with open_instances_desk(engine, clock=clock) as desk:
        map_all(desk)
        engine.faults.timeout(path="/migration/executeAsync", does_it=True)
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert "Success: all 11 were migrated" in desk.text
        assert sent(desk) == ["/migration/executeAsync"]


async def test_no_connection_asks_before_it_is_sent_again(snap: Snap) -> None:
    clock = StillClock()
    engine = small_engine(clock)
    async with open_instances_desk(engine, clock=clock) as desk:
        map_all(desk)
        engine.faults.connection(path="/migration/executeAsync")
        await confirm_and_send(desk)
        await desk.until(lambda: "The wave was not sent" in desk.text, "asked")
        await snap(desk, "result-not-sent-80x24")
        await desk.press("W", "y")
        await desk.until(lambda: desk.app.state.run is not None and desk.app.state.run.state.ended, "over")
        await desk.until(lambda: "Success: all 11" in desk.text, "success")


async def test_the_canary_goes_first_and_asks(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        map_all(desk)
        await desk.press("3")
        await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        await desk.settled()
        await desk.press("n")
        desk.app.screen.query_one(Input).value = "2"
        await desk.press("enter", "enter")
        await desk.until(lambda: "Migrate 11 instances?" in desk.text, "asked")
        await desk.press("y")
        await desk.until(lambda: "The canary has gone first" in desk.text, "canary asked")
        assert sent(desk) == ["/migration/executeAsync"]
        run = desk.app.state.run
        assert run is not None
        assert run.leaving_sentence() is not None
        assert "9 instances stay unsent" in (run.leaving_sentence() or "")
        await snap(desk, "result-canary-80x24")
        await desk.press("W")
        await snap(desk, "result-canary-asked-80x24")
        await desk.press("y")
        await desk.until(lambda: run.state.ended, "over")
        await desk.until(lambda: "Success: all 11" in desk.text, "success")


async def test_a_run_can_be_stopped_before_its_next_wave(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await desk.press("3")
        await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        await desk.settled()
        await desk.press("w")
        desk.app.screen.query_one("#field-size", Input).value = "8"
        await desk.press("enter", "enter")
        await desk.until(lambda: "Migrate 11 instances?" in desk.text, "asked")
        await desk.press("y")
        await desk.until(lambda: "are allowed." in desk.text, "failures asked about")
        await desk.press("E", "y")
        await run_to_end(desk)
        assert "not sent" in desk.text
        await snap(desk, "result-stopped-80x24")


async def test_stack_traces_are_read_on_demand(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await desk.press("end", "i")
        await snap(desk, "result-group-80x24")
        before = len(desk.carrier.requests)
        await desk.press("i")
        await desk.until(lambda: "Stack trace" in desk.text, "trace read")
        assert len(desk.carrier.requests) == before + 1
        assert "stacktrace" in desk.carrier.requests[-1][1]
        await snap(desk, "result-trace-80x24")


async def test_a_failed_job_is_dropped_after_asking() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await desk.press("end", "D", "D")
        assert "Drop this job?" in desk.text
        assert not any(method == "DELETE" for method, _ in desk.carrier.requests)
        await desk.press("y")
        await desk.until(lambda: "Only failed jobs remain (2)" in desk.text, "dropped")
        run, session = desk.app.state.run, desk.app.state.session
        assert run is not None
        assert session is not None
        done = [one.action for one in session.journal.requests(run.state.run_id)]
        assert done == ["execute as a batch", "drop job"], "the journal has it with the run"
        # It was never seen to go on, from three failed to two: what the account says may have changed all the same.
        await desk.until(lambda: run.late_account is not None, "accounted again")


async def test_failed_jobs_are_tried_again_once_their_cause_is_gone() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await try_again_further_on(desk, await run_with_two_failed_at_decide(desk))


async def test_a_batch_is_suspended_resumed_and_cancelled(snap: Snap) -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, jobs_per_second=0.5), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk)
        await desk.until(lambda: clock.sleepers > 0, "watched")
        await desk.press("S")
        assert "Suspend the batch?" in desk.text
        await desk.press("y")
        await desk.until(lambda: "The batch is suspended" in desk.text, "suspended")
        clock.step()
        await desk.until(lambda: "suspended ░" in desk.text, "seen")
        await desk.until(lambda: clock.sleepers > 0, "watched")
        desk.app.clear_notifications()
        await snap(desk, "result-suspended-80x24")
        await desk.press("S")
        assert "Resume the batch?" in desk.text
        await desk.press("y")
        await desk.until(lambda: "The batch goes on" in desk.text, "resumed")
        await desk.press("X")
        assert "Cancel the batch?" in desk.text
        await desk.press("y")
        clock.let_go()
        await desk.until(lambda: desk.app.state.run is not None and desk.app.state.run.state.ended, "over")
        await desk.until(lambda: "untouched" in desk.text, "accounted")
        desk.app.clear_notifications()
        await desk.settled()
        assert not desk.engine.store.batches


async def test_the_account_is_exported(tmp_path: Path) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        for ending, beginning in (("csv", "instance,class"), ("json", "{"), ("xml", "<?xml")):
            path = tmp_path / f"account.{ending}"
            await desk.press("e")
            desk.app.screen.query_one(Input).value = str(path)
            await desk.press("enter")
            await desk.until(path.exists, "written")
            await desk.settled()
            assert path.read_text().startswith(beginning)
        assert json.loads((tmp_path / "account.json").read_text())["counts"]["failed"] == 3


async def test_failed_ones_become_the_next_selection() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await desk.press("f")
        await desk.until(lambda: desk.app.current_name == "instances", "instances shown")
        await desk.settled()
        assert "3 instances selected." in desk.text
        assert "3 instances" in desk.lines[1], "the list does not show those that moved"
        assert desk.text.count("[x]") == 3


async def test_the_link_to_cockpit_is_copied() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        run = desk.app.state.run
        assert run is not None
        await desk.press("b")
        await desk.settled()
        link = f"http://engine.example/camunda/app/cockpit/default/#/batch?details={run.batch_ids[0]}&type=runtime"
        assert desk.app.clipboard == link


async def test_leaving_stops_the_screens_reads_and_the_run_goes_on() -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, jobs_per_second=2), clock=clock) as desk:
        await confirm_and_send(desk)
        run = desk.app.state.run
        assert run is not None
        await desk.until(lambda: clock.sleepers > 0, "watched")
        await desk.press("0")
        await desk.until(lambda: desk.app.current_name == "overview", "left")
        assert run.watcher is None
        clock.let_go()
        await desk.until(lambda: run.state.ended, "over without a screen")
        jobs = [path for _, path in desk.carrier.requests if path.startswith("/job?")]
        assert run.state.account is not None
        await desk.press("4")
        await desk.settled()
        assert "3 of 11 failed; 8 were migrated." in desk.text
        assert len([path for _, path in desk.carrier.requests if path.startswith("/job?")]) > len(jobs)


async def test_quitting_says_what_goes_on(snap: Snap) -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, jobs_per_second=2), clock=clock) as desk:
        await confirm_and_send(desk)
        await desk.until(lambda: clock.sleepers > 0 and "done 0" in desk.text, "watched")
        await desk.press("q")
        assert "1 batch goes on in the engine." in desk.text
        await snap(desk, "result-quit-80x24")
        await desk.press("n")
        clock.let_go()


async def test_watching_costs_one_request_a_tick() -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, jobs_per_second=1), clock=clock) as desk:
        map_all(desk)
        await confirm_and_send(desk)
        await desk.until(lambda: clock.sleepers > 0, "watched")
        for _ in range(4):
            before = len(desk.carrier.requests)
            await tick(desk, clock)
            assert len(desk.carrier.requests) == before + 1
        clock.let_go()


async def test_the_way_back_is_opened_with_its_warnings(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await desk.press("w")
        await desk.until(lambda: "8 instances run on the target and would go back." in desk.text, "way back found")
        await snap(desk, "result-return-80x24")
        await desk.press("y")
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")
        await desk.settled()
        await desk.press("2")
        await desk.settled()
        selection = desk.app.state.selection
        assert selection is not None
        assert len(selection.ids) == 8
