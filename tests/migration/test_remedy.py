"""Every sentence that the engine has leads to a next step, with the names of what it is about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn_pieces import START, TIMER, boundary, caught, compensable, flows, looped, messaged, sub, user
from tests.migration.models import models, pairs_of, random_case
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.remedy import remedy
from tui_migrate.migration.validate import EngineWouldFail, validate


@pytest.mark.parametrize(
    ("source", "target", "plan", "said"),
    [
        (user("a"), user("a"), ("x-a",), "Take the instruction out"),
        (user("a"), user("a"), ("a-x",), "Choose another target"),
        (user("a"), '<manualTask id="a"/>' + user("b").replace('"b"', '"b"', 1), ("a",), "same implementation"),
        (
            user("a", inside=looped()),
            user("a", inside=looped('isSequential="true"')),
            ("a#multiInstanceBody", "a"),
            "Parallel and sequential",
        ),
        (user("a"), user("a"), ("a", "a"), "Keep one of the mappings"),
        (user("a"), user("a", inside=looped()), ("a",), "A running activity can't become multi-instance"),
        (user("a", inside=looped()), user("a", inside=looped()), ("a",), "Map the multi-instance body"),
        (
            user("a", inside=looped()),
            user("a", inside=looped()),
            ("a#multiInstanceBody",),
            "Map its inner activity 'a' to 'a' as well",
        ),
        (
            user("a") + boundary("t", "a", TIMER),
            user("a") + boundary("t", "a", messaged("m1")),
            ("a", "t"),
            "Map it to an event of the same type",
        ),
        (
            user("a") + boundary("t", "a", TIMER),
            user("a") + boundary("t", "a", TIMER),
            ("t",),
            "Map 'a' to 'a' as well",
        ),
        (
            '<receiveTask id="a" messageRef="m1"/>',
            '<receiveTask id="a"/>',
            ("a",),
            "A receive task that waits for a message",
        ),
        (user("a"), user("a"), ("a!",), "Take the update-event-trigger flag away"),
        (
            sub("box", '<startEvent id="is"/>' + user("a")),
            sub("box", '<startEvent id="is"/>') + user("a"),
            ("box", "a"),
            "Choose a target inside 'box', or take the mapping of 'box' out",
        ),
        (
            sub("box", '<startEvent id="is"/><parallelGateway id="g"/>' + flows("is-g")),
            sub("box", '<startEvent id="is"/><parallelGateway id="g"/>' + flows("is-g")),
            ("g",),
            "Map 'box' to 'box' as well",
        ),
        (
            '<parallelGateway id="g"/>' + user("a") + flows("start-g", "a-g"),
            '<parallelGateway id="g"/>' + user("a") + flows("start-g"),
            ("g",),
            "a gateway with as many incoming flows",
        ),
    ],
)
def test_a_failure_of_a_plan_has_a_remedy(source: str, target: str, plan: tuple[str, ...], said: str) -> None:
    one, other = models(START + source, START + target)
    instructions = pairs_of(*plan)
    found = [
        remedy(failure, one, other, instructions, report.instruction)
        for report in validate(one, other, instructions).instruction_reports
        for failure in report.failures
    ]

    assert found
    assert any(said in (text or "") for text in found), found


SOURCE = START + user("a") + compensable("a") + caught("m", messaged("m1"))
COMPENSATION_SUB = sub(
    "undo", '<startEvent id="us"><compensateEventDefinition/></startEvent>', 'triggeredByEvent="true"'
)


@pytest.mark.parametrize(
    ("failure", "activity_id", "said"),
    [
        (
            "There is no migration instruction for this instance's activity",
            "a",
            "Map 'a' to 'a', which has the same id",
        ),
        ("There is no migration instruction for this instance's activity", "m", "Map 'm', let these instances leave"),
        ("There is no migration instruction for this instance's activity", None, "leave the instance out"),
        ("The type of the source activity is not supported for activity instance migration", "a", "leave 'a' first"),
        ("Target activity is not asyncBefore", "a", "an activity that is asyncBefore"),
        ("Target activity is not asyncAfter", "a", "an activity that is asyncAfter"),
        (
            "Transition instance is assigned to a sequence flow that cannot be matched in the target activity",
            "a",
            "keep the ids of the sequence flows",
        ),
        (
            "A transition instance that instantiates the process can only be migrated to a process-level flow node",
            "start",
            "Map the start event",
        ),
        (
            "The variable 'v' exists in both, this scope and concurrent local in the parent scope. Migrating to a "
            "non-scope activity would overwrite one of them.",
            "a",
            "the two variables 'v'",
        ),
        (
            "Cannot migrate subscription for compensation handler 'a_h'. There is no migration instruction for the "
            "compensation boundary event",
            "a_b",
            "Map 'a_b' to a compensation boundary event",
        ),
        (
            "Cannot migrate subscription for compensation handler 'undo'. There is no migration instruction for the "
            "compensation start event",
            "us",
            "Map 'us' to a compensation start event",
        ),
        ("Process instance contains not migrated jobs: [1, 2]", None, "Let these jobs run"),
        ("Process instance contains not migrated incidents: [1]", None, "Resolve these incidents"),
        ("Process instance contains not migrated externalTask: [1]", None, "Let the waiting token go on"),
        ("ENGINE-23010 Cannot migrate process instance 'x' without tenant to …", None, "own tenant"),
        ("ENGINE-23002 Process instance 'x' cannot be migrated. Its …", None, "on another definition"),
        ("ENGINE-23003 Process instance 'x' cannot be migrated. …", None, "has ended"),
        ("ENGINE-03005 Execution of 'UPDATE …' failed", None, "once more"),
        ("java.lang.NullPointerException", None, "catch events of different types"),
        ("Cannot set variable with name v. Java serialization format is prohibited", None, "as JSON"),
        ("Conditional event has to migrate with update event trigger.", None, "Set the update-event-trigger flag"),
    ],
)
def test_a_failure_of_an_instance_has_a_remedy(failure: str, activity_id: str | None, said: str) -> None:
    source, target = models(SOURCE + COMPENSATION_SUB, START + user("a"))
    found = remedy(failure, source, target, (), None, activity_id=activity_id)

    assert found is not None
    assert said in found


def test_what_is_not_known_has_no_remedy() -> None:
    source, target = models(START, START)

    assert remedy("Something else", source, target, (), None) is None
    assert remedy("Process instance contains not migrated things: [1]", source, target, (), None) is None
    assert remedy("Source activity id is null", source, target, (), Instruction(None, "a")) is not None


@settings(max_examples=60)
@given(seed=st.integers(0, 100_000))
def test_every_failure_of_every_plan_has_a_remedy(seed: int) -> None:
    source, target, plan = random_case(seed)
    try:
        report = validate(source, target, plan)
    except EngineWouldFail:
        return
    for one in report.instruction_reports:
        for failure in one.failures:
            text = remedy(failure, source, target, plan, one.instruction)
            assert text is not None, failure
            assert text.endswith(".")
