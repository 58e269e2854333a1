"""A running app on a live engine, with a hand on its keys; the engine is asked by `tests.engines.rest` beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.engines import rest
from tests.tui.desk import Desk
from tests.waiting import wait_until
from tui_migrate.config.profile import Profile
from tui_migrate.operations.journal import Journal
from tui_migrate.tui.app import TuiMigrateApp
from tui_migrate.tui.options import AppOptions

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine


class LiveDesk(Desk):
    """Keys go to the app, and what the engine says comes by a way of its own."""

    url: str

    async def get(self, path: str, **parameters: object) -> Any:
        """Ask the engine, while the app goes on."""
        return await asyncio.to_thread(rest.get, self.url, path, user=None, **parameters)

    async def seen(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something holds that the engine is asked about, while the app goes on."""
        await asyncio.to_thread(wait_until, condition, what)

    async def answer(self, key: str, question: str, *then: str) -> None:
        """Press a key that leads to a question, and answer it with yes."""
        await self.press(key)
        await self.until(lambda: question in self.flat, question)
        await self.press("y", *then)

    async def shows(self, *words: str) -> None:
        """Wait until the screen shows all of these."""
        await self.until(lambda: all(one in self.flat for one in words), ", ".join(words))

    async def at(self, name: str) -> None:
        """Wait until a screen is in front, and nothing is being read."""
        await self.until(lambda: self.app.current_name == name, f"{name} shown")
        await self.settled()


@asynccontextmanager
async def open_live_desk(engine: RunningEngine, journal: Path, **options: Any) -> AsyncIterator[LiveDesk]:
    """Run the app at 80×24 on a live engine.

    Args:
        engine: The engine.
        journal: The file of the journal.
        options: More for `AppOptions`.
    """
    profile = Profile(name="LIVE", url=engine.url)
    app = TuiMigrateApp(AppOptions(profile=lambda: profile, journal=lambda: Journal(journal), **options))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        # Of the embedded engine behind other desks there is none here.
        desk = LiveDesk(app, pilot, None, None)  # type: ignore[arg-type]
        desk.url = engine.url
        await desk.until(lambda: app.state.session is not None, "connected")
        yield desk
