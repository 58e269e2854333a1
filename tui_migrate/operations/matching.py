"""The ids of all instances that a filter matches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery
    from tui_migrate.operations.filter import FilterQueries
    from tui_migrate.operations.session import Session

IDS_AT_ONCE: Final = 10_000
"""Instances of one request (2.4 MB, about 0.3 s); the client takes less where the engine limits its answers."""

STARTED: Final = (("startTime", "asc"), ("instanceId", "asc"))

OnProgress = Callable[[int], None]


async def matching_ids(
    session: Session, queries: FilterQueries, *, on_progress: OnProgress | None = None
) -> tuple[str, ...]:
    """Read the ids of all instances that both queries find, once through the engine's lists.

    Args:
        session: The engine.
        queries: What to ask for. With a history query the order is that of the start, else that of the ids.
        on_progress: Called with the number of ids that were read so far.
    """
    if queries.history is None:
        return await _runtime_ids(session, queries.runtime, on_progress)
    async with round_trip() as trip:
        runtime = trip.create_task(_runtime_ids(session, queries.runtime, on_progress))
        history = trip.create_task(_history_ids(session, queries.history))
    running = frozenset(runtime.result())
    return tuple(one for one in history.result() if one in running)


async def _runtime_ids(session: Session, query: InstanceQuery, on_progress: OnProgress | None) -> tuple[str, ...]:
    found: dict[str, None] = {}
    first = 0
    while True:
        rows = await session.engine.instances(query, first=first, limit=IDS_AT_ONCE)
        found.update(dict.fromkeys(row.id for row in rows))
        first += len(rows)
        if on_progress is not None:
            on_progress(len(found))
        if len(rows) < IDS_AT_ONCE:
            return tuple(found)


async def _history_ids(session: Session, query: HistoricInstanceQuery) -> tuple[str, ...]:
    found: dict[str, None] = {}
    first = 0
    while True:
        rows = await session.engine.historic_instances(query, first=first, limit=IDS_AT_ONCE, sort=STARTED)
        found.update(dict.fromkeys(row.id for row in rows))
        first += len(rows)
        if len(rows) < IDS_AT_ONCE:
            return tuple(found)
