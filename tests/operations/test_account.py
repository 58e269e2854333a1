from __future__ import annotations

import itertools

import pytest

from tests.operations.running import Mixed, Running, mixed_plan, mixed_sandbox, prepared, running, sandbox
from tui_migrate.errors import EngineError
from tui_migrate.migration.plan import MigrationPlan
from tui_migrate.operations.account import Account, AccountClass, account, kept_account
from tui_migrate.operations.account_evidence import WaveEvidence
from tui_migrate.operations.account_rules import AccountEntry, WaveCase, judge
from tui_migrate.operations.batches import drop_job
from tui_migrate.operations.failures import failed_jobs, failures
from tui_migrate.operations.locate import Whereabouts
from tui_migrate.operations.records import SentBatch, WaveFailure, WaveRecord
from tui_migrate.operations.run import Runner, RunOptions, RunState


async def ran(it: Running, mixed: Mixed, ids: list[str] | None = None, options: RunOptions | None = None) -> RunState:
    runner = Runner(it.session, await prepared(it.session, mixed.plan, ids or mixed.ids, options))
    await runner.start()
    return await runner.wait()


def of(taken: Account | None, class_: AccountClass) -> list[str]:
    assert taken is not None
    return sorted(one for one, entry in taken.entries.items() if entry.class_ is class_)


def adds_up(taken: Account | None, ids: list[str]) -> None:
    assert taken is not None
    assert sorted(taken.entries) == sorted(ids)
    assert sum(taken.counts.values()) == len(ids)
    assert set(taken.counts) == set(AccountClass)


async def test_every_class_that_a_batch_can_leave() -> None:
    engine = sandbox(jobs_per_second=5.0)
    mixed = mixed_sandbox(engine, good=12, bad=2)
    other = engine.deploy(engine.definition(mixed.target_id).xml)
    ended_before, elsewhere = mixed.good[0], mixed.good[1]
    async with running(engine) as it:
        await it.session.engine.execute(mixed_plan(mixed.source_id, other), [elsewhere])
        engine.end(ended_before)
        state = await ran(it, mixed)
        engine.end(mixed.good[2])
        taken = await account(it.session, state.run_id)
    adds_up(taken, mixed.ids)
    assert of(taken, AccountClass.ENDED_BEFORE) == [ended_before]
    assert of(taken, AccountClass.MOVED_ELSEWHERE) == [elsewhere]
    assert of(taken, AccountClass.MIGRATED_AND_ENDED) == [mixed.good[2]]
    assert of(taken, AccountClass.FAILED) == mixed.failing
    assert of(taken, AccountClass.MIGRATED) == mixed.good[3:]
    assert {taken.entries[one].cause for one in mixed.failing} == {
        "bad: There is no migration instruction for this instance's activity"
    }
    assert taken.failed_ids == tuple(one for one in mixed.ids if one in mixed.failing)
    assert not taken.all_moved


async def test_instances_with_incidents_left_over_are_one_group() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2, job=3)
    plan = mixed_plan(mixed.source_id, mixed.target_id)
    plan = MigrationPlan(plan.source_definition_id, plan.target_definition_id, plan.instructions[:-1])
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, plan, mixed.ids))
        await runner.start()
        taken = (await runner.wait()).account
        reading = runner.state.waves[0].reading
        assert reading is not None
        (jobs,) = await failures(it.session, reading)
    assert taken is not None
    failed, moved = sorted(taken.groups(), key=lambda group: group[0].class_)
    assert moved == (AccountEntry(AccountClass.MIGRATED), tuple(mixed.good))
    assert "contains not migrated incidents" in (failed[0].cause or "")
    assert failed == (AccountEntry(AccountClass.FAILED, jobs.cause.text), tuple(mixed.failing))


async def test_neighbours_of_a_failed_instance_are_told_apart_from_it() -> None:
    engine = sandbox(invocations_per_job=5)
    mixed = mixed_sandbox(engine, good=20, bad=3)
    async with running(engine) as it:
        taken = (await ran(it, mixed)).account
    adds_up(taken, mixed.ids)
    assert taken is not None
    failed, back = of(taken, AccountClass.FAILED), of(taken, AccountClass.ROLLED_BACK)
    assert set(failed) <= set(mixed.failing)  # of two bad ones in one job the engine names the first
    on_source = sorted(one for one in mixed.ids if engine.instance(one).definition.id == mixed.source_id)
    assert sorted(failed + back) == on_source
    assert of(taken, AccountClass.MIGRATED) == sorted(set(mixed.ids) - set(on_source))
    assert set(taken.failed_ids) == set(on_source)


