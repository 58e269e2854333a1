"""Batches over time, by a clock that the test moves."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.support import PAIR, Clock, client, deploy, plan
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.executor import ExecutorSettings


class Batches:
    """An engine with instances, and a batch over them."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.settings = ExecutorSettings(**settings)
        self.engine = SandboxEngine(self.clock, executor=self.settings)
        self.source, self.target = deploy(self.engine, *PAIR)
        self.http = client(self.engine)

    async def start(self, good: int, bad: int = 0) -> str:
        self.engine.bulk_start(self.source, good, at=("a",))
        self.engine.bulk_start(self.source, bad, at=("b",))
        body = {
            "migrationPlan": plan(self.source, self.target, ("a", "a")),
            "processInstanceQuery": {"processDefinitionId": self.source},
        }
        made = await self.http.post("migration/executeAsync", json=body)
        return str(made.json()["id"])

    async def numbers(self, batch: str) -> tuple[int, int, int] | None:
        found = (await self.http.get("batch/statistics", params={"batchId": batch})).json()
        return (found[0]["jobsCreated"], found[0]["completedJobs"], found[0]["failedJobs"]) if found else None

    async def after(self, seconds: float, batch: str) -> tuple[int, int, int] | None:
        self.clock.wait(seconds)
        return await self.numbers(batch)


async def test_seeding_executing_and_the_monitor_take_their_time() -> None:
    batches = Batches(jobs_per_second=100.0, seeds_per_second=2.0, latency=1.0)
    batch = await batches.start(250)
    assert await batches.numbers(batch) == (0, 0, 0)
    assert await batches.after(0.5, batch) == (0, 0, 0)
    created, completed, _ = await batches.after(0.6, batch) or (0, 0, 0)
    assert created == 100
    assert 0 < completed < 100
    assert await batches.after(0.5, batch) is not None
    created, completed, _ = await batches.after(0.6, batch) or (0, 0, 0)
    assert created == 250
    assert 100 < completed < 250
    assert await batches.after(3, batch) == (250, 250, 0), "all jobs are done, but the monitor has not looked again"
    assert await batches.after(31, batch) is None
    assert (await batches.http.get(f"batch/{batch}")).status_code == 404
    history = (await batches.http.get(f"history/batch/{batch}")).json()
    assert history["endTime"] is not None
    assert len(batches.engine.definition(batches.target).running) == 250


async def test_a_quick_batch_vanishes_before_anyone_has_seen_it_done() -> None:
    batches = Batches(jobs_per_second=float("inf"), seeds_per_second=float("inf"))
    batch = await batches.start(50)
    assert await batches.after(1, batch) is None


async def test_failed_jobs_burn_their_tries_at_once_and_hold_the_batch() -> None:
    batches = Batches()
    batch = await batches.start(3, bad=2)
    assert await batches.after(120, batch) == (5, 3, 2)
    job_definition = (await batches.http.get(f"batch/{batch}")).json()["batchJobDefinitionId"]
    jobs = (await batches.http.get("job", params={"jobDefinitionId": job_definition})).json()
    assert [job["retries"] for job in jobs] == [0, 0]
    log = {"jobDefinitionId": job_definition, "failureLog": "true"}
    assert (await batches.http.get("history/job-log/count", params=log)).json() == {"count": 6}


async def test_a_retry_waits_for_the_job_executor_and_succeeds_when_the_instance_has_changed() -> None:
    batches = Batches(retry_delay=5.0)
    batch = await batches.start(0, bad=1)
    assert await batches.after(10, batch) == (1, 0, 1)
    job_definition = (await batches.http.get(f"batch/{batch}")).json()["batchJobDefinitionId"]
    await batches.http.put(f"job-definition/{job_definition}/retries", json={"retries": 1})
    assert await batches.after(4, batch) == (1, 0, 0)
    assert await batches.after(2, batch) == (1, 0, 1), "it has failed again"
    (instance,) = batches.engine.definition(batches.source).running
    batches.engine.end(instance)
    await batches.http.put(f"job-definition/{job_definition}/retries", json={"retries": 1})
    assert await batches.after(6, batch) == (1, 0, 1), "now for another reason"
    (job,) = (await batches.http.get("job", params={"jobDefinitionId": job_definition})).json()
    assert "does not exist" in job["exceptionMessage"]


async def test_a_suspended_batch_stands_still() -> None:
    batches = Batches(jobs_per_second=10.0)
    batch = await batches.start(100)
    before = await batches.after(3, batch)
    await batches.http.put(f"batch/{batch}/suspended", json={"suspended": True})
    assert await batches.after(60, batch) == before
    await batches.http.put(f"batch/{batch}/suspended", json={"suspended": False})
    later = await batches.after(2, batch)
    assert before is not None
    assert later is not None
    assert before[1] < later[1] < 100, "what has passed while it was suspended is not made up for"


async def test_without_a_job_executor_a_client_drives_the_batch() -> None:
    batches = Batches(active=False)
    batch = await batches.start(3)
    assert await batches.after(600, batch) == (0, 0, 0)
    shape = (await batches.http.get(f"batch/{batch}")).json()
    for kind, number in (("seedJobDefinitionId", 1), ("batchJobDefinitionId", 3), ("monitorJobDefinitionId", 1)):
        jobs = (await batches.http.get("job", params={"jobDefinitionId": shape[kind]})).json()
        assert len(jobs) == number
        for job in jobs:
            assert (await batches.http.post(f"job/{job['id']}/execute", json={})).status_code == 204
    assert await batches.numbers(batch) is None


async def test_several_invocations_in_one_job_fail_together() -> None:
    batches = Batches(invocations_per_job=5)
    batch = await batches.start(9, bad=1)
    assert await batches.after(60, batch) == (2, 1, 1)
    assert len(batches.engine.definition(batches.target).running) == 5


async def test_what_a_client_deletes_is_neither_done_nor_left() -> None:
    batches = Batches(jobs_per_second=10.0)
    batch = await batches.start(50)
    _, completed, _ = await batches.after(2, batch) or (0, 0, 0)
    assert (await batches.http.delete(f"batch/{batch}")).status_code == 204
    batches.clock.wait(60)
    job_definition = (await batches.http.get(f"history/batch/{batch}")).json()["batchJobDefinitionId"]
    for kind, number in (("successLog", completed), ("deletionLog", 50 - completed)):
        log = {"jobDefinitionId": job_definition, kind: "true"}
        assert (await batches.http.get("history/job-log/count", params=log)).json() == {"count": number}
    assert len(batches.engine.definition(batches.target).running) == completed


async def test_a_cascading_deletion_leaves_no_history() -> None:
    batches = Batches()
    batch = await batches.start(2)
    await batches.http.delete(f"batch/{batch}", params={"cascade": "true"})
    assert (await batches.http.get(f"history/batch/{batch}")).status_code == 404


@pytest.mark.parametrize("history", [True, False])
async def test_without_history_nothing_is_told_of_a_batch_afterwards(history: bool) -> None:
    batches = Batches()
    batches.engine.history = history
    batch = await batches.start(2)
    batches.clock.wait(60)
    answer: httpx.Response = await batches.http.get(f"history/batch/{batch}")
    assert answer.status_code == (200 if history else 404)
    entries = (await batches.http.get("history/job-log")).json()
    assert bool(entries) == history
