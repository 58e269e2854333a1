"""The contract of every read: the same on each live engine and on the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.engine import processes
from tests.engine.contract import ContractEngine
from tests.engines.rest import new_key
from tui_migrate.engine.models import ActivityInstance
from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery, JobQuery
from tui_migrate.errors import EngineRefused, NotFound


async def test_version_features_and_names(contract_engine: ContractEngine) -> None:
    client = contract_engine.client
    features = await client.connect()
    assert await client.version() == features.version_text == contract_engine.host.version
    assert features.family == ("operaton" if "operaton" in contract_engine.name else "camunda")
    assert await client.engine_names() == ["default"]
    _ = contract_engine.world
    await client.definition_statistics()
    assert (await client.features()).product == ("Operaton" if "operaton" in contract_engine.name else "Camunda")


async def test_a_named_engine(contract_engine: ContractEngine) -> None:
    async with contract_engine.host.client(engine_name="default") as client:
        assert (await client.connect()).version_text == contract_engine.host.version
        assert (await client.definition(contract_engine.world.source)).key == contract_engine.world.key
    async with contract_engine.host.client(engine_name="nobody") as client:
        with pytest.raises(NotFound, match=r"no process engine 'nobody'.*it has: default"):
            await client.connect()


async def test_a_path_beyond_the_base(contract_engine: ContractEngine) -> None:
    url = contract_engine.client.settings.url
    async with contract_engine.host.client(url=f"{url}/engine-rest") as client:
        with pytest.raises(NotFound, match="is not its REST base"):
            await client.connect()


async def test_statistics_of_definitions(contract_engine: ContractEngine) -> None:
    world = contract_engine.world
    rows = {row.id: row for row in await contract_engine.client.definition_statistics()}
    source = rows[world.source]
    assert source.instances == len(processes.PLACES) + 1
    assert source.failed_jobs == 1
    assert [(one.incident_type, one.incident_count) for one in source.incidents] == [("failedJob", 1)]
    assert (rows[world.target].instances, rows[world.target].incidents) == (0, [])
    assert (source.definition.key, source.definition.version, source.definition.version_tag) == (world.key, 1, "tag1")


async def test_definitions_by_each_criterion(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    both = await client.definitions(key=world.key)
    assert [(one.id, one.version, one.name) for one in both] == [
        (world.source, 1, "Contract äöü"),
        (world.target, 2, "Contract äöü"),
    ]
    assert [one.id for one in await client.definitions(key=world.key, version=1)] == [world.source]
    assert [one.id for one in await client.definitions(key=world.key, version_tag="tag2")] == [world.target]
    assert [one.id for one in await client.definitions(key=world.key, latest=True)] == [world.target]
    assert [one.id for one in await client.definitions(ids=[world.child, "nope", world.source])] == [
        world.source, world.child,
    ]  # fmt: skip
    assert await client.definitions(key="nope") == []
    assert {one.id for one in await client.definitions()} >= {world.source, world.target, world.child}


async def test_definitions_of_tenants(contract_engine: ContractEngine) -> None:
    key, client = new_key("contract-tenant"), contract_engine.client
    xml = processes.simple(key, "task")
    alone = contract_engine.deploy(xml)
    tenants = contract_engine.deploy(xml, tenant_id="t-one")
    assert [one.id for one in await client.definitions(key=key, tenant_id="t-one")] == [tenants]
    assert [one.id for one in await client.definitions(key=key, without_tenant=True)] == [alone]
    assert {one.id for one in await client.definitions(key=key, latest=True)} == {alone, tenants}
    found = await client.definition(tenants)
    assert (found.id, found.tenant_id, found.version) == (tenants, "t-one", 1)


async def test_one_definition(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    found = await client.definition(world.source)
    assert (found.id, found.key, found.version, found.suspended, found.tenant_id) == (
        world.source, world.key, 1, False, None,
    )  # fmt: skip
    for missing in (client.definition("nope:1:x"), client.definition_xml("nope")):
        with pytest.raises(NotFound):
            await missing


async def test_xml_is_the_deployed_text(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    expected = processes.world(world.key, f"{world.key}-called", 1)
    assert await client.definition_xml(world.source) == expected.encode()


async def test_activity_statistics_count_leaves_and_waiting_jobs(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    rows = {row.id: row for row in await client.activity_statistics(world.source)}
    assert {name: row.instances for name, row in rows.items()} == {
        "review": 2, "inner": 1, "message": 1, "fail": 1, "call": 1, "side": 1, "paid": 1,
    }  # fmt: skip
    assert rows["fail"].failed_jobs == 1
    assert [(one.incident_type, one.incident_count) for one in rows["fail"].incidents] == [("failedJob", 1)]
    assert await client.activity_statistics(world.target) == []
    assert await client.activity_statistics("nope") == []


async def test_job_definitions(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    found = {one.activity_id: one for one in await client.job_definitions(world.source)}
    assert {name: one.job_type for name, one in found.items()} == {
        "fail": "async-continuation",
        "late": "timer-transition",
    }
    assert found["fail"].job_configuration == "async-before"
    assert all(one.process_definition_id == world.source for one in found.values())
    assert await client.job_definitions("nope") == []


async def test_instances_in_pages(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    query = InstanceQuery(process_definition_id=world.source)
    total = await client.count_instances(query)
    assert total == len(world.instances) - 1
    everything = await client.instances(query, limit=None)
    assert [one.id for one in everything] == sorted(set(world.instances.values()) - {world.instances["called"]})
    assert [one.id for one in await client.instances(query, first=2, limit=3)] == [one.id for one in everything[2:5]]
    assert await client.instances(query, first=total) == []
    by_key = await client.instances(query, sort=(("businessKey", "desc"), ("instanceId", "asc")))
    keys = [one.business_key for one in by_key]
    assert sorted(keys, key=str, reverse=True) == keys
    one = next(one for one in everything if one.id == world.instances["suspended"])
    assert (one.definition_id, one.business_key, one.suspended, one.ended, one.tenant_id) == (
        world.source, f"{world.key}_100%", True, False, None,
    )  # fmt: skip


async def test_a_sort_key_that_does_not_exist(contract_engine: ContractEngine) -> None:
    with pytest.raises(EngineRefused):
        await contract_engine.client.instances(InstanceQuery(), sort=(("startTime", "asc"),))


async def test_instances_in_history(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    query = HistoricInstanceQuery(process_definition_id=world.source, unfinished=True)
    assert await client.history_available()
    assert await client.count_historic_instances(query) == len(world.instances) - 1
    rows = await client.historic_instances(query, sort=(("startTime", "asc"), ("instanceId", "asc")))
    times = [row.start_time for row in rows]
    assert all(moment is not None and moment.utcoffset() is not None for moment in times)
    assert times == sorted(times)  # type: ignore[type-var]
    states = {row.id: row.state for row in rows}
    assert states[world.instances["suspended"]] == "SUSPENDED"
    assert states[world.instances["review"]] == "ACTIVE"
    (called,) = await client.historic_instances(
        HistoricInstanceQuery(process_instance_ids=(world.instances["called"],))
    )
    assert called.super_process_instance_id == world.instances["call"]
    assert called.root_process_instance_id == world.instances["call"]
    assert called.process_definition_id == world.child


def leaves(node: ActivityInstance) -> Iterator[str]:
    for child in node.child_activity_instances:
        yield from leaves(child)
    yield from (f"({one.activity_id})" for one in node.child_transition_instances)
    if not node.child_activity_instances and not node.child_transition_instances:
        yield node.activity_id


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("review", ["review"]),
        ("sub", ["inner"]),
        ("message", ["message"]),
        ("fail", ["(fail)"]),
        ("call", ["call"]),
        ("join", ["joined", "side"]),
        ("compensate", ["paid"]),
    ],
)
async def test_the_tree_of_an_instance(contract_engine: ContractEngine, place: str, expected: list[str]) -> None:
    world, client = contract_engine.world, contract_engine.client
    tree = await client.activity_tree(world.instances[place])
    assert sorted(leaves(tree)) == expected
    assert (tree.id, tree.process_instance_id) == (world.instances[place], world.instances[place])
    assert tree.activity_id == tree.process_definition_id == world.source
    assert tree.activity_type == "processDefinition"


async def test_scopes_and_incidents_in_trees(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    (sub,) = (await client.activity_tree(world.instances["sub"])).child_activity_instances
    assert (sub.activity_id, sub.activity_type, sub.parent_activity_instance_id) == (
        "sub", "subProcess", world.instances["sub"],
    )  # fmt: skip
    (failing,) = (await client.activity_tree(world.instances["fail"])).child_transition_instances
    (incident,) = await client.incidents(process_instance_id=world.instances["fail"])
    assert failing.incident_ids == [incident.id]
    assert failing.execution_id


async def test_the_tree_of_an_instance_that_is_not_there(contract_engine: ContractEngine) -> None:
    with pytest.raises(NotFound):
        await contract_engine.client.activity_tree("nope")


async def test_open_activities(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    rows = await client.open_activities(world.source)
    found = {(place, row.activity_id) for row in rows for place in world.names([row.process_instance_id])}
    # The waiting join and the scope are here, the transition instance is not.
    assert found == {
        ("review", "review"), ("suspended", "review"), ("sub", "sub"), ("sub", "inner"), ("message", "message"),
        ("call", "call"), ("join", "joined"), ("join", "side"), ("compensate", "paid"),
    }  # fmt: skip
    assert await client.count_open_activities(world.source) == len(rows)
    (call,) = [row for row in rows if row.activity_id == "call"]
    assert call.called_process_instance_id == world.instances["called"]
    assert call.activity_type == "callActivity"
    assert all(row.end_time is None and row.process_definition_id == world.source for row in rows)
    page = await client.open_activities(world.source, first=1, limit=2)
    assert [row.id for row in page] == [row.id for row in rows[1:3]]
    own = await client.open_activities(process_instance_id=world.instances["join"])
    assert {row.activity_id for row in own} == {"joined", "side"}


async def test_variables(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    wanted = [world.instances["review"], world.instances["sub"]]
    rows = await client.variables(wanted)
    found = {(*world.names([row.process_instance_id]), row.name): (row.type, row.value) for row in rows}
    assert found["review", "n"] == ("Integer", 0)
    assert found["sub", "n"] == ("Integer", 1)
    assert found["sub", "word"] == ("String", "sub")
    assert found["review", "yes"] == ("Boolean", True)
    assert {name for name, _ in found} == {"review", "sub"}


async def test_jobs(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    query = JobQuery(process_definition_id=world.source)
    jobs = await client.jobs(query)
    assert await client.count_jobs(query) == len(jobs) == 3
    assert world.names(job.process_instance_id for job in jobs) == {"review", "suspended", "fail"}
    (failed,) = await client.jobs(JobQuery(process_definition_id=world.source, no_retries_left=True))
    assert (failed.retries, failed.exception_message) == (0, "failingDelegate was asked to fail")
    assert failed.process_instance_id == world.instances["fail"]
    (timer,) = await client.jobs(JobQuery(process_instance_id=world.instances["review"]))
    assert timer.due_date is not None
    assert timer.due_date.utcoffset() == timedelta(0)
    assert "failingDelegate was asked to fail" in await client.job_stacktrace(failed.id)
    with pytest.raises(NotFound):
        await client.job_stacktrace("nope")


async def test_incidents(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    (incident,) = await client.incidents(process_definition_id=world.source)
    assert incident.incident_type == "failedJob"
    assert incident.process_instance_id == world.instances["fail"]
    assert incident.activity_id == "fail"
    assert incident.incident_message == "failingDelegate was asked to fail"
    (job,) = await client.jobs(JobQuery(process_instance_id=world.instances["fail"]))
    assert incident.configuration == job.id
    assert await client.incidents(job_definition_ids=[str(job.job_definition_id)]) == [incident]
    assert await client.incidents(process_definition_id="nope") == []
    assert await client.incidents(process_instance_id="nope") == []
    assert await client.incidents(job_definition_ids=["nope"]) == []


async def test_event_subscriptions(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    (message,) = await client.event_subscriptions(process_instance_id=world.instances["message"])
    assert (message.event_type, message.event_name, message.activity_id) == (
        "message", f"{world.key}-message", "message",
    )  # fmt: skip
    (compensate,) = await client.event_subscriptions(
        event_type="compensate", process_instance_id=world.instances["compensate"]
    )
    assert compensate.activity_id == "pay-back"
    ours = await client.event_subscriptions(event_type="compensate", activity_id="pay-back")
    assert compensate in ours
    assert all((one.event_type, one.activity_id) == ("compensate", "pay-back") for one in ours)
    assert await client.event_subscriptions(process_instance_id="nope") == []


async def test_without_users_there_is_no_permission_and_no_operation_log(contract_engine: ContractEngine) -> None:
    client = contract_engine.client
    assert await client.check_authorization("MIGRATE_INSTANCE", "ProcessDefinition", 6, "any") is None
    assert await client.user_operations() == []
