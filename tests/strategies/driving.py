"""Drives instances of random processes at random, by REST alone, into all kinds of states.

Job definitions are suspended before anything starts, so that nothing moves by itself: tokens wait before and after
activities until their job is executed by hand. An action that the engine refuses is passed over.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.engines import rest
from tests.strategies.elements import Node, Process
from tests.strategies.taming import STEER

Row = dict[str, Any]
_TIMES = 3
_WORKER = "driver"


@dataclass
class Driver:
    """Drives instances of one deployed source.

    Args:
        url: The REST base.
        definition_id: The deployed source.
        process: What was deployed.
        variables: Set in each instance, so that conditions can be evaluated.
        chance: Decides everything.
    """

    url: str
    definition_id: str
    process: Process
    variables: dict[str, int]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    """How often each action was done."""
    refused: Counter[str] = field(default_factory=Counter)
    """How often the engine refused one."""

    def __post_init__(self) -> None:
        self._nodes = [node for node, _, _ in self.process.nodes()]
        self._incoming = Counter(flow.target for scope, _ in self.process.places() for flow in scope.flows)
        self._compensated = {node.host for node in self._nodes if node.kind == "boundary:compensation"}
        self._flows = [flow.id for scope, _ in self.process.places() for flow in scope.flows if flow.named]

    def start(self, count: int) -> list[str]:
        """Start about so many instances; some as people do, some in the middle. Returns those that wait somewhere."""
        started = [self._start_one() for _ in range(count)]
        return self.running([one for one in started if one is not None])

    def running(self, ids: Sequence[str]) -> list[str]:
        """Return those that still run, in their order."""
        there = rest.definitions_of(self.url, ids) if ids else {}
        return [one for one in ids if one in there]

    def drive(self, ids: Sequence[str], rounds: int) -> list[str]:
        """Do up to so many things in each instance, and return those that still run."""
        for _ in range(rounds):
            rows = self._rows()
            for one in ids:
                if self.chance.random() < 0.85:
                    self._step(one, rows.get(one, []))
            ids = self.running(ids)
        for one in ids:
            self._finish(one)
        return list(ids)

    # -- starting ------------------------------------------------------------------------------------------------

    def _start_one(self) -> str | None:
        body: Row = {"variables": {name: {"value": value, "type": "Integer"} for name, value in self._values().items()}}
        if not self._has_plain_start() or self.chance.random() < 0.35:
            number = self.chance.choice((1, 1, 2, 3))
            body["startInstructions"] = [self._start_instruction() for _ in range(number)]
        answer = self._try("start", "POST", f"/process-definition/{self.definition_id}/start", body)
        return None if answer is None or answer.get("ended") else str(answer["id"])

    def _values(self) -> dict[str, int]:
        return {**self.variables, STEER: self.chance.randrange(100)}

    def _has_plain_start(self) -> bool:
        return any(node.kind == "start:none" for node in self.process.root.nodes)

    def _start_instruction(self) -> Row:
        if self._flows and self.chance.random() < 0.15:
            return {"type": "startTransition", "transitionId": self.chance.choice(self._flows)}
        node = self._waiting_node()
        kind = self.chance.choice(("startBeforeActivity",) * 5 + ("startAfterActivity",))
        name = f"{node.id}#multiInstanceBody" if node.loop is not None and self.chance.random() < 0.8 else node.id
        return {"type": kind, "activityId": name}

    def _waiting_node(self) -> Node:
        """Activities where a token waits, and joins, are likelier than others."""
        nodes = self.chance.sample(self._nodes, min(len(self._nodes), _TIMES))
        return max(nodes, key=self._interest)

    def _interest(self, node: Node) -> int:
        joins = node.kind in {"parallelGateway", "inclusiveGateway"}
        if node.id in self._compensated or (joins and self._incoming[node.id] > 1):
            return 3
        waits = {"userTask", "receiveTask", "callActivity", "catch", "eventBasedGateway"}
        if node.tag in waits or node.variant == "external" or node.content is not None or node.async_before:
            return 2
        return int(joins or node.loop is not None)

    # -- steps ---------------------------------------------------------------------------------------------------

    def _rows(self) -> dict[str, list[tuple[str, Row]]]:
        """The open work of all instances, by instance: three requests."""
        found: dict[str, list[tuple[str, Row]]] = {}
        for kind, path in (("task", "/task"), ("external", "/external-task"), ("job", "/job")):
            rows = rest.get(self.url, path, processDefinitionId=self.definition_id, maxResults=2000)
            for row in sorted(rows, key=lambda one: one.get("activityId") or one.get("taskDefinitionKey") or ""):
                found.setdefault(str(row["processInstanceId"]), []).append((kind, row))
        return found

    def _step(self, instance_id: str, open_work: list[tuple[str, Row]]) -> None:
        throw = self.chance.random()
        if open_work and throw < 0.66:
            kind, row = self.chance.choice(open_work)
            work: dict[str, Callable[[Row], None]] = {
                "task": self._task, "external": self._external, "job": self._job,
            }  # fmt: skip
            work[kind](row)
        elif throw < 0.79:
            self._event(instance_id)
        elif throw < 0.92:
            self._modify(instance_id)
        elif throw < 0.96:
            self._called(instance_id)
        else:
            self._execution(instance_id)

    def _finish(self, instance_id: str) -> None:
        if self.chance.random() < 0.08:
            self._try("suspend", "PUT", f"/process-instance/{instance_id}/suspended", {"suspended": True})

    def _task(self, task: Row) -> None:
        if self.chance.random() < 0.12:
            self._throw_at_boundary(f"/task/{task['id']}", task["taskDefinitionKey"], {})
            return
        body = {"variables": {STEER: {"value": self.chance.randrange(100), "type": "Integer"}}}
        self._try("complete task", "POST", f"/task/{task['id']}/complete", body)

    def _throw_at_boundary(self, path: str, activity_id: str, body: Row) -> None:
        """Throw what a boundary event of the activity catches, or something that nothing catches."""
        events = [node for node in self._nodes if node.host == activity_id and node.variant in {"error", "escalation"}]
        event = self.chance.choice(events) if events else None
        kind = "bpmnEscalation" if event is not None and event.variant == "escalation" else "bpmnError"
        code = "nobody" if event is None else f"{event.variant}_{event.id}"
        name = "escalationCode" if kind == "bpmnEscalation" else "errorCode"
        self._try(kind, "POST", f"{path}/{kind}", {**body, name: code})

    def _external(self, task: Row) -> None:
        path, worker = f"/external-task/{task['id']}", {"workerId": _WORKER}
        self._try("lock external task", "POST", f"{path}/lock", {**worker, "lockDuration": 3_600_000})
        throw = self.chance.random()
        if throw < 0.5:
            self._try("complete external task", "POST", f"{path}/complete", worker)
        elif throw < 0.75:
            failure = {**worker, "errorMessage": "asked to fail", "retries": 0, "retryTimeout": 0}
            self._try("fail external task", "POST", f"{path}/failure", failure)
        elif throw < 0.85:
            self._throw_at_boundary(path, str(task["activityId"]), worker)

    def _job(self, job: Row) -> None:
        if self.chance.random() < 0.15:
            self._try("job without retries", "PUT", f"/job/{job['id']}/retries", {"retries": 0})
        else:
            self._try("execute job", "POST", f"/job/{job['id']}/execute", {})

    def _event(self, instance_id: str) -> None:
        rows = rest.get(self.url, "/event-subscription", processInstanceId=instance_id)
        waiting = [row for row in rows if row["eventType"] != "compensate"]
        if not waiting:
            return
        row = self.chance.choice(sorted(waiting, key=lambda one: str(one["activityId"])))
        if row["eventType"] == "message" and self.chance.random() < 0.5:
            body = {"messageName": row["eventName"], "processInstanceId": instance_id}
            self._try("correlate message", "POST", "/message", body)
        elif row["eventType"] == "message":
            path = f"/execution/{row['executionId']}/messageSubscriptions/{row['eventName']}/trigger"
            self._try("trigger message", "POST", path, {})
        elif row["eventType"] == "signal":
            body = {"name": row["eventName"], "executionId": row["executionId"]}
            self._try("throw signal", "POST", "/signal", body)
        else:
            for value in (1, 0):  # back to 0, so that it can be fired again
                path = f"/process-instance/{instance_id}/variables/{row['activityId']}"
                self._try("meet condition", "PUT", path, {"value": value, "type": "Integer"})

    def _modify(self, instance_id: str) -> None:
        instructions = [self._start_instruction()]
        if self.chance.random() < 0.3:
            instructions.append({"type": "cancel", "activityId": self._waiting_node().id})
        body = {"instructions": instructions, "skipCustomListeners": self.chance.random() < 0.5}
        self._try("modify", "POST", f"/process-instance/{instance_id}/modification", body)

    def _called(self, instance_id: str) -> None:
        """Complete the task of a called instance, if there is one."""
        for called in rest.get(self.url, "/process-instance", superProcessInstance=instance_id)[:1]:
            for task in rest.get(self.url, "/task", processInstanceId=called["id"])[:1]:
                self._try("complete called task", "POST", f"/task/{task['id']}/complete", {})

    def _execution(self, instance_id: str) -> None:
        """Create an incident of a custom type on an execution, or local variables on several."""
        executions = rest.get(self.url, "/execution", processInstanceId=instance_id)
        if self.chance.random() < 0.4:
            one = self.chance.choice(executions)
            body = {"incidentType": "custom", "configuration": "c"}
            self._try("custom incident", "POST", f"/execution/{one['id']}/create-incident", body)
            return
        for one in self.chance.sample(executions, min(len(executions), _TIMES)):
            path = f"/execution/{one['id']}/localVariables/local{self.chance.randrange(2)}"
            self._try("local variable", "PUT", path, {"value": 1, "type": "Integer"})

    def _try(self, what: str, method: str, path: str, body: Row) -> Any:
        try:
            answer = rest.request(method, self.url, path, body)
        except rest.RestError:
            self.refused[what] += 1
            return None
        self.done[what] += 1
        return answer or {}


def condition_variables(*processes: Process) -> dict[str, int]:
    """Return the variables that the conditions of these processes name, all of which are not met."""
    nodes = [node for process in processes for node, _, _ in process.nodes()]
    return {node.id: 0 for node in nodes if node.variant == "conditional"}
