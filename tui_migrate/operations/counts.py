"""How many tokens stand at each activity of a definition, and what the engine's activity statistics don't tell.

The statistics count leaf activity instances and asynchronous jobs by activity. They are blind to tokens that wait at a
join, to jobs after an activity that ends its branch, and to what compensation would need (REST reference 4.2, migration
semantics 4.6).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from tui_migrate.migration.validators import JOINING_BEHAVIORS
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.engine.models import Job, JobDefinition
    from tui_migrate.operations.session import Session

_NO_COUNTS: Mapping[str, int] = MappingProxyType({})
_NO_REASONS: Mapping[str, tuple[str, ...]] = MappingProxyType({})

READ_AT_MOST: Final = 1000
"""Jobs and event subscriptions that are looked at; where there are more, a note says so."""

JOINS_AT_MOST: Final = 20
"""Joins that are counted one by one; where tokens wait at more, a note says so."""


class ActivityCounts(Struct, frozen=True):
    """Tokens by activity id. Activities without any are absent."""

    instances: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    """Activity instances as the engine's statistics count them: leaves, and asynchronous jobs."""
    incidents: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    failed_jobs: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    waiting: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    """What the statistics don't tell: tokens at joins, jobs after an activity without outgoing flows, and compensation
    (at what must be mapped for it)."""
    before: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    """Asynchronous jobs before the activity; `instances` has them too."""
    after: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    """Asynchronous jobs after the activity; `instances` or `waiting` has them too."""
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_REASONS)
    """A sentence for each of the three, by activity id."""
    notes: tuple[str, ...] = ()
    """What could not be counted, and why; each a sentence."""

    def tokens(self, activity_id: str) -> int:
        """Return how many tokens would need a place in the target if the activity has one."""
        return self.instances.get(activity_id, 0) + self.waiting.get(activity_id, 0)

    def added_to(self, statistics: ActivityCounts) -> ActivityCounts:
        """Return the counts of `statistics` with what these here know about waiting tokens."""
        return replace(
            self, instances=statistics.instances, incidents=statistics.incidents, failed_jobs=statistics.failed_jobs
        )


async def read_statistics(session: Session, definition_id: str) -> ActivityCounts:
    """Read the engine's activity statistics of a definition: one request."""
    statistics = await session.engine.activity_statistics(definition_id)
    return ActivityCounts(
        instances={one.id: one.instances for one in statistics if one.instances},
        failed_jobs={one.id: one.failed_jobs for one in statistics if one.failed_jobs},
        incidents={one.id: sum(count.incident_count for count in one.incidents) for one in statistics if one.incidents},
    )


async def read_waiting(session: Session, definition_id: str, model: ProcessModel) -> ActivityCounts:
    """Read what activity statistics are blind to, with a few requests whatever the number of instances.

    One count for all joins together and, only if it isn't 0, one for each (at most `JOINS_AT_MOST`); asynchronous jobs
    and their definitions; compensation subscriptions and whose they are, only if the model has compensation.
    """
    async with round_trip() as trip:
        joins = trip.create_task(_read_joins(session, definition_id, model))
        jobs = trip.create_task(_read_jobs(session, definition_id))
        compensation = trip.create_task(_read_compensation(session, definition_id, model))
    waiting: Counter[str] = Counter()
    reasons: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    notes: list[str] = []
    for counts in (joins.result(), jobs.result(), compensation.result()):
        waiting.update(counts.waiting)
        notes += counts.notes
        for activity_id, sentences in counts.reasons.items():
            reasons[activity_id] += sentences
    for join, number in joins.result().waiting.items():
        # A token before or after an asynchronous gateway is found by `activityIdIn` too, and the statistics have it.
        known = jobs.result().before.get(join, 0) + jobs.result().after.get(join, 0)
        waiting[join] -= min(number, known)
    for activity_id, number in jobs.result().after.items():
        # Statistics leave out a job after an activity without outgoing flows (seen on 7.24.0, 7.17.0, Operaton 1.0.3).
        activity = model.get(activity_id)
        if activity is not None and not activity.outgoing:
            waiting[activity_id] += number
    return ActivityCounts(
        waiting={activity_id: number for activity_id, number in waiting.items() if number},
        before=jobs.result().before,
        after=jobs.result().after,
        reasons=dict(reasons),
        notes=tuple(notes),
    )


