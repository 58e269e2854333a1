"""Process definitions: lists, one, XML, counts, job definitions (REST reference, sections 3 and 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui_migrate.engine.connection import Connection
from tui_migrate.engine.models import (
    ActivityStatistics,
    DefinitionStatistics,
    DefinitionXml,
    JobDefinition,
    ProcessDefinition,
)
from tui_migrate.engine.transport import Transport, segment


class Definitions(Connection):
    """Reads of process definitions."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._xml: dict[str, bytes] = {}
        self._xml_reading: dict[str, asyncio.Lock] = {}

    async def definition_statistics(self) -> list[DefinitionStatistics]:
        """Return every definition of every version with its running instances, failed jobs and root incidents.

        One request, without paging, whatever the engine holds; sorted here by key, tenant and version, since the
        engine's order is random.
        """
        rows = await self._transport.read_as(
            list[DefinitionStatistics],
            "GET",
            "/process-definition/statistics",
            parameters={"failedJobs": True, "rootIncidents": True},
        )
        if rows:
            self._saw_class(rows[0].class_name)
        return sorted(rows, key=lambda row: _order(row.definition))

    async def definitions(
        self,
        *,
        key: str | None = None,
        version: int | None = None,
        version_tag: str | None = None,
        tenant_id: str | None = None,
        without_tenant: bool | None = None,
        latest: bool | None = None,
        ids: Sequence[str] | None = None,
    ) -> list[ProcessDefinition]:
        """Return the definitions that match all that is given, sorted by key, tenant and version.

        Args:
            key: Of the process.
            version: Number of the version.
            version_tag: Exact tag of the version.
            tenant_id: Only this tenant's.
            without_tenant: Only those without tenant.
            latest: Only the newest of each key and tenant.
            ids: Only these; an empty sequence gives an empty list.
        """
        if ids is not None and not ids:
            return []
        rows = await self._list(
            list[ProcessDefinition],
            "GET",
            "/process-definition",
            parameters={
                "key": key,
                "version": version,
                "versionTag": version_tag,
                "tenantIdIn": tenant_id,
                "withoutTenantId": without_tenant,
                "latestVersion": latest,
                "processDefinitionIdIn": ids,
                "sortBy": "id",
                "sortOrder": "asc",
            },
        )
        return sorted(rows, key=_order)

    async def definition(self, definition_id: str) -> ProcessDefinition:
        """Return one definition.

        Raises:
            NotFound: It does not exist, or this user may not see it.
        """
        path = f"/process-definition/{segment(definition_id)}"
        return await self._transport.read_as(ProcessDefinition, "GET", path)

    async def definition_xml(self, definition_id: str) -> bytes:
        """Return the deployed BPMN as UTF-8. It never changes, so it is read once in a session."""
        # Whoever comes while it is read waits for it, and reads it himself should the first one be cancelled.
        async with self._xml_reading.setdefault(definition_id, asyncio.Lock()):
            if definition_id not in self._xml:
                path = f"/process-definition/{segment(definition_id)}/xml"
                answer = await self._transport.read_as(DefinitionXml, "GET", path)
                self._xml[definition_id] = answer.bpmn20_xml.encode()
        return self._xml[definition_id]

    async def activity_statistics(self, definition_id: str) -> list[ActivityStatistics]:
        """Return counts by activity: leaf executions and waiting async jobs; an unknown definition gives an empty
        list."""
        return await self._transport.read_as(
            list[ActivityStatistics],
            "GET",
            f"/process-definition/{segment(definition_id)}/statistics",
            parameters={"failedJobs": True, "incidents": True},
        )

    async def job_definitions(self, process_definition_id: str) -> list[JobDefinition]:
        """Return what the definition's jobs are of: async continuations and timers, by activity."""
        return await self._list(
            list[JobDefinition],
            "GET",
            "/job-definition",
            parameters={"processDefinitionId": process_definition_id, "sortBy": "jobDefinitionId", "sortOrder": "asc"},
        )


def _order(definition: ProcessDefinition) -> tuple[str, str, int, str]:
    return definition.key, definition.tenant_id or "", definition.version, definition.id
