from __future__ import annotations

from typing import Any

import pytest

from tests.operations.running import JumpingClock, Mixed, Running, mixed_sandbox, running, sandbox
from tui_migrate.errors import AuthFailed, EngineUnreachable, NotFound
from tui_migrate.operations.batches import drop_job, retry_failed, suspend
from tui_migrate.operations.failures import FailedJob, full_message, group_failures, read_cause
from tui_migrate.operations.watch import BatchReading, failures, stack_trace, watch_batch
from tui_migrate.sandbox.engine import SandboxEngine

STATISTICS = "/batch/statistics"
SLOW: dict[str, Any] = {"jobs_per_second": 10.0}


async def batch_of(it: Running, mixed: Mixed) -> str:
    return (await it.session.engine.execute_async(mixed.plan, mixed.ids)).id


async def read_all(it: Running, batch_id: str, **options: object) -> list[BatchReading]:
    return [reading async for reading in watch_batch(it.session, batch_id, **options)]  # type: ignore[arg-type]


async def test_the_phases_of_a_batch_that_goes_well() -> None:
    engine = sandbox(latency=3.0, seeds_per_second=0.2, **SLOW)
    mixed = mixed_sandbox(engine, good=120)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        readings = await read_all(it, batch_id, until="gone")
    phases = list(dict.fromkeys(reading.phase for reading in readings))
    assert phases == ["seeding", "executing", "finishing", "done"]
    last = readings[-1]
    assert (last.completed, last.remaining, last.total) == (120, 0, 120)
    assert [reading.completed for reading in readings] == sorted(reading.completed for reading in readings)


async def test_jobs_done_is_enough_unless_asked_for_the_end() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=30)
    async with running(engine) as it:
        readings = await read_all(it, await batch_of(it, mixed))
    assert readings[-1].phase == "finishing"
    assert readings[-1].over


async def test_rate_and_time_left_follow_the_engine() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=90)
    async with running(engine) as it:
        readings = await read_all(it, await batch_of(it, mixed))
    middle = next(reading for reading in readings if reading.completed >= 45)
    assert middle.rate == pytest.approx(10, rel=0.3)
    assert middle.seconds_left == pytest.approx((90 - middle.completed) / 10, rel=0.3)


async def test_one_request_a_tick_and_nothing_else() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=60, bad=3)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        it.requests.clear()
        readings = await read_all(it, batch_id)
        assert it.sent("GET", STATISTICS) == len(it.requests) == len(readings)


async def test_ticks_slow_down_when_nothing_changes_and_are_quick_again_after_a_change() -> None:
    clock = JumpingClock()
    engine = sandbox(clock=clock, active=False)
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        watching = watch_batch(it.session, batch_id)
        for _ in range(9):
            await anext(watching)
        assert clock.slept == [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0]
        await suspend(it.session, batch_id)
        await anext(watching)
        await anext(watching)
        assert clock.slept[-1] == 1.0
        await watching.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is to users


async def test_a_watch_that_is_left_asks_nothing() -> None:
    clock = JumpingClock()
    engine = sandbox(clock=clock, active=False)
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        watching = watch_batch(it.session, await batch_of(it, mixed))
        await anext(watching)
        await watching.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is to users
        asked = len(it.requests)
        await clock.sleep(600)
        assert len(it.requests) == asked


async def test_only_failed_jobs_remain() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=20, bad=4)
    async with running(engine) as it:
        readings = await read_all(it, await batch_of(it, mixed))
    last = readings[-1]
    assert (last.phase, last.failed, last.remaining, last.completed) == ("stalled", 4, 4, 20)
    assert last.stall == "Only failed jobs remain (4): retry, drop, or cancel the batch."
    assert last.over
    assert last.only_failed_left


async def test_a_job_executor_that_is_off_is_suspected_after_fifteen_seconds() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        watching = watch_batch(it.session, await batch_of(it, mixed))
        started = it.session.clock.monotonic()
        while (reading := await anext(watching)).stall is None:
            assert reading.phase == "seeding"
        assert 15 <= it.session.clock.monotonic() - started < 26
        assert reading.phase == "stalled"
        assert "job executor seems to be off" in reading.stall
        await watching.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is to users


