"""Instances of which the engine has lost or left executions, and of which a forecast once said what it did not do."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.migration.instance_states import MAPPED, TASK, after, in_tree, state
from tests.strategies.pieces import LOOP, MESSAGE, START, TIMER, boundary, event_sub, flow, sub
from tests.strategies.unusual import model_of
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.forecast import (
    ActivityState,
    Forecaster,
    IncidentState,
    JobState,
    TaskState,
    TransitionState,
    VariableState,
    forecast,
)
from tui_migrate.migration.instance_case import handlers_in_bodies
from tui_migrate.migration.plan import Instruction

PLAIN = model_of(START + TASK + flow("s", "u"))


def compensated(order: str = "", handler: str = "/>") -> ProcessModel:
    """Several instances of a task, the user task `u` behind, and a handler of a kind: `h`, in the body."""
    loop = LOOP.replace("Characteristics>", f"Characteristics {order}>", 1)
    several = f'<userTask id="a">{loop}</userTask>'
    undone = boundary("a", "<compensateEventDefinition/>") + f'<userTask id="h" isForCompensation="true"{handler}'
    begun = START + several + flow("s", "a") + TASK + flow("a", "u")
    return model_of(begun + undone + '<association id="as" sourceRef="b" targetRef="h"/>')


def test_an_open_scope_of_which_the_history_shows_nothing_inside_leaves_it_open() -> None:
    """All three engines: 'no migration instruction', of a completed handler that the tree has in the body's place."""
    model = compensated('isSequential="true"')
    plan = tuple(Instruction(one, one) for one in ("a#multiInstanceBody", "a", "b", "u"))
    told = forecast(model, model, plan, state("u", "a#multiInstanceBody"))
    assert told.verdict == "cannot tell"
    assert "'a#multiInstanceBody'" in told.unknown[0]
    assert forecast(model, model, plan, state("u", "a#multiInstanceBody", "a")).verdict == "migrates"
    in_place = ActivityState("a#multiInstanceBody:1", "h", execution_ids=("e",))
    seen = replace(state("u", "a#multiInstanceBody"), tree=in_tree(in_place), variables=())
    assert forecast(model, model, plan, seen).verdict == "fails"


def test_each_of_several_open_scopes_holds_something() -> None:
    """An activity or a token inside; how many scopes are open is only known where they were counted."""
    model = model_of(START + sub('<userTask id="u" camunda:asyncBefore="true"/>') + flow("s", "sub"))
    plan = (*MAPPED, Instruction("sub", "sub"))
    job = JobState("j", "e", "d", "async-continuation", "async-before", "u")
    assert forecast(model, model, plan, state("sub", "sub", "u")).verdict == "cannot tell"
    for one in (state("sub", "sub", "u", "u"), state("sub", "u"), state("sub", "sub", "u", jobs=(job,))):
        assert forecast(model, model, plan, replace(one, variables=())).verdict == "migrates"


@pytest.mark.parametrize("order", ["", 'isSequential="true"'])
@pytest.mark.parametrize("counted", [True, False])
def test_what_a_completed_handler_leaves_in_a_body_leaves_it_open(order: str, counted: bool) -> None:
    """All three engines: 'not migrated variables', of the loop counter beside the instances of a parallel body.

    Of a sequential one it is the missing instruction; beside a sound body the history has something inside. Where
    activities are read one by one, two open bodies are in the list once.
    """
    model = compensated(order)
    plan = tuple(Instruction(one, one) for one in ("a#multiInstanceBody", "a", "b", "u"))
    ordinary = replace(state("a#multiInstanceBody", "a"), open_counted=counted, compensation=("h",))
    assert forecast(model, model, plan, ordinary).verdict == "migrates"
    for known, words in ((True, "It is, or was, at"), (None, "It was not read whether")):
        told = forecast(model, model, plan, replace(ordinary, at_handler=known))
        assert told.verdict == "cannot tell"
        assert told.unknown[0].startswith(f"{words}")
        assert "(h)" in told.unknown[0]


