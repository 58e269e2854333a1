"""From the options to a session: the heavy imports, the profile, the client, the journal."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.options import AppOptions

_HEAVY = (
    "tui_migrate.engine.client",
    "tui_migrate.engine.queries",
    "tui_migrate.operations.session",
    "tui_migrate.operations.overview",
    "tui_migrate.operations.plan",
    "tui_migrate.operations.journal",
    "tui_migrate.operations.clock",
)


async def open_session(options: AppOptions) -> Session:
    """Make the session that the options ask for; nothing is asked of the engine yet.

    The imports (half a second on a slow machine) and the certificates are read in a thread, so that keys are answered.

    Raises:
        ConfigError: The configuration can't be used.
        JournalError: The journal can't be opened.
    """
    return await asyncio.to_thread(_prepare, options)


def _prepare(options: AppOptions) -> Session:
    for module in _HEAVY:
        importlib.import_module(module)
    from tui_migrate.config.paths import journal_file
    from tui_migrate.engine.client import EngineClient
    from tui_migrate.operations.clock import SystemClock
    from tui_migrate.operations.journal import Journal
    from tui_migrate.operations.session import Session

    profile = options.profile()
    transport = options.transport() if options.transport else None
    client = EngineClient(profile.engine_settings(), transport=transport)
    journal = options.journal() if options.journal else Journal(journal_file())
    return Session(client, profile, journal, options.clock or SystemClock())
