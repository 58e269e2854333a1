"""What the engine answers, as far as this project reads it: tolerant of members that it does not know.

Attributes are the engine's members in snake case. Members that older engines lack have defaults (Camunda 7.17 answers
no `batchId` in a job and no `startTime` in a batch). Decoders are built when first used, not at import.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.json import Decoder

from tui_migrate.engine.members import member_name

T = TypeVar("T")


_DECODERS: dict[Any, Decoder[Any]] = {}


def decoder(kind: type[T]) -> Decoder[T]:
    """Return the decoder of a type, built once, when it is first needed."""
    known = _DECODERS.get(kind)
    if known is None:
        known = _DECODERS[kind] = Decoder(kind)
    return known


class Answer(Struct, frozen=True, rename=member_name):
    """Base of everything that is read from the engine."""


class Version(Answer, frozen=True, kw_only=True):
    """`GET /version`."""

    version: str


class Named(Answer, frozen=True, kw_only=True):
    """One of `GET /engine`."""

    name: str


class Count(Answer, frozen=True, kw_only=True):
    """Any `…/count`."""

    count: int


class ProcessDefinition(Answer, frozen=True, kw_only=True):
    """One version of a process. The same key and version exist once per tenant: only `id` is unique."""

    id: str
    key: str
    name: str | None = None
    version: int
    version_tag: str | None = None
    tenant_id: str | None = None
    suspended: bool = False
    deployment_id: str | None = None
    resource: str | None = None


class DefinitionXml(Answer, frozen=True, kw_only=True):
    """`GET /process-definition/{id}/xml`: the deployed text, character by character."""

    id: str
    bpmn20_xml: str


class IncidentCount(Answer, frozen=True, kw_only=True):
    """Open incidents of one type."""

    incident_type: str
    incident_count: int


class DefinitionStatistics(Answer, frozen=True, kw_only=True):
    """One definition with its counts. `instances` counts process instances."""

    id: str
    instances: int
    failed_jobs: int = 0
    incidents: list[IncidentCount] = []
    definition: ProcessDefinition
    class_name: str = field(default="", name="@class")
    """The Java class of the answer: the one sure sign of the engine's family."""


class ActivityStatistics(Answer, frozen=True, kw_only=True):
    """Counts of one activity. `instances` counts leaf executions and waiting async jobs, not process instances.

    Scopes, multi-instance bodies, waiting joins and compensation are absent.
    """

    id: str
    instances: int
    failed_jobs: int = 0
    incidents: list[IncidentCount] = []


class ProcessInstance(Answer, frozen=True, kw_only=True):
    """A running process instance, as the runtime query gives it."""

    id: str
    definition_id: str
    business_key: str | None = None
    suspended: bool = False
    tenant_id: str | None = None
    ended: bool = False


class HistoricProcessInstance(Answer, frozen=True, kw_only=True):
    """A process instance in history; after a migration it has the new definition, with no trace of the old."""

    id: str
    process_definition_id: str
    business_key: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    state: str | None = None
    tenant_id: str | None = None
    super_process_instance_id: str | None = None
    root_process_instance_id: str | None = None
    delete_reason: str | None = None


class ActivityIncident(Answer, frozen=True, kw_only=True):
    """An incident as the activity tree names it (missing before Camunda 7.14)."""

    id: str
    activity_id: str | None = None
    parent_activity_id: str | None = None


class TransitionInstance(Answer, frozen=True, kw_only=True):
    """A token between two activities: waiting before or after one for the job executor."""

    id: str
    parent_activity_instance_id: str | None = None
    activity_id: str | None = None
    activity_name: str | None = None
    activity_type: str | None = None
    execution_id: str | None = None
    incident_ids: list[str] = []
    incidents: list[ActivityIncident] = []


class ActivityInstance(Answer, frozen=True, kw_only=True):
    """A node of the activity tree. The root's `activity_id` is the definition's id. Children come in a hash order."""

    id: str | None = None
    """None was seen once on Operaton 1.0.3, of a child of the root; in what state is not known."""
    parent_activity_instance_id: str | None = None
    activity_id: str
    activity_name: str | None = None
    activity_type: str | None = None
    process_instance_id: str
    process_definition_id: str
    child_activity_instances: list[ActivityInstance] = []
    child_transition_instances: list[TransitionInstance] = []
    execution_ids: list[str] = []
    incident_ids: list[str] = []
    incidents: list[ActivityIncident] = []


class HistoricActivityInstance(Answer, frozen=True, kw_only=True):
    """An activity instance in history; with `end_time` None it is open now."""

    id: str
    activity_id: str
    activity_name: str | None = None
    activity_type: str
    process_definition_id: str
    process_instance_id: str
    execution_id: str | None = None
    parent_activity_instance_id: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    called_process_instance_id: str | None = None


class Variable(Answer, frozen=True, kw_only=True):
    """A variable of a running instance; objects come as their serialized text."""

    id: str | None = None
    name: str
    type: str | None = None
    value: Any = None
    value_info: dict[str, Any] | None = None
    process_instance_id: str | None = None
    execution_id: str | None = None
    activity_instance_id: str | None = None
    error_message: str | None = None


