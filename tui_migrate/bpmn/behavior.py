"""Which behaviour class and type the engine gives to a BPMN element.

Source: Camunda 7.24 `BpmnParse`, one table for each kind of element. Operaton and CIB seven have the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tui_migrate.bpmn.document import Node, local_name
from tui_migrate.bpmn.model import TriggerKind

UNKNOWN_BEHAVIOR: Final = "ActivityBehavior"
"""Where an element has no implementation, so that no engine would deploy it: the name of the engine's interface."""


class Kind(Struct, frozen=True):
    """What the engine makes of an element: behaviour class, type property, scope or not, trigger."""

    behavior: str
    type: str
    is_scope: bool = False
    trigger: TriggerKind | None = None
    problem: str | None = None
    """Why an engine would refuse the element, as the second half of a sentence."""


GATEWAYS: Final[Mapping[str, Kind]] = {
    "exclusiveGateway": Kind("ExclusiveGatewayActivityBehavior", "exclusiveGateway"),
    "parallelGateway": Kind("ParallelGatewayActivityBehavior", "parallelGateway"),
    "inclusiveGateway": Kind("InclusiveGatewayActivityBehavior", "inclusiveGateway"),
    "eventBasedGateway": Kind("EventBasedGatewayActivityBehavior", "eventBasedGateway", is_scope=True),
}

_PLAIN_TASKS: Final[Mapping[str, Kind]] = {
    "userTask": Kind("UserTaskActivityBehavior", "userTask"),
    "manualTask": Kind("ManualTaskActivityBehavior", "manualTask"),
    "task": Kind("TaskActivityBehavior", "task"),
    "scriptTask": Kind("ScriptTaskActivityBehavior", "scriptTask"),
}

_SUB_PROCESSES: Final[Mapping[str, Kind]] = {
    "subProcess": Kind("SubProcessActivityBehavior", "subProcess", is_scope=True),
    "transaction": Kind("SubProcessActivityBehavior", "transaction", is_scope=True),
}
_BY_TAG: Final[Mapping[str, Kind]] = {**_PLAIN_TASKS, **GATEWAYS, **_SUB_PROCESSES}
"""Elements whose kind the tag alone decides."""
EVENT_SUB_PROCESS: Final = Kind("EventSubProcessActivityBehavior", "subProcess", is_scope=True)

_SERVICE_LIKE: Final = frozenset({"serviceTask", "sendTask", "businessRuleTask"})
_SERVICE_TYPES: Final[Mapping[str, str]] = {
    "mail": "MailActivityBehavior",
    "shell": "ShellActivityBehavior",
    "external": "ExternalTaskActivityBehavior",
}

_CATCH_CLASS: Final = "IntermediateCatchEventActivityBehavior"
_CATCH_EVENTS: Final[Mapping[str, Kind]] = {
    "timer": Kind(_CATCH_CLASS, "intermediateTimer", trigger="timer"),
    "signal": Kind(_CATCH_CLASS, "intermediateSignalCatch", trigger="signal"),
    "message": Kind(_CATCH_CLASS, "intermediateMessageCatch", trigger="message"),
    "link": Kind("IntermediateCatchLinkEventActivityBehavior", "intermediateLinkCatch"),
    "conditional": Kind("IntermediateConditionalEventBehavior", "intermediateConditional", trigger="conditional"),
}
"""In the engine's order of test, as in the tables below."""

_NONE_THROW: Final = Kind("IntermediateThrowNoneEventActivityBehavior", "intermediateNoneThrowEvent")
_THROW_EVENTS: Final[Mapping[str, Kind]] = {
    "signal": Kind("ThrowSignalEventActivityBehavior", "intermediateSignalThrow"),
    "compensate": Kind("CompensationEventActivityBehavior", "intermediateCompensationThrowEvent", is_scope=True),
    "message": _NONE_THROW,
    "escalation": Kind("ThrowEscalationEventActivityBehavior", "intermediateEscalationThrowEvent"),
}

_END_EVENTS: Final[Mapping[str, Kind]] = {
    "error": Kind("ErrorEndEventActivityBehavior", "errorEndEvent"),
    "cancel": Kind("CancelEndEventActivityBehavior", "cancelEndEvent", is_scope=True),
    "terminate": Kind("TerminateEndEventActivityBehavior", "terminateEndEvent"),
    "message": Kind("IntermediateThrowNoneEventActivityBehavior", "endEvent"),
    "signal": Kind("ThrowSignalEventActivityBehavior", "signalEndEvent"),
    "compensate": Kind("CompensationEventActivityBehavior", "compensationEndEvent", is_scope=True),
    "escalation": Kind("ThrowEscalationEventActivityBehavior", "escalationEndEvent"),
}
_NONE_END: Final = Kind("NoneEndEventActivityBehavior", "noneEndEvent")

