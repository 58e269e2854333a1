from __future__ import annotations

from datetime import timedelta

import pytest

from tests.operations.running import JumpingClock, Mixed, Running, mixed_sandbox, prepared, running, sandbox
from tui_migrate.errors import EngineFault, EngineRefused, NotFound, OutcomeUnknown, ReadOnly
from tui_migrate.operations.batches import (
    cancel_safely,
    drop_job,
    list_batches,
    resume,
    retry_failed,
    retry_one,
    suspend,
)
from tui_migrate.operations.failures import failed_jobs
from tui_migrate.operations.run import Runner
from tui_migrate.operations.watch import watch_batch
from tui_migrate.sandbox.engine import SandboxEngine


async def started(it: Running, mixed: Mixed) -> str:
    return (await it.session.engine.execute_async(mixed.plan, mixed.ids)).id


async def over(it: Running, batch_id: str) -> None:
    async for _ in watch_batch(it.session, batch_id):
        pass


async def test_running_and_ended_batches_are_listed_also_those_of_others() -> None:
    engine = sandbox(monitor_interval=1.0)
    first, second = mixed_sandbox(engine, "first", good=3), mixed_sandbox(engine, "second", good=4, bad=1)
    async with running(engine) as it:
        elsewhere = await started(it, second)
        runner = Runner(it.session, await prepared(it.session, first.plan, first.ids))
        await runner.start()
        state = await runner.wait()
        await over(it, elsewhere)
        await it.session.clock.sleep(60)
        it.requests.clear()
        rows = await list_batches(it.session)
        assert len(it.requests) == 2
    running_row, ended_row = rows
    assert (running_row.id, running_row.run_id, running_row.ended) == (elsewhere, None, False)
    assert (running_row.total, running_row.completed, running_row.failed, running_row.remaining) == (5, 4, 1, 1)
    assert (ended_row.run_id, ended_row.ended, ended_row.total, ended_row.failed) == (state.run_id, True, 3, None)
    assert ended_row.ended_at is not None


async def test_only_running_ones() -> None:
    engine = sandbox()
    async with running(engine) as it:
        await it.session.features()
        it.requests.clear()
        assert await list_batches(it.session, ended=False) == ()
        assert len(it.requests) == 1


@pytest.mark.parametrize("history", [True, False])
async def test_running_ones_of_an_old_engine_are_ordered_by_what_history_tells(history: bool) -> None:
    """Camunda 7.17 sorts batches that run by their ids only."""
    clock = JumpingClock()
    engine = SandboxEngine(clock, version="7.17.0", history=history)
    async with running(engine) as it:
        sent = []
        for number in range(4):
            mixed = mixed_sandbox(engine, f"old{number}", good=1)
            clock.present += timedelta(minutes=1)
            sent.append((await started(it, mixed), clock.present))
            await suspend(it.session, sent[-1][0])
        # What the engine lists first is not what was started last: ids are no order of time.
        renamed = dict(zip(("c", "a", "d", "b"), sent, strict=True))
        for name, (old, _) in renamed.items():
            for batches in (engine.store.batches, engine.store.historic_batches):
                record = batches.pop(old)
                record.id = name
                batches[name] = record
        await it.session.features()
        it.requests.clear()
        rows = await list_batches(it.session, limit=3)
        assert len(it.requests) == 3
    if history:
        assert [one.id for one in rows] == ["b", "d", "a"]
        assert [one.started_at for one in rows] == [renamed[one.id][1] for one in rows]
    else:
        assert [(one.id, one.started_at) for one in rows] == [("a", None), ("b", None), ("c", None)]


async def test_suspending_and_resuming() -> None:
    engine = sandbox(jobs_per_second=1.0)
    mixed = mixed_sandbox(engine, good=9)
    async with running(engine) as it:
        batch_id = await started(it, mixed)
        await suspend(it.session, batch_id)
        await it.session.clock.sleep(100)
        (row,) = await list_batches(it.session)
        assert (row.suspended, row.completed) == (True, 0)
        await resume(it.session, batch_id)
        await over(it, batch_id)
        assert {engine.instance(one).definition.id for one in mixed.ids} == {mixed.target_id}
        actions = [(one.action, one.subject, one.outcome) for one in it.session.journal.requests()]
    assert actions == [("suspend batch", batch_id, "done"), ("resume batch", batch_id, "done")]


