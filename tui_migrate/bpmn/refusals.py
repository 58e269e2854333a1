"""Why an engine would refuse to deploy a model that can be read all the same.

A definition that exists on an engine has passed all of this; a file that was not deployed yet may not. Only what can
be told from the model is looked at; the engine's own parser has the last word.

Source: the errors of Camunda 7.24 `BpmnParse`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity
from tui_migrate.text import safe

Activities = Mapping[str, Activity]
_ESCALATION_HOSTS: Final = frozenset(
    {
        "SubProcessActivityBehavior",
        "EventSubProcessActivityBehavior",
        "CallActivityBehavior",
        "UserTaskActivityBehavior",
    }
)
_CONTAINERS: Final = frozenset({"subProcess", "transaction"})
_EXCLUSIVE_STARTS: Final = frozenset({"startEvent", "startTimerEvent"})


def refusal(line: int | None, tag: str, element_id: str | None, problem: str) -> str:
    """Return the warning about an element that keeps a model from being deployed."""
    return at_line(line, f"{tag} {quoted(element_id)} {problem}; the engine refuses to deploy this.")


def at_line(line: int | None, sentence: str) -> str:
    """Return a warning with the line that it is about."""
    return sentence if line is None else f"Line {line}: {sentence}"


def quoted(element_id: str | None) -> str:
    """Return an id as it stands in a warning."""
    return "without id" if element_id is None else f"'{safe(element_id, limit=120)}'"


def refusals(activities: Activities) -> Iterator[tuple[Activity, str]]:
    """Yield an activity with what is wrong with it, as the second half of a sentence.

    Args:
        activities: All activities of a process.
    """
    for activity in activities.values():
        for check in _CHECKS.get(activity.type if activity.is_body else activity.tag, ()):
            problem = check(activity, activities)
            if problem is not None:
                yield activity, problem
        if activity.is_compensation_handler or activity.behavior == "EventSubProcessActivityBehavior":
            problem = _handler(activity, activities)
            if problem is not None:
                yield activity, problem
    yield from _start_events(activities)
    yield from _compensation_event_sub_processes(activities)


def _service(activity: Activity, activities: Activities) -> str | None:
    if activity.behavior == "ExternalTaskActivityBehavior" and "topic" not in activity.details:
        return "is an external task without a topic"
    if "called element" in activity.details and "called case" in activity.details:
        return "calls both a process and a case"
    return None


def _listener(activity: Activity, activities: Activities) -> str | None:
    return "has a timeout listener without an id" if "" in activity.timeout_listeners else None


def _loop(activity: Activity, activities: Activities) -> str | None:
    if activity.is_body and not {"cardinality", "collection"} & activity.details.keys():
        return "is multi-instance with neither a cardinality nor a collection"
    return None


def _timer(activity: Activity, activities: Activities) -> str | None:
    is_timer = activity.trigger == "timer" or activity.type == "startTimerEvent"
    return (
        "has a timer with neither a date, a cycle nor a duration"
        if is_timer and "timer" not in activity.details
        else None
    )


def _compensation(activity: Activity, activities: Activities) -> str | None:
    named = activity.details.get("compensated activity")
    if named is None:
        return None
    scope, compensated = _sub_process(activity, activities), activities.get(named)
    scopes = {scope}
    if scope != ROOT and activities[scope].behavior == "EventSubProcessActivityBehavior":
        scopes.add(_sub_process(activities[scope], activities))
    if compensated is not None and _sub_process(compensated, activities) in scopes:
        return None
    return f"compensates {quoted(named)}, which is no activity of its scope"


def _sub_process(activity: Activity, activities: Activities) -> str:
    """Return the scope in which an activity stands; a multi-instance body is none."""
    scope = activity.flow_scope
    while scope != ROOT and activities[scope].is_body:
        scope = activities[scope].flow_scope
    return scope


def _event_gateway(activity: Activity, activities: Activities) -> str | None:
    if activity.behavior == "EventBasedGatewayActivityBehavior" and activity.async_after:
        return "is asyncAfter, which event-based gateways can't be"
    if activity.tag != "intermediateCatchEvent" or activity.event_scope in (activity.id, None):
        return None
    if activity.incoming:
        return "follows an event-based gateway and has another incoming sequence flow"
    if activity.type == "intermediateLinkCatch":
        return "is a link and follows an event-based gateway"
    return None


def _boundary(activity: Activity, activities: Activities) -> str | None:
    host = activities.get(activity.attached_to or "")
    if activity.tag != "boundaryEvent" or host is None:
        return None
    if host.is_compensation_handler:
        return "is attached to a compensation handler"
    if activity.type == "boundaryEscalation" and host.behavior not in _ESCALATION_HOSTS:
        return "catches an escalation, which only sub processes, call activities and user tasks can have"
    if activity.type == "cancelBoundaryCatch" and host.type != "transaction":
        return "catches a cancellation but is attached to no transaction"
    return None


def _cancel_end(activity: Activity, activities: Activities) -> str | None:
    if activity.type != "cancelEndEvent":
        return None
    scope = activities.get(activity.flow_scope)
    return None if scope is not None and scope.type == "transaction" else "cancels but lies in no transaction"


def _handler(activity: Activity, activities: Activities) -> str | None:
    joined = activities.get(activity.id + BODY_SUFFIX, activity)
    if joined.incoming or joined.outgoing:
        return "has sequence flows, which compensation handlers and event sub processes can't have"
    body = activities.get(activity.flow_scope)
    in_other_body = body is not None and body.is_body and body.id != activity.id + BODY_SUFFIX
    if in_other_body and (activity.async_before or activity.async_after):
        # The engine's parse listener for retries looks for loop characteristics on the handler (NullPointerException).
        return "is asynchronous and compensates a multi-instance activity"
    return None


def _start_events(activities: Activities) -> Iterator[tuple[Activity, str]]:
    starts: Counter[str] = Counter()
    containers = []
    for activity in activities.values():
        if activity.tag == "startEvent":
            starts[activity.flow_scope] += 1
            if activity.flow_scope == ROOT and activity.type in _EXCLUSIVE_STARTS:
                starts[""] += 1
                if starts[""] > 1:
                    yield activity, "is a second start event without event or with a timer"
        elif activity.tag in _CONTAINERS and not activity.is_body:
            containers.append(activity)
    for activity in containers:
        if starts[activity.id] > 1:
            yield activity, f"has {starts[activity.id]} start events, but can have one"
        elif starts[activity.id] == 0 and activity.tag == "subProcess":
            yield activity, "has no start event, but needs one"


def _compensation_event_sub_processes(activities: Activities) -> Iterator[tuple[Activity, str]]:
    compensated = {a.event_scope for a in activities.values() if a.type == "compensationBoundaryCatch"}
    for start in activities.values():
        if start.type == "compensationStartEvent":
            if start.event_scope == ROOT:
                yield start, "compensates the process, but can only compensate a sub process"
            elif start.event_scope in compensated:
                yield start, "compensates a sub process that has another compensation"
            compensated.add(start.event_scope)


_CHECKS: Final[Mapping[str, tuple[Callable[[Activity, Activities], str | None], ...]]] = {
    "serviceTask": (_service,),
    "sendTask": (_service,),
    "businessRuleTask": (_service,),
    "callActivity": (_service,),
    "userTask": (_listener,),
    "multiInstanceBody": (_loop,),
    "eventBasedGateway": (_event_gateway,),
    "startEvent": (_timer,),
    "intermediateCatchEvent": (_event_gateway, _timer),
    "intermediateThrowEvent": (_service, _compensation),
    "boundaryEvent": (_boundary, _timer),
    "endEvent": (_cancel_end, _service, _compensation),
}
"""By tag, bodies by their type."""
