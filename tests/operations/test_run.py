from __future__ import annotations

import asyncio
import json
import pickle
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.operations.running import JumpingClock, Mixed, Running, mixed_sandbox, prepared, running, sandbox
from tui_migrate.engine.wire import Reply, WireRequest
from tui_migrate.errors import JournalError, ReadOnly, UsageError
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.operations.account import AccountClass
from tui_migrate.operations.journal import Journal
from tui_migrate.operations.plan import open_plan
from tui_migrate.operations.run import PreparedRun, RunEvent, Runner, RunOptions, RunState, prepare_run, recheck
from tui_migrate.operations.selection import FrozenSelection
from tui_migrate.sandbox.position import Position

if TYPE_CHECKING:
    from pathlib import Path

EXECUTE, EXECUTE_ASYNC = "/migration/execute", "/migration/executeAsync"


async def ran(it: Running, mixed: Mixed, options: RunOptions | None = None, ids: list[str] | None = None) -> RunState:
    run = await prepared(it.session, mixed.plan, mixed.ids if ids is None else ids, options)
    runner = Runner(it.session, run)
    await runner.start()
    return await runner.wait()


async def until_asking(runner: Runner) -> list[RunEvent]:
    """Reads events until the run asks or ends."""
    events = []
    async for event in runner.events():
        events.append(event)
        if event.state.phase == "asking" or event.state.ended:
            return events
    return events


def counts(state: RunState) -> dict[str, int]:
    assert state.account is not None
    return {class_.value: number for class_, number in state.account.counts.items() if number}


# Preparing


async def test_a_prepared_run_shows_what_it_will_send() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=5)
    sent: list[bytes] = []
    async with running(engine) as it:
        opened = await open_plan(it.session, mixed.source_id, mixed.target_id)
        opened.draft.reset(mixed.plan.instructions, label="test", origin="imported")
        frozen = FrozenSelection(tuple(mixed.ids), it.session.clock.now(), 1)
        variables = {"ticket": {"value": "CHG-1", "type": "String"}}
        run = prepare_run(it.session, opened, frozen, RunOptions(skip_io_mappings=True, variables=variables))
        carrier = it.session.engine._transport._carrier
        real = carrier.send

        async def handle(request: WireRequest) -> Reply:
            if request.path.endswith(EXECUTE_ASYNC):
                sent.append(request.content or b"")
            return await real(request)

        carrier.send = handle  # type: ignore[method-assign]
        runner = Runner(it.session, run)
        await runner.start()
        await runner.wait()
    assert [json.loads(content) for content in sent] == [run.payload(0)]
    assert run.payload(0) == run.payload(run.waves[0])
    assert run.payload()["skipIoMappings"] is True
    assert run.payload()["skipCustomListeners"] is False
    assert run.payload()["migrationPlan"]["variables"] == variables
    assert "processInstanceQuery" not in run.payload()
    assert run.payload()["processInstanceIds"] == mixed.ids


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        (RunOptions(), [25]),
        (RunOptions(wave_size=10), [10, 10, 5]),
        (RunOptions(wave_size=10, canary=3), [3, 10, 10, 2]),
        (RunOptions(canary=25), [25]),
    ],
)
async def test_ids_are_cut_into_waves(options: RunOptions, sizes: list[int]) -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=25)
    async with running(engine) as it:
        run = await prepared(it.session, mixed.plan, mixed.ids, options)
    assert [len(wave) for wave in run.waves] == sizes
    assert [one for wave in run.waves for one in wave] == mixed.ids


async def test_a_batch_is_the_default_above_one_instance() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine) as it:
        assert not (await prepared(it.session, mixed.plan, mixed.ids[:1])).asynchronous
        assert (await prepared(it.session, mixed.plan, mixed.ids)).asynchronous
        assert not (await prepared(it.session, mixed.plan, mixed.ids, RunOptions(asynchronous=False))).asynchronous


@pytest.mark.parametrize("wrong", [{"wave_size": 0}, {"canary": -1}, {"allowed_failures": -1}])
def test_impossible_options_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        RunOptions(**wrong)  # type: ignore[arg-type]