async def test_a_suspended_batch_is_told_apart() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=50)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        await suspend(it.session, batch_id)
        watching = watch_batch(it.session, batch_id)
        reading = await anext(watching)
        await watching.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is to users
    assert reading.phase == "suspended"
    assert reading.stall == "The batch is suspended: resume it to go on."
    assert not reading.over


async def test_a_failed_seed_job_is_named() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        seed = engine.store.batches[batch_id].seed_job
        assert seed is not None
        seed.retries, seed.exception = 0, "no connection to the database"
        watching = watch_batch(it.session, batch_id)
        while (reading := await anext(watching)).stall is None:
            pass
        await watching.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is to users
        assert "seed job has failed: no connection to the database" in reading.stall
        assert it.sent("POST", "/job") == 1


async def test_nothing_moving_for_a_minute_is_said() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=40)
    async with running(engine) as it:
        watching = watch_batch(it.session, await batch_of(it, mixed))
        while (await anext(watching)).completed == 0:
            pass
        engine.executor.settings.active = False
        started = it.session.clock.monotonic()
        while (reading := await anext(watching)).stall is None:
            pass
        await watching.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is to users
        assert it.session.clock.monotonic() - started >= 60
    assert "Nothing has changed for" in reading.stall


async def test_a_deleted_batch_is_told_from_one_that_ran_to_its_end() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=50)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        readings = []
        async for reading in watch_batch(it.session, batch_id):
            readings.append(reading)
            if reading.completed and len(readings) > 3 and batch_id in engine.store.batches:
                await it.session.engine.delete_batch(batch_id)
    last = readings[-1]
    assert last.phase == "deleted"
    assert 0 < last.completed < 50
    assert last.remaining == 50 - last.completed


async def test_a_batch_deleted_with_its_history_is_no_success() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=50)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        watching = watch_batch(it.session, batch_id)
        while (await anext(watching)).completed == 0:
            pass
        await it.session.engine.delete_batch(batch_id, cascade=True)
        last = [reading async for reading in watching][-1]
    assert last.note is not None
    assert "does not tell" in last.note


async def test_a_batch_that_vanishes_before_any_reading_saw_its_end_is_done() -> None:
    engine = sandbox(jobs_per_second=float("inf"), seeds_per_second=float("inf"), latency=0.0)
    mixed = mixed_sandbox(engine, good=30)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        readings = await read_all(it, batch_id)
    assert [reading.phase for reading in readings] == ["done"]
    assert readings[0].completed == 30


async def test_dropped_jobs_don_t_make_a_deleted_batch() -> None:
    engine = sandbox(monitor_interval=5.0, **SLOW)
    mixed = mixed_sandbox(engine, good=10, bad=2)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        (last,) = (await read_all(it, batch_id))[-1:]
        (group,) = await failures(it.session, last)
        watching = watch_batch(it.session, batch_id, until="gone")
        await anext(watching)
        for job in group.jobs:
            await drop_job(it.session, job.job_id)
        last = [reading async for reading in watching][-1]
    assert last.phase == "done"


async def test_failed_jobs_that_are_retried_run_again() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=5, bad=2)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        await read_all(it, batch_id)
        assert await retry_failed(it.session, batch_id) == 2
        readings = await read_all(it, batch_id)
    assert readings[0].failed == 0
    assert readings[-1].failed == 2


async def test_an_engine_that_is_away_does_not_end_the_watch() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=30)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        watching = watch_batch(it.session, batch_id)
        first = await anext(watching)
        for _ in range(3):  # a read is tried three times
            engine.faults.connection(path=STATISTICS)
        second = await anext(watching)
        third = await anext(watching)
        await watching.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is to users
    assert second.trouble is not None
    assert (second.read_at, second.completed) == (first.read_at, first.completed)
    assert second.age(it.session.clock.now()) > 0
    assert third.trouble is None
    assert third.read_at > first.read_at


async def test_an_engine_that_was_never_reached_is_an_error() -> None:
    engine = sandbox()
    async with running(engine) as it:
        await it.session.features()
        for _ in range(3):
            engine.faults.connection(path=STATISTICS)
        with pytest.raises(EngineUnreachable):
            await read_all(it, "batch")


