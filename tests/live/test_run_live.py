"""Runs against live engines: what the rehearsal names fails, the rest moves, and the account equals the truth."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.engines import launcher, rest
from tests.live.mixed import complete, end, mixed_live
from tests.operations.running import Mixed, Running, prepared, running
from tests.waiting import until, wait_until
from tui_migrate.errors import EngineFault
from tui_migrate.operations.account import Account, AccountClass, account
from tui_migrate.operations.batches import (
    cancel_safely,
    drop_job,
    list_batches,
    resume,
    retry_failed,
    retry_one,
    suspend,
)
from tui_migrate.operations.failures import failures
from tui_migrate.operations.rehearse import rehearse
from tui_migrate.operations.return_plan import make_return_plan
from tui_migrate.operations.run import Runner, RunOptions, RunState
from tui_migrate.operations.watch import FIRST_PAUSE, BatchReading, watch_batch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from tests.engines.launcher import RunningEngine

MANY = 1500
"""Instances of a batch that is still at work when a test has seen its first jobs done: 400 take less than 2 s."""
SIZES = (200, pytest.param(2000, marks=pytest.mark.long))


def counts_of(total: int) -> dict[str, int]:
    return {"good": total - 40, "fork": 12, "join": 8, "bad": 12, "job": 8}


async def ran(
    it: Running,
    mixed: Mixed,
    options: RunOptions | None = None,
    during: Callable[[BatchReading], object] | None = None,
    ids: Sequence[str] | None = None,
) -> RunState:
    """Carries a run out, saying yes to every question; `during` is called with each reading."""
    runner = Runner(it.session, await prepared(it.session, mixed.plan, ids or mixed.ids, options))
    await runner.start()
    async for event in runner.events():
        reading = event.state.waves[event.state.wave].reading if event.state.waves else None
        if event.kind == "reading" and reading is not None and during is not None:
            await asyncio.to_thread(during, reading)
        if event.kind == "asking":
            runner.confirm_next_wave()
    assert runner.state.phase == "over", runner.state.error
    return runner.state


def truth(engine: RunningEngine, mixed: Mixed) -> dict[AccountClass, list[str]]:
    """Where each instance is, read without the client under test: only what the engine can know."""
    running = rest.definitions_of(engine.url, mixed.ids, user=engine.user)
    ended = {}
    for first in range(0, len(mixed.ids), 500):
        body = {"processInstanceIds": mixed.ids[first : first + 500], "finished": True}
        for one in rest.post(engine.url, "/history/process-instance", body, user=engine.user):
            ended[one["id"]] = one["processDefinitionId"]
    found: dict[AccountClass, list[str]] = {class_: [] for class_ in AccountClass}
    for one in mixed.ids:
        if one in running:
            on_target = running[one] == mixed.target_id
            found[AccountClass.MIGRATED if on_target else AccountClass.UNTOUCHED].append(one)
        else:
            on_target = ended[one] == mixed.target_id
            found[AccountClass.MIGRATED_AND_ENDED if on_target else AccountClass.ENDED_BEFORE].append(one)
    return found


def of(taken: Account | None, *classes: AccountClass) -> list[str]:
    assert taken is not None
    return sorted(one for one, entry in taken.entries.items() if entry.class_ in classes)


def equals_truth(taken: Account | None, engine: RunningEngine, mixed: Mixed) -> None:
    """The account adds up, and says of each instance what the engine says."""
    assert taken is not None
    assert sorted(taken.entries) == mixed.ids
    assert sum(taken.counts.values()) == len(mixed.ids)
    found = truth(engine, mixed)
    for class_ in (AccountClass.MIGRATED, AccountClass.MIGRATED_AND_ENDED):
        assert of(taken, class_) == sorted(found[class_]), class_
    unmoved = (AccountClass.FAILED, AccountClass.ROLLED_BACK, AccountClass.UNTOUCHED, AccountClass.ENDED_BEFORE)
    assert of(taken, *unmoved) == sorted(found[AccountClass.UNTOUCHED] + found[AccountClass.ENDED_BEFORE])


@pytest.mark.parametrize("total", SIZES)
async def test_exactly_those_fail_that_the_rehearsal_names(live_engine: RunningEngine, total: int) -> None:
    mixed = mixed_live(live_engine, "run", **counts_of(total))
    async with running(live_engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
        began = time.monotonic()
        state = await ran(it, mixed)
        seconds = time.monotonic() - began
        asked = [one.path for one in it.requests if one.path.startswith("/batch/statistics")]
        readings = len(asked)
        groups = await failures(it.session, state.waves[0].reading) if state.waves[0].reading else ()
    assert sorted(rehearsal.failing) == mixed.failing
    assert of(state.account, AccountClass.FAILED) == mixed.failing
    assert of(state.account, AccountClass.MIGRATED) == mixed.good
    equals_truth(state.account, live_engine, mixed)
    assert sorted(one for group in groups for one in group.instance_ids) == mixed.failing
    assert [len(group.jobs) for group in groups] == [12, 8]
    # One request at once and one a tick; the list before anything is sent, and the account at the end, are the others.
    assert readings <= 3 + seconds / FIRST_PAUSE


@pytest.mark.parametrize("total", SIZES)
async def test_two_waves_while_others_end_and_complete_instances(live_engine: RunningEngine, total: int) -> None:
    mixed = mixed_live(live_engine, "waves", good=total - 20, fork=10, bad=10)
    ending = iter(mixed.by_state["good"][:: max(1, total // 40)])
    completing = iter(sorted(mixed.by_state["fork"]))

    def meanwhile(reading: BatchReading) -> None:
        for _ in range(6):
            one = next(ending, None)
            if one is not None:
                end(live_engine, one)
        complete(live_engine, [one for one in [next(completing, None)] if one is not None])

    async with running(live_engine) as it:
        options = RunOptions(wave_size=total // 2, allowed_failures=total)
        state = await ran(it, mixed, options, meanwhile)
        run = it.session.journal.run(state.run_id)
        # Events are read while the run goes on: some may have ended after its own account.
        taken = await account(it.session, run)
    assert state.outcome == "done"
    assert len({wave.batch.id for wave in run.waves if wave.batch}) == 2
    equals_truth(taken, live_engine, mixed)
    assert set(mixed.failing) == set(of(taken, AccountClass.FAILED))
    assert of(taken, AccountClass.ENDED_BEFORE, AccountClass.MIGRATED_AND_ENDED)
    assert of(taken, AccountClass.UNKNOWN, AccountClass.UNTOUCHED, AccountClass.NOT_SENT) == []


@pytest.mark.parametrize("total", [MANY, pytest.param(2 * MANY, marks=pytest.mark.long)])
async def test_a_batch_that_somebody_else_deletes(live_engine: RunningEngine, total: int) -> None:
    mixed = mixed_live(live_engine, "deleted", good=total)
    deleted: list[str] = []

    def delete(reading: BatchReading) -> None:
        if deleted:
            return
        url, batch = live_engine.url, f"/batch/{reading.batch_id}"
        wait_until(lambda: completed(live_engine, reading.batch_id), "the first jobs have run")
        wait_until(lambda: _done(rest.put, url, f"{batch}/suspended", {"suspended": True}), "the batch is suspended")
        wait_until(lambda: _done(rest.delete, url, f"{batch}?cascade=false"), "the batch is deleted")
        deleted.append(reading.batch_id)

    async with running(live_engine) as it:
        state = await ran(it, mixed, during=delete)
    assert deleted, "the batch was over before the first reading"
    assert state.waves[0].deleted
    equals_truth(state.account, live_engine, mixed)
    assert of(state.account, AccountClass.UNTOUCHED)
    assert of(state.account, AccountClass.FAILED, AccountClass.UNKNOWN) == []


def completed(engine: RunningEngine, batch_id: str) -> int:
    """How many jobs of a batch have run."""
    (found,) = rest.get(engine.url, "/batch/statistics", batchId=batch_id, user=engine.user)
    return int(found["completedJobs"])


def _done(change: Callable[..., object], *arguments: object) -> bool:
    """Whether a change was made: a job of the batch that runs at the same time can be in its way."""
    try:
        change(*arguments)
    except rest.RestError as error:
        if error.status < 500:
            raise
        return False
    return True


async def changed(change: Callable[[], Awaitable[object]]) -> None:
    """Makes a change of a batch; see `_done`."""

    async def done() -> bool:
        try:
            await change()
        except EngineFault:
            return False
        return True

    await until(done, "the batch is changed")


@pytest.fixture(scope="module", params=["camunda-7.24", "operaton", "camunda-7.17"])
def five_in_a_job(
    request: pytest.FixtureRequest, engine_tools: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningEngine]:
    """An engine of its own, since the number of instances in a job holds for the whole engine."""
    properties = {"test.invocations-per-batch-job": 5, "test.batch-poll-time": 1, "test.job-executor-max-wait": 1000}
    engine = launcher.start(request.param, properties=properties, folder=tmp_path_factory.mktemp("engine"))
    yield engine
    engine.stop()


@pytest.mark.live
@pytest.mark.parametrize("total", SIZES)
async def test_neighbours_in_a_job_are_accounted_for(five_in_a_job: RunningEngine, total: int) -> None:
    mixed = mixed_live(five_in_a_job, "five", **counts_of(total))
    ended = mixed.good[0]
    async with running(five_in_a_job) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
        end(five_in_a_job, ended)
        state = await ran(it, mixed)
    assert sorted(rehearsal.failing) == mixed.failing
    assert state.waves[0].batch is not None
    assert state.waves[0].batch.invocations_per_batch_job == 5
    equals_truth(state.account, five_in_a_job, mixed)
    failed, back = of(state.account, AccountClass.FAILED), of(state.account, AccountClass.ROLLED_BACK)
    assert set(failed) <= set(mixed.failing)
    assert set(mixed.failing) <= set(failed) | set(back)  # of several in one job the engine names the first
    assert set(back) - set(mixed.failing), "no neighbour was rolled back, so nothing was tested"
    assert of(state.account, AccountClass.ENDED_BEFORE) == [ended]


async def test_every_action_on_a_batch(live_engine: RunningEngine) -> None:
    mixed = mixed_live(live_engine, "actions", good=150, bad=3)
    async with running(live_engine) as it:
        batch = await it.session.engine.execute_async(mixed.plan, mixed.ids)
        await changed(lambda: suspend(it.session, batch.id))
        (row,) = [one for one in await list_batches(it.session, limit=1000) if one.id == batch.id]
        assert row.suspended
        reading = await anext(watch_batch(it.session, batch.id))
        assert reading.phase == "suspended"
        await changed(lambda: resume(it.session, batch.id))
        reading = await _over(it, batch.id)
        assert (reading.failed, reading.only_failed_left) == (3, True)
        (group,) = await failures(it.session, reading)
        await retry_one(it.session, group.jobs[0].job_id)
        assert (await _over(it, batch.id)).failed == 3
        assert await retry_failed(it.session, batch.id) == 3
        reading = await _over(it, batch.id)
        assert reading.failed == 3
        for job in group.jobs[:2]:
            await drop_job(it.session, job.job_id)
        reading = await _over(it, batch.id)
        assert (reading.failed, reading.completed) == (1, 152)
        cancelled = await cancel_safely(it.session, batch.id)
        assert (cancelled.completed, cancelled.total, cancelled.was_gone) == (152, 153, False)
        rows = [one for one in await list_batches(it.session, limit=1000) if one.id == batch.id]
        assert [one.ended for one in rows] == [True]


async def test_batches_that_run_are_listed_newest_first(live_engine: RunningEngine) -> None:
    """Also where the engine can't sort them so (7.17). Batches whose only job fails stay until they are cancelled."""
    mixed = mixed_live(live_engine, "order", good=0, bad=3)
    async with running(live_engine) as it:
        sent = [(await it.session.engine.execute_async(mixed.plan, [one])).id for one in mixed.failing]
        rows = [one for one in await list_batches(it.session, ended=False, limit=1000) if one.id in sent]
        assert [one.id for one in rows] == sent[::-1]
        times = [one.started_at for one in rows if one.started_at is not None]
        assert times == sorted(times, reverse=True)
        assert len(times) == len(sent)
        for batch_id in sent:
            await cancel_safely(it.session, batch_id)