def test_a_handler_of_one_activity_need_not_be_looked_for() -> None:
    """It ends in no body; and a handler that has several instances itself is in the body with its own."""
    assert not handlers_in_bodies(model_of(START + TASK + boundary("u", "<compensateEventDefinition/>")))
    single = TASK + boundary("u", "<compensateEventDefinition/>") + '<userTask id="h" isForCompensation="true"/>'
    model = model_of(START + single + flow("s", "u") + '<association id="as" sourceRef="b" targetRef="h"/>')
    assert handlers_in_bodies(model) == ()
    plan = (*MAPPED, Instruction("b", "b"))
    assert forecast(model, model, plan, replace(state("u"), at_handler=None)).verdict == "migrates"
    assert handlers_in_bodies(compensated()) == ("h",)
    assert handlers_in_bodies(compensated(handler=f">{LOOP}</userTask>")) == ("h#multiInstanceBody", "h")


@pytest.mark.parametrize("handler", ["/>", ' camunda:asyncBefore="true"/>', f">{LOOP}</userTask>"])
def test_in_the_tree_no_job_waits_where_a_completed_handler_was(handler: str) -> None:
    """All three engines: 'not migrated variables', and nothing about the handler, whether it is mapped or not."""
    model = compensated(handler=handler)
    at = handlers_in_bodies(model)[0]
    left = TransitionState("e", at, "e")
    inner = ActivityState("a:1", "a", execution_ids=("e2",))
    body = ActivityState("a#multiInstanceBody:1", "a#multiInstanceBody", (inner,), (left,), ("b",))
    seen = replace(state(), tree=in_tree(body), variables=())
    plan = tuple(Instruction(one, one) for one in ("a#multiInstanceBody", "a", "b", "u"))
    for known in (seen, replace(seen, jobs=None)):
        told = forecast(model, model, plan, known)
        assert told.verdict == "cannot tell"
        assert at in told.unknown[0]
    ended = replace(left, activity_id="a")
    assert forecast(model, model, plan, replace(seen, tree=in_tree(replace(body, transitions=(ended,))))).verdict == (
        "migrates"
    )


def test_where_more_tasks_may_be_left_over_none_is_said_to_be_alone() -> None:
    """Camunda 7.24: 'not migrated tasks' with both; of two ended instances of several, one waits after its activity."""
    several = '<userTask id="u"><multiInstanceLoopCharacteristics camunda:asyncAfter="true"><loopCardinality>2'
    model = model_of(START + several + "</loopCardinality></multiInstanceLoopCharacteristics></userTask>")
    plan = tuple(Instruction(one, one) for one in ("u#multiInstanceBody", "u"))
    tasks = (TaskState("t", "e", "u"), TaskState("t2", "e2", "u"))
    timer = JobState("d", "e", "d2", "timer-task-listener", "DATE: 2999-01-01T00:00:00", "u")
    failed = IncidentState("n", "failedExternalTask", "t", "e", "u")
    listed = replace(state("u#multiInstanceBody", jobs=(after("u", "e"), timer)), tasks=tasks, variables=())
    for one in (listed, replace(listed, incidents=(failed,))):
        told = forecast(model, model, plan, one)
        assert told.verdict == "cannot tell"
        assert {"Task 't' is left over, perhaps not alone.", "Job 'd' is left over, perhaps not alone."} <= set(
            told.unknown
        )
    assert "Incident 'n' is left over, perhaps not alone." in told.unknown
    alone = forecast(model, model, plan, replace(listed, tasks=tasks[:1]))
    assert [one.sentence for one in alone.failures] == [
        "Process instance contains not migrated tasks: [t]",
        "Process instance contains not migrated jobs: [d]",
    ]


def test_tokens_that_leave_a_cancelled_scope_for_a_new_one_may_not_share_a_name() -> None:
    """All three engines: a NullPointerException; of a token beside an activity, Camunda 7.24 only every other time."""
    several = '<userTask id="u"><multiInstanceLoopCharacteristics camunda:asyncBefore="true"><loopCardinality>2'
    source = model_of(START + several + "</loopCardinality></multiInstanceLoopCharacteristics></userTask>")
    target = model_of(START + sub('<userTask id="u" camunda:asyncBefore="true"/>'))
    jobs = tuple(JobState(one, one, "d", "async-continuation", "async-before", "u") for one in ("e", "e2"))
    counters = (VariableState("loopCounter", "e"), VariableState("loopCounter", "e2"))
    waiting = replace(state("u#multiInstanceBody", jobs=jobs), variables=counters)
    tokens = tuple(TransitionState(one, "u", one) for one in ("e", "e2"))
    around = ActivityState("b:1", "u#multiInstanceBody", (), tokens, ("b",))
    assert Forecaster(source, target, MAPPED).needs_variables
    for listed in (waiting, replace(waiting, tree=in_tree(around))):
        told = forecast(source, target, MAPPED, listed)
        assert told.verdict == "cannot tell"
        assert "'loopCounter'" in told.unknown[0]
        assert forecast(source, target, MAPPED, replace(listed, variables=None)).verdict == "cannot tell"
    one_left = (VariableState("loopCounter", "e"), VariableState("x", "e"), VariableState("y", "i"))
    alone = replace(waiting, jobs=jobs[:1], variables=one_left)
    assert forecast(source, target, MAPPED, alone).verdict == "migrates"
    of_the_process = replace(alone, variables=(*one_left, VariableState("loopCounter", "i")))
    assert forecast(source, target, MAPPED, of_the_process).verdict == "cannot tell"


