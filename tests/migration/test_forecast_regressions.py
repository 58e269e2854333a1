"""Every instance of which a forecast once said what the engine did not do, by name, with its state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.strategies.pieces import CONDITION, MESSAGE, START, event_sub, flow, sub
from tests.strategies.unusual import model_of
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.forecast import ActivityState, Forecaster, InstanceState, JobState, VariableState, forecast
from tui_migrate.migration.plan import Instruction

TASK = '<userTask id="u"/>'
PLAIN = model_of(START + TASK + flow("s", "u"))
INSIDE = model_of(START + sub(TASK) + flow("s", "sub"))
OTHER = model_of(START + sub(TASK, id="other") + flow("s", "other"))
MAPPED = (Instruction("u", "u"),)


def state(*open_activities: str, suspended: bool | None = False, jobs: tuple[JobState, ...] = ()) -> InstanceState:
    """An instance as lists show it."""
    return InstanceState(
        "i", open_activities=open_activities, jobs=jobs, compensation=(), incidents=(), suspended=suspended
    )


def after(activity_id: str, execution_id: str) -> JobState:
    """The job of a token that waits after an activity."""
    return JobState("j", execution_id, "d", "async-continuation", "async-after", activity_id)


@pytest.mark.parametrize("target", [INSIDE, OTHER])
def test_no_scope_can_be_added_to_a_suspended_instance(target: ProcessModel) -> None:
    """Camunda 7.17, 7.24, Operaton 1.0.3: ENGINE-03043 Execution with id '…' is suspended."""
    source = INSIDE if target is OTHER else PLAIN
    opened = ("sub", "u") if target is OTHER else ("u",)
    told = forecast(source, target, MAPPED, state(*opened, suspended=True))
    assert told.verdict == "cannot tell"
    assert "ENGINE-03043" in told.unknown[0]
    assert forecast(source, target, MAPPED, state(*opened)).verdict == "migrates"
    assert forecast(source, target, MAPPED, state(*opened, suspended=None)).verdict == "cannot tell"


def test_a_suspended_instance_can_lose_a_scope_and_keep_one() -> None:
    """All three engines migrate it."""
    kept = (*MAPPED, Instruction("sub", "sub"))
    for target, plan in ((PLAIN, MAPPED), (INSIDE, kept)):
        assert forecast(INSIDE, target, plan, state("sub", "u", suspended=True)).verdict == "migrates"


def test_a_token_after_an_end_event_is_lost_when_something_begins_beside_it() -> None:
    """All three engines: its job stays at the execution of the scope, and is left over ('not migrated jobs')."""
    beside = event_sub(CONDITION, TASK, attributes="").replace("<startEvent", '<startEvent isInterrupting="false"')
    model = model_of(START + '<endEvent id="end" camunda:asyncAfter="true"/>' + flow("s", "end") + beside)
    plan = tuple(Instruction(one, one, one == "es_s") for one in ("end", "es", "es_s", "u"))
    told = forecast(model, model, plan, state("es", "u", jobs=(after("end", "i"),)))
    assert told.verdict == "cannot tell"
    assert "left over" in told.unknown[0]
    assert forecast(model, model, plan, state(jobs=(after("end", "i"),))).verdict == "migrates"
    assert forecast(model, model, plan, state("es", "u", jobs=(after("end", "e"),))).verdict == "migrates"


def test_a_token_after_an_end_event_is_lost_inside_a_sub_process_too() -> None:
    """There the execution of the scope is not known from lists, so nothing is said where something else is open."""
    inside = TASK + '<endEvent id="end" camunda:asyncAfter="true"/>' + flow("sub_s", "end")
    model = model_of(START + sub(inside) + flow("s", "sub"))
    plan = tuple(Instruction(one, one) for one in ("sub", "end", "u"))
    job = after("end", "scope")
    assert forecast(model, model, plan, state("sub", "u", jobs=(job,))).verdict == "cannot tell"
    assert forecast(model, model, plan, state("sub", jobs=(job,))).verdict == "migrates"


def test_a_variable_of_another_name_beside_a_scope_that_is_lost_is_no_conflict() -> None:
    """The details read variables, and must hand them to the forecast with their executions."""
    held = TASK.replace("/>", ">") + "</userTask>"
    boundary = '<boundaryEvent id="b" attachedToRef="u"><messageEventDefinition messageRef="m1"/></boundaryEvent>'
    source = model_of(START + held + boundary + flow("s", "u"))
    node = ActivityState("a", "u", execution_ids=("e",))
    known = InstanceState(
        "i",
        tree=ActivityState("i", "definition", children=(node,), execution_ids=("i",)),
        jobs=(),
        compensation=(),
        incidents=(),
        suspended=False,
        variables=(VariableState("x", "i"), VariableState("y", "e")),
    )
    assert forecast(source, PLAIN, MAPPED, known).verdict == "migrates"


def test_variables_around_an_unmapped_token_may_be_left_over() -> None:
    """Camunda 7.17: 'not migrated variables' beside the missing instruction; started before the activity."""
    model = model_of(START + '<userTask id="u" camunda:asyncBefore="true"/>' + flow("s", "u"))
    job = JobState("j", "e", "d", "async-continuation", "async-before", "u")
    known = replace(state(jobs=(job,)), variables=(VariableState("x", "concurrent"),))
    for told in (forecast(model, model, (), known), forecast(model, model, (), replace(known, variables=None))):
        assert told.verdict == "fails"
        assert "Local variables" in told.unknown[0]
    of_the_process = replace(known, variables=(VariableState("x", "i"),))
    assert forecast(model, model, (), of_the_process).unknown == ()
    assert forecast(model, model, MAPPED, known).unknown == ()


def test_variables_around_a_token_in_a_hidden_scope_may_be_left_over() -> None:
    """All three engines: started before an asynchronous catch event behind an event-based gateway."""
    catch = f'<intermediateCatchEvent id="c" camunda:asyncBefore="true">{MESSAGE}</intermediateCatchEvent>'
    model = model_of(START + '<eventBasedGateway id="g"/>' + catch + flow("s", "g") + flow("g", "c"))
    plan = (Instruction("g", "g"), Instruction("c", "c"))
    job = JobState("j", "e", "d", "async-continuation", "async-before", "c")
    waiting = state(jobs=(job,))
    assert Forecaster(model, model, plan).needs_variables
    for variables, verdict in (
        (None, "cannot tell"),
        ((VariableState("x", "concurrent"),), "cannot tell"),
        ((VariableState("x", "i"), VariableState("y", "e")), "migrates"),
    ):
        assert forecast(model, model, plan, replace(waiting, variables=variables)).verdict == verdict


def test_nothing_begins_beside_an_inner_activity_in_its_multi_instance_body() -> None:
    """A token after an inner activity has no sequence flow, and is not lost: its body goes on with the next."""
    model = model_of(
        START
        + '<userTask id="u"><multiInstanceLoopCharacteristics isSequential="true" camunda:asyncAfter="true">'
        + "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
        + flow("s", "u")
    )
    plan = tuple(Instruction(one, one) for one in ("u#multiInstanceBody", "u"))
    told = forecast(
        model, model, plan, state("u#multiInstanceBody", "u#multiInstanceBody", "u", jobs=(after("u", "e"),))
    )
    assert told.verdict == "migrates"


def test_the_timer_of_a_timeout_listener_is_left_over_after_a_multi_instance_task() -> None:
    """All three engines: 'not migrated jobs', though everything is mapped."""
    model = model_of(
        START
        + '<userTask id="u"><multiInstanceLoopCharacteristics isSequential="true" camunda:asyncAfter="true">'
        + "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
        + flow("s", "u")
    )
    plan = tuple(Instruction(one, one) for one in ("u#multiInstanceBody", "u"))
    timer = JobState("t", "e", "d2", "timer-task-listener", "DATE: 2999-01-01T00:00:00", "u")
    told = forecast(model, model, plan, state("u#multiInstanceBody", jobs=(after("u", "e"), timer)))
    assert [one.sentence for one in told.failures] == ["Process instance contains not migrated jobs: [t]"]
    assert forecast(model, model, plan, state("u#multiInstanceBody", "u", jobs=(timer,))).verdict == "migrates"
