"""`/incident` and `/event-subscription`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any, Final

from tui_migrate.sandbox.errors import not_found
from tui_migrate.sandbox.exchange import Answer, Request
from tui_migrate.sandbox.query.lists import Key, ordered, page, url_sorting
from tui_migrate.sandbox.routes.jobs import execution_of
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.store.entities import Incident, Subscription
from tui_migrate.sandbox.store.instance import Instance
from tui_migrate.sandbox.times import engine_time
from tui_migrate.sandbox.versions import version_number

_INCIDENT_SORT: Final[Mapping[str, Key[Incident]]] = {
    "incidentId": attrgetter("id"),
    "incidentTimestamp": attrgetter("created"),
    "incidentType": attrgetter("incident_type"),
    "activityId": attrgetter("activity_id"),
    "configuration": attrgetter("configuration"),
    "processInstanceId": lambda one: one.instance.id if one.instance else None,
    "processDefinitionId": lambda one: one.instance.definition.id if one.instance else None,
}
_SUBSCRIPTION_SORT: Final[Mapping[str, Key[tuple[Instance, Subscription]]]] = {
    "created": lambda pair: pair[1].created,
}


@ROUTER.on("GET", "/incident")
def _get_incidents(request: Request) -> Answer:
    found = ordered(_incidents(request), url_sorting(request, _INCIDENT_SORT), _INCIDENT_SORT, attrgetter("id"))
    return Answer(body=[_incident_body(request, one) for one in page(request, found)])


@ROUTER.on("GET", "/incident/count")
def _get_count_incidents(request: Request) -> Answer:
    return Answer(body={"count": len(_incidents(request))})


def _incidents(request: Request) -> list[Incident]:
    store = request.store
    definition_id, instance_id = request.text("processDefinitionId"), request.text("processInstanceId")
    definition = store.definitions.get(definition_id) if definition_id else None
    if definition_id and definition is None:
        return []
    candidates = store.incidents(definition)
    if instance_id:
        instance = store.instances.get(instance_id)
        candidates = iter(instance.live.incidents if instance else ())
    job_definitions, keys = request.texts("jobDefinitionIdIn"), request.texts("processDefinitionKeyIn")
    exact = {"incidentType": "incident_type", "activityId": "activity_id", "incidentId": "id"}
    exact |= {"configuration": "configuration", "incidentMessage": "message"}
    return [
        one
        for one in candidates
        if _visible(request, one)
        and (definition is None or (one.instance is not None and one.instance.definition is definition))
        and all(request.text(name) in {None, getattr(one, attribute)} for name, attribute in exact.items())
        and (job_definitions is None or (one.job_definition is not None and one.job_definition.id in job_definitions))
        and (keys is None or (one.instance is not None and one.instance.definition.key in keys))
    ]


def _visible(request: Request, one: Incident) -> bool:
    if one.instance is None:
        batch = one.job.batch if one.job else None
        return batch is None or request.may("READ", "Batch", batch.id)
    return request.may("READ_INSTANCE", "ProcessDefinition", one.instance.definition.key)


def _incident_body(request: Request, one: Incident) -> dict[str, Any]:
    root = one
    while root.cause is not None:
        root = root.cause
    body = {
        "id": one.id,
        "processDefinitionId": one.instance.definition.id if one.instance else None,
        "processInstanceId": one.instance.id if one.instance else None,
        "executionId": execution_of(one.owner),
        "incidentTimestamp": engine_time(one.created),
        "incidentType": one.incident_type,
        "activityId": one.activity_id,
        "failedActivityId": one.failed_activity_id,
        "causeIncidentId": one.cause.id if one.cause else one.id,
        "rootCauseIncidentId": root.id,
        "configuration": one.configuration,
        "incidentMessage": one.message,
        "tenantId": one.instance.tenant_id if one.instance else None,
        "jobDefinitionId": one.job_definition.id if one.job_definition else None,
    }
    if version_number(request.engine.version) >= (7, 15):
        body["annotation"] = one.annotation
    return body


@ROUTER.on("GET", "/incident/{id}")
def _get_incident(request: Request) -> Answer:
    for one in request.store.incidents():
        if one.id == request.names["id"]:
            return Answer(body=_incident_body(request, one))
    raise not_found(f"No matching incident with id {request.names['id']}")


@ROUTER.on("GET", "/event-subscription")
def _get_subscriptions(request: Request) -> Answer:
    found = ordered(
        _subscriptions(request), url_sorting(request, _SUBSCRIPTION_SORT), _SUBSCRIPTION_SORT, lambda pair: pair[1].id
    )
    return Answer(body=[_subscription_body(*pair) for pair in page(request, found)])


@ROUTER.on("GET", "/event-subscription/count")
def _get_count_subscriptions(request: Request) -> Answer:
    return Answer(body={"count": sum(1 for _ in _subscriptions(request))})


def _subscriptions(request: Request) -> Iterator[tuple[Instance, Subscription]]:
    store, instance_id = request.store, request.text("processInstanceId")
    running = store.instances.values() if instance_id is None else filter(None, [store.instances.get(instance_id)])
    event_type = request.text("eventType")
    exact = {
        "eventType": "event_type",
        "activityId": "activity_id",
        "eventName": "event_name",
        "eventSubscriptionId": "id",
    }
    for instance in running:
        if not request.may("READ_INSTANCE", "ProcessDefinition", instance.definition.key):
            continue
        for one in store.subscriptions_of((instance,), event_type):
            if all(request.text(name) in {None, getattr(one, attribute)} for name, attribute in exact.items()):
                yield instance, one


def _subscription_body(instance: Instance, one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "eventType": one.event_type,
        "eventName": one.event_name,
        "executionId": one.owner.execution_id,
        "processInstanceId": instance.id,
        "activityId": one.activity_id,
        "createdDate": engine_time(one.created),
        "tenantId": instance.tenant_id,
    }
