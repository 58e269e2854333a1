"""What the parts of the client share: typed reads, lists in pages, queries whose fields this engine honours."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from tui_migrate.engine.features import Features
from tui_migrate.engine.models import Count
from tui_migrate.engine.queries import Query, sorting
from tui_migrate.engine.transport import Parameters, Transport
from tui_migrate.errors import EngineRefused

T = TypeVar("T")

PAGE = 1000
"""Rows of one request where everything is wanted: 250 kB of instances, about 0.1 s."""

Sort = tuple[tuple[str, str], ...]
"""Pairs of the engine's sort key and `asc` or `desc`; the last key should be unique, or pages may overlap."""

_RESULTS_LIMIT = re.compile(r"Max results limit of (\d+) exceeded")


class Api:
    """Base of the client's parts.

    Args:
        transport: The way to the engine.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def _query_features(self, query: Query) -> Features:
        """The features, with every field of the query decided."""
        raise NotImplementedError

    async def _list(
        self,
        kind: type[list[T]],
        method: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: object = None,
        first: int = 0,
        limit: int | None = None,
    ) -> list[T]:
        """Read rows `first` to `first + limit` (all without a limit), in as many requests as the engine wants."""

        async def fetch(offset: int, size: int) -> list[T]:
            page = {**(parameters or {}), "firstResult": offset, "maxResults": size}
            return await self._transport.read_as(kind, method, path, parameters=page, body=body)

        return await collect(fetch, self._transport, first, limit)

    async def _query_list(
        self, kind: type[list[T]], path: str, query: Query, sort: Sort, first: int, limit: int | None
    ) -> list[T]:
        if query.matches_nothing:
            return []
        body: dict[str, Any] = query.to_body(await self._query_features(query))
        if sort:
            body["sorting"] = sorting(sort)
        return await self._list(kind, "POST", path, body=body, first=first, limit=limit)

    async def _query_count(self, path: str, query: Query) -> int:
        if query.matches_nothing:
            return 0
        body = query.to_body(await self._query_features(query))
        return (await self._transport.read_as(Count, "POST", f"{path}/count", body=body)).count

    async def _count(self, path: str, parameters: Parameters | None = None) -> int:
        return (await self._transport.read_as(Count, "GET", f"{path}/count", parameters=parameters)).count


async def collect(
    fetch: Callable[[int, int], Awaitable[list[T]]], transport: Transport, first: int, limit: int | None
) -> list[T]:
    """Return rows `first` to `first + limit`, page by page where the engine limits its answers.

    An engine with `queryMaxResultsLimit` refuses a larger page and names its limit; the limit is kept for the session.

    Args:
        fetch: Reads one page, by offset and size.
        transport: Where the limit is kept.
        first: The first row wanted, from 0.
        limit: The most rows wanted; None is all.
    """
    rows: list[T] = []
    while limit is None or len(rows) < limit:
        size = PAGE if limit is None else limit - len(rows)
        if transport.largest_page is not None:
            size = min(size, transport.largest_page)
        try:
            page = await fetch(first + len(rows), size)
        except EngineRefused as refused:
            largest = results_limit(refused)
            if largest is None or largest >= size:
                raise
            transport.largest_page = largest
            continue
        rows += page
        if len(page) < size:
            break
    return rows


def results_limit(refused: EngineRefused) -> int | None:
    """Return the engine's `queryMaxResultsLimit` where its refusal names it (authenticated users only)."""
    found = _RESULTS_LIMIT.search(refused.engine_message or "")
    return int(found[1]) or None if found else None
