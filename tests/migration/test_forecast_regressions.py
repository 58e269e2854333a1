"""Every instance of which a forecast once said what the engine did not do, by name, with its state."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.migration.instance_states import MAPPED, TASK, after, in_tree, state
from tests.strategies.pieces import CONDITION, LOOP, MESSAGE, START, TIMER, boundary, event_sub, flow, sub
from tests.strategies.unusual import model_of
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.forecast import (
    ActivityState,
    Forecaster,
    IncidentState,
    InstanceState,
    JobState,
    TaskState,
    TransitionState,
    VariableState,
    forecast,
)
from tui_migrate.migration.plan import Instruction

PLAIN = model_of(START + TASK + flow("s", "u"))
INSIDE = model_of(START + sub(TASK) + flow("s", "sub"))
OTHER = model_of(START + sub(TASK, id="other") + flow("s", "other"))


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
    model = model_of(START + TASK + '<eventBasedGateway id="g"/>' + catch + flow("s", "g") + flow("g", "c"))
    plan = (*MAPPED, Instruction("g", "g"), Instruction("c", "c"))
    job = JobState("j", "e", "d", "async-continuation", "async-before", "c")
    waiting = state("u", jobs=(job,))
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


LEAVES = '<userTask id="u" camunda:asyncAfter="true"/>'
EXTERNAL = '<serviceTask id="u" camunda:asyncAfter="true" camunda:type="external" camunda:topic="t"/>'


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        (LEAVES, "Process instance contains not migrated tasks: [t]"),
        (EXTERNAL, "Process instance contains not migrated externalTask: [t]"),
    ],
)
def test_an_error_that_nothing_caught_leaves_the_task_over(task: str, sentence: str) -> None:
    """All three engines: the worker reports a BPMN error, the activity ends, its job waits, its task stays."""
    model = model_of(START + task + flow("s", "u") + '<userTask id="v"/>' + flow("u", "v"))
    ended = state("v", jobs=(after("u", "e"),))
    left = replace(ended, tasks=(TaskState("t", "e", "u", external=task is EXTERNAL), TaskState("other", "e2", "v")))
    plan = (*MAPPED, Instruction("v", "v"))
    beside = ActivityState("v:1", "v", execution_ids=("e2",))
    tree = replace(left, tree=in_tree(beside, waiting=(TransitionState("e", "u", "e"),)))
    assert Forecaster(model, model, plan).needs_tasks
    for told in (forecast(model, model, plan, left), forecast(model, model, plan, tree)):
        assert [one.sentence for one in told.failures] == [sentence]
    assert forecast(model, model, plan, ended).verdict == "migrates"
    assert forecast(model, model, plan, replace(ended, tasks=None)).verdict == "cannot tell"
    assert not Forecaster(PLAIN, PLAIN, MAPPED).needs_tasks


def test_with_the_task_its_timers_subscriptions_and_variables_are_left_over() -> None:
    """All three engines, even where the activity has a sequence flow: the error does not take it."""
    timed = LEAVES + boundary("u", TIMER) + boundary("u", MESSAGE, id="b2")
    model = model_of(START + timed + flow("s", "u") + '<userTask id="v"/>' + flow("u", "v"))
    timer = JobState("j2", "e", "d2", "timer-transition", "DURATION: P1D", "b")
    left = replace(state(jobs=(after("u", "e"), timer)), tasks=(TaskState("t", "e", "u"),), variables=())
    told = forecast(model, model, MAPPED, left)
    assert [one.sentence for one in told.failures] == [
        "Process instance contains not migrated tasks: [t]",
        "Process instance contains not migrated jobs: [j2]",
    ]
    assert "'b2'" in told.unknown[0]
    assert forecast(model, model, MAPPED, replace(left, tasks=(), jobs=(after("u", "e"),))).verdict == "migrates"


@pytest.mark.parametrize(
    ("inside", "more", "variables", "verdict"),
    [
        (boundary("u", TIMER), JobState("t", "e", "d2", "timer-transition", "DURATION: P1D", "b"), (), "fails"),
        (boundary("u", MESSAGE), None, (), "cannot tell"),
        (boundary("u", TIMER), None, (VariableState("x", "e"),), "cannot tell"),
        (boundary("u", TIMER), None, (VariableState("x", "i"),), "migrates"),
        (boundary("u", TIMER), None, None, "cannot tell"),
        ("", None, None, "migrates"),
    ],
)
def test_the_scope_of_the_last_activity_is_still_there_while_its_token_waits(
    inside: str, more: JobState | None, variables: tuple[VariableState, ...] | None, verdict: str
) -> None:
    """All three engines: without a sequence flow behind it, a boundary event's timer or subscription is left over."""
    model = model_of(START + LEAVES + inside + flow("s", "u"))
    waiting = replace(state(jobs=(after("u", "e"), *((more,) if more else ()))), variables=variables)
    tree = replace(waiting, tree=in_tree(waiting=(TransitionState("e", "u", "e"),)))
    assert Forecaster(model, model, MAPPED).needs_variables == bool(inside)
    assert forecast(model, model, MAPPED, waiting).verdict == verdict
    assert forecast(model, model, MAPPED, tree).verdict == verdict


