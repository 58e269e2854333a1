"""All about one instance: the tree of its activities, variables, incidents, what it called, what it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.migration.instance_state import InstanceState
from tui_migrate.operations.states import incident_state, job_state, read_tasks, tree_state, variable_state
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from datetime import datetime

    from tui_migrate.engine.models import (
        ActivityInstance,
        EventSubscription,
        Incident,
        Job,
        ProcessDefinition,
        ProcessInstance,
        Variable,
    )
    from tui_migrate.migration.forecast import Forecast, ForecastFailure
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.session import Session


class CalledInstance(Struct, frozen=True):
    """A process instance that a call activity of this one started; it stays on its own definition."""

    instance: ProcessInstance
    definition: ProcessDefinition


class InstanceDetail(Struct, frozen=True):
    """One instance, from its activity tree: the most that REST shows of it."""

    instance: ProcessInstance
    started: datetime | None
    tree: ActivityInstance
    forecast: Forecast
    """The verdict on the draft as it stands; from the tree, so it speaks where the list couldn't tell."""
    variables: tuple[Variable, ...]
    incidents: tuple[Incident, ...]
    jobs: tuple[Job, ...]
    subscriptions: tuple[EventSubscription, ...]
    called: tuple[CalledInstance, ...]

    def failures_at(self, activity_id: str) -> tuple[ForecastFailure, ...]:
        """Return what would fail at an activity of the tree."""
        return tuple(failure for failure in self.forecast.failures if failure.activity_id == activity_id)


async def read_detail(session: Session, open_plan: OpenPlan, instance_id: str) -> InstanceDetail:
    """Read all about one instance: two round trips, the second for the definitions of called instances.

    Raises:
        NotFound: It doesn't run any more.
    """
    from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery, JobQuery

    engine, forecaster = session.engine, open_plan.forecaster()
    async with round_trip() as trip:
        tree = trip.create_task(engine.activity_tree(instance_id))
        found = trip.create_task(engine.instances(InstanceQuery(process_instance_ids=(instance_id,)), limit=1))
        jobs = trip.create_task(engine.jobs(JobQuery(process_instance_ids=(instance_id,)), limit=None))
        defined = trip.create_task(engine.job_definitions(open_plan.source.id))
        incidents = trip.create_task(engine.incidents(process_instance_id=instance_id, limit=None))
        subscriptions = trip.create_task(engine.event_subscriptions(process_instance_id=instance_id, limit=None))
        variables = trip.create_task(engine.variables((instance_id,)))
        called = trip.create_task(engine.instances(InstanceQuery(super_process_instance=instance_id), limit=None))
        tasks = trip.create_task(read_tasks(session, (instance_id,))) if forecaster.needs_tasks else None
        recorded = trip.create_task(
            engine.historic_instances(HistoricInstanceQuery(process_instance_ids=(instance_id,)), limit=1)
        )
    instance = found.result()[0] if found.result() else await _gone(session, instance_id)
    definitions = {one.id: one for one in defined.result()}
    subscribed = tuple(subscriptions.result())
    state = InstanceState(
        instance_id=instance_id,
        tree=tree_state(tree.result()),
        jobs=tuple(job_state(job, definitions) for job in jobs.result()),
        compensation=tuple(one.activity_id or "" for one in subscribed if one.event_type == "compensate"),
        incidents=tuple(incident_state(one) for one in incidents.result()),
        tenant_id=instance.tenant_id,
        suspended=instance.suspended,
        variables=tuple(variable_state(one) for one in variables.result()),
        tasks=tasks.result().get(instance_id, ()) if tasks is not None else None,
    )
    history = recorded.result()
    return InstanceDetail(
        instance=instance,
        started=history[0].start_time if history else None,
        tree=tree.result(),
        forecast=forecaster.forecast(state),
        variables=tuple(variables.result()),
        incidents=tuple(incidents.result()),
        jobs=tuple(jobs.result()),
        subscriptions=subscribed,
        called=await _with_definitions(session, called.result()),
    )


async def _gone(session: Session, instance_id: str) -> ProcessInstance:
    from tui_migrate.errors import NotFound

    raise NotFound(f"The process instance '{instance_id}' has ended.")


async def _with_definitions(session: Session, called: list[ProcessInstance]) -> tuple[CalledInstance, ...]:
    unknown = sorted({one.definition_id for one in called if session.known_definition(one.definition_id) is None})
    if unknown:
        session.remember(await session.engine.definitions(ids=unknown))
    return tuple([CalledInstance(one, await session.definition(one.definition_id)) for one in called])
