"""Where instances are: the open activities of many of them, by a number of requests that doesn't grow with the rows.

The engine has no list of activities by several instances: `POST /history/activity-instance` knows one instance or a
whole definition (other members are ignored; REST reference 5). So a definition with few open activities is read as a
whole, and of a larger one each activity that is open anywhere is asked for, once for all instances of a page.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.operations.session import Session

READ_AS_A_WHOLE: Final = 10_000
"""Open activities of a definition up to which all are read in one request (about 3 MB)."""

ACTIVITIES_AT_MOST: Final = 40
"""Activities that are asked for one by one."""

_COST_OF_A_LIST: Final = 20
"""How many questions about one activity take as long as a list of `READ_AS_A_WHOLE` open activities."""

_OTHERS_AT_ONCE: Final = 500
"""Ids in one list: some databases limit them to 1,000."""

GOOD_FOR: Final = 10.0
"""Seconds after which what was read of a whole definition is read again: instances move on."""

OpenByInstance = dict[str, tuple[str, ...]]


class OpenActivities:
    """Reads the ids of open activities of instances of one definition from history.

    Args:
        session: The engine; its history must be readable.
        definition_id: The definition.
        model: Its model.
        good_for: Seconds for which what was read of the whole definition is good.
    """

    def __init__(
        self, session: Session, definition_id: str, model: ProcessModel, *, good_for: float = GOOD_FOR
    ) -> None:
        self._good_for = good_for
        self._session = session
        self._definition_id = definition_id
        self._model = model
        self._all: OpenByInstance | None = None
        self._read_at = 0.0
        self._total: int | None = None
        self._candidates: tuple[str, ...] | None = None

    @property
    def counted(self) -> bool:
        """Whether an activity that is open several times in an instance comes as often."""
        return self._all is not None

    async def read(self, ids: Sequence[str], *, of: int | None = None) -> tuple[OpenByInstance, str | None]:
        """Return the open activities of these instances.

        Args:
            ids: The instances, at most a page of them.
            of: How many instances will be asked for in all; decides what is the shortest way.

        Returns:
            By instance the ids, scopes included; an instance of which they can't be told is absent. And why, in a
            sentence, where that is so.
        """
        now = self._session.clock.monotonic()
        if self._all is not None and now - self._read_at > self._good_for:
            self._all = self._total = self._candidates = None
        if self._all is None and await self._whole_is_shorter(len(ids), of or len(ids)):
            self._read_at = now
            self._all = await self._read_all()
        if self._all is not None:
            return {one: self._all.get(one, ()) for one in ids}, None
        return await self._read_by_activity(ids)

    async def _whole_is_shorter(self, page: int, instances: int) -> bool:
        if self._total is None:
            self._total = await self._session.engine.count_open_activities(self._definition_id)
        if self._total <= READ_AS_A_WHOLE:
            return True
        pages = -(-instances // max(page, 1))
        lists = -(-self._total // READ_AS_A_WHOLE)
        candidates = await self._open_anywhere()
        if len(candidates) > ACTIVITIES_AT_MOST:
            return pages > 1
        return lists * _COST_OF_A_LIST <= pages * (len(candidates) + 1)

    async def _read_all(self) -> OpenByInstance:
        found: defaultdict[str, list[str]] = defaultdict(list)
        first = 0
        while True:
            rows = await self._session.engine.open_activities(self._definition_id, first=first, limit=READ_AS_A_WHOLE)
            for row in rows:
                found[row.process_instance_id].append(sys.intern(row.activity_id))
            first += len(rows)
            if len(rows) < READ_AS_A_WHOLE:
                return {one: tuple(activities) for one, activities in found.items()}

    async def _open_anywhere(self) -> tuple[str, ...]:
        """Return the activities that may be open: those with tokens, the joins, and the scopes around them."""
        if self._candidates is None:
            statistics = await self._session.engine.activity_statistics(self._definition_id)
            leaves = [self._model.get(one.id) for one in statistics]
            joins = [one for one in self._model.activities.values() if one.tag.endswith("Gateway") and one.incoming > 1]
            ids: dict[str, None] = {}
            for activity in (*leaves, *joins):
                if activity is not None:
                    ids.update(dict.fromkeys((activity.id, *self._model.flow_scopes(activity))))
            self._candidates = tuple(ids)
        return self._candidates

    async def _read_by_activity(self, ids: Sequence[str]) -> tuple[OpenByInstance, str | None]:
        candidates = await self._open_anywhere()
        if len(candidates) > ACTIVITIES_AT_MOST:
            return {}, "Too many activities are open to read where an instance is; its details show it."
        others = [one for one in self._model.activities if one not in set(candidates)]
        chunks = [others[start : start + _OTHERS_AT_ONCE] for start in range(0, len(others), _OTHERS_AT_ONCE)]
        async with round_trip() as trip:
            at = {activity: trip.create_task(self._instances_at(ids, (activity,))) for activity in candidates}
            elsewhere = [trip.create_task(self._instances_at(ids, tuple(chunk))) for chunk in chunks]
        found: defaultdict[str, list[str]] = defaultdict(list)
        for activity, task in at.items():
            for instance_id in task.result():
                found[instance_id].append(activity)
        moved = set().union(*(task.result() for task in elsewhere)) if elsewhere else set()
        if moved:
            self._candidates = None
        return {one: tuple(found.get(one, ())) for one in ids if one not in moved}, (
            "It is at an activity where no instance was a moment ago; read again." if moved else None
        )

    async def _instances_at(self, ids: Sequence[str], activity_ids: tuple[str, ...]) -> frozenset[str]:
        from tui_migrate.engine.queries import HistoricInstanceQuery

        query = HistoricInstanceQuery(
            process_definition_id=self._definition_id,
            unfinished=True,
            process_instance_ids=tuple(ids),
            active_activity_id_in=activity_ids,
        )
        rows = await self._session.engine.historic_instances(query, limit=len(ids))
        return frozenset(row.id for row in rows)


def leaves(activity_ids: Sequence[str], model: ProcessModel) -> tuple[str, ...]:
    """Return the activities that a person would name: without the scopes and bodies around others, each once."""
    around: set[str] = set()
    for activity_id in activity_ids:
        activity = model.get(activity_id)
        if activity is not None:
            around.update(model.flow_scopes(activity))
    return tuple(dict.fromkeys(one for one in activity_ids if one not in around or not model.get(one)))