async def test_curl_takes_the_payload_from_a_file_and_shows_no_secret() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine, user="admin") as it:
        run = await prepared(it.session, mixed.plan, mixed.ids)
        words = shlex.split(run.curl("my payload.json").replace("\\\n", ""))
    assert words[0] == "curl"
    assert words[words.index("--data-binary") + 1] == "@my payload.json"
    assert words[words.index("--user") + 1] == "admin"  # curl asks for the password
    assert words[-1] == "http://sandbox/engine-rest/migration/executeAsync"
    assert "Content-Type: application/json" in words


async def test_the_command_says_the_same_headless() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    options = RunOptions(
        asynchronous=False, canary=1, annotation="CHG 1", allowed_failures=2, skip_custom_listeners=True
    )
    async with running(engine) as it:
        run = await prepared(it.session, mixed.plan, mixed.ids, options)
        words = shlex.split(run.command("the plan.json", "ids.txt"))
    assert words[:5] == ["tui-migrate", "run", "the plan.json", "--instances-file", "ids.txt"]
    assert words[words.index("--annotation") + 1] == "CHG 1"
    assert {"--sync", "--yes", "--skip-custom-listeners", "--canary", "--allowed-failures", "--url"} <= set(words)


# Looking again


async def test_nothing_has_changed() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        run = await _reviewed(it, mixed)
        assert await recheck(it.session, run) == ()


async def _reviewed(it: Running, mixed: Mixed) -> PreparedRun:
    opened = await open_plan(it.session, mixed.source_id, mixed.target_id)
    return prepare_run(it.session, opened, FrozenSelection(tuple(mixed.ids), it.session.clock.now(), 1))


async def test_every_change_since_the_review_is_named() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=6)
    async with running(engine) as it:
        run = await _reviewed(it, mixed)
        engine.definition(mixed.target_id).suspended = True
        engine.end(mixed.ids[0])
        await it.session.engine.execute(mixed.plan, mixed.ids[1:3])
        await it.session.engine.execute_async(mixed.plan, mixed.ids[3:4])
        engine.deploy(engine.definition(mixed.target_id).xml)
        changes = await recheck(it.session, run)
    assert {change.kind for change in changes} == {"target", "newer", "count", "instances", "batches"}
    sentences = " ".join(change.sentence for change in changes)
    assert "is suspended now" in sentences
    assert "1 of the 6 selected instances have ended" in sentences
    assert "2 of the 6 selected instances are not on the source any more" in sentences
    assert "3 instances run on the source now; there were 6" in sentences
    assert "Version 3 of 'mixed' is there; this run goes to version 2" in sentences
    assert [change.kind for change in changes if not change.important] == ["newer", "batches"]


# Carrying out


async def test_a_batch_run_from_start_to_account() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=20, bad=3, fork=4, join=2, job=1)
    async with running(engine) as it:
        state = await ran(it, mixed)
        assert (state.phase, state.outcome) == ("over", "done")
        assert counts(state) == {"migrated": 26, "failed": 4}
        assert state.account is not None
        assert sorted(state.account.failed_ids) == mixed.failing
        assert it.sent("POST", EXECUTE_ASYNC) == 1
        run = it.session.journal.run(state.run_id)
        assert (run.status, run.waves[0].status) == ("done", "over")
        assert run.counts["migrated"] == 26
        assert it.session.journal.open_runs() == ()


async def test_a_synchronous_run() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3)
    async with running(engine) as it:
        state = await ran(it, mixed, RunOptions(asynchronous=False))
        assert (state.outcome, counts(state)) == ("done", {"migrated": 3})
        assert (it.sent("POST", EXECUTE), it.sent("POST", EXECUTE_ASYNC)) == (1, 0)