class Task(Answer, frozen=True, kw_only=True):
    """An open external task of a running instance, as far as it is read."""

    id: str
    process_instance_id: str | None = None
    execution_id: str | None = None
    activity_id: str | None = None


class UserTask(Task, frozen=True, kw_only=True):
    """An open task of a user task, which names its activity otherwise."""

    activity_id: str | None = field(default=None, name="taskDefinitionKey")


class Job(Answer, frozen=True, kw_only=True):
    """A job. A batch job has no instance: its id is only in `exception_message`, which is cut at 666 characters."""

    id: str
    job_definition_id: str | None = None
    process_instance_id: str | None = None
    process_definition_id: str | None = None
    execution_id: str | None = None
    exception_message: str | None = None
    failed_activity_id: str | None = None
    retries: int = 0
    due_date: datetime | None = None
    suspended: bool = False
    tenant_id: str | None = None
    create_time: datetime | None = None
    batch_id: str | None = None


class JobDefinition(Answer, frozen=True, kw_only=True):
    """What a definition's jobs are of: `job_type` `async-continuation` has `async-before` or `async-after`."""

    id: str
    process_definition_id: str | None = None
    job_type: str
    job_configuration: str | None = None
    activity_id: str | None = None
    suspended: bool = False
    tenant_id: str | None = None


class JobLog(Answer, frozen=True, kw_only=True):
    """One attempt of a job: three entries for a failed batch job. No entry holds an instance id of a batch job."""

    id: str
    timestamp: datetime | None = None
    job_id: str
    job_retries: int | None = None
    job_exception_message: str | None = None
    job_definition_id: str | None = None
    job_definition_type: str | None = None
    job_definition_configuration: str | None = None
    process_instance_id: str | None = None
    hostname: str | None = None
    creation_log: bool = False
    failure_log: bool = False
    success_log: bool = False
    deletion_log: bool = False


class Incident(Answer, frozen=True, kw_only=True):
    """An open incident. `configuration` is the job's id for `failedJob`."""

    id: str
    process_definition_id: str | None = None
    process_instance_id: str | None = None
    execution_id: str | None = None
    incident_type: str
    incident_timestamp: datetime | None = None
    incident_message: str | None = None
    activity_id: str | None = None
    failed_activity_id: str | None = None
    cause_incident_id: str | None = None
    root_cause_incident_id: str | None = None
    configuration: str | None = None
    job_definition_id: str | None = None
    tenant_id: str | None = None


class EventSubscription(Answer, frozen=True, kw_only=True):
    """Something that an instance waits for: `message`, `signal`, `conditional` or `compensate`."""

    id: str
    event_type: str
    event_name: str | None = None
    execution_id: str | None = None
    process_instance_id: str | None = None
    activity_id: str | None = None
    created_date: datetime | None = None
    tenant_id: str | None = None


class Batch(Answer, frozen=True, kw_only=True):
    """A batch. `total_jobs` counts jobs, which are instances only where `invocations_per_batch_job` is 1."""

    id: str
    type: str
    total_jobs: int
    jobs_created: int = 0
    batch_jobs_per_seed: int | None = None
    invocations_per_batch_job: int = 1
    seed_job_definition_id: str | None = None
    monitor_job_definition_id: str | None = None
    batch_job_definition_id: str | None = None
    suspended: bool = False
    tenant_id: str | None = None
    create_user_id: str | None = None
    start_time: datetime | None = None
    execution_start_time: datetime | None = None


class BatchStatistics(Batch, frozen=True, kw_only=True):
    """A batch with its progress. `remaining_jobs` includes failed ones and those not yet created."""

    remaining_jobs: int
    completed_jobs: int
    failed_jobs: int


class HistoricBatch(Answer, frozen=True, kw_only=True):
    """A batch in history: no counts, and a deleted one looks like a completed one (`end_time` set in both)."""

    id: str
    type: str
    total_jobs: int
    batch_jobs_per_seed: int | None = None
    invocations_per_batch_job: int = 1
    seed_job_definition_id: str | None = None
    monitor_job_definition_id: str | None = None
    batch_job_definition_id: str | None = None
    tenant_id: str | None = None
    create_user_id: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    removal_time: datetime | None = None
    execution_start_time: datetime | None = None


class UserOperation(Answer, frozen=True, kw_only=True):
    """One property of a logged operation; rows with one `operation_id` belong together. Only for authenticated
    users."""

    id: str
    operation_id: str
    operation_type: str
    entity_type: str | None = None
    user_id: str | None = None
    timestamp: datetime | None = None
    property: str | None = None
    org_value: str | None = None
    new_value: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_instance_id: str | None = None
    batch_id: str | None = None
    annotation: str | None = None


class AuthorizationCheck(Answer, frozen=True, kw_only=True):
    """`GET /authorization/check`."""

    permission_name: str
    resource_name: str
    resource_id: str | None = None
    authorized: bool
