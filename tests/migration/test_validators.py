"""Each of the eleven validators alone: what it refuses, in the engine's words, and what it lets pass."""

from __future__ import annotations

import pytest

from tests.strategies.pieces import (
    COMPENSATE,
    CONDITION,
    ERROR,
    LOOP,
    MESSAGE,
    SIGNAL,
    START,
    TIMER,
    boundary,
    event_sub,
    flow,
    handler,
    sub,
)
from tests.strategies.unusual import model_of
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration import validators
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validate import EngineWouldFail, PlanInstructions, validate
from tui_migrate.migration.validators import VALIDATORS, Resolved, Validator

USER = '<userTask id="{}"/>'
MULTI = f'<userTask id="{{}}">{LOOP}</userTask>'
BODY = "#multiInstanceBody"


def _failures(validator: Validator, source: ProcessModel, target: ProcessModel, steps: str) -> list[str]:
    """All failures of one validator for a plan such as `a>b c>c!`, where `!` sets the flag."""
    resolved = []
    for step in steps.split():
        source_id, _, target_id = step.rstrip("!").partition(">")
        instruction = Instruction(source_id, target_id, step.endswith("!"))
        resolved.append(Resolved(instruction, source[source_id], target[target_id]))
    instructions = PlanInstructions(source, target, resolved)
    return [failure for one in resolved for failure in validator(one, instructions)]


def test_there_are_eleven_in_the_engines_order() -> None:
    assert [validator.__name__ for validator in VALIDATORS] == [
        "same_behavior", "same_event_type", "only_once_mapped", "cannot_add_body", "cannot_add_inner",
        "cannot_remove_inner", "gateway_mapping", "same_event_scope", "update_event_triggers", "additional_flow_scope",
        "conditional_event_update",
    ]  # fmt: skip
    assert all("Source: `" in (validator.__doc__ or "") for validator in VALIDATORS)


# -- 1 and 2 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (USER, USER),
        ('<serviceTask id="{}" camunda:class="x"/>', '<sendTask id="{}" camunda:class="y"/>'),
        ('<callActivity id="{}" calledElement="p"/>', '<callActivity id="{}" camunda:caseRef="c"/>'),
        ('<subProcess id="{}"/>', '<transaction id="{}"/>'),
        ('<transaction id="{}"/>', '<subProcess id="{}" triggeredByEvent="true"/>'),
        (
            f'<intermediateCatchEvent id="{{}}">{TIMER}</intermediateCatchEvent>',
            f'<intermediateCatchEvent id="{{}}">{SIGNAL}</intermediateCatchEvent>',
        ),
    ],
)
def test_same_behaviours(source: str, target: str) -> None:
    models = model_of(source.format("a")), model_of(target.format("a"))
    assert _failures(validators.same_behavior, *models, "a>a") == []


def test_other_behaviours() -> None:
    source = model_of(USER.format("a") + '<serviceTask id="b" camunda:class="x"/>' + MULTI.format("m"))
    target = model_of('<receiveTask id="a"/><serviceTask id="b" camunda:expression="x"/>' + USER.format("m"))
    assert _failures(validators.same_behavior, source, target, f"a>a b>b m{BODY}>m") == [
        "Activities have incompatible types "
        "(UserTaskActivityBehavior is not compatible with ReceiveTaskActivityBehavior)",
        "Activities have incompatible types "
        "(ClassDelegateActivityBehavior is not compatible with ServiceTaskExpressionActivityBehavior)",
        "Activities have incompatible types "
        "(ParallelMultiInstanceActivityBehavior is not compatible with UserTaskActivityBehavior)",
    ]


def test_event_types() -> None:
    model = model_of(
        USER.format("a") + boundary("a", MESSAGE, "m") + boundary("a", SIGNAL, "s") + boundary("a", CONDITION, "c")
        + event_sub('<messageEventDefinition messageRef="m2"/>')
    )  # fmt: skip
    assert _failures(validators.same_event_type, model, model, "m>m s>s a>m") == []
    assert _failures(validators.same_event_type, model, model, "m>s m>c m>es_s") == [
        "Events are not of the same type (boundaryMessage != boundarySignal)",
        "Events are not of the same type (boundaryMessage != boundaryConditional)",
        "Events are not of the same type (boundaryMessage != messageStartEvent)",
    ]


