"""What a forecast is made from, read for a page of instances with a fixed number of requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.migration.instance_case import handlers_in_bodies
from tui_migrate.migration.instance_state import (
    ActivityState,
    IncidentState,
    InstanceState,
    JobState,
    TaskState,
    TransitionState,
    VariableState,
)
from tui_migrate.operations.counts import compensation_needs
from tui_migrate.operations.open_activities import GOOD_FOR, OpenActivities
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from datetime import datetime

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.engine.models import ActivityInstance, Incident, Job, JobDefinition, Variable
    from tui_migrate.migration.forecast import Forecast, Forecaster
    from tui_migrate.operations.session import Session

Row = TypeVar("Row")

LISTED_AT_MOST: Final = 1000
"""Incidents of a definition, and compensation subscriptions of an engine, that are read; with more it can't be told."""

NOT_RECORDED: Final = "The history doesn't have it, or you may not read it there; its details show where it is."
NO_HISTORY: Final = "This engine has no history that you may read: where an instance is, only its details show."


class States(Struct, frozen=True):
    """The states of a page of instances."""

    by_id: Mapping[str, InstanceState]
    started: Mapping[str, datetime]
    """When they were started; only those that the history has."""
    unplaced: str | None = None
    """Why it can't be told of some where they are, though the history has them."""

    def forecast(self, forecaster: Forecaster, instance_id: str) -> Forecast:
        """Return the forecast of one of the instances; where it isn't known where that is, with the reason."""
        state = self.by_id[instance_id]
        told = forecaster.forecast(state)
        if state.open_activities is not None:
            return told
        reason = self.unplaced if instance_id in self.started or self.unplaced == NO_HISTORY else NOT_RECORDED
        return replace(told, unknown=(*told.unknown, reason or NOT_RECORDED))


class ListedInstance(Protocol):
    """What a state takes from a list of instances."""

    @property
    def tenant_id(self) -> str | None:
        """Its tenant."""

    @property
    def suspended(self) -> bool:
        """Whether it is suspended."""


class StateReader:
    """Reads states of instances of one definition. What holds for the whole definition is read once.

    Args:
        session: The engine.
        definition_id: The definition that the instances are on.
        model: Its model.
        good_for: Seconds for which what was read of the whole definition is good.
    """

    def __init__(
        self, session: Session, definition_id: str, model: ProcessModel, *, good_for: float = GOOD_FOR
    ) -> None:
        self._good_for = good_for
        self._session = session
        self._definition_id = definition_id
        self._activities = OpenActivities(session, definition_id, model, good_for=good_for)
        self._has_compensation = bool(compensation_needs(model))
        self._handlers = handlers_in_bodies(model)
        self._read_at = session.clock.monotonic()
        self._job_definitions: dict[str, JobDefinition] | None = None
        self._incidents: dict[str, tuple[IncidentState, ...]] | None = None
        self._incidents_complete = False
        self._compensation: dict[str, tuple[str, ...]] | None = None

    async def read(
        self,
        ids: Sequence[str],
        instances: Mapping[str, ListedInstance],
        *,
        variables: bool = False,
        tasks: bool = False,
        of: int | None = None,
    ) -> States:
        """Read the states of a page of instances; what could not be read is None in a state.

        Args:
            ids: The instances.
            instances: What a list of instances says of each of them.
            variables: Whether a verdict can depend on variables.
            tasks: Whether a verdict can depend on open tasks.
            of: How many instances will be read in all.
        """
        now = self._session.clock.monotonic()
        if now - self._read_at > self._good_for:
            self._read_at, self._incidents, self._compensation = now, None, None
        async with round_trip() as trip:
            recorded = trip.create_task(self._read_starts(ids))
            placed = trip.create_task(self._read_activities(ids, of))
            jobs = trip.create_task(self._read_jobs(ids))
            incidents = trip.create_task(self._read_incidents(ids))
            handling = trip.create_task(self._read_at_handlers(ids))
            compensation = trip.create_task(self._read_compensation())
            values = trip.create_task(self._read_variables(ids)) if variables else None
            work = trip.create_task(read_tasks(self._session, ids)) if tasks else None
        activities, unplaced = placed.result()
        started = recorded.result()
        subscribed = compensation.result()
        by_id = {
            one: InstanceState(
                instance_id=one,
                open_activities=activities.get(one) if one in started else None,
                open_counted=self._activities.counted,
                at_handler=one in handling.result(),
                jobs=jobs.result().get(one, ()),
                compensation=None if subscribed is None else subscribed.get(one, ()),
                incidents=incidents.result()[one],
                tenant_id=instances[one].tenant_id,
                suspended=instances[one].suspended,
                variables=None if values is None else values.result().get(one, ()),
                tasks=None if work is None else work.result().get(one, ()),
            )
            for one in ids
        }
        return States(by_id, started, unplaced)

    async def _read_starts(self, ids: Sequence[str]) -> Mapping[str, datetime]:
        """Return who is in the history: nobody else's open activities are, and no list of them says so.

        An instance isn't there if it was started while the history was off, or if the user lacks READ_HISTORY on the
        process; the engine then answers with shorter lists and no error.
        """
        from tui_migrate.engine.queries import HistoricInstanceQuery

        query = HistoricInstanceQuery(
            process_definition_id=self._definition_id, unfinished=True, process_instance_ids=tuple(ids)
        )
        recorded = await self._session.engine.historic_instances(query, limit=len(ids))
        return {one.id: one.start_time for one in recorded if one.start_time is not None}

    async def _read_activities(
        self, ids: Sequence[str], of: int | None
    ) -> tuple[Mapping[str, tuple[str, ...]], str | None]:
        if not await self._session.engine.history_available():
            return {}, NO_HISTORY
        return await self._activities.read(ids, of=of)

    async def _read_jobs(self, ids: Sequence[str]) -> dict[str, tuple[JobState, ...]]:
        from tui_migrate.engine.queries import JobQuery

        query = JobQuery(process_instance_ids=tuple(ids))
        async with round_trip() as trip:
            listed = trip.create_task(self._session.engine.jobs(query, limit=None))
            defined = trip.create_task(self.job_definitions())
        return _grouped(
            listed.result(), lambda job: job.process_instance_id, lambda job: job_state(job, defined.result())
        )

    async def job_definitions(self) -> Mapping[str, JobDefinition]:
        """Return the definition's job definitions by id."""
        if self._job_definitions is None:
            listed = await self._session.engine.job_definitions(self._definition_id)
            self._job_definitions = {one.id: one for one in listed}
        return self._job_definitions

    async def _read_incidents(self, ids: Sequence[str]) -> Mapping[str, tuple[IncidentState, ...] | None]:
        incidents = self._incidents
        if incidents is None:
            listed = await self._session.engine.incidents(
                process_definition_id=self._definition_id, limit=LISTED_AT_MOST
            )
            incidents = _grouped(listed, lambda one: one.process_instance_id, incident_state)
            self._incidents, self._incidents_complete = incidents, len(listed) < LISTED_AT_MOST
        if self._incidents_complete:
            return {one: incidents.get(one, ()) for one in ids}
        having = await self._instances(ids, with_incident=True)
        return {one: None if one in having else () for one in ids}

    async def _read_at_handlers(self, ids: Sequence[str]) -> Collection[str]:
        """Return who has an execution at a handler in a body: unlike the history, this finds what stays behind it."""
        return await self._instances(ids, activity_ids=self._handlers) if self._handlers else ()

    async def _instances(
        self, ids: Sequence[str], *, with_incident: bool = False, activity_ids: tuple[str, ...] | None = None
    ) -> Collection[str]:
        from tui_migrate.engine.queries import InstanceQuery

        query = InstanceQuery(
            process_definition_id=self._definition_id,
            process_instance_ids=tuple(ids),
            with_incident=with_incident,
            activity_id_in=activity_ids,
        )
        return {one.id for one in await self._session.engine.instances(query, limit=len(ids))}

    async def _read_compensation(self) -> Mapping[str, tuple[str, ...]] | None:
        """The engine lists subscriptions of all definitions together; None where there are too many."""
        if not self._has_compensation:
            return {}
        if self._compensation is None:
            listed = await self._session.engine.event_subscriptions(event_type="compensate", limit=LISTED_AT_MOST)
            if len(listed) == LISTED_AT_MOST:
                return None
            self._compensation = _grouped(
                listed, lambda one: one.process_instance_id, lambda one: one.activity_id or ""
            )
        return self._compensation

    async def _read_variables(self, ids: Sequence[str]) -> dict[str, tuple[VariableState, ...]]:
        listed = await self._session.engine.variables(ids)
        return _grouped(listed, lambda one: one.process_instance_id, variable_state)