def test_tokens_that_leave_two_cancelled_scopes_may_not_share_a_name() -> None:
    """All three engines: the same NullPointerException, for they move twice as well."""
    several = '<userTask id="u"><multiInstanceLoopCharacteristics camunda:asyncBefore="true"><loopCardinality>2'
    source = model_of(START + sub(several + "</loopCardinality></multiInstanceLoopCharacteristics></userTask>"))
    target = model_of(START + '<userTask id="u" camunda:asyncBefore="true"/>')
    jobs = tuple(JobState(one, one, "d", "async-continuation", "async-before", "u") for one in ("e", "e2"))
    counters = (VariableState("loopCounter", "e"), VariableState("loopCounter", "e2"))
    waiting = replace(state("sub", "u#multiInstanceBody", jobs=jobs), variables=counters)
    told = forecast(source, target, MAPPED, waiting)
    assert told.verdict == "cannot tell"
    assert "leaves 'u#multiInstanceBody' and moves on" in told.unknown[0]


def test_tokens_that_keep_their_scope_or_get_no_new_one_may_share_a_name() -> None:
    """All three engines migrate them."""
    inner = '<userTask id="u" camunda:asyncBefore="true"/>'
    bare = model_of(START + inner)
    inside = model_of(START + sub(inner))
    jobs = tuple(JobState(one, one, "d", "async-continuation", "async-before", "u") for one in ("e", "e2"))
    names = (VariableState("x", "e"), VariableState("x", "e2"))
    waiting = replace(state(jobs=jobs), variables=names)
    in_sub = replace(waiting, open_activities=("sub",))
    kept = (*MAPPED, Instruction("sub", "sub"))
    for source, target, plan, one in (
        (bare, inside, MAPPED, waiting),
        (inside, bare, MAPPED, in_sub),
        (inside, inside, kept, in_sub),
    ):
        assert Forecaster(source, target, plan).needs_variables is (target is bare)
        assert forecast(source, target, plan, one).verdict == "migrates"
    assert forecast(inside, inside, MAPPED, in_sub).verdict == "cannot tell"


def test_tokens_that_leave_a_cancelled_scope_may_not_share_a_name_with_it() -> None:
    """All three engines: the same NullPointerException, of variables that somebody has set on the scope as well."""
    inner = '<userTask id="u" camunda:asyncBefore="true"/>'
    inside, bare = model_of(START + sub(inner)), model_of(START + inner)
    jobs = tuple(JobState(one, one, "d", "async-continuation", "async-before", "u") for one in ("e", "e2"))
    tokens = (VariableState("x", "e"), VariableState("x", "e2"))
    waiting = replace(state("sub", jobs=jobs), variables=(*tokens, VariableState("x", "i", "i")))
    assert forecast(inside, bare, MAPPED, waiting).verdict == "migrates"
    with_it = replace(waiting, variables=(*tokens, VariableState("x", "s", "sub:1")))
    told = forecast(inside, bare, MAPPED, with_it)
    assert told.verdict == "cannot tell"
    assert "another variable 'x' beside that of the token before or after 'u', which leaves 'sub':" in told.unknown[0]
    assert forecast(inside, bare, MAPPED, replace(waiting, variables=None)).verdict == "cannot tell"


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_error_event_that_does_not_interrupt_leaves_it_open(interrupting: bool) -> None:
    """All three engines: 'not migrated event subscriptions', of an execution that the host has lost."""
    event = boundary("u", '<errorEventDefinition errorRef="e"/>', id="b2", attributes='cancelActivity="false"')
    if interrupting:
        event = event.replace('cancelActivity="false"', "")
    begun = START + TASK + boundary("u", MESSAGE) + event + '<userTask id="v"/>' + flow("s", "u") + flow("b2", "v")
    model = model_of(begun)
    plan = tuple(Instruction(one, one) for one in ("u", "b", "b2", "v"))
    for listed in (state("u", "v"), state("v")):
        nodes = tuple(ActivityState(f"{one}:1", one, execution_ids=(one,)) for one in listed.open_activities or ())
        for one in (listed, replace(listed, tree=in_tree(*nodes), variables=())):
            told = forecast(model, model, plan, one)
            assert told.verdict == ("migrates" if interrupting else "cannot tell")
            assert interrupting or "'b2'" in told.unknown[0]


