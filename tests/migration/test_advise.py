"""Each rule of advice speaks where it should, with the sentence's facts, and is silent where nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn_pieces import (
    AFTER,
    BEFORE,
    FORK,
    START,
    TIMER,
    boundary,
    caught,
    compensable,
    flows,
    looped,
    messaged,
    sub,
    user,
)
from tests.migration.models import model, models, pairs_of, random_case
from tui_migrate.migration.advise import RULES, Advice, advise, extra_ids_ignored

M1, S1 = messaged("m1"), '<signalEventDefinition signalRef="s1"/>'
OTHER = TIMER.replace("P300D", "P5D")
CALL = '<callActivity id="a" calledElement="{0}"/>'
CONDITION = (
    '<conditionalEventDefinition><condition xsi:type="tFormalExpression">{0}</condition></conditionalEventDefinition>'
)


def joined(*branches: str, join: str = "join") -> str:
    tasks = "".join(user(one) for one in branches)
    ways = (f"{a}-{b}" for one in branches for a, b in (("fork", one), (one, join)))
    return START + FORK + tasks + f'<parallelGateway id="{join}"/>' + flows("start-fork", *ways)


def extended(*elements: str) -> str:
    return f"<extensionElements>{''.join(elements)}</extensionElements>"


def boxed(inside: str, box: str = "box", extension: str = "") -> str:
    return START + sub(box, extension + '<startEvent id="is"/>' + inside)


LISTENER = '<camunda:executionListener event="{0}" class="Listener"/>'
MAPPING = '<camunda:inputOutput><camunda:{0}Parameter name="v">1</camunda:{0}Parameter></camunda:inputOutput>'
TIMEOUT = '<camunda:taskListener event="timeout" id="{0}" class="Listener">' + TIMER + "</camunda:taskListener>"
NON_INTERRUPTING = 'cancelActivity="false"'


@dataclass(frozen=True)
class Example:
    rule: str
    source: str
    target: str
    plan: tuple[str, ...]
    severity: str
    said: tuple[str, ...]
    """Parts of the sentence."""


def event_sub(definition: str, attributes: str = "") -> str:
    return sub("e", f'<startEvent id="es" {attributes}>{definition}</startEvent>', 'triggeredByEvent="true"')


def external(topic: str) -> str:
    return START + f'<serviceTask id="a" camunda:type="external" camunda:topic="{topic}"/>'


EXAMPLES = (
    Example(
        "catch-event-type-changed", START + caught("a", M1), START + caught("a", TIMER), ("a",), "danger",
        ("'a' of the source waits for a message, 'a' of the target for a timer", "waits for both"),
    ),
    Example(
        "catch-event-type-changed", START + caught("a", M1), START + caught("a", TIMER), ("a!",), "danger",
        ("NullPointerException",),
    ),
    Example(
        "catch-event-type-changed", START + caught("a", M1), START + caught("a", S1), ("a!",), "danger",
        ("goes on waiting for a message, now with the name of the signal",),
    ),
    Example(
        "timer-restarts", START + caught("a", TIMER), START + caught("a", OTHER), ("a!",), "note",
        ("starts anew at the migration", "P5D"),
    ),
    Example(
        "timer-keeps-due-date", START + caught("a", TIMER), START + caught("a", OTHER), ("a",), "note",
        ("keeps its due date", "P300D", "P5D"),
    ),
    Example(
        "subscription-keeps-old-name", START + caught("a", M1), START + caught("a", M1).replace("m1", "m2"), ("a",),
        "danger", ("goes on waiting for the message", "does not reach the instance"),
    ),
    Example(
        "subscription-renamed", START + caught("a", M1), START + caught("a", M1).replace("m1", "m2"), ("a!",),
        "note", ("from now on",),
    ),
    Example(
        "condition-can-fire", START + caught("a", CONDITION.format("${x}")),
        START + caught("a", CONDITION.format("${y}")), ("a!",), "note", ("right after the migration", "${y}"),
    ),
    Example(
        "trigger-removed", START + user("a") + boundary("b", "a", M1), START + user("a"), ("a",), "note",
        ("'b' (message) at 'a' is not mapped", "removed"),
    ),
    Example(
        "trigger-created-anew", START + user("a") + boundary("b", "a", TIMER),
        START + user("a") + boundary("c", "a", TIMER), ("a",), "danger",
        ("created anew as 'c'", "due date is computed anew"),
    ),
    Example(
        "non-interrupting-timer-fires-again", START + user("a") + boundary("b", "a", TIMER, NON_INTERRUPTING),
        START + user("a") + boundary("b", "a", TIMER, NON_INTERRUPTING), ("a",), "danger", ("fires once more",),
    ),
    Example(
        "event-sub-process-start-unmapped", START + user("a") + event_sub(TIMER), START + user("a") + event_sub(TIMER),
        ("a", "e"), "danger", ("'es' (timer)", "created anew as 'es'"),
    ),
    Example(
        "trigger-created-anew",
        START + '<eventBasedGateway id="g"/>' + caught("a", M1) + flows("start-g", "g-a"),
        START + '<eventBasedGateway id="g"/>' + caught("b", M1) + flows("start-g", "g-b"),
        ("g",), "note", ("created anew as 'b'",),
    ),
    Example(
        "trigger-added", START + user("a"), START + user("a") + boundary("b", "a", TIMER), ("a",), "note",
        ("get 'b' (timer), which is new", "counts from the migration"),
    ),
    Example(
        "interrupting-changed", START + user("a") + boundary("b", "a", TIMER),
        START + user("a") + boundary("b", "a", TIMER, NON_INTERRUPTING), ("a", "b"), "note", ("no longer cancels",),
    ),
    Example(
        "timeout-listener-removed", START + user("a", inside=extended(TIMEOUT.format("l1"))),
        START + user("a", inside=extended(TIMEOUT.format("l2"))), ("a",), "note", ("'l1'", "removed"),
    ),
    Example(
        "timeout-listener-added", START + user("a"), START + user("a", inside=extended(TIMEOUT.format("l2"))), ("a",),
        "note", ("'l2'", "counts from the migration"),
    ),
    Example("join-unmapped", joined("a", "b"), joined("a", "b"), ("a", "b"), "danger", ("the join 'join'",)),
    Example("join-removed", joined("a", "b"), joined("a", "b", join="other"), ("a", "b"), "danger", ("several times",)),
    Example(
        "join-waits-for-more", joined("a", "b"), joined("a", "b", "c"), ("a", "b", "join"), "danger",
        ("'join' of the target joins 3 flows, 'join' of the source joins 2", "for ever"),
    ),
    Example("join-added", START + user("a"), joined("a", "b"), ("a",), "danger", ("new parallel join 'join'",)),
    Example("async-kind-differs", START + user("a", BEFORE), START + user("a"), ("a",), "danger", ("asyncBefore",)),
    Example("async-kind-differs", START + user("a", AFTER), START + user("a", BEFORE), ("a",), "danger", ("after",)),
    Example("async-unmapped", START + user("a", BEFORE), START + user("a", BEFORE), (), "danger", ("waits at 'a'",)),
    Example(
        "async-after-flow-lost", START + user("a", AFTER) + user("b") + flows("a-b"),
        START + user("a", AFTER) + user("b") + user("c") + flows("a-b=other", "a-c"), ("a",), "danger", ("'a_b'",),
    ),
    Example(
        "compensation-unmapped", START + user("a") + compensable("a"), START + user("a") + compensable("a"), ("a",),
        "danger", ("have completed 'a'", "'a_b'"),
    ),
    Example(
        "compensation-added", START + user("a"), START + user("a") + compensable("a"), ("a",), "note",
        ("compensates nothing",),
    ),
    Example(
        "compensation-blocks", START + '<endEvent id="x"><compensateEventDefinition/></endEvent>', START, (), "note",
        ("compensating at 'x'",),
    ),
    Example(
        "pointless-mapping", START + user("a") + boundary("b", "a", "<errorEventDefinition/>"),
        START + user("a") + boundary("b", "a", "<errorEventDefinition/>"), ("a", "b"), "note", ("'b' has no effect",),
    ),
    Example("pointless-mapping", START, START, ("start",), "note", ("never holds an instance",)),
    Example("scope-cancelled", boxed(user("a")), START + user("a"), ("a",), "note", ("'box' is cancelled",)),
    Example(
        "scope-cancelled", boxed(user("a"), extension=extended(LISTENER.format("end"), MAPPING.format("output"))),
        START + user("a"), ("a",), "danger", ("end listeners run ('Listener')", "output mappings run (v)"),
    ),
    Example(
        "scope-opened", START + user("a") + user("b"), boxed(user("a") + user("b")), ("a", "b"), "note",
        ("'box' is opened anew around 'a', 'b'", "shares one new instance"),
    ),
    Example(
        "scope-opened", START + user("a"),
        boxed(user("a"), extension=extended(LISTENER.format("start"), MAPPING.format("input"))), ("a",), "danger",
        ("start listeners run", "input mappings run (v)"),
    ),
    Example(
        "multi-instance-removed", START + user("a", inside=looped()), START + user("a"), ("a",), "danger",
        ("loopCounter",),
    ),
    Example(
        "multi-instance-tokens-clash", START + user("a", inside=looped(BEFORE)), boxed(user("a", BEFORE)), ("a",),
        "danger", ("several jobs waiting before 'a'", "NullPointerException", "new scope 'box'", "loopCounter"),
    ),
    Example(
        "multi-instance-tokens-clash", boxed(user("a", inside=looped(AFTER))), START + user("a", AFTER), ("a",),
        "danger", ("several jobs waiting after 'a'", "out of the cancelled scope 'box'"),
    ),
    Example(
        "multi-instance-keeps-counters", START + user("a", inside=looped()),
        START + user("a", inside=looped().replace(">3<", ">9<")), ("a#multiInstanceBody", "a"), "note",
        ("cardinality is not evaluated again",),
    ),
    Example(
        "completion-condition-changes", START + user("a", inside=looped()),
        START + user("a", inside=looped().replace(
            "</multi", '<completionCondition xsi:type="tFormalExpression">${done}</completionCondition></multi')),
        ("a#multiInstanceBody", "a"), "note", ("'${done}'",),
    ),
    Example(
        "sub-process-kind-changed", boxed(""), boxed("").replace("subProcess", "transaction"), ("box",), "note",
        ("is a sub process", "a transaction"),
    ),
    Example(
        "variables-may-clash", START + user("a") + boundary("b", "a", TIMER), START + user("a"), ("a",), "note",
        ("has a scope of its own",),
    ),
    Example("external-task-topic-stays", external("t1"), external("t2"), ("a",), "danger", ("'t1'", "'t2'")),
    Example(
        "called-instance-stays", START + CALL.format("x"), START + CALL.format("y"), ("a",), "note",
        ("stay on their own version", "called element only counts for later calls"),
    ),
    Example(
        "called-kind-changed", START + CALL.format("x"), START + '<callActivity id="a" camunda:caseRef="c"/>', ("a",),
        "danger", ("different kinds",),
    ),
    Example(
        "task-attributes-stay", START + user("a", 'camunda:assignee="x"'), START + user("a", 'camunda:assignee="y"'),
        ("a",), "note", ("keep their assignee",),
    ),
    Example(
        "form-changes", START + user("a", 'camunda:formKey="x"'), START + user("a", 'camunda:formKey="y"'), ("a",),
        "note", ("'x' → 'y'",),
    ),
    Example(
        "form-changes", START + user("a", 'camunda:formRef="x" camunda:formRefBinding="latest"'),
        START + user("a", 'camunda:formRef="x" camunda:formRefBinding="deployment"'), ("a",),
        "note", ("(another form binding)",),
    ),
)  # fmt: skip


def advised(source: str, target: str, *plan: str) -> dict[str, list[Advice]]:
    found: dict[str, list[Advice]] = {}
    for one in advise(*models(source, target), pairs_of(*plan)):
        found.setdefault(one.rule, []).append(one)
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.rule} {one.said[0][:20]}")
def test_a_rule_speaks(example: Example) -> None:
    found = advised(example.source, example.target, *example.plan).get(example.rule, [])

    assert found
    assert found[0].severity == example.severity
    for part in example.said:
        assert part in found[0].sentence
    assert found[0].remedy.endswith(".")


UNCHANGED = {
    "join-unmapped", "join-removed", "compensation-unmapped", "async-unmapped", "scope-cancelled", "scope-opened",
    "catch-event-type-changed", "trigger-removed", "trigger-created-anew", "trigger-added", "timer-keeps-due-date",
    "subscription-keeps-old-name", "multi-instance-removed", "external-task-topic-stays", "async-kind-differs",
    "non-interrupting-timer-fires-again", "event-sub-process-start-unmapped", "join-waits-for-more", "join-added",
    "async-after-flow-lost", "form-changes", "task-attributes-stay", "variables-may-clash", "compensation-added",
    "multi-instance-tokens-clash",
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.rule} {one.said[0][:20]}")
def test_a_plan_of_everything_to_itself_has_no_advice_on_changes(example: Example) -> None:
    source = model(example.source)
    found = advised(example.source, example.source, *source.activities)

    assert not UNCHANGED & set(found)


def test_every_rule_function_is_in_an_example() -> None:
    reached = set()
    for rule in RULES:
        for example in EXAMPLES:
            from tui_migrate.migration.advice.base import Context

            source, target = models(example.source, example.target)
            if list(rule(Context(source, target, pairs_of(*example.plan)))):
                reached.add(rule)

    assert [rule.__name__ for rule in RULES if rule not in reached] == []


SEVERAL = START + user("a", inside=looped(BEFORE))
SUB_PROCESS = '<startEvent id="as"/>'


@pytest.mark.parametrize(
    ("source", "target", "plan"),
    [
        (SEVERAL, START + user("a", BEFORE), ("a",)),
        (SEVERAL, boxed(user("a")), ("a",)),
        (SEVERAL, boxed(user("a", inside=looped(BEFORE))), ("a#multiInstanceBody", "a")),
        (SEVERAL, SEVERAL, ("a#multiInstanceBody", "a")),
        (START + user("a", inside=looped()), boxed(user("a")), ("a",)),
        (START + user("a", BEFORE, inside=looped()), boxed(user("a", BEFORE)), ("a",)),
        (START + user("a", inside=looped(f'{BEFORE} isSequential="true"')), boxed(user("a", BEFORE)), ("a",)),
        (boxed(user("a", inside=looped(BEFORE))), boxed(user("a", BEFORE)), ("box", "a")),
        (START + user("a", BEFORE), boxed(user("a", BEFORE)), ("a",)),
        (boxed(user("a", BEFORE)), boxed(user("a", BEFORE), "new"), ("a",)),
        (START + sub("a", looped(AFTER) + SUB_PROCESS), boxed(sub("a", SUB_PROCESS, AFTER)), ("a",)),
    ],
    ids=[
        "flat", "not asynchronous", "with its body", "unchanged", "no tokens inside", "body asynchronous", "sequential",
        "scope kept", "one token", "from scope to scope", "after a sub process",
    ],
)  # fmt: skip
def test_tokens_that_move_once_or_alone_do_not_clash(source: str, target: str, plan: tuple[str, ...]) -> None:
    assert "multi-instance-tokens-clash" not in advised(source, target, *plan)


def test_two_activities_of_one_name_are_told_apart_by_their_ids() -> None:
    source, target = (
        START + caught(one, trigger).replace(f'id="{one}"', f'id="{one}" name="Wait"')
        for one, trigger in (("w1", M1), ("w2", TIMER))
    )
    (one,) = advised(source, target, "w1-w2")["catch-event-type-changed"]

    assert one.sentence.startswith("'Wait' (w1) waits for a message, 'Wait' (w2) for a timer")


def test_a_start_event_of_the_process_is_no_trigger_of_running_instances() -> None:
    signal = START + f'<startEvent id="s">{S1}</startEvent>' + user("a")

    assert not set(advised(signal, signal, "a")) & {"trigger-removed", "trigger-created-anew", "trigger-added"}


def test_dangers_come_first_then_document_order() -> None:
    source = START + user("z", 'camunda:formKey="x"') + user("b", BEFORE)
    found = advise(*models(source, START + user("z", 'camunda:formKey="y"') + user("b")), pairs_of("z", "b"))

    assert [(one.severity, one.source_id) for one in found] == [("danger", "b"), ("note", "z")]


def test_extra_ids_are_told() -> None:
    plan: list[dict[str, Any]] = [
        {"sourceActivityIds": ["a", "b"], "targetActivityIds": ["c", "d"]},
        {"sourceActivityIds": ["e"], "targetActivityIds": ["f"]},
        {"sourceActivityIds": None, "targetActivityIds": []},
    ]
    (one,) = extra_ids_ignored(plan)

    assert (one.rule, one.source_id, one.target_id) == ("extra-ids-ignored", "a", "c")
    assert "ignores 'b', 'd'" in one.sentence


def test_names_from_outside_can_not_break_a_sentence() -> None:
    source = START + user("a", BEFORE).replace('name="a"', 'name="x&#10;y \u202e z"')
    (one,) = advise(*models(source, START + user("a").replace('name="a"', 'name="x&#10;y \u202e z"')), pairs_of("a"))

    assert one.sentence.isprintable()


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000))
def test_advice_on_any_plan_names_activities_that_exist(seed: int) -> None:
    source, target, plan = random_case(seed)
    for one in advise(source, target, plan):
        assert one.source_id is None or one.source_id in source.activities
        assert one.target_id is None or one.target_id in target.activities
        assert one.sentence.endswith(".")
        assert one.remedy.endswith(".")
        assert one.rule == one.rule.lower()
