"""A running app on the embedded engine, for tests: fixed clock, ids, size and theme; waits on conditions only."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.events import Paste

from tests.waiting import PATIENCE
from tui_migrate.config.profile import Profile
from tui_migrate.operations.journal import Journal
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import Position
from tui_migrate.tui.app import TuiMigrateApp
from tui_migrate.tui.options import AppOptions

if TYPE_CHECKING:
    from textual.pilot import Pilot

MODELS = Path(__file__).parent / "models"


class StillClock:
    """Stands still, except that a sleeper moves it on; the embedded engine reads the same one."""

    def __init__(self) -> None:
        self.time = datetime(2025, 11, 24, 9, 41, tzinfo=UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


def claim_engine(clock: StillClock | None = None) -> SandboxEngine:
    """Return an engine with two versions of a claim and instances in many states on the old one."""
    engine = SandboxEngine((clock or StillClock()).now)
    old = engine.deploy((MODELS / "claim-1.bpmn").read_bytes(), resource="claim.bpmn")
    new = engine.deploy((MODELS / "claim-2.bpmn").read_bytes(), resource="claim.bpmn")
    for count, at in (
        (37, ("check",)),
        (58, ("ask",)),
        (12, ("visit", Position("expert", count=2))),
        (4, ("bureau",)),
        (3, ("report", "join")),
        (9, ("decide",)),
        (2, ("second",)),
    ):
        engine.bulk_start(old, count, at=at, business_key=f"C-{at[0]}-{{:03}}")
    for number in range(2):
        failed = Position("pay", failure="Account closed")
        engine.start(old, at=(failed,), business_key=f"C-pay-{number:03}")
    engine.bulk_start(new, 5, at=("sign",), business_key="C-new-{:03}")
    return engine


class Desk:
    """The app, a hand on its keys, and the engine behind it."""

    def __init__(self, app: TuiMigrateApp, pilot: Pilot[None], engine: SandboxEngine, carrier: SandboxCarrier) -> None:
        self.app = app
        self.pilot = pilot
        self.engine = engine
        self.carrier = carrier

    async def press(self, *keys: str) -> None:
        """Press keys one after the other; each has been handled afterwards."""
        for key in keys:
            await self.pilot.press(key)

    async def type(self, text: str) -> None:
        """Type a short text into the field that has the keys, or paste a long one."""
        if len(text) <= 8:
            await self.pilot.press(*("space" if one == " " else one for one in text))
            return
        field = self.app.focused
        assert field is not None
        field.post_message(Paste(text))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], Any], what: str = "") -> None:
        """Wait until a condition holds; fail with what the screen shows."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"did not come true: {what or condition}\n{self.text}")
            await self.pilot.pause(0.01)

    async def settled(self) -> None:
        """Wait until nothing is being read and the engine has spoken on the open plan."""
        await self.until(lambda: self.app.state.session is not None, "connected")
        await self.until(self._is_settled, "settled")
        await self.pilot.pause()
        await self.until(self._is_painted, "painted")

    def _is_settled(self) -> bool:
        # A run belongs to the app and may wait for an answer, or for time to pass.
        if any(not worker.is_finished and not worker.name.startswith("run ") for worker in self.app.workers):
            return False
        plan = self.app.state.open_plan
        if plan is None or self.app.current_name != "plan":
            return self.app.state.wanted is None
        return self.app.state.verdict_revision == plan.draft.revision

    def _is_painted(self) -> bool:
        """Whether no layout and no repaint is outstanding; a busy machine may be late with either."""
        screen = self.app.screen
        outstanding = (screen._dirty_widgets, screen._layout_widgets)
        return not any(outstanding) and not any(widget._layout_required for widget in (screen, *screen.query("*")))

    @property
    def lines(self) -> list[str]:
        """What the screen shows, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def flat(self) -> str:
        """What the screen shows as one line without boxes, for sentences that run over several."""
        return " ".join(self.text.replace("│", " ").split())

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self.lines) + "\n"


@contextlib.asynccontextmanager
async def open_desk(
    engine: SandboxEngine | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    clock: StillClock | None = None,
    profile: Profile | None = None,
    carrier: SandboxCarrier | None = None,
    settle: bool = True,
    **options: Any,
) -> AsyncIterator[Desk]:
    """Run the app on an embedded engine.

    Args:
        engine: The engine; None is `claim_engine`.
        size: Columns and rows.
        clock: The clock of both; None is a still one.
        profile: Whom the app talks to.
        carrier: In place of one on `engine`.
        settle: Whether to wait until the first screen has been read.
        options: More for `AppOptions`.
    """
    clock = clock or StillClock()
    engine = engine or claim_engine(clock)
    carrier = carrier or SandboxCarrier(engine)
    shown = profile or Profile(name="PROD-EU", url="http://engine.example/engine-rest", colour="red")
    chosen = AppOptions(
        profile=lambda: shown,
        carrier=lambda: carrier,
        journal=options.pop("journal", None) or (lambda: Journal(":memory:", clock=clock)),
        clock=clock,
        **options,
    )
    app = TuiMigrateApp(chosen)
    async with app.run_test(size=size, notifications=True) as pilot:
        desk = Desk(app, pilot, engine, carrier)
        if settle:
            await desk.settled()
        yield desk


def plan_pair(engine: SandboxEngine, key: str = "claim") -> tuple[str, str]:
    """Return the ids of a key's oldest and newest version."""
    found = sorted((one.version, one.id) for one in engine.store.definitions.values() if one.key == key)
    return found[0][1], found[-1][1]


@contextlib.asynccontextmanager
async def open_plan_desk(engine: SandboxEngine | None = None, **options: Any) -> AsyncIterator[Desk]:
    """Run the app with the plan between the oldest and the newest claim open."""
    clock = options.pop("clock", None) or StillClock()
    engine = engine or claim_engine(clock)
    source, target = plan_pair(engine, options.pop("key", "claim"))
    async with open_desk(engine, clock=clock, source=source, target=target, **options) as desk:
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        await desk.settled()
        yield desk
