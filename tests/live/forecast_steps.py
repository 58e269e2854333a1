"""Steps that bring an instance into a state; they run jobs where they want them run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from tests.engines import rest
from tests.waiting import wait_until

Step = Callable[[str, str, str], None]
"""Takes the REST base, the instance id and the key of its process."""


def complete(activity_id: str, number: int = 1) -> Step:
    """Complete so many of the open tasks of an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        tasks = rest.get(url, "/task", processInstanceId=instance_id, taskDefinitionKey=activity_id)
        assert len(tasks) >= number, (activity_id, rest.activities_of(url, instance_id))
        for task in tasks[:number]:
            rest.post(url, f"/task/{task['id']}/complete", {})

    return step


def run_jobs(rounds: int = 1) -> Step:
    """Run all jobs so many times; failing ones lose a retry each time."""

    def step(url: str, instance_id: str, key: str) -> None:
        for _ in range(rounds):
            rest.execute_jobs(url, instance_id)

    return step


def message(url: str, instance_id: str, key: str) -> None:
    """Send the message m1 to the instance."""
    rest.post(url, "/message", {"messageName": f"m1-{key}", "processInstanceId": instance_id})


def throw_signal(url: str, instance_id: str, key: str) -> None:
    """Throw the signal s1 asynchronously, by the called process; wait until its job has failed for good."""
    rest.post(url, f"/process-definition/key/{key}-called/start", {})
    wait_until(lambda: _failed_for_good(url, instance_id), "the signal's job failed for good")


def _failed_for_good(url: str, instance_id: str) -> bool:
    rest.execute_jobs(url, instance_id)
    jobs = rest.get(url, "/job", processInstanceId=instance_id)
    return bool(jobs) and all(job["retries"] == 0 for job in jobs)


def run_called_jobs(url: str, instance_id: str, key: str) -> None:
    """Let the jobs of the called instances fail for good."""
    for called in rest.get(url, "/process-instance", superProcessInstance=instance_id):
        wait_until(partial(_none_left, url, called["id"]), "the called instance's jobs have failed for good")


def _none_left(url: str, instance_id: str) -> bool:
    rest.execute_jobs(url, instance_id)
    return not rest.get(url, "/job", processInstanceId=instance_id, messages=True, withRetriesLeft=True)


def suspend(url: str, instance_id: str, key: str) -> None:
    rest.put(url, f"/process-instance/{instance_id}/suspended", {"suspended": True})


def custom_incident(activity_id: str) -> Step:
    """Create an incident of a custom type on the execution at an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        query = urlencode({"processInstanceId": instance_id, "activityId": activity_id})
        (execution, *_) = rest.get(url, f"/execution?{query}")
        rest.post(
            url, f"/execution/{execution['id']}/create-incident", {"incidentType": "custom", "configuration": "c"}
        )

    return step


def throw_error(activity_id: str) -> Step:
    """Report a BPMN error from the open task of an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        (task,) = rest.get(url, "/task", processInstanceId=instance_id, taskDefinitionKey=activity_id)
        rest.post(url, f"/task/{task['id']}/bpmnError", {"errorCode": "any"})

    return step


def local_variable(activity_id: str, name: str) -> Step:
    """Set a variable in the scope of an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        tree = rest.get(url, f"/process-instance/{instance_id}/activity-instances")
        node = next(one for one in _nodes(tree) if one["activityId"] == activity_id)
        execution_id = node["executionIds"][0]
        rest.put(url, f"/execution/{execution_id}/localVariables/{name}", {"value": 1, "type": "Integer"})

    return step


def variable_of_tokens(name: str) -> Step:
    """Set a variable in the execution of each token that waits before or after an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        tree = rest.get(url, f"/process-instance/{instance_id}/activity-instances")
        for token in (one for node in _nodes(tree) for one in node["childTransitionInstances"]):
            path = f"/execution/{token['executionId']}/localVariables/{name}"
            rest.put(url, path, {"value": 1, "type": "Integer"})

    return step


def variable_beside(name: str) -> Step:
    """Set a variable in every concurrent execution around the scopes of the process's activities."""

    def step(url: str, instance_id: str, key: str) -> None:
        tree = rest.get(url, f"/process-instance/{instance_id}/activity-instances")
        for execution_id in tree["executionIds"][1:]:
            rest.put(url, f"/execution/{execution_id}/localVariables/{name}", {"value": 1, "type": "Integer"})

    return step


def start_before(activity_id: str) -> Step:
    def step(url: str, instance_id: str, key: str) -> None:
        body = {"instructions": [{"type": "startBeforeActivity", "activityId": activity_id}]}
        rest.post(url, f"/process-instance/{instance_id}/modification", body)

    return step


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node["childActivityInstances"] for inner in _nodes(child))]
