"""Where tokens come to wait: from an activity along the sequence flows.

Enough of BPMN to let instances begin, go on and end. What an engine would run at once (code, scripts, throw events) is
passed without being run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct, field

from tui_migrate.bpmn.model import BODY_SUFFIX, Activity, SequenceFlow
from tui_migrate.sandbox.errors import engine_error
from tui_migrate.sandbox.expressions import holds, number_of
from tui_migrate.sandbox.position import Position, after, before, completed
from tui_migrate.sandbox.store.definition import Definition
from tui_migrate.sandbox.store.entities import Value

WAITING: Final = frozenset(
    {
        "UserTaskActivityBehavior",
        "ReceiveTaskActivityBehavior",
        "ExternalTaskActivityBehavior",
        "IntermediateCatchEventActivityBehavior",
        "IntermediateConditionalEventBehavior",
        "EventBasedGatewayActivityBehavior",
        "CallActivityBehavior",
    }
)
SCOPES: Final = frozenset({"SubProcessActivityBehavior", "EventSubProcessActivityBehavior"})
_SEQUENTIAL: Final = "SequentialMultiInstanceActivityBehavior"


class Walk(Struct):
    """Follows tokens inside one scope.

    Args:
        definition: The process.
        variables: What conditions and cardinalities are computed from.
        joining: How many tokens wait at each join of the scope already.
    """

    definition: Definition
    variables: Mapping[str, Value]
    joining: Counter[str] = field(default_factory=Counter)
    waits: list[Position] = field(default_factory=list)
    """Where tokens have come to wait, and what can be compensated."""
    joined: list[str] = field(default_factory=list)
    """Joins that went on; all tokens that waited there are used up."""
    passed: list[str] = field(default_factory=list)
    """Activities that were entered and left."""
    compensated: bool = False
    """Whether compensation was thrown: nothing of the scope can be compensated any more."""

    def enter(self, activity: Activity) -> None:
        """Let a token enter an activity, or the body around it."""
        outer = self.definition.model.body_of(activity) or activity
        if outer.async_before:
            self.waits.append(before(outer.id))
        else:
            self.enter_now(activity)

    def enter_now(self, activity: Activity) -> None:
        """Let a token enter an activity whatever its asynchronous continuation."""
        model = self.definition.model
        body = model.body_of(activity)
        if body is not None:
            count = number_of(body.details.get("cardinality") or body.details.get("collection"), self.variables)
            count = min(count, 1) if body.behavior == _SEQUENTIAL else count
            if count == 0:
                self.leave(activity)
            else:
                inside, passed = walk_from_start(self.definition, activity.id, self.variables)
                self.waits.append(Position(activity.id, count=count, inside=inside, passed=passed))
        elif activity.behavior in SCOPES:
            inside, passed = walk_from_start(self.definition, activity.id, self.variables)
            if any(not one.completed for one in inside):
                self.waits.append(Position(activity.id, inside=inside, passed=passed))
            else:
                self.passed += passed
                self._complete(activity, inside)
                self.leave(activity)
        elif activity.behavior in WAITING:
            calls: tuple[Position, ...] | None = () if activity.behavior == "CallActivityBehavior" else None
            self.waits.append(Position(activity.id, calls=calls))
        elif activity.type in {"parallelGateway", "inclusiveGateway"} and activity.incoming > 1:
            self._join(activity)
        else:
            self._complete(activity)
            self.leave(activity)

    def _complete(self, activity: Activity, inside: tuple[Position, ...] = ()) -> None:
        self.passed.append(activity.id)
        model = self.definition.model
        if activity.behavior == "CompensationEventActivityBehavior":
            self.compensated = True
            self.waits = [one for one in self.waits if not one.completed]
        if inside or any(model.activities[boundary].attached_to == activity.id for boundary in model.handlers):
            self.waits.append(completed(activity.id, *inside))

    def _join(self, gateway: Activity) -> None:
        self.joining[gateway.id] += 1
        if self.joining[gateway.id] < gateway.incoming:
            self.waits.append(Position(gateway.id))
            return
        self.joining[gateway.id] = 0
        self.joined.append(gateway.id)
        self.waits = [one for one in self.waits if one.activity_id != gateway.id]
        self.passed.append(gateway.id)
        self.leave(gateway)

    def leave(self, activity: Activity) -> None:
        """Let a token leave an activity by its sequence flows, or wait there for its asynchronous continuation."""
        outer = self.definition.model.body_of(activity) or activity
        if outer.async_after:
            self.waits.append(after(outer.id))
        else:
            self.leave_now(outer)

    def leave_now(self, activity: Activity) -> None:
        """Let a token leave an activity whatever its asynchronous continuation."""
        for flow in self._taken(activity):
            target = self.definition.model.get(flow.target)
            if target is not None:
                self.enter(target)

    def _taken(self, activity: Activity) -> Iterable[SequenceFlow]:
        source = activity.id.removesuffix(BODY_SUFFIX)
        flows = [flow for flow in self.definition.model.flows if flow.source == source]
        if activity.type == "parallelGateway" or not any(flow.condition for flow in flows):
            return flows
        taken = [flow for flow in flows if flow.condition and holds(flow.condition, self.variables)]
        if not taken:
            taken = [flow for flow in flows if not flow.condition]
        if not taken:
            raise engine_error(
                f"ENGINE-02004 No outgoing sequence flow for the element with id '{source}' could be selected for "
                "continuing the process."
            )
        return taken[:1] if activity.type == "exclusiveGateway" else taken


def start_event(definition: Definition, scope: str) -> Activity | None:
    """Return the start event by which a token begins in a scope."""
    model = definition.model
    starts = [model.activities[child] for child in model.children.get(scope, ())]
    plain = [one for one in starts if one.behavior == "NoneStartEventActivityBehavior"]
    events = [one for one in starts if one.behavior.startswith("EventSubProcessStart")]
    return next(iter([one for one in plain if one.type == "startEvent"] + plain + events), None)


def walk_from_start(
    definition: Definition, scope: str, variables: Mapping[str, Value]
) -> tuple[tuple[Position, ...], tuple[str, ...]]:
    """Return where tokens wait after a scope has begun (nowhere where it has ended at once), and what they passed."""
    start = start_event(definition, scope)
    if start is None:
        return (), ()
    walk = Walk(definition, variables)
    walk.enter(start)
    return tuple(walk.waits), tuple(walk.passed)
