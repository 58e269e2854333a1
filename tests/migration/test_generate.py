"""Generation: what is paired, what is filtered, which flags, when the engine would fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies.literal import LiteralGeneration
from tests.strategies.pairs import make_pair, read_pair
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
from tui_migrate.errors import PlanError
from tui_migrate.migration import generate as generation
from tui_migrate.migration.generate import GenerationFailed, generate
from tui_migrate.migration.validate import EngineWouldFail
from tui_migrate.migration.validators import VALIDATORS, InstructionSet, Resolved, Validator


def _ids(source: ProcessModel, target: ProcessModel | None = None, *, update: bool = False) -> list[str]:
    """The generated source ids; `!` marks the flag."""
    plan = generate(source, target or source, update_event_triggers=update)
    assert all(one.source_activity_id == one.target_activity_id for one in plan)
    return [f"{one.source_activity_id}{'!' if one.update_event_trigger else ''}" for one in plan]


def test_only_what_can_wait_is_generated() -> None:
    model = model_of(
        START + '<userTask id="a"/><task id="b"/><serviceTask id="c" camunda:class="x"/><exclusiveGateway id="d"/>'
        '<serviceTask id="e" camunda:type="external" camunda:topic="t"/><parallelGateway id="f"/><endEvent id="g"/>'
    )
    assert _ids(model) == ["a", "e", "f"]


@pytest.mark.parametrize(("first", "second"), [("asyncBefore", "asyncAfter"), ("asyncAfter", "asyncAfter")])
def test_async_on_both_sides_makes_anything_generatable(first: str, second: str) -> None:
    both = [model_of(START + f'<task id="b" camunda:{one}="true"/>') for one in (first, second)]
    assert _ids(*both) == ["b"]
    assert _ids(both[0], model_of(START + '<task id="b"/>')) == []


def test_error_escalation_and_cancel_events_are_never_generated() -> None:
    model = model_of(
        START + '<userTask id="a"/>' + boundary("a", ERROR, attributes='camunda:asyncBefore="true"') + event_sub(ERROR)
    )
    assert _ids(model) == ["a", "es"]


def test_start_events_of_event_sub_processes_are_found_from_the_scope_they_listen_in() -> None:
    source = model_of(START + event_sub(MESSAGE, '<userTask id="u"/>', id="es"))
    target = model_of(START + event_sub(MESSAGE, '<userTask id="u"/>', id="es").replace('"es"', '"other"'))
    assert _ids(source, target) == ["es_s"]


def test_moved_activities_are_not_generated() -> None:
    inside, outside = model_of(START + sub('<userTask id="a"/>')), model_of(START + '<userTask id="a"/>' + sub(""))
    assert _ids(inside, outside) == ["sub"]
    assert _ids(inside) == ["sub", "a"]


def test_events_behind_a_gateway_need_the_gateway() -> None:
    catch = f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
    behind = model_of(START + '<eventBasedGateway id="g"/>' + catch + flow("g", "c"))
    renamed = model_of(START + '<eventBasedGateway id="k"/>' + catch + flow("k", "c"))
    assert _ids(behind) == ["g", "c"]
    assert _ids(behind, renamed) == []
    assert _ids(behind, model_of(START + catch)) == []


def test_multi_instance_on_both_sides_or_not_at_all() -> None:
    single = model_of(START + '<userTask id="a"/>')
    parallel = model_of(START + f'<userTask id="a">{LOOP}</userTask>')
    one_by_one = LOOP.replace("Characteristics>", 'Characteristics isSequential="true">', 1)
    sequential = model_of(START + f'<userTask id="a">{one_by_one}</userTask>')
    assert _ids(parallel) == ["a#multiInstanceBody", "a"]
    assert _ids(parallel, single) == []
    assert _ids(single, parallel) == []
    assert _ids(parallel, sequential) == []


def test_compensation_handlers_are_left_out_but_not_their_boundary_events() -> None:
    model = model_of(START + '<userTask id="a"/>' + boundary("a", COMPENSATE) + handler())
    assert _ids(model) == ["a", "b"]


def test_flags() -> None:
    model = model_of(
        START
        + '<userTask id="a"/>'
        + boundary("a", TIMER, "t")
        + boundary("a", CONDITION, "c")
        + f'<receiveTask id="r" messageRef="m1"/><intermediateCatchEvent id="s1">{SIGNAL}</intermediateCatchEvent>'
    )
    assert _ids(model) == ["a", "t", "c!", "r", "s1"]
    assert _ids(model, update=True) == ["a", "t!", "c!", "r!", "s1!"]


def test_a_body_whose_inner_activity_does_not_fit_is_dropped() -> None:
    source = model_of(START + f'<userTask id="a">{LOOP}</userTask><userTask id="b"/>')
    target = model_of(START + f'<subProcess id="a">{LOOP}<startEvent id="i"/></subProcess><userTask id="b"/>')
    assert _ids(source, target) == ["b"]


def test_a_boundary_event_on_such_a_body_makes_the_engine_refuse() -> None:
    source = model_of(START + f'<userTask id="a">{LOOP}</userTask>' + boundary("a", TIMER), definition_id="p:1:x")
    target = model_of(
        START + f'<subProcess id="a">{LOOP}<startEvent id="i"/></subProcess>' + boundary("a", TIMER),
        definition_id="p:2:y",
    )
    with pytest.raises(GenerationFailed) as caught:
        generate(source, target)
    assert not caught.value.engine_fault
    assert str(caught.value) == caught.value.engine_message
    assert caught.value.engine_message == (
        "ENGINE-23001 Migration plan for process definition 'p:1:x' to 'p:2:y' is not valid:\n"
        "\t Migration instruction MigrationInstructionImpl{sourceActivityId='b', targetActivityId='b', "
        "updateEventTrigger='false'} is not valid:\n"
        "\t\tThe source activity's event scope (a#multiInstanceBody) must be mapped "
        "to the target activity's event scope (a#multiInstanceBody)\n"
    )
    assert len(caught.value.report.instruction_reports) == 1


def test_a_multi_instance_handler_makes_the_engine_fail() -> None:
    model = model_of(START + handler(inner=LOOP))
    with pytest.raises(GenerationFailed) as caught:
        generate(model, model)
    assert caught.value.engine_fault
    assert isinstance(caught.value, PlanError)
    assert isinstance(caught.value.__cause__, EngineWouldFail)
    assert caught.value.engine_message == (
        "inner activity of multi instance body activity 'h#multiInstanceBody' not found"
    )


def test_the_plan_has_the_document_order_of_the_source() -> None:
    source = model_of(START + '<userTask id="z"/>' + sub('<userTask id="m"/>') + '<userTask id="a"/>')
    target = model_of(START + '<userTask id="a"/>' + sub('<userTask id="m"/>') + '<userTask id="z"/>')
    assert _ids(source, target) == ["z", "sub", "m", "a"]


def test_a_definition_with_itself_and_with_an_empty_one() -> None:
    model, empty = model_of(START + '<userTask id="a"/>'), model_of(START)
    assert _ids(model) == ["a"]
    assert generate(model, empty) == generate(empty, model) == generate(empty, empty) == ()


@settings(max_examples=150)
@given(seed=st.integers(0, 10**9), update=st.booleans())
def test_it_equals_the_engines_way_word_for_word(seed: int, update: bool) -> None:
    source, target = read_pair(make_pair(str(seed), "camunda"), "camunda")
    try:
        expected = LiteralGeneration(source, target, update).plan
    except EngineWouldFail:
        with pytest.raises(GenerationFailed):
            generate(source, target, update_event_triggers=update)
        return
    try:
        assert set(generate(source, target, update_event_triggers=update)) == expected
    except GenerationFailed as failed:
        assert {one.instruction for one in failed.report.instruction_reports} <= expected  # noqa: PT017


def _large(count: int, depth: int) -> ProcessModel:
    """So many tasks with boundary events, spread over nested sub processes."""
    content = ""
    for level in reversed(range(depth)):
        ids = [f"{level}_{number}" for number in range(count // depth)]
        tasks = "".join(f'<userTask id="t{one}"/>{boundary(f"t{one}", TIMER, f"b{one}")}' for one in ids)
        content = sub(tasks + content, id=f"sub{level}") if level else tasks + content
    return model_of(START + content)


@pytest.mark.parametrize("depth", [1, 10])
def test_the_work_grows_with_the_number_of_activities(monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    """Counted in calls of validators, since times vary: the engine's own way would need 100 times as many."""
    calls = 0

    def counting(validator: Validator) -> Validator:
        def counted(one: Resolved, instructions: InstructionSet) -> tuple[str, ...]:
            nonlocal calls
            calls += 1
            return validator(one, instructions)

        return counted

    monkeypatch.setattr(generation, "_NINE_VALIDATORS", tuple(map(counting, generation._NINE_VALIDATORS)))
    monkeypatch.setattr(generation, "VALIDATORS", tuple(map(counting, VALIDATORS)))
    per_activity = []
    for count in (200, 2000):
        model = _large(count, depth)
        calls = 0
        assert len(generate(model, model)) == 2 * count + depth - 1
        per_activity.append(calls / len(model.activities))
    assert per_activity[1] <= per_activity[0] * 1.1
