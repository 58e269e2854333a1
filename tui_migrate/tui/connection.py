"""From the options to a session: the heavy imports, the profile, the client, and the journal once there is time."""

from __future__ import annotations

import asyncio
import gc
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_migrate.operations.journal import Journal
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.options import AppOptions

_PLAN = ("tui_migrate.operations.plan", "tui_migrate.tui.screens.plan.screen")
"""What the plan needs, beyond what the overview does."""
_FIRST_VIEW = 1.0
"""Seconds within which what is seen first comes, from an engine that is near."""


async def open_session(options: AppOptions, secrets: Sequence[str] = ()) -> Session:
    """Make the session that the options ask for; nothing is asked of the engine yet.

    The imports (half a second on a slow machine), the certificates and the secrets are read in a thread, so that keys
    are answered meanwhile.

    Args:
        options: Where to connect to.
        secrets: What the user has typed so far.

    Raises:
        SecretNeeded: A secret has to be typed.
        ConfigError: The configuration can't be used.
    """
    try:
        return await asyncio.to_thread(_prepare, options, secrets)
    finally:
        if not gc.isenabled():
            asyncio.get_running_loop().call_later(_FIRST_VIEW, _collect_garbage)


def _collect_garbage() -> None:
    """Begin to: it is off since the start (`cli/screens`), until the first rows or trees are there.

    What has been imported and made by then is not looked through: no collection, and so no key, has to wait for that.
    """
    gc.freeze()
    gc.enable()


def _prepare(options: AppOptions, secrets: Sequence[str]) -> Session:
    from tui_migrate.engine.client import EngineClient
    from tui_migrate.operations.clock import SystemClock
    from tui_migrate.operations.session import Session
    from tui_migrate.secret import Secret

    profile = options.profile()
    for secret in secrets:
        profile = profile.with_secret(Secret(secret))
    settings = profile.engine_settings()
    client = EngineClient(settings, carrier=options.carrier())
    return Session(client, profile, options.journal or _open_journal, options.clock or SystemClock())


def _open_journal() -> Journal:
    from tui_migrate.config.paths import journal_file
    from tui_migrate.operations.journal import Journal

    return Journal(journal_file())


async def import_plan() -> None:
    """Import in a thread what the plan needs, so that the key that opens it doesn't wait for it."""

    def load() -> None:
        for name in _PLAN:
            importlib.import_module(name)

    await asyncio.to_thread(load)


def secret_wanted(error: Exception) -> str | None:
    """Return which secret has to be typed before a session can be made, None where the error is another one."""
    from tui_migrate.config.secret import SecretNeeded

    return error.question if isinstance(error, SecretNeeded) else None