async def test_an_instance_that_refuses_takes_the_others_with_it() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3, bad=1)
    async with running(engine) as it:
        state = await ran(it, mixed, RunOptions(asynchronous=False))
    assert state.outcome == "instance refused"
    assert state.failure is not None
    assert state.failure.instance_id == mixed.failing[0]
    assert (state.failure.activity_ids, state.failure.failures) == (
        ("bad",),
        ("There is no migration instruction for this instance's activity",),
    )
    assert counts(state) == {"failed": 1, "rolled back with a neighbour": 3}


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_an_invalid_plan_is_refused_by_the_engine(asynchronous: bool) -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=4)
    plan = MigrationPlan(mixed.source_id, mixed.target_id, (Instruction("good", "nowhere"),))
    async with running(engine) as it:
        options = RunOptions(asynchronous=asynchronous, wave_size=2)
        runner = Runner(it.session, await prepared(it.session, plan, mixed.ids, options))
        await runner.start()
        state = await runner.wait()
        assert it.sent("POST", EXECUTE) + it.sent("POST", EXECUTE_ASYNC) == 1
    assert state.outcome == "plan invalid"
    assert state.failure is not None
    assert state.failure.report is not None
    assert state.failure.report["instructionReports"]
    assert counts(state) == {"untouched": 2, "not sent": 2}


async def test_a_failure_in_the_engine_s_own_words() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3)
    engine.faults.answer(
        500, '{"type":"ProcessEngineException","message":"Unknown property used in expression","code":0}', path=EXECUTE
    )
    async with running(engine) as it:
        state = await ran(it, mixed, RunOptions(asynchronous=False))
    assert state.outcome == "failed"
    assert state.failure is not None
    assert state.failure.message == "Unknown property used in expression"
    assert counts(state) == {"rolled back with a neighbour": 3}


async def test_a_missing_permission_stops_the_run() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=4)
    body = '{"type":"AuthorizationException","message":"no","code":0,"missingAuthorizations":[]}'
    engine.faults.answer(403, body, path=EXECUTE_ASYNC)
    async with running(engine) as it:
        state = await ran(it, mixed, RunOptions(wave_size=2))
        assert it.sent("POST", EXECUTE_ASYNC) == 1
    assert state.outcome == "failed"
    assert counts(state) == {"untouched": 2, "not sent": 2}


async def test_nothing_to_migrate() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine)
    async with running(engine) as it:
        state = await ran(it, mixed)
        assert (state.outcome, state.account) == ("nothing", None)
        assert it.sent("POST", EXECUTE_ASYNC) == 0


async def test_a_read_only_profile_sends_nothing() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine, read_only=True) as it:
        with pytest.raises(ReadOnly):
            await ran(it, mixed)
        assert it.session.journal.runs() == ()
        assert all(request.method == "GET" for request in it.requests)


async def test_without_the_journal_nothing_is_sent(tmp_path: Path) -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine, journal=tmp_path / "journal.sqlite3") as it:
        it.session.journal.close()
        with pytest.raises(JournalError):
            await ran(it, mixed)
        assert it.sent("POST", EXECUTE_ASYNC) == 0


# Waves


async def test_the_next_wave_follows_when_no_more_failed_than_allowed() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=20, bad=2)
    async with running(engine) as it:
        state = await ran(it, mixed, RunOptions(wave_size=10, allowed_failures=2))
        assert it.sent("POST", EXECUTE_ASYNC) == 3
    assert state.outcome == "done"
    assert counts(state) == {"migrated": 20, "failed": 2}


async def test_more_failures_than_allowed_stop_the_run_and_ask() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=10, bad=2)
    ids = mixed.failing + mixed.good
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, ids, RunOptions(wave_size=6)))
        await runner.start()
        await until_asking(runner)
        question = runner.state.question
        assert question is not None
        assert (question.kind, question.next_wave, question.unsent) == ("failures", 1, 6)
        assert question.sentence == "Up to 2 instances of wave 1 failed; 0 are allowed."
        assert it.sent("POST", EXECUTE_ASYNC) == 1
        runner.stop()
        state = await runner.wait()
        assert it.sent("POST", EXECUTE_ASYNC) == 1
        assert it.session.journal.run(state.run_id).status == "stopped"
    assert state.outcome == "stopped"
    assert counts(state) == {"migrated": 4, "failed": 2, "not sent": 6}


async def test_somebody_may_go_on_after_failures() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=10, bad=2)
    ids = mixed.failing + mixed.good
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, ids, RunOptions(wave_size=6)))
        await runner.start()
        await until_asking(runner)
        runner.confirm_next_wave()
        state = await runner.wait()
        answers = [event.text for event in it.session.journal.events(state.run_id) if event.kind == "answer"]
    assert counts(state) == {"migrated": 10, "failed": 2}
    assert answers == ["failures: go on"]