async def _over(it: Running, batch_id: str) -> BatchReading:
    return [reading async for reading in watch_batch(it.session, batch_id)][-1]


async def test_a_batch_of_many_is_cancelled_while_it_works(live_engine: RunningEngine) -> None:
    mixed = mixed_live(live_engine, "cancel", good=MANY)
    async with running(live_engine) as it:
        batch = await it.session.engine.execute_async(mixed.plan, mixed.ids)
        worked = partial(completed, live_engine, batch.id)
        await asyncio.to_thread(wait_until, worked, "the first jobs have run")
        cancelled = await cancel_safely(it.session, batch.id)
    moved = len(truth(live_engine, mixed)[AccountClass.MIGRATED])
    assert not cancelled.was_gone
    assert 0 < cancelled.completed == moved < MANY


async def test_there_and_back(live_engine: RunningEngine) -> None:
    mixed = mixed_live(live_engine, "return", good=30, fork=5, bad=2)
    async with running(live_engine) as it:
        state = await ran(it, mixed, RunOptions(canary=3, allowed_failures=3))
        assert state.account is not None
        moved = state.account.moved_ids
        assert sorted(moved) == mixed.good
        back = await make_return_plan(it.session, it.session.journal.run(state.run_id))
        runner = Runner(it.session, await prepared(it.session, back.plan, moved, RunOptions(asynchronous=False)))
        await runner.start()
        assert (await runner.wait()).outcome == "done"
    assert rest.definitions_of(live_engine.url, mixed.ids) == dict.fromkeys(mixed.ids, mixed.source_id)