# -- 3 ------------------------------------------------------------------------------------------------------------


def test_only_once_mapped() -> None:
    model = model_of(USER.format("a") + USER.format("b"))
    assert _failures(validators.only_once_mapped, model, model, "a>b b>b") == []
    text = (
        "There are multiple mappings for source activity id 'a': "
        "ValidatingMigrationInstructionImpl{sourceActivity=Activity(a), targetActivity=Activity(b)}, "
        "ValidatingMigrationInstructionImpl{sourceActivity=Activity(a), targetActivity=Activity(a)}"
    )
    assert _failures(validators.only_once_mapped, model, model, "a>b b>b a>a") == [text, text]


# -- 4, 5 and 6: multi-instance -----------------------------------------------------------------------------------


def test_no_body_is_added() -> None:
    single, multi = model_of(USER.format("a")), model_of(MULTI.format("a"))
    assert _failures(validators.cannot_add_body, single, multi, "a>a") == [
        "Target activity 'a' is a descendant of multi-instance body 'a#multiInstanceBody' "
        "that is not mapped from the source process definition."
    ]
    assert _failures(validators.cannot_add_body, multi, multi, f"a>a a{BODY}>a{BODY}") == []
    assert _failures(validators.cannot_add_body, single, single, "a>a") == []


def test_bodies_above_the_closest_target_are_not_looked_at() -> None:
    inner = sub(USER.format("a"), id="inner")
    source = model_of(sub(inner, id="outer") + USER.format("b"))
    target = model_of(sub(LOOP + '<startEvent id="i"/>' + inner, id="outer", start=False))
    assert _failures(validators.cannot_add_body, source, target, "a>a inner>inner") == [
        "Target activity 'inner' is a descendant of multi-instance body 'outer#multiInstanceBody' "
        "that is not mapped from the source process definition."
    ]
    (failure,) = _failures(validators.cannot_add_body, source, target, "a>a b>outer")
    assert failure.startswith("Target activity 'outer' is a descendant")


def test_a_body_and_its_inner_activity_belong_together() -> None:
    multi = model_of(MULTI.format("a") + MULTI.format("b"))
    assert _failures(validators.cannot_add_inner, multi, multi, f"a>a a{BODY}>a{BODY}") == []
    assert _failures(validators.cannot_remove_inner, multi, multi, f"a>a a{BODY}>a{BODY}") == []
    assert _failures(validators.cannot_add_inner, multi, multi, f"a>b a{BODY}>a{BODY}") == [
        "Must map the inner activity of a multi-instance body when the body is mapped"
    ]
    assert _failures(validators.cannot_remove_inner, multi, multi, f"b>a a{BODY}>a{BODY}") == [
        "Cannot remove the inner activity of a multi-instance body when the body is mapped"
    ]


def test_a_body_around_nothing_but_a_handler_makes_the_engine_fail() -> None:
    model = model_of(START + handler(inner=LOOP))
    for validator in (validators.cannot_add_inner, validators.cannot_remove_inner):
        with pytest.raises(EngineWouldFail, match="would answer with an internal error") as caught:
            _failures(validator, model, model, f"h{BODY}>h{BODY}")
        assert caught.value.engine_message == (
            "inner activity of multi instance body activity 'h#multiInstanceBody' not found"
        )


# -- 7 ------------------------------------------------------------------------------------------------------------


def test_gateways() -> None:
    two = '<parallelGateway id="g"/>' + USER.format("x") + flow("x", "g", "f1") + flow("x", "g", "f2")
    one = '<parallelGateway id="g"/><inclusiveGateway id="k"/>' + USER.format("x") + flow("x", "g", "f1")
    more, fewer = model_of(sub(two) + '<parallelGateway id="h"/>'), model_of(sub(one))
    gateway = validators.gateway_mapping
    assert _failures(gateway, more, more, "g>g sub>sub") == []
    assert _failures(gateway, fewer, more, "g>g sub>sub") == []
    assert _failures(gateway, more, fewer, "g>g h>g") == [
        "The target gateway must have at least the same number of incoming sequence flows that the source gateway has",
        "The gateway's flow scope 'sub' must be mapped",
        "Only one gateway can be mapped to gateway 'g'",
        "Only one gateway can be mapped to gateway 'g'",
    ]
    assert _failures(gateway, more, fewer, "g>x h>x") == []


