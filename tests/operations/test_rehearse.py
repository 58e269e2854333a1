from __future__ import annotations

import asyncio
import json

import pytest
from msgspec.structs import replace

from tests.operations.running import JumpingClock, Mixed, mixed_sandbox, running, sandbox
from tests.replies import json_reply
from tui_migrate.engine.wire import NotAnsweredInTime, Reply, WireRequest
from tui_migrate.errors import Forbidden, PlanRejected, ReadOnly
from tui_migrate.migration.forecast import Forecast, ForecastFailure
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.operations.rehearse import (
    Rehearsal,
    RehearsalCommitted,
    RehearsalProgress,
    RehearsalUnsafe,
    rehearse,
)
from tui_migrate.sandbox.engine import SandboxEngine

EXECUTE = "/migration/execute"


def outcomes(rehearsal: Rehearsal) -> dict[str, str]:
    return {one: verdict.outcome for one, verdict in rehearsal.verdicts.items()}


def definitions(engine: SandboxEngine, mixed: Mixed) -> set[str]:
    return {engine.instance(one).definition.id for one in mixed.ids}


async def test_all_failing_instances_are_found_with_their_causes() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=40, bad=7, fork=5, join=4, job=3)
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids, chunk=20)
        assert {one for one, outcome in outcomes(rehearsal).items() if outcome == "fails"} == set(mixed.failing)
        assert {one for one, outcome in outcomes(rehearsal).items() if outcome == "migrates"} == set(mixed.good)
        assert tuple(rehearsal.verdicts) == tuple(mixed.ids)
        assert definitions(engine, mixed) == {mixed.source_id}
        bad, job = rehearsal.groups()
        assert (bad.activity_ids, len(bad.ids)) == (("bad",), 7)
        assert bad.failures == ("There is no migration instruction for this instance's activity",)
        assert (job.activity_ids, job.failures) == (("job",), ("Target activity is not asyncBefore",))
        assert sorted(job.ids) == sorted(mixed.by_state["job"])


async def test_each_failing_instance_costs_a_call_and_each_chunk_one() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=55, bad=5)
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.good[:1] + mixed.ids, chunk=20)
        # Three for the order, one for the rollback, one with the plan; the others are 59 in three chunks.
        assert 5 + 5 <= rehearsal.calls <= 5 + 3 + 5
        assert rehearsal.calls == it.sent("POST", EXECUTE)
        assert [guard.proven for guard in rehearsal.guards] == [True, True, True]


async def test_guards_come_in_their_order_before_any_other_call() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3)
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
        assert rehearsal.run_id is not None
        subjects = [request.subject for request in it.session.journal.requests(rehearsal.run_id)]
    assert subjects == [
        "guard of the order: 5 made-up ids",
        "guard of the order: 40 made-up ids",
        "guard of the order: 200 made-up ids",
        f"guard of the rollback: {mixed.ids[0]}",
        f"guard with the plan: {mixed.ids[0]}",
        "2 instances",
    ]


async def test_nothing_but_ids_goes_along_and_listeners_are_skipped() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    plan = MigrationPlan(
        mixed.source_id, mixed.target_id, mixed.plan.instructions, {"x": {"value": 1, "type": "Integer"}}
    )
    sent: list[tuple[MigrationPlan, bool, bool]] = []
    async with running(engine) as it:
        real = it.session.engine.execute

        async def execute(
            plan: MigrationPlan, ids: list[str], *, skip_custom_listeners: bool, skip_io_mappings: bool
        ) -> None:
            sent.append((plan, skip_custom_listeners, skip_io_mappings))
            await real(plan, ids, skip_custom_listeners=skip_custom_listeners, skip_io_mappings=skip_io_mappings)

        it.session.engine.execute = execute  # type: ignore[method-assign, assignment]
        await rehearse(it.session, plan, mixed.ids)
    assert len(sent) == 6
    assert all(not plan.variables and listeners and mappings for plan, listeners, mappings in sent)


async def test_a_read_only_profile_refuses_it() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    async with running(engine, read_only=True) as it:
        with pytest.raises(ReadOnly, match="read-only"):
            await rehearse(it.session, mixed.plan, mixed.ids)
        assert it.requests == []
        assert it.session.journal.runs(kind=None) == ()


async def test_an_invalid_plan_needs_no_rehearsal() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    plan = MigrationPlan(mixed.source_id, mixed.target_id, (Instruction("good", "nowhere"),))
    async with running(engine) as it:
        with pytest.raises(PlanRejected):
            await rehearse(it.session, plan, mixed.ids)
        assert it.sent("POST", EXECUTE) == 1