def test_a_failed_timer_that_is_left_over_takes_its_incident_along() -> None:
    """Camunda 7.17: 'not migrated incidents' beside the job; the timer of the last activity had failed."""
    model = model_of(START + LEAVES + boundary("u", TIMER) + flow("s", "u"))
    timer = JobState("t", "e", "d2", "timer-transition", "DURATION: P1D", "b")
    failed = IncidentState("n", "failedJob", "t", "e", "b")
    left = replace(state(jobs=(after("u", "e"), timer)), incidents=(failed,), variables=())
    for one in (left, replace(left, tree=in_tree(waiting=(TransitionState("e", "u", "e", incident_ids=("n",)),)))):
        assert [failure.sentence for failure in forecast(model, model, MAPPED, one).failures] == [
            "Process instance contains not migrated incidents: [n]",
            "Process instance contains not migrated jobs: [t]",
        ]


@pytest.mark.parametrize("sequential", [False, True])
def test_the_counter_of_a_concurrent_inner_scope_is_left_over_after_it(sequential: bool) -> None:
    """All three engines: 'not migrated variables', with the loop counter in the execution around the kept scope."""
    model = model_of(
        START
        + f'<subProcess id="u"><multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"'
        + ' camunda:asyncAfter="true"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>'
        + '<startEvent id="us"/><userTask id="v"/>'
        + flow("us", "v")
        + "</subProcess>"
        + flow("s", "u")
    )
    plan = tuple(Instruction(one, one) for one in ("u#multiInstanceBody", "u", "v"))
    counter = VariableState("loopCounter", "c0")
    waiting = replace(state("u#multiInstanceBody", jobs=(after("u", "e"),)), variables=(counter,))
    told = forecast(model, model, plan, waiting)
    assert told.verdict == ("migrates" if sequential else "cannot tell")
    assert sequential or "loopCounter" in told.unknown[0]


GATEWAY = (
    START
    + '<eventBasedGateway id="g"/><userTask id="u"/>'
    + f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
    + flow("s", "g") + flow("g", "c") + flow("c", "u")
)  # fmt: skip


def test_variables_of_an_execution_without_an_activity_may_be_left_over() -> None:
    """All three engines: 'not migrated variables'; started before a catch event behind an event-based gateway."""
    model = model_of(GATEWAY)
    node = ActivityState("u:1", "u", execution_ids=("e",))
    known = replace(state("u"), variables=(VariableState("x", "c0", "i"), VariableState("y", "e", "u:1")))
    tree = replace(known, tree=in_tree(node, without=1))
    assert Forecaster(model, model, MAPPED).needs_variables
    for one in (known, tree, replace(known, variables=None), replace(tree, variables=None)):
        assert forecast(model, model, MAPPED, one).verdict == "cannot tell"
    placed = (VariableState("y", "e", "u:1"), VariableState("z", "i", "i"))
    for one in (known, tree):
        assert forecast(model, model, MAPPED, replace(one, variables=placed)).verdict == "migrates"


def test_a_concurrent_execution_around_a_scope_is_none_without_an_activity() -> None:
    """All three engines migrate what is local to it."""
    model = model_of(START + TASK + boundary("u", TIMER) + flow("s", "u"))
    node = ActivityState("u:1", "u", execution_ids=("e",))
    known = replace(state("u"), tree=in_tree(node, without=1), variables=(VariableState("x", "c0", "i"),))
    assert forecast(model, model, MAPPED, known).verdict == "migrates"


def test_a_token_before_an_event_sub_process_of_a_scope_that_nobody_entered() -> None:
    """All three engines: 'not migrated variables'; modified to begin before the event sub process."""
    inner = TASK + event_sub(MESSAGE, '<userTask id="v"/>', attributes='camunda:asyncBefore="true"')
    model = model_of(START + sub(inner) + flow("s", "sub"))
    plan = tuple(Instruction(one, one, one == "es_s") for one in ("sub", "u", "es", "es_s", "v"))
    job = JobState("j", "e", "d", "async-continuation", "async-before", "es")
    astray = replace(state(jobs=(job,)), variables=(VariableState("x", "e"),))
    waiting = (TransitionState("e", "es", "e"),)
    for one in (astray, replace(astray, tree=in_tree(waiting=waiting))):
        for told in (forecast(model, model, plan, one), forecast(model, model, plan, replace(one, variables=()))):
            assert told.verdict == "cannot tell"
    entered = ActivityState("sub:1", "sub", transitions=waiting, execution_ids=("e",))
    assert forecast(model, model, plan, replace(astray, tree=in_tree(entered))).verdict == "migrates"


