"""From BPMN to the engine's activities: kinds of elements, scopes, triggers, flows, and what a person would compare."""

from __future__ import annotations

from pathlib import Path

import pytest

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
from tests.strategies.unusual import UNUSUAL, model_of, unusual_file
from tui_migrate.bpmn.diagram import read_diagram
from tui_migrate.bpmn.model import ROOT
from tui_migrate.bpmn.reader import read_model, read_models
from tui_migrate.errors import BpmnError

MODELS = Path(__file__).parent / "models"


SERVICE = "ServiceTask{}ActivityBehavior"
ELEMENTS = {
    "<userTask {}/>": ("UserTaskActivityBehavior", False),
    "<manualTask {}/>": ("ManualTaskActivityBehavior", False),
    "<task {}/>": ("TaskActivityBehavior", False),
    "<scriptTask {}/>": ("ScriptTaskActivityBehavior", False),
    "<receiveTask {}/>": ("ReceiveTaskActivityBehavior", False),
    '<receiveTask messageRef="m1" {}/>': ("ReceiveTaskActivityBehavior", True),
    '<serviceTask camunda:type="mail" {}/>': ("MailActivityBehavior", False),
    '<sendTask camunda:type="Shell" {}/>': ("ShellActivityBehavior", False),
    '<businessRuleTask camunda:type="external" camunda:topic="t" {}/>': ("ExternalTaskActivityBehavior", True),
    '<serviceTask camunda:class="x" camunda:expression="y" {}/>': ("ClassDelegateActivityBehavior", False),
    '<serviceTask camunda:delegateExpression="" {}/>': (SERVICE.format("DelegateExpression"), False),
    '<serviceTask camunda:class=" " camunda:expression="y" {}/>': (SERVICE.format("Expression"), False),
    '<businessRuleTask camunda:decisionRef="d" camunda:class="x" {}/>': ("DmnBusinessRuleTaskActivityBehavior", True),
    '<callActivity calledElement="p" {}/>': ("CallActivityBehavior", True),
    '<callActivity camunda:caseRef="c" {}/>': ("CaseCallActivityBehavior", True),
    "<subProcess {}/>": ("SubProcessActivityBehavior", True),
    "<transaction {}/>": ("SubProcessActivityBehavior", True),
    "<exclusiveGateway {}/>": ("ExclusiveGatewayActivityBehavior", False),
    "<eventBasedGateway {}/>": ("EventBasedGatewayActivityBehavior", True),
}


@pytest.mark.parametrize("element", ELEMENTS)
def test_behaviour_and_type_of_elements(element: str) -> None:
    activity = model_of(START + element.format('id="x"'))["x"]
    assert (activity.behavior, activity.is_scope) == ELEMENTS[element]
    assert activity.type == activity.tag
    assert element.startswith(f"<{activity.tag} ")


@pytest.mark.parametrize(
    ("definition", "behavior", "type_"),
    [
        (ERROR, "ErrorEndEventActivityBehavior", "errorEndEvent"),
        ("<cancelEventDefinition/>", "CancelEndEventActivityBehavior", "cancelEndEvent"),
        ("<terminateEventDefinition/>", "TerminateEndEventActivityBehavior", "terminateEndEvent"),
        (MESSAGE, "IntermediateThrowNoneEventActivityBehavior", "endEvent"),
        ('<messageEventDefinition camunda:class="x"/>', "ClassDelegateActivityBehavior", "messageEndEvent"),
        (SIGNAL, "ThrowSignalEventActivityBehavior", "signalEndEvent"),
        (COMPENSATE, "CompensationEventActivityBehavior", "compensationEndEvent"),
        (ESCALATION, "ThrowEscalationEventActivityBehavior", "escalationEndEvent"),
    ],
)
def test_end_events(definition: str, behavior: str, type_: str) -> None:
    activity = model_of(f'{START}<endEvent id="x">{definition}</endEvent>')["x"]
    assert (activity.behavior, activity.type) == (behavior, type_)