async def test_nobody_is_asked_about_nothing() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine)
    async with running(engine) as it:
        assert (await rehearse(it.session, mixed.plan, [])).calls == 0
        assert it.requests == []


async def test_ended_and_moved_instances_are_named() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=12)
    engine.end(mixed.ids[4])
    async with running(engine) as it:
        await it.session.engine.execute(mixed.plan, [mixed.ids[7]])
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
    found = outcomes(rehearsal)
    assert (found.pop(mixed.ids[4]), found.pop(mixed.ids[7])) == ("ended", "moved")
    assert set(found.values()) == {"migrates"}


def refused(cause: str) -> Forecast:
    return Forecast("", "fails", (ForecastFailure(cause, "bad", "activity"),), ())


async def test_of_those_that_the_forecast_refuses_one_of_each_cause_is_asked_about() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=20, bad=15, job=6)
    forecast = {one: refused("bad") for one in mixed.by_state["bad"]}
    forecast |= {one: refused("job") for one in mixed.by_state["job"]}
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids, forecast=forecast)
        assert set(rehearsal.failing) == set(mixed.failing)
        assert sum(verdict.by_forecast for verdict in rehearsal.verdicts.values()) == 14 + 5
        assert rehearsal.calls in (5 + 2, 5 + 3)  # none more where the last one visited fails


async def test_where_the_forecast_was_wrong_all_of_that_cause_are_asked_about() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=10, bad=2)
    forecast = {one: refused("wrong") for one in mixed.by_state["good"][:6]}
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids, forecast=forecast)
    assert set(rehearsal.failing) == set(mixed.failing)
    assert not any(verdict.by_forecast for verdict in rehearsal.verdicts.values())


async def test_a_failure_without_a_name_is_narrowed_down() -> None:
    """The engine's answer to a listener, a mapping or a changed trigger names no instance."""
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=33)
    culprits = {mixed.ids[5], mixed.ids[20]}
    async with running(engine) as it:
        _break(it.session.engine, culprits)
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
    assert set(rehearsal.failing) == culprits
    assert {rehearsal.verdicts[one].failures for one in culprits} == {("ENGINE-99999 Exception in listener",)}
    assert rehearsal.calls < 5 + 2 * 2 * 6


def _break(client: object, culprits: set[str]) -> None:
    """Lets the carrier answer 500 without a name where a culprit would be visited."""
    carrier = client._transport._carrier  # type: ignore[attr-defined]
    real = carrier.send

    async def handle(request: WireRequest) -> Reply:
        asked = json.loads(request.content or b"{}")
        if request.path.endswith(EXECUTE) and culprits & set(asked["processInstanceIds"]):
            body = {"type": "ProcessEngineException", "message": "ENGINE-99999 Exception in listener", "code": 0}
            return json_reply(body, 500)
        reply: Reply = await real(request)
        return reply

    carrier.send = handle


async def test_an_engine_that_visits_in_another_order_is_refused() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=4)
    engine.faults.answer(
        500,
        '{"type":"ProcessEngineException","code":0,"message":"ENGINE-23003 Process instance \'another\' cannot be '
        'migrated. The process instance does not exist"}',
        path=EXECUTE,
    )
    async with running(engine) as it:
        with pytest.raises(RehearsalUnsafe, match="should have named"):
            await rehearse(it.session, mixed.plan, mixed.ids)
        assert it.sent("POST", EXECUTE) == 1
        (run,) = it.session.journal.runs(kind="rehearsal")
        assert run.status == "cancelled"


async def test_an_engine_that_commits_is_found_out_before_anything_has_moved() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=4)
    async with running(engine) as it:
        _commit(it.session.engine, from_call=4)
        with pytest.raises(RehearsalUnsafe, match="Nothing has moved"):
            await rehearse(it.session, mixed.plan, mixed.ids)
    assert definitions(engine, mixed) == {mixed.source_id}


@pytest.mark.parametrize("call", [5, 6])
async def test_a_commit_is_said_loudly_and_nothing_more_is_sent(call: int) -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=30)
    async with running(engine) as it:
        _commit(it.session.engine, from_call=call)
        with pytest.raises(RehearsalCommitted, match="THE REHEARSAL MIGRATED INSTANCES"):
            await rehearse(it.session, mixed.plan, mixed.ids, chunk=10, concurrency=1)
        assert it.sent("POST", EXECUTE) == call
        (run,) = it.session.journal.runs(kind="rehearsal")
        committed, trouble = it.session.journal.events(run.id)
        moved = [one for one in mixed.ids if engine.instance(one).definition.id == mixed.target_id]
        assert committed.kind == "committed"
        assert moved
        assert all(one in committed.text for one in moved)
        assert "MIGRATED" in trouble.text
        assert it.session.journal.instance_ids(run.id) == tuple(mixed.ids)


