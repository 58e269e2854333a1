from __future__ import annotations

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import bpmn, order_1, order_2, planning
from tui_migrate.errors import NotFound
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.report import InstructionReport, ValidationReport
from tui_migrate.operations.overview import load_overview
from tui_migrate.operations.plan import engine_verdict, open_plan, read_counts, regenerate, verdict_differences
from tui_migrate.operations.resolve import resolve_definition
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import after, before, completed, failed


def two_versions() -> tuple[SandboxEngine, str, str]:
    engine = SandboxEngine()
    return engine, engine.deploy(order_1()), engine.deploy(order_2())


async def test_opening_costs_five_requests_in_one_round_trip() -> None:
    engine, one, two = two_versions()
    engine.bulk_start(one, 100, at=("check", "ask", before("letter")))
    async with planning(engine) as here:
        await load_overview(here.session)
        here.requests.clear()
        plan = await open_plan(here.session, one, two)
        assert sorted(here.requests.sent) == sorted(
            [
                f"GET /process-definition/{one}/xml",
                f"GET /process-definition/{two}/xml",
                f"GET /process-definition/{one}/statistics",
                "POST /migration/generate",
                "POST /process-instance/count",
            ]
        )
        assert plan.running == 100
        assert plan.generation_error is None
        assert set(plan.engine_generated or ()) == set(plan.draft.instructions)
        assert {one.source_activity_id for one in plan.draft.instructions} == {"fork", "check", "join", "letter"}
        assert plan.counts.instances == {"check": 100, "ask": 100, "letter": 100}


async def test_from_the_command_line_it_is_eight_requests_the_first_alone() -> None:
    engine, one, two = two_versions()
    async with planning(engine) as here:
        source, target = [await resolve_definition(here.session, text) for text in ("order:1", "order")]
        await open_plan(here.session, source.id, target.id)
        assert (source.id, target.id) == (one, two)
        assert len(here.requests) == 8
        assert here.requests.sent[0] == "GET /version"


async def test_the_size_does_not_change_the_number_of_requests() -> None:
    engine = SandboxEngine()
    tasks = [f'<userTask id="u{number}"/>' for number in range(400)]
    xml = bpmn("large", '<startEvent id="s"/>', *tasks, "s -> u0", *[f"u{n} -> u{n + 1}" for n in range(399)])
    one, two = engine.deploy(xml), engine.deploy(xml)
    engine.bulk_start(one, 1000, at=("u7",))
    async with planning(engine) as here:
        await load_overview(here.session)
        here.requests.clear()
        plan = await open_plan(here.session, one, two)
        assert len(here.requests) == 5
        assert len(plan.draft.instructions) == 400
        here.requests.clear()
        await read_counts(here.session, plan)
        assert len(here.requests) == 3, "the target's statistics, jobs, job definitions; the model has no join"


async def test_an_unknown_definition_is_an_error() -> None:
    engine, one, _ = two_versions()
    async with planning(engine) as here:
        with pytest.raises(NotFound):
            await open_plan(here.session, one, "order:9:nope")


async def test_a_generation_error_is_shown_and_the_rules_here_generate() -> None:
    engine = SandboxEngine()
    one, two = engine.deploy(order_1(), tenant="north"), engine.deploy(order_2(), tenant="south")
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        assert plan.engine_generated is None
        assert "ENGINE-2309" in (plan.generation_error or "")
        assert {one.source_activity_id for one in plan.draft.instructions} == {"fork", "check", "join", "letter"}