async def test_a_transaction_names_the_first_that_refuses(live_engine: RunningEngine) -> None:
    mixed = mixed_live(live_engine, "sync", good=10, bad=1)
    async with running(live_engine) as it:
        state = await ran(it, mixed, RunOptions(asynchronous=False))
        assert state.outcome == "instance refused"
        assert state.failure is not None
        assert (state.failure.instance_id, state.failure.activity_ids) == (mixed.failing[0], ("bad",))
        equals_truth(state.account, live_engine, mixed)
        assert of(state.account, AccountClass.ROLLED_BACK) == mixed.good
        again = await ran(it, mixed, RunOptions(asynchronous=False), ids=mixed.good)
        assert again.outcome == "done"


async def test_an_annotation_reaches_the_user_operation_log(camunda_724_auth: RunningEngine) -> None:
    engine = camunda_724_auth
    mixed = mixed_live(engine, "annotated", good=4)
    async with running(engine) as it:
        state = await ran(it, mixed, RunOptions(annotation="CHG-4711"))
        assert state.notes == ()
        assert it.session.journal.run(state.run_id).who == "admin"
    found = rest.get(engine.url, "/history/user-operation", operationType="Migrate", user=engine.user)
    ours = [row for row in found if row["newValue"] == mixed.target_id]
    assert [row["annotation"] for row in ours] == ["CHG-4711"]