def test_catch_events_listen_in_themselves_or_in_the_gateway_before_them() -> None:
    catch = f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
    free = model_of(START + catch)["c"]
    behind = model_of(START + '<eventBasedGateway id="g"/>' + catch + flow("g", "c"))
    assert (free.event_scope, free.is_scope, free.trigger) == ("c", True, "message")
    assert (behind["c"].event_scope, behind["c"].is_scope, behind["c"].incoming) == ("g", False, 0)
    assert behind["g"].outgoing == ()
    assert behind.event_activities == {"g": ("c",)}


def test_start_events_depend_on_their_place() -> None:
    model = model_of(
        f'<startEvent id="a">{SIGNAL}</startEvent><startEvent id="b">{MESSAGE}</startEvent>'
        + event_sub('<messageEventDefinition messageRef="m2"/>')
        + sub(event_sub(CONDITION, id="in"))
    )
    assert (model["a"].type, model["a"].event_scope, model["a"].trigger) == ("signalStartEvent", ROOT, "signal")
    assert (model["b"].type, model["b"].event_scope, model["b"].trigger) == ("messageStartEvent", None, None)
    assert (model["es_s"].flow_scope, model["es_s"].event_scope, model["es_s"].trigger) == ("es", ROOT, "message")
    assert (model["es"].behavior, model["es"].event_scope) == ("EventSubProcessActivityBehavior", ROOT)
    assert model["in_s"].behavior == "EventSubProcessStartConditionalEventActivityBehavior"
    assert model["in_s"].event_scope == "sub"


def test_boundary_events_listen_in_their_host_or_its_body() -> None:
    model = model_of(
        START
        + f'<userTask id="t"/><userTask id="m">{LOOP}</userTask>'
        + boundary("t", TIMER, "b1", 'cancelActivity="false"')
        + boundary("m", SIGNAL, "b2")
        + boundary("m", COMPENSATE, "b3")
    )
    assert [model[b].event_scope for b in ("b1", "b2", "b3")] == ["t", "m#multiInstanceBody", "m"]
    assert [model[b].interrupting for b in ("b1", "b2", "b3")] == [False, True, None]
    assert {model[b].flow_scope for b in ("b1", "b2", "b3")} == {ROOT}
    assert (model["t"].is_scope, model["m"].is_scope) == (True, False)
    assert model["b2"].attached_to == "m"


def test_multi_instance_bodies() -> None:
    model = model_of(
        START
        + '<userTask id="t" name="n" camunda:asyncBefore="true"><multiInstanceLoopCharacteristics isSequential="true" '
        'camunda:asyncAfter="true" camunda:collection="${list}" camunda:elementVariable="one"/></userTask>'
        + flow("s", "t")
    )
    body, inner = model["t#multiInstanceBody"], model["t"]
    assert body.behavior == "SequentialMultiInstanceActivityBehavior"
    assert (body.type, body.tag, body.name, body.is_body) == ("multiInstanceBody", "userTask", "n", True)
    assert (body.async_before, body.async_after, body.incoming) == (True, False, 1)
    assert (inner.async_before, inner.async_after, inner.incoming, inner.flow_scope) == (False, True, 0, body.id)
    assert dict(body.details) == {"collection": "${list}", "element variable": "one"}
    assert model.inner_of(body) is inner
    assert model.body_of(inner) is body
    assert list(model.activities) == ["s", "t#multiInstanceBody", "t"]


def test_handlers_of_multi_instance_activities_lie_in_the_body() -> None:
    model = model_of(
        handler() + START + f'<userTask id="t">{LOOP}</userTask>' + boundary("t", COMPENSATE) + association("b", "h")
    )
    assert model["h"].flow_scope == "t#multiInstanceBody"
    assert model["h"].is_compensation_handler
    assert dict(model.handlers) == {"b": "h"}
    assert list(model.activities) == ["s", "t#multiInstanceBody", "t", "h", "b"]
    assert model.inner_of(model["t#multiInstanceBody"]) is model["t"]


def test_a_multi_instance_handler_is_flagged_inside_its_body() -> None:
    model = model_of(START + handler(inner=LOOP, attributes='camunda:asyncBefore="true"'))
    assert not model["h#multiInstanceBody"].is_compensation_handler
    assert not model["h#multiInstanceBody"].async_before
    assert model["h"].is_compensation_handler
    assert model["h"].async_before
    assert model.inner_of(model["h#multiInstanceBody"]) is None


