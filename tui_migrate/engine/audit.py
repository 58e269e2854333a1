"""Permissions and the user operation log (REST reference, section 10)."""

from __future__ import annotations

from datetime import datetime

from tui_migrate.engine.connection import Connection
from tui_migrate.engine.date import engine_time
from tui_migrate.engine.models import AuthorizationCheck, UserOperation
from tui_migrate.engine.transport import segment
from tui_migrate.errors import AuthFailed

PROCESS_DEFINITION = 6
"""Resource type of process definitions; their resource id is the *key*."""
BATCH = 13


class Audit(Connection):
    """What this user may do, and who has done what."""

    async def check_authorization(
        self, permission: str, resource: str, resource_type: int, resource_id: str | None = None
    ) -> bool | None:
        """Whether the user has a permission; None where the engine knows no user and so asks for none.

        Args:
            permission: Such as `MIGRATE_INSTANCE` or `CREATE_BATCH_MIGRATE_PROCESS_INSTANCES`.
            resource: Such as `ProcessDefinition` or `Batch`.
            resource_type: Such as `PROCESS_DEFINITION` or `BATCH`.
            resource_id: Such as the definition's key.
        """
        try:
            answer = await self._transport.read_as(
                AuthorizationCheck,
                "GET",
                "/authorization/check",
                parameters={
                    "permissionName": permission,
                    "resourceName": resource,
                    "resourceType": resource_type,
                    "resourceId": resource_id,
                },
            )
        except AuthFailed as error:
            # A 401 in the engine's own words: nobody is logged in. The filter's 401 has an empty body.
            if error.engine_type is not None:
                return None
            raise
        return answer.authorized

    async def user_operations(
        self,
        *,
        operation_type: str = "Migrate",
        entity_type: str = "ProcessInstance",
        after: datetime | None = None,
        limit: int | None = 100,
    ) -> list[UserOperation]:
        """Return logged operations, newest first; written for authenticated users only, else empty.

        Args:
            operation_type: Such as `Migrate`, `SuspendBatch`, `Delete`.
            entity_type: Such as `ProcessInstance`, `Batch`.
            after: Only those at or after this aware time.
            limit: The most rows; None is all. One operation has a row for each property.
        """
        return await self._list(
            list[UserOperation],
            "GET",
            "/history/user-operation",
            parameters={
                "operationType": operation_type,
                "entityType": entity_type,
                "afterTimestamp": None if after is None else engine_time(after),
                "sortBy": "timestamp",
                "sortOrder": "desc",
            },
            limit=limit,
        )

    async def annotate_operation(self, operation_id: str, text: str) -> None:
        """Attach a text, such as a change ticket, to a logged operation.

        Raises:
            EngineRefused: There is no such operation.
        """
        path = f"/history/user-operation/{segment(operation_id)}/set-annotation"
        await self._transport.change_silently("PUT", path, body={"annotation": text})
