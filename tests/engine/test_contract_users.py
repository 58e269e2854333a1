"""The contract with users and authorizations on: live Camunda 7.24 and its embedded twin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.engine import processes
from tests.engine.contract import SandboxHost
from tests.engines import rest
from tests.engines.rest import new_key
from tests.waiting import pause, until
from tui_migrate.engine.audit import BATCH, PROCESS_DEFINITION
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery
from tui_migrate.engine.settings import Basic, EngineSettings
from tui_migrate.engine.transport import RequestRecord
from tui_migrate.errors import AuthFailed, EngineRefused, Forbidden, NotFound
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.secret import Secret

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

READ = ("READ", "READ_INSTANCE", "READ_HISTORY")
BATCHES = ("CREATE_BATCH_MIGRATE_PROCESS_INSTANCES", "READ", "UPDATE", "DELETE", "READ_HISTORY")


class Users:
    """An engine whose users are admin, operator, reader and nobody, each with its name as the password."""

    def __init__(self, engine: RunningEngine | None, **options: int | bool) -> None:
        self.engine = engine
        self.clients: list[EngineClient] = []
        self.sandbox = None if engine else self._sandbox(**options)

    @staticmethod
    def _sandbox(**options: int | bool) -> SandboxHost:
        from tui_migrate.sandbox.security import Grant, Security

        reads = [Grant(one, "ProcessDefinition") for one in READ]
        writes = [Grant("MIGRATE_INSTANCE", "ProcessDefinition"), *(Grant(one, "Batch") for one in BATCHES)]
        security = Security()
        security.add("admin", "admin")
        security.add("operator", "operator", [*reads, *writes])
        security.add("reader", "reader", reads)
        security.add("nobody", "nobody", [])
        return SandboxHost("sandbox-7.24", security=security, **options)

    def client(self, user: str, password: str | None = None) -> EngineClient:
        authentication = Basic(user, Secret(password or user))
        if self.sandbox is not None:
            client = self.sandbox.client(authentication=authentication)
        else:
            assert self.engine is not None
            client = EngineClient(EngineSettings(self.engine.url, authentication=authentication, proxy=""))
        self.clients.append(client)
        return client

    def deploy(self, xml: str) -> str:
        if self.sandbox is not None:
            return self.sandbox.deploy(xml)
        assert self.engine is not None
        return rest.deploy(self.engine.url, {"p.bpmn": xml}, user="admin")[0]

    def start(self, definition_id: str) -> str:
        if self.sandbox is not None:
            return self.sandbox.start(definition_id)
        assert self.engine is not None
        return rest.start_instance(self.engine.url, definition_id, user="admin")

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        await until(condition, what, pause=pause if self.sandbox is None else self.sandbox.pass_time)

    def pair(self) -> tuple[MigrationPlan, str, str]:
        """A plan, the key of its process, and an instance that it moves."""
        key = new_key("contract-users")
        source, target = (self.deploy(processes.simple(key, task)) for task in ("wait", "wait2"))
        return MigrationPlan(source, target, (Instruction("wait", "wait2"),)), key, self.start(source)


@pytest.fixture(params=["sandbox", pytest.param("live", marks=pytest.mark.live)])
async def users(request: pytest.FixtureRequest) -> AsyncIterator[Users]:
    engine = request.getfixturevalue("camunda_724_auth") if request.param == "live" else None
    users = Users(engine)
    yield users
    for client in users.clients:
        await client.aclose()


async def test_a_wrong_password_is_tried_once_and_locks_the_user(users: Users) -> None:
    users.deploy(processes.simple(new_key("contract-users"), "wait"))
    wrong, right = users.client("nobody", "wrong"), users.client("nobody")
    records: list[RequestRecord] = []
    for client in (wrong, right):
        client.on_request.append(records.append)
    results = await asyncio.gather(
        *(wrong.count_instances(InstanceQuery()) for _ in range(2)), wrong.connect(), return_exceptions=True
    )
    assert [type(one) for one in results] == [AuthFailed] * 3
    assert {(one.path, one.status) for one in records} == {("/version", 401)}
    with pytest.raises(AuthFailed, match=r"does not accept user 'nobody' \(401\).*wait before the next try"):
        await right.connect()

    async def accepted() -> bool:
        try:
            await right.connect()
        except AuthFailed:
            return False
        return True

    await users.until(accepted, "the right password is taken again")


async def test_no_credentials(users: Users) -> None:
    client = users.client("admin")
    settings = replace(client.settings, authentication=EngineSettings("http://x").authentication)
    carrier = users.sandbox.carrier() if users.sandbox else None
    async with EngineClient(settings, carrier=carrier) as stranger:
        with pytest.raises(AuthFailed, match=r"wants a login \(401\)\. Give it by TUI_MIGRATE_USER"):
            await stranger.connect()


async def test_permissions_are_known_beforehand(users: Users) -> None:
    _, key, _ = users.pair()
    for user, may in (("admin", True), ("operator", True), ("reader", False), ("nobody", False)):
        client = users.client(user)
        checks = (
            ("MIGRATE_INSTANCE", "ProcessDefinition", PROCESS_DEFINITION, key),
            ("CREATE_BATCH_MIGRATE_PROCESS_INSTANCES", "Batch", BATCH, None),
        )
        for permission, resource, resource_type, resource_id in checks:
            assert await client.check_authorization(permission, resource, resource_type, resource_id) is may, user


async def test_who_may_not_see_sees_nothing(users: Users) -> None:
    plan, key, _ = users.pair()
    client = users.client("nobody")
    assert await client.definition_statistics() == []
    assert await client.definitions(key=key) == []
    assert await client.count_instances(InstanceQuery(process_definition_id=plan.source_definition_id)) == 0
    assert (
        await client.count_historic_instances(
            HistoricInstanceQuery(process_definition_id=plan.source_definition_id, unfinished=True)
        )
        == 0
    )
    with pytest.raises(NotFound):
        await client.definition(plan.source_definition_id)
    for call in (
        client.definition_xml(plan.source_definition_id),
        client.activity_statistics(plan.source_definition_id),
        client.generate(plan.source_definition_id, plan.target_definition_id),
        client.validate(plan),
    ):
        with pytest.raises(Forbidden) as caught:
            await call
        assert caught.value.missing == (f"READ on ProcessDefinition '{key}'",)
        assert "lacks READ on ProcessDefinition" in str(caught.value)


async def test_who_may_not_migrate_is_told_what_is_missing(users: Users) -> None:
    plan, key, instance = users.pair()
    client = users.client("reader")
    assert (await client.validate(plan)).valid
    with pytest.raises(Forbidden) as caught:
        await client.execute(plan, [instance])
    assert caught.value.missing == (f"MIGRATE_INSTANCE on ProcessDefinition '{key}'",)
    with pytest.raises(Forbidden) as caught:
        await client.execute_async(plan, [instance])
    assert caught.value.missing == ("CREATE_BATCH_MIGRATE_PROCESS_INSTANCES on Batch", "CREATE on Batch")
    assert "CREATE_BATCH_MIGRATE_PROCESS_INSTANCES" in str(caught.value)
    (found,) = await client.instances(InstanceQuery(process_instance_ids=(instance,)))
    assert found.definition_id == plan.source_definition_id


async def test_a_migration_is_in_the_log_of_operations_and_takes_an_annotation(users: Users) -> None:
    plan, key, instance = users.pair()
    client = users.client("operator")
    before = datetime.now(UTC) - timedelta(days=3650)
    await client.execute(plan, [instance])
    admin = users.client("admin")
    rows = await admin.user_operations(after=before)
    own = [row for row in rows if row.org_value == plan.source_definition_id]
    assert own, "the change of the definition is a row"
    operation = [row for row in rows if row.operation_id == own[0].operation_id]
    values = {row.property: (row.org_value, row.new_value) for row in operation}
    assert values["processDefinitionId"] == (plan.source_definition_id, plan.target_definition_id)
    assert values["nrOfInstances"] == (None, "1")
    assert values["async"] == (None, "false")
    assert {row.user_id for row in operation} == {"operator"}
    assert {row.operation_type for row in operation} == {"Migrate"}
    assert [row.timestamp for row in rows] == sorted((row.timestamp for row in rows), reverse=True)  # type: ignore[type-var]
    assert await admin.user_operations(after=datetime.now(UTC) + timedelta(days=3650)) == []

    await admin.annotate_operation(own[0].operation_id, "CHG-4711 äöü")
    rows = await admin.user_operations(after=before)
    assert {row.annotation for row in rows if row.operation_id == own[0].operation_id} == {"CHG-4711 äöü"}
    with pytest.raises(EngineRefused):
        await admin.annotate_operation("nope", "x")
    assert key


async def test_a_batch_has_its_user(users: Users) -> None:
    plan, _, instance = users.pair()
    client = users.client("operator")
    batch = await client.execute_async(plan, [instance])
    assert batch.create_user_id == "operator"

    async def done() -> bool:
        found = await client.batch_statistics(batch.id)
        return found is None or (found.jobs_created == found.total_jobs and found.remaining_jobs == 0)

    await users.until(done, "the batch is done")
    (found,) = await client.instances(InstanceQuery(process_instance_ids=(instance,)))
    assert found.definition_id == plan.target_definition_id
