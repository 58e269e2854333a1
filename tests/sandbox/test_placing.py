"""Instances come to stand where a test tells them to, and go on from there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.scenarios import PARALLEL, compensable, flows_inside, line, sub, task
from tests.sandbox.support import client, deploy
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import after, before, calling, completed, failed, incident, many, within

ASYNC = '<serviceTask id="s" camunda:asyncBefore="true" camunda:asyncAfter="true" camunda:expression="${true}"/>'
EXTERNAL = '<serviceTask id="x" camunda:type="external" camunda:topic="t"/>'


async def tree(engine: SandboxEngine, instance: str) -> Any:
    async with client(engine) as http:
        return shape((await http.get(f"process-instance/{instance}/activity-instances")).json())


def shape(node: dict[str, Any]) -> Any:
    inside = [shape(one) for one in node["childActivityInstances"]]
    inside += [f"({one['activityId']})" for one in node["childTransitionInstances"]]
    name = "process" if node["activityType"] == "processDefinition" else node["activityId"]
    return {name: inside} if inside else name


async def test_scopes_and_bodies_come_by_themselves() -> None:
    engine = SandboxEngine()
    (definition,) = deploy(engine, line(sub(flows_inside("a"), before=PARALLEL.format(3)), flows="start>sub>end"))
    body = "sub#multiInstanceBody"
    assert await tree(engine, engine.start(definition, at=("a",))) == {"process": [{body: [{"sub": ["a"]}]}]}
    three = await tree(engine, engine.start(definition, at=(many("sub", 3, "a"),)))
    assert three == {"process": [{body: [{"sub": ["a"]}] * 3}]}
    two = await tree(engine, engine.start(definition, at=(within("sub", "a"), within("sub", "a"))))
    assert two == {"process": [{body: [{"sub": ["a"]}] * 2}]}
    assert await tree(engine, engine.start(definition)) == three, "as the process says"


async def test_waiting_and_failed_jobs() -> None:
    engine = SandboxEngine()
    (definition,) = deploy(engine, line(ASYNC, EXTERNAL, flows="start>s>x>end"))
    assert await tree(engine, engine.start(definition, at=(before("s"),))) == {"process": ["(s)"]}
    assert await tree(engine, engine.start(definition, at=(after("s"),))) == {"process": ["(s)"]}
    engine.start(definition, at=(before("s", failure="broken"),))
    engine.start(definition, at=(failed("x", "no worker"),))
    engine.start(definition, at=(incident("x", "custom", "look at this"),))
    async with client(engine) as http:
        found = (await http.get("incident")).json()
        jobs = (await http.get("job", params={"noRetriesLeft": "true"})).json()
    assert [(one["incidentType"], one["activityId"], one["incidentMessage"]) for one in found] == [
        ("failedJob", "s", "broken"),
        ("failedExternalTask", "x", "no worker"),
        ("custom", "x", "look at this"),
    ]
    assert [(one["retries"], one["exceptionMessage"]) for one in jobs] == [(0, "broken")]


async def test_completed_activities_can_be_compensated() -> None:
    engine = SandboxEngine()
    (definition,) = deploy(engine, compensable("undo", "cancel"))
    instance = engine.start(definition, at=("a", completed("book")))
    async with client(engine) as http:
        found = (await http.get("event-subscription", params={"processInstanceId": instance})).json()
    assert [(one["eventType"], one["activityId"]) for one in found] == [("compensate", "cancel")]
    assert await tree(engine, instance) == {"process": ["a"]}


async def test_called_instances_end_with_or_before_their_caller() -> None:
    engine = SandboxEngine()
    deploy(engine, line(task("inner"), flows="start>inner>end"), key="called")
    caller = line('<callActivity id="c" calledElement="called"/>', task("next"), flows="start>c>next>end")
    (definition,) = deploy(engine, caller)
    instance = engine.start(definition, at=(calling("c", "inner"),))
    (called,) = [one for one in engine.store.instances.values() if one.super_instance is not None]
    engine.complete(called.id, "inner")
    assert called.state == "COMPLETED"
    assert await tree(engine, instance) == {"process": ["next"]}
    engine.complete(instance, "next")
    assert engine.instance(instance).state == "COMPLETED"
    other = engine.start(definition)
    engine.end(other, reason="test")
    assert {one.state for one in engine.store.historic.values()} == {"COMPLETED", "EXTERNALLY_TERMINATED"}
    assert not engine.store.instances


async def test_an_instance_may_end_while_nobody_looks() -> None:
    engine = SandboxEngine()
    (definition,) = deploy(engine, line(task("a"), flows="start>a>end"))
    one, other = engine.bulk_start(definition, 2, at=("a",))
    engine.end(one)
    with pytest.raises(KeyError):
        engine.complete(one, "a")
    with pytest.raises(KeyError):
        engine.complete(other, "nope")
    engine.complete(other, "a")
    async with client(engine) as http:
        assert (await http.get("process-instance/count")).json() == {"count": 0}
        assert (await http.get("history/process-instance/count")).json() == {"count": 2}
        assert (await http.get(f"process-instance/{one}/activity-instances")).status_code == 404


async def test_many_instances_share_what_nobody_has_changed() -> None:
    engine = SandboxEngine()
    (definition,) = deploy(engine, line(sub(flows_inside("a"), before=PARALLEL.format(2)), flows="start>sub>end"))
    ids = engine.bulk_start(definition, 1000, at=(many("sub", 2, "a"),), business_key="order-{:04}", variables={"x": 1})
    async with client(engine) as http:
        statistics = (await http.get(f"process-definition/{definition}/statistics")).json()
        assert [(one["id"], one["instances"]) for one in statistics] == [("a", 2000)]
        query = {"processDefinitionId": definition, "unfinished": True}
        assert (await http.post("history/activity-instance/count", json=query)).json() == {"count": 5000}
        names = {"variables": [{"name": "loopCounter", "operator": "eq", "value": 1}]}
        assert (await http.post("process-instance/count", json=names)).json() == {"count": 1000}
        assert not any(one.looked_at for one in engine.store.instances.values())
        listed = (await http.post("history/activity-instance?firstResult=2500&maxResults=10", json=query)).json()
        assert sum(one.looked_at for one in engine.store.instances.values()) < 11
        shown = (await http.get(f"process-instance/{listed[0]['processInstanceId']}/activity-instances")).json()
        assert listed[0]["id"] in str(shown), "an id is the same whether its instance has been looked at or not"
        keys = {"businessKeyLike": "order-09%"}
        assert (await http.post("process-instance/count", json=keys)).json() == {"count": 100}
    assert len(set(ids)) == 1000
