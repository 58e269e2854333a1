"""The same requests on the embedded engine and on a real one, and what both say afterwards, made comparable."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx

from tests.over_httpx import OverCarrier
from tests.waiting import pause, until
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.store.entities import Value
from tui_migrate.sandbox.store.placing import fail_job
from tui_migrate.sandbox.tokens import waiting_node

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UNKNOWN = "Unknown property used in expression: ${nowhere.run()}. Cause: Cannot resolve identifier 'nowhere'"

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">\n'
)


def process(inside: str, *, roots: str = "") -> str:
    """A process whose key is filled in when it is deployed; `a>b` words are sequence flows."""
    flows = re.findall(r"(?m)^\s*((?:\w+>)+\w+)\s*$", inside)
    xml = re.sub(r"(?m)^\s*(?:\w+>)+\w+\s*$", "", inside)
    artifacts = "".join(re.findall("(?m)^<association.*?/>$", xml))
    xml = re.sub("(?m)^<association.*?/>$", "", xml)
    number = 0
    for chain in flows:
        ids = chain.split(">")
        for source, target in pairwise(ids):
            number += 1
            xml += f'<sequenceFlow id="{source}_to_{target}" sourceRef="{source}" targetRef="{target}"/>\n'
    xml += artifacts
    return (
        f'{HEAD}<process id="KEY" isExecutable="true" camunda:historyTimeToLive="30">\n{xml}\n</process>\n{roots}'
        "</definitions>"
    )


def scope(inside: str) -> str:
    """The inside of a sub process, with its flows."""
    whole = process(inside)
    return whole[whole.index('TimeToLive="30">') + len('TimeToLive="30">') : whole.index("</process>")]


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Side:
    """One engine that takes part."""

    client: httpx.AsyncClient
    embedded: SandboxEngine | None = None
    clock: Clock | None = None
    key: str = field(default_factory=lambda: "twin" + uuid.uuid4().hex[:12])
    definitions: list[str] = field(default_factory=list)
    deployments: list[str] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        answer = await self.client.request(method, path.lstrip("/"), json=body, params=query)
        is_json = "json" in answer.headers.get("content-type", "") and answer.content
        return answer.status_code, answer.json() if is_json else answer.text

    async def get(self, path: str, **query: Any) -> Any:
        status, body = await self.call("GET", path, **query)
        assert status == 200, (path, status, body)
        return body

    async def post(self, path: str, body: Any, **query: Any) -> Any:
        status, answer = await self.call("POST", path, body, **query)
        assert status in {200, 204}, (path, status, answer)
        return answer

    async def deploy(self, *versions: str, tenant: str | None = None) -> None:
        """Deploy versions of one process."""
        for number, xml in enumerate(versions, 1):
            files = {f"{number}.bpmn": (f"{number}.bpmn", xml.replace("KEY", self.key).encode())}
            data = {"deployment-name": self.key} | ({"tenant-id": tenant} if tenant else {})
            answer = await self.client.post("deployment/create", data=data, files=files)
            assert answer.status_code == 200, answer.text
            self.definitions += list(answer.json()["deployedProcessDefinitions"])
            self.deployments.append(answer.json()["id"])

    async def start(self, version: int = 1, key: str = "", **variables: Any) -> str:
        body = {"businessKey": key, "variables": {name: {"value": value} for name, value in variables.items()}}
        started = await self.post(f"/process-definition/{self.definitions[version - 1]}/start", body)
        self.instances.append(started["id"])
        return str(started["id"])

    async def do(self, instance: str, *activities: str, **variables: Any) -> None:
        """Complete user tasks in turn."""
        for activity in activities:
            tasks = await self.get("/task", processInstanceId=instance)
            task = next(one for one in tasks if one["taskDefinitionKey"] == activity)
            body = {"variables": {name: {"value": value} for name, value in variables.items()}}
            await self.post(f"/task/{task['id']}/complete", body)

    async def message(self, instance: str, name: str) -> None:
        await self.post("/message", {"messageName": name, "processInstanceId": instance})

    async def jobs_failed(self, instance: str, failing: str | None = None) -> None:
        """Let the asynchronous continuations of an instance fail for good: a real engine does so by itself.

        `failing` is the activity that fails, where it is not the one that waits.
        """
        if self.embedded is not None:
            found = self.embedded.instance(instance)
            for job in found.live.jobs:
                if job.due is None:
                    self.embedded.store.propagate(fail_job(found, found.live, job, UNKNOWN, failing))
            found.touch()
            return
        await self.until("/job", have_failed, processInstanceId=instance)

    async def local_variable(self, instance: str, activity: str, name: str, value: str) -> None:
        """Set a variable on the execution of the first activity instance of an activity."""
        if self.embedded is not None:
            node = waiting_node(self.embedded.instance(instance), activity)
            assert node is not None
            node.variables[name] = Value("String", value)
            return
        tree = await self.get(f"/process-instance/{instance}/activity-instances")
        node = next(one for one in tree["childActivityInstances"] if one["activityId"] == activity)
        path = f"/execution/{node['executionIds'][0]}/localVariables/{name}"
        await self.call("PUT", path, {"value": value, "type": "String"})

    async def timers_failed(self, instance: str, failing: str) -> None:
        """Let the timers of an instance fail for good, in the activity behind them."""
        if self.embedded is not None:
            found = self.embedded.instance(instance)
            for job in found.live.jobs:
                self.embedded.store.propagate(fail_job(found, found.live, job, UNKNOWN, failing))
            found.touch()
            return
        for job in await self.get("/job", processInstanceId=instance):
            for _ in range(3):
                await self.call("POST", f"/job/{job['id']}/execute", {})

    async def until(self, path: str, condition: Callable[[Any], bool], **query: Any) -> Any:
        """Ask until the answer is as it should be, and return it."""
        found: Any = None

        async def as_it_should_be() -> bool:
            nonlocal found
            found = await self.get(path, **query)
            return condition(found)

        await until(as_it_should_be, f"the right answer from {path}", pause=self.pass_time)
        return found

    async def pass_time(self) -> None:
        """Let the job executor get on: a real one does so by itself, the embedded engine's by its clock."""
        if self.clock is None:
            await pause()
        else:
            self.clock.now += timedelta(seconds=0.5)

    async def plan(self, *pairs: tuple[str, str], source: int = 1, target: int = 2, updates: Sequence[str] = ()) -> Any:
        """A plan of these instructions, or the generated one where there are none."""
        ends = {
            "sourceProcessDefinitionId": self.definitions[source - 1],
            "targetProcessDefinitionId": self.definitions[target - 1],
        }
        if not pairs:
            made = await self.post("/migration/generate", ends)
            pairs = tuple((one["sourceActivityIds"][0], one["targetActivityIds"][0]) for one in made["instructions"])
        instructions = [
            {"sourceActivityIds": [one], "targetActivityIds": [other], "updateEventTrigger": one in updates}
            for one, other in sorted(pairs)
        ]
        return {**ends, "instructions": instructions}

    async def migrate(self, plan: Any, *instances: str, **more: Any) -> Any:
        """Migrate, and return the status with the error made comparable."""
        body = {"migrationPlan": plan, "processInstanceIds": list(instances), **more}
        status, answer = await self.call("POST", "/migration/execute", body)
        return status, self.neutral(answer)

    def neutral(self, value: Any) -> Any:
        """Return a value without what differs from engine to engine: ids, and order where it is arbitrary."""
        if isinstance(value, dict):
            return {name: self.neutral(one) for name, one in value.items() if name != "code"}
        if isinstance(value, list):
            return sorted((self.neutral(one) for one in value), key=repr)
        if isinstance(value, str):
            for number, definition in enumerate(self.definitions, 1):
                value = value.replace(definition, f"<definition {number}>")
            return UUID.sub("<id>", value.replace(self.key, "<key>"))
        return value

    async def state(self, instance: str) -> dict[str, Any]:
        """Everything that an engine tells of an instance, made comparable."""
        status, tree = await self.call("GET", f"/process-instance/{instance}/activity-instances")
        owners: dict[str, str] = {}
        if status == 200:
            self._owners(tree, owners)
        history = await self.post("/history/process-instance", {"processInstanceIds": [instance]})
        return {
            "tree": self._tree(tree) if status == 200 else status,
            "jobs": await self._jobs(instance, owners),
            "subscriptions": await self._subscriptions(instance, owners),
            "incidents": await self._incidents(instance, owners),
            "variables": await self._variables(instance, owners),
            "history": [(self.neutral(one["processDefinitionId"]), one["state"]) for one in history],
            "activities": await self._activities(instance),
        }

    def _owners(self, node: Mapping[str, Any], owners: dict[str, str]) -> None:
        label = str(self.neutral(node["activityId"]))
        for number, execution in enumerate(node["executionIds"]):
            owners.setdefault(execution, label if number == 0 else f"above {label}")
        owners[node["id"]] = label
        for child in node["childActivityInstances"]:
            self._owners(child, owners)
        for child in node["childTransitionInstances"]:
            owners.setdefault(child["executionId"], f"{child['activityId']} waiting")
        # The first execution of a scope with children is its own.
        owners[node["executionIds"][0]] = label

    def _tree(self, node: Mapping[str, Any]) -> Any:
        return (
            self.neutral(node["activityId"]),
            node["activityType"],
            self.neutral(node["name"]),
            len(node["executionIds"]),
            len(node["incidentIds"]),
            sorted((self._tree(child) for child in node["childActivityInstances"]), key=repr),
            sorted(
                (one["activityId"], one["activityType"], len(one["incidentIds"]))
                for one in node["childTransitionInstances"]
            ),
        )

    async def _jobs(self, instance: str, owners: Mapping[str, str]) -> Any:
        definitions: dict[str, Any] = {}
        for definition in self.definitions:
            for one in await self.get("/job-definition", processDefinitionId=definition):
                definitions[one["id"]] = (one["activityId"], one["jobType"], one["jobConfiguration"])
        return sorted(
            (
                definitions.get(one["jobDefinitionId"]),
                self.neutral(one["processDefinitionId"]),
                one["retries"],
                one["dueDate"] is not None,
                one["suspended"],
                owners.get(one["executionId"], "elsewhere"),
                one["exceptionMessage"],
            )
            for one in await self.get("/job", processInstanceId=instance)
        )

    async def _subscriptions(self, instance: str, owners: Mapping[str, str]) -> Any:
        return sorted(
            (one["eventType"], one["eventName"] or "", one["activityId"], owners.get(one["executionId"], "elsewhere"))
            for one in await self.get("/event-subscription", processInstanceId=instance)
        )

    async def _incidents(self, instance: str, owners: Mapping[str, str]) -> Any:
        return sorted(
            (
                one["incidentType"],
                one["activityId"],
                one["incidentMessage"],
                self.neutral(one["processDefinitionId"]),
                one["configuration"] is not None,
                one["jobDefinitionId"] is not None,
                one["causeIncidentId"] == one["id"],
                one["rootCauseIncidentId"] == one["id"],
                one["failedActivityId"],
                owners.get(one["executionId"], "elsewhere"),
            )
            for one in await self.get("/incident", processInstanceId=instance)
        )

    async def _variables(self, instance: str, owners: Mapping[str, str]) -> Any:
        return sorted(
            (
                one["name"],
                one["type"],
                str(one["value"]),
                owners.get(one["activityInstanceId"], "elsewhere"),
                self.neutral(one["processDefinitionId"]),
            )
            for one in await self.post("/variable-instance", {"processInstanceIdIn": [instance]})
        )

    async def _activities(self, instance: str) -> Any:
        return sorted(
            (
                one["activityId"],
                one["activityType"],
                self.neutral(one["processDefinitionId"]),
                one["endTime"] is not None,
                one["canceled"],
            )
            for one in await self.post("/history/activity-instance", {"processInstanceId": instance})
        )

    async def statistics(self, version: int = 1) -> Any:
        found = await self.get(
            f"/process-definition/{self.definitions[version - 1]}/statistics", failedJobs="true", incidents="true"
        )
        return sorted(
            (
                one["id"],
                one["instances"],
                one["failedJobs"],
                sorted((each["incidentType"], each["incidentCount"]) for each in one["incidents"]),
            )
            for one in found
        )

    async def found_at(self, version: int, *activities: str) -> dict[str, tuple[int, int]]:
        """For each activity how many instances the runtime filter and the one of history find."""
        definition = self.definitions[version - 1]
        counts = {}
        for activity in activities:
            runtime = {"processDefinitionId": definition, "activityIdIn": [activity]}
            historic = {"processDefinitionId": definition, "activeActivityIdIn": [activity], "unfinished": True}
            counts[activity] = (
                (await self.post("/process-instance/count", runtime))["count"],
                (await self.post("/history/process-instance/count", historic))["count"],
            )
        return counts

    async def clean(self) -> None:
        for deployment in self.deployments:
            await self.call("DELETE", f"/deployment/{deployment}", cascade="true")


