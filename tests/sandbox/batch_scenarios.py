"""Batches from their making to their end, where both engines stand still long enough to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sandbox.answers import answer
from tests.sandbox.scenarios import line, scenario, task
from tests.sandbox.twin import Side
from tests.waiting import until

NUMBERS = ("totalJobs", "jobsCreated", "remainingJobs", "completedJobs", "failedJobs", "suspended")
LOG = ("creationLog", "failureLog", "successLog", "deletionLog")


async def made(side: Side, *, good: int, bad: int) -> tuple[Any, list[str]]:
    """A batch over some instances that can migrate, some that can't, and an id that nobody has."""
    await side.deploy(line(task("a"), task("b"), flows="start>a>b>end"), line(task("a"), flows="start>a>end"))
    moving = [await side.start() for _ in range(good)]
    staying = [await side.start() for _ in range(bad)]
    for one in staying:
        await side.do(one, "a")
    body = {"migrationPlan": await side.plan(("a", "a")), "processInstanceIds": [*moving, *staying, "nobody", "nobody"]}
    return await side.post("/migration/executeAsync", body), [*moving, *staying]


async def stalled(side: Side, batch: Mapping[str, Any], failed: int) -> Any:
    """The statistics once nothing but failed jobs is left."""
    found = await side.until(
        "/batch/statistics",
        lambda one: one[0]["remainingJobs"] == one[0]["failedJobs"] == failed,
        batchId=batch["id"],
    )
    return {name: found[0][name] for name in NUMBERS}


async def removed(side: Side, batch: Mapping[str, Any]) -> None:
    """Delete a batch; a job that runs at the moment can hinder that."""

    async def is_deleted() -> bool:
        status, _ = await side.call("DELETE", f"/batch/{batch['id']}")
        return status == 204

    await until(is_deleted, "the batch is deleted", pause=side.pass_time)


async def jobs(side: Side, batch: Mapping[str, Any]) -> Any:
    found = await side.get("/job", jobDefinitionId=batch["batchJobDefinitionId"])
    names = ("exceptionMessage", "retries", "suspended", "dueDate", "processInstanceId", "failedActivityId")
    return sorted((tuple(side.neutral(one[name]) for name in names) for one in found), key=repr)


async def log(side: Side, batch: Mapping[str, Any], kind: str) -> Any:
    """The entries of the job log: which, of which job type, with how many retries, and why."""
    found = await side.get("/history/job-log", jobDefinitionId=batch[kind])
    return sorted(
        (
            [name for name in LOG if one[name]],
            one["jobDefinitionType"],
            one["jobRetries"],
            side.neutral(one["jobExceptionMessage"] or ""),
            one["jobDefinitionConfiguration"] == batch["id"],
        )
        for one in found
    )


async def incidents(side: Side, batch: Mapping[str, Any]) -> Any:
    found = await side.get("/incident", jobDefinitionIdIn=batch["batchJobDefinitionId"])
    names = ("incidentType", "incidentMessage", "processInstanceId", "processDefinitionId", "activityId")
    return sorted((tuple(side.neutral(one[name]) for name in names) for one in found), key=repr)


@scenario
async def a_batch_with_failures(side: Side) -> Any:
    batch, instances = await made(side, good=3, bad=2)
    shape = {name: side.neutral(value) for name, value in batch.items() if "Time" not in name}
    numbers = await stalled(side, batch, 3)
    found = [await side.state(one) for one in instances]
    history = await side.get(f"/history/batch/{batch['id']}")
    failed = await side.get("/job", jobDefinitionId=batch["batchJobDefinitionId"])
    first = next(job for job in failed if "23004" in job["exceptionMessage"])  # the engine's order is arbitrary
    text = await side.call("GET", f"/job/{first['id']}/stacktrace")
    result = [
        shape,
        numbers,
        [one["history"] for one in found],
        await jobs(side, batch),
        await incidents(side, batch),
        await log(side, batch, "batchJobDefinitionId"),
        await log(side, batch, "seedJobDefinitionId"),
        sorted(history),
        history["endTime"],
        text[0],
        side.neutral(text[1].partition("\n\tat ")[0].partition(": ")[2])[:20],
        await side.get("/job/count", jobDefinitionId=batch["batchJobDefinitionId"]),
        await side.get("/history/job-log/count", jobDefinitionId=batch["batchJobDefinitionId"]),
        await side.get("/job-definition/count", jobConfiguration=batch["id"]),
    ]  # fmt: skip
    await removed(side, batch)
    return result


