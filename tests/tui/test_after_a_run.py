"""What other screens show after a run that moved instances: counts that are read again by themselves, once."""

from __future__ import annotations

import pytest

from tests.tui.desk import Desk, StillClock
from tests.tui.walking import (
    confirm_and_send,
    open_instances_desk,
    run_to_end,
    run_with_two_failed_at_decide,
    same_run_ids,
    small_engine,
    try_again_further_on,
)

__all__ = ["same_run_ids"]

pytestmark = pytest.mark.usefixtures("same_run_ids")


async def go(desk: Desk, key: str, name: str) -> list[str]:
    """Go to a screen; return the paths that were asked for until it had settled."""
    before = len(desk.carrier.requests)
    await desk.press(key)
    await desk.until(lambda: desk.app.current_name == name, f"{name} shown")
    await desk.settled()
    return [path.partition("?")[0] for _, path in desk.carrier.requests[before:]]


async def test_the_plan_reads_its_counts_again_once() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await go(desk, "1", "plan")
        assert "11 running" in desk.text
        await go(desk, "2", "instances")
        await confirm_and_send(desk)
        await run_to_end(desk)
        asked = await go(desk, "1", "plan")
        assert "3 running" in desk.text
        plan = desk.app.state.open_plan
        assert plan is not None
        assert plan.counts.instances == {"ask": 3}
        assert plan.target_counts.instances["check"] == 6
        statistics = [path for path in asked if path.endswith("/statistics")]
        assert len(statistics) == 2, "source and target, each once"
        assert await go(desk, "2", "instances")
        assert await go(desk, "1", "plan") == [], "nothing has moved since"


async def test_the_overview_reads_again_once() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await go(desk, "0", "overview")
        assert "11 instances on old versions" in desk.text
        await go(desk, "2", "instances")
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert await go(desk, "0", "overview") == ["/process-definition/statistics"]
        assert "3 instances on old versions" in desk.text
        await go(desk, "4", "result")
        assert await go(desk, "0", "overview") == []


async def test_what_is_done_with_the_batch_afterwards_counts_too() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        run = await run_with_two_failed_at_decide(desk)
        await go(desk, "1", "plan")
        plan = desk.app.state.open_plan
        assert plan is not None
        assert plan.running == 2
        await go(desk, "4", "result")
        await try_again_further_on(desk, run)
        await go(desk, "1", "plan")
        assert plan.running == 0


async def test_a_plan_that_another_screen_opened_gets_its_counts() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await confirm_and_send(desk)
        await run_to_end(desk)
        await desk.press("w")
        await desk.until(lambda: "would go back" in desk.flat, "way back found")
        await go(desk, "y", "plan")
        plan = desk.app.state.open_plan
        assert plan is not None
        assert plan.counts.instances == {"check": 6, "decide": 2}
        assert plan.target_counts.instances == {"ask": 3}