async def test_where_no_operation_is_logged_the_annotation_stays_in_the_journal(camunda_724: RunningEngine) -> None:
    mixed = mixed_live(camunda_724, "unannotated", good=2)
    async with running(camunda_724) as it:
        state = await ran(it, mixed, RunOptions(annotation="CHG-4711"))
        run = it.session.journal.run(state.run_id)
    assert run.options["annotation"] == "CHG-4711"
    assert "our journal" in state.notes[0]


async def test_a_user_who_may_not_migrate_is_told(camunda_724_auth: RunningEngine) -> None:
    mixed = mixed_live(camunda_724_auth, "forbidden", good=3)
    async with running(camunda_724_auth, user="reader") as it:
        state = await ran(it, mixed)
    assert state.outcome == "failed"
    assert state.failure is not None
    assert (state.failure.kind, "permission" in state.failure.message) == ("refused", True)
    assert of(state.account, AccountClass.UNTOUCHED) == mixed.ids


async def test_the_account_of_a_batch_at_work_is_finished_later(live_engine: RunningEngine) -> None:
    mixed = mixed_live(live_engine, "later", good=120, bad=2)
    async with running(live_engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()
        async for event in runner.events():
            if event.kind == "sent":
                runner.stop_waiting()
        early = await account(it.session, runner.run_id)
        assert sum(early.counts.values()) == 122
        (open_run,) = it.session.journal.open_runs()
        again = await Runner.take_up(it.session, open_run.id)
        await again.start()
        state = await again.wait()
    assert state.outcome == "done"
    equals_truth(state.account, live_engine, mixed)
    assert of(state.account, AccountClass.FAILED) == mixed.failing
