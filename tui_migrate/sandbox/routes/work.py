"""What lets instances go on: `/deployment`, starting, `/task`, `/external-task`, `/message`, `/execution`.

Not needed to migrate anything; it is here so that a test can bring instances into a state by the same requests on an
embedded engine and on a real one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tui_migrate.errors import BpmnError
from tui_migrate.sandbox.body import Kind, bind
from tui_migrate.sandbox.errors import Refusal, engine_error, invalid, not_found
from tui_migrate.sandbox.exchange import NOTHING, Answer, Request
from tui_migrate.sandbox.query.lists import page
from tui_migrate.sandbox.query.members import query_of
from tui_migrate.sandbox.routes.definitions import definition_body
from tui_migrate.sandbox.routes.instances import instance_body
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import Grant
from tui_migrate.sandbox.store.definition import Definition
from tui_migrate.sandbox.store.entities import Incident, Node, Subscription
from tui_migrate.sandbox.store.instance import Instance
from tui_migrate.sandbox.store.store import Deployment
from tui_migrate.sandbox.store.values import read_variables
from tui_migrate.sandbox.times import engine_time
from tui_migrate.sandbox.tokens import Tokens

if TYPE_CHECKING:
    from email.message import Message

_USER_TASK: Final = "UserTaskActivityBehavior"
_EXTERNAL_TASK: Final = "ExternalTaskActivityBehavior"
_TASK_MEMBERS: Final[Mapping[str, Kind]] = {
    "processInstanceId": "text",
    "processInstanceIdIn": "texts",
    "processDefinitionId": "text",
    "taskDefinitionKey": "text",
}


@ROUTER.on("POST", "/deployment/create")
def _post_deployment(request: Request) -> Answer:
    fields = _multipart(request)
    tenant = next((data.decode() for name, file, data in fields if name == "tenant-id" and not file), None)
    name = next((data.decode() for name, file, data in fields if name == "deployment-name" and not file), None)
    made: list[Definition] = []
    for _, file, data in fields:
        if file:
            try:
                made += request.store.deploy(data, request.engine.now(), tenant_id=tenant, resource=file)
            except BpmnError as error:
                raise Refusal(400, "ParseException", f"ENGINE-09005 Could not parse BPMN process. {error}") from error
    deployment = Deployment(made[0].deployment_id if made else "", name, request.engine.now(), tenant)
    return Answer(
        body={
            **_deployment_body(deployment),
            "deployedProcessDefinitions": {one.id: definition_body(one) for one in made} or None,
        }
    )


def _multipart(request: Request) -> list[tuple[str, str, bytes]]:
    """Return name, file name and content of each part of a form."""
    from email.parser import BytesParser  # only who deploys needs it, and it costs a demo's start

    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + request.content)
    if not message.is_multipart():
        raise Refusal(415, "NotSupportedException", "HTTP 415 Unsupported Media Type")
    return [_part(part) for part in message.walk() if not part.is_multipart()]


def _part(part: Message) -> tuple[str, str, bytes]:
    name = str(part.get_param("name", "", header="content-disposition"))
    content = part.get_payload(decode=True)
    return name, part.get_filename() or "", content if isinstance(content, bytes) else b""


def _deployment_body(one: Deployment) -> dict[str, Any]:
    return {
        "links": [],
        "id": one.id,
        "name": one.name,
        "source": None,
        "deploymentTime": engine_time(one.time),
        "tenantId": one.tenant_id,
    }


@ROUTER.on("GET", "/deployment")
def _get_deployments(request: Request) -> Answer:
    found = [_deployment_body(one) for one in request.store.deployments.values()]
    return Answer(body=list(page(request, found)))


@ROUTER.on("DELETE", "/deployment/{id}")
def _delete_deployment(request: Request) -> Answer:
    wanted = request.names["id"]
    if request.store.deployments.pop(wanted, None) is None:
        raise not_found(f"Deployment with id '{wanted}' do not exist")
    for definition in [one for one in request.store.definitions.values() if one.deployment_id == wanted]:
        for instance in list(definition.running.values()):
            request.store.end(instance, request.engine.now(), reason="deleted deployment")
        del request.store.definitions[definition.id]
        for instance_id in definition.historic:
            request.store.historic.pop(instance_id, None)
    return NOTHING


@ROUTER.on("POST", "/process-definition/{id}/start")
def _post_start(request: Request) -> Answer:
    found = request.store.definitions.get(request.names["id"])
    if found is None:
        raise not_found(f"Cannot instantiate process definition {request.names['id']}: no deployed process definition")
    return _start(request, found)


@ROUTER.on("POST", "/process-definition/key/{key}/start")
def _post_start_by_key(request: Request) -> Answer:
    found = request.store.latest(request.names["key"], None)
    if found is None:
        key = request.names["key"]
        raise Refusal(404, "RestException", f"No matching process definition with key: {key} and no tenant-id")
    return _start(request, found)


def _start(request: Request, definition: Definition) -> Answer:
    request.require(Grant("CREATE_INSTANCE", "ProcessDefinition", definition.key))
    bound = bind(request.json(), {"businessKey": "text", "variables": "object"})
    variables = read_variables(bound.get("variables"))
    instance = request.store.start(
        definition,
        request.store.blueprint(definition, (), variables),
        request.engine.now(),
        business_key=bound.get("businessKey"),
        variables=variables,
        start_user=request.user.name if request.user else None,
    )
    return Answer(body=instance_body(request, instance))


@ROUTER.on("PUT", "/process-definition/{id}/suspended")
def _put_definition_suspended(request: Request) -> Answer:
    found = request.store.definitions.get(request.names["id"])
    if found is None:
        raise not_found(f"No matching definition with id {request.names['id']}", code=0)
    found.suspended = bool(bind(request.json(), {"suspended": "flag"}).get("suspended"))
    return NOTHING


def _task_id(node: Node, kind: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{node.id}:{kind}"))


def _waiting(request: Request, bound: Mapping[str, Any], behavior: str) -> Iterator[tuple[Instance, Node]]:
    """Yield the activity instances of one kind in the instances that are asked for."""
    ids = bound.get("processInstanceIdIn") or ([bound["processInstanceId"]] if "processInstanceId" in bound else None)
    running = request.store.instances
    chosen = list(running.values()) if ids is None else [running[one] for one in ids if one in running]
    for instance in chosen:
        if bound.get("processDefinitionId") in {None, instance.definition.id}:
            for node in list(instance.live.nodes())[1:]:
                activity = instance.definition.model.activities[node.activity_id]
                if activity.behavior == behavior and bound.get("taskDefinitionKey") in {None, activity.id}:
                    yield instance, node


def _listed(request: Request, behavior: str, body_of: Callable[[Instance, Node], dict[str, Any]]) -> Answer:
    bound = bind(query_of(request, _TASK_MEMBERS), _TASK_MEMBERS)
    return Answer(body=list(page(request, [body_of(*pair) for pair in _waiting(request, bound, behavior)])))


def _find(request: Request, behavior: str, kind: str) -> tuple[Instance, Node]:
    for instance, node in _waiting(request, {}, behavior):
        if _task_id(node, kind) == request.names["id"]:
            return instance, node
    raise not_found(f"No matching {kind} with id {request.names['id']}")


@ROUTER.on("GET", "/task")
@ROUTER.on("POST", "/task")
def _get_tasks(request: Request) -> Answer:
    return _listed(request, _USER_TASK, _task_body)


def _task_body(instance: Instance, node: Node) -> dict[str, Any]:
    activity = instance.definition.model.activities[node.activity_id]
    return {
        "id": _task_id(node, "task"),
        "name": activity.name,
        "created": engine_time(node.started),
        "taskDefinitionKey": activity.id,
        **_where(instance, node),
    }


def _where(instance: Instance, node: Node) -> dict[str, Any]:
    return {
        "executionId": node.execution_id,
        "processDefinitionId": instance.definition.id,
        "processInstanceId": instance.id,
        "suspended": instance.suspended,
        "tenantId": instance.tenant_id,
    }


def _set_variables(request: Request, instance: Instance) -> None:
    given = read_variables(request.json().get("variables"))
    if given:
        instance.variables = {**instance.variables, **given}


@ROUTER.on("POST", "/task/{id}/complete")
def _post_complete_task(request: Request) -> Answer:
    instance, node = _find(request, _USER_TASK, "task")
    _refuse_suspended(instance)
    _set_variables(request, instance)
    Tokens(request.store, instance, request.engine.now()).complete(node)
    return NOTHING


def _refuse_suspended(instance: Instance) -> None:
    if instance.suspended:
        raise engine_error(f"ENGINE-03081 Cannot execute transition: process instance '{instance.id}' is suspended")


@ROUTER.on("GET", "/external-task")
@ROUTER.on("POST", "/external-task")
def _get_external_tasks(request: Request) -> Answer:
    return _listed(request, _EXTERNAL_TASK, _external_task_body)


def _external_task_body(instance: Instance, node: Node) -> dict[str, Any]:
    activity = instance.definition.model.activities[node.activity_id]
    return {
        "id": _task_id(node, "external task"),
        "activityId": activity.id,
        "activityInstanceId": node.id,
        "processDefinitionKey": instance.definition.key,
        "topicName": activity.details.get("topic"),
        "businessKey": instance.business_key,
        **_where(instance, node),
    }


@ROUTER.on("POST", "/external-task/fetchAndLock")
def _post_fetch(request: Request) -> Answer:
    body = request.json()
    wanted = bind(body, {"maxTasks": "number", "topics": "objects"})
    found = [
        _external_task_body(instance, node)
        for instance, node in _waiting(request, {}, _EXTERNAL_TASK)
        if any(_asks_for(topic, instance, node) for topic in wanted.get("topics", ()))
    ]
    return Answer(body=found[: wanted.get("maxTasks", 0)])


def _asks_for(topic: Mapping[str, Any], instance: Instance, node: Node) -> bool:
    activity = instance.definition.model.activities[node.activity_id]
    return (
        topic.get("topicName") == activity.details.get("topic")
        and topic.get("businessKey") in {None, instance.business_key}
        and topic.get("processDefinitionId") in {None, instance.definition.id}
    )


@ROUTER.on("POST", "/external-task/{id}/complete")
def _post_complete_external_task(request: Request) -> Answer:
    instance, node = _find(request, _EXTERNAL_TASK, "external task")
    _set_variables(request, instance)
    Tokens(request.store, instance, request.engine.now()).complete(node)
    return NOTHING


@ROUTER.on("POST", "/external-task/{id}/failure")
def _post_fail_external_task(request: Request) -> Answer:
    instance, node = _find(request, _EXTERNAL_TASK, "external task")
    bound = bind(request.json(), {"errorMessage": "text", "retries": "number"})
    if not bound.get("retries"):
        incident = Incident(
            instance.new_id(),
            "failedExternalTask",
            bound.get("errorMessage"),
            node.activity_id,
            request.engine.now(),
            instance,
            node,
            configuration=_task_id(node, "external task"),
        )
        instance.live.incidents.append(incident)
        instance.touch()
        request.store.propagate(incident)
    return NOTHING


def _subscriptions(request: Request, name: str) -> Iterator[tuple[Instance, Subscription]]:
    for instance in list(request.store.instances.values()):
        for one in request.store.subscriptions_of((instance,), "message"):
            if one.event_name == name:
                yield instance, one


@ROUTER.on("POST", "/message")
def _post_message(request: Request) -> Answer:
    bound = bind(request.json(), {"messageName": "text", "businessKey": "text", "processInstanceId": "text"})
    name = bound.get("messageName")
    if name is None:
        raise invalid("No message name supplied")
    found = [
        (instance, one)
        for instance, one in _subscriptions(request, name)
        if bound.get("businessKey") in {None, instance.business_key}
        and bound.get("processInstanceId") in {None, instance.id}
    ]
    if len(found) != 1:
        what = "No process definition or execution" if not found else f"{len(found)} executions"
        verb = "matches" if not found else "match"
        raise Refusal(
            400,
            "MismatchingMessageCorrelationException",
            f"Cannot correlate message '{name}': {what} {verb} the parameters",
            code=0,
        )
    instance, subscription = found[0]
    Tokens(request.store, instance, request.engine.now()).trigger_subscription(subscription)
    return NOTHING


@ROUTER.on("POST", "/execution/{id}/messageSubscriptions/{name}/trigger")
def _post_trigger(request: Request) -> Answer:
    for instance, one in _subscriptions(request, request.names["name"]):
        if one.owner.execution_id == request.names["id"]:
            Tokens(request.store, instance, request.engine.now()).trigger_subscription(one)
            return NOTHING
    raise not_found(f"Execution with id {request.names['id']} does not have a subscription to this message")
