"""The plan that the engine generates for two process definitions.

Source: Camunda 7.24 `DefaultMigrationInstructionGenerator`, `DefaultMigrationActivityMatcher`,
`ValidatingMigrationInstructions` and the package `impl.migration.validation.activity`.

The engine filters its whole set of instructions again for each pair of scopes that it visits, which is quadratic. What
an instruction's verdict depends on is known (`dependents`), so here a pass looks only at those whose verdict can have
changed since the pass before; the outcome is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tui_migrate.bpmn.model import ROOT, Activity, ProcessModel
from tui_migrate.errors import PlanError
from tui_migrate.migration.dependents import source_dependents, target_dependents
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.migration.report import ValidationReport
from tui_migrate.migration.validate import rejection_message, validate
from tui_migrate.migration.validators import (
    CONDITIONAL_BEHAVIORS,
    TYPED_EVENT_BEHAVIORS,
    VALIDATORS,
    EngineWouldFail,
    Resolved,
    Validator,
    cannot_add_inner,
    cannot_remove_inner,
)

SUPPORTED_BEHAVIORS: Final = frozenset(
    {
        "SubProcessActivityBehavior",
        "EventSubProcessActivityBehavior",
        "UserTaskActivityBehavior",
        "ReceiveTaskActivityBehavior",
        "ExternalTaskActivityBehavior",
        "CallActivityBehavior",
        "CaseCallActivityBehavior",
        "ParallelMultiInstanceActivityBehavior",
        "SequentialMultiInstanceActivityBehavior",
        "BoundaryEventActivityBehavior",
        "BoundaryConditionalEventActivityBehavior",
        "IntermediateCatchEventActivityBehavior",
        "IntermediateConditionalEventBehavior",
        "EventBasedGatewayActivityBehavior",
        "EventSubProcessStartEventActivityBehavior",
        "EventSubProcessStartConditionalEventActivityBehavior",
        "ParallelGatewayActivityBehavior",
        "InclusiveGatewayActivityBehavior",
    }
)
"""Behaviours whose instances can migrate (`SupportedActivityValidator`); exactly these classes, no subclasses."""

SUPPORTED_TRIGGER_TYPES: Final = frozenset(
    {
        "boundaryMessage",
        "boundarySignal",
        "boundaryTimer",
        "boundaryConditional",
        "compensationBoundaryCatch",
        "messageStartEvent",
        "signalStartEvent",
        "startTimerEvent",
        "conditionalStartEvent",
        "compensationStartEvent",
    }
)
"""Types of boundary and event-sub-process start events that are generated: all but error, escalation, cancel."""

_INNER_VALIDATORS: Final = (cannot_add_inner, cannot_remove_inner)
_NINE_VALIDATORS: Final = tuple(validator for validator in VALIDATORS if validator not in _INNER_VALIDATORS)


class GenerationFailed(PlanError):
    """The engine can't generate a plan for these two definitions.

    Args:
        engine_message: The engine's own message.
        engine_fault: True for an internal error (HTTP 500), False for a refusal (HTTP 400).
        report: The report of the plan that was refused; empty for an internal error.
    """

    def __init__(self, engine_message: str, *, engine_fault: bool, report: ValidationReport | None = None) -> None:
        super().__init__(engine_message)
        self.engine_message = engine_message
        self.engine_fault = engine_fault
        self.report = report or ValidationReport()


def generate(
    source: ProcessModel, target: ProcessModel, *, update_event_triggers: bool = False
) -> tuple[Instruction, ...]:
    """Return the plan that `POST /migration/generate` would give, in document order of the source.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        update_event_triggers: Whether instructions of persistent triggers get the flag.

    Raises:
        GenerationFailed: The engine answers with an error; see its attribute `engine_fault`.
    """
    generator = _Generator(source, target, update_event_triggers)
    try:
        generator.run()
        plan = tuple(one.instruction for one in generator.surviving())
        report = validate(source, target, plan)
    except EngineWouldFail as fault:
        raise GenerationFailed(fault.engine_message, engine_fault=True) from fault
    if not report.valid:
        bound = MigrationPlan(source.definition_id, target.definition_id, plan)
        raise GenerationFailed(rejection_message(report, bound), engine_fault=False, report=report)
    return plan


def is_generatable(activity: Activity) -> bool:
    """Return whether generation considers this activity, as a source and as a target alike."""
    if activity.is_compensation_handler:
        return False
    if activity.behavior in TYPED_EVENT_BEHAVIORS and activity.type not in SUPPORTED_TRIGGER_TYPES:
        return False
    return activity.behavior in SUPPORTED_BEHAVIORS or activity.async_before or activity.async_after


class _Generator:
    """The set of instructions that grows and is filtered; each source occurs at most once, with an equal target id."""

    def __init__(self, source_model: ProcessModel, target_model: ProcessModel, update: bool) -> None:
        self.source_model = source_model
        self.target_model = target_model
        self._update = update
        self._set: dict[str, tuple[Resolved, ...]] = {}
        self._unsettled: set[str] = set()

    def by_source(self, activity_id: str) -> Sequence[Resolved]:
        """Return the instruction of this source activity, if there is one."""
        return self._set.get(activity_id, ())

    by_target = by_source  # ids are equal on both sides of everything that is generated

    def surviving(self) -> Iterator[Resolved]:
        """Yield the instructions in document order of the source."""
        for activity_id in self.source_model.activities:
            yield from self._set.get(activity_id, ())

    def run(self) -> None:
        """Visit the two processes, then filter once by all validators."""
        pending = [ROOT]
        while pending:
            scope = pending.pop()
            if scope != ROOT and scope not in self._set:
                continue
            flow = self._visit(scope)
            pending.extend(reversed(flow))
        self._unsettled.update(one.source.id for one in self.surviving() if one.source.is_body)
        self._filter(VALIDATORS)

    def _visit(self, scope: str) -> list[str]:
        """Pair what lies and what listens in a scope, filter, and return the ids whose own contents come next."""
        flow = self._pair(self.source_model.children.get(scope, ()), self.target_model.children.get(scope, ()))
        listening = self.source_model.event_activities.get(scope, ())
        self._pair(listening, self.target_model.event_activities.get(scope, ()))
        self._filter(_NINE_VALIDATORS)
        return [activity_id for activity_id in flow if activity_id in self._set]

    def _pair(self, sources: Iterable[str], targets: Iterable[str]) -> list[str]:
        candidates = set(targets)
        added = []
        for activity_id in sources:
            if activity_id in self._set or activity_id not in candidates or activity_id[0] == "#":
                continue
            source, target = self.source_model.activities[activity_id], self.target_model.activities[activity_id]
            if is_generatable(source) and is_generatable(target):
                instruction = Instruction(activity_id, activity_id, self._flag(source))
                self._set[activity_id] = (Resolved(instruction, source, target),)
                added.append(activity_id)
        for activity_id in added:
            self._unsettle(activity_id)
        return added

    def _flag(self, source: Activity) -> bool:
        if source.behavior in CONDITIONAL_BEHAVIORS:
            return True
        return self._update and self.source_model.defines_persistent_trigger(source)

    def _filter(self, validators: tuple[Validator, ...]) -> None:
        """One pass: all verdicts are about the set as it was before the pass."""
        failing = [
            activity_id
            for activity_id in self._unsettled
            for one in self._set.get(activity_id, ())
            if not _passes(one, self, validators)
        ]
        self._unsettled.clear()
        for activity_id in failing:
            del self._set[activity_id]
        for activity_id in failing:
            self._unsettle(activity_id)

    def _unsettle(self, activity_id: str) -> None:
        """Look again, in the next pass, at an instruction and at all that depend on it."""
        self._unsettled.add(activity_id)
        self._unsettled.update(source_dependents(activity_id, self.source_model, self.by_source))
        self._unsettled.update(target_dependents(activity_id, self.target_model, self.by_target))


def _passes(one: Resolved, generator: _Generator, validators: tuple[Validator, ...]) -> bool:
    # No short cut at the first failure: the engine runs all of them, and one of them can throw.
    return not [failure for validator in validators for failure in validator(one, generator)]
