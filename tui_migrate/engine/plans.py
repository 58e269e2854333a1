"""Migration: generate, validate, execute, execute as a batch (REST reference, section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_migrate.engine.connection import Connection
from tui_migrate.engine.models import Batch
from tui_migrate.engine.plan_answer import PlanAnswer, ReportAnswer
from tui_migrate.migration.plan import MigrationPlan
from tui_migrate.migration.report import ValidationReport


class Plans(Connection):
    """What the engine does with migration plans."""

    async def generate(
        self,
        source_id: str,
        target_id: str,
        *,
        update_event_triggers: bool = False,
        variables: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> MigrationPlan:
        """Return the plan that the engine proposes, its instructions sorted by source activity.

        Raises:
            EngineRefused: A definition does not exist (ENGINE-23008), their tenants differ (ENGINE-2309), or a
                variable's value does not fit its type.
        """
        body: dict[str, Any] = {
            "sourceProcessDefinitionId": source_id,
            "targetProcessDefinitionId": target_id,
            "updateEventTriggers": update_event_triggers,
        }
        if variables:
            body["variables"] = {name: dict(value) for name, value in variables.items()}
        answer = await self._transport.read_as(PlanAnswer, "POST", "/migration/generate", body=body)
        return answer.to_plan()

    async def validate(self, plan: MigrationPlan) -> ValidationReport:
        """Return the engine's report on a plan; it never looks at instances.

        Raises:
            EngineRefused: The plan can't be read: an unknown definition, different tenants, a variable of a wrong type.
        """
        body = plan.to_engine()
        answer = await self._transport.read_as(ReportAnswer, "POST", "/migration/validate", body=body)
        return answer.to_report()

    async def execute(
        self,
        plan: MigrationPlan,
        instance_ids: Sequence[str],
        *,
        skip_custom_listeners: bool = False,
        skip_io_mappings: bool = False,
    ) -> None:
        """Migrate these instances in one transaction: all, or none. A time-out does not stop the engine.

        Raises:
            PlanRejected: The plan is invalid; `report` holds the engine's validation report.
            InstanceRejected: The first instance that can't be migrated; `report` says which and why.
            EngineRefused: An instance has ended (ENGINE-23003), is on another definition (ENGINE-23002), or the like.
            EngineFault: Something failed inside the engine, such as a listener.
            OutcomeUnknown: Sent, but the answer was not read.
            ReadOnly: Nothing was sent.
        """
        body = execution_body(
            plan, instance_ids, skip_custom_listeners=skip_custom_listeners, skip_io_mappings=skip_io_mappings
        )
        await self._transport.change_silently("POST", "/migration/execute", body=body, seconds=self._patience)

    async def rehearse_call(
        self,
        plan: MigrationPlan,
        instance_ids: Sequence[str],
        *,
        skip_custom_listeners: bool = True,
        skip_io_mappings: bool = True,
    ) -> None:
        """Send a synchronous execution that is meant to fail and so to be rolled back.

        It differs from `execute` in its defaults only; the operation that rehearses adds the id that makes it fail, and
        reads the verdict from the error. Returning at all means that everything *was* migrated.

        Raises:
            EngineError: As from `execute`; `engine_type` and `engine_message` hold the engine's own words.
        """
        await self.execute(
            plan, instance_ids, skip_custom_listeners=skip_custom_listeners, skip_io_mappings=skip_io_mappings
        )

    async def execute_async(
        self,
        plan: MigrationPlan,
        instance_ids: Sequence[str],
        *,
        skip_custom_listeners: bool = False,
        skip_io_mappings: bool = False,
    ) -> Batch:
        """Start a batch that migrates these instances, and return it. Bad ids don't stop it: their jobs fail later.

        Raises:
            PlanRejected: The plan is invalid; nothing was started.
            EngineRefused: No instance was named, or the like.
            Forbidden: The user may not start batches, or not migrate this process.
            OutcomeUnknown: Sent, but the answer was not read: look for the batch.
            ReadOnly: Nothing was sent.
        """
        body = execution_body(
            plan, instance_ids, skip_custom_listeners=skip_custom_listeners, skip_io_mappings=skip_io_mappings
        )
        return await self._transport.change_as(
            Batch, "POST", "/migration/executeAsync", body=body, seconds=self._patience
        )

    @staticmethod
    def execution_body(
        plan: MigrationPlan,
        instance_ids: Sequence[str],
        *,
        skip_custom_listeners: bool = False,
        skip_io_mappings: bool = False,
    ) -> dict[str, Any]:
        """Return exactly what `execute` and `execute_async` send."""
        return execution_body(
            plan, instance_ids, skip_custom_listeners=skip_custom_listeners, skip_io_mappings=skip_io_mappings
        )

    @property
    def _patience(self) -> float:
        return self._transport.settings.execute_timeout


def execution_body(
    plan: MigrationPlan,
    instance_ids: Sequence[str],
    *,
    skip_custom_listeners: bool = False,
    skip_io_mappings: bool = False,
) -> dict[str, Any]:
    """Return the body of an execution: always ids, never a query, which could select more than was seen."""
    return {
        "migrationPlan": plan.to_engine(),
        "processInstanceIds": list(instance_ids),
        "skipCustomListeners": skip_custom_listeners,
        "skipIoMappings": skip_io_mappings,
    }