async def test_nothing_is_decided_when_nothing_is_asked() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        with pytest.raises(UsageError, match="asks nothing"):
            runner.confirm_next_wave()


async def test_a_canary_goes_first_and_then_the_run_asks() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=8)
    hurt = engine.start(mixed.source_id, at=[Position("good", incident_type="custom", failure="it hurts")])
    ids = [hurt, *mixed.ids]
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, ids, RunOptions(canary=3)))
        await runner.start()
        await until_asking(runner)
        question = runner.state.question
        assert question is not None
        assert question.kind == "canary"
        assert question.canary is not None
        assert (question.canary.size, question.canary.on_target, question.canary.troubled) == (3, 3, 1)
        assert question.canary.incidents == {hurt: ("it hurts",)}
        assert question.sentence == (
            "The canary has gone first: 3 of 3 are on the target; 1 has an incident or a failed job."
        )
        engine.end(hurt)
        canary = await runner.refresh_canary()
        assert canary is not None
        assert (canary.on_target, canary.ended, canary.troubled) == (2, 1, 0)
        runner.confirm_next_wave()
        state = await runner.wait()
    assert counts(state) == {"migrated": 8, "migrated and ended since": 1}


async def test_a_batch_that_somebody_deletes_stops_the_run() -> None:
    clock = JumpingClock()
    engine = sandbox(clock=clock, jobs_per_second=2.0)
    mixed = mixed_sandbox(engine, good=40)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids, RunOptions(wave_size=20)))
        await runner.start()
        async for event in runner.events():
            reading = event.state.waves[0].reading
            if event.state.phase == "asking":
                break
            if reading is not None and reading.completed > 3 and engine.store.batches:
                await it.session.engine.delete_batch(reading.batch_id)
        question = runner.state.question
        assert question is not None
        assert question.kind == "deleted"
        runner.stop()
        state = await runner.wait()
    assert state.account is not None
    classes = state.account.counts
    assert classes[AccountClass.MIGRATED] > 3
    assert classes[AccountClass.UNTOUCHED] == 20 - classes[AccountClass.MIGRATED]
    assert classes[AccountClass.NOT_SENT] == 20


# Lost answers


async def test_a_lost_answer_is_reconciled_and_never_sent_again() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=10)
    async with running(engine) as it:
        await it.session.engine.execute_async(mixed.plan, mixed.ids[:1])  # somebody else's
        engine.faults.timeout(path=EXECUTE_ASYNC, does_it=True)
        state = await ran(it, mixed, ids=mixed.ids[1:])
        assert it.sent("POST", EXECUTE_ASYNC) == 2
        assert (state.outcome, counts(state)) == ("done", {"migrated": 9})
        batch = it.session.journal.run(state.run_id).waves[0].batch
        assert batch is not None
        assert batch.total_jobs == 9
        assert len(it.session.journal.requests(state.run_id, unanswered=True)) == 1


async def test_a_lost_answer_of_a_batch_that_is_gone_before_the_first_look_is_found_in_history() -> None:
    engine = sandbox(jobs_per_second=float("inf"), seeds_per_second=float("inf"), latency=0.0)
    mixed = mixed_sandbox(engine, good=10)
    engine.faults.html(504, "Gateway Time-out", path=EXECUTE_ASYNC, does_it=True)
    async with running(engine) as it:
        state = await ran(it, mixed)
        assert it.sent("POST", EXECUTE_ASYNC) == 1
    assert (state.outcome, counts(state)) == ("done", {"migrated": 10})


async def test_a_request_that_the_engine_never_got_stays_unknown() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=10)
    engine.faults.timeout(path=EXECUTE_ASYNC, does_it=False)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids, RunOptions(wave_size=5)))
        await runner.start()
        await until_asking(runner)
        assert runner.state.question is not None
        assert runner.state.question.kind == "unknown"
        runner.stop()
        state = await runner.wait()
        assert it.sent("POST", EXECUTE_ASYNC) == 1
    assert state.outcome == "unknown"
    assert counts(state) == {"unknown": 5, "not sent": 5}