async def test_a_batch_that_is_gone_is_refused_and_written_down() -> None:
    async with running(sandbox()) as it:
        with pytest.raises(EngineRefused):
            await suspend(it.session, "nope")
        with pytest.raises(NotFound, match="no batch 'nope'"):
            await retry_failed(it.session, "nope")
        with pytest.raises(NotFound, match="no batch 'nope'"):
            await cancel_safely(it.session, "nope")
        (request,) = it.session.journal.requests()
    assert request.outcome == "refused"


async def test_retrying_one_job_and_dropping_another() -> None:
    engine = sandbox(monitor_interval=1.0)
    mixed = mixed_sandbox(engine, good=1, bad=2)
    async with running(engine) as it:
        batch_id = await started(it, mixed)
        await over(it, batch_id)
        batch = await it.session.engine.batch(batch_id)
        assert batch.batch_job_definition_id is not None
        first, second = await failed_jobs(it.session, batch.batch_job_definition_id)
        await retry_one(it.session, first.id)
        await drop_job(it.session, second.id)
        await it.session.clock.sleep(30)
        statistics = await it.session.engine.batch_statistics(batch_id)
        assert statistics is not None
        assert (statistics.completed_jobs, statistics.failed_jobs) == (2, 1)
        with pytest.raises(EngineRefused):
            await retry_one(it.session, second.id)


async def test_cancelling_suspends_settles_and_deletes() -> None:
    engine = sandbox(jobs_per_second=2.0)
    mixed = mixed_sandbox(engine, good=40)
    async with running(engine) as it:
        batch_id = await started(it, mixed)
        await it.session.clock.sleep(10)
        settling: list[int] = []
        cancelled = await cancel_safely(
            it.session, batch_id, on_progress=lambda one: settling.append(one.completed_jobs)
        )
        moved = sum(engine.instance(one).definition.id == mixed.target_id for one in mixed.ids)
        assert (cancelled.completed, cancelled.total, cancelled.was_gone) == (moved, 40, False)
        assert 0 < moved < 40
        assert settling[-1] == settling[-2] == moved
        assert batch_id not in engine.store.batches
        assert await it.session.engine.historic_batch(batch_id) is not None
        actions = [one.action for one in it.session.journal.requests()]
    assert actions == ["suspend batch", "delete batch"]


CLASH = '{"type":"OptimisticLockingException","message":"ENGINE-03005 updated by another transaction","code":1}'


async def test_a_clash_with_a_running_job_means_waiting_and_deleting_again() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=4)
    for _ in range(2):
        engine.faults.answer(500, CLASH, method="DELETE")
    async with running(engine) as it:
        batch_id = await started(it, mixed)
        cancelled = await cancel_safely(it.session, batch_id)
        assert not cancelled.was_gone
        assert [one.outcome for one in it.session.journal.requests() if one.action == "delete batch"] == [
            "refused",
            "refused",
            "done",
        ]


async def test_clashes_without_end_are_told() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=4)
    for _ in range(20):
        engine.faults.answer(500, CLASH, method="DELETE")
    async with running(engine) as it:
        with pytest.raises(EngineFault):
            await cancel_safely(it.session, await started(it, mixed))
        assert it.sent("DELETE", "") == 6


async def test_a_deletion_without_an_answer_is_not_sent_again() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=4)
    engine.faults.timeout(method="DELETE", does_it=False)
    async with running(engine) as it:
        with pytest.raises(OutcomeUnknown):
            await cancel_safely(it.session, await started(it, mixed))
        assert it.sent("DELETE", "") == 1


async def test_a_deletion_without_an_answer_that_was_done_is_found_out() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=4)
    engine.faults.timeout(method="DELETE", does_it=True)
    async with running(engine) as it:
        cancelled = await cancel_safely(it.session, await started(it, mixed))
        assert (cancelled.was_gone, cancelled.completed) == (False, 0)


async def test_a_batch_that_ends_while_it_is_cancelled() -> None:
    clock = JumpingClock()
    engine = sandbox(clock=clock, active=False)
    mixed = mixed_sandbox(engine, good=4)
    async with running(engine) as it:
        batch_id = await started(it, mixed)

        def end() -> None:
            if batch_id in engine.store.batches:
                engine.executor.delete(engine.store.batches[batch_id], clock.now(), cascade=False)

        clock.at_sleep = end
        assert (await cancel_safely(it.session, batch_id)).was_gone


async def test_a_read_only_profile_changes_no_batch() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=4)
    async with running(engine) as it:
        batch_id = await started(it, mixed)
    async with running(engine, read_only=True) as it:
        for change in (suspend, resume, retry_failed, cancel_safely):
            with pytest.raises(ReadOnly):
                await change(it.session, batch_id)
        assert all(request.method == "GET" for request in it.requests)
