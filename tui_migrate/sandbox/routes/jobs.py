"""`/job`, `/job-definition/{id}/retries` and `/history/job-log`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from tui_migrate.sandbox.body import Kind, bind
from tui_migrate.sandbox.errors import Refusal, not_found
from tui_migrate.sandbox.exchange import NOTHING, Answer, Request
from tui_migrate.sandbox.query.lists import Key, body_sorting, ordered, page, url_sorting
from tui_migrate.sandbox.query.members import query_of
from tui_migrate.sandbox.routes.operations import log_operation
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import Grant
from tui_migrate.sandbox.store.batch import JobLogEntry
from tui_migrate.sandbox.store.entities import Job, Node, Transition
from tui_migrate.sandbox.times import engine_time
from tui_migrate.sandbox.tokens import Tokens
from tui_migrate.sandbox.versions import is_since_7_18, version_number

_MEMBERS: Final[Mapping[str, Kind]] = {
    "jobId": "text",
    "jobIds": "texts",
    "jobDefinitionId": "text",
    "processInstanceId": "text",
    "processInstanceIds": "texts",
    "processDefinitionId": "text",
    "processDefinitionKey": "text",
    "activityId": "text",
    "executionId": "text",
    "failedActivityId": "text",
    "exceptionMessage": "text",
    "executable": "flag",
    "tenantIdIn": "texts",
    "withoutTenantId": "flag",
    "withException": "flag",
    "noRetriesLeft": "flag",
    "withRetriesLeft": "flag",
    "active": "flag",
    "suspended": "flag",
    "timers": "flag",
    "messages": "flag",
    "sorting": "objects",
}
_SORT: Final[Mapping[str, Key[Job]]] = {
    "jobId": attrgetter("id"),
    "jobRetries": attrgetter("retries"),
    "jobDueDate": attrgetter("due"),
    "processInstanceId": lambda job: job.instance.id if job.instance else None,
    "processDefinitionId": lambda job: job.instance.definition.id if job.instance else None,
}
_LOG_SORT: Final[Mapping[str, Key[JobLogEntry]]] = {
    "timestamp": attrgetter("timestamp"),
    "jobId": attrgetter("job.id"),
    "jobRetries": attrgetter("retries"),
    "occurrence": attrgetter("id"),
}


@ROUTER.on("GET", "/job")
@ROUTER.on("POST", "/job")
def _get_jobs(request: Request) -> Answer:
    body = query_of(request, _MEMBERS)
    sorting = body_sorting(body, _SORT) if request.method == "POST" else url_sorting(request, _SORT)
    found = ordered(_selected(request, body), sorting, _SORT, default=attrgetter("id"))
    return Answer(body=[_body(request, one) for one in page(request, found)])


@ROUTER.on("GET", "/job/count")
@ROUTER.on("POST", "/job/count")
def _get_count_jobs(request: Request) -> Answer:
    body = query_of(request, _MEMBERS)
    return Answer(body={"count": len(_selected(request, body))})


def _candidates(request: Request, bound: Mapping[str, Any]) -> list[Job]:
    """Return the fewest jobs known to hold all that can be selected."""
    store = request.store
    wanted = bound.get("jobDefinitionId")
    for batch in store.batches.values():
        if wanted in {batch.seed.id, batch.monitor.id, batch.batch.id}:
            return list(batch.all_jobs())
    ids = bound.get("processInstanceIds") or ([bound["processInstanceId"]] if "processInstanceId" in bound else None)
    if ids is not None:
        return list(store.jobs_of(store.instances[one] for one in dict.fromkeys(ids) if one in store.instances))
    if "processDefinitionId" in bound:
        definition = store.definitions.get(bound["processDefinitionId"])
        return list(store.jobs_of(definition.running.values())) if definition else []
    if wanted is not None:
        for definition in store.definitions.values():
            for one in definition.job_definitions:
                if one.id == wanted:
                    return list(store.jobs_of(definition.running.values(), one.activity_id))
        return []
    return list(store.all_jobs())


def _selected(request: Request, body: Mapping[str, Any]) -> list[Job]:
    bound = bind(body, _MEMBERS)
    now = request.engine.now()
    return [job for job in _candidates(request, bound) if _visible(request, job) and _fits(job, bound, now)]


def _visible(request: Request, job: Job) -> bool:
    if job.batch is not None:
        return request.may("READ", "Batch", job.batch.id)
    return job.instance is None or request.may("READ_INSTANCE", "ProcessDefinition", job.instance.definition.key)


def _fits(job: Job, bound: Mapping[str, Any], now: datetime) -> bool:
    definition = job.instance.definition if job.instance else None
    exact = {
        "jobId": job.id,
        "jobDefinitionId": job.job_definition.id if job.job_definition else None,
        "processInstanceId": job.instance.id if job.instance else None,
        "processDefinitionId": definition.id if definition else None,
        "processDefinitionKey": definition.key if definition else None,
        "activityId": job.activity_id,
        "executionId": execution_of(job.owner),
        "failedActivityId": job.failed_activity_id,
        "exceptionMessage": job.exception,
    }
    if any(name in bound and bound[name] != value for name, value in exact.items()):
        return False
    tests = {
        "withException": job.exception is not None,
        "noRetriesLeft": job.retries == 0,
        "withRetriesLeft": job.retries > 0,
        "active": not is_suspended(job),
        "suspended": is_suspended(job),
        "timers": job.due is not None,
        "messages": job.due is None,
        "executable": job.retries > 0 and (job.due is None or job.due <= now),
        "withoutTenantId": _tenant_of(job) is None,
    }
    if any(name in bound and not holds for name, holds in tests.items()):
        return False
    ids, tenants = bound.get("jobIds"), bound.get("tenantIdIn")
    return (not ids or job.id in ids) and (not tenants or _tenant_of(job) in tenants)


def _tenant_of(job: Job) -> str | None:
    if job.batch is not None:
        return job.batch.tenant_id
    return job.instance.tenant_id if job.instance else None


def is_suspended(job: Job) -> bool:
    """Return whether a job is suspended by itself, or with its batch."""
    if job.batch is not None:
        return job.batch.suspended
    return job.suspended


def _body(request: Request, job: Job) -> dict[str, Any]:
    instance = job.instance
    owner = job.owner
    body = {
        "id": job.id,
        "jobDefinitionId": job.job_definition.id if job.job_definition else None,
        "processInstanceId": instance.id if instance else None,
        "processDefinitionId": instance.definition.id if instance else None,
        "processDefinitionKey": instance.definition.key if instance else None,
        "executionId": execution_of(owner),
        "exceptionMessage": job.exception,
        "failedActivityId": job.failed_activity_id,
        "retries": job.retries,
        "dueDate": engine_time(job.due),
        "suspended": is_suspended(job),
        "priority": 0,
        "tenantId": instance.tenant_id if instance else None,
        "createTime": engine_time(job.created),
    }
    if version_number(request.engine.version) >= (7, 24):
        body["batchId"] = job.batch.id if job.batch else None
    return body


def execution_of(owner: Node | Transition | None) -> str | None:
    """Return the execution that something hangs on."""
    if owner is None:
        return None
    return owner.execution_id if isinstance(owner, Node) else owner.id


def _one(request: Request) -> Job | None:
    for batch in request.store.batches.values():
        found = batch.find_job(request.names["id"])
        if found is not None:
            return found
    wanted = request.names["id"]
    return next((job for job in request.store.jobs_of(request.store.instances.values()) if job.id == wanted), None)


@ROUTER.on("GET", "/job/{id}")
def _get_job(request: Request) -> Answer:
    found = _one(request)
    if found is None:
        raise not_found(f"Job with id {request.names['id']} does not exist")
    return Answer(body=_body(request, found))


@ROUTER.on("GET", "/job/{id}/stacktrace")
def _get_stacktrace(request: Request) -> Answer:
    found = _one(request)
    if found is None:
        raise not_found(f"No job found with id {request.names['id']}: job is null")
    return Answer(200 if found.stacktrace else 204, text=found.stacktrace, content_type="text/plain")


@ROUTER.on("PUT", "/job/{id}/retries")
def _put_set_retries(request: Request) -> Answer:
    retries = _retries(request)
    found = _one(request)
    if found is None:
        message = f"ENGINE-13053 No job found with id '{request.names['id']}'.'"
        if not is_since_7_18(request.engine.version):
            message = message.removesuffix("'")
        raise Refusal(500, "InvalidRequestException", _older(request, message))
    _require_update(request, found)
    log_operation(request, "SetJobRetries", "Job", [("retries", str(found.retries), str(retries))])
    if found.batch is not None:
        request.engine.executor.set_retries(found.batch, found, retries, request.engine.now(), resolve=True)
    else:
        _set_instance_retries(found, retries, resolve=True)
    return NOTHING


def _set_instance_retries(job: Job, retries: int, *, resolve: bool) -> None:
    job.retries = retries
    assert job.instance is not None
    if resolve:
        live = job.instance.live
        live.incidents[:] = [one for one in live.incidents if one.job is not job]
    job.instance.touch()


def _retries(request: Request) -> int:
    retries = bind(request.json(), {"retries": "number"}).get("retries")
    if retries is None or retries < 0:
        message = (
            f"ENGINE-13054 The number of job retries must be a non-negative Integer, but '{retries}' has been provided."
        )
        raise Refusal(500, "InvalidRequestException", _older(request, message))
    return int(retries)


def _older(request: Request, message: str) -> str:
    """Return a message as this version has it: before 7.18 these two had no code."""
    return message if is_since_7_18(request.engine.version) else message.partition(" ")[2]


def _require_update(request: Request, job: Job) -> None:
    if job.batch is not None:
        request.require(Grant("UPDATE", "Batch", job.batch.id))


@ROUTER.on("PUT", "/job-definition/{id}/retries")
def _put_set_definition_retries(request: Request) -> Answer:
    """Set the retries of a definition's failed jobs; their incidents stay open until the jobs succeed or go."""
    retries, wanted = _retries(request), request.names["id"]
    for batch in request.store.batches.values():
        for one in [job for job in batch.all_jobs() if job.job_definition and job.job_definition.id == wanted]:
            if one.retries == 0:
                _require_update(request, one)
                request.engine.executor.set_retries(batch, one, retries, request.engine.now(), resolve=False)
    for definition in request.store.definitions.values():
        if any(one.id == wanted for one in definition.job_definitions):
            for one in list(request.store.jobs_of(definition.running.values())):
                if one.retries == 0 and one.job_definition is not None and one.job_definition.id == wanted:
                    _set_instance_retries(one, retries, resolve=False)
    log_operation(request, "SetJobRetries", "Job", [("retries", None, str(retries))])
    return NOTHING


