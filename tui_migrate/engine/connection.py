"""The first requests to an engine: is it there, is it one, which version, what does it honour."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from tui_migrate.engine.api import Api
from tui_migrate.engine.features import IMPOSSIBLE, MISTYPED, Features, QueryKind, features_of, product_of
from tui_migrate.engine.models import Count, Named, Version
from tui_migrate.engine.queries import Query
from tui_migrate.engine.transport import Transport
from tui_migrate.errors import EngineRefused, NotFound
from tui_migrate.text import safe

_PATHS: dict[QueryKind, str] = {"runtime": "/process-instance", "history": "/history/process-instance", "job": "/job"}


class Connection(Api):
    """Version, engine names and features."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._features: Features | None = None
        self._connecting = asyncio.Lock()
        self._history: bool | None = None

    async def connect(self) -> Features:
        """Make the session's first request alone and return what the engine is; later calls cost nothing.

        It goes alone since a wrong password locks the user: four wrong ones at once would lock it for long. A named
        engine is looked up first, because `/engine/{name}/version` answers for any name.

        Raises:
            EngineUnreachable: Nothing answers, or a proxy does.
            UnexpectedReply: A web server or a login page answers, but not the REST API.
            AuthFailed: The credentials are missing or wrong.
            NotFound: The path goes beyond the REST base, or there is no engine of that name.
        """
        async with self._connecting:
            if self._features is None:
                await self._check_engine_name()
                self._features = features_of(await self.version())
            return self._features

    async def version(self) -> str:
        """Return the engine's version, such as `7.24.0`."""
        return (await self._transport.read_as(Version, "GET", "/version")).version

    async def engine_names(self) -> list[str]:
        """Return the names of the engines below the REST base, whichever is used."""
        return sorted(one.name for one in await self._transport.read_as(list[Named], "GET", "/engine", root=True))

    async def features(self) -> Features:
        """Return what this engine can do; connects where that has not happened yet."""
        return self._features or await self.connect()

    async def honours(self, kind: QueryKind, field: str) -> bool:
        """Whether this engine honours a field of a query: by its version's list, or by asking with a canary.

        The canary is a count with a value of a wrong type, which only an engine that knows the field refuses, then one
        with an impossible value, which has to find nothing. It is asked once.

        Args:
            kind: The query.
            field: The engine's name of the field, such as `rootProcessInstanceId`.
        """
        features = await self.features()
        if (kind, field) not in features.unsure:
            return field in features.fields(kind)
        honoured = await self._knows(kind, field) and await self._finds_nothing(kind, field)
        self._features = (await self.features()).decided(kind, field, honoured=honoured)
        return honoured

    async def _knows(self, kind: QueryKind, field: str) -> bool:
        try:
            await self._transport.read_as(Count, "POST", f"{_PATHS[kind]}/count", body={field: MISTYPED})
        except EngineRefused:
            return True
        return False

    async def _finds_nothing(self, kind: QueryKind, field: str) -> bool:
        if field not in IMPOSSIBLE:
            return True
        body = {field: IMPOSSIBLE[field]}
        return (await self._transport.read_as(Count, "POST", f"{_PATHS[kind]}/count", body=body)).count == 0

    async def history_available(self) -> bool:
        """Whether history shows the running instances: its level is not `none` and the user has READ_HISTORY.

        The engine gives no error for either, only empty lists. With no instance running there is nothing to miss: true.
        """
        if self._history is None:
            running, recorded = await asyncio.gather(
                self._transport.read_as(Count, "POST", "/process-instance/count", body={}),
                self._transport.read_as(Count, "POST", "/history/process-instance/count", body={"unfinished": True}),
            )
            if running.count == 0:
                return True
            self._history = recorded.count > 0
        return self._history

    async def _query_features(self, query: Query) -> Features:
        features = await self.features()
        for kind, field in features.unsure & {(query.kind, field) for field in query.used_fields()}:
            await self.honours(kind, field)
        return await self.features()

    def _saw_class(self, class_name: str) -> None:
        """Take the product from a Java class that an answer named: the version alone can't tell Operaton from CIB
        seven."""
        product = product_of(class_name)
        if product is not None and self._features is not None and self._features.product != product:
            self._features = replace(self._features, product=product)

    async def _check_engine_name(self) -> None:
        wanted = self._transport.settings.engine_name
        if wanted is None:
            return
        names = await self.engine_names()
        if wanted not in names:
            known = ", ".join(safe(name) for name in names) or "none"
            raise NotFound(
                f"There is no process engine {wanted!r} at {self._transport.settings.url}; it has: {known}. "
                "Check the engine's name (--engine, TUI_MIGRATE_ENGINE, or engine in the profile)."
            )
