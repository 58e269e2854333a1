"""Keys that come before the first answers: they are told that something is on its way, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest

from tests.tui.desk import StillClock, claim_engine, open_desk, plan_pair
from tests.tui.walking import production
from tui_migrate.engine.wire import Reply, WireRequest
from tui_migrate.sandbox.carrier import SandboxCarrier


class Held(SandboxCarrier):
    """Answers nothing until it is let go."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.gate = asyncio.Event()

    async def send(self, request: WireRequest) -> Reply:
        await self.gate.wait()
        return await super().send(request)


@pytest.mark.parametrize("key", ["enter", "full_stop", "B"])
async def test_the_overview_says_that_it_is_being_read(key: str) -> None:
    clock = StillClock()
    carrier = Held(claim_engine(clock))
    async with open_desk(carrier.engine, clock=clock, carrier=carrier, settle=False) as desk:
        await desk.until(lambda: desk.app.state.session is not None, "connected")
        await desk.press(key)
        await desk.until(lambda: "are being read, one moment" in desk.flat, "said that it is being read")
        assert "No plan is open" not in desk.flat
        assert desk.app.current_name == "overview"
        carrier.gate.set()
        await desk.settled()
        assert "127 on old" in desk.text
        await desk.press("full_stop")
        await desk.until(lambda: desk.app.state.open_plan is not None, "the next step opens the cursor's plan")


@pytest.mark.parametrize("key", ["full_stop", "2", "m", "enter"])
async def test_a_plan_on_its_way_is_told_as_such(key: str) -> None:
    clock = StillClock()
    carrier = Held(claim_engine(clock))
    source, target = plan_pair(carrier.engine)
    async with open_desk(
        carrier.engine, clock=clock, carrier=carrier, settle=False, source=source, target=target
    ) as desk:
        await desk.until(lambda: desk.app.state.session is not None, "connected")
        await desk.press(key)
        await desk.until(lambda: "The plan is being opened, one moment." in desk.flat, "said that it is on its way")
        carrier.gate.set()
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        await desk.settled()
        assert "Camunda 7.24.0" in desk.lines[0], "the header names the engine without being refreshed"


async def test_the_engine_is_named_also_beside_a_long_address() -> None:
    clock = StillClock()
    engine = claim_engine(clock)
    source, target = plan_pair(engine)
    profile = production(name="127.0.0.1:18724", read_only=True)
    async with open_desk(engine, clock=clock, profile=profile, source=source, target=target) as desk:
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        await desk.settled()
        assert "127.0.0.1:18724" in desk.lines[0]
        assert "read-only" in desk.lines[0]
        assert "Plan › Instances › Confirm › Result" in desk.lines[0]
    async with open_desk(claim_engine(clock), clock=clock, profile=production(name="127.0.0.1:18724")) as desk:
        assert "127.0.0.1:18724  Camunda 7.24.0" in desk.lines[0]
