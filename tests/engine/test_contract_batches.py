"""The contract of batches: phases, failing jobs, retries, suspension, deletion, what history says afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.engine import processes
from tests.engine.contract import ContractEngine
from tests.engine.test_contract_migration import Pair
from tests.engines.rest import new_key
from tui_migrate.engine.models import Batch, BatchStatistics
from tui_migrate.engine.queries import JobQuery
from tui_migrate.errors import EngineRefused, NotFound
from tui_migrate.migration.plan import Instruction, MigrationPlan

GOOD = 3


class Failing:
    """A batch of three instances that move and one that can't, since it is of another definition."""

    def __init__(self, engine: ContractEngine) -> None:
        self.engine = engine
        self.client = engine.client
        self.pair = Pair(engine)
        self.good = self.pair.start(GOOD)
        self.foreign = engine.deploy(processes.simple(new_key("contract-foreign"), "wait"))
        self.bad = engine.start(self.foreign)

    async def start(self) -> Batch:
        # The foreign instance is no obstacle to starting: its job fails.
        return await self.client.execute_async(self.pair.plan, [*self.good, self.bad])

    async def standing_still(self, batch: Batch) -> BatchStatistics:
        async def settled() -> BatchStatistics | None:
            found = await self.client.batch_statistics(batch.id)
            assert found is not None, "a batch with a failed job stays"
            return found if found.remaining_jobs == found.failed_jobs > 0 else None

        found: BatchStatistics = await self.engine.until(settled)
        return found

    async def failed_job(self, batch: Batch) -> Any:
        query = JobQuery(job_definition_id=batch.batch_job_definition_id, no_retries_left=True)
        (job,) = await self.client.jobs(query)
        assert await self.client.count_jobs(query) == 1
        return job


async def done(engine: ContractEngine, batch_id: str, *, gone: bool = False) -> set[int]:
    """Waits until the batch has no more jobs (or is gone, up to 35 s later); returns how many were made when."""
    seen: set[int] = set()

    async def ended() -> bool:
        found = await engine.client.batch_statistics(batch_id)
        if found is None:
            return True
        assert 0 <= found.remaining_jobs <= found.total_jobs
        assert found.remaining_jobs + found.completed_jobs == found.total_jobs
        assert found.completed_jobs <= found.jobs_created
        seen.add(found.jobs_created)
        return not gone and found.jobs_created == found.total_jobs and found.remaining_jobs == 0

    await engine.until(ended)
    return seen


async def test_a_batch_from_its_start_to_its_end(contract_engine: ContractEngine) -> None:
    client, pair = contract_engine.client, Pair(contract_engine)
    ids = pair.start(5)
    batch = await client.execute_async(pair.plan, [*ids, ids[0]])
    assert (batch.type, batch.total_jobs, batch.invocations_per_batch_job) == ("instance-migration", 5, 1)
    assert (batch.jobs_created, batch.suspended, batch.tenant_id, batch.create_user_id) == (0, False, None, None)
    assert (batch.start_time is not None) is contract_engine.host.is_new
    assert batch.batch_job_definition_id
    assert batch.seed_job_definition_id
    assert batch.monitor_job_definition_id

    await done(contract_engine, batch.id, gone=True)
    assert pair.where(ids) == {pair.target}
    with pytest.raises(NotFound):
        await client.batch(batch.id)
    history = await client.historic_batch(batch.id)
    assert history is not None
    assert history.total_jobs == 5
    assert history.start_time is not None
    assert history.end_time is not None
    assert (history.execution_start_time is not None) is contract_engine.host.is_new
    job_definition = str(batch.batch_job_definition_id)
    assert await client.count_job_log(job_definition_id=job_definition, success=True) == 5
    assert await client.count_job_log(job_definition_id=job_definition, failure=True) == 0
    with pytest.raises(EngineRefused):
        await contract_engine.delete_batch(batch.id)


