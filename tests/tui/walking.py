"""What the tests of the later steps share: desks on the way to a result, an engine that stands still until told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.tui.desk import MODELS, Desk, StillClock, open_plan_desk
from tui_migrate.config.profile import Profile
from tui_migrate.migration.plan import Instruction
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.executor import ExecutorSettings
from tui_migrate.sandbox.position import Position
from tui_migrate.tui.screens.instances.screen import InstancesScreen
from tui_migrate.tui.shown_run import ShownRun

CHANGES = ("/migration/execute", "/migration/executeAsync")


class HeldClock(StillClock):
    """A clock whose sleepers wait until the test lets time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.sleepers = 0
        self.slept = 0
        """How often somebody went to sleep."""
        self._steps = asyncio.Semaphore(0)
        self.free = False

    async def sleep(self, seconds: float) -> None:
        self.sleepers += 1
        self.slept += 1
        try:
            if not self.free:
                await self._steps.acquire()
        finally:
            self.sleepers -= 1
        await super().sleep(seconds)

    def step(self, seconds: float = 0.0) -> None:
        """Let one sleeper go on; the time moves by more than it wanted if `seconds` is given."""
        self._shift(seconds)
        self._steps.release()

    def _shift(self, seconds: float) -> None:
        from datetime import timedelta

        self.time += timedelta(seconds=seconds)
        self.seconds += seconds

    def let_go(self) -> None:
        """Hold nobody any more."""
        self.free = True
        for _ in range(self.sleepers):
            self._steps.release()


def small_engine(
    clock: StillClock, *, counts: Mapping[str, int] | None = None, history: bool = True, **executor: Any
) -> SandboxEngine:
    """Return an engine with two versions of a claim and a few instances on the old one, by activity."""
    settings = ExecutorSettings(**executor)
    engine = SandboxEngine(clock.now, executor=settings, history=history)
    old = engine.deploy((MODELS / "claim-1.bpmn").read_bytes(), resource="claim.bpmn")
    engine.deploy((MODELS / "claim-2.bpmn").read_bytes(), resource="claim.bpmn")
    for activity, number in (counts or {"check": 6, "ask": 3, "decide": 2}).items():
        engine.bulk_start(old, number, at=(activity,), business_key=f"C-{activity}-{{:03}}")
    return engine


def hostile_engine(clock: StillClock) -> SandboxEngine:
    """Return an engine whose business keys would take a careless terminal apart."""
    engine = small_engine(clock, counts={"check": 1})
    old = next(one.id for one in engine.store.definitions.values() if one.version == 1)
    for key in (
        "[red]not red[/red] [/x] [b",
        "\x1b[2J\x1b[31mescape\x07",
        "zwei\nZeilen\tund \u202eumgekehrt\u202c",
        "漢字のとても長い業務キーで列からはみ出す",
        "e\u0301\u0301\u0301 " + "x" * 300,
    ):
        engine.start(old, at=(Position("check"),), business_key=key)
    return engine


@contextlib.asynccontextmanager
async def open_instances_desk(engine: SandboxEngine | None = None, **options: Any) -> AsyncIterator[Desk]:
    """Run the app with the instances of the oldest claim shown and read."""
    async with open_plan_desk(engine, **options) as desk:
        await desk.press("2")
        await desk.until(lambda: desk.app.current_name == "instances", "instances shown")
        await desk.settled()
        yield desk


def instances_of(desk: Desk) -> InstancesScreen:
    """Return the instance screen in front."""
    screen = desk.app.screen
    assert isinstance(screen, InstancesScreen)
    return screen


def spoil(desk: Desk) -> None:
    """Put a mapping into the plan that the engine refuses."""
    plan = desk.app.state.open_plan
    assert plan is not None
    plan.draft.map("decide", "bureau")


def map_all(desk: Desk) -> None:
    """Map what waits without a mapping, so that all instances migrate."""
    plan = desk.app.state.open_plan
    assert plan is not None
    plan.draft.map_all((Instruction("ask", "request"), Instruction("second", "decide")))


async def confirm_and_send(desk: Desk, *keys: str) -> None:
    """Go to the confirm screen, press keys there, migrate."""
    await desk.press("3")
    await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
    await desk.settled()
    await desk.press(*keys)
    await desk.press("enter")
    await desk.until(lambda: "MigrateModal" in type(desk.app.screen).__name__, "asked")
    await desk.press("y")
    await desk.until(lambda: desk.app.current_name == "result", "result shown")


async def run_with_two_failed_at_decide(desk: Desk) -> ShownRun:
    """Carry out a run of a `small_engine` in which only those at `decide` fail, who can be tried again further on."""
    map_all(desk)
    plan = desk.app.state.open_plan
    assert plan is not None
    plan.draft.remove(("decide",))
    await confirm_and_send(desk)
    await run_to_end(desk)
    run = desk.app.state.run
    assert run is not None
    return run


async def try_again_further_on(desk: Desk, run: ShownRun) -> None:
    """Complete the task that the failed instances wait at, and try their jobs again."""
    assert run.account is not None
    for one in run.account.failed_ids:
        desk.engine.complete(one, "decide")
    await desk.press("T")
    await desk.until(lambda: "Try 2 failed jobs again?" in desk.text, "asked")
    await desk.press("y")
    await desk.until(lambda: "Success: all 11" in desk.text, "all migrated")


async def tick(desk: Desk, clock: HeldClock, seconds: float = 0.0) -> None:
    """Let a sleeper go on and wait until somebody sleeps again."""
    await desk.until(lambda: clock.sleepers > 0, "somebody sleeps")
    before = clock.slept
    clock.step(seconds)
    await desk.until(lambda: clock.slept > before and clock.sleepers > 0, "somebody sleeps again")


async def run_to_end(desk: Desk) -> None:
    """Wait until the run that is shown is over and nothing is being read."""
    await desk.until(lambda: desk.app.state.run is not None and desk.app.state.run.state.ended, "run over")
    await desk.settled()


def sent(desk: Desk) -> list[str]:
    """Return the paths of the migrations that the engine was asked for."""
    return [path for method, path in desk.carrier.requests if method == "POST" and path in CHANGES]


def production(**changes: Any) -> Profile:
    """Return the profile of the tests with changes."""
    values: dict[str, Any] = {"name": "PROD-EU", "url": "http://engine.example/engine-rest", "colour": "red"}
    return Profile(**(values | changes))


@pytest.fixture
def same_run_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs get the same ids each time, and the same person starts them."""
    monkeypatch.setattr("tui_migrate.operations.journal.secrets.token_hex", lambda _: "ab12")
    monkeypatch.setenv("LOGNAME", "mary")