async def test_two_new_batches_of_the_same_size_are_not_guessed_between() -> None:
    engine = sandbox(active=False)
    mixed = mixed_sandbox(engine, good=10)
    engine.faults.timeout(path=EXECUTE_ASYNC, does_it=True)
    async with running(engine) as it:
        run = await prepared(it.session, mixed.plan, mixed.ids[:5])
        runner = Runner(it.session, run)
        real = it.session.engine.list_batch_statistics
        calls = 0

        async def somebody_else(**options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == 2:
                await it.session.engine.execute_async(mixed.plan, mixed.ids[5:])
            return await real(**options)

        it.session.engine.list_batch_statistics = somebody_else  # type: ignore[method-assign]
        await runner.start()
        state = await runner.wait()
        events = [event.text for event in it.session.journal.events(state.run_id)]
    assert state.outcome == "unknown"
    assert any("Several new batches" in text for text in events)


@pytest.mark.parametrize("does_it", [True, False])
async def test_a_lost_answer_of_a_transaction_is_told_by_the_definitions(does_it: bool) -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=6)
    engine.faults.timeout(path=EXECUTE, does_it=does_it)
    async with running(engine) as it:
        state = await ran(it, mixed, RunOptions(asynchronous=False))
        assert it.sent("POST", EXECUTE) == 1
    if does_it:
        assert (state.outcome, counts(state)) == ("done", {"migrated": 6})
    else:
        assert (state.outcome, counts(state)) == ("unknown", {"unknown": 6})


async def test_a_request_that_found_no_connection_may_be_sent_when_somebody_says_so() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=6)
    engine.faults.connection(path=EXECUTE_ASYNC)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()
        await until_asking(runner)
        assert runner.state.question is not None
        assert runner.state.question.kind == "not sent"
        runner.confirm_next_wave()
        state = await runner.wait()
        outcomes = [request.outcome for request in it.session.journal.requests(state.run_id)]
    assert outcomes == ["not sent", "done"]
    assert (state.outcome, counts(state)) == ("done", {"migrated": 6})


# Leaving and taking up


async def test_leaving_says_what_goes_on_and_what_stays_unsent(tmp_path: Path) -> None:
    engine = sandbox(jobs_per_second=0.001)
    mixed = mixed_sandbox(engine, good=30)
    journal = Journal(tmp_path / "journal.sqlite3", clock=JumpingClock())
    async with running(engine, journal=journal) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids, RunOptions(wave_size=10)))
        await runner.start()
        async for event in runner.events():
            if event.kind == "reading":
                break
        leaving = runner.stop_waiting()
        state = await runner.wait()
        asked = len(it.requests)
        assert (len(leaving.batches), leaving.unsent_waves, leaving.unsent_instances) == (1, 2, 20)
        assert leaving.sentence == (
            "1 batch goes on in the engine. 2 waves with 20 instances stay unsent. "
            "The run is in the journal and can be taken up."
        )
        assert state.phase == "left"
        await it.session.clock.sleep(1000)
        assert len(it.requests) == asked
    engine.executor.settings.jobs_per_second = 100.0
    async with running(engine, journal=journal) as it:
        (open_run,) = journal.open_runs(engine_url=it.session.engine.base_url)
        assert open_run.unsent == 20
        runner = await Runner.take_up(it.session, open_run.id)
        await runner.start()
        await until_asking(runner)
        assert runner.state.question is not None
        assert runner.state.question.kind == "taken up"
        assert runner.state.question.sentence == "20 instances of this run were not sent yet."
        assert it.sent("POST", EXECUTE_ASYNC) == 0
        runner.confirm_next_wave()
        state = await runner.wait()
        assert it.sent("POST", EXECUTE_ASYNC) == 2
    assert (state.outcome, counts(state)) == ("done", {"migrated": 30})
    journal.close()


async def test_a_batch_that_the_engine_has_forgotten_is_over(tmp_path: Path) -> None:
    engine = sandbox(history=False)
    mixed = mixed_sandbox(engine, good=10)
    journal = Journal(tmp_path / "journal.sqlite3", clock=JumpingClock())
    async with running(engine, journal=journal) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()
        async for event in runner.events():
            if event.kind == "sent":
                runner.stop_waiting()
        await it.session.clock.sleep(1000)
        assert await it.session.engine.list_batch_statistics() == []
        again = await Runner.take_up(it.session, runner.run_id)
        await again.start()
        state = await again.wait()
    assert (state.outcome, counts(state)) == ("done", {"migrated": 10})
    journal.close()