async def test_markers_and_problems() -> None:
    engine, one, two = two_versions()
    engine.start(one, at=("check", "ask", before("letter")))
    engine.start(one, at=("ask", "join", failed("letter", "boom")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        await read_counts(here.session, plan)
        marks = {activity_id: plan.marker("source", activity_id) for activity_id in plan.source_model.activities}
        assert {activity_id: mark.marker for activity_id, mark in marks.items()} == {
            "start": "none",
            "fork": "mapped",
            "check": "mapped",
            "letter": "mapped",
            "join": "mapped",
            "ask": "unmapped",
            "end": "none",
        }
        assert marks["ask"].instances == 2
        assert marks["letter"].incidents == 1
        assert marks["join"].blind == ("1 process instance with a token waiting at this join.",)
        assert marks["letter"].blind == ("1 waits before it for an asynchronous job.",)
        assert plan.marker("target", "check").marker == "mapped"
        assert plan.marker("target", "request").marker == "none"
        problems = {(problem.kind, problem.source_id): problem for problem in plan.problems()}
        assert problems["unmapped", "ask"].instances == 2
        assert "not asyncBefore" in problems["waiting", "letter"].sentences[0]

        plan.draft.map("ask", "request")
        assert plan.marker("source", "ask").marker == "mapped"
        assert ("unmapped", "ask") not in {(problem.kind, problem.source_id) for problem in plan.problems()}
        plan.draft.map("check", "join")
        assert plan.marker("source", "check").marker == plan.marker("target", "join").marker == "error"
        error = next(problem for problem in plan.problems() if problem.kind == "error" and problem.source_id == "check")
        assert error.target_id == "join"
        assert error.sentences == plan.draft.failures_of("check")
        order = list(plan.source_model.activities)
        places = [order.index(problem.source_id) for problem in plan.problems() if problem.source_id]
        assert places == sorted(places)


async def test_an_unmapped_join_with_waiting_tokens_is_marked() -> None:
    engine, one, two = two_versions()
    engine.start(one, at=("join", "check"))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.remove(["join"])
        assert plan.marker("source", "join").marker == "none", "activity statistics don't show it"
        await read_counts(here.session, plan)
        assert plan.marker("source", "join").marker == "unmapped"


ASYNC_JOIN = (
    '<startEvent id="s"/>',
    '<parallelGateway id="fork"/>',
    '<userTask id="a"/>',
    '<parallelGateway id="join" camunda:asyncBefore="true"/>',
    '<userTask id="mi" camunda:asyncAfter="true"><multiInstanceLoopCharacteristics>'
    "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>",
    "s -> fork",
    "fork -> a",
    "a -> join",
    "fork -> join",
    "fork -> mi",
)


async def test_a_job_before_a_join_is_not_counted_twice() -> None:
    engine = SandboxEngine()
    one = engine.deploy(bpmn("p", *ASYNC_JOIN))
    engine.start(one, at=("a", before("join"), after("mi#multiInstanceBody")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, one)
        await read_counts(here.session, plan)
        assert plan.counts.tokens("join") == 1
        assert plan.counts.before == {"join": 1}
        assert plan.counts.after == {"mi#multiInstanceBody": 1}


COMPENSATION = (
    '<startEvent id="s"/>',
    '<userTask id="book"/>',
    '<boundaryEvent id="undo" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>',
    '<userTask id="cancel" isForCompensation="true"/>',
    '<association id="as" sourceRef="undo" targetRef="cancel"/>',
    '<userTask id="pay"/>',
    "s -> book",
    "book -> pay",
)


async def test_compensation_is_counted_at_what_must_be_mapped() -> None:
    engine = SandboxEngine()
    one, other = engine.deploy(bpmn("p", *COMPENSATION)), engine.deploy(bpmn("p", *COMPENSATION))
    engine.start(one, at=(completed("book"), "pay"))
    engine.start(other, at=(completed("book"), "pay"))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, other)
        await read_counts(here.session, plan)
        assert plan.counts.waiting == {"undo": 1}, "those of the other version don't count"
        plan.draft.remove(["undo"])
        assert plan.marker("source", "undo").marker == "unmapped"
        assert plan.marker("source", "undo").blind == ("Compensation of 1 completed activity needs it mapped.",)


async def test_counts_are_read_again() -> None:
    engine, one, two = two_versions()
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        engine.start(one, at=("check",))
        engine.start(two, at=("request",))
        await read_counts(here.session, plan)
        assert (plan.running, plan.counts.instances, plan.target_counts.instances) == (0, {}, {"request": 1})
        await read_counts(here.session, plan, again=True)
        assert (plan.running, plan.counts.instances) == (1, {"check": 1})


async def test_many_joins_are_counted_up_to_a_bound_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_migrate.operations import counts

    monkeypatch.setattr(counts, "JOINS_AT_MOST", 1)
    engine = SandboxEngine()
    xml = bpmn("p", *ASYNC_JOIN, '<parallelGateway id="last"/>', "join -> last", "mi -> last")
    one = engine.deploy(xml)
    engine.start(one, at=("a", before("join")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, one)
        await read_counts(here.session, plan)
        assert plan.counts.notes == ("Tokens that wait at 1 more joins are not counted.",)


async def test_many_jobs_are_counted_up_to_a_bound_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_migrate.operations import counts

    monkeypatch.setattr(counts, "READ_AT_MOST", 2)
    engine, one, two = two_versions()
    engine.bulk_start(one, 3, at=("check", before("letter")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        await read_counts(here.session, plan)
        assert plan.counts.notes == ("3 asynchronous jobs wait; only the first 2 are looked at.",)


async def test_regenerating_leaves_the_draft_and_tells_what_it_would_change() -> None:
    engine, one, two = two_versions()
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.map("ask", "request")
        plan.draft.remove(["check"])
        again = await regenerate(here.session, plan, update_event_triggers=True)
        assert plan.draft.target_of("ask") == "request"
        difference = plan.draft.difference(again)
        assert difference.added == (Instruction("check", "check"),)
        assert difference.removed == (Instruction("ask", "request"),)


async def test_the_engine_confirms_the_local_verdict() -> None:
    engine, one, two = two_versions()
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.map("check", "join")
        verdict = await engine_verdict(here.session, plan.plan({"n": {"value": 1, "type": "Integer"}}))
        assert not verdict.report.valid
        assert verdict.seconds >= 0
        assert verdict_differences(plan.draft.report, verdict.report) == ()


def test_differences_of_two_verdicts_are_said_whoever_has_more() -> None:
    one = Instruction("a", "b")
    ours = ValidationReport((InstructionReport(one, ("x", "y")),))
    theirs = ValidationReport((InstructionReport(one, ("y", "z")),), {"v": ("bad",)})
    assert verdict_differences(ours, theirs) == (
        "Only the engine says of 'a' → 'b': z",
        "Only the engine says of variable 'v': bad",
        "Only the rules here say of 'a' → 'b': x",
    )


async def test_advice_follows_the_draft() -> None:
    timer = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    signal = '<signalEventDefinition signalRef="sig"/>'
    engine = SandboxEngine()
    parts = ('<startEvent id="s"/>', "s -> c")
    one = engine.deploy(bpmn("p", *parts, f'<intermediateCatchEvent id="c">{timer}</intermediateCatchEvent>'))
    two = engine.deploy(
        bpmn("p", *parts, f'<intermediateCatchEvent id="c">{signal}</intermediateCatchEvent>').replace(
            b"<process ", b'<signal id="sig" name="sig"/><process '
        )
    )
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        assert plan.marker("source", "c").advice == "danger"
        assert plan.marker("target", "c").advice == "danger"
        assert ("advice", "c") in {(problem.kind, problem.source_id) for problem in plan.problems()}
        plan.draft.remove(["c"])
        assert not plan.marker("target", "c").advice


async def test_a_note_is_no_danger() -> None:
    def timer(days: int) -> str:
        definition = f"<timerEventDefinition><timeDuration>P{days}D</timeDuration></timerEventDefinition>"
        return f'<intermediateCatchEvent id="c">{definition}</intermediateCatchEvent>'

    engine = SandboxEngine()
    one, two = (engine.deploy(bpmn("p", '<startEvent id="s"/>', "s -> c", timer(days))) for days in (1, 5))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        advice = plan.advice()
        assert [found.severity for found in advice] == ["note"], advice
        assert plan.marker("source", "c").advice == "note"
        assert [problem.kind for problem in plan.problems()] == ["note"]


async def test_on_live_engines(live_engine: RunningEngine) -> None:
    key = rest.new_key("plan")
    one, two = (rest.deploy(live_engine.url, {"p.bpmn": xml.decode()})[0] for xml in (order_1(key), order_2(key)))
    for _ in range(3):
        rest.start_instance(live_engine.url, one)
    async with planning(live_engine) as here:
        await load_overview(here.session)
        here.requests.clear()
        plan = await open_plan(here.session, one, two)
        assert len(here.requests) == 5
        assert plan.generation_error is None
        assert plan.running == 3
        assert plan.counts.instances["ask"] == 3
        await read_counts(here.session, plan)
        assert plan.marker("source", "ask").marker == "unmapped"
        verdict = await engine_verdict(here.session, plan.plan())
        assert verdict_differences(plan.draft.report, verdict.report) == ()
        plan.draft.map("check", "join")
        verdict = await engine_verdict(here.session, plan.plan())
        assert not verdict.report.valid
        assert verdict_differences(plan.draft.report, verdict.report) == ()


async def test_waiting_tokens_on_live_engines(live_engine: RunningEngine) -> None:
    """What activity statistics show and don't show: tokens at joins, jobs before and after, compensation."""
    elements = (
        '<startEvent id="s"/>',
        '<parallelGateway id="fork"/>',
        '<userTask id="a"/>',
        '<parallelGateway id="join"/>',
        '<task id="late" camunda:asyncAfter="true"/>',
        '<task id="last" camunda:asyncAfter="true"/>',
        '<userTask id="mi" camunda:asyncBefore="true"><multiInstanceLoopCharacteristics>'
        "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>",
        '<task id="book"/>',
        '<boundaryEvent id="undo" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>',
        '<userTask id="cancel" isForCompensation="true"/>',
        '<association id="as" associationDirection="One" sourceRef="undo" targetRef="cancel"/>',
        '<userTask id="pay"/>',
        "s -> fork",
        "fork -> a",
        "a -> join",
        "fork -> join",
        "fork -> late",
        "late -> last",
        "fork -> last",
        "fork -> mi",
        "fork -> book",
        "book -> pay",
    )
    [one] = rest.deploy(live_engine.url, {"p.bpmn": bpmn(rest.new_key("waiting"), *elements).decode()})
    suspended = {"processDefinitionId": one, "suspended": True, "includeJobs": True}
    rest.put(live_engine.url, "/job-definition/suspended", suspended)
    for _ in range(2):
        rest.start_instance(live_engine.url, one)
    async with planning(live_engine) as here:
        plan = await open_plan(here.session, one, one)
        await read_counts(here.session, plan)
        assert plan.counts.instances == {"a": 2, "late": 2, "mi#multiInstanceBody": 2, "pay": 2}
        assert plan.counts.waiting == {"join": 2, "undo": 2, "last": 2}
        assert plan.counts.before == {"mi#multiInstanceBody": 2}
        assert plan.counts.after == {"late": 2, "last": 2}
