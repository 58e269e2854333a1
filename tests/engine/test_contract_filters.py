"""Every filter field on every engine: it selects what it says, and one that an engine ignores is never sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.engine.contract import ContractEngine, SandboxHost, World
from tests.engines import rest
from tui_migrate.engine.features import HISTORY_FIELDS, JOB_FIELDS, NEWER, RUNTIME_FIELDS, QueryKind
from tui_migrate.engine.members import member_name
from tui_migrate.engine.queries import (
    HistoricInstanceQuery,
    InstanceQuery,
    JobQuery,
    Operator,
    Query,
    VariableCriterion,
)
from tui_migrate.errors import UsageError

Make = Callable[[World], dict[str, Any]]

EVERYTHING = {"review", "sub", "message", "fail", "call", "join", "compensate", "suspended"}

RUNTIME: dict[str, tuple[Make, set[str]]] = {
    "nothing more": (lambda w: {}, EVERYTHING),
    "process_definition_key": (lambda w: {"process_definition_key": w.key}, EVERYTHING),
    "process_definition_key of another": (lambda w: {"process_definition_key": f"{w.key}-called"}, set()),
    "process_definition_key_in": (lambda w: {"process_definition_key_in": (w.key, "x")}, EVERYTHING),
    "process_definition_key_not_in": (lambda w: {"process_definition_key_not_in": (w.key,)}, set()),
    "process_instance_ids": (
        lambda w: {"process_instance_ids": (w.instances["sub"], w.instances["fail"], "nope")},
        {"sub", "fail"},
    ),
    "business_key": (lambda w: {"business_key": f"{w.key}-sub"}, {"sub"}),
    "business_key in another case": (lambda w: {"business_key": f"{w.key}-SUB"}, set()),
    "business_key_like": (lambda w: {"business_key_like": f"{w.key}-%s%"}, {"sub", "message", "compensate"}),
    "business_key_like escaped": (lambda w: {"business_key_like": f"{w.key}\\_100\\%"}, {"suspended"}),
    "business_key_like one character": (lambda w: {"business_key_like": f"{w.key}-s_b"}, {"sub"}),
    "activity_id_in": (lambda w: {"activity_id_in": ("inner", "side")}, {"sub", "join"}),
    "activity_id_in a transition": (lambda w: {"activity_id_in": ("fail",)}, {"fail"}),
    "activity_id_in a join": (lambda w: {"activity_id_in": ("joined",)}, {"join"}),
    "activity_id_in a scope": (lambda w: {"activity_id_in": ("sub",)}, set()),
    "suspended": (lambda w: {"suspended": True}, {"suspended"}),
    "active": (lambda w: {"active": True}, EVERYTHING - {"suspended"}),
    "with_incident": (lambda w: {"with_incident": True}, {"fail"}),
    "incident_type": (lambda w: {"incident_type": "failedJob"}, {"fail"}),
    "incident_type of none": (lambda w: {"incident_type": "failedExternalTask"}, set()),
    "incident_message": (lambda w: {"incident_message": "failingDelegate was asked to fail"}, {"fail"}),
    "incident_message_like": (lambda w: {"incident_message_like": "%asked%"}, {"fail"}),
    "tenant_id_in": (lambda w: {"tenant_id_in": ("t-one",)}, set()),
    "without_tenant_id": (lambda w: {"without_tenant_id": True}, EVERYTHING),
    "root_process_instances": (lambda w: {"root_process_instances": True}, EVERYTHING),
    "leaf_process_instances": (lambda w: {"leaf_process_instances": True}, EVERYTHING - {"call"}),
    "sub_process_instance": (lambda w: {"sub_process_instance": w.instances["called"]}, {"call"}),
    "super_process_instance": (lambda w: {"super_process_instance": w.instances["call"]}, set()),
    "variables eq": (lambda w: {"variables": (variable("n", "eq", 1),)}, {"sub"}),
    "variables of another type": (lambda w: {"variables": (variable("n", "eq", 1.0),)}, {"sub"}),
    "variables as text": (lambda w: {"variables": (variable("n", "eq", "1"),)}, set()),
    "variables neq": (lambda w: {"variables": (variable("word", "neq", "sub"),)}, EVERYTHING - {"sub", "suspended"}),
    "variables gt": (lambda w: {"variables": (variable("n", "gt", 5),)}, {"compensate", "suspended"}),
    "variables gteq": (lambda w: {"variables": (variable("n", "gteq", 6),)}, {"compensate", "suspended"}),
    "variables lt": (lambda w: {"variables": (variable("n", "lt", 1),)}, {"review"}),
    "variables lteq": (lambda w: {"variables": (variable("n", "lteq", 1),)}, {"review", "sub"}),
    "variables like": (lambda w: {"variables": (variable("word", "like", "%e%s%"),)}, {"message", "compensate"}),
    "variables true": (
        lambda w: {"variables": (variable("yes", "eq", True),)},
        {"review", "message", "call", "compensate"},
    ),
    "variables of two": (
        lambda w: {"variables": (variable("n", "gt", 1), variable("n", "lt", 4))},
        {"message", "fail"},
    ),
    "variable_names_ignore_case": (
        lambda w: {"variables": (variable("N", "eq", 1),), "variable_names_ignore_case": True},
        {"sub"},
    ),
    "variable_values_ignore_case": (
        lambda w: {"variables": (variable("word", "eq", "SUB"),), "variable_values_ignore_case": True},
        {"sub"},
    ),
    "or_queries": (
        lambda w: {"or_queries": (InstanceQuery(business_key=f"{w.key}-sub", activity_id_in=("message",)),)},
        {"sub", "message"},
    ),
    "root_process_instance_id": (lambda w: {"root_process_instance_id": w.instances["call"]}, {"call"}),
}

PAST, FUTURE = datetime(1999, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)

HISTORY: dict[str, tuple[Make, set[str]]] = {
    "nothing more": (lambda w: {}, EVERYTHING),
    "process_definition_key": (lambda w: {"process_definition_key": w.key}, EVERYTHING),
    "process_definition_key_in": (lambda w: {"process_definition_key_in": (w.key, "x")}, EVERYTHING),
    "process_instance_ids": (lambda w: {"process_instance_ids": (w.instances["sub"], "nope")}, {"sub"}),
    "process_instance_id_not_in": (
        lambda w: {"process_instance_id_not_in": (w.instances["sub"],)},
        EVERYTHING - {"sub"},
    ),
    "process_instance_business_key": (lambda w: {"process_instance_business_key": f"{w.key}-sub"}, {"sub"}),
    "process_instance_business_key_like": (
        lambda w: {"process_instance_business_key_like": f"{w.key}-%s%"},
        {"sub", "message", "compensate"},
    ),
    "process_instance_business_key_in": (
        lambda w: {"process_instance_business_key_in": (f"{w.key}-sub", f"{w.key}-join")},
        {"sub", "join"},
    ),
    "active_activity_id_in": (lambda w: {"active_activity_id_in": ("inner", "sub", "joined")}, {"sub", "join"}),
    "active_activity_id_in a transition": (lambda w: {"active_activity_id_in": ("fail",)}, set()),
    "activity_id_in": (lambda w: {"activity_id_in": ("inner", "fail")}, {"sub", "fail"}),
    "suspended": (lambda w: {"suspended": True}, {"suspended"}),
    "active": (lambda w: {"active": True}, EVERYTHING - {"suspended"}),
    "finished": (lambda w: {"finished": True}, set()),
    "unfinished": (lambda w: {"unfinished": True}, EVERYTHING),
    "with_incidents": (lambda w: {"with_incidents": True}, {"fail"}),
    "with_root_incidents": (lambda w: {"with_root_incidents": True}, {"fail"}),
    "incident_type": (lambda w: {"incident_type": "failedJob"}, {"fail"}),
    "incident_status": (lambda w: {"incident_status": "open"}, {"fail"}),
    "incident_message": (lambda w: {"incident_message": "failingDelegate was asked to fail"}, {"fail"}),
    "incident_message_like": (lambda w: {"incident_message_like": "%asked%"}, {"fail"}),
    "tenant_id_in": (lambda w: {"tenant_id_in": ("t-one",)}, set()),
    "without_tenant_id": (lambda w: {"without_tenant_id": True}, EVERYTHING),
    "root_process_instances": (lambda w: {"root_process_instances": True}, EVERYTHING),
    "sub_process_instance_id": (lambda w: {"sub_process_instance_id": w.instances["called"]}, {"call"}),
    "super_process_instance_id": (lambda w: {"super_process_instance_id": w.instances["call"]}, set()),
    "root_process_instance_id": (lambda w: {"root_process_instance_id": w.instances["call"]}, {"call"}),
    "started_before": (lambda w: {"started_before": FUTURE}, EVERYTHING),
    "started_before all": (lambda w: {"started_before": PAST}, set()),
    "started_after": (lambda w: {"started_after": PAST}, EVERYTHING),
    "started_after all": (lambda w: {"started_after": FUTURE}, set()),
    "started_by": (lambda w: {"started_by": "nobody"}, set()),
    "executed_activity_id_in": (lambda w: {"executed_activity_id_in": ("pay",)}, {"compensate"}),
    "executed_activity_before": (lambda w: {"executed_activity_before": PAST}, set()),
    "executed_activity_after": (lambda w: {"executed_activity_after": FUTURE}, set()),
    "variables": (lambda w: {"variables": (variable("n", "gt", 5),)}, {"compensate", "suspended"}),
    "or_queries": (
        lambda w: {"or_queries": (HistoricInstanceQuery(suspended=True, active_activity_id_in=("message",)),)},
        {"suspended", "message"},
    ),
}

JOBS: dict[str, tuple[Make, set[str]]] = {
    "nothing more": (lambda w: {}, {"review", "suspended", "fail"}),
    "process_instance_id": (lambda w: {"process_instance_id": w.instances["review"]}, {"review"}),
    "process_instance_ids": (
        lambda w: {"process_instance_ids": (w.instances["review"], w.instances["fail"], w.instances["sub"])},
        {"review", "fail"},
    ),
    "process_definition_key": (lambda w: {"process_definition_key": w.key}, {"review", "suspended", "fail"}),
    "activity_id": (lambda w: {"activity_id": "late"}, {"review", "suspended"}),
    "failed_activity_id": (lambda w: {"failed_activity_id": "fail"}, {"fail"}),
    "no_retries_left": (lambda w: {"no_retries_left": True}, {"fail"}),
    "with_retries_left": (lambda w: {"with_retries_left": True}, {"review", "suspended"}),
    "with_exception": (lambda w: {"with_exception": True}, {"fail"}),
    "exception_message": (lambda w: {"exception_message": "failingDelegate was asked to fail"}, {"fail"}),
    "suspended": (lambda w: {"suspended": True}, {"suspended"}),
    "active": (lambda w: {"active": True}, {"review", "fail"}),
    "timers": (lambda w: {"timers": True}, {"review", "suspended"}),
    "messages": (lambda w: {"messages": True}, {"fail"}),
    "executable": (lambda w: {"executable": True}, set()),
    "tenant_id_in": (lambda w: {"tenant_id_in": ("t-one",)}, set()),
    "without_tenant_id": (lambda w: {"without_tenant_id": True}, {"review", "suspended", "fail"}),
}


def variable(name: str, operator: Operator, value: bool | int | float | str | None) -> VariableCriterion:
    return VariableCriterion(name=name, operator=operator, value=value)


def is_newer(kind: QueryKind, case: str) -> bool:
    return member_name(case.split(" ")[0]) in NEWER[kind]


@pytest.mark.parametrize("case", RUNTIME)
async def test_running_instances(contract_engine: ContractEngine, case: str) -> None:
    world, client = contract_engine.world, contract_engine.client
    make, expected = RUNTIME[case]
    query = InstanceQuery(process_definition_id=world.source, **make(world))
    if is_newer("runtime", case) and not contract_engine.host.is_new:
        with pytest.raises(UsageError, match="does not honour"):
            await client.instances(query)
        return
    assert world.names(one.id for one in await client.instances(query)) == expected
    assert await client.count_instances(query) == len(expected)


@pytest.mark.parametrize("case", HISTORY)
async def test_instances_in_history(contract_engine: ContractEngine, case: str) -> None:
    world, client = contract_engine.world, contract_engine.client
    make, expected = HISTORY[case]
    query = HistoricInstanceQuery(process_definition_id=world.source, **make(world))
    if is_newer("history", case) and not contract_engine.host.is_new:
        with pytest.raises(UsageError, match="does not honour"):
            await client.historic_instances(query)
        return
    assert world.names(one.id for one in await client.historic_instances(query)) == expected
    assert await client.count_historic_instances(query) == len(expected)


@pytest.mark.parametrize("case", JOBS)
async def test_jobs(contract_engine: ContractEngine, case: str) -> None:
    world, client = contract_engine.world, contract_engine.client
    make, expected = JOBS[case]
    query = JobQuery(process_definition_id=world.source, **make(world))
    assert world.names(one.process_instance_id for one in await client.jobs(query)) == expected
    assert await client.count_jobs(query) == len(expected)


async def test_jobs_by_their_own_ids(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    one, *others = await client.jobs(JobQuery(process_definition_id=world.source))
    assert await client.jobs(JobQuery(job_id=one.id)) == [one]
    assert {job.id for job in await client.jobs(JobQuery(job_ids=(one.id, others[0].id)))} == {one.id, others[0].id}
    same = await client.jobs(JobQuery(job_definition_id=one.job_definition_id))
    assert one in same
    assert {job.job_definition_id for job in same} == {one.job_definition_id}
    assert one in await client.jobs(JobQuery(execution_id=one.execution_id))


async def test_incidents_by_their_own_id(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    (incident,) = await client.incidents(process_definition_id=world.source)
    found = await client.instances(InstanceQuery(incident_id=incident.id))
    assert [one.id for one in found] == [world.instances["fail"]]
    if contract_engine.host.is_new:
        historic = await client.historic_instances(HistoricInstanceQuery(incident_id_in=(incident.id,)))
        assert [one.id for one in historic] == [world.instances["fail"]]


async def test_instances_by_deployment(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    deployment = (await client.definition(world.source)).deployment_id
    found = await client.instances(InstanceQuery(deployment_id=deployment))
    assert world.names(one.id for one in found) == EVERYTHING


async def test_a_moment_divides_the_instances(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    rows = await client.historic_instances(HistoricInstanceQuery(process_definition_id=world.source))
    times = {row.id: row.start_time for row in rows}
    moment = times[world.instances["fail"]]
    assert moment is not None
    before = await client.historic_instances(
        HistoricInstanceQuery(process_definition_id=world.source, started_before=moment - timedelta(milliseconds=1))
    )
    assert {row.id for row in before} == {one for one, time in times.items() if time is not None and time < moment}


MISTYPED: dict[str, object] = {"-": {}}
EXPECTED: dict[QueryKind, frozenset[str]] = {"runtime": RUNTIME_FIELDS, "history": HISTORY_FIELDS, "job": JOB_FIELDS}
PATHS: dict[QueryKind, str] = {
    "runtime": "/process-instance/count",
    "history": "/history/process-instance/count",
    "job": "/job/count",
}
QUERIES: dict[QueryKind, type[Query]] = {"runtime": InstanceQuery, "history": HistoricInstanceQuery, "job": JobQuery}


@pytest.mark.parametrize("kind", list(PATHS))
async def test_no_field_that_is_sent_is_ignored(contract_engine: ContractEngine, kind: QueryKind) -> None:
    """By the engine's own word: it refuses a value of a wrong type only where it knows the field."""
    if isinstance(contract_engine.host, SandboxHost):
        return  # what it ignores is what the live engines ignore: the cases above hold it to that
    client, url = contract_engine.client, contract_engine.client.settings.url
    sent = (await client.features()).fields(kind)
    assert sent >= EXPECTED[kind]
    for field in sorted(sent):
        with pytest.raises(rest.RestError):
            rest.post(url, PATHS[kind], {field: MISTYPED})
    for name in QUERIES[kind].__struct_fields__:
        if member_name(name) not in sent:
            _ = contract_engine.world
            everything = rest.post(url, PATHS[kind], {})["count"]
            assert rest.post(url, PATHS[kind], {member_name(name): MISTYPED})["count"] == everything > 0