async def test_a_login_that_is_gone_is_not_tried_again() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=30)
    async with running(engine) as it:
        watching = watch_batch(it.session, await batch_of(it, mixed))
        await anext(watching)
        engine.faults.answer(401, "", path=STATISTICS)
        with pytest.raises(AuthFailed):
            await anext(watching)


async def test_a_batch_that_is_not_there_is_named() -> None:
    async with running(sandbox()) as it:
        with pytest.raises(NotFound, match="no batch 'nope'"):
            await read_all(it, "nope")


@pytest.mark.parametrize("deleted", [False, True])
async def test_without_history_the_last_reading_tells_what_it_can(deleted: bool) -> None:
    engine: SandboxEngine = sandbox(history=False, **SLOW)
    mixed = mixed_sandbox(engine, good=30)
    async with running(engine) as it:
        batch_id = await batch_of(it, mixed)
        watching = watch_batch(it.session, batch_id, until="gone")
        while (await anext(watching)).completed == 0:
            pass
        if deleted:
            await it.session.engine.delete_batch(batch_id)
        last = [reading async for reading in watching][-1]
    assert last.phase == "done"
    assert (last.note is not None) == deleted


async def test_failures_are_grouped_by_cause_with_their_instances() -> None:
    engine = sandbox(**SLOW)
    mixed = mixed_sandbox(engine, good=5, bad=4, job=2)
    engine.end(mixed.by_state["good"][0])
    async with running(engine) as it:
        last = (await read_all(it, await batch_of(it, mixed)))[-1]
        groups = await failures(it.session, last)
        trace = await stack_trace(it.session, groups[0].jobs[0].job_id)
    bad, job, ended = groups
    assert sorted(bad.instance_ids) == sorted(mixed.by_state["bad"])
    assert bad.cause.text == "bad: There is no migration instruction for this instance's activity"
    assert sorted(job.instance_ids) == sorted(mixed.by_state["job"])
    assert job.cause.text == "Target activity is not asyncBefore"  # a transition instance names no activity
    assert ended.instance_ids == (mixed.by_state["good"][0],)
    assert "does not exist" in ended.cause.text
    assert mixed.by_state["good"][0] not in ended.cause.text
    assert full_message(trace).startswith("ENGINE-23004 Cannot migrate process instance")
    assert "\tat " not in full_message(trace)


MESSAGE = (
    "ENGINE-23004 Cannot migrate process instance '7a23':\n\tCannot migrate activity instance "
    "'y:7a441111-1111-1111-1111-111111111111':\n\t\tThere is no migration instruction for this instance's activity\n"
    "\tCannot migrate transition instance '7a441111-1111-1111-1111-111111111112':\n\t\t"
    "Target activity is not asyncBefore\n"
)


def test_a_cause_has_nothing_of_one_instance() -> None:
    cause = read_cause(MESSAGE)
    assert cause.activity_ids == ("", "y")
    assert cause.sentences == (
        "Target activity is not asyncBefore",
        "There is no migration instruction for this instance's activity",
    )
    assert read_cause(MESSAGE.replace("7a", "7b")) == cause


def test_a_failure_of_the_whole_process_names_no_activity() -> None:
    message = "ENGINE-23004 Cannot migrate process instance '7a':\n\tCannot migrate subscription for compensation\n"
    assert read_cause(message).text == "Cannot migrate subscription for compensation"


def test_what_is_left_over_is_no_cause_of_its_own_for_each_id() -> None:
    message = (
        "ENGINE-23004 Cannot migrate process instance '7a':\n"
        "\tProcess instance contains not migrated incidents: [0f3c, 77aa]\n"
    )
    assert read_cause(message).text == "Process instance contains not migrated incidents"
    assert read_cause(message.replace("0f3c, 77aa", "9")) == read_cause(message)


@pytest.mark.parametrize("message", ["", "java.lang.NullPointerException", "ENGINE-23004 Cannot migrate"])
def test_any_text_is_a_cause(message: str) -> None:
    assert read_cause(message).text


def test_groups_come_by_size() -> None:
    jobs = [FailedJob("1", None, "a"), FailedJob("2", "x", "b"), FailedJob("3", None, "b")]
    large, small = group_failures(jobs)
    assert (large.cause.text, large.instance_ids, len(small.jobs)) == ("b", ("x",), 1)
    assert FailedJob("1", None, "x" * 666).is_cut
