"""How the canary does: incidents and failed jobs on the target of those instances that went first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.operations.locate import Whereabouts, chunks, locate
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from datetime import datetime

    from tui_migrate.engine.models import Incident, Job
    from tui_migrate.operations.session import Session

_JOBS: Final = 1000


class CanaryReport(Struct, frozen=True):
    """What can be seen of the first instances on the target."""

    size: int
    on_target: int
    ended: int
    """Ended on the target since."""
    not_moved: int
    incidents: Mapping[str, tuple[str, ...]]
    """Texts of the open incidents by instance id."""
    failed_jobs: Mapping[str, tuple[str, ...]]
    """Texts of the jobs without retries left by instance id."""
    read_at: datetime

    @property
    def troubled(self) -> int:
        """Instances with an incident or a failed job."""
        return len(self.incidents.keys() | self.failed_jobs.keys())

    @property
    def sentence(self) -> str:
        """The report in short."""
        moved = f"{self.on_target + self.ended} of {self.size} are on the target"
        if self.ended:
            moved += f", {self.ended} of them have ended"
        verb = "has" if self.troubled == 1 else "have"
        who = f"{self.troubled} {verb}" if self.troubled else "none has"
        return f"{moved}; {who} an incident or a failed job."


async def canary_report(session: Session, ids: Sequence[str], target_id: str) -> CanaryReport:
    """Read how instances do on the target: where they are, their open incidents, their failed jobs.

    Args:
        session: The engine.
        ids: The instances that went first.
        target_id: The target definition.
    """
    async with round_trip() as trip:
        where = trip.create_task(locate(session, ids))
        incidents = trip.create_task(session.engine.incidents(process_definition_id=target_id, limit=None))
        jobs = trip.create_task(_failed_jobs(session, ids))
    wanted = frozenset(ids)
    return CanaryReport(
        size=len(ids),
        on_target=_count(where.result().running, target_id) + _count(where.result().unseen, target_id),
        ended=_count(where.result().ended, target_id),
        not_moved=_not_moved(where.result(), ids, target_id),
        incidents=_incident_texts(incidents.result(), wanted),
        failed_jobs=_job_texts(jobs.result()),
        read_at=session.clock.now(),
    )


async def _failed_jobs(session: Session, ids: Sequence[str]) -> list[Job]:
    from tui_migrate.engine.queries import JobQuery

    found: list[Job] = []
    for part in chunks(ids):
        query = JobQuery(process_instance_ids=tuple(part), no_retries_left=True)
        found += await session.engine.jobs(query, limit=_JOBS)
    return found


def _count(definitions: Mapping[str, str], target_id: str) -> int:
    return sum(definition_id == target_id for definition_id in definitions.values())


def _not_moved(where: Whereabouts, ids: Sequence[str], target_id: str) -> int:
    return sum(where.definition_of(one) != target_id for one in ids)


def _incident_texts(incidents: Sequence[Incident], wanted: frozenset[str]) -> dict[str, tuple[str, ...]]:
    texts: dict[str, list[str]] = {}
    for one in incidents:
        if one.process_instance_id in wanted and one.process_instance_id is not None:
            texts.setdefault(one.process_instance_id, []).append(one.incident_message or one.incident_type)
    return {instance_id: tuple(sorted(found)) for instance_id, found in texts.items()}


def _job_texts(jobs: Sequence[Job]) -> dict[str, tuple[str, ...]]:
    texts: dict[str, list[str]] = {}
    for job in jobs:
        if job.process_instance_id is not None:
            texts.setdefault(job.process_instance_id, []).append(job.exception_message or "The job has no tries left.")
    return {instance_id: tuple(sorted(found)) for instance_id, found in texts.items()}
