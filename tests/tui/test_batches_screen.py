"""The batches tab: all migration batches of the engine, whoever started them."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, StillClock, open_desk, plan_pair
from tests.tui.walking import HeldClock, confirm_and_send, open_instances_desk, run_to_end, same_run_ids, small_engine
from tui_migrate.config.profile import Profile
from tui_migrate.engine.client import EngineClient
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine

__all__ = ["same_run_ids"]

pytestmark = pytest.mark.usefixtures("same_run_ids")


async def somebody_elses_batch(engine: SandboxEngine) -> str:
    """Start a batch that no journal knows; return its id."""
    source, target = plan_pair(engine)
    profile = Profile(name="other", url="http://engine.example/engine-rest")
    plan = MigrationPlan(source, target, (Instruction("check", "check"),))
    ids = [one.id for one in engine.store.instances.values() if one.definition.id == source]
    async with EngineClient(profile.engine_settings(), carrier=SandboxCarrier(engine)) as client:
        return (await client.execute_async(plan, ids)).id


async def open_batches(desk: Desk) -> None:
    await desk.press("b")
    await desk.until(lambda: desk.app.current_name == "batches", "batches shown")
    await desk.settled()


async def test_an_engine_without_batches_says_so(snap: Snap) -> None:
    async with open_desk() as desk:
        await open_batches(desk)
        assert "No migration batch is on this engine." in desk.text
        await snap(desk, "batches-empty-80x24")


async def test_ours_and_somebody_elses(snap: Snap) -> None:
    clock = StillClock()
    engine = small_engine(clock, jobs_per_second=1000)
    async with open_instances_desk(engine, clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await somebody_elses_batch(engine)
        await desk.press("0")
        await desk.settled()
        await open_batches(desk)
        assert "ours" in desk.text
        assert len([line for line in desk.lines if "/11" in line or "/3" in line]) >= 1
        await snap(desk, "batches-80x24")


async def test_wide_light_ascii(snap: Snap) -> None:
    clock = StillClock()
    engine = small_engine(clock)
    await somebody_elses_batch(engine)
    async with open_desk(engine, clock=clock, size=(120, 40), theme="light", ascii=True) as desk:
        await open_batches(desk)
        assert desk.text.isascii()
        await snap(desk, "batches-ascii-120x40-light")


async def test_somebody_elses_batch_is_watched_and_acted_on(snap: Snap) -> None:
    clock = HeldClock()
    engine = small_engine(clock, jobs_per_second=2)
    async with open_desk(engine, clock=clock) as desk:
        batch_id = await somebody_elses_batch(engine)
        await open_batches(desk)
        await desk.press("enter")
        await desk.until(lambda: desk.app.current_name == "result", "result shown")
        await desk.until(lambda: clock.sleepers > 0, "watched")
        assert f"Batch {batch_id}" in desk.text
        await desk.press("e")
        assert "started elsewhere" in desk.text
        await desk.press("S")
        assert "Suspend the batch?" in desk.text
        await desk.press("y")
        await desk.until(lambda: engine.store.batches[batch_id].suspended, "suspended")
        clock.let_go()


async def test_a_foreign_batch_with_failures(snap: Snap) -> None:
    clock = StillClock()
    engine = small_engine(clock)
    async with open_desk(engine, clock=clock) as desk:
        await somebody_elses_batch(engine)
        await open_batches(desk)
        await desk.press("enter")
        await desk.until(lambda: desk.app.current_name == "result", "result shown")
        await desk.settled()
        assert "failed 5" in desk.text
        await snap(desk, "result-foreign-80x24")
        await desk.press("escape")
        await desk.until(lambda: desk.app.current_name == "batches", "back at the batches")


async def test_ended_ones_can_be_hidden() -> None:
    clock = StillClock()
    engine = small_engine(clock, counts={"check": 2}, monitor_interval=1)
    async with open_desk(engine, clock=clock) as desk:
        await somebody_elses_batch(engine)
        await clock.sleep(60)
        await open_batches(desk)
        assert "0 running, 1 ended" in desk.text
        await desk.press("h")
        assert "No migration batch runs." in desk.text
        await desk.press("h")
        assert "ended" in desk.lines[4]


async def test_the_link_is_copied() -> None:
    clock = StillClock()
    engine = small_engine(clock)
    async with open_desk(engine, clock=clock) as desk:
        batch_id = await somebody_elses_batch(engine)
        await open_batches(desk)
        await desk.press("l")
        await desk.settled()
        assert desk.app.clipboard.endswith(f"details={batch_id}&type=runtime")
