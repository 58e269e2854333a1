"""One instance and a plan, prepared for the checks; and what these find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, Literal

from msgspec import Struct, field

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, ProcessModel
from tui_migrate.migration.instance_state import ActivityState, InstanceState
from tui_migrate.migration.instance_tokens import Tokens
from tui_migrate.migration.plan import Instruction

FailureKind = Literal["activity", "transition", "process"]

COMPOSITE_BEHAVIORS: Final = frozenset(
    {
        "SubProcessActivityBehavior",
        "EventSubProcessActivityBehavior",
        "ParallelMultiInstanceActivityBehavior",
        "SequentialMultiInstanceActivityBehavior",
    }
)
"""Behaviours whose instances always hold something, so that they are never leaves of the tree."""

TASK_BEHAVIORS: Final = frozenset({"UserTaskActivityBehavior", "ExternalTaskActivityBehavior"})
"""Behaviours with a task, whose worker can report a BPMN error."""


class ForecastFailure(Struct, frozen=True):
    """One of the engine's sentences about an instance."""

    sentence: str
    activity_id: str | None
    """The source activity at which the instance is; for compensation the event that would have to be mapped; None for
    what concerns the instance as a whole."""
    kind: FailureKind


class Findings(Struct):
    """What the checks found."""

    failures: list[ForecastFailure] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def fail(self, kind: FailureKind, sentence: str, activity_id: str | None) -> None:
        """Add a sentence of the engine."""
        self.failures.append(ForecastFailure(sentence, activity_id, kind))