async def test_a_batch_at_work_leaves_the_rest_untouched_for_now() -> None:
    engine = sandbox(jobs_per_second=1.0)
    mixed = mixed_sandbox(engine, good=20)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()
        async for event in runner.events():
            if event.kind == "reading" and event.state.waves[0].reading.completed >= 5:  # type: ignore[union-attr]
                runner.stop_waiting()
        taken = await account(it.session, runner.run_id)
    adds_up(taken, mixed.ids)
    counts = taken.counts
    assert counts[AccountClass.MIGRATED] + counts[AccountClass.UNTOUCHED] == 20
    assert 5 <= counts[AccountClass.MIGRATED] < 20
    assert {taken.entries[one].cause for one in of(taken, AccountClass.UNTOUCHED)} == {
        "its turn in the batch has not come yet"
    }


async def test_a_failed_instance_keeps_its_cause_when_its_job_was_dropped() -> None:
    engine = sandbox(monitor_interval=1.0)
    mixed = mixed_sandbox(engine, good=4, bad=2)
    async with running(engine) as it:
        state = await ran(it, mixed)
        batch = state.waves[0].batch
        assert batch is not None
        for job in await failed_jobs(it.session, batch.batch_job_definition_id):
            await drop_job(it.session, job.id)
        await it.session.clock.sleep(60)
        taken = await account(it.session, state.run_id)
        assert await it.session.engine.batch_statistics(batch.id) is None
    assert of(taken, AccountClass.FAILED) == mixed.failing
    assert all("no migration instruction" in (taken.entries[one].cause or "") for one in mixed.failing)


async def test_without_history_an_ended_instance_is_unknown() -> None:
    engine = sandbox(history=False)
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        state = await ran(it, mixed)
        engine.end(mixed.ids[0])
        taken = await account(it.session, state.run_id)
    adds_up(taken, mixed.ids)
    assert of(taken, AccountClass.UNKNOWN) == mixed.ids[:1]
    assert taken.entries[mixed.ids[0]].cause == "it does not run any more, and history is off or may not be read"
    assert any("history is off" in note for note in taken.notes)


async def test_without_history_the_engine_s_word_tells_of_one_that_ended_before() -> None:
    engine = sandbox(history=False)
    mixed = mixed_sandbox(engine, good=5)
    engine.end(mixed.ids[0])
    async with running(engine) as it:
        taken = (await ran(it, mixed)).account
    assert of(taken, AccountClass.ENDED_BEFORE) == mixed.ids[:1]


async def test_an_instance_that_failed_and_ended_since_stays_failed() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3, bad=1)
    async with running(engine) as it:
        state = await ran(it, mixed)
        engine.end(mixed.failing[0])
        taken = await account(it.session, state.run_id)
    assert of(taken, AccountClass.FAILED) == mixed.failing
    assert (taken.entries[mixed.failing[0]].cause or "").endswith("(it has ended since)")


async def test_it_says_how_many_stand_on_the_source() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=5, bad=1)
    late = [engine.start(mixed.source_id, at=["good"]) for _ in range(3)]
    async with running(engine) as it:
        taken = (await ran(it, mixed)).account
    assert taken is not None
    assert taken.notes == (
        f"4 instances stand on the source {mixed.source_id} now.",
        "3 of them were not selected, or started later.",
    )
    assert not set(late) & set(taken.entries)


async def test_a_definition_migrated_to_itself() -> None:
    """Where an instance is tells nothing then."""
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=4, bad=1)
    plan = mixed_plan(mixed.source_id, mixed.source_id)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, plan, mixed.ids))
        await runner.start()
        taken = (await runner.wait()).account
    assert of(taken, AccountClass.FAILED) == mixed.failing
    assert of(taken, AccountClass.MIGRATED) == mixed.good


async def test_the_journal_keeps_the_last_account_when_the_engine_is_away() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3, bad=1)
    async with running(engine) as it:
        state = await ran(it, mixed)
        run = it.session.journal.run(state.run_id)
        for _ in range(3):
            engine.faults.connection(path="/process-instance")
        with pytest.raises(EngineError):
            await account(it.session, run)
        kept = kept_account(it.session, run)
    assert state.account is not None
    assert kept is not None
    assert (kept.entries, kept.notes, kept.waves) == (state.account.entries, state.account.notes, state.account.waves)


async def test_it_costs_a_request_for_each_500_instances() -> None:
    engine = sandbox(jobs_per_second=10_000.0, seeds_per_second=1000.0)
    mixed = mixed_sandbox(engine, good=1200)
    async with running(engine) as it:
        state = await ran(it, mixed)
        it.requests.clear()
        taken = await account(it.session, state.run_id)
        asked = [(one.method, one.path) for one in it.requests]
    adds_up(taken, mixed.ids)
    assert taken.all_moved
    assert asked.count(("POST", "/process-instance")) == 3
    assert len(asked) <= 7


async def test_groups_come_by_class_and_cause() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3, bad=2, job=1)
    async with running(engine) as it:
        taken = (await ran(it, mixed)).account
    assert taken is not None
    groups = [(entry.class_, len(ids)) for entry, ids in taken.groups()]
    assert groups == [(AccountClass.MIGRATED, 3), (AccountClass.FAILED, 2), (AccountClass.FAILED, 1)]