_START_CLASS: Final = "NoneStartEventActivityBehavior"
_PROCESS_STARTS: Final[Mapping[str, Kind]] = {
    "timer": Kind(_START_CLASS, "startTimerEvent"),
    "message": Kind(_START_CLASS, "messageStartEvent"),
    "signal": Kind(_START_CLASS, "signalStartEvent", trigger="signal"),
    "conditional": Kind(_START_CLASS, "conditionalStartEvent"),
}
NONE_START: Final = Kind(_START_CLASS, "startEvent")

_EVENT_START_CLASS: Final = "EventSubProcessStartEventActivityBehavior"
_EVENT_STARTS: Final[Mapping[str, Kind]] = {
    "error": Kind(_EVENT_START_CLASS, "errorStartEvent"),
    "message": Kind(_EVENT_START_CLASS, "messageStartEvent", trigger="message"),
    "signal": Kind(_EVENT_START_CLASS, "signalStartEvent", trigger="signal"),
    "timer": Kind(_EVENT_START_CLASS, "startTimerEvent", trigger="timer"),
    "compensate": Kind(_EVENT_START_CLASS, "compensationStartEvent"),
    "escalation": Kind(_EVENT_START_CLASS, "escalationStartEvent"),
    "conditional": Kind(
        "EventSubProcessStartConditionalEventActivityBehavior", "conditionalStartEvent", trigger="conditional"
    ),
}

_BOUNDARY_CLASS: Final = "BoundaryEventActivityBehavior"
_BOUNDARY_EVENTS: Final[Mapping[str, Kind]] = {
    "timer": Kind(_BOUNDARY_CLASS, "boundaryTimer", trigger="timer"),
    "error": Kind(_BOUNDARY_CLASS, "boundaryError"),
    "signal": Kind(_BOUNDARY_CLASS, "boundarySignal", trigger="signal"),
    "cancel": Kind("CancelBoundaryEventActivityBehavior", "cancelBoundaryCatch"),
    "compensate": Kind(_BOUNDARY_CLASS, "compensationBoundaryCatch"),
    "message": Kind(_BOUNDARY_CLASS, "boundaryMessage", trigger="message"),
    "escalation": Kind(_BOUNDARY_CLASS, "boundaryEscalation"),
    "conditional": Kind("BoundaryConditionalEventActivityBehavior", "boundaryConditional", trigger="conditional"),
}

FLOW_NODES: Final = frozenset(
    {
        *GATEWAYS,
        *_PLAIN_TASKS,
        *_SUB_PROCESSES,
        *_SERVICE_LIKE,
        "receiveTask",
        "callActivity",
        "startEvent",
        "endEvent",
        "boundaryEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
    }
)
"""Local names of the elements that can become activities."""

IGNORED_FLOW_NODES: Final = frozenset({"adHocSubProcess", "complexGateway"})
"""Flow nodes that the engine does not know: it makes no activity of them and does not look into them."""

EVENT_KINDS: Final = (
    "timer", "message", "signal", "conditional", "error", "escalation", "compensate", "link", "cancel", "terminate",
)  # fmt: skip


def _first(node: Node, kinds: Mapping[str, Kind]) -> str | None:
    for kind in kinds:
        if kind + "EventDefinition" in node.parts:
            return kind
    return None


def event_kind(node: Node) -> str | None:
    """Return the first kind of event definition that an event holds, None for a none event."""
    for kind in EVENT_KINDS:
        if kind + "EventDefinition" in node.parts:
            return kind
    return None


def start_kind(node: Node, *, event_sub_process: bool, process: bool) -> Kind:
    """Return the kind of a start event, which depends on where it stands."""
    if event_sub_process:
        kind = _first(node, _EVENT_STARTS)
        if kind is None:
            return Kind(_EVENT_START_CLASS, "startEvent", problem="starts an event sub process but has no event")
        return _EVENT_STARTS[kind]
    if process:
        kind = _first(node, _PROCESS_STARTS)
        return NONE_START if kind is None else _PROCESS_STARTS[kind]
    if event_kind(node) is None:
        return NONE_START
    return Kind(_START_CLASS, "startEvent", problem="has an event, which is only allowed in event sub processes")