async def _read_joins(session: Session, definition_id: str, model: ProcessModel) -> ActivityCounts:
    """Count instances at joins: the runtime's `activityIdIn` sees tokens that the statistics don't."""
    from tui_migrate.engine.queries import InstanceQuery

    async def count(*activity_ids: str) -> int:
        query = InstanceQuery(process_definition_id=definition_id, activity_id_in=activity_ids)
        return await session.engine.count_instances(query)

    joins = [one.id for one in model.activities.values() if one.behavior in JOINING_BEHAVIORS and one.incoming > 1]
    if not joins or not await count(*joins):
        return ActivityCounts()
    async with round_trip() as trip:
        counts = {join: trip.create_task(count(join)) for join in joins[:JOINS_AT_MOST]}
    waiting = {join: task.result() for join, task in counts.items() if task.result()}
    skipped = len(joins) - JOINS_AT_MOST
    return ActivityCounts(
        waiting=waiting,
        reasons={
            join: (f"{_instances(number)} with a token waiting at this join.",) for join, number in waiting.items()
        },
        notes=(f"Tokens that wait at {skipped} more joins are not counted.",) if skipped > 0 else (),
    )


async def _read_jobs(session: Session, definition_id: str) -> ActivityCounts:
    """Count asynchronous jobs by activity; a job names its job definition, and that the activity."""
    from tui_migrate.engine.queries import JobQuery

    query = JobQuery(process_definition_id=definition_id, messages=True)
    async with round_trip() as trip:
        listed = trip.create_task(session.engine.jobs(query, first=0, limit=READ_AT_MOST))
        defined = trip.create_task(session.engine.job_definitions(definition_id))
    jobs = listed.result()
    total = len(jobs) if len(jobs) < READ_AT_MOST else await session.engine.count_jobs(query)
    before, after = count_continuations(jobs, {one.id: one for one in defined.result()})
    reasons: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for word, counts in (("before", before), ("after", after)):
        for activity_id, number in counts.items():
            reasons[activity_id] += (
                f"{number} {'waits' if number == 1 else 'wait'} {word} it for an asynchronous job.",
            )
    note = f"{total} asynchronous jobs wait; only the first {READ_AT_MOST} are looked at."
    return ActivityCounts(
        before=before, after=after, reasons=dict(reasons), notes=(note,) if total > READ_AT_MOST else ()
    )


def count_continuations(
    jobs: list[Job], definitions: Mapping[str, JobDefinition]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the numbers of jobs that wait before, and after, each activity."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for job in jobs:
        definition = definitions.get(job.job_definition_id or "")
        if definition is None or definition.activity_id is None:
            continue
        if definition.job_configuration == "async-before":
            before[definition.activity_id] += 1
        elif definition.job_configuration == "async-after":
            after[definition.activity_id] += 1
    return dict(before), dict(after)


async def _read_compensation(session: Session, definition_id: str, model: ProcessModel) -> ActivityCounts:
    """Count compensation subscriptions at what must be mapped for them (migration semantics 4.3 C).

    The engine lists them for all definitions together, so that their instances have to be asked for.
    """
    from tui_migrate.engine.queries import InstanceQuery

    needed = compensation_needs(model)
    if not needed:
        return ActivityCounts()
    listed = await session.engine.event_subscriptions(event_type="compensate", first=0, limit=READ_AT_MOST)
    ids = sorted({one.process_instance_id for one in listed if one.activity_id in needed and one.process_instance_id})
    if not ids:
        return ActivityCounts()
    query = InstanceQuery(process_definition_id=definition_id, process_instance_ids=tuple(ids))
    ours = {one.id for one in await session.engine.instances(query, first=0, limit=len(ids))}
    waiting = Counter(
        needed[one.activity_id] for one in listed if one.activity_id in needed and one.process_instance_id in ours
    )
    note = f"Only the first {READ_AT_MOST} compensation subscriptions of this engine are looked at."
    return ActivityCounts(
        waiting=dict(waiting),
        reasons={
            activity_id: (
                f"Compensation of {number} completed {'activity' if number == 1 else 'activities'} needs it mapped.",
            )
            for activity_id, number in waiting.items()
        },
        notes=(note,) if len(listed) == READ_AT_MOST else (),
    )


def compensation_needs(model: ProcessModel) -> dict[str, str]:
    """Return, by the activity id of a compensation subscription, the activity that needs an instruction for it.

    For a handler that is the compensation boundary event; for a compensation event sub process its start event.
    """
    needed = {handler: boundary for boundary, handler in model.handlers.items()}
    for activity in model.activities.values():
        if activity.type == "compensationStartEvent":
            needed[activity.flow_scope] = activity.id
    return needed


def _instances(number: int) -> str:
    return f"{number} process {'instance' if number == 1 else 'instances'}"