@scenario
async def failed_jobs_one_by_one(side: Side) -> Any:
    batch, _ = await made(side, good=0, bad=3)
    definition = batch["batchJobDefinitionId"]
    await stalled(side, batch, 4)
    found = await side.get("/job", jobDefinitionId=definition)
    one, other = [job for job in found if "23004" in job["exceptionMessage"]][:2]
    await side.call("PUT", f"/batch/{batch['id']}/suspended", {"suspended": True})
    executed = await answer(side, "POST", f"/job/{one['id']}/execute", {})
    after = await jobs(side, batch), await incidents(side, batch)
    await side.call("PUT", f"/job/{one['id']}/retries", {"retries": 2})
    single = await jobs(side, batch), await incidents(side, batch)
    await side.call("PUT", f"/job-definition/{definition}/retries", {"retries": 1})
    together = await jobs(side, batch), await incidents(side, batch)
    statistics = (await side.get("/batch/statistics", batchId=batch["id"]))[0]
    deleted = await answer(side, "DELETE", f"/job/{other['id']}")
    rest = (await side.get("/batch/statistics", batchId=batch["id"]))[0]
    numbers = [[found[name] for name in NUMBERS] for found in (statistics, rest)]
    await side.call("PUT", f"/batch/{batch['id']}/suspended", {})
    again = await stalled(side, batch, 3)
    result = executed, after, single, together, deleted, numbers, again, await incidents(side, batch)
    await removed(side, batch)
    return result


@scenario
async def a_batch_suspended_and_deleted(side: Side) -> Any:
    batch, _ = await made(side, good=2, bad=0)
    suspended = await side.call("PUT", f"/batch/{batch['id']}/suspended", {"suspended": True})
    await removed(side, batch)
    gone = [
        await answer(side, "GET", f"/batch/{batch['id']}"),
        await answer(side, "DELETE", f"/batch/{batch['id']}"),
        await answer(side, "GET", "/batch/statistics", batchId=batch["id"]),
    ]
    ended = (await side.get(f"/history/batch/{batch['id']}"))["endTime"] is not None
    completed = await side.get("/history/batch/count", batchId=batch["id"], completed="true")
    await side.call("DELETE", f"/history/batch/{batch['id']}")
    forgotten = await side.get("/history/job-log/count", jobDefinitionId=batch["batchJobDefinitionId"])
    return suspended, gone, ended, completed, forgotten


@scenario
async def a_batch_to_its_end(side: Side) -> Any:
    await side.deploy(line(task("a"), flows="start>a>end"), line(task("a"), flows="start>a>end"))
    instances = [await side.start() for _ in range(3)]
    plan = await side.plan()
    query = {"processDefinitionId": side.definitions[0]}
    batch = await side.post("/migration/executeAsync", {"migrationPlan": plan, "processInstanceQuery": query})
    done = await side.until(
        "/history/job-log/count",
        lambda one: one["count"] == 3,
        jobDefinitionId=batch["batchJobDefinitionId"],
        successLog="true",
    )
    monitors = await side.get("/job", jobDefinitionId=batch["monitorJobDefinitionId"])
    for one in monitors:  # nobody has to wait for the monitor's next look
        await side.call("POST", f"/job/{one['id']}/execute", {})
    await side.until("/batch/statistics", lambda one: one == [], batchId=batch["id"])
    where = [(await side.state(one))["history"] for one in instances]
    history = await side.get(f"/history/batch/{batch['id']}")
    return (
        done,
        where,
        history["totalJobs"],
        history["endTime"] is not None,
        history.get("executionStartTime", 1) is not None,
    )