def boundary_kind(node: Node) -> Kind:
    """Return the kind of a boundary event."""
    kind = _first(node, _BOUNDARY_EVENTS)
    if kind is None:
        return Kind(_BOUNDARY_CLASS, "boundaryEvent", problem="has no event that the engine knows")
    return _BOUNDARY_EVENTS[kind]


def catch_kind(node: Node) -> Kind:
    """Return the kind of an intermediate catch event, scope or not left open."""
    kind = _first(node, _CATCH_EVENTS)
    if kind is None:
        return Kind(_CATCH_CLASS, "intermediateCatchEvent", problem="has no event that the engine knows")
    return _CATCH_EVENTS[kind]


def throw_kind(node: Node, connectors: bool) -> Kind | None:
    """Return the kind of an intermediate throw event; None for a link, of which the engine makes no activity."""
    if "linkEventDefinition" in node.parts:
        return None
    kind = _first(node, _THROW_EVENTS)
    if kind == "message":
        return _message_kind(node, "intermediateMessageThrowEvent", connectors) or _NONE_THROW
    return _NONE_THROW if kind is None else _THROW_EVENTS[kind]


def end_kind(node: Node, connectors: bool) -> Kind:
    """Return the kind of an end event."""
    kind = _first(node, _END_EVENTS)
    if kind == "message":
        return _message_kind(node, "messageEndEvent", connectors) or _END_EVENTS[kind]
    return _NONE_END if kind is None else _END_EVENTS[kind]


def _message_kind(node: Node, type_: str, connectors: bool) -> Kind | None:
    definition = node.part("messageEventDefinition")
    if definition is None or not is_service_like(definition):
        return None
    return service_kind(definition, type_, connectors)


def is_service_like(node: Node) -> bool:
    """Return whether a message event definition has an implementation (`BpmnParse.isServiceTaskLike`)."""
    names = ("class", "expression", "delegateExpression", "type")
    if any(node.own.get(name) is not None for name in names):
        return True
    around = node.parts.get("extensionElements")
    return around is not None and any(local_name(child) == "connector" for child in around)


def service_kind(node: Node, type_: str, connectors: bool) -> Kind:
    """Return the kind of a service-like element (`BpmnParse.parseServiceTaskLike`).

    Args:
        node: The task, or the message event definition of an event.
        type_: The type property that the activity gets.
        connectors: Whether the engine has the connect plugin, which decides where a connector is declared beside
            another implementation. Without the plugin a connector alone is not deployable, so it counts anyway.
    """
    behavior = _service_behavior(node)
    has_connector = "connector" in node.extensions
    if has_connector and (connectors or behavior is None):
        return Kind("ServiceTaskConnectorActivityBehavior", type_, is_scope=behavior == _SERVICE_TYPES["external"])
    if behavior is None:
        return Kind(UNKNOWN_BEHAVIOR, type_, problem="has no implementation (class, expression, type and so on)")
    return Kind(behavior, type_, is_scope=behavior == _SERVICE_TYPES["external"])


def _service_behavior(node: Node) -> str | None:
    own = node.own
    service_type = own.get("type")
    if service_type is not None:
        return _SERVICE_TYPES.get(service_type.lower())
    if own.get("class", "").strip():
        return "ClassDelegateActivityBehavior"
    if "delegateExpression" in own:
        return "ServiceTaskDelegateExpressionActivityBehavior"
    if own.get("expression", "").strip():
        return "ServiceTaskExpressionActivityBehavior"
    return None


def task_kind(node: Node, connectors: bool, *, multi_instance: bool) -> Kind:
    """Return the kind of a task, call activity, gateway or (not event) sub process."""
    tag = node.tag
    known = _BY_TAG.get(tag)
    if known is not None:
        return known
    if tag == "receiveTask":
        if node.attributes.get("messageRef") is None:
            return Kind("ReceiveTaskActivityBehavior", tag)
        return Kind("ReceiveTaskActivityBehavior", tag, is_scope=True, trigger="message")
    if tag == "callActivity":
        return _call_kind(node, multi_instance)
    if tag == "businessRuleTask" and node.own.get("decisionRef") is not None:
        return Kind("DmnBusinessRuleTaskActivityBehavior", tag, is_scope=True)
    return service_kind(node, tag, connectors)


def _call_kind(node: Node, multi_instance: bool) -> Kind:
    is_scope = not multi_instance
    if node.attributes.get("calledElement") is not None:
        return Kind("CallActivityBehavior", node.tag, is_scope)
    if node.own.get("caseRef") is not None:
        return Kind("CaseCallActivityBehavior", node.tag, is_scope)
    return Kind("CallActivityBehavior", node.tag, is_scope, problem="calls nothing: it has no calledElement")
