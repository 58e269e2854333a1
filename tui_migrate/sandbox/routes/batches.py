"""`/batch` and `/history/batch`."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from tui_migrate.sandbox.body import bind
from tui_migrate.sandbox.errors import invalid, not_found
from tui_migrate.sandbox.exchange import NOTHING, Answer, Request
from tui_migrate.sandbox.query.lists import Key, ordered, page, url_sorting
from tui_migrate.sandbox.routes.operations import log_operation
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import Grant
from tui_migrate.sandbox.store.batch import BatchRecord
from tui_migrate.sandbox.times import engine_time
from tui_migrate.sandbox.versions import is_since_7_18

_SORT: Final[Mapping[str, Key[BatchRecord]]] = {"batchId": attrgetter("id"), "tenantId": attrgetter("tenant_id")}
_STATISTICS_SORT: Final[Mapping[str, Key[BatchRecord]]] = {**_SORT, "startTime": attrgetter("started")}
_HISTORY_SORT: Final[Mapping[str, Key[BatchRecord]]] = {
    **_SORT,
    "startTime": attrgetter("started"),
    "endTime": attrgetter("ended"),
}


def _has_times(request: Request) -> bool:
    return is_since_7_18(request.engine.version)


def batch_body(request: Request, one: BatchRecord) -> dict[str, Any]:
    """Return a batch as REST shows it."""
    body = {
        "id": one.id,
        "type": one.batch_type,
        "totalJobs": one.total_jobs,
        "jobsCreated": one.jobs_created,
        "batchJobsPerSeed": one.jobs_per_seed,
        "invocationsPerBatchJob": one.invocations_per_job,
        "seedJobDefinitionId": one.seed.id,
        "monitorJobDefinitionId": one.monitor.id,
        "batchJobDefinitionId": one.batch.id,
        "suspended": one.suspended,
        "tenantId": one.tenant_id,
        "createUserId": one.user,
    }
    if _has_times(request):
        body["startTime"] = engine_time(one.started)
        body["executionStartTime"] = engine_time(one.executed)
    return body


def _statistics_body(request: Request, one: BatchRecord) -> dict[str, Any]:
    return {
        **batch_body(request, one),
        "remainingJobs": one.remaining_jobs,
        "completedJobs": one.total_jobs - one.remaining_jobs,
        "failedJobs": one.failed_jobs,
    }


def _history_body(request: Request, one: BatchRecord) -> dict[str, Any]:
    body = batch_body(request, one)
    del body["jobsCreated"], body["suspended"]
    body |= {"startTime": engine_time(one.started), "endTime": engine_time(one.ended), "removalTime": None}
    return body


def _selected(request: Request) -> list[BatchRecord]:
    found = [one for one in request.store.batches.values() if request.may("READ", "Batch", one.id)]
    batch_id, batch_type = request.text("batchId"), request.text("type")
    tenants = request.texts("tenantIdIn")
    return [
        one
        for one in found
        if batch_id in {None, one.id}
        and batch_type in {None, one.batch_type}
        and (request.text("suspended") is None or request.flag("suspended") == one.suspended)
        and (tenants is None or one.tenant_id in tenants)
        and (not request.flag("withoutTenantId") or one.tenant_id is None)
    ]


@ROUTER.on("GET", "/batch")
def _get_batches(request: Request) -> Answer:
    found = ordered(_selected(request), url_sorting(request, _SORT), _SORT)
    return Answer(body=[batch_body(request, one) for one in page(request, found)])


@ROUTER.on("GET", "/batch/count")
@ROUTER.on("GET", "/batch/statistics/count")
def _get_count_batches(request: Request) -> Answer:
    return Answer(body={"count": len(_selected(request))})


@ROUTER.on("GET", "/batch/statistics")
def _get_statistics(request: Request) -> Answer:
    keys = _STATISTICS_SORT if _has_times(request) else _SORT
    found = ordered(_selected(request), url_sorting(request, keys), keys)
    return Answer(body=[_statistics_body(request, one) for one in page(request, found)])


@ROUTER.on("GET", "/batch/{id}")
def _get_batch(request: Request) -> Answer:
    found = request.store.batches.get(request.names["id"])
    if found is None or not request.may("READ", "Batch", found.id):
        raise not_found(f"Batch with id '{request.names['id']}' does not exist")
    return Answer(body=batch_body(request, found))


@ROUTER.on("PUT", "/batch/{id}/suspended")
def _put_suspend(request: Request) -> Answer:
    # A body without the member activates the batch.
    suspended = bool(bind(request.json(), {"suspended": "flag"}).get("suspended"))
    found = request.store.batches.get(request.names["id"])
    if found is None:
        raise invalid(
            f"Unable to {'suspend' if suspended else 'activate'} batch with id '{request.names['id']}'", code=0
        )
    request.require(Grant("UPDATE", "Batch", found.id))
    request.engine.executor.suspend(found, suspended, request.engine.now())
    states = ("active", "suspended") if suspended else ("suspended", "active")
    log_operation(
        request,
        "SuspendBatch" if suspended else "ActivateBatch",
        "Batch",
        [("suspensionState", states[0], states[1])],
        batch_id=found.id,
    )
    return NOTHING


@ROUTER.on("DELETE", "/batch/{id}")
def _delete(request: Request) -> Answer:
    found = request.store.batches.get(request.names["id"])
    if found is None:
        raise invalid(f"Unable to delete batch with id '{request.names['id']}'", code=0)
    request.require(Grant("DELETE", "Batch", found.id))
    request.engine.executor.delete(found, request.engine.now(), cascade=request.flag("cascade"))
    log_operation(
        request,
        "Delete",
        "Batch",
        [("cascadeToHistory", None, str(request.flag("cascade")).lower())],
        batch_id=found.id,
    )
    return NOTHING


@ROUTER.on("GET", "/history/batch")
def _get_historic_batches(request: Request) -> Answer:
    found = ordered(_selected_history(request), url_sorting(request, _HISTORY_SORT), _HISTORY_SORT)
    return Answer(body=[_history_body(request, one) for one in page(request, found)])


@ROUTER.on("GET", "/history/batch/count")
def _get_count_historic_batches(request: Request) -> Answer:
    return Answer(body={"count": len(_selected_history(request))})


def _selected_history(request: Request) -> list[BatchRecord]:
    if not request.engine.history:
        return []
    batch_id, batch_type, completed = request.text("batchId"), request.text("type"), request.text("completed")
    return [
        one
        for one in request.store.historic_batches.values()
        if request.may("READ_HISTORY", "Batch", one.id)
        and batch_id in {None, one.id}
        and batch_type in {None, one.batch_type}
        and (completed is None or (completed == "true") == (one.ended is not None))
    ]


@ROUTER.on("GET", "/history/batch/{id}")
def _get_historic_batch(request: Request) -> Answer:
    return Answer(body=_history_body(request, _historic(request)))


def _historic(request: Request) -> BatchRecord:
    found = request.store.historic_batches.get(request.names["id"])
    if found is None or not request.engine.history:
        raise not_found(f"Historic batch with id '{request.names['id']}' does not exist")
    return found


@ROUTER.on("DELETE", "/history/batch/{id}")
def _delete_historic_batch(request: Request) -> Answer:
    found = request.store.historic_batches.get(request.names["id"])
    if found is None:
        raise invalid(f"Unable to delete historic batch with id '{request.names['id']}'", code=0)
    request.engine.executor.forget(found)
    return NOTHING
