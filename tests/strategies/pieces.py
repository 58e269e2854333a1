"""Pieces of BPMN for the unusual models."""

from __future__ import annotations

DATE = "<timeDate>2999-01-01T00:00:00</timeDate>"
TIMER = f"<timerEventDefinition>{DATE}</timerEventDefinition>"
LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
START = '<startEvent id="s"/>'
COMPENSATE = "<compensateEventDefinition/>"
MESSAGE = '<messageEventDefinition messageRef="m1"/>'
SIGNAL = '<signalEventDefinition signalRef="g1"/>'
CONDITION = "<conditionalEventDefinition><condition>${x == 1}</condition></conditionalEventDefinition>"
ERROR = '<errorEventDefinition errorRef="e1"/>'
ESCALATION = '<escalationEventDefinition escalationRef="escalation1"/>'


def sub(inner: str, attributes: str = "", id: str = "sub", tag: str = "subProcess", start: bool = True) -> str:
    begin = f'<startEvent id="{id}_s"/>' if start else ""
    return f'<{tag} id="{id}" {attributes}>{begin}{inner}</{tag}>'


def event_sub(definition: str, inner: str = "", id: str = "es", attributes: str = "") -> str:
    start = f'<startEvent id="{id}_s">{definition}</startEvent>'
    return f'<subProcess id="{id}" triggeredByEvent="true" {attributes}>{start}{inner}</subProcess>'


def flow(source: str, target: str, id: str | None = None) -> str:
    name = f'id="{id or f"{source}_{target}"}" ' if id != "" else ""
    return f'<sequenceFlow {name}sourceRef="{source}" targetRef="{target}"/>'


def association(source: str, target: str, id: str = "as") -> str:
    return f'<association id="{id}" sourceRef="{source}" targetRef="{target}"/>'


def boundary(host: str, definition: str, id: str = "b", attributes: str = "") -> str:
    return f'<boundaryEvent id="{id}" attachedToRef="{host}" {attributes}>{definition}</boundaryEvent>'


def handler(id: str = "h", inner: str = "", attributes: str = "") -> str:
    return f'<userTask id="{id}" isForCompensation="true" {attributes}>{inner}</userTask>'
