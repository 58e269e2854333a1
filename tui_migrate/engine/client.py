"""The one face of an engine: every REST call that the project needs, async and typed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from tui_migrate.engine.audit import Audit
from tui_migrate.engine.batches import Batches
from tui_migrate.engine.definitions import Definitions
from tui_migrate.engine.instances import Instances
from tui_migrate.engine.jobs import Jobs
from tui_migrate.engine.plans import Plans
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.engine.transport import RequestRecord, Transport
from tui_migrate.engine.wire import Carrier


class EngineClient(Definitions, Instances, Plans, Batches, Jobs, Audit):
    """A session with one engine: `async with EngineClient(settings) as engine: …`.

    At most five requests are in flight at once. Reads are tried again when the line was cut; what changes the engine is
    sent once. Everything that goes wrong is an error of the family in `tui_migrate.errors`.

    Args:
        settings: Address, authentication, time-outs.
        carrier: What carries the requests in place of a network: the embedded engine, or a test's.
        sleep: How the pause before another try of a read is spent.

    Raises:
        ConfigError: A certificate file or the proxy can't be used.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        carrier: Carrier | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(Transport(settings, carrier=carrier, sleep=sleep))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    @property
    def settings(self) -> EngineSettings:
        """What this session was made with."""
        return self._transport.settings

    @property
    def base_url(self) -> str:
        """The REST base as requests address it, with `/engine/{name}` for a named one; never with credentials."""
        return self._transport.base_url

    @property
    def read_only(self) -> bool:
        """Whether every change is refused before it is sent."""
        return self._transport.settings.read_only

    @property
    def on_request(self) -> list[Callable[[RequestRecord], None]]:
        """Called with each request that was made: for the log, tests and benchmarks."""
        return self._transport.on_request
