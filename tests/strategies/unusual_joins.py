"""Unusual gateways, flows, boundary events, compensation, event sub processes and files."""

from __future__ import annotations

from tests.strategies.pieces import (
    COMPENSATE,
    CONDITION,
    ERROR,
    ESCALATION,
    LOOP,
    MESSAGE,
    SIGNAL,
    START,
    TIMER,
    association,
    boundary,
    event_sub,
    flow,
    handler,
    sub,
)

_COMPENSATED = START + f'<userTask id="t">{LOOP}</userTask>' + boundary("t", COMPENSATE)

JOINS: dict[str, str] = {
    # gateways and flows
    "unknown gateway": START + '<complexGateway id="g"/><adHocSubProcess id="ad"><userTask id="x"/></adHocSubProcess>',
    "flow to an unknown gateway": START + '<complexGateway id="g"/>' + flow("s", "g"),
    "flow to an ad hoc sub process": START
    + '<adHocSubProcess id="ad"><task id="x"/></adHocSubProcess>'
    + flow("s", "ad"),
    "flow into nothing": START + flow("s", "nothing"),
    "flow across scopes": START + sub('<task id="x"/>') + flow("s", "x"),
    "flow in another scope": START + '<task id="t"/>' + sub('<task id="x"/>' + flow("s", "t")),
    "flows counted": START
    + '<parallelGateway id="g1_"/><inclusiveGateway id="g2_"/><task id="t"/>'
    + flow("s", "g1_")
    + flow("t", "g1_")
    + flow("g1_", "g1_")
    + flow("t", "g1_", "again")
    + flow("g1_", "g2_", "")
    + flow("g1_", "t", ""),
    "event-based gateway": START
    + '<eventBasedGateway id="g"/>'
    + f'<intermediateCatchEvent id="c1_">{MESSAGE}</intermediateCatchEvent>'
    + f'<intermediateCatchEvent id="c2_">{TIMER}</intermediateCatchEvent>'
    + flow("g", "c1_")
    + flow("s", "c2_"),
    "event-based gateway without events": START + '<eventBasedGateway id="g"/>',
    "event-based gateway to a receive task": START
    + '<eventBasedGateway id="g"/><receiveTask id="t" messageRef="m1"/>'
    + flow("g", "t"),
    "two event-based gateways for one event": START
    + '<eventBasedGateway id="g"/><eventBasedGateway id="k"/>'
    + f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
    + flow("g", "c")
    + flow("k", "c"),
    "event-based gateway and another way in": START
    + '<eventBasedGateway id="g"/>'
    + f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
    + flow("g", "c")
    + flow("s", "c"),
    "event-based gateway to a link": START
    + '<eventBasedGateway id="g"/>'
    + '<intermediateCatchEvent id="c" name="l"><linkEventDefinition name="l"/></intermediateCatchEvent>'
    + flow("g", "c"),
    "event-based gateway to a throwing link": START
    + '<eventBasedGateway id="g"/>'
    + '<intermediateThrowEvent id="t"><linkEventDefinition name="l"/></intermediateThrowEvent>'
    + '<intermediateCatchEvent id="c" name="l"><linkEventDefinition name="l"/></intermediateCatchEvent>'
    + flow("g", "t"),
    "event-based gateway after": START + '<eventBasedGateway id="g" camunda:asyncAfter="true"/>',
    "event-based gateway in a sub process": START
    + sub(
        '<eventBasedGateway id="g" camunda:asyncBefore="true"/>'
        f'<intermediateCatchEvent id="c1_" camunda:asyncAfter="true">{CONDITION}</intermediateCatchEvent>'
        f'<intermediateCatchEvent id="c2_">{SIGNAL}</intermediateCatchEvent>' + flow("g", "c1_") + flow("g", "c2_"),
    ),
    "links": START + '<intermediateThrowEvent id="t1"><linkEventDefinition name="l"/></intermediateThrowEvent>'
    '<intermediateThrowEvent id="t2"><linkEventDefinition name="l"/></intermediateThrowEvent>'
    '<intermediateThrowEvent id="t3"><linkEventDefinition name="nowhere"/></intermediateThrowEvent>'
    '<intermediateCatchEvent id="c"><linkEventDefinition name="l"/></intermediateCatchEvent>'
    '<intermediateCatchEvent id="d"><linkEventDefinition name="unused"/></intermediateCatchEvent>'
    '<parallelGateway id="g"/>' + flow("s", "t1") + flow("g", "t2") + flow("c", "g") + flow("d", "g"),
    "link to nowhere": START
    + '<intermediateThrowEvent id="t"><linkEventDefinition name="l"/></intermediateThrowEvent>'
    + flow("s", "t"),
    "two catching links": START
    + '<intermediateCatchEvent id="c"><linkEventDefinition name="l"/></intermediateCatchEvent>'
    + '<intermediateCatchEvent id="d"><linkEventDefinition name="l"/></intermediateCatchEvent>',
    "link out of a sub process": START
    + sub(
        '<intermediateThrowEvent id="t"><linkEventDefinition name="l"/></intermediateThrowEvent>' + flow("sub_s", "t")
    )
    + '<intermediateCatchEvent id="c"><linkEventDefinition name="l"/></intermediateCatchEvent>',
    "flow from a throwing link": START
    + '<intermediateThrowEvent id="t"><linkEventDefinition name="l"/></intermediateThrowEvent><task id="x"/>'
    + '<intermediateCatchEvent id="c"><linkEventDefinition name="l"/></intermediateCatchEvent>'
    + flow("t", "x"),
    # boundary events
    "boundary events on everything": START + '<task id="t"/><eventBasedGateway id="g"/><parallelGateway id="p"/>'
    '<intermediateThrowEvent id="th"/><endEvent id="en"/>'
    f'<intermediateCatchEvent id="c">{TIMER}</intermediateCatchEvent>'
    + event_sub(MESSAGE)
    + "".join(boundary(host, TIMER, f"b_{host}") for host in ("s", "t", "g", "p", "th", "en", "c", "es")),
    "boundary event on a boundary event": START + '<task id="t"/>' + boundary("t", TIMER) + boundary("b", TIMER, "b2"),
    "boundary event on a later boundary event": START
    + '<task id="t"/>'
    + boundary("b", TIMER, "b2")
    + boundary("t", TIMER),
    "boundary event on nothing": START + boundary("nothing", TIMER),
    "boundary event on a throwing link": START
    + '<intermediateThrowEvent id="t"><linkEventDefinition name="l"/></intermediateThrowEvent>'
    + boundary("t", TIMER),
    "boundary event on something inside": START + sub('<task id="x"/>') + boundary("x", TIMER),
    "boundary event on its own sub process": START + sub(boundary("sub", TIMER)),
    "boundary event on a handler": START + handler() + boundary("h", TIMER),
    "boundary event without a definition": START + '<task id="t"/>' + boundary("t", ""),
    "escalation on a task": START + '<task id="t"/>' + boundary("t", ESCALATION),
    "escalation on call activities": START
    + f'<callActivity id="t" calledElement="p">{LOOP}</callActivity>'
    + boundary("t", ESCALATION, attributes='cancelActivity="false"'),
    "escalation on a call to a case": START + '<callActivity id="t" camunda:caseRef="p"/>' + boundary("t", ESCALATION),
    "cancel on a sub process": START + sub("") + boundary("sub", "<cancelEventDefinition/>"),
    "cancel": START
    + sub('<endEvent id="e"><cancelEventDefinition/></endEvent>', tag="transaction")
    + boundary("sub", "<cancelEventDefinition/>", attributes='camunda:asyncAfter="true"'),
    "cancel of a multi-instance": START
    + sub(
        LOOP + '<startEvent id="sub_s"/><endEvent id="e"><cancelEventDefinition/></endEvent>',
        tag="transaction",
        start=False,
    )
    + boundary("sub", "<cancelEventDefinition/>"),
    "cancel end event elsewhere": START + '<endEvent id="e"><cancelEventDefinition/></endEvent>',
    "transaction without a start event": START + '<transaction id="tx"><userTask id="t"/></transaction>',
    "sub process without a start event": START + '<subProcess id="sub"><userTask id="t"/></subProcess>',
    "process without a start event": '<userTask id="t"/>',
    "two start events": START + '<startEvent id="s2"/>',
    # compensation
    "compensation": START + '<userTask id="t"/>' + boundary("t", COMPENSATE) + handler() + association("b", "h"),
    "association the other way round": START
    + '<userTask id="t"/>'
    + boundary("t", COMPENSATE)
    + handler()
    + association("h", "b"),
    "handler without association": START + handler() + f'<userTask id="k" isForCompensation="true">{LOOP}</userTask>',
    "boundary event without association": START + '<userTask id="t"/>' + boundary("t", COMPENSATE),
    "two boundary events for one handler": START
    + '<userTask id="t"/><userTask id="u"/>'
    + boundary("t", COMPENSATE)
    + boundary("u", COMPENSATE, "b2")
    + handler()
    + association("b", "h")
    + association("b2", "h", "as2"),
    "two boundary events, one multi-instance, for one handler": START
    + f'<userTask id="t"/><userTask id="u">{LOOP}</userTask>'
    + boundary("t", COMPENSATE)
    + boundary("u", COMPENSATE, "b2")
    + handler()
    + association("b", "h")
    + association("b2", "h", "as2"),
    "two boundary events, multi-instance first, for one handler": START
    + f'<userTask id="t"/><userTask id="u">{LOOP}</userTask>'
    + boundary("t", COMPENSATE)
    + boundary("u", COMPENSATE, "b2")
    + handler()
    + association("b2", "h", "as2")
    + association("b", "h"),
    "two handlers for one boundary event": START
    + '<userTask id="t"/>'
    + boundary("t", COMPENSATE)
    + handler()
    + handler("k")
    + association("b", "h")
    + association("b", "k", "as2"),
    "association to something that is no handler": START
    + '<userTask id="t"/><userTask id="u"/>'
    + boundary("t", COMPENSATE)
    + association("b", "u"),
    "association to nothing": START + '<userTask id="t"/>' + boundary("t", COMPENSATE) + association("b", "nothing"),
    "association to a text": START
    + '<userTask id="t"/><textAnnotation id="x"><text>x</text></textAnnotation>'
    + association("t", "x"),
    "handler of a multi-instance": _COMPENSATED + handler() + association("b", "h"),
    "handler before its multi-instance": handler() + _COMPENSATED + association("b", "h"),
    "multi-instance handler of a multi-instance": _COMPENSATED + handler(inner=LOOP) + association("b", "h"),
    "multi-instance handler with async": START
    + '<userTask id="t"/>'
    + boundary("t", COMPENSATE)
    + handler(inner=LOOP, attributes='camunda:asyncBefore="true"')
    + association("b", "h"),
    "async handler of a multi-instance": _COMPENSATED
    + handler(attributes='camunda:asyncBefore="true"')
    + association("b", "h"),
    "sub process as a handler of a multi-instance": _COMPENSATED
    + sub('<userTask id="x"/>', 'isForCompensation="true"', "h")
    + association("b", "h"),
    "flow to a handler": START + '<userTask id="t"/>' + handler() + flow("s", "h"),
    "compensation across scopes": START
    + sub('<userTask id="t"/>' + boundary("t", COMPENSATE))
    + handler()
    + association("b", "h"),
    "compensation of a multi-instance across scopes": START
    + sub(f'<userTask id="t">{LOOP}</userTask>' + boundary("t", COMPENSATE))
    + handler()
    + association("b", "h"),
    "association outside of both": START
    + sub('<userTask id="t"/>' + boundary("t", COMPENSATE) + handler())
    + association("b", "h"),
    "association inside a deeper scope": START
    + '<userTask id="t"/>'
    + boundary("t", COMPENSATE)
    + handler()
    + sub(association("b", "h")),
    "compensation event sub process": START + sub('<userTask id="t"/>' + event_sub(COMPENSATE, '<userTask id="u"/>')),
    "compensation event sub process of the process": START + event_sub(COMPENSATE),
    "compensation event sub process and boundary event": START
    + sub(event_sub(COMPENSATE))
    + boundary("sub", COMPENSATE)
    + handler()
    + association("b", "h"),
    "two compensation event sub processes": START + sub(event_sub(COMPENSATE) + event_sub(COMPENSATE, id="es2")),
    "compensation event sub process in a multi-instance": START
    + sub(LOOP + '<startEvent id="i"/>' + event_sub(COMPENSATE), start=False),
    "compensation event sub process in an event sub process": START
    + event_sub(MESSAGE, event_sub(COMPENSATE, id="in")),
    "compensation of a sub process": START
    + sub('<userTask id="t"/>')
    + boundary("sub", COMPENSATE)
    + handler()
    + association("b", "h"),
    "compensation of a multi-instance sub process": START
    + sub(LOOP + '<startEvent id="i"/><userTask id="t"/>', start=False)
    + boundary("sub", COMPENSATE)
    + handler()
    + association("b", "h"),
    "throwing compensation": START
    + '<userTask id="t"/><intermediateThrowEvent id="x"><compensateEventDefinition activityRef="t"/>'
    + "</intermediateThrowEvent>"
    + '<endEvent id="y"><compensateEventDefinition waitForCompletion="false"/></endEvent>',
    # event sub processes
    "event sub processes of all kinds": START
    + event_sub(MESSAGE, id="x1")
    + event_sub(SIGNAL, id="x2")
    + event_sub(TIMER, id="x3")
    + event_sub(ERROR, id="x4")
    + event_sub(ESCALATION, id="x5")
    + event_sub(CONDITION, id="x6"),
    "event sub process in an event sub process": START
    + event_sub(MESSAGE, event_sub(SIGNAL, '<userTask id="u"/>', "in")),
    "event sub process in a transaction": START
    + sub('<endEvent id="e"><cancelEventDefinition/></endEvent>' + event_sub(MESSAGE), tag="transaction"),
    "event sub process in a multi-instance": START
    + sub(LOOP + '<startEvent id="i"/>' + event_sub(MESSAGE, '<userTask id="u"/>'), start=False),
    "multi-instance event sub process": START
    + f'<subProcess id="es" triggeredByEvent="true">{LOOP}<startEvent id="es_s">{MESSAGE}</startEvent>'
    '<userTask id="u"/></subProcess>',
    "multi-instance event sub process with compensation": START
    + sub(
        f'<subProcess id="es" triggeredByEvent="true">{LOOP}<startEvent id="es_s">{COMPENSATE}</startEvent>'
        '<userTask id="u"/></subProcess>'
    ),
    "flow to an event sub process": START + event_sub(MESSAGE) + flow("s", "es"),
    "async event sub process": START
    + event_sub(ERROR, '<userTask id="u"/>', attributes='camunda:asyncBefore="true" camunda:asyncAfter="true"'),
    "async start of an event sub process": START
    + '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s" camunda:asyncAfter="true">'
    f"{ERROR}</startEvent></subProcess>",
    "transaction that is triggered": START
    + '<transaction id="tx" triggeredByEvent="true"><startEvent id="x"/></transaction>',
    # files
    "lanes, data and artifacts": '<laneSet id="ls"><lane id="l"><flowNodeRef>t</flowNodeRef></lane></laneSet>'
    + START
    + '<userTask id="t"/><dataObject id="do"/><dataObjectReference id="dr" dataObjectRef="do"/>'
    + '<textAnnotation id="x"><text>x</text></textAnnotation><group id="gr"/>',
    "several processes": '<process id="{key}" isExecutable="true" camunda:historyTimeToLive="1"><startEvent id="s"/>'
    '<userTask id="t"/></process><process id="{key}_other" isExecutable="false"><task id="o"/></process>',
    "collaboration": '<collaboration id="col"><participant id="pa" processRef="{key}"/></collaboration>'
    '<process id="{key}" isExecutable="true" camunda:historyTimeToLive="1"><startEvent id="s"/></process>',
    "comments and sections": START
    + '<!-- <userTask id="x"/> --><userTask id="t" name="a &amp; b"><documentation><![CDATA[<x>]]></documentation>'
    "</userTask><?pi x?>",
    "duplicate ids": START + '<userTask id="t"/><task id="t"/>',
    "duplicate id of a flow": START + '<userTask id="t"/>' + flow("s", "t", "t"),
}
