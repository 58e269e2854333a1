"""A batch of migrations as the engine stores it, and the log of its jobs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from tui_migrate.sandbox.store.definition import JobDefinition
from tui_migrate.sandbox.store.entities import Incident, Job

LogKind = Literal["creation", "failure", "success", "deletion"]


class JobLogEntry(Struct, frozen=True):
    """One entry of the historic job log."""

    id: str
    kind: LogKind
    timestamp: datetime
    job: Job
    retries: int
    message: str | None
    stacktrace: str | None
    deployment_id: str | None


class BatchRecord(Struct, eq=False):
    """A batch, with what is left to do."""

    id: str
    batch_type: str
    total_jobs: int
    jobs_per_seed: int
    invocations_per_job: int
    seed: JobDefinition
    monitor: JobDefinition
    batch: JobDefinition
    tenant_id: str | None
    user: str | None
    started: datetime
    clock: datetime
    """Up to when it has been simulated."""
    payload: Any
    """What each job does; for a migration the prepared plan."""
    waiting: list[tuple[str, ...]]
    """Instance ids of each job that has not been created yet, the next one last."""
    deployment_id: str | None = None
    executed: datetime | None = None
    """When the first job succeeded."""
    ended: datetime | None = None
    suspended: bool = False
    jobs_created: int = 0
    jobs: dict[str, Job] = field(default_factory=dict)
    """Migration jobs that exist: not run yet, or failed."""
    runnable: deque[Job] = field(default_factory=deque)
    """Those that the job executor will take, in its order."""
    seed_job: Job | None = None
    monitor_job: Job | None = None
    incidents: dict[str, Incident] = field(default_factory=dict)
    """Open incidents by the id of the failed job."""
    next_job_at: datetime | None = None
    """When the job executor is free for the next migration job."""

    @property
    def remaining_jobs(self) -> int:
        """Existing migration jobs and those not created yet."""
        return len(self.jobs) + len(self.waiting)

    @property
    def failed_jobs(self) -> int:
        """Migration jobs with no retries left."""
        return sum(1 for job in self.jobs.values() if job.retries == 0)

    def all_jobs(self) -> Iterator[Job]:
        """Yield the seed job, the migration jobs and the monitor job, as far as they exist."""
        if self.seed_job is not None:
            yield self.seed_job
        yield from self.jobs.values()
        if self.monitor_job is not None:
            yield self.monitor_job

    def find_job(self, job_id: str) -> Job | None:
        """Return the job with this id, or None."""
        found = self.jobs.get(job_id)
        if found is None:
            found = next(
                (job for job in (self.seed_job, self.monitor_job) if job is not None and job.id == job_id), None
            )
        return found
