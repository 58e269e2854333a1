"""`/history/user-operation`, `/authorization/check`, `/identity/verify`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from tui_migrate.sandbox.body import bind
from tui_migrate.sandbox.errors import Refusal, invalid
from tui_migrate.sandbox.exchange import NOTHING, Answer, Request
from tui_migrate.sandbox.query.lists import Key, ordered, page, url_sorting
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import ANY, RESOURCES, is_known_permission
from tui_migrate.sandbox.store.definition import Definition
from tui_migrate.sandbox.store.store import UserOperation
from tui_migrate.sandbox.times import engine_time, parse_engine_time
from tui_migrate.sandbox.versions import is_since_7_18

_SORT: Final[Mapping[str, Key[UserOperation]]] = {"timestamp": attrgetter("timestamp")}


def log_operation(
    request: Request,
    operation_type: str,
    entity_type: str,
    properties: Sequence[tuple[str | None, str | None, str | None]],
    *,
    definition: Definition | None = None,
    batch_id: str | None = None,
) -> None:
    """Write an operation to the user operation log; an engine does so for authenticated users only."""
    if request.user is None or not request.engine.history:
        return
    store, now = request.store, request.engine.now()
    operation_id = store.ids.new()
    for name, original, new in properties:
        store.operations.append(
            UserOperation(
                store.ids.new(),
                operation_id,
                operation_type,
                entity_type,
                name,
                original,
                new,
                request.user.name,
                now,
                definition=definition,
                batch_id=batch_id,
            )
        )


@ROUTER.on("GET", "/history/user-operation")
def _get_user_operations(request: Request) -> Answer:
    found = ordered(_selected(request), url_sorting(request, _SORT), _SORT)
    return Answer(body=[_body(one) for one in page(request, found)])


@ROUTER.on("GET", "/history/user-operation/count")
def _get_count_user_operations(request: Request) -> Answer:
    return Answer(body={"count": len(_selected(request))})


def _selected(request: Request) -> list[UserOperation]:
    filters = {
        "operationType": "operation_type",
        "entityType": "entity_type",
        "operationId": "operation_id",
        "userId": "user_id",
        "property": "property",
        "batchId": "batch_id",
    }
    found = list(request.store.operations)
    for name, attribute in filters.items():
        wanted = request.text(name)
        if wanted is not None:
            found = [one for one in found if getattr(one, attribute) == wanted]
    for name in ("afterTimestamp", "beforeTimestamp"):
        text = request.text(name)
        if text is not None:
            moment = parse_engine_time(text)
            if moment is None:
                raise invalid(f"Cannot set query parameter '{name}' to value '{text}'")
            found = [one for one in found if (one.timestamp > moment) == (name == "afterTimestamp")]
    return found


def _body(one: UserOperation) -> dict[str, Any]:
    definition = one.definition
    nothing = dict.fromkeys(
        (
            "processInstanceId", "executionId", "caseDefinitionId", "caseInstanceId", "caseExecutionId", "taskId",
            "jobId", "jobDefinitionId", "externalTaskId", "removalTime", "rootProcessInstanceId",
        )
    )  # fmt: skip
    return {
        **nothing,
        "id": one.id,
        "deploymentId": definition.deployment_id if definition else None,
        "processDefinitionId": definition.id if definition else None,
        "processDefinitionKey": definition.key if definition else None,
        "batchId": one.batch_id,
        "userId": one.user_id,
        "timestamp": engine_time(one.timestamp),
        "operationId": one.operation_id,
        "operationType": one.operation_type,
        "entityType": one.entity_type,
        "property": one.property,
        "orgValue": one.original_value,
        "newValue": one.new_value,
        "category": one.category,
        "annotation": one.annotation,
    }


@ROUTER.on("PUT", "/history/user-operation/{id}/set-annotation")
def _put_annotate(request: Request) -> Answer:
    text = bind(request.json(), {"annotation": "text"}).get("annotation")
    found = [one for one in request.store.operations if one.operation_id == request.names["id"]]
    if not found:
        what = "operation is null" if is_since_7_18(request.engine.version) else "operations is empty"
        raise Refusal(400, "BadUserRequestException", what, code=0)
    for one in found:
        one.annotation = text
    return NOTHING


@ROUTER.on("GET", "/authorization/check")
def _get_check_authorization(request: Request) -> Answer:
    if request.user is None:
        raise Refusal(401, "InvalidRequestException", "You must be authenticated in order to use this resource.")
    for name in ("permissionName", "resourceName", "resourceType"):
        if request.text(name) is None:
            raise invalid(f"Query parameter '{name}' cannot be null")
    permission, resource = request.query["permissionName"], RESOURCES.get(request.number("resourceType") or -1, "")
    if not is_known_permission(permission, resource):
        upper = {"ProcessDefinition": "PROCESS_DEFINITION", "Batch": "BATCH"}.get(resource, resource.upper())
        raise Refusal(
            400,
            "BadUserRequestException",
            f"The permission '{permission}' is not valid for '{upper}' resource type.",
            code=0,
        )
    resource_id = request.text("resourceId")
    return Answer(
        body={
            "permissionName": permission,
            "resourceName": request.query["resourceName"],
            "resourceId": resource_id,
            "authorized": request.may(permission, resource, resource_id or ANY),
        }
    )


@ROUTER.on("POST", "/identity/verify")
def _post_verify(request: Request) -> Answer:
    bound = bind(request.json(), {"username": "text", "password": "text"})
    name, security = bound.get("username", ""), request.engine.security
    right = security is not None and security.verify(name, bound.get("password", ""), request.engine.now())
    return Answer(body={"authenticatedUser": name, "groups": None, "tenants": None, "authenticated": right})
