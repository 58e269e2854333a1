"""What a client meets on the way to the embedded engine: troubles, other servers, users, limits."""

from __future__ import annotations

import asyncio
import base64
import importlib
import itertools
import sys
from typing import Any

import httpx
import pytest

from tests.over_httpx import OverCarrier
from tests.sandbox.support import PAIR, Clock, client, deploy, plan
from tui_migrate.engine.wire import LineCut, NotAnsweredInTime, NotConnected
from tui_migrate.sandbox import routes
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import Grant, Security


def execution(engine: SandboxEngine) -> tuple[str, dict[str, Any], str]:
    """An instance, the body that migrates it, and where to."""
    source, target = deploy(engine, *PAIR)
    instance = engine.start(source)
    body = {"migrationPlan": plan(source, target, ("a", "a")), "processInstanceIds": [instance]}
    return instance, body, target


async def test_a_time_out_with_the_migration_done_all_the_same() -> None:
    engine = SandboxEngine()
    instance, body, target = execution(engine)
    engine.faults.timeout(path="/migration/execute$")
    async with client(engine) as http:
        assert (await http.get("version")).status_code == 200, "the trouble waits for its request"
        with pytest.raises(NotAnsweredInTime):
            await http.post("migration/execute", json=body)
    assert engine.instance(instance).definition.id == target


async def test_a_time_out_that_came_before_anything_was_done() -> None:
    engine = SandboxEngine()
    instance, body, target = execution(engine)
    engine.faults.timeout(does_it=False)
    async with client(engine) as http:
        with pytest.raises(NotAnsweredInTime):
            await http.post("migration/execute", json=body)
        assert engine.instance(instance).definition.id != target
        assert (await http.post("migration/execute", json=body)).status_code == 204


async def test_a_slow_answer_is_late_for_the_impatient_only() -> None:
    engine, slept = SandboxEngine(), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    transport = OverCarrier(SandboxCarrier(engine, sleep=sleep))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/engine-rest/") as http:
        for patience, late in ((1.0, True), (None, False), (10.0, False)):
            engine.faults.slow(5.0)
            if late:
                with pytest.raises(NotAnsweredInTime):
                    await http.get("version", timeout=patience)
            else:
                assert (await http.get("version", timeout=patience)).json() == {"version": "7.24.0"}
    assert slept == [5.0, 5.0]


async def test_refused_and_broken_connections() -> None:
    engine = SandboxEngine()
    instance, body, target = execution(engine)
    async with client(engine) as http:
        engine.faults.connection()
        with pytest.raises(NotConnected):
            await http.post("migration/execute", json=body)
        assert engine.instance(instance).definition.id != target
        engine.faults.broken()
        with pytest.raises(LineCut):
            await http.post("migration/execute", json=body)
        assert engine.instance(instance).definition.id == target


async def test_pages_of_other_servers() -> None:
    engine = SandboxEngine()
    async with client(engine) as http:
        engine.faults.html(504, "Gateway Time-out")
        answer = await http.get("version")
        assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html")
        outside = await http.get("http://sandbox/other")
        assert (outside.status_code, "text/html" in outside.headers["content-type"]) == (404, True)
        engine.faults.answer(302, headers={"location": "https://login.example/"})
        assert (await http.get("version")).headers["location"] == "https://login.example/"
        assert (await http.get("version")).status_code == 200


async def test_engines_have_names() -> None:
    engine, second = SandboxEngine(), SandboxEngine(name="second")
    deploy(second, *PAIR)
    transport = OverCarrier(SandboxCarrier(engine, others={"second": second}))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/engine-rest/") as http:
        for name, number in (("default", 0), ("second", 2)):
            assert (await http.get(f"engine/{name}/process-definition/count")).json() == {"count": number}
        assert (await http.get("engine/nope/version")).status_code == 200
        answer = await http.get("engine/nope/process-definition/count")
        assert (answer.status_code, answer.json()["message"]) == (400, "No process engine available")


async def test_broken_json_is_answered_with_text() -> None:
    async with client(SandboxEngine()) as http:
        answer = await http.post("process-instance", content="{", headers={"content-type": "application/json"})
        assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain")


def secured(clock: Clock | None = None, **options: Any) -> SandboxEngine:
    security = Security()
    security.add("admin", "secret")
    security.add("nobody", "secret", [])
    security.add("reader", "secret", [Grant("READ", "ProcessDefinition"), Grant("READ_INSTANCE", "ProcessDefinition")])
    return SandboxEngine(clock or Clock(), security=security, **options)


async def test_only_the_right_password_in_its_right_form() -> None:
    engine = secured()
    async with client(engine) as http:
        for header in (None, "Bearer token", "Basic nonsense", "Basic " + base64.b64encode(b"admin:wrong").decode()):
            answer = await http.get("version", headers={"authorization": header} if header else {})
            assert (answer.status_code, answer.content) == (401, b"")
            assert answer.headers["www-authenticate"] == 'Basic realm="default"'


