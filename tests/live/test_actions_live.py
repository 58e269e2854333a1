"""Every action on a result, a batch and a run, by keys on live engines; the engine is asked what became of it."""

from __future__ import annotations

import csv
import json
import re
import uuid
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from tests.cli.conftest import MODEL
from tests.engines import rest
from tests.live.desk_on_engine import LiveDesk, open_live_desk
from tui_migrate.tui.screens.batches.screen import BatchList

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.launcher import RunningEngine

ENGINES = pytest.mark.parametrize("engine_fixture", ["camunda_724", "operaton"])


@dataclass
class Orders:
    """Instances of an order: those that wait at `check` have no place in version 2, those at `pack` have."""

    url: str
    key: str
    old: str
    new: str
    checking: list[str]
    packing: list[str]

    @property
    def ids(self) -> list[str]:
        return [*self.checking, *self.packing]

    def check(self, instance_id: str) -> None:
        """Completes the task without a place, so that its instance can be migrated from now on."""
        (task,) = rest.get(self.url, "/task", processInstanceId=instance_id)
        rest.post(self.url, f"/task/{task['id']}/complete", {})

    def on(self, definition_id: str) -> set[str]:
        """The instances that run on a definition."""
        return {one for one, there in rest.definitions_of(self.url, self.ids).items() if there == definition_id}


@pytest.fixture
def orders(engine_fixture: str, request: pytest.FixtureRequest) -> Orders:
    engine: RunningEngine = request.getfixturevalue(engine_fixture)
    key = f"acts-{uuid.uuid4().hex[:8]}"
    model = MODEL.replace('"order"', f'"{key}"').replace("PACK", "pack")
    (old,) = rest.deploy(engine.url, {"1.bpmn": model})
    (new,) = rest.deploy(engine.url, {"2.bpmn": model.replace('"check"', '"look"').replace("Check order", "Look")})
    ids = rest.start_instances(engine.url, old, 9)
    found = Orders(engine.url, key, old, new, sorted(ids[:4]), ids[4:])
    for one in found.packing:
        found.check(one)
    return found


@pytest.fixture
def engine(engine_fixture: str, request: pytest.FixtureRequest) -> RunningEngine:
    found: RunningEngine = request.getfixturevalue(engine_fixture)
    return found


def statistics(url: str, batch_id: str) -> dict[str, Any]:
    """What the engine says of a batch; empty once it is gone."""
    found = rest.get(url, "/batch/statistics", batchId=batch_id)
    return found[0] if found else {}


def number(url: str, batch_id: str, member: str, value: object) -> bool:
    return bool(statistics(url, batch_id).get(member) == value)


async def send(desk: LiveDesk, total: int) -> str:
    """Migrate what is selected with the plan that is open; return the id of the batch."""
    await desk.press("3")
    await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
    await desk.at("confirm")
    await desk.answer("enter", f"Migrate {total} instances?")
    await desk.until(lambda: desk.app.current_name == "result", "result shown")
    run = desk.app.state.run
    assert run is not None
    await desk.until(lambda: run.state.ended, "run over")
    (batch_id,) = run.batch_ids
    return batch_id


async def sent_with_failures(desk: LiveDesk, orders: Orders) -> str:
    await desk.at("plan")
    batch_id = await send(desk, 9)
    await desk.shows("4 of 9 failed; 5 were migrated.", "Only failed jobs remain (4)")
    assert orders.on(orders.new) == set(orders.packing)
    return batch_id


def phase_is(desk: LiveDesk, phase: str) -> bool:
    """Whether the screen has read the batch in this phase."""
    run = desk.app.state.run
    at_hand = run.batch_at_hand() if run is not None else None
    return at_hand is not None and at_hand[1] is not None and at_hand[1].phase == phase


async def suspended_and_resumed(desk: LiveDesk, batch_id: str) -> None:
    """Suspend the batch that is shown, and resume it, as the engine has it and as the screen reads it."""
    for question, value in (("Suspend the batch?", True), ("Resume the batch?", False)):
        await desk.answer("S", question)
        await desk.seen(partial(number, desk.url, batch_id, "suspended", value), question)
        await desk.until(lambda now=value: phase_is(desk, "suspended") is now, "read again")  # type: ignore[misc]