async def test_a_batch_can_be_found(contract_engine: ContractEngine) -> None:
    failing = Failing(contract_engine)
    client, batch = contract_engine.client, await failing.start()
    statistics = await failing.standing_still(batch)
    assert (await client.batch(batch.id)).total_jobs == 4
    listed = {one.id: one for one in await client.list_batch_statistics(limit=None)}
    assert listed[batch.id] == statistics
    assert batch.id not in {one.id for one in await client.list_batch_statistics(suspended=True, limit=None)}
    assert batch.id in {one.id for one in await client.list_batch_statistics(suspended=False, limit=None)}
    assert batch.id not in {one.id for one in await client.list_batch_statistics(type="other", limit=None)}
    assert batch.id in {one.id for one in await client.historic_batches(completed=False, limit=None)}
    assert batch.id not in {one.id for one in await client.historic_batches(completed=True, limit=None)}
    await contract_engine.delete_batch(batch.id)
    assert batch.id in {one.id for one in await client.historic_batches(completed=True, limit=None)}
    assert await client.batch_statistics(batch.id) is None


async def test_a_job_that_fails(contract_engine: ContractEngine) -> None:
    failing = Failing(contract_engine)
    client, batch = contract_engine.client, await failing.start()
    statistics = await failing.standing_still(batch)
    assert (statistics.total_jobs, statistics.jobs_created) == (4, 4)
    assert (statistics.completed_jobs, statistics.remaining_jobs, statistics.failed_jobs) == (GOOD, 1, 1)
    assert failing.pair.where(failing.good) == {failing.pair.target}
    assert contract_engine.host.definition_of(failing.bad) == failing.foreign

    job = await failing.failed_job(batch)
    assert (job.retries, job.process_instance_id, job.suspended) == (0, None, False)
    assert (job.batch_id is not None) is contract_engine.host.is_new
    assert "ENGINE-23002" in job.exception_message
    found = re.search(r"rocess instance '([^']+)'", job.exception_message)
    assert found is not None
    assert found[1] == failing.bad
    assert job.exception_message in await client.job_stacktrace(job.id)
    (incident,) = await client.incidents(job_definition_ids=[str(batch.batch_job_definition_id)])
    assert (incident.incident_type, incident.configuration) == ("failedJob", job.id)
    assert incident.incident_message == job.exception_message

    log = await client.job_log(job_definition_id=str(batch.batch_job_definition_id), failure=True)
    assert len(log) == 3, "one for each try"
    assert {entry.job_id for entry in log} == {job.id}
    assert {entry.job_exception_message for entry in log} == {job.exception_message}
    assert all(entry.failure_log and not entry.success_log for entry in log)
    assert all(entry.job_definition_configuration == batch.id for entry in log)
    assert await client.count_job_log(job_definition_id=str(batch.batch_job_definition_id), success=True) == GOOD
    await contract_engine.delete_batch(batch.id, cascade=True)
    assert await client.historic_batch(batch.id) is None
    assert await client.job_log(job_definition_id=str(batch.batch_job_definition_id)) == []


async def test_an_id_that_does_not_exist_fails_as_a_job(contract_engine: ContractEngine) -> None:
    client, pair = contract_engine.client, Pair(contract_engine)
    batch = await client.execute_async(pair.plan, ["nope"])

    async def failed() -> BatchStatistics | None:
        found = await client.batch_statistics(batch.id)
        return found if found is not None and found.failed_jobs else None

    await contract_engine.until(failed)
    (job,) = await client.jobs(JobQuery(job_definition_id=batch.batch_job_definition_id))
    assert job.exception_message is not None
    assert "ENGINE-23003" in job.exception_message
    assert "'nope'" in job.exception_message
    await contract_engine.delete_batch(batch.id)


@pytest.mark.parametrize("whole", [False, True])
async def test_retries_repeat_the_same_plan(contract_engine: ContractEngine, whole: bool) -> None:
    failing = Failing(contract_engine)
    client, batch = contract_engine.client, await failing.start()
    await failing.standing_still(batch)
    job = await failing.failed_job(batch)
    if whole:
        await client.set_job_definition_retries(str(batch.batch_job_definition_id), 1)
    else:
        await client.set_job_retries(job.id, 1)
    definition = str(batch.batch_job_definition_id)

    async def tried_again() -> bool:
        return await client.count_job_log(job_definition_id=definition, failure=True) == 4

    await contract_engine.until(tried_again)
    again = await failing.standing_still(batch)
    assert (again.failed_jobs, again.completed_jobs) == (1, GOOD)
    await contract_engine.delete_batch(batch.id)


