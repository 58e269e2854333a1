"""Instances in a mix of states on a live engine, made and read without the client under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engines import rest
from tests.engines.rest import new_key
from tests.operations.running import Mixed, mixed_1, mixed_2
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.engines.launcher import RunningEngine


def mixed_live(engine: RunningEngine, name: str, **counts: int) -> Mixed:
    """Deploys both versions and starts so many instances in each state, inside the engine."""
    key = new_key(name)
    (source_id,) = rest.deploy(engine.url, {"1.bpmn": mixed_1(key).decode()}, user=engine.user)
    (target_id,) = rest.deploy(engine.url, {"2.bpmn": mixed_2(key).decode()}, user=engine.user)
    by_state = {}
    for state, count in counts.items():
        where = "fork" if state == "join" else state
        by_state[state] = rest.start_instances(engine.url, source_id, count, variables={"where": where})
    if counts.get("join"):
        complete(engine, by_state["join"], "left")
    if counts.get("job"):
        wait_until(lambda: _failed_jobs(engine, source_id) == counts["job"], "jobs have failed")
    return Mixed(source_id, target_id, by_state, key)


def _failed_jobs(engine: RunningEngine, definition_id: str) -> int:
    parameters = {"processDefinitionId": definition_id, "noRetriesLeft": True}
    return int(rest.get(engine.url, "/job/count", user=engine.user, **parameters)["count"])


def complete(engine: RunningEngine, ids: Iterable[str], task: str | None = None) -> None:
    """Completes the tasks of instances, as their users would."""
    for one in ids:
        body = {"processInstanceId": one, **({"taskDefinitionKey": task} if task else {})}
        for found in rest.post(engine.url, "/task", body, user=engine.user):
            _once_more("POST", engine, f"/task/{found['id']}/complete", {})


def end(engine: RunningEngine, instance_id: str) -> None:
    """Ends an instance, as an operator would."""
    _once_more("DELETE", engine, f"/process-instance/{instance_id}")


def _once_more(method: str, engine: RunningEngine, path: str, body: object = None) -> None:
    """A request that is made again where a job of the batch had the instance in hand at the same time."""
    while True:
        try:
            rest.request(method, engine.url, path, body, user=engine.user)
        except rest.RestError as error:
            # Some answers name the exception, others only its code.
            if "OptimisticLockingException" not in str(error) and "ENGINE-03005" not in str(error):
                raise
        else:
            return