def test_transitions_are_counted_as_the_engine_does() -> None:
    model = model_of(UNUSUAL["links"])
    assert model["c"].incoming == 2
    assert model["g"].incoming == 2
    assert model["g"].outgoing == ("g_t2",)
    assert "t1" not in model.activities
    counted = model_of(UNUSUAL["flows counted"])
    assert (counted["g1_"].incoming, counted["g2_"].incoming) == (4, 1)
    assert counted["g1_"].outgoing == ("g1__g1_", "#2", "#3")


def test_namespaces_and_their_fallbacks() -> None:
    content = START + (
        '<serviceTask id="a" activiti:class="x"/><serviceTask id="b" camunda:class="x" operaton:expression="y"/>'
        '<task id="c" activiti:asyncBefore="true"/>'
        '<task id="d" camunda:asyncBefore="true" operaton:asyncBefore="false"/>'
    )
    camunda, operaton = model_of(content), model_of(content, engine="operaton")
    assert camunda["a"].behavior == "ClassDelegateActivityBehavior"
    assert operaton["a"].behavior == "ActivityBehavior"
    assert any("serviceTask 'a' has no implementation" in warning for warning in operaton.warnings)
    assert (camunda["c"].async_before, operaton["c"].async_before) == (True, False)
    assert (camunda["d"].async_before, operaton["d"].async_before) == (True, False)


def test_connectors_count_where_the_engine_has_the_plugin() -> None:
    both = (
        '<serviceTask id="a" {}><extensionElements><camunda:connector>'
        "<camunda:connectorId>mail-send</camunda:connectorId></camunda:connector></extensionElements></serviceTask>"
    )
    file = unusual_file(START + both.format('camunda:class="x"'), "p").encode()
    assert read_model(file)["a"].behavior == "ServiceTaskConnectorActivityBehavior"
    assert read_model(file, connectors=False)["a"].behavior == "ClassDelegateActivityBehavior"
    alone = unusual_file(START + both.format(""), "p").encode()
    assert read_model(alone, connectors=False)["a"].behavior == "ServiceTaskConnectorActivityBehavior"
    assert read_model(alone)["a"].details["connector"] == "mail-send"


def test_what_a_person_would_compare() -> None:
    model = model_of(
        '<startEvent id="s" name="Start"/>'
        '<userTask id="t" name=" Check " camunda:formKey="embedded:x" camunda:assignee="demo" '
        'camunda:candidateGroups="a,b"><documentation> First. </documentation><documentation>Second.</documentation>'
        '<extensionElements><camunda:executionListener event="start" class="L"/>'
        '<camunda:taskListener event="timeout" id="late" expression="${x}">'
        "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></camunda:taskListener>"
        '<camunda:inputOutput><camunda:inputParameter name="i">1</camunda:inputParameter>'
        '<camunda:outputParameter name="o">1</camunda:outputParameter></camunda:inputOutput></extensionElements>'
        '</userTask><callActivity id="c" calledElement="sub" camunda:calledElementBinding="version" '
        'camunda:calledElementVersion="2"/>'
        '<scriptTask id="x" scriptFormat="groovy"><script>1 + 1</script></scriptTask>'
        f'<intermediateCatchEvent id="k">{CONDITION}</intermediateCatchEvent>'
        f'<intermediateThrowEvent id="g">{SIGNAL}</intermediateThrowEvent><endEvent id="e">{ERROR}</endEvent>'
    )
    task = model["t"]
    assert dict(task.details) == {
        "form": "embedded:x", "assignee": "demo", "candidate groups": "a,b", "timeout late": "duration PT1H",
    }  # fmt: skip
    assert task.documentation == "First.\n\nSecond."
    assert task.listeners == ("start: L", "task timeout: ${x}")
    assert task.mappings == ("input: i", "output: o")
    assert (task.timeout_listeners, task.event_scope, task.is_scope) == (("late",), "t", True)
    assert (task.label, model["x"].label) == ("Check", "x")
    assert dict(model["c"].details) == {"binding": "version", "version": "2", "called element": "sub"}
    assert dict(model["x"].details) == {"script": "groovy: 1 + 1"}
    assert dict(model["k"].details) == {"condition": "${x == 1}"}
    assert dict(model["g"].details) == {"signal": "modelg1"}
    assert dict(model["e"].details) == {"error": "1"}