@ROUTER.on("DELETE", "/job/{id}")
def _delete_job(request: Request) -> Answer:
    found = _one(request)
    if found is None:
        raise not_found(f"No job found with id '{request.names['id']}': job is null")
    _require_update(request, found)
    if found.batch is not None:
        request.engine.executor.delete_job(found.batch, found, request.engine.now())
    elif found.instance is not None:
        live = found.instance.live
        live.jobs.remove(found)
        live.incidents[:] = [one for one in live.incidents if one.job is not found]
        found.instance.touch()
    return NOTHING


@ROUTER.on("POST", "/job/{id}/execute")
def _post_execute_job(request: Request) -> Answer:
    found = _one(request)
    if found is None:
        raise not_found(f"ENGINE-14026 No job found with id '{request.names['id']}'")
    _require_update(request, found)
    now = request.engine.now()
    try:
        if found.batch is not None:
            request.engine.executor.execute(found.batch, found, now)
        elif found.instance is not None:
            Tokens(request.store, found.instance, now).continue_job(found)
    except Refusal as failure:
        # An engine answers with 404 whatever the job's own error is.
        raise not_found(failure.message) from failure
    return NOTHING


@ROUTER.on("GET", "/history/job-log")
def _get_job_log(request: Request) -> Answer:
    found = ordered(_selected_log(request), url_sorting(request, _LOG_SORT), _LOG_SORT)
    return Answer(body=[_log_body(request, one) for one in page(request, found)])