@ENGINES
async def test_failed_jobs_are_tried_again_dropped_and_cancelled(
    engine: RunningEngine, orders: Orders, tmp_path: Path
) -> None:
    url = engine.url
    pair = {"source": f"{orders.key}:1", "target": f"{orders.key}:2"}
    async with open_live_desk(engine, tmp_path / "journal", **pair) as desk:
        batch_id = await sent_with_failures(desk, orders)
        # The link, suspend and resume.
        await desk.press("b")
        await desk.until(lambda: f"details={batch_id}&type=runtime" in desk.app.clipboard, "link copied")
        await suspended_and_resumed(desk, batch_id)
        # The whole cause, stack trace and id of one instance; its job alone is tried again.
        await desk.press("end", "i")
        await desk.shows("There is no migration instruction for this instance's activity", "stack trace")
        await desk.press("i")
        await desk.shows("Stack trace", "ENGINE-23004")
        await desk.press("escape", "y")
        cured = desk.app.clipboard
        assert cured in orders.checking
        orders.check(cured)
        await desk.answer("T", "Try this job again?")
        await desk.seen(lambda: orders.on(orders.new) == {*orders.packing, cured}, "one migrated")
        await desk.shows("3 of 9 failed; 6 were migrated.", "Only failed jobs remain (3)")
        # One job is dropped: its instance stays where it is.
        await desk.press("end", "D")
        await desk.shows("D drop")
        await desk.answer("D", "Drop this job?")
        await desk.seen(partial(number, url, batch_id, "failedJobs", 2), "dropped")
        await desk.shows("Only failed jobs remain (2)")
        assert orders.on(orders.new) == {*orders.packing, cured}
        # All that are left are tried again: one can be migrated by now, the other fails as before.
        jobs = await desk.get("/job", jobDefinitionId=statistics(url, batch_id)["batchJobDefinitionId"])
        left = sorted(re.findall(r"process instance '([^']+)'", " ".join(job["exceptionMessage"] for job in jobs)))
        assert len(left) == 2
        orders.check(left[0])
        await desk.answer("T", "Try 2 failed jobs again?")
        await desk.seen(lambda: orders.on(orders.new) == {*orders.packing, cured, left[0]}, "another migrated")
        await desk.shows("Only failed jobs remain (1)")
        # Cancelling takes the rest away, and nothing back.
        await desk.answer("X", "Cancel the batch?")
        await desk.seen(lambda: not statistics(url, batch_id), "batch gone")
        assert (await desk.get(f"/history/batch/{batch_id}"))["endTime"] is not None
        await desk.shows("Cancelled: 8 of 9 jobs had run")
        await desk.press("r")
        await desk.shows("2 of 9 failed; 7 were migrated.")
        account = desk.app.state.run.account  # type: ignore[union-attr]
        assert account is not None
        assert set(account.failed_ids) == orders.on(orders.old) == set(orders.checking) - {cured, left[0]}
        assert set(account.moved_ids) == orders.on(orders.new)


@ENGINES
async def test_an_account_is_exported_gone_on_with_and_taken_back(
    engine: RunningEngine, orders: Orders, tmp_path: Path
) -> None:
    pair = {"source": f"{orders.key}:1", "target": f"{orders.key}:2"}
    async with open_live_desk(engine, tmp_path / "journal", **pair) as desk:
        await sent_with_failures(desk, orders)
        file = tmp_path / "account.csv"
        await desk.press("e")
        await desk.until(lambda: bool(desk.app.screen.query(Input)), "path asked for")
        desk.app.screen.query_one(Input).value = str(file)
        await desk.press("enter")
        await desk.until(lambda: file.exists() and len(file.read_text(encoding="utf-8").splitlines()) == 10, "exported")
        with file.open(encoding="utf-8", newline="") as lines:
            classes = {row["instance"]: row["class"] for row in csv.DictReader(lines)}
        assert {one for one, class_ in classes.items() if class_ == "failed"} == orders.on(orders.old)
        assert {one for one, class_ in classes.items() if class_ == "migrated"} == orders.on(orders.new)
        # The failed ones become the next selection.
        await desk.press("f")
        await desk.at("instances")
        selection = desk.app.state.selection
        assert selection is not None
        assert set(selection.ids) == set(orders.checking)
        # The way back of the others is another run, with a check of its own.
        await desk.press("4")
        await desk.at("result")
        await desk.answer("w", "5 instances run on the target and would go back.")
        await desk.at("plan")
        await desk.press("2")
        await desk.at("instances")
        await send(desk, 5)
        await desk.shows("Success: all 5 were migrated")
        assert orders.on(orders.old) == set(orders.ids)
        # Both are in the journal; what each did is told, and the first one's account again.
        await desk.press("0", "J")
        await desk.at("runs")
        await desk.shows("5 migrated", "4 failed")
        await desk.press("end", "v")
        await desk.shows("Requests that change the engine", "execute as a batch, wave 1 of 1: 9 instances: done")
        await desk.press("escape", "enter")
        await desk.at("result")
        await desk.shows("9 selected")