def test_process_attributes() -> None:
    content = (
        '<process id="{key}" name="Order" isExecutable="true" camunda:versionTag="1.2" camunda:historyTimeToLive="P5D">'
        '<startEvent id="s"/></process>'
    )
    model = model_of(content, key="order", definition_id="order:3:abc")
    assert (model.key, model.name, model.version_tag, model.definition_id) == ("order", "Order", "1.2", "order:3:abc")
    assert dict(model.details) == {"history time to live": "P5D"}
    assert model.scope_text(ROOT) == "order:3:abc"
    assert model_of(content, key="order").definition_id == "order"


def test_lines_are_counted_from_one() -> None:
    file = unusual_file(START, "p").replace("<startEvent", "\n\n<startEvent")
    assert read_model(file.encode())["s"].line == 3


@pytest.mark.parametrize("name", sorted(UNUSUAL))
@pytest.mark.parametrize("engine", ["camunda", "operaton"])
def test_unusual_models_are_read_or_refused(name: str, engine: str) -> None:
    """What engines make of them is compared live; here nothing may break, and all ids must fit together."""
    file = unusual_file(UNUSUAL[name], "p").encode()
    try:
        model = read_model(file, process="p", engine="operaton" if engine == "operaton" else "camunda", file="p.bpmn")
    except BpmnError as error:
        assert str(error).startswith("p.bpmn:1: The id ")  # noqa: PT017 - most are read
        return
    seen = {ROOT}
    for activity in model.activities.values():
        assert activity.flow_scope in seen, "parents come before their children"
        assert activity.event_scope in {None, ROOT, *model.activities}
        seen.add(activity.id)
    assert sum(map(len, model.children.values())) == len(model.activities)


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("flow into nothing", "Line 1: sequenceFlow 's_nothing' does not join two activities of its scope"),
        ("boundary event on nothing", "Line 1: boundaryEvent 'b' is attached to 'nothing', which is not in its scope"),
        ("receive task with an unknown reference", "Line 1: receiveTask 't' refers to the unknown message 'nothing'"),
        ("association to nothing", "Line 1: process 'p' has an association with the unknown 'nothing'"),
        ("process without a start event", "Process 'p' has no start event"),
        ("external task without a topic", "Line 1: serviceTask 't' is an external task without a topic"),
    ],
)
def test_unknown_references_are_warnings(name: str, warning: str) -> None:
    model = read_model(unusual_file(UNUSUAL[name], "p").encode(), process="p")
    assert f"{warning}; the engine refuses to deploy this." in model.warnings


def test_elements_without_id_can_not_be_named() -> None:
    model = model_of(UNUSUAL["elements without id"])
    assert model.get("#1") is None
    assert model.activities["#1"].name == "n"
    assert any("has no id" in warning for warning in model.warnings)


@pytest.mark.parametrize("file", sorted(MODELS.glob("*.bpmn")), ids=lambda file: file.name)
def test_real_models(file: Path) -> None:
    data = file.read_bytes()
    models = read_models(data, file=file.name)
    assert sum(len(model.activities) for model in models) > 9
    diagram = read_diagram(data)
    drawn = {shape.element_id for plane in diagram.planes for shape in plane.shapes}
    activities = {activity.id for model in models for activity in model.activities.values() if not activity.is_body}
    assert activities <= drawn


def test_a_real_model_in_full() -> None:
    model = read_model((MODELS / "C.9.2.bpmn").read_bytes())
    assert model.executable
    assert len(model.activities) == 21
    assert model["TimerEvent_Timeout"].details["timer"] == "duration P7D"
    assert model["TimerEvent_Timeout"].event_scope == "UserTask_DecideOnApplication"
    assert model["StartMessageEvent_DocumentRequested"].event_scope == ROOT
