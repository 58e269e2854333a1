"""Runs one after the other: all written down first, each after the one before, nothing lost where it is stopped."""

from __future__ import annotations

import pytest

from tests.operations.planning import order_1, order_2
from tests.operations.running import JumpingClock, Running, running
from tui_migrate.errors import ReadOnly, UsageError
from tui_migrate.operations.account_rules import AccountClass
from tui_migrate.operations.prepared_run import PreparedRun, RunOptions
from tui_migrate.operations.runner import Runner
from tui_migrate.operations.series import NextRun, RunSeries, look_again
from tui_migrate.operations.versions import check_versions, open_versions, prepare_versions
from tui_migrate.sandbox.engine import SandboxEngine


def engine_of(clock: JumpingClock) -> SandboxEngine:
    """Return an engine with 3, 4 and 2 instances on three old versions; two of the second would fail."""
    engine = SandboxEngine(clock)
    old = [engine.deploy(order_1()) for _ in range(3)]
    engine.deploy(order_2())
    for definition, activity, number in ((0, "check", 3), (1, "check", 2), (1, "ask", 2), (2, "check", 2)):
        engine.bulk_start(old[definition], number, at=(activity,))
    return engine


async def prepared(here: Running, **options: int) -> tuple[PreparedRun, ...]:
    plans = await open_versions(here.session, "order:*")
    check = await check_versions(here.session, plans)
    return prepare_versions(here.session, plans.plans, check, RunOptions(**options))  # type: ignore[arg-type]


async def follow(runner: Runner) -> None:
    await runner.start()
    await runner.wait()


async def never(question: NextRun) -> bool:
    raise AssertionError(f"asked: {question.sentence}")


async def test_all_are_in_the_journal_before_the_first_is_sent() -> None:
    clock = JumpingClock()
    async with running(engine_of(clock), clock=clock) as here:
        series = RunSeries(here.session, await prepared(here, allowed_failures=2))
        await series.write_down()
        await series.write_down()
        assert here.sent("POST", "/executeAsync") == 0
        runs = here.session.journal.runs()
        assert sorted(run.total for run in runs) == [2, 3, 4]
        assert {run.status for run in runs} == {"open"}
        order: list[int] = []

        async def in_order(runner: Runner) -> None:
            assert [one.state.phase for one in series.runners[: len(order)]] == ["over"] * len(order)
            order.append(runner.prepared.source.version)
            await follow(runner)

        assert await series.carry_out(in_order, never)
        assert order == [1, 2, 3]
        assert here.sent("POST", "/executeAsync") == 3
        assert series.unbegun == ()


async def test_after_failures_it_is_asked_and_what_is_given_up_is_accounted_for() -> None:
    clock = JumpingClock()
    async with running(engine_of(clock), clock=clock) as here:
        series = RunSeries(here.session, await prepared(here))
        asked: list[NextRun] = []

        async def no(question: NextRun) -> bool:
            asked.append(question)
            return False

        await series.write_down()
        assert not await series.carry_out(follow, no)
        assert [(one.sentence, one.number, one.instances) for one in asked] == [
            ("Version 2: 2 of 4 instances were not migrated.", 2, 2)
        ]
        (left,) = series.unbegun
        await series.give_up_unbegun()
        assert left.state.outcome == "stopped"
        assert left.state.account is not None
        assert left.state.account.counts[AccountClass.NOT_SENT] == 2
        assert here.session.journal.run(left.run_id).status == "stopped"
        with pytest.raises(UsageError, match="not begun"):
            await series.runners[0].give_up()


async def test_what_was_not_begun_can_be_taken_up_once_it_is_released() -> None:
    clock = JumpingClock()
    async with running(engine_of(clock), clock=clock) as here:
        series = RunSeries(here.session, await prepared(here))
        await series.write_down()
        assert here.session.journal.open_runs() == ()
        series.release()
        assert len(here.session.journal.open_runs()) == 3
        runner = await Runner.take_up(here.session, series.runners[0].run_id)
        await runner.start()
        async for event in runner.events():
            if event.state.question is not None:
                runner.confirm_next_wave()
                break
        state = await runner.wait()
        assert state.account is not None
        assert state.account.counts[AccountClass.MIGRATED] == 3


async def test_a_look_again_tells_the_same_thing_once_and_names_versions() -> None:
    clock = JumpingClock()
    engine = engine_of(clock)
    async with running(engine, clock=clock) as here:
        runs = await prepared(here)
        assert await look_again(here.session, runs) == ()
        engine.bulk_start(runs[0].source.id, 1, at=("check",))
        (change,) = await look_again(here.session, runs)
        assert change.sentence.startswith("Version 1: 4 instances run on the source now; there were 3")


async def test_what_runs_on_the_versions_is_read_again_after_each_run_in_one_round_trip() -> None:
    clock = JumpingClock()
    engine = engine_of(clock)
    async with running(engine, clock=clock) as here:
        series = RunSeries(here.session, await prepared(here, allowed_failures=2))
        sources = [runner.prepared.source.id for runner in series.runners]
        await series.write_down()
        assert series.running == {}
        read: list[list[int]] = []
        said: list[tuple[str, ...]] = []
        before_reading = 0

        async def one_ends_and_one_starts_meanwhile(runner: Runner) -> None:
            nonlocal before_reading
            await follow(runner)
            if runner is series.runners[0]:
                engine.end(series.runners[1].prepared.ids[0])
                engine.bulk_start(sources[2], 3, at=("check",))
            before_reading = len(here.requests)

        def note() -> None:
            assert len(here.requests) - before_reading == 3
            read.append([series.running[one] for one in sources])
            said.append(series.count_changes())

        assert await series.carry_out(one_ends_and_one_starts_meanwhile, never, note)
        assert read == [[0, 3, 5], [0, 2, 5], [0, 2, 3]]
        words = "Version {}: {} instances run on the source now; there were {} when it was reviewed. The {} that were"
        first, second = said[0]
        assert first.startswith(words.format(2, 3, 4, 4))
        assert second.startswith(words.format(3, 5, 2, 2))
        assert said[1:] == [(second,), ()]


async def test_numbers_that_can_not_be_read_again_are_forgotten_and_stop_nothing() -> None:
    clock = JumpingClock()
    engine = engine_of(clock)
    async with running(engine, clock=clock) as here:
        series = RunSeries(here.session, await prepared(here, allowed_failures=2))
        await series.write_down()
        known: list[int] = []

        async def once_without_an_answer(runner: Runner) -> None:
            await follow(runner)
            if runner is series.runners[1]:
                engine.faults.answer(500, '{"type": "Broken", "message": "no"}', path="/process-instance/count")

        assert await series.carry_out(once_without_an_answer, never, lambda: known.append(len(series.running)))
        assert known == [3, 0, 3]


async def test_nothing_is_written_down_on_a_read_only_profile() -> None:
    clock = JumpingClock()
    async with running(engine_of(clock), clock=clock, read_only=True) as here:
        series = RunSeries(here.session, await prepared(here))
        with pytest.raises(ReadOnly):
            await series.write_down()
        assert here.session.journal.runs() == ()