# -- 8 ------------------------------------------------------------------------------------------------------------

NO_SCOPE = "but the target activity has no event scope"
MAPPED = "The source activity's event scope ({}) must be mapped"


def test_event_scope_of_boundary_events() -> None:
    model = model_of(USER.format("a") + boundary("a", TIMER) + MULTI.format("m") + boundary("m", TIMER, "c"))
    other = model_of(USER.format("a") + USER.format("k") + boundary("k", TIMER))
    scope = validators.same_event_scope
    assert _failures(scope, model, model, f"a>a b>b m{BODY}>m{BODY} c>c") == []
    assert _failures(scope, model, other, "a>k b>b") == []
    assert _failures(scope, model, other, "b>b") == [f"{MAPPED.format('a')} to the target activity's event scope (k)"]
    assert _failures(scope, model, other, "a>a b>b") == [
        f"{MAPPED.format('a')} to the target activity's event scope (k)"
    ]
    assert _failures(scope, model, other, "a>k b>a") == [
        f"{MAPPED.format('a')} but the target activity has no event scope"
    ]
    assert _failures(scope, model, other, "c>b") == [
        f"{MAPPED.format('m' + BODY)} to the target activity's event scope (k)"
    ]


def test_the_first_of_several_instructions_of_the_event_scope_counts() -> None:
    model = model_of(USER.format("a") + boundary("a", TIMER) + USER.format("k"))
    assert _failures(validators.same_event_scope, model, model, "a>a a>k b>b") == []
    assert len(_failures(validators.same_event_scope, model, model, "a>k a>a b>b")) == 1


def test_event_scope_of_compensation_and_event_sub_processes_does_not_matter() -> None:
    start = f'<startEvent id="s">{SIGNAL}</startEvent>'
    model = model_of(USER.format("a") + boundary("a", COMPENSATE) + event_sub(MESSAGE) + start)
    assert _failures(validators.same_event_scope, model, model, "b>b b>a es>es es>a s>s s>a") == []


def test_the_process_as_event_scope_is_named_by_its_definition_id() -> None:
    source = model_of(event_sub(MESSAGE), definition_id="p:1:x")
    target = model_of(sub(event_sub(MESSAGE)), definition_id="p:2:y")
    scope = validators.same_event_scope
    assert _failures(scope, source, source, "es_s>es_s") == []
    assert _failures(scope, source, target, "es_s>es_s") == [
        f"{MAPPED.format('p:1:x')} to the target activity's event scope (sub)"
    ]
    assert _failures(scope, target, source, "es_s>es_s") == [
        f"{MAPPED.format('sub')} to the target activity's event scope (p:1:x)"
    ]


def test_events_that_listen_in_themselves() -> None:
    catch = f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
    free = model_of(catch + '<receiveTask id="r" messageRef="m2"/><receiveTask id="q"/>')
    behind = model_of('<eventBasedGateway id="g"/>' + catch + flow("g", "c"))
    scope = validators.same_event_scope
    assert _failures(scope, free, free, "c>c r>r q>r") == []
    assert _failures(scope, free, free, "r>q") == [f"{MAPPED.format('r')} {NO_SCOPE}"]
    assert _failures(scope, free, behind, "c>c") == [f"{MAPPED.format('c')} to the target activity's event scope (g)"]
    assert _failures(scope, behind, free, "c>c") == [f"{MAPPED.format('g')} to the target activity's event scope (c)"]
    assert _failures(scope, behind, behind, "c>c g>g") == []