# The rules themselves

BATCH = SentBatch("b", 4, 1, "s", "m", "j")
ANONYMOUS = "java.lang.NullPointerException"
NAMED = "ENGINE-23004 Cannot migrate process instance 'x':\n\tnot so\n"


def case(
    status: str = "over",
    *,
    batch: SentBatch | None = BATCH,
    failure: WaveFailure | None = None,
    size: int = 4,
    unnamed: int = 4,
    source: bool = True,
    **evidence: object,
) -> WaveCase:
    known = {"causes": {}, "invocations_per_job": 1, **evidence}
    return WaveCase(
        WaveRecord(0, size, status, batch=batch, failure=failure),  # type: ignore[arg-type]
        WaveEvidence(**known),  # type: ignore[arg-type]
        Whereabouts({"x": "source"} if source else {}, {}, {}, history=True),
        "source",
        "target",
        unnamed,
    )


@pytest.mark.parametrize(
    ("one", "class_"),
    [
        (case(causes={"x": NAMED}), AccountClass.FAILED),
        (case(), AccountClass.UNTOUCHED),
        (case(working=True), AccountClass.UNTOUCHED),
        (case(deleted=True), AccountClass.UNTOUCHED),
        (case(deleted=True, anonymous=(ANONYMOUS,), jobs_failed=1), AccountClass.UNTOUCHED),
        (case(anonymous=(ANONYMOUS,), jobs_failed=1), AccountClass.FAILED),
        (case(invocations_per_job=5, jobs_failed=1), AccountClass.ROLLED_BACK),
        (case(invocations_per_job=5, jobs_failed=0), AccountClass.UNTOUCHED),
        (case(invocations_per_job=5, jobs_failed=1, anonymous=(ANONYMOUS,)), AccountClass.ROLLED_BACK),
        (case(invocations_per_job=5, jobs_failed=1, anonymous=(ANONYMOUS,), unnamed=1), AccountClass.FAILED),
        (case("unknown", batch=None), AccountClass.UNKNOWN),
        (case("sending", batch=None), AccountClass.UNKNOWN),
        (case(batch=None), AccountClass.UNTOUCHED),
        (case("refused", batch=None, failure=WaveFailure("plan", "no")), AccountClass.UNTOUCHED),
        (case("refused", batch=None, failure=WaveFailure("refused", "no")), AccountClass.UNTOUCHED),
        (case("refused", batch=None, failure=WaveFailure("instance", "no", "y")), AccountClass.ROLLED_BACK),
        (case("refused", batch=None, failure=WaveFailure("fault", "no")), AccountClass.ROLLED_BACK),
        (case("refused", batch=None, failure=WaveFailure("fault", "no"), size=1), AccountClass.FAILED),
        (case(source=False), AccountClass.UNKNOWN),
        (case(source=False, causes={"x": NAMED}), AccountClass.FAILED),
        (case(source=False, causes={"x": "ENGINE-23003 Process instance 'x' cannot"}), AccountClass.ENDED_BEFORE),
    ],
)
def test_the_class_of_one_that_has_not_moved(one: WaveCase, class_: AccountClass) -> None:
    entry = judge(one, "x")
    assert entry.class_ is class_
    assert "\n" not in (entry.cause or "")


def test_every_combination_gives_a_class() -> None:
    failures = [None, *(WaveFailure(kind, "no", "y") for kind in ("plan", "instance", "fault", "refused"))]
    places = (
        [Whereabouts({"x": place}, {}, {}, history=True) for place in ("source", "target", "third")]
        + [Whereabouts({}, {"x": place}, {}, history=True) for place in ("source", "target", "third")]
        + [Whereabouts({}, {}, {"x": place}, history=True) for place in ("source", "target", "third")]
        + [Whereabouts({}, {}, {}, history=history) for history in (True, False)]
    )
    for status, batch, failure, where, target, cause, working, deleted, size in itertools.product(
        ("sending", "sent", "over", "refused", "unknown"),
        (None, BATCH),
        failures,
        places,
        ("target", "source"),
        (None, NAMED, "ENGINE-23003 Process instance 'x' cannot be migrated"),
        (False, True),
        (False, True),
        (1, 5),
    ):
        evidence = WaveEvidence({"x": cause} if cause else {}, (), working, deleted, 1, size)
        wave = WaveRecord(0, size, status, batch=batch, failure=failure)  # type: ignore[arg-type]
        entry = judge(WaveCase(wave, evidence, where, "source", target, 1), "x")
        assert isinstance(entry, AccountEntry)
        if where.running.get("x") == "target" and target == "target":
            assert entry.class_ is AccountClass.MIGRATED


def test_a_plan_with_variables_is_read_back_as_it_was() -> None:
    from tui_migrate.operations.prepared_run import plan_of

    plan = MigrationPlan("a", "b", mixed_plan("a", "b").instructions, {"n": {"value": 1, "type": "Integer"}})
    assert plan_of(plan.to_engine()) == plan