def test_of_several_event_sub_processes_only_the_tree_shows_what_is_left() -> None:
    """Camunda 7.17: 'not migrated variables', the counters at an execution of the body that the tree has not."""
    several = event_sub(MESSAGE, '<userTask id="v"/>').replace("<startEvent", f"{LOOP}<startEvent")
    model = model_of(START + TASK + flow("s", "u") + several)
    plan = tuple(Instruction(one, one) for one in model.activities if one != "s")
    told = forecast(model, model, plan, replace(state("es#multiInstanceBody", "es", "v"), variables=()))
    assert told.verdict == "cannot tell"
    assert "'es'" in told.unknown[0]
    assert forecast(model, model, plan, replace(state("u"), variables=())).verdict == "migrates"


def in_a_loop(order: str) -> ProcessModel:
    """A user task `u` in several instances of a sub process, which is asynchronous behind."""
    loop = LOOP.replace("Characteristics>", f'Characteristics {order} camunda:asyncAfter="true">', 1)
    inside = f'<subProcess id="sub">{loop}<startEvent id="sub_s"/>{TASK}{flow("sub_s", "u")}</subProcess>'
    return model_of(START + inside + flow("s", "sub"))


@pytest.mark.parametrize("order", ["", 'isSequential="true"'])
def test_an_error_that_nothing_caught_ends_the_scope_around_the_task_and_leaves_the_task(order: str) -> None:
    """Camunda 7.17: 'not migrated tasks'; the error ended an instance of a sub process, which waits behind."""
    model = in_a_loop(order)
    plan = tuple(Instruction(one, one) for one in ("sub#multiInstanceBody", "sub", "u"))
    assert Forecaster(model, model, plan).needs_tasks
    ended = replace(state("sub#multiInstanceBody", jobs=(after("sub", "e"),)), variables=())
    body = ActivityState("b:1", "sub#multiInstanceBody", transitions=(TransitionState("e", "sub", "e"),))
    for one in (ended, replace(ended, tree=in_tree(body))):
        left = forecast(model, model, plan, replace(one, tasks=(TaskState("t", "e", "u"),)))
        assert [failure.sentence for failure in left.failures] == ["Process instance contains not migrated tasks: [t]"]
        assert "Its tasks were not read" in " ".join(forecast(model, model, plan, replace(one, tasks=None)).unknown)
    assert not Forecaster(PLAIN, PLAIN, MAPPED).needs_tasks


def test_a_custom_incident_may_be_at_an_instance_that_is_over() -> None:
    """Camunda 7.17: 'not migrated incidents'; of three instances one was over, and its execution had the incident."""
    model = model_of(START + f'<userTask id="u">{LOOP}</userTask>' + flow("s", "u"))
    plan = tuple(Instruction(one, one) for one in ("u#multiInstanceBody", "u"))
    incident = IncidentState("n", "custom", "c", "e", "u")
    listed = replace(state("u#multiInstanceBody", "u"), incidents=(incident,))
    assert forecast(model, model, plan, listed).verdict == "cannot tell"
    inner = ActivityState("u:1", "u", execution_ids=("e",))
    body = ActivityState("b:1", "u#multiInstanceBody", (inner,), execution_ids=("b",))
    assert forecast(model, model, plan, replace(listed, tree=in_tree(body))).verdict == "migrates"


