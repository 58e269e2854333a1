"""The forecast of one instance: the engine's sentences where the data proves them, 'cannot tell' where it does not.

That it agrees with engines is shown by the live tests; here is what it says of states that were not wholly read.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.bpmn_pieces import (
    AFTER,
    BEFORE,
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
from tests.migration.models import models, pairs_of
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.forecast import (
    ActivityState,
    Forecast,
    Forecaster,
    IncidentState,
    InstanceState,
    JobState,
    TransitionState,
    VariableState,
    forecast,
)
from tui_migrate.migration.plan import Instruction

NO_INSTRUCTION = "There is no migration instruction for this instance's activity"
NOT_SUPPORTED = "The type of the source activity is not supported for activity instance migration"


def node(activity_id: str, *children: ActivityState, waiting: tuple[TransitionState, ...] = ()) -> ActivityState:
    return ActivityState(f"{activity_id}:1", activity_id, children, waiting, (f"x-{activity_id}",), ())


def at(*children: ActivityState, waiting: tuple[TransitionState, ...] = (), **known: object) -> InstanceState:
    """An instance of which everything was read."""
    tree = ActivityState("i", "p:1:a", children, waiting, ("i",), ())
    opened = tuple(one.activity_id for child in children for one in flat(child))
    read = {"jobs": (), "compensation": (), "incidents": (), "variables": (), "tasks": (), "open_activities": opened}
    return InstanceState("i", tree=tree, suspended=False, **(read | known))  # type: ignore[arg-type]


def flat(one: ActivityState) -> list[ActivityState]:
    return [one, *(inner for child in one.children for inner in flat(child))]


def token(activity_id: str, execution_id: str = "e") -> TransitionState:
    return TransitionState(execution_id, activity_id, execution_id, incident_ids=())


def job(activity_id: str, side: str = "before", execution_id: str = "e") -> JobState:
    return JobState("j", execution_id, "d", "async-continuation", f"async-{side}", activity_id)


def said(source: str, target: str, plan: tuple[str, ...], state: InstanceState) -> Forecast:
    return forecast(*models(START + source, START + target), pairs_of(*plan), state)


def sentences(one: Forecast) -> list[str]:
    return [failure.sentence for failure in one.failures]


def test_a_mapped_leaf_migrates_and_an_unmapped_one_fails() -> None:
    body = user("a") + user("b")

    assert said(body, body, ("a",), at(node("a"))) == Forecast("i", "migrates")
    failed = said(body, body, ("a",), at(node("a"), node("b")))
    assert failed.verdict == "fails"
    assert [(one.sentence, one.activity_id, one.kind) for one in failed.failures] == [(NO_INSTRUCTION, "b", "activity")]


def test_an_unmapped_scope_around_something_mapped_is_no_failure() -> None:
    body = sub("box", '<startEvent id="is"/>' + user("a"))

    assert said(body, user("a"), ("a",), at(node("box", node("a")))).verdict == "migrates"
    assert sentences(said(body, user("a"), (), at(node("box", node("a"))))) == [NO_INSTRUCTION]


def test_what_can_not_migrate_fails_mapped_or_not() -> None:
    body = user("a") + compensable("a") + '<endEvent id="x"><compensateEventDefinition/></endEvent>'
    state = at(node("x"), node("a_h"))

    assert sentences(said(body, body, ("x", "a_h", "a_b"), state)) == [NOT_SUPPORTED]
    assert sentences(said(body, body, ("a_h", "a_b"), state)) == [NO_INSTRUCTION, NOT_SUPPORTED]


@pytest.mark.parametrize(
    ("source", "target", "side", "expected"),
    [
        (user("a", BEFORE), user("a", BEFORE), "before", []),
        (user("a", BEFORE), user("a", AFTER), "before", ["Target activity is not asyncBefore"]),
        (user("a", AFTER), user("a", BEFORE), "after", ["Target activity is not asyncAfter"]),
        (user("a", AFTER), user("a", AFTER), "after", []),
    ],
)
def test_a_waiting_token_needs_its_own_kind(source: str, target: str, side: str, expected: list[str]) -> None:
    state = at(waiting=(token("a"),), jobs=(job("a", side),))

    for known in (state, replace(state, tree=None), replace(state, jobs=(job("a", side),), open_activities=None)):
        assert sentences(said(source, target, ("a",), known)) == expected
    one = said(source, target, (), state)
    assert [(failure.sentence, failure.kind) for failure in one.failures] == [(NO_INSTRUCTION, "transition")]


FLOWS = user("x") + user("y")


@pytest.mark.parametrize(
    ("before", "after", "verdict", "sentence"),
    [
        (("a-x",), ("a-x=new",), "migrates", ""),
        (("a-x",), ("a-x", "a-y"), "migrates", ""),
        (("a-x",), ("a-x=new", "a-y"), "fails", "assigned to a sequence flow that cannot be matched"),
        ((), ("a-x", "a-y"), "fails", "assigned to no sequence flow"),
        (("a-x", "a-y"), ("a-x", "a-y"), "migrates", ""),
        (("a-x", "a-y"), ("a-x", "a-y=new"), "cannot tell", ""),
        (("a-x", "a-y"), ("a-x=n1", "a-y=n2"), "fails", "assigned to a sequence flow that cannot be matched"),
    ],
)
def test_a_token_after_an_activity_keeps_its_flow(
    before: tuple[str, ...], after: tuple[str, ...], verdict: str, sentence: str
) -> None:
    def body(written: tuple[str, ...]) -> str:
        return user("a", AFTER) + FLOWS + flows("start-a", *written)

    one = said(body(before), body(after), ("a",), at(waiting=(token("a"),), jobs=(job("a", "after"),)))

    assert one.verdict == verdict
    assert all(sentence in each for each in sentences(one))
    assert bool(one.unknown) == (verdict == "cannot tell")


def test_the_start_of_the_process_stays_at_its_level() -> None:
    start = '<startEvent id="s" camunda:asyncBefore="true"/>'
    target = sub("box", start.replace('"s"', '"n"'))
    source_model, target_model = models(start + user("a"), START + target)
    plan = pairs_of("s-n", "a")
    alone = at(waiting=(token("s"),), jobs=(job("s"),))
    text = "A transition instance that instantiates the process can only be migrated to a process-level flow node"

    assert sentences(forecast(source_model, target_model, plan, alone)) == [text]
    begun = at(node("a"), waiting=(token("s"),), jobs=(job("s"),))
    assert text not in sentences(forecast(source_model, target_model, plan, begun))


def test_the_remainder_of_an_ended_instance_is_passed_over() -> None:
    body = user("a", inside=looped())
    ended = token("a", "ended")
    tree = node("a#multiInstanceBody", node("a"), waiting=(ended,))

    assert said(body, body, ("a#multiInstanceBody", "a"), at(tree)).verdict == "migrates"
    assert said(body, body, ("a#multiInstanceBody", "a"), replace(at(tree), jobs=None)).verdict == "migrates"
    assert sentences(said(body, user("b"), (), at(tree))) == [NO_INSTRUCTION]


def test_an_asynchronous_inner_activity_leaves_it_open_without_the_jobs() -> None:
    body = user("a", inside=looped(BEFORE))
    waiting = token("a", "e")
    tree = node("a#multiInstanceBody", node("a"), waiting=(waiting,))
    plan = ("a#multiInstanceBody", "a")

    assert said(body, body, plan, at(tree, jobs=(job("a"),))).verdict == "migrates"
    one = said(body, body, plan, replace(at(tree), jobs=None))
    assert one.verdict == "cannot tell"
    assert any("may wait, or be a remainder" in each for each in one.unknown)


def test_a_token_whose_job_is_gone_has_moved_on() -> None:
    one = said(user("a", BEFORE), user("a", BEFORE), ("a",), at(waiting=(token("a"),)))

    assert one.verdict == "cannot tell"
    assert any("the instance moved on" in each for each in one.unknown)


def test_a_job_without_its_token_has_moved_on() -> None:
    one = said(user("a", BEFORE), user("a", BEFORE), ("a",), at(node("a"), jobs=(job("a"),)))

    assert one.verdict == "cannot tell"
    assert one.unknown == ("The token of job 'j' is not to be seen: the job is left over, or the instance moved on.",)


def test_jobs_of_nothing_are_left_over_and_their_incidents_with_them() -> None:
    body = user("a")
    state = at(
        node("a"),
        jobs=(JobState("j2", "x"), JobState("j1", "x"), JobState("t", "x-a", "d", "timer-transition", "P1D", "a")),
        incidents=(IncidentState("n", "failedJob", "j1", "x", "a"),),
    )

    assert sentences(said(body, body, ("a",), state)) == [
        "Process instance contains not migrated incidents: [n]",
        "Process instance contains not migrated jobs: [j1, j2]",
    ]


def test_a_job_of_an_unknown_kind_leaves_it_open() -> None:
    one = said(user("a"), user("a"), ("a",), at(node("a"), jobs=(JobState("j", "x", "d"),)))

    assert one.verdict == "cannot tell"
    assert one.unknown == ("It was not read what job 'j' is.",)


def test_the_incident_of_a_job_belongs_to_it_wherever_its_execution_is() -> None:
    """Camunda 7.24, Operaton 1.0.3: the job moves on when the tree is expanded, its incident stays behind."""
    body = user("a", BEFORE) + user("b")
    state = at(
        node("b"),
        waiting=(token("a"),),
        jobs=(job("a"),),
        incidents=(IncidentState("n", "failedJob", "j", "elsewhere", "a"),),
    )

    left = "Process instance contains not migrated incidents: [n]"
    assert sentences(said(body, body, ("b",), state)) == [left, NO_INSTRUCTION]
    assert said(body, body, ("a", "b"), state).verdict == "migrates"
    unread = said(body, body, ("b",), replace(state, jobs=None))
    assert sentences(unread) == [NO_INSTRUCTION]
    assert any("incident 'n' may be left over" in each for each in unread.unknown)


def test_a_custom_incident_of_a_waiting_token_is_left_over() -> None:
    body = user("a", BEFORE)
    waiting = {"waiting": (token("a"),), "jobs": (job("a"),)}
    of_token, of_activity = IncidentState("n", "custom", "c", "e", "a"), IncidentState("n", "custom", "c", "x-a", "a")

    left = said(body, body, ("a",), at(incidents=(of_token,), **waiting))  # type: ignore[arg-type]
    assert sentences(left) == ["Process instance contains not migrated incidents: [n]"]
    assert said(body, body, ("a",), at(node("a"), incidents=(of_activity,))).verdict == "migrates"
    lost = IncidentState("n", "custom", "c", "nowhere", "a")
    assert said(body, body, ("a",), at(node("a"), incidents=(lost,))).verdict == "cannot tell"
    passed_up = IncidentState("n", "failedJob", None, "x-a", "a")
    assert said(body, body, ("a",), at(node("a"), incidents=(passed_up,))).verdict == "migrates"
    external = IncidentState("n", "failedExternalTask", "t", "nowhere", "a")
    assert said(body, body, ("a",), at(node("a"), incidents=(external,))).verdict == "migrates"


def test_compensation_needs_its_event_and_nothing_else() -> None:
    body = user("a") + compensable("a") + user("b")
    done = at(node("b"), compensation=("a_h",))
    text = (
        "Cannot migrate subscription for compensation handler 'a_h'. There is no migration instruction for the "
        "compensation boundary event"
    )

    failed = said(body, body, ("b",), done)
    assert [(one.sentence, one.activity_id) for one in failed.failures] == [(text, "a_b")]
    assert said(body, body, ("b", "a_b"), done).verdict == "migrates"
    twice = replace(done, compensation=("a_h", "a_h"))
    assert sentences(said(body, body, ("b",), twice)) == [text, text]
    unread = replace(done, compensation=None)
    assert said(body, body, ("b",), unread).verdict == "cannot tell"
    assert said(body, body, ("b", "a_b"), unread).verdict == "migrates"
    assert said(user("b"), user("b"), ("b",), unread).verdict == "migrates"


UNDO = sub("undo", '<startEvent id="us"><compensateEventDefinition/></startEvent>', 'triggeredByEvent="true"')


def test_a_compensation_event_sub_process_needs_its_start_event() -> None:
    body = sub("box", '<startEvent id="is"/>' + user("a") + compensable("a") + UNDO) + user("b")
    done = at(node("b"), compensation=("a_h", "undo"))
    first, second = said(body, body, ("b", "undo"), done).failures

    assert (first.activity_id, second.activity_id) == ("us", "a_b")
    assert first.sentence.endswith("There is no migration instruction for the compensation start event")
    assert said(body, body, ("b", "us", "a_b"), done).verdict == "migrates"


def test_subscriptions_of_what_the_model_does_not_tell_leave_it_open() -> None:
    body = user("a") + user("h", 'isForCompensation="true"')

    for subscription in ("h", "gone", "a"):
        assert said(body, body, ("a",), at(node("a"), compensation=(subscription,))).verdict == "cannot tell"


def test_a_cancelled_scope_with_several_completed_ones_may_break_the_engine() -> None:
    """Camunda 7.24: a ConcurrentModificationException in place of an answer."""

    def box(number: int) -> str:
        return sub(f"box{number}", f'<startEvent id="i{number}"/>' + user(f"u{number}") + compensable(f"u{number}"))

    body = sub("outer", '<startEvent id="os"/>' + box(1) + box(2) + user("w"))
    plan = ("box1", "box2", "w", "u1_b", "u2_b")
    done = ("box1", "u1_h", "box2", "u2_h")
    inside = node("outer", node("w"))

    assert said(body, body, plan, at(inside, compensation=done[:2])).verdict == "migrates"
    two = at(inside, compensation=done)
    for state in (two, replace(two, tree=None), replace(two, compensation=None)):
        one = said(body, body, plan, state)
        assert one.verdict == "cannot tell"
        assert "ConcurrentModificationException" in one.unknown[0]
    assert said(body, body, ("outer", *plan), two).verdict == "migrates"
    assert Forecaster(*models(START + body, START + body), pairs_of(*plan)).needs_compensation


def test_an_updated_trigger_of_another_type_breaks_the_engine() -> None:
    source, target = caught("m", messaged("m1")), caught("m", TIMER)

    assert said(source, target, ("m",), at(node("m"))).verdict == "migrates"
    one = said(source, target, ("m!",), at(node("m")))
    assert one.verdict == "cannot tell"
    assert "NullPointerException" in one.unknown[0]


def test_variables_matter_only_where_a_scope_becomes_none() -> None:
    source, target = user("a") + boundary("t", "a", TIMER), user("a")
    state = at(node("a"), variables=(VariableState("v", "x-a"), VariableState("w", "i")))
    concurrent = ActivityState("i", "p:1:a", (node("a"),), (), ("i", "c"), ())
    clash = replace(state, tree=concurrent, variables=(VariableState("v", "x-a"), VariableState("v", "c")))

    assert said(source, target, ("a",), state).verdict == "migrates"
    for known in (clash, replace(clash, tree=None), replace(state, variables=None)):
        assert said(source, target, ("a",), known).verdict == "cannot tell"
    assert said(source, source, ("a",), clash).verdict == "migrates"
    assert Forecaster(*models(START + source, START + target), pairs_of("a")).needs_variables
    assert not Forecaster(*models(START + source, START + source), pairs_of("a")).needs_variables


@pytest.mark.parametrize(
    ("own", "other", "sentence"),
    [
        (None, "t", "ENGINE-23010 Cannot migrate process instance 'i' without tenant to a process definition with a "
                    "tenant ('t')"),
        ("s", "t", "ENGINE-23010 Cannot migrate process instance 'i' to a process definition of a different tenant "
                   "('s' != 't')"),
        ("s", None, None),
        ("t", "t", None),
    ],
)  # fmt: skip
def test_tenants(own: str | None, other: str | None, sentence: str | None) -> None:
    source, target = models(START + user("a"), START + user("a"))
    one = forecast(source, target, pairs_of("a"), at(node("a"), tenant_id=own), target_tenant_id=other)

    assert one.verdict == ("fails" if sentence else "migrates")
    assert sentences(one) == ([sentence] if sentence else [])


def test_an_instance_with_nothing_in_it() -> None:
    body = user("a") + compensable("a")

    assert sentences(said(body, body, ("a", "a_b"), at())) == [NO_INSTRUCTION]
    assert said(body, body, ("a", "a_b"), replace(at(), compensation=None)).verdict == "cannot tell"
    assert said(body, body, ("a", "a_b"), at(compensation=("a_h",))).verdict == "migrates"
    assert said(body, body, ("a", "a_b"), replace(at(), tree=None)).verdict == "cannot tell"


def test_an_activity_that_the_model_does_not_have() -> None:
    elsewhere = "The instance is at 'x', which the source process does not have; read it again."

    for state in (
        at(node("x")),
        replace(at(node("x")), tree=None),
        at(node("a"), waiting=(token("x"),), jobs=(job("x"),)),
    ):
        one = said(user("a"), user("a"), ("a",), state)
        assert one.verdict == "cannot tell"
        assert elsewhere in one.unknown


def test_nothing_read_is_nothing_told() -> None:
    one = said(user("a"), user("a"), ("a",), InstanceState("i"))

    assert one.verdict == "cannot tell"
    assert one.unknown == ("Where the instance is was not read.",)


def test_the_first_of_several_instructions_counts() -> None:
    source, target = models(START + user("a", BEFORE), START + user("a", BEFORE) + user("b"))
    plan = (Instruction("a", "a"), Instruction("a", "b"), Instruction(None, "b"), Instruction("a", None))

    assert forecast(source, target, plan, at(waiting=(token("a"),), jobs=(job("a"),))).verdict == "migrates"


def large_scene() -> tuple[ProcessModel, ProcessModel]:
    body = (
        START
        + user("a", BEFORE)
        + boundary("t", "a", TIMER)
        + user("b", AFTER, looped(BEFORE))
        + compensable("b")
        + sub("box", '<startEvent id="is"/>' + user("c") + UNDO)
        + caught("m", messaged("m1"))
        + flows("start-a", "a-b", "b-box", "box-m")
    )
    return models(body, body)


@settings(max_examples=200)
@given(data=st.data())
def test_reading_less_never_turns_a_verdict_round(data: st.DataObject) -> None:
    """What is said with less data agrees with what is said with more, or is 'cannot tell'."""
    source, target = large_scene()
    ids = sorted(source.activities)
    plan = pairs_of(*data.draw(st.lists(st.sampled_from(ids), unique=True)))
    leaves = data.draw(st.lists(st.sampled_from(["a", "m"]), max_size=2))
    children = [node(one) for one in leaves]
    if data.draw(st.booleans()):
        children.append(node("box", node("c")))
    waits = data.draw(st.booleans())
    waiting, jobs = ((token("a"),), (job("a"),)) if waits else ((), ())
    compensation = tuple(data.draw(st.lists(st.sampled_from(["b_h", "undo", "b#multiInstanceBody"]), max_size=3)))
    variables = tuple(VariableState("v", one) for one in data.draw(st.lists(st.sampled_from(["x-a", "i"]), max_size=2)))
    incidents = (IncidentState("n", "failedJob", "j", "e", "a"),) if waits and data.draw(st.booleans()) else ()
    state = at(
        *children, waiting=waiting, jobs=jobs, compensation=compensation, variables=variables, incidents=incidents
    )
    full = forecast(source, target, plan, state)
    kinds = st.sampled_from(
        ["tree", "jobs", "compensation", "variables", "incidents", "open_activities", "suspended", "tasks"]
    )
    unread = dict.fromkeys(data.draw(st.sets(kinds)))
    less = forecast(source, target, plan, replace(state, **unread))

    if less.verdict == "migrates":
        assert full.verdict in ("migrates", "cannot tell")
    if less.verdict == "fails" and full.verdict != "cannot tell":
        assert full.verdict == "fails"
        assert set(sentences(less)) <= set(sentences(full))