def test_timeout_listeners_may_be_removed() -> None:
    listener = f'<camunda:taskListener event="timeout" id="l" class="x">{TIMER}</camunda:taskListener>'
    timed = model_of(f'<userTask id="a"><extensionElements>{listener}</extensionElements></userTask>')
    plain = model_of(USER.format("a") + boundary("a", TIMER))
    assert _failures(validators.same_event_scope, timed, plain, "a>a") == []
    assert _failures(validators.same_event_scope, plain, timed, "a>a") == []
    assert len(_failures(validators.same_event_scope, timed, plain, "a>b")) == 1


# -- 9 and 11 -----------------------------------------------------------------------------------------------------


def test_update_event_triggers() -> None:
    model = model_of(
        USER.format("a") + boundary("a", TIMER, "t") + boundary("a", ERROR, "e") + event_sub(MESSAGE)
        + '<receiveTask id="r" messageRef="m2"/><eventBasedGateway id="g"/>'
        + f'<startEvent id="s1">{SIGNAL}</startEvent><startEvent id="s2">{TIMER}</startEvent>'
    )  # fmt: skip
    update = validators.update_event_triggers
    text = "Cannot update event trigger because the activity does not define a persistent event trigger"
    assert _failures(update, model, model, "t>t! es_s>a! r>r! s1>s1! a>a") == []
    assert _failures(update, model, model, "a>t! e>e! es>es! g>g! s2>s2!") == [text] * 5


def test_conditional_events_are_always_flagged() -> None:
    model = model_of(
        USER.format("a") + boundary("a", CONDITION) + event_sub(CONDITION)
        + f'<intermediateCatchEvent id="c">{CONDITION}</intermediateCatchEvent>'
        + f'<startEvent id="s">{CONDITION}</startEvent>'
    )  # fmt: skip
    text = "Conditional event has to migrate with update event trigger."
    assert _failures(validators.conditional_event_update, model, model, "b>b! es_s>es_s! c>c! s>s a>c") == []
    assert _failures(validators.conditional_event_update, model, model, "b>b es_s>a c>c") == [text] * 3


# -- 10 -----------------------------------------------------------------------------------------------------------


def test_the_closest_mapped_ancestor_stays_an_ancestor() -> None:
    source = model_of(sub(sub(USER.format("a"), id="inner"), id="outer"))
    target = model_of(sub(USER.format("a"), id="outer") + sub("", id="inner"))
    ancestor = validators.additional_flow_scope
    text = "The closest mapped ancestor '{}' is mapped to scope '{}' which is not an ancestor of target scope 'a'"
    assert _failures(ancestor, source, target, "a>a") == []
    assert _failures(ancestor, source, target, "a>a outer>outer") == []
    assert _failures(ancestor, source, target, "a>a inner>inner") == [text.format("inner", "inner")]
    crossed = _failures(ancestor, source, target, "a>a inner>outer outer>inner")
    assert crossed[0].startswith("The closest mapped ancestor 'outer'")
    assert _failures(ancestor, source, target, "a>a inner>a") == [text.format("inner", "a")]
    assert _failures(ancestor, source, target, "a>a inner>inner inner>outer") == [text.format("inner", "inner")]


def test_bodies_are_ancestors_too() -> None:
    multi, single = model_of(MULTI.format("a")), model_of(USER.format("a"))
    assert _failures(validators.additional_flow_scope, multi, multi, f"a>a a{BODY}>a{BODY}") == []
    assert _failures(validators.additional_flow_scope, multi, single, f"a{BODY}>a a>a") == [
        "The closest mapped ancestor 'a#multiInstanceBody' is mapped to scope 'a' "
        "which is not an ancestor of target scope 'a'"
    ]


# -- all together -------------------------------------------------------------------------------------------------


def test_failures_of_one_instruction_have_the_order_of_the_validators() -> None:
    model = model_of(USER.format("a") + boundary("a", MESSAGE, "m") + boundary("a", CONDITION, "c"))
    (report,) = validate(model, model, [Instruction("c", "m")]).instruction_reports
    assert [failure.split(" (")[0] for failure in report.failures] == [
        "Activities have incompatible types",
        "Events are not of the same type",
        "The source activity's event scope",
        "Conditional event has to migrate with update event trigger.",
    ]
