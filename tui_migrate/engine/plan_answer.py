"""The engine's JSON of plans and reports, read into the core's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, ValidationError, convert

from tui_migrate.engine.models import Answer
from tui_migrate.errors import InstanceRejected
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.migration.report import InstructionReport, ValidationReport


class InstructionAnswer(Answer, frozen=True, kw_only=True):
    """An instruction; the engine reads the first id of each side only."""

    source_activity_ids: list[str | None] | None = None
    target_activity_ids: list[str | None] | None = None
    update_event_trigger: bool = False

    def to_instruction(self) -> Instruction:
        """Return the core's instruction."""
        return Instruction(
            _first(self.source_activity_ids), _first(self.target_activity_ids), self.update_event_trigger
        )


class PlanAnswer(Answer, frozen=True, kw_only=True):
    """A generated plan."""

    source_process_definition_id: str
    target_process_definition_id: str
    instructions: tuple[InstructionAnswer, ...] = ()
    variables: dict[str, dict[str, Any]] | None = None

    def to_plan(self) -> MigrationPlan:
        """Return the core's plan, sorted, since the engine's order is a hash order."""
        instructions = (one.to_instruction() for one in self.instructions)
        return MigrationPlan(
            self.source_process_definition_id,
            self.target_process_definition_id,
            tuple(sorted(instructions, key=lambda one: (one.source_activity_id or "", one.target_activity_id or ""))),
            self.variables or {},
        )


class InstructionReportAnswer(Answer, frozen=True, kw_only=True):
    """The failures of one instruction."""

    instruction: InstructionAnswer
    failures: tuple[str, ...] = ()


class VariableReportAnswer(Answer, frozen=True, kw_only=True):
    """The failures of one variable."""

    failures: tuple[str, ...] = ()


class ReportAnswer(Answer, frozen=True, kw_only=True):
    """A validation report, as the answer of `validate` and inside the error of an execution."""

    instruction_reports: tuple[InstructionReportAnswer, ...] = ()
    variable_reports: dict[str, VariableReportAnswer] | None = None

    def to_report(self) -> ValidationReport:
        """Return the core's report."""
        return ValidationReport(
            tuple(
                InstructionReport(one.instruction.to_instruction(), tuple(one.failures))
                for one in self.instruction_reports
            ),
            {name: tuple(one.failures) for name, one in (self.variable_reports or {}).items()},
        )


class ActivityReportAnswer(Answer, frozen=True, kw_only=True):
    """The failures of one activity or transition instance."""

    activity_instance_id: str | None = None
    transition_instance_id: str | None = None
    source_scope_id: str | None = None
    failures: tuple[str, ...] = ()


class InstanceReportAnswer(Answer, frozen=True, kw_only=True):
    """Why one instance can't be migrated."""

    process_instance_id: str
    failures: tuple[str, ...] = ()
    activity_instance_validation_reports: tuple[ActivityReportAnswer, ...] = ()
    transition_instance_validation_reports: tuple[ActivityReportAnswer, ...] = ()


class ActivityFailure(Struct, frozen=True):
    """The failures at one activity of an instance."""

    activity_id: str | None
    """The source activity; the definition's id for failures of the whole process, such as compensation."""
    activity_instance_id: str | None
    """Or the transition instance's id."""
    transition: bool
    failures: tuple[str, ...]


class InstanceReport(Struct, frozen=True):
    """Why one instance can't be migrated, from the answer of a synchronous execution."""

    instance_id: str
    failures: tuple[str, ...]
    activities: tuple[ActivityFailure, ...]


def validation_report(report: Mapping[str, object]) -> ValidationReport:
    """Return the report with which the engine rejected a plan; an empty one where it can't be read."""
    try:
        return convert(report, ReportAnswer).to_report()
    except ValidationError:
        return ValidationReport()


def instance_report(error: InstanceRejected) -> InstanceReport | None:
    """Return the report on the instance that was rejected, or None where the engine's can't be read."""
    return _instance_report(error.report)


def _instance_report(report: Mapping[str, object]) -> InstanceReport | None:
    try:
        answer = convert(report, InstanceReportAnswer)
    except ValidationError:
        return None
    activities = [_activity(one, transition=False) for one in answer.activity_instance_validation_reports]
    activities += [_activity(one, transition=True) for one in answer.transition_instance_validation_reports]
    activities.sort(key=lambda one: (one.activity_id or "", one.activity_instance_id or ""))
    return InstanceReport(answer.process_instance_id, tuple(answer.failures), tuple(activities))


def _activity(answer: ActivityReportAnswer, *, transition: bool) -> ActivityFailure:
    identity = answer.transition_instance_id if transition else answer.activity_instance_id
    return ActivityFailure(answer.source_scope_id, identity, transition, tuple(answer.failures))


def _first(ids: list[str | None] | None) -> str | None:
    return ids[0] if ids else None
