"""Where a new instance comes to wait: a walk from the start event, good enough to fill an engine with instances.

Not an execution of BPMN: of an exclusive gateway the default flow is taken (else the first), a fork takes all, and what
an engine would run at once (service tasks with code, throw events) is passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, ProcessModel
from tui_migrate.sandbox.position import At, Position, before
from tui_migrate.sandbox.store.definition import Definition

_WAITING: Final = frozenset(
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
_FORKS: Final = frozenset({"parallelGateway", "inclusiveGateway"})


def first_positions(definition: Definition) -> tuple[At, ...]:
    """Return where an instance waits first; a process without anything to wait for stands at its start event."""
    model = definition.model
    start = _start_of(model, ROOT)
    if start is None:
        return ()
    found = tuple(_waits_from(model, start, set()))
    return found or (start.id,)


def _start_of(model: ProcessModel, scope: str) -> Activity | None:
    for child in model.children.get(scope, ()):
        if model.activities[child].behavior == "NoneStartEventActivityBehavior":
            return model.activities[child]
    return None


def _waits_from(model: ProcessModel, activity: Activity, seen: set[str]) -> Iterator[Position]:
    if activity.id in seen:
        return
    seen.add(activity.id)
    outer = model.body_of(activity) or activity
    if outer.async_before:
        yield before(outer.id)
    elif activity.behavior in _WAITING:
        calls: tuple[Position, ...] | None = () if activity.behavior == "CallActivityBehavior" else None
        yield Position(activity.id, calls=calls)
    elif activity.behavior == "SubProcessActivityBehavior":
        inner = _start_of(model, activity.id)
        inside = tuple(_waits_from(model, inner, seen)) if inner else ()
        if inside:
            yield Position(activity.id, inside=inside)
        else:
            yield from _onwards(model, activity, seen)
    else:
        yield from _onwards(model, activity, seen)


def _onwards(model: ProcessModel, activity: Activity, seen: set[str]) -> Iterator[Position]:
    flows = [flow for flow in model.flows if flow.source == activity.id.removesuffix(BODY_SUFFIX)]
    if activity.type not in _FORKS and len(flows) > 1:
        flows = [flow for flow in flows if flow.condition is None][:1] or flows[:1]
    for flow in flows:
        target = model.get(flow.target)
        if target is not None:
            yield from _waits_from(model, target, seen)