def _commit(client: object, *, from_call: int) -> None:
    """Lets the engine leave the stopper out, from that call on, so that all others are migrated."""
    carrier = client._transport._carrier  # type: ignore[attr-defined]
    real = carrier.send
    calls = 0

    async def handle(request: WireRequest) -> Reply:
        nonlocal calls
        if request.path.endswith(EXECUTE):
            calls += 1
            if calls >= from_call:
                body = json.loads(request.content or b"{}")
                body["processInstanceIds"].pop()
                request = replace(request, content=json.dumps(body).encode())
        reply: Reply = await real(request)
        return reply

    carrier.send = handle


async def test_a_lost_answer_is_asked_again_only_when_nothing_has_moved() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=6, bad=1)
    async with running(engine) as it:
        _lose(it.session.engine, calls={6})
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
        assert rehearsal.run_id is not None
        assert len(it.session.journal.requests(rehearsal.run_id, unanswered=True)) == 1
        paths = [one.path for one in it.requests if one.method == "POST"]
        lost = [number for number, path in enumerate(paths) if path == EXECUTE][5]
        assert paths[lost + 1] == "/process-instance"  # the definitions are read before the next call
    assert set(rehearsal.failing) == set(mixed.failing)
    assert set(outcomes(rehearsal).values()) == {"migrates", "fails"}


async def test_answers_that_stay_lost_leave_the_verdict_open() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=6)
    async with running(engine) as it:
        _lose(it.session.engine, calls={6, 7, 8})
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
        assert it.sent("POST", EXECUTE) == 8
    assert sorted(outcomes(rehearsal).values()) == ["migrates"] + ["unknown"] * 5


async def test_a_lost_answer_of_a_commit_is_found_out() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=6)
    async with running(engine) as it:
        _commit(it.session.engine, from_call=6)
        _lose(it.session.engine, calls={6})
        with pytest.raises(RehearsalCommitted):
            await rehearse(it.session, mixed.plan, mixed.ids)
        assert it.sent("POST", EXECUTE) == 6


def _lose(client: object, *, calls: set[int]) -> None:
    """Lets the answers of these calls, counted from 1, be lost."""
    carrier = client._transport._carrier  # type: ignore[attr-defined]
    real = carrier.send
    made = 0

    async def handle(request: WireRequest) -> Reply:
        nonlocal made
        reply: Reply = await real(request)
        if request.path.endswith(EXECUTE):
            made += 1
            if made in calls:
                raise NotAnsweredInTime("")
        return reply

    carrier.send = handle


async def test_a_missing_permission_ends_it() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=2)
    body = '{"type":"AuthorizationException","message":"no","code":0,"missingAuthorizations":[]}'
    engine.faults.answer(403, body, path=EXECUTE)
    async with running(engine) as it:
        with pytest.raises(Forbidden):
            await rehearse(it.session, mixed.plan, mixed.ids)


async def test_it_can_be_cancelled_and_what_was_found_stays() -> None:
    engine = sandbox(clock=JumpingClock())
    mixed = mixed_sandbox(engine, good=40)
    seen: list[RehearsalProgress] = []
    async with running(engine) as it:

        def progress(progress: RehearsalProgress) -> None:
            seen.append(progress)
            if progress.done >= 20:
                task.cancel()

        task = asyncio.create_task(
            rehearse(it.session, mixed.plan, mixed.ids, chunk=10, concurrency=1, on_progress=progress)
        )
        with pytest.raises(asyncio.CancelledError):
            await task
        assert 20 <= len(seen[-1].verdicts) < 40
        assert seen[-1].total == 40
        assert [one.calls for one in seen] == list(range(1, len(seen) + 1))
        (run,) = it.session.journal.runs(kind="rehearsal")
        assert run.status == "cancelled"
        assert it.session.journal.open_runs() == ()
    assert definitions(engine, mixed) == {mixed.source_id}


async def test_no_instance_that_would_migrate_means_the_first_chunk_is_read_back() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, bad=8)
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
        assert set(rehearsal.failing) == set(mixed.ids)
        assert [guard.proven for guard in rehearsal.guards] == [True, True, False]
        assert it.sent("POST", "/process-instance") == 1


async def test_the_journal_has_verdicts_and_every_call() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3, bad=1)
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
        assert rehearsal.run_id is not None
        run = it.session.journal.run(rehearsal.run_id)
        assert (run.kind, run.status, run.counts) == ("rehearsal", "done", {"migrates": 3, "fails": 1})
        assert it.session.journal.runs() == ()  # it is no migration
        requests = it.session.journal.requests(run.id)
        assert len(requests) == rehearsal.calls
        assert {request.outcome for request in requests} == {"done"}
