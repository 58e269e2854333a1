from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import Planning, bpmn, order_1, order_2, planning
from tui_migrate.errors import InstanceRejected
from tui_migrate.migration.forecast import Forecast, ForecastFailure
from tui_migrate.operations import forecast as module
from tui_migrate.operations import open_activities
from tui_migrate.operations.forecast import GONE, forecast_instances, group_forecasts
from tui_migrate.operations.plan import OpenPlan, open_plan
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import At, after, before, completed, failed, incident, many

LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"


def rich(key: str, *, letter: str = ' camunda:asyncBefore="true"', pay: str = "pay", late: bool = True) -> bytes:
    """A process with every kind of place to be."""
    late_flag = ' camunda:asyncAfter="true"' if late else ""
    return bpmn(
        key,
        '<startEvent id="s"/>',
        '<parallelGateway id="fork"/>',
        '<userTask id="check"/>',
        '<parallelGateway id="join"/>',
        f'<serviceTask id="letter" camunda:type="external" camunda:topic="t"{letter}/>',
        f'<task id="late"{late_flag}/>',
        f'<userTask id="mi" camunda:asyncBefore="true">{LOOP}</userTask>',
        '<task id="book"/>',
        '<boundaryEvent id="undo" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>',
        '<userTask id="cancel" isForCompensation="true"/>',
        '<association id="as" associationDirection="One" sourceRef="undo" targetRef="cancel"/>',
        f'<userTask id="{pay}"/>',
        "s -> fork",
        "fork -> check",
        "check -> join",
        "fork -> join",
        "fork -> letter",
        "fork -> late",
        "fork -> mi",
        "fork -> book",
        f"book -> {pay}",
    )


PLACES: dict[str, tuple[At, ...]] = {
    "task": ("check",),
    "join": ("join", "check"),
    "before": (before("letter"), "check"),
    "external": ("letter",),
    "external failed": (failed("letter", "boom"),),
    "job failed": (before("letter", failure="boom"), "check"),
    "after": (after("late"), "check"),
    "body": (before("mi#multiInstanceBody"), "check"),
    "inner": (many("mi", 3),),
    "compensation": (completed("book"), "pay"),
    "incident": (incident("check", "custom", "hm"),),
    "many things": ("join", before("letter"), many("mi", 2), completed("book"), "pay"),
}
CHANGES: dict[str, Callable[[OpenPlan], object]] = {
    "nothing": lambda plan: None,
    "check unmapped": lambda plan: plan.draft.remove(["check"]),
    "join unmapped": lambda plan: plan.draft.remove(["join"]),
    "letter unmapped": lambda plan: plan.draft.remove(["letter"]),
    "loop unmapped": lambda plan: plan.draft.remove(["mi", "mi#multiInstanceBody"]),
    "undo unmapped": lambda plan: plan.draft.remove(["undo"]),
    "late unmapped": lambda plan: plan.draft.remove(["late"]),
}