class PlanLookup:
    """A plan with its models, prepared for many instances.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan, in its order; of several with one source the engine takes the first.
    """

    def __init__(self, source: ProcessModel, target: ProcessModel, instructions: Sequence[Instruction]) -> None:
        self.source = source
        self.target = target
        self._targets: dict[str, Activity] = {}
        self._updated: set[str] = set()
        for one in instructions:
            mapped, to = source.get(one.source_activity_id), target.get(one.target_activity_id)
            if mapped is not None and to is not None and mapped.id not in self._targets:
                self._targets[mapped.id] = to
                if one.update_event_trigger:
                    self._updated.add(mapped.id)
        self.boundaries: dict[str, tuple[str, ...]] = {}
        for boundary, handler in source.handlers.items():
            self.boundaries[handler] = (*self.boundaries.get(handler, ()), boundary)

    def target_of(self, activity_id: str) -> Activity | None:
        """Return the activity to which a source activity is mapped."""
        return self._targets.get(activity_id)

    def updates(self, activity_id: str) -> bool:
        """Return whether the event trigger of a source activity is updated."""
        return activity_id in self._updated

    def becomes_non_scope(self, activity: Activity) -> bool:
        """Return whether its instances lose their own scope, in which a variable may be overwritten."""
        target = self.target_of(activity.id)
        return target is not None and activity.is_scope and not target.is_scope

    @cached_property
    def new_scopes(self) -> dict[str, str]:
        """The target scope that is made anew for instances of a source activity, by that activity.

        Instances stay below their closest migrating ancestor; a scope of the target between the two is new.
        """
        found: dict[str, str] = {}
        for activity_id, target in self._targets.items():
            around = self.source.flow_scopes(self.source[activity_id])
            ancestor = next((to for one in around if (to := self.target_of(one)) is not None), None)
            if target.flow_scope != (ROOT if ancestor is None else ancestor.id):
                found[activity_id] = target.flow_scope
        return found

    def leaves_scope(self, activity: Activity) -> bool:
        """Return whether a token at an activity is taken out of a scope that is cancelled."""
        waits = activity.async_before or activity.async_after
        scope = activity.flow_scope
        return waits and scope != ROOT and self.target_of(activity.id) is not None and self.target_of(scope) is None

    def moves_token(self, activity: Activity) -> bool:
        """Return whether a token at an activity is taken out of a scope that is cancelled and then moved once more.

        Into a new scope, or out of the scope around, which is cancelled as well.
        """
        if not self.leaves_scope(activity):
            return False
        cancelled = [self.target_of(one) is None for one in self.source.flow_scopes(activity)[:2]]
        return activity.id in self.new_scopes or cancelled == [True, True]

    @cached_property
    def errors_beside(self) -> tuple[Activity, ...]:
        """The boundary error events of the source that do not interrupt."""
        events = (one for one in self.source.activities.values() if one.type == "boundaryError")
        return tuple(one for one in events if one.interrupting is False)

    @cached_property
    def has_hidden_scopes(self) -> bool:
        """Whether instances of the source may be in a scope that no activity has: see `check_left_over_variables`."""
        gateways = (one.id for one in self.source.activities.values() if one.tag == "eventBasedGateway")
        return any(self.source.event_activities.get(gateway) for gateway in gateways)

    def keeps_scope(self, activity: Activity) -> bool:
        """Return whether the scope of an activity is still there while a token waits after it: it leaves by no flow."""
        return activity.is_scope and (not activity.outgoing or self.source.body_of(activity) is not None)

    @cached_property
    def keeps_scopes(self) -> bool:
        """Whether a token of the source may wait after an activity whose scope is still there."""
        return any(one.async_after and self.keeps_scope(one) for one in self.source.activities.values())

    @cached_property
    def may_leave_tasks(self) -> bool:
        """Whether an activity of the source may be over while its task, or a task inside, is still there."""
        outliving = (one for one in self.source.activities.values() if self._outlives_itself(one))
        return any(map(self.has_tasks, outliving))

    def _outlives_itself(self, activity: Activity) -> bool:
        """Whether an execution of an activity may still be there after it: for its token, or beside other instances."""
        return activity.async_after or self.source.body_of(activity) is not None

    def has_tasks(self, activity: Activity) -> bool:
        """Return whether an activity has a task, or has others inside that have one."""
        inside = map(self.source.__getitem__, self.source.children.get(activity.id, ()))
        return activity.behavior in TASK_BEHAVIORS or any(map(self.has_tasks, inside))

    @cached_property
    def handlers_in_bodies(self) -> tuple[str, ...]:
        """The source's `handlers_in_bodies`."""
        return handlers_in_bodies(self.source)

    def compensation_triggers(self) -> Iterator[str]:
        """Yield the source events of which completed work may hold subscriptions."""
        yield from self.source.handlers
        yield from self._compensation_starts

    @cached_property
    def _compensation_starts(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.source.activities.values() if one.type == "compensationStartEvent")

    @cached_property
    def kept_scopes_inside(self) -> dict[str, frozenset[str]]:
        """The scopes that can be compensated and are mapped, by each unmapped scope around them."""
        found: dict[str, set[str]] = {}
        for event in self.compensation_triggers():
            location = self.source.get(self.source.handlers.get(event, event))
            for scope in () if location is None else self.source.flow_scopes(location):
                if self.target_of(scope) is None or self.source[scope].behavior not in COMPOSITE_BEHAVIORS:
                    continue
                for around in self.source.flow_scopes(self.source[scope]):
                    if self.target_of(around) is None:
                        found.setdefault(around, set()).add(scope)
        return {around: frozenset(scopes) for around, scopes in found.items()}


class Case(Struct, frozen=True):
    """One instance, with what its tokens are."""

    plan: PlanLookup
    state: InstanceState
    tokens: Tokens
    nodes: tuple[ActivityState, ...]
    """The tree's nodes from the root; empty where there is no tree."""

    def active_ids(self) -> Iterator[str]:
        """Yield the ids of the activities that are active, by the tree or, where there is none, by the history."""
        if self.state.tree is not None:
            yield from (node.activity_id for node in self.nodes[1:])
        else:
            yield from self.state.open_activities or ()


def handlers_in_bodies(model: ProcessModel) -> tuple[str, ...]:
    """Return the compensation handlers of multi-instance activities, and the bodies around those handlers.

    The engine has such a handler in the body of the activity that it compensates.
    """
    found: list[str] = []
    for handler_id in dict.fromkeys(model.handlers.values()):
        handler = model[handler_id]
        outer = model.body_of(handler) or handler
        if outer.flow_scope.endswith(BODY_SUFFIX):
            found += dict.fromkeys((outer.id, handler_id))
    return tuple(found)


def elsewhere(activity_id: str) -> str:
    """Return why nothing can be told of an instance at an activity that the model does not have."""
    return f"The instance is at '{activity_id}', which the source process does not have; read it again."


def left_over(what: str, ids: Sequence[str]) -> str:
    """Return the engine's sentence."""
    return f"Process instance contains not migrated {what}: [{', '.join(sorted(ids))}]"
