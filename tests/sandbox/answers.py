"""Single requests whose answers are compared: mostly those that an engine refuses, each in its own way."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.scenarios import line, scenario, task
from tests.sandbox.twin import Side

JSON = {"content-type": "application/json"}


async def answer(
    side: Side, method: str, path: str, body: Any = None, *, content: str | None = None, **query: Any
) -> tuple[int, str, Any]:
    """Status, kind of content, and the content made comparable."""
    sent = json.dumps(body) if content is None and body is not None else content
    response = await side.client.request(
        method, path.lstrip("/"), content=sent, headers=JSON if sent is not None else None, params=query
    )
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json" or not response.content:
        return response.status_code, kind, ""
    found = response.json()
    if isinstance(found, dict) and found.get("type") == "NullPointerException":
        found["message"] = "…"  # Java names classes and variables here
    return response.status_code, kind, side.neutral(found)


@scenario
async def what_does_not_exist(side: Side) -> Any:
    reads = (
        "/nope", "/process-definition/nope", "/process-definition/key/nope", "/process-definition/key/nope/tenant-id/t",
        "/process-definition/nope/xml", "/process-definition/nope/statistics", "/process-definition/a/b/c",
        "/process-instance/nope", "/process-instance/nope/activity-instances", "/history/process-instance/nope",
        "/batch/nope", "/history/batch/nope", "/job/nope", "/job/nope/stacktrace", "/history/job-log/nope/stacktrace",
        "/job-definition/nope", "/incident/nope", "/engine/nope/process-definition", "/engine/nope/batch/statistics",
    )  # fmt: skip
    found = [await answer(side, "GET", path) for path in reads]
    found += [
        await answer(side, "DELETE", "/batch/nope"),
        await answer(side, "DELETE", "/history/batch/nope"),
        await answer(side, "DELETE", "/job/nope"),
        await answer(side, "POST", "/job/nope/execute", {}),
        await answer(side, "PUT", "/batch/nope/suspended", {"suspended": True}),
        await answer(side, "PUT", "/batch/nope/suspended", {}),
        await answer(side, "PUT", "/job/nope/retries", {"retries": 1}),
        await answer(side, "PUT", "/job/nope/retries", {"retries": -1}),
        await answer(side, "PUT", "/job-definition/nope/retries", {"retries": 1}),
        await answer(side, "PUT", "/job-definition/nope/retries", {"retries": -1}),
        await answer(side, "PUT", "/history/user-operation/nope/set-annotation", {"annotation": "x"}),
        await answer(side, "PUT", "/migration/validate", {}),
        await answer(side, "DELETE", "/version"),
    ]
    return found


@scenario
async def queries_that_cannot_be_used(side: Side) -> Any:
    bodies: tuple[Any, ...] = (
        {"sorting": [{"sortBy": "startTime", "sortOrder": "asc"}]},
        {"sorting": [{"sortBy": "instanceId"}]},
        {"sorting": [{"sortBy": "instanceId", "sortOrder": "up"}]},
        {"processInstanceIds": []},
        {"variables": [{"name": "a", "operator": "in", "value": 1}]},
        {"variables": [{"name": "a", "operator": "notLike", "value": "x"}]},
        {"variables": [{"name": "a", "operator": "eq", "value": {}}]},
        {"variables": [{"name": "a", "operator": "gt", "value": None}]},
        {"variables": [{"name": "a", "operator": "lteq", "value": True}]},
        {"variables": [{"operator": "eq", "value": True}]},
        {"processInstanceIds": ["nope"], "nonsense": 1},
        {"processDefinitionId": "nope", "businessKey": 5, "suspended": "true"},
    )
    found = [await answer(side, "POST", "/process-instance", body, maxResults=2) for body in bodies]
    found += [
        await answer(side, "POST", "/history/process-instance", {"sorting": [{"sortBy": "x", "sortOrder": "asc"}]}),
        await answer(side, "POST", "/history/process-instance", {"processInstanceIds": []}),
        await answer(side, "GET", "/process-definition", maxResults="x"),
        await answer(side, "GET", "/process-definition", firstResult="99999999999"),
        await answer(side, "GET", "/process-definition", maxResults="-1"),
        await answer(side, "GET", "/process-definition", maxResults="0"),
        await answer(side, "GET", "/process-definition", sortBy="x", sortOrder="asc"),
        await answer(side, "GET", "/process-definition", sortBy="key"),
        await answer(side, "GET", "/process-definition", sortBy="key", sortOrder="up"),
        await answer(side, "GET", "/process-definition/statistics", incidents="true", rootIncidents="true"),
        await answer(side, "GET", "/batch/statistics", batchId="nope"),
        await answer(side, "GET", "/job/count", jobDefinitionId="nope"),
        await answer(side, "GET", "/history/job-log/count", jobDefinitionId="nope"),
        await answer(side, "POST", "/process-instance/count", {"processDefinitionId": "nope"}),
    ]
    return found


@scenario
async def bodies_that_do_not_bind(side: Side) -> Any:
    """Only their status: the same engine answers with text or with JSON from one start to the next."""
    bodies: tuple[Any, ...] = (
        {"suspended": "x"}, {"businessKey": [5]}, {"processInstanceIds": "x"}, {"processInstanceIds": {}},
        {"processDefinitionKeyIn": 5}, {"variables": {}}, {"orQueries": 1}, [],
    )  # fmt: skip
    found = [(await answer(side, "POST", "/process-instance/count", body))[0] for body in bodies]
    broken = [(await answer(side, "POST", "/process-instance", content=content))[0] for content in ("{", "nonsense")]
    response = await side.client.post("process-instance", content="{}", headers={"content-type": "text/plain"})
    accepted = await side.client.get("version", headers={"accept": "application/xml"})
    return found, broken, response.status_code, accepted.status_code


@scenario
async def plans_that_cannot_be_used(side: Side) -> Any:
    await side.deploy(line(task("a"), flows="start>a>end"), line(task("b"), flows="start>b>end"))
    one = await side.start()
    plan = await side.plan(("a", "b"))
    pair = {"sourceActivityIds": ["a"], "targetActivityIds": ["b"]}
    plans: tuple[Any, ...] = (
        {**plan, "instructions": []},
        {**plan, "instructions": None},
        {**plan, "instructions": [{"sourceActivityIds": ["a", "nope"], "targetActivityIds": ["b", "x"]}]},
        {
            **plan,
            "instructions": [{"sourceActivityIds": ["x"], "targetActivityIds": ["y"], "updateEventTrigger": True}],
        },
        {**plan, "instructions": [{"sourceActivityIds": ["a"], "targetActivityIds": ["start"]}]},
        {**plan, "instructions": [{"sourceActivityIds": ["KEY"], "targetActivityIds": ["KEY"]}]},
        {**plan, "instructions": [pair, pair]},
        {**plan, "instructions": [{"sourceActivityIds": [None], "targetActivityIds": ["b"]}]},
        {**plan, "instructions": [{"sourceActivityIds": [], "targetActivityIds": ["b"]}]},
        {**plan, "instructions": [{"targetActivityIds": ["b"]}]},
        {**plan, "sourceProcessDefinitionId": "nope"},
        {**plan, "targetProcessDefinitionId": "nope"},
        {**plan, "sourceProcessDefinitionId": None},
        {**plan, "targetProcessDefinitionId": None},
        {**plan, "nonsense": True},
        {**plan, "variables": {"n": {"value": "q", "type": "Integer"}}},
        {**plan, "variables": {"n": {"value": "q", "type": "Nope"}}},
        {**plan, "variables": {"n": {"value": "2026-01-01", "type": "Date"}}},
        {**plan, "variables": {"n": {"value": 1, "type": "integer"}, "m": {"value": "text"}}},
    )
    found = []
    for each in plans:
        found.append(await answer(side, "POST", "/migration/validate", each))
        if each.get("instructions") != plan["instructions"]:
            body = {"migrationPlan": each, "processInstanceIds": ["nope"]}
            found.append(await answer(side, "POST", "/migration/execute", body))
    ends = {name: plan[name] for name in ("sourceProcessDefinitionId", "targetProcessDefinitionId")}
    generations: tuple[Any, ...] = (
        ends, {**ends, "sourceProcessDefinitionId": "nope"}, {"targetProcessDefinitionId": "nope"},
        {**ends, "variables": {"n": {"value": "q", "type": "Nope"}}}, {**ends, "variables": {"n": {"value": 1}}},
        {**ends, "variables": {"n": {"value": 1, "type": "integer"}}},
        {**ends, "sourceProcessDefinitionId": ends["targetProcessDefinitionId"]},
    )  # fmt: skip
    found += [await answer(side, "POST", "/migration/generate", each) for each in generations]
    return one != "", found


@scenario
async def selections_that_cannot_be_used(side: Side) -> Any:
    await side.deploy(line(task("a"), flows="start>a>end"), line(task("a"), flows="start>a>end"))
    one, other = await side.start(), await side.start()
    ended = await side.start()
    await side.do(ended, "a")
    plan = await side.plan()
    source = plan["sourceProcessDefinitionId"]
    bodies: tuple[Any, ...] = (
        {"processInstanceIds": []},
        {"processInstanceIds": [None]},
        {"processInstanceIds": [one, None]},
        {},
        {"processInstanceQuery": {"processDefinitionId": source, "businessKey": "none"}},
        {"processInstanceIds": ["nope"]},
        {"processInstanceIds": [ended]},
        {"historicProcessInstanceQuery": {"processDefinitionId": source}},
        {"processInstanceIds": [one, one], "skipCustomListeners": True, "skipIoMappings": True},
        {"processInstanceIds": [one]},
    )
    found = [await answer(side, "POST", "/migration/execute", {"migrationPlan": plan, **body}) for body in bodies]
    found += [
        await answer(side, "POST", "/migration/executeAsync", {"migrationPlan": plan, **body}) for body in bodies[:4]
    ]
    found.append(await answer(side, "POST", "/migration/execute", {"processInstanceIds": [one]}))
    by_query = {"migrationPlan": plan, "processInstanceQuery": {"processDefinitionId": source}}
    found.append(await answer(side, "POST", "/migration/execute", by_query))
    return found, await side.state(one), await side.state(other)


@scenario
async def tenants(side: Side) -> Any:
    plain = line(task("a"), flows="start>a>end")
    await side.deploy(plain)
    await side.deploy(plain, tenant="north")
    await side.deploy(plain, tenant="south")
    without, north = await side.start(1), await side.start(2)
    ends = {"sourceProcessDefinitionId": side.definitions[1], "targetProcessDefinitionId": side.definitions[2]}
    found = [
        await answer(side, "POST", "/migration/generate", ends),
        await answer(side, "POST", "/migration/validate", {**ends, "instructions": []}),
        await side.migrate(await side.plan(source=1, target=2), without),
        await side.migrate(await side.plan(source=2, target=1), north),
        await answer(side, "GET", f"/process-definition/key/{side.key}"),
        await answer(side, "GET", f"/process-definition/key/{side.key}/tenant-id/north"),
        await answer(side, "GET", "/process-definition/count", key=side.key, withoutTenantId="true"),
        await answer(side, "GET", "/process-definition/count", key=side.key, tenantIdIn="north,south"),
        await answer(side, "GET", "/process-definition/count", key=side.key, latestVersion="true"),
        await answer(side, "POST", "/process-instance/count", {"processDefinitionKey": side.key, "tenantIdIn": ["x"]}),
    ]
    names = ("key", "version", "versionTag", "tenantId", "name", "suspended", "historyTimeToLive")
    for number in (4, 5):
        status, kind, body = found[number]
        found[number] = status, kind, {name: body[name] for name in names}
    return found, await side.state(north)
