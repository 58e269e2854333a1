from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import bpmn, order_1, order_2, planning
from tui_migrate.errors import InstanceRejected, NotFound, UsageError
from tui_migrate.migration.plan import Instruction
from tui_migrate.operations import open_activities, states
from tui_migrate.operations.filter import parse_filter
from tui_migrate.operations.instances import InstanceList
from tui_migrate.operations.plan import open_plan
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import before, failed, many

STARTED = datetime(2026, 10, 1, 8, tzinfo=UTC)


def story(**settings: object) -> tuple[SandboxEngine, str, str]:
    engine = SandboxEngine(**settings)  # type: ignore[arg-type]
    return engine, engine.deploy(order_1()), engine.deploy(order_2())


async def test_a_page_has_all_columns() -> None:
    engine, one, two = story()
    good = engine.start(one, at=("check",), business_key="EU-1", started=STARTED)
    waiting = engine.start(one, at=("ask", before("letter")), business_key="EU-2", suspended=True)
    bad = engine.start(one, at=("join", failed("letter", "boom")), business_key="EU-3")
    engine.start(two, at=("request",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        listed = InstanceList(here.session, plan)
        assert await listed.count() == 3
        rows = {row.id: row for row in await listed.page(0, 50)}
        assert list(rows) == sorted([good, waiting, bad])
        assert (rows[good].business_key, rows[good].started, rows[good].suspended) == ("EU-1", STARTED, False)
        assert rows[waiting].suspended
        assert {one: (set(row.activities), row.waiting, row.incidents) for one, row in rows.items()} == {
            good: ({"check"}, (), 0),
            waiting: ({"ask"}, ("letter",), 0),
            bad: ({"join", "letter"}, (), 1),
        }
        assert all(row.placed and row.incidents_counted for row in rows.values())
        verdicts = {one: row.forecast.verdict for one, row in rows.items() if row.forecast}
        assert verdicts == {good: "migrates", waiting: "fails", bad: "migrates"}
        assert {failure.sentence for failure in rows[waiting].forecast.failures} == {  # type: ignore[union-attr]
            "There is no migration instruction for this instance's activity",
            "Target activity is not asyncBefore",
        }


async def test_pages_are_stable_and_their_requests_do_not_depend_on_the_rows() -> None:
    engine, one, two = story()
    ids = engine.bulk_start(one, 250, at=("check", before("letter")))
    async with planning(engine) as here:
        listed = InstanceList(here.session, await open_plan(here.session, one, two))
        numbers = []
        read: list[str] = []
        for first, limit in ((0, 10), (10, 100), (110, 100), (210, 100)):
            here.requests.clear()
            read += [row.id for row in await listed.page(first, limit)]
            numbers.append(len(here.requests))
        assert read == sorted(ids)
        assert numbers[1:] == [3, 3, 3], "instances, starts, jobs; all else holds for the version"
        assert numbers[0] <= 9


async def test_the_first_thing_to_show_is_one_request() -> None:
    engine, one, two = story()
    engine.bulk_start(one, 30, at=("check",))
    async with planning(engine) as here:
        listed = InstanceList(here.session, await open_plan(here.session, one, two))
        here.requests.clear()
        rows = await listed.rows(0, 20)
        assert len(here.requests) == 1
        assert all(row.forecast is None and not row.placed for row in rows)
        assert all(row.forecast is not None for row in await listed.fill(rows))
        assert await listed.fill([]) == []


async def test_forecasts_follow_the_draft_without_a_request() -> None:
    engine, one, two = story()
    engine.start(one, at=("ask",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        listed = InstanceList(here.session, plan)
        rows = await listed.page(0, 10)
        assert [row.forecast.verdict for row in rows if row.forecast] == ["fails"]
        plan.draft.map("ask", "request")
        here.requests.clear()
        rows = listed.refreshed(rows)
        assert [row.forecast.verdict for row in rows if row.forecast] == ["migrates"]
        assert len(here.requests) == 0


async def test_reloading_shows_the_engine_as_it_is() -> None:
    engine, one, two = story()
    engine.start(one, at=("check",))
    async with planning(engine) as here:
        listed = InstanceList(here.session, await open_plan(here.session, one, two))
        await listed.page(0, 10)
        moved = engine.start(one, at=("ask",))
        rows = {row.id: row for row in await listed.page(0, 10)}
        assert rows[moved].forecast.verdict == "cannot tell", "it isn't in what was read of the version"  # type: ignore[union-attr]
        listed.reload()
        rows = {row.id: row for row in await listed.page(0, 10)}
        assert rows[moved].activities == ("ask",)


async def test_what_was_read_of_the_version_is_read_again_after_some_seconds() -> None:
    engine, one, two = story()
    engine.start(one, at=("check",))
    async with planning(engine) as here:
        listed = InstanceList(here.session, await open_plan(here.session, one, two))
        await listed.page(0, 10)
        new = engine.start(one, at=("ask", failed("letter", "boom")))
        here.clock.seconds += open_activities.GOOD_FOR + 1
        rows = {row.id: row for row in await listed.page(0, 10)}
        assert set(rows[new].activities) == {"ask", "letter"}
        assert rows[new].incidents == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("bk:EU-*", [0, 1, 2]),
        ("bk:EU-* activity:ask", [1, 2]),
        ("suspended", [2]),
        ("started:<2026-10-02", [0, 1]),
        ("activity:ask started:<2026-10-02", [1]),
        ("activity:ask started:>=2026-10-02 bk:EU-*", [2]),
        ("var:amount>=100", [3]),
        ("bk:nothing", []),
        ("bk:nothing started:<2026-10-02", []),
    ],
)
async def test_filters(text: str, found: list[int]) -> None:
    engine, one, two = story()
    ids = [
        engine.start(one, at=("check",), business_key="EU-0", started=STARTED),
        engine.start(one, at=("ask",), business_key="EU-1", started=STARTED + timedelta(hours=1)),
        engine.start(one, at=("ask",), business_key="EU-2", started=STARTED + timedelta(days=1), suspended=True),
        engine.start(
            one, at=("ask",), business_key="US", started=STARTED + timedelta(days=2), variables={"amount": 100}
        ),
    ]
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        listed = InstanceList(here.session, plan, parse_filter(text, zone=UTC))
        assert sorted(row.id for row in await listed.page(0, 50)) == sorted(ids[number] for number in found)
        assert await listed.count() == len(found)


@pytest.mark.parametrize("sort", ["id", "started", "business key"])
@pytest.mark.parametrize("text", ["", "suspended", "suspended started:>=2026-10-01"])
async def test_every_order_is_stable_over_pages(sort: str, text: str) -> None:
    engine, one, two = story()
    for number in range(25):
        engine.start(
            one,
            at=("check",),
            business_key=f"K{number % 5}",
            started=STARTED + timedelta(hours=(number * 7) % 5),
            suspended=True,
        )
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        listed = InstanceList(here.session, plan, parse_filter(text, zone=UTC), sort=sort)  # type: ignore[arg-type]
        pages = [await listed.page(first, 10) for first in (0, 10, 20)]
        rows = [row for page in pages for row in page]
        assert [len(page) for page in pages] == [10, 10, 5]
        assert len({row.id for row in rows}) == 25
        assert all(row.suspended for row in rows)
        if sort == "started" or "started" in text:
            assert rows == sorted(rows, key=lambda row: (row.started, row.id))
        elif sort == "business key":
            assert rows == sorted(rows, key=lambda row: (row.business_key or "", row.id))
        else:
            assert rows == sorted(rows, key=lambda row: row.id)


async def test_without_history_it_cannot_tell_and_says_why() -> None:
    engine, one, two = story(history=False)
    instance = engine.start(one, at=("check",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        [row] = await InstanceList(here.session, plan).page(0, 10)
        assert row.forecast is not None
        assert (row.started, row.placed, row.activities, row.forecast.verdict) == (None, False, (), "cannot tell")
        assert states.NO_HISTORY in row.forecast.unknown
        detail = await InstanceList(here.session, plan).detail(instance)
        assert detail.forecast.verdict == "migrates", "its tree tells"
        for listed in (
            InstanceList(here.session, plan, parse_filter("started:<2026-11-01")),
            InstanceList(here.session, plan, sort="started"),
        ):
            with pytest.raises(UsageError, match="history only"):
                await listed.count()


async def test_who_is_not_in_the_history_is_not_forecast_from_it() -> None:
    """The job shows that it waits; what else is open the history doesn't say."""
    engine, one, two = story()
    seen = engine.start(one, at=(before("letter"), "ask"))
    hidden = engine.start(one, at=(before("letter"), "ask"))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.map_all([Instruction("letter", "letter")])
        read, activities = here.session.engine.historic_instances, here.session.engine.open_activities

        async def historic_instances(*arguments: object, **options: object) -> object:
            return [row for row in await read(*arguments, **options) if row.id != hidden]  # type: ignore[arg-type]

        async def open_of(*arguments: object, **options: object) -> object:
            rows = await activities(*arguments, **options)  # type: ignore[arg-type]
            return [row for row in rows if row.process_instance_id != hidden]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(here.session.engine, "historic_instances", historic_instances)
            patch.setattr(here.session.engine, "open_activities", open_of)
            rows = {row.id: row for row in await InstanceList(here.session, plan).page(0, 10)}
        assert rows[seen].placed
        assert (rows[hidden].placed, rows[hidden].started) == (False, None)
        forecast = rows[hidden].forecast
        assert forecast is not None
        assert states.NOT_RECORDED in forecast.unknown


async def test_a_large_version_is_read_by_activity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_activities, "READ_AS_A_WHOLE", 20)
    monkeypatch.setattr(open_activities, "_COST_OF_A_LIST", 1000)
    engine, one, two = story()
    for number in range(40):
        engine.start(one, at=("check", "join") if number % 2 else ("ask", before("letter")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        listed = InstanceList(here.session, plan)
        rows = await listed.page(0, 10)
        truth = {row.id: set(await activities(here.session, row.id)) for row in rows}
        assert {row.id: {*row.activities, *row.waiting} for row in rows} == truth
        assert {row.forecast.verdict for row in rows if row.forecast} == {"migrates", "fails"}
        assert "POST /history/activity-instance" not in here.requests.sent
        here.requests.clear()
        await listed.page(10, 10)
        # instances, starts, jobs; check, ask, join, letter, and one for all other activities
        assert len(here.requests) == 8


async def activities(session: object, instance_id: str) -> list[str]:
    tree = await session.engine.activity_tree(instance_id)  # type: ignore[attr-defined]
    return [one.activity_id for one in (*tree.child_activity_instances, *tree.child_transition_instances)]


async def test_where_nobody_was_a_moment_ago_it_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_activities, "READ_AS_A_WHOLE", 2)
    monkeypatch.setattr(open_activities, "_COST_OF_A_LIST", 1000)
    engine, one, two = story()
    engine.bulk_start(one, 5, at=("check",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        listed = InstanceList(here.session, plan)
        await listed.page(0, 10)
        new = engine.start(one, at=("ask",))
        rows = {row.id: row for row in await listed.page(0, 10)}
        assert rows[new].forecast.verdict == "cannot tell"  # type: ignore[union-attr]
        assert sum(row.forecast.verdict == "migrates" for row in rows.values() if row.forecast) == 5
        rows = {row.id: row for row in await listed.page(0, 10)}
        assert rows[new].forecast.verdict == "fails", "now it is known that one is there"  # type: ignore[union-attr]


async def test_too_many_open_activities_to_ask_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_activities, "READ_AS_A_WHOLE", 2)
    monkeypatch.setattr(open_activities, "_COST_OF_A_LIST", 1000)
    monkeypatch.setattr(open_activities, "ACTIVITIES_AT_MOST", 1)
    engine, one, two = story()
    engine.bulk_start(one, 5, at=("check", "ask"))
    async with planning(engine) as here:
        listed = InstanceList(here.session, await open_plan(here.session, one, two))
        rows = await listed.page(0, 10)
        assert {row.forecast.verdict for row in rows if row.forecast} == {"cannot tell"}
        assert all("Too many activities" in row.forecast.unknown[-1] for row in rows if row.forecast)
        assert not any(row.placed for row in rows)


async def test_more_incidents_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "LISTED_AT_MOST", 2)
    engine, one, two = story()
    troubled = {engine.start(one, at=("check", failed("letter", "boom"))) for _ in range(3)}
    calm = engine.start(one, at=("check",))
    async with planning(engine) as here:
        listed = InstanceList(here.session, await open_plan(here.session, one, two))
        rows = {row.id: row for row in await listed.page(0, 10)}
        assert (rows[calm].incidents, rows[calm].incidents_counted) == (0, True)
        assert {(rows[one].incidents, rows[one].incidents_counted) for one in troubled} == {(1, False)}


async def test_scopes_are_not_named_where_something_inside_is() -> None:
    inner = '<startEvent id="is"/><userTask id="in"/><sequenceFlow id="x" sourceRef="is" targetRef="in"/>'
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    engine = SandboxEngine()
    one = engine.deploy(
        bpmn("p", '<startEvent id="s"/>', f'<subProcess id="sub">{inner}{loop}</subProcess>', "s -> sub")
    )
    engine.start(one, at=(many("sub", 3, "in"),))
    async with planning(engine) as here:
        [row] = await InstanceList(here.session, await open_plan(here.session, one, one)).page(0, 10)
        assert row.activities == ("in",)
        assert row.forecast is not None
        assert row.forecast.verdict == "migrates"


async def test_details_of_an_instance() -> None:
    engine = SandboxEngine()
    child = engine.deploy(order_1("child"))
    parent = engine.deploy(
        bpmn("parent", '<startEvent id="s"/>', '<callActivity id="call" calledElement="child"/>', "s -> call")
    )
    from tui_migrate.sandbox.position import Position

    instance = engine.start(
        parent, at=(Position("call", calls=(Position("check"), failed("letter", "boom"))),), variables={"a": 1}
    )
    async with planning(engine) as here:
        plan = await open_plan(here.session, parent, parent)
        plan.draft.remove(["call"])
        here.requests.clear()
        detail = await InstanceList(here.session, plan).detail(instance)
        assert len(here.requests) <= 10
        assert [one.definition.id for one in detail.called] == [child]
        assert [variable.name for variable in detail.variables] == ["a"]
        assert detail.started is not None
        assert detail.tree.child_activity_instances[0].activity_id == "call"
        assert detail.forecast.verdict == "fails"
        assert len(detail.failures_at("call")) == 1
        assert detail.failures_at("s") == ()
        with pytest.raises(NotFound):
            await InstanceList(here.session, plan).detail("nope")


async def test_a_canary_decides_about_a_criterion_of_an_unsure_engine() -> None:
    engine, one, two = story(version="7.20.0")
    instance = engine.start(one, at=("check",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        listed = InstanceList(here.session, plan, parse_filter(f"root:{instance}"))
        with pytest.raises(UsageError, match="rootProcessInstanceId"):
            await listed.page(0, 10)
        assert here.requests.sent.count("POST /process-instance/count") >= 2, "one of opening; the canary's"
        assert "POST /process-instance" not in here.requests.sent


async def test_on_live_engines(live_engine: RunningEngine) -> None:
    key = rest.new_key("instances")
    one, two = (rest.deploy(live_engine.url, {"p.bpmn": xml.decode()})[0] for xml in (order_1(key), order_2(key)))
    rest.put(
        live_engine.url,
        "/job-definition/suspended",
        {"processDefinitionId": one, "suspended": True, "includeJobs": True},
    )
    ids = [rest.start_instance(live_engine.url, one, business_key=f"EU-{number}") for number in range(3)]
    rest.execute_jobs(live_engine.url, ids[0])
    async with planning(live_engine) as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.map("ask", "request")
        rows = {row.id: row for row in await InstanceList(here.session, plan).page(0, 10)}
        assert sorted(rows) == sorted(ids)
        for instance, row in rows.items():
            assert sorted({*row.activities, *row.waiting}) == rest.activities_of(live_engine.url, instance)
        mixed = parse_filter("bk:EU-1 activity:check started:>2020-01-01")
        assert [row.id for row in await InstanceList(here.session, plan, mixed).page(0, 10)] == [ids[1]]
        verdicts = {one: row.forecast.verdict for one, row in rows.items() if row.forecast}
        assert verdicts[ids[1]] == "fails", "its letter waits for a job, and the target's is not asynchronous"
        for instance, verdict in verdicts.items():
            if verdict == "fails":
                with pytest.raises(InstanceRejected):
                    await here.session.engine.execute(plan.plan(), [instance])
            else:
                await here.session.engine.execute(plan.plan(), [instance])
