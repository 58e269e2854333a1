"""Process instances: lists and counts, trees, open activities, variables, incidents, subscriptions (sections 4 and
5)."""

from __future__ import annotations

from collections.abc import Sequence

from tui_migrate.engine.api import Sort
from tui_migrate.engine.connection import Connection
from tui_migrate.engine.models import (
    ActivityInstance,
    Count,
    EventSubscription,
    HistoricActivityInstance,
    HistoricProcessInstance,
    Incident,
    ProcessInstance,
    Task,
    UserTask,
    Variable,
)
from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery, sorting
from tui_migrate.engine.transport import segment

BY_ID: Sort = (("instanceId", "asc"),)


class Instances(Connection):
    """Reads of process instances, running and in history."""

    async def instances(
        self, query: InstanceQuery, *, first: int = 0, limit: int | None = 100, sort: Sort = BY_ID
    ) -> list[ProcessInstance]:
        """Return a page of running instances.

        Args:
            query: The filter; one that matches nothing costs no request.
            first: The first row, from 0.
            limit: The most rows; None is all.
            sort: Sort keys: `instanceId definitionKey definitionId tenantId businessKey`.

        Raises:
            UsageError: This engine ignores a field of the query.
        """
        return await self._query_list(list[ProcessInstance], "/process-instance", query, sort, first, limit)

    async def count_instances(self, query: InstanceQuery) -> int:
        """Return the number of running instances that match."""
        return await self._query_count("/process-instance", query)

    async def historic_instances(
        self, query: HistoricInstanceQuery, *, first: int = 0, limit: int | None = 100, sort: Sort = BY_ID
    ) -> list[HistoricProcessInstance]:
        """Return a page of instances from history; empty without history or READ_HISTORY, with no error.

        Sort keys: `instanceId definitionId definitionKey definitionName definitionVersion businessKey startTime endTime
        duration tenantId`.
        """
        path = "/history/process-instance"
        return await self._query_list(list[HistoricProcessInstance], path, query, sort, first, limit)

    async def count_historic_instances(self, query: HistoricInstanceQuery) -> int:
        """Return the number of instances in history that match."""
        return await self._query_count("/history/process-instance", query)

    async def activity_tree(self, instance_id: str) -> ActivityInstance:
        """Return where a running instance stands: scopes, leaves and transition instances.

        Raises:
            NotFound: It does not run.
        """
        path = f"/process-instance/{segment(instance_id)}/activity-instances"
        return await self._transport.read_as(ActivityInstance, "GET", path)

    async def open_activities(
        self,
        definition_id: str | None = None,
        *,
        process_instance_id: str | None = None,
        first: int = 0,
        limit: int | None = 1000,
    ) -> list[HistoricActivityInstance]:
        """Return the activity instances that are open now, from history: joins and scopes too, no transition instances.

        The engine ignores a list of instance ids here, so it is all of a definition (joined on `process_instance_id`),
        or those of one instance.
        """
        body = _open_body(definition_id, process_instance_id)
        return await self._list(
            list[HistoricActivityInstance],
            "POST",
            "/history/activity-instance",
            body={**body, "sorting": sorting((("activityInstanceId", "asc"),))},
            first=first,
            limit=limit,
        )

    async def count_open_activities(
        self, definition_id: str | None = None, *, process_instance_id: str | None = None
    ) -> int:
        """Return the number of those."""
        body = _open_body(definition_id, process_instance_id)
        return (await self._transport.read_as(Count, "POST", "/history/activity-instance/count", body=body)).count

    async def variables(self, instance_ids: Sequence[str]) -> list[Variable]:
        """Return all variables of these running instances, objects as their serialized text."""
        if not instance_ids:
            return []
        return await self._list(
            list[Variable],
            "POST",
            "/variable-instance",
            parameters={"deserializeValues": "false"},
            body={
                "processInstanceIdIn": list(instance_ids),
                "sorting": sorting((("variableName", "asc"), ("activityInstanceId", "asc"))),
            },
        )

    async def tasks(self, instance_ids: Sequence[str], *, external: bool = False) -> list[Task]:
        """Return the open tasks of these running instances.

        Args:
            instance_ids: The instances.
            external: The external tasks in place of those of user tasks.
        """
        if not instance_ids:
            return []
        body = {"processInstanceIdIn": list(instance_ids), "sorting": sorting((("id", "asc"),))}
        if external:
            return await self._list(list[Task], "POST", "/external-task", body=body)
        return [*await self._list(list[UserTask], "POST", "/task", body=body)]

    async def incidents(
        self,
        *,
        process_definition_id: str | None = None,
        process_instance_id: str | None = None,
        job_definition_ids: Sequence[str] | None = None,
        first: int = 0,
        limit: int | None = 1000,
    ) -> list[Incident]:
        """Return open incidents; there is no filter by several instances, so join on `process_instance_id`."""
        if job_definition_ids is not None and not job_definition_ids:
            return []
        return await self._list(
            list[Incident],
            "GET",
            "/incident",
            parameters={
                "processDefinitionId": process_definition_id,
                "processInstanceId": process_instance_id,
                "jobDefinitionIdIn": job_definition_ids,
                "sortBy": "incidentId",
                "sortOrder": "asc",
            },
            first=first,
            limit=limit,
        )

    async def event_subscriptions(
        self,
        *,
        event_type: str | None = None,
        process_instance_id: str | None = None,
        activity_id: str | None = None,
        first: int = 0,
        limit: int | None = 1000,
    ) -> list[EventSubscription]:
        """Return event subscriptions of the whole engine; there is no filter by definition.

        Args:
            event_type: `message`, `signal`, `conditional` or `compensate`.
            process_instance_id: Only this instance's.
            activity_id: Only those of this activity.
            first: The first row, from 0.
            limit: The most rows; None is all.
        """
        return await self._list(
            list[EventSubscription],
            "GET",
            "/event-subscription",
            parameters={
                "eventType": event_type,
                "processInstanceId": process_instance_id,
                "activityId": activity_id,
                "sortBy": "created",
                "sortOrder": "asc",
            },
            first=first,
            limit=limit,
        )


def _open_body(definition_id: str | None, process_instance_id: str | None) -> dict[str, object]:
    if definition_id is None and process_instance_id is None:
        raise ValueError("open activities are of a definition or of an instance")
    body: dict[str, object] = {"unfinished": True}
    if definition_id is not None:
        body["processDefinitionId"] = definition_id
    if process_instance_id is not None:
        body["processInstanceId"] = process_instance_id
    return body
