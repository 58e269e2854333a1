"""From the arguments to a session: profile, engine client, journal. Everything heavy is imported here, when needed."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from tui_migrate.config.profile import Profile
    from tui_migrate.engine.wire import Carrier
    from tui_migrate.operations.journal import Journal
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.options import AppOptions


def is_demo(arguments: argparse.Namespace) -> bool:
    """Return whether `--demo` asks for the embedded engine."""
    return getattr(arguments, "demo", False) is True


def profile_of(arguments: argparse.Namespace) -> Profile:
    """Resolve the profile: option, then environment, then file, then default.

    Raises:
        ConfigError: The configuration can't be used, or no engine is named.
    """
    from tui_migrate.config.load import load_config, resolve_profile

    file = getattr(arguments, "config", None)
    return resolve_profile(
        load_config(Path(file) if file else None, os.environ),
        profile=getattr(arguments, "profile", None),
        url=getattr(arguments, "url", None),
        engine=getattr(arguments, "engine", None),
        tenant=getattr(arguments, "tenant", None),
        read_only=getattr(arguments, "read_only", None),
        demo=is_demo(arguments),
        environ=os.environ,
    )


def carrier_of(arguments: argparse.Namespace) -> Carrier | None:
    """Return what leads to the embedded engine where `--demo` asks for it, else None: the network."""
    if not is_demo(arguments):
        return None
    from tui_migrate.sandbox.demo import demo_carrier

    return demo_carrier()


def open_journal(arguments: argparse.Namespace) -> Journal:
    """Open the journal in the user's state folder; the demo's is in memory and leaves nothing behind."""
    from tui_migrate.operations.journal import Journal

    if is_demo(arguments):
        return Journal(":memory:")
    from tui_migrate.config.paths import journal_file

    return Journal(journal_file())


@asynccontextmanager
async def open_session(arguments: argparse.Namespace) -> AsyncIterator[Session]:
    """Connect to the engine that the arguments name; the first request is answered alone before any other.

    Raises:
        ConfigError: The configuration can't be used.
        EngineError: The engine can't be reached, or refuses the user.
    """
    from tui_migrate.engine.client import EngineClient
    from tui_migrate.operations.clock import SystemClock
    from tui_migrate.operations.session import Session

    profile = _with_typed_secrets(profile_of(arguments))
    settings = profile.engine_settings()
    # In a thread: it waits while another process opens or writes the same file.
    with await asyncio.to_thread(open_journal, arguments) as journal:
        async with EngineClient(settings, carrier=carrier_of(arguments)) as engine:
            session = Session(engine, profile, lambda: journal, SystemClock())
            await session.features()
            yield session


def _with_typed_secrets(profile: Profile) -> Profile:
    """Ask for secrets that the profile wants typed, where there is somebody to ask."""
    import sys
    from getpass import getpass

    from tui_migrate.secret import Secret

    while (question := profile.needed_secret()) is not None and sys.stdin.isatty() and sys.stderr.isatty():
        profile = profile.with_secret(Secret(getpass(f"{question}: ", stream=sys.stderr)))
    return profile


def tenant_of(arguments: argparse.Namespace, session: Session) -> str | None:
    """Return the tenant to look in for definitions named by key."""
    tenant: str | None = getattr(arguments, "tenant", None) or session.profile.tenant
    return tenant


def app_options(arguments: argparse.Namespace) -> AppOptions:
    """Return what the screens are started with; the profile is resolved after the first frame."""
    from tui_migrate.config.paths import state_folder
    from tui_migrate.config.screen import screen_settings
    from tui_migrate.tui.options import AppOptions

    file = getattr(arguments, "config", None)
    settings = screen_settings(Path(file) if file else None, os.environ)
    return AppOptions(
        profile=lambda: profile_of(arguments),
        carrier=lambda: carrier_of(arguments),
        journal=lambda: open_journal(arguments),
        source=arguments.source,
        target=arguments.target,
        instance_id=arguments.instance,
        plan_file=Path(arguments.plan_file) if arguments.plan_file else None,
        ascii=arguments.ascii or bool(settings.ascii),
        mouse=not arguments.no_mouse and settings.mouse is not False,
        theme=arguments.theme or settings.theme,
        keymap=settings.keymap,
        log_file=state_folder() / "tui-migrate.log",
    )