@ROUTER.on("GET", "/history/job-log/count")
def _get_count_job_log(request: Request) -> Answer:
    return Answer(body={"count": len(_selected_log(request))})


def _selected_log(request: Request) -> list[JobLogEntry]:
    if not request.engine.history:
        return []
    wanted = {kind for kind in ("creation", "failure", "success", "deletion") if request.flag(f"{kind}Log")}
    definition_id, job_id, log_id = request.text("jobDefinitionId"), request.text("jobId"), request.text("logId")
    return [
        one
        for one in request.store.job_log
        if (not wanted or one.kind in wanted)
        and (definition_id is None or (one.job.job_definition and one.job.job_definition.id == definition_id))
        and job_id in {None, one.job.id}
        and log_id in {None, one.id}
        and (one.job.batch is None or request.may("READ_HISTORY", "Batch", one.job.batch.id))
    ]


def _log_body(request: Request, one: JobLogEntry) -> dict[str, Any]:
    job, definition = one.job, one.job.job_definition
    nothing = dict.fromkeys(
        (
            "removalTime", "jobDueDate", "activityId", "failedActivityId", "executionId", "processInstanceId",
            "processDefinitionId", "processDefinitionKey", "tenantId", "rootProcessInstanceId",
        )
    )  # fmt: skip
    body = {
        **nothing,
        "id": one.id,
        "timestamp": engine_time(one.timestamp),
        "jobId": job.id,
        "jobRetries": one.retries,
        "jobPriority": 0,
        "jobExceptionMessage": one.message,
        "jobDefinitionId": definition.id if definition else None,
        "jobDefinitionType": definition.job_type if definition else None,
        "jobDefinitionConfiguration": definition.configuration if definition else None,
        "deploymentId": one.deployment_id,
        "hostname": "embedded$default",
        **{f"{kind}Log": one.kind == kind for kind in ("creation", "failure", "success", "deletion")},
    }
    if version_number(request.engine.version) >= (7, 24):
        body["batchId"] = job.batch.id if job.batch else None
    return body


@ROUTER.on("GET", "/history/job-log/{id}/stacktrace")
def _get_log_stacktrace(request: Request) -> Answer:
    for one in request.store.job_log:
        if one.id == request.names["id"]:
            return Answer(200 if one.stacktrace else 204, text=one.stacktrace, content_type="text/plain")
    raise not_found(f"No historic job log found with id {request.names['id']}: historicJobLog is null")
