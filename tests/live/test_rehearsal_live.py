"""The rehearsal against live engines: it finds exactly those that fail, and leaves no trace."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from tests.engines import rest
from tests.engines.rest import new_key
from tests.live.mixed import mixed_live
from tests.operations.planning import bpmn
from tests.operations.running import Mixed, running
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.operations.clock import SystemClock
from tui_migrate.operations.rehearse import rehearse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engines.launcher import RunningEngine

LONG = pytest.param(1000, marks=pytest.mark.long)


def counts_of(total: int) -> dict[str, int]:
    return {"good": total - 50, "fork": 15, "join": 10, "bad": 15, "job": 10}


@pytest.mark.parametrize("total", [200, LONG])
async def test_it_finds_exactly_those_that_fail_and_leaves_no_trace(live_engine: RunningEngine, total: int) -> None:
    await _no_trace(live_engine, total)


@pytest.mark.parametrize("total", [120, LONG])
async def test_it_leaves_no_trace_in_the_user_operation_log(camunda_724_auth: RunningEngine, total: int) -> None:
    """Written for authenticated users only, so it is looked at on that engine."""
    await _no_trace(camunda_724_auth, total)


async def _no_trace(engine: RunningEngine, total: int) -> None:
    mixed = mixed_live(engine, "rehearsal", **counts_of(total))
    before = snapshot(engine, mixed)
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
    assert sorted(rehearsal.failing) == mixed.failing
    assert sorted(one for one, verdict in rehearsal.verdicts.items() if verdict.outcome == "migrates") == mixed.good
    assert {group.activity_ids for group in rehearsal.groups()} == {("bad",), ("job",)}
    assert all(guard.proven for guard in rehearsal.guards)
    assert snapshot(engine, mixed) == before


def snapshot(engine: RunningEngine, mixed: Mixed) -> dict[str, Any]:
    """Everything that the engine shows about the instances, by its REST API, in an order that means nothing."""
    url, user = engine.url, engine.user
    definition = {"processDefinitionId": mixed.source_id}
    ids = {"processInstanceIds": mixed.ids}
    subscriptions = rest.get(url, "/event-subscription", user=user)
    return {
        "definitions": rest.definitions_of(url, mixed.ids, user=user),
        "trees": {one: tree(engine, one) for one in mixed.ids[:: max(1, len(mixed.ids) // 60)]},
        "history": rows(rest.post(url, "/history/process-instance", ids, user=user)),
        "activities": rows(rest.post(url, "/history/activity-instance", definition, user=user)),
        "on the target": rest.post(
            url, "/history/process-instance/count", {"processDefinitionId": mixed.target_id}, user=user
        ),
        "jobs": rows(rest.post(url, "/job", definition, user=user)),
        "incidents": rows(rest.get(url, "/incident", processDefinitionId=mixed.source_id, user=user)),
        "past incidents": rows(rest.get(url, "/history/incident", processDefinitionId=mixed.source_id, user=user)),
        "subscriptions": rows([one for one in subscriptions if one["processInstanceId"] in mixed.ids]),
        "variables": rows(rest.post(url, "/variable-instance", {"processInstanceIdIn": mixed.ids}, user=user)),
        "operations": [
            row
            for row in rest.get(url, "/history/user-operation", operationType="Migrate", user=user)
            if row["processDefinitionKey"] == mixed.key
        ],
    }


def rows(found: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(sorted(one.items(), key=lambda item: item[0])) for one in found)


def tree(engine: RunningEngine, instance_id: str) -> Any:
    return ordered(rest.get(engine.url, f"/process-instance/{instance_id}/activity-instances", user=engine.user))


def ordered(value: Any) -> Any:
    """Children come in a hash order."""
    if isinstance(value, dict):
        return {name: ordered(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted((ordered(one) for one in value), key=repr)
    return value


CONDITIONAL = (
    '<userTask id="x"/>',
    '<boundaryEvent id="b" attachedToRef="x" cancelActivity="false"><conditionalEventDefinition><condition '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="tFormalExpression">${go}</condition>'
    "</conditionalEventDefinition></boundaryEvent>",
    '<serviceTask id="count" camunda:class="testengine.CountingDelegate"/>',
    "b -> count",
)


async def test_nothing_happens_outside_the_database(live_engine: RunningEngine) -> None:
    """A real migration enters a scope with a listener, and its variable fires a conditional event: both are counted."""
    key = new_key("outside")
    first = bpmn(key, '<startEvent id="s"/>', "s -> x", *CONDITIONAL).decode()
    listener = (
        '<extensionElements><camunda:executionListener event="start" class="testengine.CountingListener"/>'
        "</extensionElements>"
    )
    inside = bpmn(key, '<startEvent id="i"/>', "i -> x", *CONDITIONAL).decode()
    inside = inside[inside.index('<startEvent id="i"/>') : inside.index("</process>")]
    scope = f'<subProcess id="sub">{listener}{inside}</subProcess>'
    second = bpmn(key, '<startEvent id="s"/>', scope, "s -> sub").decode()
    (source_id,) = rest.deploy(live_engine.url, {"1.bpmn": first})
    (target_id,) = rest.deploy(live_engine.url, {"2.bpmn": second})
    ids = rest.start_instances(live_engine.url, source_id, 20, variables={"go": False})
    variables = {"go": {"value": True, "type": "Boolean"}}
    plan = MigrationPlan(source_id, target_id, (Instruction("x", "x"), Instruction("b", "b", True)), variables)
    async with running(live_engine) as it:
        rehearsal = await rehearse(it.session, plan, ids)
        assert {verdict.outcome for verdict in rehearsal.verdicts.values()} == {"migrates"}
        assert rest.calls(live_engine.url, key) == 0
        await it.session.engine.execute(plan, ids)
    assert rest.calls(live_engine.url, key) == 20 + 20


async def test_a_failure_that_the_engine_does_not_name_is_found_by_halving(live_engine: RunningEngine) -> None:
    """A message catch event mapped to a timer one with an updated trigger ends in a NullPointerException."""
    key = new_key("anonymous")
    catch = '<intermediateCatchEvent id="wait">{}</intermediateCatchEvent>'
    common = ('<startEvent id="s"/>', '<exclusiveGateway id="x" default="f_task"/>', "s -> x", '<userTask id="task"/>')
    flows = (
        '<sequenceFlow id="f_task" sourceRef="x" targetRef="task"/>',
        '<sequenceFlow id="f_wait" sourceRef="x" targetRef="wait"><conditionExpression '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="tFormalExpression">${where == "wait"}'
        "</conditionExpression></sequenceFlow>",
    )
    message = catch.format('<messageEventDefinition messageRef="m"/>')
    timer = catch.format("<timerEventDefinition><timeDuration>PT9H</timeDuration></timerEventDefinition>")
    declared = '<message id="m" name="m"/>\n<process '
    first = bpmn(key, *common, *flows, message).decode().replace("<process ", declared)
    (source_id,) = rest.deploy(live_engine.url, {"1.bpmn": first})
    (target_id,) = rest.deploy(live_engine.url, {"2.bpmn": bpmn(key, *common, *flows, timer).decode()})
    good = rest.start_instances(live_engine.url, source_id, 30, variables={"where": "task"})
    bad = rest.start_instances(live_engine.url, source_id, 2, variables={"where": "wait"})
    plan = MigrationPlan(source_id, target_id, (Instruction("task", "task"), Instruction("wait", "wait", True)))
    async with running(live_engine) as it:
        rehearsal = await rehearse(it.session, plan, sorted(good + bad))
    assert sorted(rehearsal.failing) == sorted(bad)
    assert rest.definitions_of(live_engine.url, good + bad) == dict.fromkeys(good + bad, source_id)


async def test_rehearsing_good_instances_takes_few_requests(
    live_engine: RunningEngine, record_property: Callable[[str, object], None]
) -> None:
    """What it costs against migrating them is recorded; the goal of that is kept by the benchmarks."""
    mixed = mixed_live(live_engine, "price", good=200 * 3)
    clock = SystemClock()
    parts = [mixed.ids[at : at + 200] for at in range(0, 600, 200)]
    rehearsed, executed = [], []
    async with running(live_engine) as it:
        await rehearse(it.session, mixed.plan, parts[0])
        for part in parts[1:]:
            sent = it.sent("POST", "/migration/execute")
            rehearsed.append((await rehearse(it.session, mixed.plan, part)).seconds)
            assert it.sent("POST", "/migration/execute") - sent < 10
            started = clock.monotonic()
            await it.session.engine.execute(mixed.plan, part, skip_custom_listeners=True, skip_io_mappings=True)
            executed.append(clock.monotonic() - started)
    ratio = median(rehearsed) / median(executed)
    record_property("rehearsal of 200 to execution of 200", f"{live_engine.name}: {ratio:.2f}")