def test_what_an_execution_without_an_activity_waits_for_may_be_left_over() -> None:
    """Camunda 7.24: 'not migrated event subscriptions' beside the missing instruction, of an event-based gateway."""
    empty = replace(state(), tree=in_tree(without=1), variables=())
    told = forecast(PLAIN, PLAIN, MAPPED, empty)
    assert told.verdict == "fails"
    assert "executions without an activity" in told.unknown[0]
    assert forecast(PLAIN, PLAIN, MAPPED, replace(empty, tree=in_tree())).unknown == ()


def test_a_token_before_an_event_that_ends_all_else_may_be_none() -> None:
    """All three engines: 'not migrated jobs' where something was beside it when it was reached; the tree is empty."""
    model = model_of(
        START
        + '<endEvent id="end" camunda:asyncBefore="true"><terminateEventDefinition/></endEvent>'
        + flow("s", "end")
    )
    job = JobState("j", "i", "d", "async-continuation", "async-before", "end")
    plan = (Instruction("end", "end"),)
    waiting = state(jobs=(job,))
    assert forecast(model, model, plan, waiting).verdict == "cannot tell"
    alone = replace(waiting, tree=in_tree(waiting=(TransitionState("i", "end", "i"),)))
    assert forecast(model, model, plan, alone).verdict == "migrates"
    assert forecast(model, model, plan, replace(waiting, tree=in_tree())).verdict == "fails"


def test_an_activity_that_the_engine_shows_without_an_id_leaves_it_open() -> None:
    """Operaton 1.0.3, once in some ten thousand random instances."""
    tree = in_tree(ActivityState(None, "u", execution_ids=("e",)))
    assert forecast(PLAIN, PLAIN, MAPPED, replace(state(), tree=tree, variables=())).verdict == "cannot tell"


def test_a_lone_token_behind_a_gateway_may_be_in_a_lost_scope() -> None:
    """Camunda 7.17: 'not migrated jobs', of a token that a modification started beside a gateway, then cancelled."""
    catch = f'<intermediateCatchEvent id="c" camunda:asyncBefore="true">{MESSAGE}</intermediateCatchEvent>'
    model = model_of(START + '<eventBasedGateway id="g"/>' + catch + flow("s", "g") + flow("g", "c"))
    plan = (Instruction("g", "g"), Instruction("c", "c"))
    for execution, verdict in (("e", "cannot tell"), ("i", "migrates")):
        job = JobState("j", execution, "d", "async-continuation", "async-before", "c")
        assert forecast(model, model, plan, replace(state(jobs=(job,)), variables=())).verdict == verdict


def test_a_job_may_be_left_in_the_execution_of_the_next_instance() -> None:
    """Camunda 7.24: 'not migrated jobs', where a modification began the next instance of a sequential loop."""
    loop = LOOP.replace("Characteristics>", 'Characteristics isSequential="true" camunda:asyncAfter="true">', 1)
    model = model_of(START + f'<userTask id="u">{loop}</userTask>' + flow("s", "u"))
    plan = tuple(Instruction(one, one) for one in ("u#multiInstanceBody", "u"))
    task, job = TaskState("t", "e", "u"), after("u", "e")
    begun = replace(state("u#multiInstanceBody", "u", jobs=(job,)), tasks=(task,), variables=())
    for counted in (True, False):
        assert forecast(model, model, plan, replace(begun, open_counted=counted)).verdict == "cannot tell"
    ended = replace(begun, open_activities=("u#multiInstanceBody",))
    assert forecast(model, model, plan, ended).verdict == "fails"


def test_a_timer_may_be_left_of_a_completed_scope_while_another_is_open() -> None:
    """Operaton 1.0.3: 'not migrated jobs', the boundary timer of a transaction that can be compensated."""
    model = model_of(START + sub(TASK) + boundary("sub", TIMER) + flow("s", "sub"))
    plan = tuple(Instruction(one, one) for one in ("sub", "b", "u"))
    old, new = (
        JobState(name, execution, "d", "timer-transition", "DATE: 2999-01-01T00:00:00", "b")
        for name, execution in (("t1", "old"), ("t2", "e"))
    )
    inner = ActivityState("u:1", "u", execution_ids=("e",))
    tree = in_tree(ActivityState("sub:1", "sub", (inner,), execution_ids=("e",)))
    for known in (state("sub", "u"), replace(state(), tree=tree, variables=())):
        assert forecast(model, model, plan, replace(known, jobs=(new,))).verdict == "migrates"
        assert forecast(model, model, plan, replace(known, jobs=(old, new))).verdict == "cannot tell"