def test_a_failed_external_task_that_outlived_its_activity_takes_its_incident_along() -> None:
    """Camunda 7.24: 'not migrated incidents' beside the external task."""
    model = model_of(START + EXTERNAL + flow("s", "u") + '<userTask id="v"/>' + flow("u", "v"))
    left = replace(
        state(jobs=(after("u", "e"),)),
        tasks=(TaskState("t", "e", "u", external=True),),
        incidents=(IncidentState("n", "failedExternalTask", "t", "e", "u"),),
    )
    assert [one.sentence for one in forecast(model, model, MAPPED, left).failures] == [
        "Process instance contains not migrated externalTask: [t]",
        "Process instance contains not migrated incidents: [n]",
    ]


def test_a_token_that_an_error_set_free_remembers_no_sequence_flow() -> None:
    """Operaton 1.0.3: refused where the target has several, though the source has one that both share."""
    one_way = START + EXTERNAL + flow("s", "u") + '<userTask id="v"/>' + flow("u", "v")
    source, target = model_of(one_way), model_of(one_way + flow("u", "v", "f2"))
    left = replace(state(jobs=(after("u", "e"),)), tasks=(TaskState("t", "e", "u", external=True),))
    assert [one.sentence for one in forecast(source, target, MAPPED, left).failures] == [
        "Process instance contains not migrated externalTask: [t]",
        "Transition instance is assigned to no sequence flow and target activity has more than one outgoing sequence "
        "flow",
    ]
    assert forecast(source, target, MAPPED, replace(left, tasks=())).verdict == "migrates"


def test_the_task_of_an_ended_instance_of_several_is_left_over() -> None:
    """All three engines: an uncaught error ended one of the instances, of which a remainder is in the tree."""
    several = '<userTask id="u"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
    model = model_of(START + several + "</multiInstanceLoopCharacteristics></userTask>" + flow("s", "u"))
    plan = tuple(Instruction(one, one) for one in ("u#multiInstanceBody", "u"))
    tasks = (TaskState("t", "e", "u"), TaskState("t2", "e2", "u"))
    listed = replace(state("u#multiInstanceBody", "u"), tasks=tasks)
    inner = ActivityState("u:1", "u", execution_ids=("e2",))
    body = ActivityState("b:1", "u#multiInstanceBody", (inner,), (TransitionState("e", "u", "e"),), ("b",))
    assert Forecaster(model, model, plan).needs_tasks
    told = forecast(model, model, plan, replace(listed, tree=in_tree(body)))
    assert [one.sentence for one in told.failures] == ["Process instance contains not migrated tasks: [t]"]
    assert forecast(model, model, plan, listed).verdict == "cannot tell"
    assert forecast(model, model, plan, replace(listed, open_counted=False)).verdict == "cannot tell"
    both = state("u#multiInstanceBody", "u", "u")
    assert forecast(model, model, plan, replace(both, tasks=tasks)).verdict == "migrates"


def test_a_token_after_an_event_sub_process_leaves_it_open() -> None:
    """Camunda 7.17 and 7.24: a NullPointerException, or executions without an activity."""
    model = model_of(START + TASK + event_sub(MESSAGE, '<userTask id="v"/>', attributes='camunda:asyncAfter="true"'))
    plan = tuple(Instruction(one, one, one == "es_s") for one in ("u", "es", "es_s", "v"))
    told = forecast(model, model, plan, replace(state("u", jobs=(after("es", "e"),)), variables=()))
    assert told.verdict == "cannot tell"
    assert "NullPointerException" in told.unknown[0]


def test_an_open_activity_without_the_scope_around_it_leaves_it_open() -> None:
    """Camunda 7.24: 'Cannot construct activity-execution mapping', of an inner activity without its body."""
    assert forecast(INSIDE, INSIDE, (*MAPPED, Instruction("sub", "sub")), state("u")).verdict == "cannot tell"
    tree = in_tree(ActivityState("u:1", "u", execution_ids=("e",)))
    astray = replace(state(suspended=True), tree=tree, variables=())
    assert forecast(INSIDE, INSIDE, (*MAPPED, Instruction("sub", "sub")), astray).verdict == "cannot tell"