@ENGINES
async def test_somebody_elses_batch_is_found_watched_and_acted_on(
    engine: RunningEngine, orders: Orders, tmp_path: Path
) -> None:
    url = engine.url
    plan = rest.post(
        url,
        "/migration/generate",
        {"sourceProcessDefinitionId": orders.old, "targetProcessDefinitionId": orders.new},
    )
    body = {"migrationPlan": plan, "processInstanceIds": orders.ids}
    batch_id = rest.post(url, "/migration/executeAsync", body)["id"]
    async with open_live_desk(engine, tmp_path / "journal") as desk:
        await desk.at("overview")
        await desk.seen(partial(number, url, batch_id, "failedJobs", 4), "jobs have failed")
        await desk.press("b")
        await desk.at("batches")
        rows = desk.app.screen.query_one(BatchList).rows
        (row,) = [row for row in rows if row.id == batch_id]
        assert (row.completed, row.failed, row.total, row.run_id) == (5, 4, 9, None)
        await desk.press(*["down"] * rows.index(row))
        await desk.press("y")
        assert desk.app.clipboard == batch_id
        await desk.press("l")
        await desk.until(lambda: f"details={batch_id}&type=runtime" in desk.app.clipboard, "link copied")
        await desk.press("enter")
        await desk.at("result")
        await desk.shows(f"Batch {batch_id}", "failed 4")
        await desk.press("f")
        await desk.shows("started elsewhere")
        await suspended_and_resumed(desk, batch_id)
        for one in orders.checking[:3]:
            orders.check(one)
        await desk.answer("T", "Try 4 failed jobs again?")
        await desk.seen(lambda: len(orders.on(orders.new)) == 8, "three more migrated")
        await desk.shows("Only failed jobs remain (1)")
        await desk.press("end")
        await desk.answer("D", "Drop this job?")
        await desk.seen(lambda: not statistics(url, batch_id), "over with the last job")
        assert orders.on(orders.old) == {orders.checking[3]}
        await desk.press("escape")
        await desk.at("batches")
        listed = desk.app.screen.query_one(BatchList)
        await desk.until(lambda: batch_id in {one.id for one in listed.rows if one.ended}, "listed as ended")
        await desk.press("h")
        await desk.until(lambda: not any(one.ended for one in listed.rows), "ended ones hidden")


@ENGINES
async def test_a_run_that_was_left_is_taken_up_by_the_next_start(
    engine: RunningEngine, orders: Orders, tmp_path: Path
) -> None:
    pair = {"source": f"{orders.key}:1", "target": f"{orders.key}:2"}
    for one in orders.checking:
        orders.check(one)
    async with open_live_desk(engine, tmp_path / "journal", **pair) as desk:
        await desk.at("plan")
        await desk.press("3")
        await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        await desk.at("confirm")
        await desk.press("n")
        desk.app.screen.query_one(Input).value = "2"
        await desk.press("enter")
        await desk.answer("enter", "Migrate 9 instances?")
        await desk.shows("The canary has gone first", "W sends wave 2 (7 instances)")
        assert len(orders.on(orders.new)) == 2
        await desk.answer("q", "1 wave with 7 instances stay unsent")
    async with open_live_desk(engine, tmp_path / "journal") as desk:
        await desk.shows("1 to take up")
        await desk.press("J")
        await desk.at("runs")
        await desk.press("enter")
        await desk.shows("W sends wave 2 (7 instances)")
        assert len(orders.on(orders.new)) == 2, "taking up sends nothing"
        await desk.answer("W", "Send the next wave?")
        await desk.shows("Success: all 9 were migrated")
        assert orders.on(orders.new) == set(orders.ids)
        await desk.press("0", "J")
        await desk.at("runs")
        assert "to take up" not in desk.text
        # Its account and the way back, from the journal.
        file = tmp_path / "account.json"
        await desk.press("e")
        await desk.until(lambda: bool(desk.app.screen.query(Input)), "path asked for")
        desk.app.screen.query_one(Input).value = str(file)
        await desk.press("enter")
        await desk.until(lambda: file.exists() and file.read_text(encoding="utf-8").endswith("\n"), "exported")
        assert json.loads(file.read_text(encoding="utf-8"))["counts"]["migrated"] == 9
        await desk.answer("w", "9 instances run on the target and would go back.")
        await desk.at("plan")
        plan = desk.app.state.open_plan
        assert plan is not None
        assert (plan.source.id, plan.target.id) == (orders.new, orders.old)
        assert orders.on(orders.new) == set(orders.ids), "nothing is sent before it is confirmed"
