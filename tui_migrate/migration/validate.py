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
_OBJECT_TYPES: Final = frozenset({"Object", "object"})
"""How REST may name the type of a serialized object; it makes the first letter small, nothing else."""


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
        self._sources = _Index()
        self._targets = _Index()
        for one in resolved:
            self._sources.add(one.source.id, one)
            self._targets.add(one.target.id, one)

    def by_source(self, activity_id: str) -> Sequence[Resolved]:
        """Return the instructions whose source is this activity."""
        return self._sources.find(activity_id)

    def by_target(self, activity_id: str) -> Sequence[Resolved]:
        """Return the instructions whose target is this activity."""
        return self._targets.find(activity_id)


class _Index:
    """Instructions by activity id. Nearly all stand alone, so only the others get a list of their own.

    With a list for each, the garbage collector made a large plan cost more per instruction than a small one.
    """

    __slots__ = ("_first", "_several")

    def __init__(self) -> None:
        self._first: dict[str, Resolved] = {}
        self._several: dict[str, list[Resolved]] = {}

    def add(self, activity_id: str, one: Resolved) -> None:
        first = self._first.setdefault(activity_id, one)
        if first is not one:
            self._several.setdefault(activity_id, [first]).append(one)

    def find(self, activity_id: str) -> Sequence[Resolved]:
        if activity_id in self._several:
            return self._several[activity_id]
        first = self._first.get(activity_id)
        return () if first is None else (first,)


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
    variable_reports = variable_failures(variables or {})
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
    return ValidationReport(tuple(reports), variable_reports)


def variable_failures(variables: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the failures of the plan's variables by name.

    The engine, with its default settings, takes no serialized Java object. Everything else that is wrong with a
    variable (an unknown type, a value that does not fit it) is refused before any validation.

    Raises:
        EngineWouldFail: An object names no serialization format: no engine finds a serializer for it (seen on Camunda
            7.17 and 7.24 and on Operaton 1.0.3), so the whole plan gets an internal error.
    """
    failures: dict[str, tuple[str, ...]] = {}
    for name, variable in variables.items():
        if variable.get("type") not in _OBJECT_TYPES:
            continue
        value_info = variable.get("valueInfo") or {}
        data_format = value_info.get("serializationDataFormat")
        if data_format is None:
            raise EngineWouldFail(f"Cannot find serializer for value '{_java_value(variable, value_info)}'.")
        if data_format == _JAVA_FORMAT:
            failures[name] = (f"Cannot set variable with name {name}. Java serialization format is prohibited",)
    return failures


def _java_value(variable: Mapping[str, Any], value_info: Mapping[str, Any]) -> str:
    """Return the `toString` of the engine's `ObjectValueImpl`."""
    value = variable.get("value")
    serialized = "null" if value is None else f"{len(value)} chars"
    transient = "true" if value_info.get("transient") else "false"
    return (
        "ObjectValue [value=null, isDeserialized=false, serializationDataFormat=null, "
        f"objectTypeName={value_info.get('objectTypeName') or 'null'}, serializedValue={serialized}, "
        f"isTransient={transient}]"
    )


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