def test_completed_work_inside_a_kept_scope_is_left_over() -> None:
    """Camunda 7.17: 'not migrated event subscriptions'."""
    model = model_of(START + sub(TASK, attributes='camunda:asyncAfter="true"') + flow("s", "sub"))
    waiting = replace(state(jobs=(after("sub", "e"),)), variables=())
    plan = (*MAPPED, Instruction("sub", "sub"))
    assert forecast(model, model, plan, waiting).verdict == "migrates"
    for compensation in (("u",), None):
        assert "compensation" in " ".join(
            forecast(model, model, plan, replace(waiting, compensation=compensation)).unknown
        )


def test_a_token_before_a_compensation_handler_leaves_it_open() -> None:
    """Operaton 1.0.3: inside a multi-instance body the engine ends in 'nrOfActiveInstances could not be found'."""
    handler = '<userTask id="h" isForCompensation="true" camunda:asyncBefore="true"/>'
    undone = TASK + boundary("u", "<compensateEventDefinition/>") + handler
    model = model_of(START + undone + flow("s", "u") + '<association id="as" sourceRef="b" targetRef="h"/>')
    job = JobState("j", "e", "d", "async-continuation", "async-before", "h")
    plan = (*MAPPED, Instruction("b", "b"), Instruction("h", "h"))
    told = forecast(model, model, plan, state("u", jobs=(job,)))
    assert told.verdict == "cannot tell"
    assert "compensation handler" in told.unknown[0]


def test_a_timer_of_a_scope_that_is_not_open_leaves_it_open() -> None:
    """Camunda 7.24: 'not migrated jobs', the start timer of an event sub process in a completed scope."""
    model = model_of(START + sub(TASK + event_sub(TIMER)) + flow("s", "sub") + '<userTask id="v"/>' + flow("sub", "v"))
    plan = tuple(Instruction(one, one, one == "es_s") for one in ("sub", "u", "es", "es_s", "v"))
    timer = JobState("t", "e", "d", "timer-start-event-subprocess", "DATE: 2999-01-01T00:00:00", "es_s")
    node = ActivityState("v:1", "v", execution_ids=("e2",))
    done = replace(state("v", jobs=(timer,)), variables=())
    for one in (done, replace(done, tree=in_tree(node))):
        assert forecast(model, model, plan, one).verdict == "cannot tell"
    assert forecast(model, model, plan, state("sub", "u", jobs=(timer,))).verdict == "migrates"


def test_the_start_timer_of_several_event_sub_processes_leaves_it_open() -> None:
    """Operaton 1.0.3: 'not migrated jobs' and variables, of an execution that the tree does not have."""
    several = event_sub(TIMER, '<userTask id="v"/>').replace("<startEvent", f"{LOOP}<startEvent")
    model = model_of(START + TASK + flow("s", "u") + several)
    plan = tuple(Instruction(one, one) for one in model.activities if one != "s")
    timer = JobState("t", "e", "d", "timer-start-event-subprocess", "DATE: 2999-01-01T00:00:00", "es_s")
    told = forecast(model, model, plan, state("es#multiInstanceBody", "es", "v", jobs=(timer,)))
    assert told.verdict == "cannot tell"
    assert "may be left over" in told.unknown[0]


def test_a_compensation_handler_that_the_target_has_not_breaks_the_engine() -> None:
    """Camunda 7.17: a NullPointerException ('targetScope is null') for completed work, though its event is mapped."""
    caught = (
        TASK + boundary("u", "<compensateEventDefinition/>") + '<userTask id="v"/>' + flow("s", "u") + flow("u", "v")
    )
    undone = '<userTask id="h" isForCompensation="true"/><association id="as" sourceRef="b" targetRef="h"/>'
    source, target = model_of(START + caught + undone), model_of(START + caught)
    plan = (*MAPPED, Instruction("b", "b"), Instruction("v", "v"))
    done = replace(state("v"), compensation=("h",))
    told = forecast(source, target, plan, done)
    assert told.verdict == "cannot tell"
    assert "NullPointerException" in told.unknown[0]
    assert forecast(source, source, plan, done).verdict == "migrates"
    assert forecast(source, target, plan, state("v")).verdict == "migrates"


def test_a_custom_incident_at_the_only_token_in_a_sub_process_may_be_of_the_sub_process() -> None:
    """Camunda 7.24 migrates it: the token has the execution of the scope."""
    model = model_of(START + sub('<userTask id="u" camunda:asyncBefore="true"/>') + flow("s", "sub"))
    plan = (*MAPPED, Instruction("sub", "sub"))
    job = JobState("j", "e", "d", "async-continuation", "async-before", "u")
    listed = replace(state("sub", jobs=(job,)), incidents=(IncidentState("n", "custom", "c", "e", "u"),), variables=())
    around = ActivityState("sub:1", "sub", transitions=(TransitionState("e", "u", "e"),), execution_ids=("e",))
    for one in (listed, replace(listed, tree=in_tree(around))):
        assert forecast(model, model, plan, one).verdict == "cannot tell"
