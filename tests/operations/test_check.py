from __future__ import annotations

from tests.operations.planning import order_1, order_2, planning
from tui_migrate.operations.check import check_selection, summarize
from tui_migrate.operations.forecast import forecast_instances
from tui_migrate.operations.plan import open_plan
from tui_migrate.operations.rehearse import Rehearsal, RehearsalVerdict, rehearse
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import before

NO_INSTRUCTION = "There is no migration instruction for this instance's activity"


def story() -> tuple[SandboxEngine, str, str]:
    engine = SandboxEngine()
    return engine, engine.deploy(order_1()), engine.deploy(order_2())


async def test_every_instance_is_in_exactly_one_number() -> None:
    engine, one, two = story()
    good = [engine.start(one, at=("check",)) for _ in range(4)]
    bad = [engine.start(one, at=("ask",)) for _ in range(3)]
    both = engine.start(one, at=("ask", before("letter")))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        seen: list[int] = []
        summary = await check_selection(here.session, plan, [*good, *bad, both, "gone"], on_progress=seen.append)
        assert (summary.total, summary.migrates, summary.fails, summary.cannot_tell, summary.gone) == (9, 4, 4, 1, 0)
        assert summary.ids("fails") == (*bad, both)
        assert summary.rehearsed == 0
        assert [(len(group.ids), group.activity_id, group.fails) for group in summary.groups] == [
            (4, "ask", True),
            (1, "letter", True),
            (1, None, False),
        ]
        assert summary.groups[0].remedy
        assert seen == [9]


async def test_the_rehearsal_counts_where_there_is_one() -> None:
    engine, one, two = story()
    good = [engine.start(one, at=("check",)) for _ in range(4)]
    bad = [engine.start(one, at=("ask",)) for _ in range(3)]
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        ids = [*good, *bad]
        forecasts = await forecast_instances(here.session, plan, ids)
        rehearsal = await rehearse(here.session, plan.plan(), ids, forecast=forecasts)
        summary = await check_selection(here.session, plan, ids, rehearsal=rehearsal)
        assert (summary.total, summary.migrates, summary.fails) == (7, 4, 3)
        assert summary.rehearsed == 5, "of the three that fail alike one was asked about"
        [group] = summary.groups
        assert (group.sentence, group.activity_id, set(group.ids)) == (NO_INSTRUCTION, "ask", set(bad))
        assert summary.disagreements == ()


async def test_where_forecast_and_engine_differ_the_engine_counts_and_it_is_said() -> None:
    engine, one, two = story()
    instance = engine.start(one, at=("check",))
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        forecasts = await forecast_instances(here.session, plan, [instance])
        summary = summarize(plan, forecasts, {instance: RehearsalVerdict("fails", ("boom",), ("check",))})
        assert (summary.migrates, summary.fails) == (0, 1)
        assert summary.disagreements == (
            f"Instance '{instance}': the forecast says it migrates, the engine that it fails.",
        )


async def test_what_a_rehearsal_finds_gone_or_cannot_know() -> None:
    engine, one, two = story()
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        verdicts = {
            "1": RehearsalVerdict("ended"),
            "2": RehearsalVerdict("moved"),
            "3": RehearsalVerdict("unknown"),
            "4": RehearsalVerdict("migrates"),
            "5": RehearsalVerdict("fails", ("at run time",), ("",)),
            "6": RehearsalVerdict("fails"),
        }
        summary = summarize(plan, {}, Rehearsal(verdicts, (), 3, 0.1).verdicts)
        assert (summary.total, summary.gone, summary.cannot_tell, summary.migrates, summary.fails) == (6, 2, 1, 1, 2)
        assert [(group.sentence, group.activity_id, group.fails) for group in summary.groups] == [
            ("The engine refused it without saying why.", None, True),
            ("at run time", None, True),
            ("It has ended meanwhile.", None, False),
            ("It is on another version meanwhile.", None, False),
            ("The engine's verdict is not known.", None, False),
        ]


async def test_nothing_selected_is_an_empty_summary() -> None:
    engine, one, two = story()
    async with planning(engine) as here:
        summary = await check_selection(here.session, await open_plan(here.session, one, two), [])
        assert (summary.total, summary.groups) == (0, ())
