"""`/history/process-instance` and `/history/activity-instance`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from msgspec import Struct

from tui_migrate.sandbox.body import Kind, bind
from tui_migrate.sandbox.errors import not_found
from tui_migrate.sandbox.exchange import Answer, Request
from tui_migrate.sandbox.identifiers import activity_instance_id, identifier
from tui_migrate.sandbox.query.instances import history_members, select_historic
from tui_migrate.sandbox.query.lists import Key, body_sorting, ordered, page
from tui_migrate.sandbox.query.members import query_of
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.store.entities import FinishedActivity, Node
from tui_migrate.sandbox.store.instance import Instance
from tui_migrate.sandbox.times import engine_time
from tui_migrate.sandbox.versions import version_number

_ACTIVITY_MEMBERS: Final[Mapping[str, Kind]] = {
    "activityInstanceId": "text",
    "processInstanceId": "text",
    "processDefinitionId": "text",
    "activityId": "text",
    "activityType": "text",
    "finished": "flag",
    "unfinished": "flag",
    "canceled": "flag",
    "sorting": "objects",
}


class OpenActivity(Struct, eq=False):
    """An activity instance of an instance that nobody may have looked at: its tree is made only to show it."""

    instance: Instance
    number: int
    """Its place in the tree, the process counted as 0."""
    id: str
    activity_id: str

    @property
    def node(self) -> Node:
        """The activity instance itself."""
        return next(islice(self.instance.live.nodes(), self.number, None))

    @property
    def started(self) -> datetime:
        """When it was entered."""
        return self.node.started


Entry = OpenActivity | FinishedActivity
Row = tuple[Instance, Entry]
_ACTIVITY_SORT: Final[Mapping[str, Key[Row]]] = {
    "activityInstanceId": lambda row: row[1].id,
    "instanceId": lambda row: row[0].id,
    "activityId": lambda row: row[1].activity_id,
    "startTime": lambda row: row[1].started,
    "endTime": lambda row: row[1].ended if isinstance(row[1], FinishedActivity) else None,
    "definitionId": lambda row: row[0].definition.id,
}


@ROUTER.on("GET", "/history/process-instance")
@ROUTER.on("POST", "/history/process-instance")
def _get_historic_instances(request: Request) -> Answer:
    return Answer(
        body=[_instance_body(request, one) for one in page(request, select_historic(request, _query(request)))]
    )


@ROUTER.on("GET", "/history/process-instance/count")
@ROUTER.on("POST", "/history/process-instance/count")
def _get_count_historic_instances(request: Request) -> Answer:
    return Answer(body={"count": len(select_historic(request, _query(request), sort=False))})


def _query(request: Request) -> Mapping[str, Any]:
    return query_of(request, history_members(request.engine.version))


@ROUTER.on("GET", "/history/process-instance/{id}")
def _get_historic_instance(request: Request) -> Answer:
    found = request.store.historic.get(request.names["id"])
    if found is None or not request.engine.history:
        raise not_found(f"Historic process instance with id {request.names['id']} does not exist")
    return Answer(body=_instance_body(request, found))


def _instance_body(request: Request, one: Instance) -> dict[str, Any]:
    definition = one.definition
    duration = None if one.ended is None else int((one.ended - one.started).total_seconds() * 1000)
    state = "SUSPENDED" if one.suspended and one.ended is None else one.state
    body = {
        "id": one.id,
        "businessKey": one.business_key,
        "processDefinitionId": definition.id,
        "processDefinitionKey": definition.key,
        "processDefinitionName": definition.name,
        "processDefinitionVersion": definition.version,
        "startTime": engine_time(one.started),
        "endTime": engine_time(one.ended),
        "removalTime": None,
        "durationInMillis": duration,
        "startUserId": one.start_user,
        "startActivityId": one.start_activity_id,
        "deleteReason": one.delete_reason,
        "rootProcessInstanceId": one.root_instance.id,
        "superProcessInstanceId": one.super_instance.id if one.super_instance else None,
        "superCaseInstanceId": None,
        "caseInstanceId": None,
        "tenantId": one.tenant_id,
        "state": state,
    }
    if version_number(request.engine.version) >= (7, 24):
        body["restartedProcessInstanceId"] = None
    return body


@ROUTER.on("GET", "/history/activity-instance")
@ROUTER.on("POST", "/history/activity-instance")
def _get_activity_instances(request: Request) -> Answer:
    body = query_of(request, _ACTIVITY_MEMBERS)
    bound = bind(body, _ACTIVITY_MEMBERS)
    sorting = body_sorting(bound, _ACTIVITY_SORT)
    rows = _open_of_definition(request, bound) if sorting in ([], [("activityInstanceId", "asc")]) else None
    if rows is None:
        rows = ordered(_rows(request, bound), sorting, _ACTIVITY_SORT)
    return Answer(body=[_activity_body(*row) for row in page(request, rows)])


def _open_of_definition(request: Request, bound: Mapping[str, Any]) -> list[Row] | None:
    """Return the open activities of a definition sorted by id if that is all that is asked for: they may be many."""
    if bound.keys() - {"sorting"} != {"processDefinitionId", "unfinished"}:
        return None
    definition = request.store.definitions.get(bound["processDefinitionId"])
    if definition is None or not _readable(request, definition.key):
        return []

    def make() -> list[Row]:
        rows: list[Row] = [(one, entry) for one in definition.running.values() for entry in _open(one)]
        return sorted(rows, key=lambda row: row[1].id)

    return definition.remember("open activities", make)


@ROUTER.on("GET", "/history/activity-instance/count")
@ROUTER.on("POST", "/history/activity-instance/count")
def _get_count_activity_instances(request: Request) -> Answer:
    body = query_of(request, _ACTIVITY_MEMBERS)
    bound = bind(body, _ACTIVITY_MEMBERS)
    if set(bound) == {"processDefinitionId", "unfinished"}:
        definition = request.store.definitions.get(bound["processDefinitionId"])
        summaries = request.store.summaries(definition) if definition and _readable(request, definition.key) else []
        return Answer(body={"count": sum(len(summary.open) * number for summary, number in summaries)})
    return Answer(body={"count": sum(1 for _ in _rows(request, bound))})


def _readable(request: Request, key: str) -> bool:
    return request.engine.history and request.may("READ_HISTORY", "ProcessDefinition", key)


def _rows(request: Request, bound: Mapping[str, Any]) -> Iterator[Row]:
    for instance in _instances(request, bound):
        if not _readable(request, instance.definition.key):
            continue
        entries: list[Entry] = []
        if not bound.get("finished") and not bound.get("canceled") and instance.ended is None:
            entries += _open(instance)
        if not bound.get("unfinished"):
            entries += instance.live.finished
        for entry in entries:
            if _fits(instance, entry, bound):
                yield instance, entry


def _open(instance: Instance) -> Iterator[OpenActivity]:
    if not instance.looked_at:
        for spot in instance.blueprint.root.nodes():
            entry_id = activity_instance_id(spot.activity_id, identifier(instance.number + spot.number))
            yield OpenActivity(instance, spot.number, entry_id, spot.activity_id)
        return
    for number, node in enumerate(instance.live.nodes()):
        if number:
            yield OpenActivity(instance, number, node.id, node.activity_id)


def _instances(request: Request, bound: Mapping[str, Any]) -> Iterable[Instance]:
    store = request.store
    if "processInstanceId" in bound:
        found = store.historic.get(bound["processInstanceId"])
        return [found] if found is not None else []
    if "processDefinitionId" in bound and bound.get("unfinished"):
        definition = store.definitions.get(bound["processDefinitionId"])
        return definition.running.values() if definition else []
    # Finished entries keep the definition that they ran in, wherever their instance is now.
    return store.historic.values()


def _definition_of(instance: Instance, entry: Entry) -> str:
    return entry.definition_id if isinstance(entry, FinishedActivity) else instance.definition.id


def _fits(instance: Instance, entry: Entry, bound: Mapping[str, Any]) -> bool:
    exact = {
        "activityInstanceId": entry.id,
        "activityId": entry.activity_id,
        "processDefinitionId": _definition_of(instance, entry),
    }
    if any(name in bound and bound[name] != value for name, value in exact.items()):
        return False
    if bound.get("canceled") and not (isinstance(entry, FinishedActivity) and entry.canceled):
        return False
    return "activityType" not in bound or _type_of(instance, entry) == bound["activityType"]


def _type_of(instance: Instance, entry: Entry) -> str:
    if isinstance(entry, FinishedActivity):
        return entry.activity_type
    return instance.definition.model.activities[entry.activity_id].type


def _name_of(instance: Instance, activity_id: str) -> str | None:
    activity = instance.definition.model.activities[activity_id]
    return None if activity.is_body else activity.name


def _activity_body(instance: Instance, entry: Entry) -> dict[str, Any]:
    finished = entry if isinstance(entry, FinishedActivity) else None
    node = entry.node if isinstance(entry, OpenActivity) else None
    called = node.called if node else None
    ended = finished.ended if finished else None
    parent = finished.parent_id if finished else node.parent.id if node and node.parent else None
    execution = finished.execution_id if finished else node.execution_id if node else None
    return {
        "id": entry.id,
        "parentActivityInstanceId": parent,
        "activityId": entry.activity_id,
        "activityName": finished.name if finished else _name_of(instance, entry.activity_id),
        "activityType": _type_of(instance, entry),
        "processDefinitionKey": instance.definition.key,
        "processDefinitionId": _definition_of(instance, entry),
        "processInstanceId": instance.id,
        "executionId": execution,
        "taskId": None,
        "calledProcessInstanceId": called.id if called else None,
        "calledCaseInstanceId": None,
        "assignee": None,
        "startTime": engine_time(entry.started),
        "endTime": engine_time(ended),
        "durationInMillis": int((ended - entry.started).total_seconds() * 1000) if ended else None,
        "canceled": finished.canceled if finished else False,
        "completeScope": False,
        "tenantId": instance.tenant_id,
        "removalTime": None,
        "rootProcessInstanceId": instance.root_instance.id,
    }