def embedded_side(version: str = "7.24.0") -> Side:
    clock = Clock()
    engine = SandboxEngine(clock, version=version)
    client = httpx.AsyncClient(transport=OverCarrier(SandboxCarrier(engine)), base_url="http://sandbox/engine-rest/")
    return Side(client, engine, clock)


def live_side(url: str) -> Side:
    return Side(httpx.AsyncClient(base_url=url + "/", timeout=60, trust_env=False))


def have_failed(jobs: Any) -> bool:
    """Whether asynchronous continuations are among these jobs, and all have failed for good."""
    return bool(jobs) and all(one["retries"] == 0 for one in jobs if one["dueDate"] is None)


def differences(embedded: Any, live: Any, place: str = "") -> list[str]:
    """Where two results differ, one line each."""
    if isinstance(live, dict) and isinstance(embedded, dict):
        names = sorted({*embedded, *live})
        return [
            line
            for name in names
            for line in differences(embedded.get(name, "(absent)"), live.get(name, "(absent)"), f"{place}.{name}")
        ]
    both = (list, tuple)
    if isinstance(live, both) and isinstance(embedded, both) and len(live) == len(embedded):
        pairs = enumerate(zip(embedded, live, strict=True))
        return [line for number, (one, other) in pairs for line in differences(one, other, f"{place}[{number}]")]
    return [] if embedded == live else [f"{place}: embedded {embedded!r}, live {live!r}"]
