"""Unusual attributes, ids, events and tasks."""

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
    boundary,
    event_sub,
    sub,
)

ELEMENTS: dict[str, str] = {
    # attributes and ids
    "white space around ids": START
    + '<userTask id=" t "/><sequenceFlow id="f" sourceRef=" s" targetRef="t "/>'
    + boundary(" t ", TIMER),
    "ids of other scripts": START + '<userTask id="prüfen.1-a"/><serviceTask id="任务" camunda:expression="${1}"/>',
    "numbers for booleans: handler": START + '<userTask id="t" isForCompensation="1"/>',
    "numbers for booleans: boundary": START
    + '<userTask id="t"/>'
    + boundary("t", TIMER, attributes='cancelActivity="1"'),
    "numbers for booleans: sequential": START
    + '<userTask id="t"><multiInstanceLoopCharacteristics isSequential="1"><loopCardinality>2</loopCardinality>'
    "</multiInstanceLoopCharacteristics></userTask>",
    "numbers for booleans: event sub process": START
    + '<subProcess id="es" triggeredByEvent="1"><startEvent id="es_s" isInterrupting="1">'
    + MESSAGE
    + "</startEvent></subProcess>",
    "spaces around booleans": START
    + f'<userTask id="t" isForCompensation=" true "/><userTask id="u">{LOOP}</userTask>'
    + '<subProcess id="es" triggeredByEvent=" true "><startEvent id="es_s">'
    + MESSAGE
    + "</startEvent></subProcess>",
    "async in all ways": START
    + '<userTask id="a1" camunda:async="true"/><userTask id="a2" camunda:asyncBefore="TRUE"/>'
    '<userTask id="a3" activiti:async="true"/><userTask id="a4" operaton:asyncBefore="true"/>'
    '<userTask id="a5" camunda:async="false" activiti:asyncBefore="true"/>'
    '<userTask id="a6" camunda:asyncBefore="false" activiti:asyncBefore="true"/>'
    '<userTask id="a7" operaton:asyncBefore="false" camunda:asyncBefore="true"/>'
    '<task id="a8" camunda:asyncAfter=" true"/><task id="a9" camunda:async="1"/>'
    '<task id="a11" camunda:asyncBefore="true"/><task id="a12" activiti:asyncAfter="true"/>',
    "elements without id": START
    + '<userTask name="n"/><task/><serviceTask camunda:class="x"/>'
    + sub("<userTask/>")
    + '<userTask id="t"/><sequenceFlow sourceRef="s" targetRef="t"/><endEvent/>',
    "sub process without id": START
    + '<subProcess><startEvent id="i"/><userTask id="t"/></subProcess><userTask id="u"/>',
    "multi-instance without id": START + f"<userTask>{LOOP}</userTask>" + '<userTask id="u"/>',
    # events
    "several definitions in catch events": START
    + f'<intermediateCatchEvent id="c1">{MESSAGE}{TIMER}</intermediateCatchEvent>'
    + '<intermediateCatchEvent id="c2"><messageEventDefinition messageRef="m2"/>'
    + f"{SIGNAL}</intermediateCatchEvent>"
    + f'<intermediateCatchEvent id="c3">{CONDITION}<linkEventDefinition name="l"/></intermediateCatchEvent>'
    + f'<intermediateCatchEvent id="c4">{CONDITION}<messageEventDefinition messageRef="m3"/></intermediateCatchEvent>',
    "several definitions in throw events": START
    + f'<intermediateThrowEvent id="t1">{MESSAGE}{SIGNAL}</intermediateThrowEvent>'
    + f'<intermediateThrowEvent id="t2">{MESSAGE}{COMPENSATE}</intermediateThrowEvent>'
    + f'<intermediateThrowEvent id="t3">{ESCALATION}{MESSAGE}</intermediateThrowEvent>'
    + f'<intermediateThrowEvent id="t4">{SIGNAL}<linkEventDefinition name="l"/></intermediateThrowEvent>',
    "several definitions in end events": START
    + f'<endEvent id="e1_">{MESSAGE}{ERROR}</endEvent><endEvent id="e2_"><terminateEventDefinition/>{ERROR}</endEvent>'
    + f'<endEvent id="e3_">{SIGNAL}{MESSAGE}</endEvent><endEvent id="e4_">{ESCALATION}{COMPENSATE}</endEvent>',
    "several definitions in boundary events": START
    + '<userTask id="t"/>'
    + boundary("t", MESSAGE + TIMER, "b1")
    + boundary("t", SIGNAL + ERROR, "b2")
    + boundary("t", COMPENSATE + '<messageEventDefinition messageRef="m2"/>', "b3"),
    "several definitions in start events": f'<startEvent id="s">{MESSAGE}{TIMER}</startEvent>'
    + f'<startEvent id="s2">{SIGNAL}<messageEventDefinition messageRef="m2"/></startEvent>',
    "several definitions in event sub processes": START
    + event_sub(SIGNAL + MESSAGE, id="x1")
    + event_sub(TIMER + '<signalEventDefinition signalRef="g2"/>', id="x2")
    + event_sub(ESCALATION + ERROR, id="x3"),
    "all starts of a process": START
    + f'<startEvent id="s1">{MESSAGE}</startEvent><startEvent id="s2">{SIGNAL}</startEvent>'
    + f'<startEvent id="s3">{CONDITION}</startEvent>',
    "start with an error": f'<startEvent id="s">{ERROR}</startEvent>',
    "start with compensation": f'<startEvent id="s">{COMPENSATE}</startEvent>',
    "referenced definitions": START
    + '<intermediateCatchEvent id="c"><eventDefinitionRef>definition1</eventDefinitionRef></intermediateCatchEvent>',
    "referenced definition of a boundary event": START
    + '<userTask id="t"/>'
    + boundary("t", "<eventDefinitionRef>definition1</eventDefinitionRef>"),
    "start with an event in a sub process": START
    + f'<subProcess id="sub"><startEvent id="i">{MESSAGE}</startEvent></subProcess>',
    "event sub process without an event": START + event_sub(""),
    "event sub process with a terminate event": START + event_sub("<cancelEventDefinition/>"),
    "parallel multiple catch": START
    + f'<intermediateCatchEvent id="c" parallelMultiple="true">{TIMER}{MESSAGE}</intermediateCatchEvent>',
    # tasks
    "service tasks of all kinds": START
    + '<serviceTask id="t1" camunda:type="External" camunda:topic="t" camunda:class="x"/>'
    '<serviceTask id="t2" camunda:class=" " camunda:expression="${1}"/>'
    '<serviceTask id="t3" camunda:class="x" camunda:delegateExpression="${y}" camunda:expression="${1}"/>'
    '<serviceTask id="t4" camunda:delegateExpression="" camunda:expression="${1}"/>'
    '<sendTask id="t5" activiti:class="x"/><sendTask id="t6" camunda:class="x"/>'
    '<businessRuleTask id="t7" camunda:decisionRef="" camunda:class="x"/>'
    '<businessRuleTask id="t8" camunda:decisionRef="d" camunda:type="external" camunda:topic="t"/>'
    '<serviceTask id="t9" camunda:type="external" activiti:type="mail" camunda:topic="t"/>',
    "service task without implementation": START + '<serviceTask id="t"/>',
    "send task without implementation": START + '<sendTask id="t"/>',
    "service task of an unknown type": START + '<serviceTask id="t" camunda:type="rest"/>',
    "external task without a topic": START + '<serviceTask id="t" camunda:type="external"/>',
    "service task for the other engine": START + '<serviceTask id="t" operaton:class="x"/>',
    "service task in the old namespace": START + '<serviceTask id="t" activiti:class="x"/>',
    "message event with an empty class": START
    + '<intermediateThrowEvent id="t"><messageEventDefinition messageRef="m1" camunda:class=""/>'
    "</intermediateThrowEvent>",
    "message events with an implementation elsewhere": START
    + f'<intermediateThrowEvent id="t" camunda:class="x">{MESSAGE}</intermediateThrowEvent>'
    f'<endEvent id="e" camunda:type="external" camunda:topic="t">{MESSAGE}</endEvent>',
    "call activities": START + '<callActivity id="c1_" calledElement=""/><callActivity id="c2_" camunda:caseRef="c"/>'
    '<callActivity id="c3_" calledElement="p" camunda:variableMappingClass="x"/>'
    '<callActivity id="c4_" calledElement="${p}" camunda:calledElementBinding="deployment"/>',
    "call activity without anything": START + '<callActivity id="c"/>',
    "call activity with both": START + '<callActivity id="c" calledElement="p" camunda:caseRef="c"/>',
    "user tasks with listeners": START
    + '<userTask id="t1"><extensionElements><camunda:taskListener event="timeout" id="l1" class="x">'
    f"{TIMER}</camunda:taskListener></extensionElements></userTask>"
    '<userTask id="t2"><extensionElements><camunda:taskListener event="create" id="l2" class="x"/></extensionElements>'
    '</userTask><userTask id="t3"><extensionElements><activiti:taskListener event="timeout" id="l3" class="x">'
    f"{TIMER}</activiti:taskListener></extensionElements></userTask>"
    '<userTask id="t4"><extensionElements><camunda:taskListener event="create" class="x"/>'
    '<activiti:taskListener event="timeout" id="l4" class="x">'
    f"{TIMER}</activiti:taskListener></extensionElements></userTask>"
    '<receiveTask id="t5"><extensionElements><camunda:taskListener event="timeout" id="l5" class="x">'
    f"{TIMER}</camunda:taskListener></extensionElements></receiveTask>"
    '<userTask id="t6"><extensionElements><camunda:taskListener event="timeout" id="l6" class="x">'
    f"{TIMER}</camunda:taskListener></extensionElements>{LOOP}</userTask>",
    "timeout listener without id": START
    + '<userTask id="t1"><extensionElements><camunda:taskListener event="timeout" class="x">'
    f"{TIMER}</camunda:taskListener></extensionElements></userTask>",
    "mappings and properties": START
    + '<userTask id="t1"><extensionElements><camunda:inputOutput><camunda:inputParameter name="i">1'
    "</camunda:inputParameter></camunda:inputOutput></extensionElements></userTask>"
    '<userTask id="t2"><extensionElements><camunda:x><camunda:inputOutput/></camunda:x></extensionElements></userTask>'
    '<userTask id="t3"><property id="p" name="p"/></userTask><task id="t4"><property id="q" name="q"/></task>'
    '<userTask id="t5"><extensionElements><camunda:inputOutput/></extensionElements></userTask>',
    "standard loop": START + '<userTask id="t"><standardLoopCharacteristics/></userTask>',
    "receive task with an empty reference": START + '<receiveTask id="t" messageRef=""/>',
    "receive task with an unknown reference": START + '<receiveTask id="t" messageRef="nothing"/>',
    "multi-instance without a number": START + '<userTask id="t"><multiInstanceLoopCharacteristics/></userTask>',
    "multi-instance over everything": START
    + "".join(
        f'<{tag} id="{tag}" {attributes}>{LOOP}{inner}</{tag}>'
        for tag, attributes, inner in (
            ("task", "", ""),
            ("manualTask", "", ""),
            ("scriptTask", 'scriptFormat="groovy"', "<script>1</script>"),
            ("serviceTask", 'camunda:type="external" camunda:topic="t"', ""),
            ("receiveTask", 'messageRef="m1"', ""),
            ("callActivity", 'calledElement="p"', ""),
            ("transaction", "", '<startEvent id="ts"/>'),
            ("subProcess", "", '<startEvent id="ss"/>'),
        )
    ),
}
