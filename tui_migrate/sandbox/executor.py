"""The job executor: what batches have done by now, worked out whenever someone asks.

Nothing runs in the background: before each request the engine brings its batches up to the present, event by event.
Source: Camunda 7.24 `BatchSeedJobHandler`, `BatchMonitorJobHandler`, `DefaultJobRetryCmd`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.sandbox.errors import Refusal
from tui_migrate.sandbox.java import hash_set_order
from tui_migrate.sandbox.store.batch import BatchRecord, JobLogEntry, LogKind
from tui_migrate.sandbox.store.definition import JobDefinition
from tui_migrate.sandbox.store.entities import Incident, Job
from tui_migrate.sandbox.store.store import Store

if TYPE_CHECKING:
    from tui_migrate.sandbox.moving.plan import BoundPlan

MESSAGE_LIMIT = 666
"""At how many characters the engine cuts the message of a job, of its incident and of its log."""

_EXCEPTIONS = {
    "MigratingProcessInstanceValidationException": "org.camunda.bpm.engine.migration.",
    "NullPointerException": "java.lang.",
}
_MOST_EVENTS = 1_000_000


class ExecutorSettings(Struct):
    """How fast, and in what portions, the engine works on batches."""

    active: bool = True
    """False: no job is ever taken; a client can still execute single jobs."""
    jobs_per_second: float = 60.0
    """Speed of the migration jobs; infinite speed does all at once."""
    seeds_per_second: float = 1.5
    """How many times a second a seed job makes its portion of jobs."""
    latency: float = 0.3
    """Seconds until the job executor takes up new work."""
    retry_delay: float = 3.0
    """Seconds until it takes up a job whose retries were set from outside: that does not wake it."""
    monitor_interval: float = 30.0
    """Seconds between two looks of a batch's monitor job; with an infinite speed the batch goes at once."""
    jobs_per_seed: int = 100
    invocations_per_job: int = 1
    default_retries: int = 3


