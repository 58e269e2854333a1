"""A plan as it comes by REST, bound to the engine's definitions, with what refuses it before any instance is looked at.

Source: Camunda 7.24 `CreateMigrationPlanCmd`, `MigrationPlanDto`, `MigrationRestServiceImpl`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.migration.report import InstructionReport, ValidationReport
from tui_migrate.migration.validate import rejection_message, validate
from tui_migrate.migration.validators import EngineWouldFail
from tui_migrate.sandbox.errors import Refusal, engine_error, invalid, null_pointer
from tui_migrate.sandbox.store.definition import Definition
from tui_migrate.sandbox.store.entities import Value
from tui_migrate.sandbox.store.store import Store
from tui_migrate.sandbox.store.values import read_variables


class BoundPlan(Struct, frozen=True, dict=True):
    """A plan whose definitions exist."""

    source: Definition
    target: Definition
    instructions: tuple[Instruction, ...]
    variables: Mapping[str, Value]
    skip_custom_listeners: bool = False
    skip_io_mappings: bool = False

    @cached_property
    def by_source(self) -> Mapping[str, Instruction]:
        """The instruction of each source activity; of several the first counts."""
        found: dict[str, Instruction] = {}
        for instruction in self.instructions:
            if instruction.source_activity_id is not None:
                found.setdefault(instruction.source_activity_id, instruction)
        return found

    def target_of(self, activity_id: str) -> str | None:
        """Return the target of the activity's instruction."""
        instruction = self.by_source.get(activity_id)
        return instruction.target_activity_id if instruction else None

    @property
    def source_model(self) -> ProcessModel:
        """Model of the source definition."""
        return self.source.model

    @property
    def target_model(self) -> ProcessModel:
        """Model of the target definition."""
        return self.target.model

    def report(self) -> ValidationReport:
        """Return the validation report.

        Raises:
            Refusal: The engine answers with an internal error in place of a report.
        """
        variables = {
            name: {"type": value.type, "value": value.value, "valueInfo": value.info}
            for name, value in self.variables.items()
        }
        try:
            return validate(self.source_model, self.target_model, self.instructions, variables=variables)
        except EngineWouldFail as fault:
            raise engine_error(fault.engine_message) from fault

    def ensure_valid(self) -> None:
        """Refuse an invalid plan as an execution does."""
        report = self.report()
        if report.valid:
            return
        plan = MigrationPlan(self.source.id, self.target.id, self.instructions)
        raise Refusal(
            400,
            "MigrationPlanValidationException",
            rejection_message(report, plan),
            code=0,
            validationReport=report_body(report, self.variables),
        )


def read_plan(store: Store, given: Any) -> BoundPlan:
    """Bind a plan of a request to the engine's definitions.

    Raises:
        Refusal: It is not one, or its definitions don't exist or belong to different tenants.
    """
    if given is None:
        raise null_pointer(
            'Cannot invoke "org.camunda.bpm.engine.rest.dto.migration.MigrationPlanDto'
            '.getSourceProcessDefinitionId()" because "migrationPlanDto" is null'
        )
    source, target = definitions_of(store, given)
    instructions = tuple(_instruction(one) for one in given.get("instructions") or ())
    return BoundPlan(source, target, instructions, read_variables(given.get("variables")))


def definitions_of(store: Store, given: Mapping[str, Any]) -> tuple[Definition, Definition]:
    """Return source and target of a request, checked as the engine checks them."""
    found = []
    for side in ("source", "target"):
        definition_id = given.get(f"{side}ProcessDefinitionId")
        if definition_id is None:
            raise invalid(f"{side.capitalize()} process definition id is null", code=0)
        definition = store.definitions.get(definition_id)
        if definition is None:
            raise invalid(
                f"ENGINE-23008 {side.capitalize()} process definition with id '{definition_id}' does not exist", code=0
            )
        found.append(definition)
    source, target = found
    if source.tenant_id and target.tenant_id and source.tenant_id != target.tenant_id:
        # The engine's own code: 2309, not 23009.
        raise engine_error(
            "ENGINE-2309 Cannot migrate process instances between processes of different tenants "
            f"('{source.tenant_id}' != '{target.tenant_id}')"
        )
    return source, target


def _instruction(given: Mapping[str, Any]) -> Instruction:
    # Only the first id of each side is read.
    ids = []
    for side in ("Source", "Target"):
        listed = given.get(f"{side.lower()}ActivityIds")
        if listed is None:
            raise null_pointer(
                'Cannot invoke "java.util.List.get(int)" because the return value of '
                f'"org.camunda.bpm.engine.rest.dto.migration.MigrationInstructionDto.get{side}ActivityIds()" is null'
            )
        if not listed:
            raise Refusal(500, "IndexOutOfBoundsException", "Index 0 out of bounds for length 0")
        ids.append(listed[0])
    return Instruction(ids[0], ids[1], bool(given.get("updateEventTrigger")))


def report_body(report: ValidationReport, variables: Mapping[str, Value]) -> dict[str, Any]:
    """Return a report in the engine's JSON form."""
    return {
        "instructionReports": [_instruction_report(one) for one in report.instruction_reports],
        "variableReports": {
            name: {
                "type": variables[name].type,
                "value": variables[name].value,
                "valueInfo": variables[name].info,
                "failures": list(failures),
            }
            for name, failures in report.variable_reports.items()
        },
    }


def _instruction_report(one: InstructionReport) -> dict[str, Any]:
    return {"instruction": one.instruction.to_engine(), "failures": list(one.failures)}
