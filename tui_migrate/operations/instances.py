"""The instances of the source version, page by page, each row with where it is and what it would do."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.errors import UsageError
from tui_migrate.migration.instance_state import ASYNC_CONTINUATION, InstanceState
from tui_migrate.operations.filter import FilterQueries, InstanceFilter
from tui_migrate.operations.matching import STARTED, matching_ids
from tui_migrate.operations.open_activities import leaves
from tui_migrate.operations.states import StateReader, States

if TYPE_CHECKING:
    from datetime import datetime

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.engine.models import HistoricProcessInstance, ProcessInstance
    from tui_migrate.migration.forecast import Forecast, Forecaster
    from tui_migrate.operations.instance_detail import InstanceDetail
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.session import Session

SortKey = Literal["id", "started", "business key"]

_RUNTIME_SORT: Final = {
    "id": (("instanceId", "asc"),),
    "business key": (("businessKey", "asc"), ("instanceId", "asc")),
}
_STATES_KEPT: Final = 2000


class InstanceRow(Struct, frozen=True):
    """One running instance of the source version."""

    id: str
    business_key: str | None
    suspended: bool
    tenant_id: str | None = None
    started: datetime | None = None
    """None without history."""
    activities: tuple[str, ...] = ()
    """Ids of the activities where it is, without the scopes around them."""
    waiting: tuple[str, ...] = ()
    """Ids of the activities before or after which it waits for an asynchronous job."""
    placed: bool = False
    """Whether `activities` was read."""
    incidents: int = 0
    incidents_counted: bool = True
    """False where there are more incidents than are read: then 1 stands for one or more."""
    forecast: Forecast | None = None
    """What it would do with the draft as it stood when the row was filled; None for a row not yet filled."""


class InstanceList:
    """A list of instances that is read page by page. Its order is stable: the last sort key is the instance's id.

    Args:
        session: The engine.
        open_plan: Its source version's instances are listed; its draft makes the forecasts.
        filter: What is shown; all without it.
        sort: What the order goes by. `started` needs history.
    """

    def __init__(
        self,
        session: Session,
        open_plan: OpenPlan,
        filter: InstanceFilter | None = None,
        *,
        sort: SortKey = "id",
    ) -> None:
        self.filter = filter or InstanceFilter()
        self.sort: SortKey = sort
        self._session = session
        self._open_plan = open_plan
        self._states: OrderedDict[str, States] = OrderedDict()
        self.reload()

    def reload(self) -> None:
        """Forget what was read, so that the next page shows the engine as it is then."""
        self._reader = StateReader(self._session, self._open_plan.source.id, self._open_plan.source_model)
        self._ids: tuple[str, ...] | None = None
        self._states.clear()

    async def count(self) -> int:
        """Return how many instances the filter takes."""
        queries = await self._queries()
        if self._is_mixed(queries):
            return len(await self._mixed_ids(queries))
        if queries.history is not None:
            return await self._session.engine.count_historic_instances(queries.history)
        return await self._session.engine.count_instances(queries.runtime)

    async def page(self, first: int, limit: int) -> list[InstanceRow]:
        """Return the rows `first` to `first + limit`, filled.

        The number of requests doesn't depend on that of the rows.
        """
        return await self.fill(await self.rows(first, limit))

    async def rows(self, first: int, limit: int) -> list[InstanceRow]:
        """Return rows with what the list itself says, by one request: the first thing to show."""
        queries = await self._queries()
        if self._is_mixed(queries):
            return await self._mixed_rows(queries, first, limit)
        engine = self._session.engine
        if queries.history is not None:
            recorded = await engine.historic_instances(queries.history, first=first, limit=limit, sort=STARTED)
            return [_history_row(one) for one in recorded]
        sort = _RUNTIME_SORT[self.sort]
        return [_row(one) for one in await engine.instances(queries.runtime, first=first, limit=limit, sort=sort)]

    async def fill(self, rows: Sequence[InstanceRow]) -> list[InstanceRow]:
        """Return the rows with start, activities, incidents and forecast, by a fixed number of requests."""
        if not rows:
            return []
        ids = [row.id for row in rows]
        forecaster = self._open_plan.forecaster()
        listed = {row.id: row for row in rows}
        states = await self._reader.read(
            ids, listed, variables=forecaster.needs_variables, tasks=forecaster.needs_tasks
        )
        self._keep(ids, states)
        return [_filled(row, states, forecaster, self._open_plan.source_model) for row in rows]

    def refreshed(self, rows: Sequence[InstanceRow]) -> list[InstanceRow]:
        """Return filled rows with the forecasts of the draft as it stands now, without a request."""
        forecaster = self._open_plan.forecaster()
        model = self._open_plan.source_model
        known = {row.id: self._states[row.id] for row in rows if row.id in self._states}
        return [_filled(row, known[row.id], forecaster, model) if row.id in known else row for row in rows]

    async def detail(self, instance_id: str) -> InstanceDetail:
        """Return all about one instance: its activity tree with a verdict, variables, called instances.

        Raises:
            NotFound: It doesn't run any more.
        """
        from tui_migrate.operations.instance_detail import read_detail

        return await read_detail(self._session, self._open_plan, instance_id)

    # -- inside --------------------------------------------------------------------------------------------------

    async def _queries(self) -> FilterQueries:
        """The history is part of it where a criterion or the order needs it."""
        from tui_migrate.engine.queries import HistoricInstanceQuery

        queries = self.filter.queries(self._open_plan.source.id, await self._session.features())
        if queries.history is None and self.sort == "started":
            history = HistoricInstanceQuery(process_definition_id=self._open_plan.source.id, unfinished=True)
            queries = FilterQueries(queries.runtime, history)
        if queries.history is not None and not await self._session.engine.history_available():
            raise UsageError(
                "When instances started is known to the history only, and this engine has none that you may read. "
                "Filter and sort by something else."
            )
        return queries

    def _is_mixed(self, queries: FilterQueries) -> bool:
        """Whether both queries narrow: then their answers have to be intersected as wholes."""
        return queries.history is not None and any(not term.criterion.history for term in self.filter.terms)

    async def _mixed_ids(self, queries: FilterQueries) -> tuple[str, ...]:
        if self._ids is None:
            self._ids = await matching_ids(self._session, queries)
        return self._ids

    async def _mixed_rows(self, queries: FilterQueries, first: int, limit: int) -> list[InstanceRow]:
        from tui_migrate.engine.queries import InstanceQuery

        ids = (await self._mixed_ids(queries))[first : first + limit]
        query = InstanceQuery(process_definition_id=self._open_plan.source.id, process_instance_ids=ids)
        found = {one.id: one for one in await self._session.engine.instances(query, limit=len(ids))}
        return [_row(found[one]) for one in ids if one in found]

    def _keep(self, ids: Iterable[str], states: States) -> None:
        for one in ids:
            self._states[one] = states
            self._states.move_to_end(one)
        while len(self._states) > _STATES_KEPT:
            self._states.popitem(last=False)


def _filled(row: InstanceRow, states: States, forecaster: Forecaster, model: ProcessModel) -> InstanceRow:
    state = states.by_id[row.id]
    return replace(
        row,
        started=states.started.get(row.id, row.started),
        activities=leaves(state.open_activities or (), model),
        waiting=_waiting(state),
        placed=state.open_activities is not None,
        incidents=1 if state.incidents is None else len(state.incidents),
        incidents_counted=state.incidents is not None,
        forecast=states.forecast(forecaster, row.id),
    )


def _row(instance: ProcessInstance) -> InstanceRow:
    return InstanceRow(instance.id, instance.business_key, instance.suspended, instance.tenant_id)


def _history_row(instance: HistoricProcessInstance) -> InstanceRow:
    suspended = instance.state == "SUSPENDED"
    return InstanceRow(instance.id, instance.business_key, suspended, instance.tenant_id, instance.start_time)


def _waiting(state: InstanceState) -> tuple[str, ...]:
    counted = Counter(
        job.activity_id for job in state.jobs or () if job.job_type == ASYNC_CONTINUATION and job.activity_id
    )
    return tuple(counted)