async def test_a_request_on_its_way_is_answered_before_it_is_left() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=10)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids, RunOptions(wave_size=5)))
        real = it.session.engine.execute_async
        sending = asyncio.Event()
        go_on = asyncio.Event()

        async def slow(*arguments: Any, **options: Any) -> Any:
            sending.set()
            await go_on.wait()
            return await real(*arguments, **options)

        it.session.engine.execute_async = slow  # type: ignore[method-assign]
        await runner.start()
        await sending.wait()
        runner.stop_waiting()
        go_on.set()
        state = await runner.wait()
        run = it.session.journal.run(state.run_id)
        assert [wave.status for wave in run.waves] == ["sent", "unsent"]
        assert it.session.journal.requests(run.id, unanswered=True) == ()


BEGIN_AND_DIE = """
import os, pickle, signal, sys
from pathlib import Path
from tui_migrate.operations.journal import Journal
new, before = pickle.load(sys.stdin.buffer)
journal = Journal(Path(sys.argv[1]))
run = journal.begin_run(new)
journal.begin_wave(run.id, 0, before)
journal.begin_request("execute as a batch", "x", run_id=run.id, wave=0)
os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_a_killed_process_leaves_a_run_whose_lost_answer_is_found_out(tmp_path: Path) -> None:
    """The wave is written down as being sent; nobody knows if it was."""
    path = tmp_path / "journal.sqlite3"
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=10)
    async with running(engine) as it:
        new = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids, RunOptions(wave_size=5)))._new_run()
        before = ["another"]
    killed = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", BEGIN_AND_DIE, str(path)],
        input=pickle.dumps((new, before)),
        check=False,
        timeout=60,
    )
    assert killed.returncode == -9
    async with running(engine, journal=path) as it:
        await it.session.engine.execute_async(mixed.plan, mixed.ids[:5])  # the engine had got it
        (open_run,) = it.session.journal.open_runs()
        runner = await Runner.take_up(it.session, open_run.id)
        await runner.start()
        await until_asking(runner)
        assert runner.state.question is not None
        runner.stop()
        state = await runner.wait()
        assert it.sent("POST", EXECUTE_ASYNC) == 1
    assert counts(state) == {"migrated": 5, "not sent": 5}


async def test_a_wave_is_sent_by_one_process_only() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        real = it.session.engine.list_batch_statistics

        async def other_process_is_faster(**options: Any) -> Any:
            assert it.session.journal.begin_wave(runner.run_id, 0, [])
            return await real(**options)

        it.session.engine.list_batch_statistics = other_process_is_faster  # type: ignore[method-assign]
        await runner.start()
        state = await runner.wait()
        assert state.phase == "interrupted"
        assert "sent by another process" in str(state.error)
        assert it.sent("POST", EXECUTE_ASYNC) == 0


async def test_a_run_of_another_engine_is_not_taken_up() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine) as it:
        state = await ran(it, mixed)
        it.session.journal._execute("UPDATE runs SET engine_url = 'http://other'", ())
        with pytest.raises(UsageError, match="went to http://other"):
            await Runner.take_up(it.session, state.run_id)


async def test_an_engine_that_can_t_be_asked_at_the_end_leaves_the_run_open() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()
        async for event in runner.events():
            if event.kind == "wave over":
                for _ in range(6):
                    engine.faults.connection(path="process-instance")
        assert runner.state.phase == "interrupted"
        engine.faults.clear()
        (open_run,) = it.session.journal.open_runs()
        again = await Runner.take_up(it.session, open_run.id)
        await again.start()
        assert counts(await again.wait()) == {"migrated": 2}


async def test_several_readers_see_the_same_run() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=5)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()

        async def kinds() -> list[str]:
            return [event.kind async for event in runner.events()]

        first, second = await asyncio.gather(kinds(), kinds())
        assert first == second
        assert first[-1] == "ended"
        assert await kinds() == ["changed"]  # one that comes late sees the end


async def test_a_fault_of_ours_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tui_migrate.operations.runner.account", broken)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()
        with pytest.raises(ZeroDivisionError):
            await runner.wait()
