"""The engine's validation report of a plan, computed from the two models.

Source: Camunda 7.24 `CreateMigrationPlanCmd`, `MigrationPlanValidationReportImpl`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.migration.report import InstructionReport, ValidationReport
from tui_migrate.migration.validators import EngineWouldFail, Resolved, failures_of, resolution_failures

__all__ = ["EngineWouldFail", "PlanInstructions", "rejection_message", "validate", "variable_failures"]

_JAVA_FORMAT: Final = "application/x-java-serialized-object"


class PlanInstructions:
    """The resolved instructions of a plan, by source and by target, in plan order.

    Args:
        source_model: Model of the source process definition.
        target_model: Model of the target process definition.
        resolved: The instructions, in plan order.
    """

    def __init__(
        self, source_model: ProcessModel, target_model: ProcessModel, resolved: Sequence[Resolved] = ()
    ) -> None:
        self.source_model = source_model
        self.target_model = target_model
        self._by_source: dict[str, list[Resolved]] = {}
        self._by_target: dict[str, list[Resolved]] = {}
        for one in resolved:
            self._by_source.setdefault(one.source.id, []).append(one)
            self._by_target.setdefault(one.target.id, []).append(one)

    def by_source(self, activity_id: str) -> Sequence[Resolved]:
        """Return the instructions whose source is this activity."""
        return self._by_source.get(activity_id, ())

    def by_target(self, activity_id: str) -> Sequence[Resolved]:
        """Return the instructions whose target is this activity."""
        return self._by_target.get(activity_id, ())


def validate(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Sequence[Instruction],
    *,
    variables: Mapping[str, Mapping[str, Any]] | None = None,
) -> ValidationReport:
    """Return the report that `POST /migration/validate` would give.

    Instructions that can't be resolved come first; their fellows do not see them. An empty plan is valid.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan, in its order.
        variables: The plan's variables in the REST form; see `variable_failures`.

    Raises:
        EngineWouldFail: The engine answers with an internal error in place of a report.
    """
    reports = []
    resolved = []
    for instruction in instructions:
        failures = resolution_failures(instruction, source, target)
        if failures:
            reports.append(InstructionReport(instruction, failures))
        else:
            source_activity = source.activities[instruction.source_activity_id or ""]
            target_activity = target.activities[instruction.target_activity_id or ""]
            resolved.append(Resolved(instruction, source_activity, target_activity))
    instruction_set = PlanInstructions(source, target, resolved)
    for one in resolved:
        failures = failures_of(one, instruction_set)
        if failures:
            reports.append(InstructionReport(one.instruction, failures))
    return ValidationReport(tuple(reports), variable_failures(variables or {}))


def variable_failures(variables: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the failures of the plan's variables by name.

    The engine (with its default settings) takes no object in Java serialization that it would have to deserialize;
    an object without a named format falls back to that one. Everything else that is wrong with a variable is refused
    before any validation.
    """
    return {
        name: (f"Cannot set variable with name {name}. Java serialization format is prohibited",)
        for name, variable in variables.items()
        if _is_java_serialized(variable)
    }


def _is_java_serialized(variable: Mapping[str, Any]) -> bool:
    if str(variable.get("type") or "").lower() != "object":
        return False
    value_info = variable.get("valueInfo") or {}
    return (value_info.get("serializationDataFormat") or _JAVA_FORMAT) == _JAVA_FORMAT


def rejection_message(report: ValidationReport, plan: MigrationPlan) -> str:
    """Return the text with which the engine refuses to generate or execute an invalid plan (`ENGINE-23001`).

    The lines have the order of the report, where the engine's order is arbitrary.
    """
    lines = [
        f"ENGINE-23001 Migration plan for process definition '{plan.source_definition_id}' to "
        f"'{plan.target_definition_id}' is not valid:"
    ]
    for one in report.instruction_reports:
        lines.append(f"\t Migration instruction {_java_text(one.instruction)} is not valid:")
        lines += [f"\t\t{failure}" for failure in one.failures]
    for name, failures in report.variable_reports.items():
        lines.append(f"\t Migration variable {name} is not valid:")
        lines += [f"\t\t{failure}" for failure in failures]
    return "\n".join(lines) + "\n"


def _java_text(instruction: Instruction) -> str:
    source, target = (
        "null" if value is None else value for value in (instruction.source_activity_id, instruction.target_activity_id)
    )
    update = "true" if instruction.update_event_trigger else "false"
    return (
        f"MigrationInstructionImpl{{sourceActivityId='{source}', targetActivityId='{target}', "
        f"updateEventTrigger='{update}'}}"
    )
