"""`/process-instance` and `/variable-instance`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

from tui_migrate.bpmn.model import ROOT
from tui_migrate.sandbox.body import Kind, bind
from tui_migrate.sandbox.errors import not_found
from tui_migrate.sandbox.exchange import NOTHING, Answer, Request
from tui_migrate.sandbox.query.instances import runtime_members, select_running
from tui_migrate.sandbox.query.lists import Key, body_sorting, ordered, page
from tui_migrate.sandbox.query.members import query_of
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import Grant
from tui_migrate.sandbox.store.entities import Incident, Node, Transition, Value
from tui_migrate.sandbox.store.instance import Instance
from tui_migrate.sandbox.versions import is_since_7_18


@ROUTER.on("GET", "/process-instance")
@ROUTER.on("POST", "/process-instance")
def _get_instances(request: Request) -> Answer:
    found = select_running(request, _query(request))
    return Answer(body=[instance_body(request, one) for one in page(request, found)])


@ROUTER.on("GET", "/process-instance/count")
@ROUTER.on("POST", "/process-instance/count")
def _get_count_instances(request: Request) -> Answer:
    return Answer(body={"count": len(select_running(request, _query(request), sort=False))})


def _query(request: Request) -> Mapping[str, Any]:
    return query_of(request, runtime_members(request.engine.version))


def instance_body(request: Request, one: Instance) -> dict[str, Any]:
    """Return a running instance as REST shows it."""
    body: dict[str, Any] = {
        "links": [],
        "id": one.id,
        "definitionId": one.definition.id,
        "businessKey": one.business_key,
        "caseInstanceId": None,
        "ended": one.ended is not None,
        "suspended": one.suspended,
        "tenantId": one.tenant_id,
    }
    if is_since_7_18(request.engine.version):
        body["definitionKey"] = one.definition.key
    return body


def _running(request: Request) -> Instance:
    found = request.store.instances.get(request.names["id"])
    if found is None:
        raise not_found(f"Process instance with id {request.names['id']} does not exist")
    return found


@ROUTER.on("GET", "/process-instance/{id}")
def _get_instance(request: Request) -> Answer:
    found = _running(request)
    if not request.may("READ_INSTANCE", "ProcessDefinition", found.definition.key):
        raise not_found(f"Process instance with id {found.id} does not exist")
    return Answer(body=instance_body(request, found))


@ROUTER.on("DELETE", "/process-instance/{id}")
def _delete_instance(request: Request) -> Answer:
    found = _running(request)
    request.require(Grant("DELETE_INSTANCE", "ProcessDefinition", found.definition.key))
    request.engine.end(found.id, reason="deleted")
    return NOTHING


@ROUTER.on("PUT", "/process-instance/{id}/suspended")
def _put_suspend_instance(request: Request) -> Answer:
    found = request.store.instances.get(request.names["id"])
    if found is not None:
        found.suspended = bool(bind(request.json(), {"suspended": "flag"}).get("suspended"))
        found.state = "SUSPENDED" if found.suspended else "ACTIVE"
        for job in found.live.jobs:
            job.suspended = found.suspended
    return NOTHING


@ROUTER.on("GET", "/process-instance/{id}/activity-instances")
def _get_activity_instances(request: Request) -> Answer:
    found = _running(request)
    request.require(
        Grant("READ", "ProcessInstance", found.id), Grant("READ_INSTANCE", "ProcessDefinition", found.definition.key)
    )
    return Answer(body=tree_body(found, found.live.root))


def tree_body(instance: Instance, node: Node) -> dict[str, Any]:
    """Return an activity instance with all below it as REST shows it."""
    definition = instance.definition
    activity = definition.model.activities.get(node.activity_id)
    name = definition.name if activity is None else None if activity.is_body else activity.name
    executions = [node.execution_id] + [
        child.concurrent_id
        for child in node.children
        if child.concurrent_id is not None and child.concurrent_id != child.execution_id
    ]
    return {
        "id": node.id,
        "parentActivityInstanceId": node.parent.id if node.parent else None,
        "activityId": node.activity_id or definition.id,
        "activityType": activity.type if activity else "processDefinition",
        "processInstanceId": instance.id,
        "processDefinitionId": definition.id,
        "childActivityInstances": [tree_body(instance, child) for child in node.children],
        "childTransitionInstances": [_transition_body(instance, one) for one in node.transitions],
        "executionIds": executions,
        "activityName": name,
        "name": name,
        **_incidents_of(instance, node),
    }


def _transition_body(instance: Instance, one: Transition) -> dict[str, Any]:
    activity = instance.definition.model.activities[one.activity_id]
    return {
        "id": one.id,
        "parentActivityInstanceId": one.parent.id,
        "processInstanceId": instance.id,
        "processDefinitionId": instance.definition.id,
        "activityId": one.activity_id,
        "activityName": None if activity.is_body else activity.name,
        "activityType": activity.type,
        "executionId": one.id,
        "targetActivityId": one.activity_id,
        **_incidents_of(instance, one),
    }


def _incidents_of(instance: Instance, owner: Node | Transition) -> dict[str, Any]:
    found: list[Incident] = [one for one in instance.live.incidents if one.owner is owner]
    return {
        "incidentIds": [one.id for one in found],
        "incidents": [{"id": one.id, "activityId": one.activity_id} for one in found],
    }


_VARIABLE_MEMBERS: Final[Mapping[str, Kind]] = {
    "processInstanceIdIn": "texts",
    "variableName": "text",
    "variableNameIn": "texts",
    "activityInstanceIdIn": "texts",
    "sorting": "objects",
}
_VARIABLE_SORT: Final[Mapping[str, Key[dict[str, Any]]]] = {
    "variableName": itemgetter("name"),
    "variableType": itemgetter("type"),
    "activityInstanceId": itemgetter("activityInstanceId"),
}


@ROUTER.on("GET", "/variable-instance")
@ROUTER.on("POST", "/variable-instance")
def _get_variable_instances(request: Request) -> Answer:
    return Answer(body=list(page(request, _variables(request, query_of(request, _VARIABLE_MEMBERS)))))


@ROUTER.on("POST", "/variable-instance/count")
def _post_count_variable_instances(request: Request) -> Answer:
    return Answer(body={"count": len(_variables(request, request.json()))})


def _variables(request: Request, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    bound = bind(body, _VARIABLE_MEMBERS)
    ids = bound.get("processInstanceIdIn")
    running = request.store.instances
    chosen = list(running.values()) if not ids else [running[one] for one in dict.fromkeys(ids) if one in running]
    names = set(bound.get("variableNameIn") or ()) | ({bound["variableName"]} if "variableName" in bound else set())
    scopes = bound.get("activityInstanceIdIn")
    found = [
        one
        for instance in chosen
        if request.may("READ_INSTANCE", "ProcessDefinition", instance.definition.key)
        for one in _variables_of(instance)
        if (not names or one["name"] in names) and (not scopes or one["activityInstanceId"] in scopes)
    ]
    return ordered(found, body_sorting(bound, _VARIABLE_SORT), _VARIABLE_SORT)


def _variables_of(instance: Instance) -> Iterator[dict[str, Any]]:
    for index, (name, value) in enumerate(instance.variables.items()):
        yield _variable_body(instance, f"{instance.id}:{ROOT}:{index}", name, value, instance.id, instance.id)
    for node in instance.live.nodes():
        for name, value in node.variables.items():
            yield _variable_body(instance, f"{node.id}:{name}", name, value, node.execution_id, node.id)
        for one in node.transitions:
            for name, value in one.variables.items():
                yield _variable_body(
                    instance, f"{one.id}:{name}", name, value, one.id, one.activity_instance_id or one.id
                )
        for name, value in node.outer_variables.items():
            execution = node.concurrent_id or node.execution_id
            yield _variable_body(instance, f"{node.id}:outer:{name}", name, value, execution, node.id)


def _variable_body(
    instance: Instance, label: str, name: str, value: Value, execution_id: str, activity_instance_id: str
) -> dict[str, Any]:
    return {
        "type": value.type,
        "value": value.value,
        "valueInfo": value.info,
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, label)),
        "name": name,
        # A migration leaves this as it was (seen on 7.24.0), so that it can name the source.
        "processDefinitionId": value.definition_id or instance.variables_definition_id,
        "processInstanceId": instance.id,
        "executionId": execution_id,
        "caseInstanceId": None,
        "caseExecutionId": None,
        "taskId": None,
        "batchId": None,
        "activityInstanceId": activity_instance_id,
        "errorMessage": None,
        "tenantId": instance.tenant_id,
    }
