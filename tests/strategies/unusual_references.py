"""Ids that are used twice or are none, references that lead to nothing or too far, timers and files without a part."""

from __future__ import annotations

from tests.strategies.pieces import LOOP, MESSAGE, START, flow

_TIMER = "<timerEventDefinition/>"
_TASK = '<userTask id="t"/>'


def _compensates(activity_id: str) -> str:
    return f'<endEvent id="e"><compensateEventDefinition activityRef="{activity_id}"/></endEvent>'


def _process(content: str, more: str = "") -> str:
    return f'<process id="{{key}}" isExecutable="true" camunda:historyTimeToLive="1">{content}</process>{more}'


def _file(attribute: str) -> str:
    namespaces = (
        'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
        ' xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    )
    return f"<definitions {namespaces} {attribute}>{_process(START)}</definitions>"


REFERENCES: dict[str, str] = {
    "default flow to nothing": START + f'<exclusiveGateway id="g" default="nothing"/>{_TASK}' + flow("g", "t"),
    "default flow that is an activity": START + f'<exclusiveGateway id="g" default="t"/>{_TASK}' + flow("g", "t"),
    "default flow of an activity to nothing": START + '<userTask id="t" default="nothing"/>',
    "default flow of another scope": START
    + '<userTask id="t" default="f"/><subProcess id="u"><startEvent id="us"/><userTask id="ut"/>'
    '<sequenceFlow id="f" sourceRef="us" targetRef="ut"/></subProcess>',
    "default flow of another activity": START + '<userTask id="t" default="f"/><userTask id="u"/><userTask id="v"/>'
    '<sequenceFlow id="f" sourceRef="u" targetRef="v"/>',
    "compensation of nothing": START + _compensates("nothing"),
    "compensation thrown for nothing": START
    + '<intermediateThrowEvent id="e"><compensateEventDefinition activityRef="nothing"/></intermediateThrowEvent>',
    "compensation of what comes later": START + _compensates("t") + _TASK,
    "compensation of what lies deeper": START
    + f'{_compensates("t")}<subProcess id="u"><startEvent id="us"/>{_TASK}</subProcess>',
    "compensation of what lies outside": START
    + f'{_TASK}<subProcess id="u"><startEvent id="us"/>{_compensates("t")}</subProcess>',
    "compensation out of an event sub process": START
    + f'{_TASK}<subProcess id="u" triggeredByEvent="true"><startEvent id="us">{MESSAGE}</startEvent>'
    f"{_compensates('t')}</subProcess>",
    "compensation of a multi-instance activity": START + f'<userTask id="t">{LOOP}</userTask>' + _compensates("t"),
    "compensation within a multi-instance sub process": START
    + f'<subProcess id="u">{LOOP}<startEvent id="us"/>{_TASK}{_compensates("t")}</subProcess>',
    "compensation of the sub process around": START
    + f'<subProcess id="u"><startEvent id="us"/>{_TASK}{_compensates("u")}</subProcess>',
    "catch event whose timer has no time": START + f'<intermediateCatchEvent id="c">{_TIMER}</intermediateCatchEvent>',
    "start event whose timer has no time": f'<startEvent id="c">{_TIMER}</startEvent>',
    "boundary event whose timer has no time": START
    + f'{_TASK}<boundaryEvent id="c" attachedToRef="t">{_TIMER}</boundaryEvent>',
    "event sub process whose timer has no time": START
    + f'<subProcess id="u" triggeredByEvent="true"><startEvent id="c">{_TIMER}</startEvent></subProcess>',
    "timer with an empty duration": START
    + '<intermediateCatchEvent id="c"><timerEventDefinition><timeDuration/></timerEventDefinition>'
    "</intermediateCatchEvent>",
    "activity with a message's id": START + '<userTask id="m1"/>',
    "id that begins with a digit": START + '<userTask id="1a"/>',
    "id with a blank": START + '<userTask id="a b"/>',
    "id with a colon": START + '<userTask id="a:b"/>',
    "id of a body": START + '<userTask id="a#multiInstanceBody"/>',
    "id that stands for the process": START + '<subProcess id="#process"><startEvent id="us"/></subProcess>',
    "file without a target namespace": _file(""),
    "file with an empty target namespace": _file('targetNamespace=""'),
    "file with a blank target namespace": _file('targetNamespace=" "'),
    "file with a target namespace in BPMN's own": _file('b:targetNamespace="t"'),
    "two processes of one id": _process('<startEvent id="s"/>', '<process id="{key}"/>'),
    "two processes with an activity of one id": _process(
        '<startEvent id="s"/>', '<process id="other{key}"><startEvent id="s"/></process>'
    ),
    "lane with an activity's id": _process('<laneSet id="ls"><lane id="s"/></laneSet><startEvent id="s"/>'),
    "process with its activity's id": _process('<startEvent id="{key}"/>'),
    "data with an activity's id": START + '<dataObject id="s"/>',
    "text with an activity's id": START + '<textAnnotation id="s"><text>x</text></textAnnotation>',
    "form field with an activity's id": START
    + '<userTask id="t"><extensionElements><camunda:formData><camunda:formField id="t" type="string"/>'
    '<camunda:formField id="s" type="string"/></camunda:formData></extensionElements></userTask>',
}
