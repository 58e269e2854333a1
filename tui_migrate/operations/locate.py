"""Where instances are: on which definition each of some ids is now, asked of the engine in chunks.

The runtime query by ids alone tells each one's definition; history tells that of the ended ones, which after a
migration is the target. Source: REST reference, section 8; seen on Camunda 7.17, 7.24 and Operaton 1.0.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.errors import EngineRefused, Forbidden, NotFound
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_migrate.engine.models import HistoricProcessInstance, ProcessInstance
    from tui_migrate.operations.session import Session

CHUNK: Final = 500
"""Ids in one query: a count with 20,000 takes 7 s and more (H2), with 500 some 30 ms; other databases limit lists."""


class Whereabouts(Struct, frozen=True):
    """Where some instances are."""

    running: Mapping[str, str]
    """Definition id by the id of each instance that runs."""
    ended: Mapping[str, str]
    """Definition id by the id of each one that history knows and the runtime query does not show."""
    unseen: Mapping[str, str]
    """Like `ended`, of those that history calls running: this user may not see them in the runtime query."""
    history: bool
    """Whether history could be asked; without it nothing is known of those that don't run."""

    def definition_of(self, instance_id: str) -> str | None:
        """Return the definition of an instance, running or not, or None where nothing is known of it."""
        return self.running.get(instance_id) or self.unseen.get(instance_id) or self.ended.get(instance_id)


async def locate_running(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the definition id by the id of each of `ids` that runs; one request for each 500."""
    from tui_migrate.engine.queries import InstanceQuery

    async with round_trip() as trip:
        tasks = [
            trip.create_task(session.engine.instances(InstanceQuery(process_instance_ids=tuple(chunk)), limit=CHUNK))
            for chunk in chunks(ids)
        ]
    found: list[ProcessInstance] = [instance for task in tasks for instance in task.result()]
    return {instance.id: instance.definition_id for instance in found}


async def locate(session: Session, ids: Sequence[str]) -> Whereabouts:
    """Return where `ids` are: one request for each 500, and one for each 500 that don't run."""
    running = await locate_running(session, ids)
    missing = [one for one in ids if one not in running]
    if not missing:
        return Whereabouts(running, {}, {}, history=True)
    found = await _history(session, missing)
    if found is None:
        return Whereabouts(running, {}, {}, history=False)
    ended = {one.id: one.process_definition_id for one in found if one.end_time is not None}
    unseen = {one.id: one.process_definition_id for one in found if one.end_time is None}
    return Whereabouts(running, ended, unseen, history=True)


def chunks(ids: Sequence[str], size: int = CHUNK) -> Iterator[Sequence[str]]:
    """Yield `ids` in pieces of `size`."""
    for first in range(0, len(ids), size):
        yield ids[first : first + size]


async def _history(session: Session, ids: Sequence[str]) -> list[HistoricProcessInstance] | None:
    from tui_migrate.engine.queries import HistoricInstanceQuery

    try:
        if not await session.engine.history_available():
            return None
        async with round_trip() as trip:
            tasks = [
                trip.create_task(
                    session.engine.historic_instances(
                        HistoricInstanceQuery(process_instance_ids=tuple(chunk)), first=0, limit=CHUNK, sort=_BY_ID
                    )
                )
                for chunk in chunks(ids)
            ]
    except (Forbidden, NotFound, EngineRefused):
        return None
    return [instance for task in tasks for instance in task.result()]


_BY_ID: Final = (("instanceId", "asc"),)