async def test_a_wrong_password_locks_its_user_and_longer_each_time() -> None:
    clock = Clock()
    engine = secured(clock)

    async def status(password: str) -> int:
        async with client(engine, auth=("admin", password)) as http:
            return (await http.get("version")).status_code

    assert await status("secret") == 200
    assert await status("wrong") == 401
    clock.wait(2)
    assert await status("secret") == 401, "locked for three seconds"
    clock.wait(2)
    assert await status("wrong") == 401
    clock.wait(4)
    assert await status("secret") == 401, "locked for six"
    clock.wait(3)
    assert await status("secret") == 200


async def test_without_permission_lists_are_shorter_and_the_rest_is_refused() -> None:
    engine = secured()
    instance, body, _ = execution(engine)
    source = engine.instance(instance).definition.id
    async with client(engine, auth=("nobody", "secret")) as http:
        assert (await http.get("process-definition/statistics")).json() == []
        assert (await http.post("process-instance/count", json={})).json() == {"count": 0}
        assert (await http.get(f"process-definition/{source}")).status_code == 404
        assert (await http.get(f"process-definition/{source}/xml")).status_code == 403
        assert (await http.post("migration/execute", json=body)).status_code == 403
    async with client(engine, auth=("reader", "secret")) as http:
        assert len((await http.get("process-definition/statistics")).json()) == 2
        assert (await http.post("process-instance/count", json={})).json() == {"count": 1}
        answer = await http.post("migration/execute", json=body)
        assert answer.json()["missingAuthorizations"] == [
            {"permissionName": "MIGRATE_INSTANCE", "resourceName": "ProcessDefinition", "resourceId": "p"}
        ]
    async with client(engine, auth=("admin", "secret")) as http:
        assert (await http.post("migration/execute", json=body)).status_code == 204
        operations = (await http.get("history/user-operation", params={"operationType": "Migrate"})).json()
        assert {one["property"]: one["newValue"] for one in operations}["nrOfInstances"] == "1"
        operation = operations[0]["operationId"]
        annotated = await http.put(f"history/user-operation/{operation}/set-annotation", json={"annotation": "CHG-1"})
        assert annotated.status_code == 204
        assert {one["annotation"] for one in (await http.get("history/user-operation")).json()} == {"CHG-1"}


async def test_the_limit_of_results_counts_for_users_only() -> None:
    engine = secured(max_results_limit=10)
    source, target = deploy(engine, *PAIR)
    engine.bulk_start(source, 11, at=("a",))
    body = {
        "migrationPlan": plan(source, target, ("a", "a")),
        "processInstanceQuery": {"processDefinitionId": source},
    }
    async with client(engine, auth=("admin", "secret")) as http:
        unlimited = await http.get("process-definition")
        assert (unlimited.status_code, unlimited.json()["message"]) == (
            400,
            "An unbound number of results is forbidden!",
        )
        too_many = await http.get("process-definition", params={"maxResults": 11})
        assert too_many.json()["message"] == "Max results limit of 10 exceeded!"
        assert (await http.get("process-definition", params={"maxResults": 10})).status_code == 200
        assert (await http.get("process-definition/statistics")).status_code == 200
        answer = await http.post("migration/execute", json=body)
        assert (answer.status_code, answer.json()["message"]) == (400, "Max results limit of 10 exceeded!")
    engine.security = None
    async with client(engine) as http:
        assert (await http.get("process-definition")).status_code == 200
        assert (await http.post("migration/execute", json=body)).status_code == 204


def test_no_route_imported_later_could_answer_in_place_of_one_imported_at_once() -> None:
    for name in (routes.FIRST, *routes.OTHERS):
        importlib.import_module(f"{routes.__name__}.{name}")
    found = list(ROUTER.routes())
    first = [route for route in found if route.handler.__module__ == f"{routes.__name__}.{routes.FIRST}"]
    others = [route for route in found if route not in first]
    assert first
    assert others
    for mine, other in itertools.product(first, others):
        both = zip(mine.parts, other.parts, strict=False)
        differ = any(one != two and not one.startswith("{") and not two.startswith("{") for one, two in both)
        assert mine.method != other.method or len(mine.parts) != len(other.parts) or differ, (mine, other)


ASKING = """
import asyncio, httpx, sys
from tests.over_httpx import OverCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.carrier import SandboxCarrier

async def main():
    transport = OverCarrier(SandboxCarrier(SandboxEngine()))
    async with httpx.AsyncClient(transport=transport, base_url="http://x/engine-rest/") as http:
        print((await http.get("version")).status_code, "tui_migrate.sandbox.routes.jobs" in sys.modules)
        print((await http.get("job/count")).json(), (await http.get("nothing")).status_code)
        print((await http.get("engine/other/job/count")).status_code)

asyncio.run(main())
"""


async def test_what_is_not_imported_yet_is_answered_too() -> None:
    """In a process of its own, where no other test has imported it."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ASKING, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.decode().splitlines() == ["200 False", "{'count': 0} 404", "400"]
