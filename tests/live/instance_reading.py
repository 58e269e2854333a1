"""Reads the state of one instance by REST with the standard library: what a forecast is made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.engines import rest
from tui_migrate.migration.forecast import (
    ActivityState,
    IncidentState,
    InstanceState,
    JobState,
    TaskState,
    TransitionState,
    VariableState,
)


def read_state(url: str, instance_id: str, definition_id: str, handlers: Sequence[str] = ()) -> InstanceState:
    """Return all that REST shows of an instance, with its tree and with its open activities in the history.

    Args:
        url: The REST base.
        instance_id: The instance.
        definition_id: Its definition.
        handlers: The compensation handlers of the definition's multi-instance activities.
    """
    definitions = {one["id"]: one for one in rest.get(url, "/job-definition", processDefinitionId=definition_id)}
    variables = rest.get(url, "/variable-instance", processInstanceIdIn=instance_id)
    instance = rest.get(url, f"/process-instance/{instance_id}")
    subscriptions = rest.get(url, "/event-subscription", processInstanceId=instance_id, eventType="compensate")
    history = rest.get(url, "/history/activity-instance", processInstanceId=instance_id, unfinished=True)
    at_handlers = {"processInstanceIds": [instance_id], "activityIdIn": list(handlers)}
    return InstanceState(
        instance_id,
        tree=_node(rest.get(url, f"/process-instance/{instance_id}/activity-instances")),
        open_activities=tuple(one["activityId"] for one in history),
        at_handler=bool(handlers and rest.post(url, "/process-instance/count", at_handlers)["count"]),
        jobs=tuple(_job(one, definitions) for one in rest.get(url, "/job", processInstanceId=instance_id)),
        compensation=tuple(one["activityId"] for one in subscriptions),
        incidents=tuple(_incident(one) for one in rest.get(url, "/incident", processInstanceId=instance_id)),
        tenant_id=instance["tenantId"],
        suspended=instance["suspended"],
        variables=tuple(VariableState(one["name"], one["executionId"], one["activityInstanceId"]) for one in variables),
        tasks=tuple(_tasks(url, instance_id)),
    )


def _node(node: dict[str, Any]) -> ActivityState:
    return ActivityState(
        node["id"],
        node["activityId"],
        children=tuple(_node(child) for child in node["childActivityInstances"]),
        transitions=tuple(
            TransitionState(
                one["id"], one["activityId"], one["executionId"], incident_ids=tuple(one.get("incidentIds") or ())
            )
            for one in node["childTransitionInstances"]
        ),
        execution_ids=tuple(node["executionIds"]),
        incident_ids=tuple(node.get("incidentIds") or ()),
    )


def _job(job: dict[str, Any], definitions: dict[str, dict[str, Any]]) -> JobState:
    definition = definitions.get(job["jobDefinitionId"], {})
    return JobState(
        job["id"],
        execution_id=job["executionId"],
        job_definition_id=job["jobDefinitionId"],
        job_type=definition.get("jobType"),
        job_configuration=definition.get("jobConfiguration"),
        activity_id=definition.get("activityId"),
    )


def _tasks(url: str, instance_id: str) -> Iterator[TaskState]:
    for path, external in (("/task", False), ("/external-task", True)):
        for one in rest.get(url, path, processInstanceId=instance_id):
            yield TaskState(
                one["id"], one["executionId"], one["activityId" if external else "taskDefinitionKey"], external
            )


def _incident(incident: dict[str, Any]) -> IncidentState:
    return IncidentState(
        incident["id"],
        incident["incidentType"],
        configuration=incident["configuration"],
        execution_id=incident["executionId"],
        activity_id=incident["activityId"],
    )
