"""The engine's eleven instruction validators, in its order, with its texts.

A validator looks at one instruction and at the set of all instructions, and returns the failures (none: fine). Each
works on resolved instructions only: the engine reports unknown ids before, and leaves those instructions out.

Source: Camunda 7.24, package `impl.migration.validation.instruction`; Operaton and CIB seven have the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from tui_migrate.bpmn.model import ROOT, Activity, ProcessModel
from tui_migrate.errors import PlanError
from tui_migrate.migration.plan import Instruction

BOUNDARY_BEHAVIORS: Final = frozenset(
    {
        "BoundaryEventActivityBehavior",
        "BoundaryConditionalEventActivityBehavior",
        "CancelBoundaryEventActivityBehavior",
    }
)
"""`BoundaryEventActivityBehavior` and its subclasses."""

EVENT_START_BEHAVIORS: Final = frozenset(
    {"EventSubProcessStartEventActivityBehavior", "EventSubProcessStartConditionalEventActivityBehavior"}
)
"""`EventSubProcessStartEventActivityBehavior` and its subclass."""

CONDITIONAL_BEHAVIORS: Final = frozenset(
    {
        "BoundaryConditionalEventActivityBehavior",
        "EventSubProcessStartConditionalEventActivityBehavior",
        "IntermediateConditionalEventBehavior",
    }
)
"""Implementations of `ConditionalEventBehavior`."""

TYPED_EVENT_BEHAVIORS: Final = BOUNDARY_BEHAVIORS | EVENT_START_BEHAVIORS
"""Of events that listen while something else goes on; the engine compares their types."""

EQUIVALENT_BEHAVIORS: Final[Mapping[str, str]] = {
    "CallActivityBehavior": "call",
    "CaseCallActivityBehavior": "call",
    "SubProcessActivityBehavior": "sub process",
    "EventSubProcessActivityBehavior": "sub process",
}
"""A word that behaviours share which can be mapped to each other though they are not equal."""

JOINING_BEHAVIORS: Final = frozenset({"ParallelGatewayActivityBehavior", "InclusiveGatewayActivityBehavior"})
"""Of gateways that wait for further tokens."""


class EngineWouldFail(PlanError):
    """The engine would answer with an internal error (HTTP 500) in place of a report.

    Args:
        engine_message: The engine's own message, unchanged.
    """

    def __init__(self, engine_message: str) -> None:
        super().__init__(
            f"The engine would answer with an internal error in place of a report: {engine_message.rstrip('.')}. "
            "Take what it names out of the plan."
        )
        self.engine_message = engine_message


class Resolved(Struct, frozen=True):
    """An instruction with its two activities."""

    instruction: Instruction
    source: Activity
    target: Activity


class InstructionSet(Protocol):
    """What a validator may ask about the other instructions, always in plan order."""

    source_model: ProcessModel
    target_model: ProcessModel

    def by_source(self, activity_id: str) -> Sequence[Resolved]:
        """Return the instructions whose source is this activity."""
        ...

    def by_target(self, activity_id: str) -> Sequence[Resolved]:
        """Return the instructions whose target is this activity."""
        ...


Validator = Callable[[Resolved, InstructionSet], tuple[str, ...]]
_FINE: Final[tuple[str, ...]] = ()


def same_behavior(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """Behaviour classes are equal, or both call something, or both are sub processes.

    Source: `SameBehaviorInstructionValidator`.
    """
    source, target = resolved.source.behavior, resolved.target.behavior
    if EQUIVALENT_BEHAVIORS.get(source, source) == EQUIVALENT_BEHAVIORS.get(target, target):
        return _FINE
    return (f"Activities have incompatible types ({source} is not compatible with {target})",)


def same_event_type(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """Boundary and event-sub-process start events keep their event type.

    Source: `SameEventTypeValidator`.
    """
    source, target = resolved.source, resolved.target
    both_typed = {source.behavior, target.behavior} <= TYPED_EVENT_BEHAVIORS
    if not both_typed or source.type == target.type:
        return _FINE
    return (f"Events are not of the same type ({source.type} != {target.type})",)


def only_once_mapped(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """A source activity is mapped once. The text holds a Java `toString` of every duplicate.

    Source: `OnlyOnceMappedActivityInstructionValidator`.
    """
    mappings = instructions.by_source(resolved.source.id)
    if len(mappings) <= 1:
        return _FINE
    listed = ", ".join(
        f"ValidatingMigrationInstructionImpl{{sourceActivity=Activity({one.source.id}), "
        f"targetActivity=Activity({one.target.id})}}"
        for one in mappings
    )
    return (f"There are multiple mappings for source activity id '{resolved.source.id}': {listed}",)


def cannot_add_body(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """No multi-instance body is added around the target, below the closest scope that is a target.

    Source: `CannotAddMultiInstanceBodyValidator`.
    """
    activities = instructions.target_model.activities
    scope = resolved.target.flow_scope
    while scope != ROOT and not instructions.by_target(scope):
        activity = activities[scope]
        if activity.is_body:
            return (
                f"Target activity '{resolved.target.id}' is a descendant of multi-instance body '{scope}' "
                "that is not mapped from the source process definition.",
            )
        scope = activity.flow_scope
    return _FINE


def cannot_add_inner(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """Where a target is a multi-instance body, its inner activity is a target too.

    Source: `CannotAddMultiInstanceInnerActivityValidator`.
    """
    if not resolved.target.is_body or instructions.by_target(_inner(resolved.target, instructions.target_model).id):
        return _FINE
    return ("Must map the inner activity of a multi-instance body when the body is mapped",)


def cannot_remove_inner(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """Where a source is a multi-instance body, its inner activity is a source too.

    Source: `CannotRemoveMultiInstanceInnerActivityValidator`.
    """
    if not resolved.source.is_body or instructions.by_source(_inner(resolved.source, instructions.source_model).id):
        return _FINE
    return ("Cannot remove the inner activity of a multi-instance body when the body is mapped",)


def _inner(body: Activity, model: ProcessModel) -> Activity:
    """Return the inner activity; the engine throws where all children are compensation handlers."""
    inner = model.inner_of(body)
    if inner is None:
        raise EngineWouldFail(f"inner activity of multi instance body activity '{body.id}' not found")
    return inner


def gateway_mapping(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """Parallel and inclusive gateways keep their incoming flows, their mapped scope, and their own target.

    Source: `GatewayMappingValidator`.
    """
    source, target = resolved.source, resolved.target
    if target.behavior not in JOINING_BEHAVIORS:
        return _FINE
    failures = []
    if source.incoming > target.incoming:
        failures.append(
            "The target gateway must have at least the same number of incoming sequence flows "
            "that the source gateway has"
        )
    if source.flow_scope != ROOT and not instructions.by_source(source.flow_scope):
        failures.append(
            f"The gateway's flow scope '{instructions.source_model.scope_text(source.flow_scope)}' must be mapped"
        )
    if len(instructions.by_target(target.id)) > 1:
        failures.append(f"Only one gateway can be mapped to gateway '{target.id}'")
    return tuple(failures)


def same_event_scope(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """The scope in which an event listens is mapped to the scope in which its target listens.

    Source: `SameEventScopeInstructionValidator`.
    """
    source, target = resolved.source, resolved.target
    event_scope = source.event_scope
    if source.type == "compensationBoundaryCatch" or event_scope is None or event_scope == source.flow_scope:
        return _FINE
    text = f"The source activity's event scope ({instructions.source_model.scope_text(event_scope)}) must be mapped"
    if target.event_scope is None:
        if source.type == "userTask" and event_scope == source.id and source.timeout_listeners:
            return _FINE
        return (f"{text} but the target activity has no event scope",)
    if _first_target(event_scope, instructions) == target.event_scope:
        return _FINE
    expected = instructions.target_model.scope_text(target.event_scope)
    return (f"{text} to the target activity's event scope ({expected})",)


def _first_target(scope: str, instructions: InstructionSet) -> str | None:
    if scope == ROOT:
        return ROOT
    mappings = instructions.by_source(scope)
    return mappings[0].target.id if mappings else None


def update_event_triggers(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """Only what has a persistent trigger can update it; the target is not looked at.

    Source: `UpdateEventTriggersValidator`.
    """
    if not resolved.instruction.update_event_trigger:
        return _FINE
    if instructions.source_model.defines_persistent_trigger(resolved.source):
        return _FINE
    return ("Cannot update event trigger because the activity does not define a persistent event trigger",)


def additional_flow_scope(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """The hierarchy is kept: the target lies inside the target of the closest mapped ancestor.

    Source: `AdditionalFlowScopeInstructionValidator`.
    """
    closest = _closest_mapped_ancestor(resolved.source, instructions)
    if closest is None:
        return _FINE
    mapped_to = closest.target.id
    activities = instructions.target_model.activities
    scope = resolved.target.flow_scope
    while scope != ROOT:
        if scope == mapped_to:
            return _FINE
        scope = activities[scope].flow_scope
    return (
        f"The closest mapped ancestor '{closest.source.id}' is mapped to scope '{mapped_to}' "
        f"which is not an ancestor of target scope '{resolved.target.id}'",
    )


def _closest_mapped_ancestor(activity: Activity, instructions: InstructionSet) -> Resolved | None:
    activities = instructions.source_model.activities
    scope = activity.flow_scope
    while scope != ROOT:
        mappings = instructions.by_source(scope)
        if mappings:
            return mappings[0]
        scope = activities[scope].flow_scope
    return None


def conditional_event_update(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """A conditional event always updates its trigger.

    Source: `ConditionalEventUpdateEventTriggerValidator`.
    """
    if resolved.instruction.update_event_trigger or resolved.source.behavior not in CONDITIONAL_BEHAVIORS:
        return _FINE
    return ("Conditional event has to migrate with update event trigger.",)


VALIDATORS: Final[tuple[Validator, ...]] = (
    same_behavior,
    same_event_type,
    only_once_mapped,
    cannot_add_body,
    cannot_add_inner,
    cannot_remove_inner,
    gateway_mapping,
    same_event_scope,
    update_event_triggers,
    additional_flow_scope,
    conditional_event_update,
)
"""In the engine's order, which is the order of the failures of one instruction."""


def failures_of(resolved: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
    """Return what all validators say about one instruction.

    Raises:
        EngineWouldFail: The engine answers with an internal error.
    """
    failures: tuple[str, ...] = ()
    for validator in VALIDATORS:
        failures += validator(resolved, instructions)
    return failures


def resolution_failures(instruction: Instruction, source: ProcessModel, target: ProcessModel) -> tuple[str, ...]:
    """Return why an instruction can't be resolved to two activities.

    If one id is null, the other one is not looked up. Source: `CreateMigrationPlanCmd`.
    """
    source_id, target_id = instruction.source_activity_id, instruction.target_activity_id
    if source_id is None or target_id is None:
        sides = (("Source", source_id), ("Target", target_id))
        return tuple(f"{side} activity id is null" for side, value in sides if value is None)
    failures = []
    if source.get(source_id) is None:
        failures.append(f"Source activity '{source_id}' does not exist")
    if target.get(target_id) is None:
        failures.append(f"Target activity '{target_id}' does not exist")
    return tuple(failures)