async def test_retries_of_what_does_not_exist(contract_engine: ContractEngine) -> None:
    with pytest.raises(EngineRefused):
        await contract_engine.client.set_job_retries("nope", 1)
    await contract_engine.client.set_job_definition_retries("nope", 1)  # no engine minds


async def test_a_job_that_does_not_exist_can_not_be_dropped(contract_engine: ContractEngine) -> None:
    with pytest.raises(NotFound):
        await contract_engine.client.delete_job("nope")


async def test_a_job_that_is_dropped_lets_the_batch_end(contract_engine: ContractEngine) -> None:
    failing = Failing(contract_engine)
    client, batch = contract_engine.client, await failing.start()
    await failing.standing_still(batch)
    await client.delete_job((await failing.failed_job(batch)).id)
    await done(contract_engine, batch.id)
    definition = str(batch.batch_job_definition_id)
    assert await client.count_job_log(job_definition_id=definition, success=True) == GOOD
    assert await client.count_job_log(job_definition_id=definition, deletion=True) == 1
    assert contract_engine.host.definition_of(failing.bad) == failing.foreign


async def test_suspending_and_going_on(contract_engine: ContractEngine) -> None:
    failing = Failing(contract_engine)
    client, batch = contract_engine.client, await failing.start()
    await failing.standing_still(batch)
    await client.set_batch_suspended(batch.id, True)
    assert (await client.batch(batch.id)).suspended
    assert batch.id in {one.id for one in await client.list_batch_statistics(suspended=True, limit=None)}
    assert batch.id not in {one.id for one in await client.list_batch_statistics(suspended=False, limit=None)}
    statistics = await client.batch_statistics(batch.id)
    assert statistics is not None
    assert (statistics.suspended, statistics.failed_jobs) == (True, 1)
    await client.set_batch_suspended(batch.id, False)
    assert not (await client.batch(batch.id)).suspended
    await contract_engine.delete_batch(batch.id)


async def test_batches_that_do_not_exist(contract_engine: ContractEngine) -> None:
    client = contract_engine.client
    assert await client.batch_statistics("nope") is None
    assert await client.historic_batch("nope") is None
    with pytest.raises(NotFound):
        await client.batch("nope")
    for call in (
        client.set_batch_suspended("nope", True),
        client.set_batch_suspended("nope", False),
        client.delete_batch("nope"),
    ):
        with pytest.raises(EngineRefused):
            await call


async def test_more_instances_than_one_seed_job_makes_jobs_for(contract_engine: ContractEngine) -> None:
    client, pair = contract_engine.client, Pair(contract_engine)
    ids = pair.start(130)
    batch = await client.execute_async(pair.plan, ids)
    assert batch.batch_jobs_per_seed == 100
    assert await done(contract_engine, batch.id) <= {0, 100, 130}
    assert pair.where(ids) == {pair.target}


async def test_the_message_of_a_failed_job_is_cut_and_the_stack_trace_is_not(contract_engine: ContractEngine) -> None:
    """An instance at an activity without instruction, in a batch that its definition fits."""
    client, pair = contract_engine.client, Pair(contract_engine)
    (instance,) = pair.start()
    plan = MigrationPlan(pair.source, pair.target, (Instruction("other", "other"),))
    batch = await client.execute_async(plan, [instance])

    async def failed() -> list[Any]:
        return await client.jobs(JobQuery(job_definition_id=batch.batch_job_definition_id, no_retries_left=True))

    (job,) = await contract_engine.until(failed)
    assert job.exception_message.startswith(f"ENGINE-23004 Cannot migrate process instance '{instance}':\n\tCannot")
    assert "There is no migration instruction for this instance's activity" in job.exception_message
    cause = (await client.job_stacktrace(job.id)).split("\n\tat ")[0]
    assert job.exception_message.strip() in cause
    await contract_engine.delete_batch(batch.id)