class Executor:
    """Makes batches and brings them up to the present."""

    def __init__(self, store: Store, settings: ExecutorSettings) -> None:
        self.store = store
        self.settings = settings

    def new_batch(self, plan: BoundPlan, instance_ids: Sequence[str], now: datetime, user: str | None) -> BatchRecord:
        """Make a batch that migrates these instances, and its seed job."""
        settings, ids = self.settings, self.store.ids
        batch_id = ids.new()
        size = settings.invocations_per_job
        ordered = hash_set_order(instance_ids)
        portions = [tuple(ordered[start : start + size]) for start in range(0, len(ordered), size)]
        record = BatchRecord(
            id=batch_id,
            batch_type="instance-migration",
            total_jobs=len(portions),
            jobs_per_seed=settings.jobs_per_seed,
            invocations_per_job=size,
            seed=JobDefinition(ids.new(), "batch-seed-job", batch_id),
            monitor=JobDefinition(ids.new(), "batch-monitor-job", batch_id),
            batch=JobDefinition(ids.new(), "instance-migration", batch_id),
            tenant_id=plan.source.tenant_id,
            user=user,
            started=now,
            clock=now,
            payload=plan,
            waiting=portions[::-1],
            deployment_id=plan.source.deployment_id,
        )
        record.seed_job = self._new_job(record, record.seed, now)
        self.store.batches[batch_id] = record
        self.store.historic_batches[batch_id] = record
        return record

    def advance(self, now: datetime) -> None:
        """Bring all batches up to `now`."""
        for record in list(self.store.batches.values()):
            self._advance(record, now)

    def _advance(self, record: BatchRecord, now: datetime) -> None:
        if not self.settings.active or record.suspended:
            record.clock = max(record.clock, now)
            return
        for _ in range(_MOST_EVENTS):
            due = self._next(record)
            if due is None or due[0] > now:
                break
            record.clock = max(record.clock, due[0])
            self.run(record, due[1], record.clock)
            if record.ended is not None:
                return

    def _next(self, record: BatchRecord) -> tuple[datetime, Job] | None:
        """Return the job that comes next and when: seed before migration before monitor where they meet."""
        candidates: list[tuple[datetime, int, Job]] = []
        if record.seed_job is not None and record.seed_job.retries:
            candidates.append((record.seed_job.not_before or record.started, 0, record.seed_job))
        job = self._next_migration(record)
        if job is not None:
            start = max(record.next_job_at or record.started, job.not_before or record.started)
            candidates.append((start, 1, job))
        if record.monitor_job is not None and record.monitor_job.retries:
            candidates.append((record.monitor_job.due or record.clock, 2, record.monitor_job))
        if not candidates:
            return None
        moment, _, chosen = min(candidates, key=lambda one: (one[0], one[1]))
        return moment, chosen

    def _next_migration(self, record: BatchRecord) -> Job | None:
        while record.runnable and (record.runnable[0].id not in record.jobs or not record.runnable[0].retries):
            record.runnable.popleft()
        return record.runnable[0] if record.runnable else None

    def run(self, record: BatchRecord, job: Job, now: datetime) -> None:
        """Run one job of a batch as the job executor does: what fails is tried until no retries are left."""
        if job is record.seed_job:
            self._seed(record, now)
        elif job is record.monitor_job:
            self._monitor(record, now)
        else:
            self._migrate_until_done(record, job, now)

    def execute(self, record: BatchRecord, job: Job, now: datetime) -> None:
        """Run one job once in a request.

        Raises:
            Refusal: The job failed.
        """
        if job is record.seed_job:
            self._seed(record, now)
        elif job is record.monitor_job:
            self._monitor(record, now)
        else:
            failure = self._attempt(record, job, now)
            if failure is not None:
                raise failure

    def _seed(self, record: BatchRecord, now: datetime) -> None:
        seed_job = record.seed_job
        assert seed_job is not None
        for _ in range(min(record.jobs_per_seed, len(record.waiting))):
            job = self._new_job(record, record.batch, now, record.waiting.pop())
            record.jobs[job.id] = job
            record.runnable.append(job)
            record.jobs_created += 1
        self._log(record, seed_job, "success", now)
        record.next_job_at = max(record.next_job_at or now, now)
        if record.waiting:
            record.seed_job = self._new_job(record, record.seed, now)
            record.seed_job.not_before = now + self._seconds(1 / self.settings.seeds_per_second)
        else:
            record.seed_job = None
            record.monitor_job = self._new_job(record, record.monitor, now)
            record.monitor_job.due = now

    def _monitor(self, record: BatchRecord, now: datetime) -> None:
        assert record.monitor_job is not None
        self._log(record, record.monitor_job, "success", now)
        if record.jobs or record.waiting:
            record.monitor_job = self._new_job(record, record.monitor, now)
            record.monitor_job.due = now + timedelta(seconds=self.settings.monitor_interval)
        else:
            record.monitor_job = None
            self._finish(record, now)

    def _migrate_until_done(self, record: BatchRecord, job: Job, now: datetime) -> None:
        record.next_job_at = now + self._seconds(1 / self.settings.jobs_per_second)
        while job.retries > 0 and job.id in record.jobs:
            self._attempt(record, job, now)

    def _attempt(self, record: BatchRecord, job: Job, now: datetime) -> Refusal | None:
        plan: BoundPlan = record.payload
        try:
            migrate_all(self.store, plan, job.instance_ids, now)
        except Refusal as failure:
            self._fail(record, job, failure, now)
            return failure
        record.jobs.pop(job.id, None)
        record.incidents.pop(job.id, None)
        if record.executed is None:
            record.executed = now
        self._log(record, job, "success", now)
        return None

    def _fail(self, record: BatchRecord, job: Job, failure: Refusal, now: datetime) -> None:
        job.exception = failure.message[:MESSAGE_LIMIT]
        package = _EXCEPTIONS.get(failure.error_type, "org.camunda.bpm.engine.")
        job.stacktrace = (
            f"{package}{failure.error_type}: {failure.message}\n"
            "\tat org.camunda.bpm.engine.impl.migration.MigrateProcessInstanceCmd.execute(Unknown Source)\n"
        )
        self._log(record, job, "failure", now)
        job.retries = max(0, job.retries - 1)
        if job.retries == 0 and job.id not in record.incidents:
            record.incidents[job.id] = Incident(
                self.store.ids.new(),
                "failedJob",
                job.exception,
                None,
                now,
                job=job,
                configuration=job.id,
                job_definition=record.batch,
            )

    def set_retries(self, record: BatchRecord, job: Job, retries: int, now: datetime, *, resolve: bool) -> None:
        """Set a job's retries; with `resolve` its incident is closed at once, else only when the job is gone."""
        job.retries = retries
        job.not_before = now + timedelta(seconds=self.settings.retry_delay)
        if resolve:
            record.incidents.pop(job.id, None)
        if job.id in record.jobs and job not in record.runnable and retries > 0:
            record.runnable.append(job)

    def delete_job(self, record: BatchRecord, job: Job, now: datetime) -> None:
        """Remove a job; the statistics then count it as completed."""
        self._log(record, job, "deletion", now)
        record.incidents.pop(job.id, None)
        record.jobs.pop(job.id, None)
        record.seed_job = None if record.seed_job is job else record.seed_job
        record.monitor_job = None if record.monitor_job is job else record.monitor_job

    def suspend(self, record: BatchRecord, suspended: bool, now: datetime) -> None:
        """Suspend a batch or let it go on; its jobs then wait for the job executor as new ones do."""
        record.suspended = suspended
        if not suspended:
            ready = now + timedelta(seconds=self.settings.latency)
            record.next_job_at = max(record.next_job_at or ready, ready)
            if record.seed_job is not None:
                record.seed_job.not_before = max(record.seed_job.not_before or ready, ready)

    def delete(self, record: BatchRecord, now: datetime, *, cascade: bool) -> None:
        """Delete a batch with what is left of it; with `cascade` its history, too."""
        for job in list(record.all_jobs()):
            self._log(record, job, "deletion", now)
        record.jobs.clear()
        record.runnable.clear()
        record.waiting.clear()
        record.seed_job = record.monitor_job = None
        self._finish(record, now)
        if cascade:
            self.forget(record)

    def forget(self, record: BatchRecord) -> None:
        """Remove a batch from history, with its job log."""
        self.store.historic_batches.pop(record.id, None)
        definitions = {id(record.seed), id(record.monitor), id(record.batch)}
        self.store.job_log[:] = [one for one in self.store.job_log if id(one.job.job_definition) not in definitions]

    def _finish(self, record: BatchRecord, now: datetime) -> None:
        record.ended = now
        record.incidents.clear()
        self.store.batches.pop(record.id, None)

    def _new_job(
        self, record: BatchRecord, definition: JobDefinition, now: datetime, instance_ids: tuple[str, ...] = ()
    ) -> Job:
        job = Job(self.store.ids.new(), now, definition, batch=record, instance_ids=instance_ids)
        job.retries = self.settings.default_retries
        if definition is record.seed:
            job.not_before = now + self._seconds(self.settings.latency)
        self._log(record, job, "creation", now)
        return job

    def _seconds(self, seconds: float) -> timedelta:
        return timedelta(seconds=seconds)

    def _log(self, record: BatchRecord, job: Job, kind: LogKind, now: datetime) -> None:
        failure = kind == "failure"
        self.store.job_log.append(
            JobLogEntry(
                self.store.ids.new(),
                kind,
                now,
                job,
                job.retries,
                job.exception if failure else None,
                job.stacktrace if failure else None,
                record.deployment_id,
            )
        )


def migrate_all(store: Store, plan: BoundPlan, instance_ids: Sequence[str], now: datetime) -> None:
    """Migrate instances in one transaction, in the order in which the engine visits them.

    What an instance can be refused for depends on itself alone; so all are judged first, and nothing has to be undone.

    Raises:
        Refusal: The first instance that can't migrate; then none has.
    """
    # An engine that is only looked at does without the whole of `moving`.
    from tui_migrate.sandbox.moving.transform import migrate_instance
    from tui_migrate.sandbox.moving.verdict import check_instance

    ordered = hash_set_order(instance_ids)
    for instance_id in ordered:
        check_instance(plan, store.instances.get(instance_id), instance_id)
    for instance_id in ordered:
        migrate_instance(store, plan, store.instances[instance_id], now)