async def read_tasks(session: Session, ids: Sequence[str]) -> dict[str, tuple[TaskState, ...]]:
    """Return the open tasks of instances, external ones among them, by two requests."""
    async with round_trip() as trip:
        own = trip.create_task(session.engine.tasks(ids))
        external = trip.create_task(session.engine.tasks(ids, external=True))
    rows = [(one, False) for one in own.result()] + [(one, True) for one in external.result()]
    return _grouped(
        rows,
        lambda row: row[0].process_instance_id,
        lambda row: TaskState(row[0].id, row[0].execution_id, row[0].activity_id, external=row[1]),
    )


Value = TypeVar("Value")


def _grouped(
    rows: Iterable[Row], key: Callable[[Row], str | None], value: Callable[[Row], Value]
) -> dict[str, tuple[Value, ...]]:
    groups: defaultdict[str, list[Value]] = defaultdict(list)
    for row in rows:
        instance_id = key(row)
        if instance_id is not None:
            groups[instance_id].append(value(row))
    return {one: tuple(values) for one, values in groups.items()}


def job_state(job: Job, definitions: Mapping[str, JobDefinition]) -> JobState:
    """Return a job joined with its definition."""
    definition = definitions.get(job.job_definition_id or "")
    return JobState(
        id=job.id,
        execution_id=job.execution_id,
        job_definition_id=job.job_definition_id,
        job_type=definition.job_type if definition else None,
        job_configuration=definition.job_configuration if definition else None,
        activity_id=definition.activity_id if definition else None,
    )


def incident_state(incident: Incident) -> IncidentState:
    """Return an incident as the forecast takes it."""
    return IncidentState(
        id=incident.id,
        incident_type=incident.incident_type,
        configuration=incident.configuration,
        execution_id=incident.execution_id,
        activity_id=incident.activity_id,
    )


def variable_state(variable: Variable) -> VariableState:
    """Return a variable as the forecast takes it."""
    return VariableState(variable.name, variable.execution_id, variable.activity_instance_id)


def tree_state(node: ActivityInstance) -> ActivityState:
    """Return an activity tree as the forecast takes it."""
    return ActivityState(
        id=node.id,
        activity_id=node.activity_id,
        children=tuple(tree_state(child) for child in node.child_activity_instances),
        transitions=tuple(
            TransitionState(
                id=one.id,
                activity_id=one.activity_id or "",
                execution_id=one.execution_id or "",
                incident_ids=tuple(one.incident_ids),
            )
            for one in node.child_transition_instances
        ),
        execution_ids=tuple(node.execution_ids),
        incident_ids=tuple(node.incident_ids),
    )