async def really_migrates(here: Planning, plan: OpenPlan, instance_id: str) -> bool:
    try:
        await here.session.engine.execute(plan.plan(), [instance_id])
    except InstanceRejected:
        return False
    return True


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("by_activity", [False, True])
async def test_the_forecast_is_what_the_engine_does(
    change: str, by_activity: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_activity:
        monkeypatch.setattr(open_activities, "READ_AS_A_WHOLE", 1)
        monkeypatch.setattr(open_activities, "_COST_OF_A_LIST", 1000)
    engine = SandboxEngine()
    one = engine.deploy(rich("p"))
    two = engine.deploy(rich("p", letter="", pay="pay_now", late=False))
    ids = {engine.start(one, at=at): name for name, at in PLACES.items()}
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        CHANGES[change](plan)
        forecasts = await forecast_instances(here.session, plan, list(ids))
        assert list(forecasts) == list(ids)
        told = {ids[one]: forecast.verdict for one, forecast in forecasts.items()}
        truth = {name: "migrates" if await really_migrates(here, plan, one) else "fails" for one, name in ids.items()}
        if by_activity:
            assert told.pop("inner") in ("cannot tell", truth["inner"]), "how often it is open is not read"
            truth.pop("inner")
        assert told == truth
        assert set(told.values()) == {"migrates", "fails"}


async def test_the_number_of_requests_is_fixed_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 100)
    engine = SandboxEngine()
    one, two = engine.deploy(order_1()), engine.deploy(order_2())
    ids = engine.bulk_start(one, 1000, at=("check", before("letter")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        here.requests.clear()
        seen: list[int] = []
        forecasts = await forecast_instances(here.session, plan, ids, on_progress=seen.append)
        assert len(forecasts) == 1000
        assert seen == list(range(100, 1001, 100))
        assert len(here.requests) <= 10 * 3 + 6, "instances, history and jobs of each page; what holds for the version"


async def test_a_large_version_is_read_as_a_whole_where_that_is_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 10)
    monkeypatch.setattr(open_activities, "READ_AS_A_WHOLE", 100)
    engine = SandboxEngine()
    one, two = engine.deploy(order_1()), engine.deploy(order_2())
    ids = engine.bulk_start(one, 250, at=("check",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        await forecast_instances(here.session, plan, ids)
        assert here.requests.sent.count("POST /history/activity-instance") == 3


async def test_who_has_ended_or_moved_is_told_apart_from_who_fails() -> None:
    engine = SandboxEngine()
    one, two = engine.deploy(order_1()), engine.deploy(order_2())
    here_id, moved = engine.start(one, at=("check",)), engine.start(two, at=("check",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        forecasts = await forecast_instances(here.session, plan, [here_id, moved, "nope"])
        assert {one: (forecast.verdict, forecast.unknown) for one, forecast in forecasts.items()} == {
            here_id: ("migrates", ()),
            moved: ("cannot tell", (GONE,)),
            "nope": ("cannot tell", (GONE,)),
        }


async def test_the_tenant_of_each_instance_counts() -> None:
    engine = SandboxEngine()
    one, two = engine.deploy(order_1()), engine.deploy(order_2(), tenant="north")
    instance = engine.start(one, at=("check",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        forecasts = await forecast_instances(here.session, plan, [instance])
        assert forecasts[instance].verdict == "fails"
        assert "without tenant" in forecasts[instance].failures[0].sentence


async def test_too_many_compensation_subscriptions_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_migrate.operations import states

    monkeypatch.setattr(states, "LISTED_AT_MOST", 2)
    engine = SandboxEngine()
    one = engine.deploy(rich("p"))
    ids = [engine.start(one, at=(completed("book"), "pay")) for _ in range(3)]
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, one)
        assert {one.verdict for one in (await forecast_instances(here.session, plan, ids)).values()} == {"migrates"}
        plan.draft.remove(["undo"])
        assert {one.verdict for one in (await forecast_instances(here.session, plan, ids)).values()} == {"cannot tell"}


async def test_causes_are_grouped_with_remedies() -> None:
    engine = SandboxEngine()
    one, two = engine.deploy(order_1()), engine.deploy(order_2())
    waiting = [engine.start(one, at=(before("letter"), "check")) for _ in range(2)]
    asking = [engine.start(one, at=("ask",)) for _ in range(3)]
    both = engine.start(one, at=("ask", before("letter")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        forecasts = await forecast_instances(here.session, plan, [*waiting, *asking, both, "gone"])
        groups = group_forecasts(forecasts, plan)
        assert [(group.activity_id, set(group.ids), group.fails) for group in groups] == [
            ("ask", {*asking, both}, True),
            ("letter", {*waiting, both}, True),
            (None, {"gone"}, False),
        ]
        assert groups[0].sentence == "There is no migration instruction for this instance's activity"
        assert groups[0].remedy
        assert groups[2].sentence == GONE


async def test_an_instance_is_once_in_a_group_of_one_cause() -> None:
    engine = SandboxEngine()
    one = engine.deploy(order_1())
    failure = ForecastFailure("x", "check", "activity")
    async with planning(engine) as here:
        [group] = group_forecasts([Forecast("1", "fails", (failure, failure))], await open_plan(here.session, one, one))
        assert group.ids == ("1",)


@pytest.mark.parametrize("change", ["nothing", "join unmapped", "undo unmapped", "loop unmapped"])
async def test_on_live_engines_it_is_what_the_engine_does(live_engine: RunningEngine, change: str) -> None:
    key = rest.new_key("forecast")
    one, two = (
        rest.deploy(live_engine.url, {"p.bpmn": xml.decode()})[0]
        for xml in (rich(key), rich(key, letter="", pay="pay_now", late=False))
    )
    rest.put(
        live_engine.url,
        "/job-definition/suspended",
        {"processDefinitionId": one, "suspended": True, "includeJobs": True},
    )
    ids = [rest.start_instance(live_engine.url, one) for _ in range(6)]
    for number, instance in enumerate(ids):  # each further along than the one before
        jobs = rest.post(live_engine.url, "/job?maxResults=100", {"processInstanceIds": [instance]})
        for job in jobs[:number]:
            rest.post(live_engine.url, f"/job/{job['id']}/execute", {})
        if number >= 3:
            tasks = rest.get(live_engine.url, "/task", processInstanceId=instance)
            done = [task for task in tasks if task["taskDefinitionKey"] in {"pay", "check"}]
            for task in done[: number - 2]:
                rest.post(live_engine.url, f"/task/{task['id']}/complete", {})
    async with planning(live_engine) as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.map("pay", "pay_now")
        CHANGES[change](plan)
        forecasts = await forecast_instances(here.session, plan, ids)
        spoken = {one: forecast.verdict for one, forecast in forecasts.items() if forecast.verdict != "cannot tell"}
        assert len(spoken) == len(ids), "nothing here is hidden"
        for instance, verdict in spoken.items():
            assert (verdict == "migrates") == await really_migrates(here, plan, instance), forecasts[instance]
