"""One engine for the contract tests: a live one prepared by plain REST, or the embedded one by its own functions.

The client under test never prepares anything, nor does it say what is true: `Host` does both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.engine import processes
from tests.engines import rest
from tests.waiting import pause, until
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.errors import EngineFault

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine
    from tui_migrate.engine.wire import Carrier

SANDBOXES = {"sandbox-7.24": "7.24.0", "sandbox-operaton": "1.0.3", "sandbox-7.17": "7.17.0"}


@dataclass
class World:
    """Two versions of a process with an instance in every state, and where each stands."""

    key: str
    source: str
    target: str
    child: str
    """Definition that the call activity calls."""
    instances: dict[str, str]
    """By name: those of `processes.PLACES`, `suspended`, and `called`, the one that `call` has started."""

    def names(self, ids: object) -> set[str]:
        """The names of instances by their ids; a foreign id stays an id, so that it is seen."""
        known = {identity: name for name, identity in self.instances.items()}
        return {known.get(one, one) for one in ids}  # type: ignore[attr-defined]


class Host(ABC):
    """An engine, and the means to prepare it."""

    name: str
    version: str

    def __init__(self) -> None:
        self._world: World | None = None

    @property
    def is_new(self) -> bool:
        """Whether it is as new as 7.24."""
        return "7.17" not in self.name

    @property
    def world(self) -> World:
        """The world, made once and shared: tests only look at it, and start nothing in it."""
        if self._world is None:
            self._world = self._make_world()
        return self._world

    @abstractmethod
    def settings(self) -> EngineSettings: ...

    def carrier(self) -> Carrier | None:
        return None

    def client(self, **changes: Any) -> EngineClient:
        from msgspec.structs import replace

        return EngineClient(replace(self.settings(), **changes), carrier=self.carrier())

    @abstractmethod
    def deploy(self, xml: str, *, tenant_id: str | None = None) -> str:
        """Deploys one process and returns its definition's id."""

    def start(
        self,
        definition_id: str,
        business_key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        *,
        at: str = "review",
        suspended: bool = False,
    ) -> str:
        """Starts an instance of `processes.world` that comes to stand at one of its branches."""
        return self._start(definition_id, business_key, {"at": at, **(variables or {})}, at, suspended)

    @abstractmethod
    def _start(
        self, definition_id: str, business_key: str | None, variables: Mapping[str, Any], at: str, suspended: bool
    ) -> str: ...

    @abstractmethod
    def definition_of(self, instance_id: str) -> str | None:
        """The definition that an instance runs on, by the engine's own word."""

    @abstractmethod
    def called_by(self, instance_id: str) -> str: ...

    async def pass_time(self) -> None:
        """Lets the job executor get on: a live one does so by itself."""
        await pause()

    async def until(self, condition: Callable[[], Awaitable[Any]]) -> Any:
        """Waits until a condition gives something true, and returns that."""
        return await until(condition, f"{self.name}: what the test wants", pause=self.pass_time)

    def _make_world(self) -> World:
        key = rest.new_key("contract")
        child = self.deploy(processes.called(f"{key}-called"))
        source = self.deploy(processes.world(key, f"{key}-called", 1))
        target = self.deploy(processes.world(key, f"{key}-called", 2))
        instances = {
            place: self.start(source, f"{key}-{place}", {"n": number, "word": place, "yes": number % 2 == 0}, at=place)
            for number, place in enumerate(processes.PLACES)
        }
        instances["suspended"] = self.start(source, f"{key}_100%", {"n": 100}, suspended=True)
        instances["called"] = self.called_by(instances["call"])
        self.settle(instances["fail"])
        return World(key, source, target, child, instances)

    @abstractmethod
    def settle(self, failing: str) -> None:
        """Waits until the instance that fails has an incident."""


@dataclass
class LiveHost(Host):
    """A running engine."""

    engine: RunningEngine
    name: str = field(init=False)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        super().__init__()
        self.name, self.version = self.engine.name, self.engine.version

    def settings(self) -> EngineSettings:
        # Whatever HTTP_PROXY says: the engines are on this machine.
        return EngineSettings(self.engine.url, proxy="")

    def deploy(self, xml: str, *, tenant_id: str | None = None) -> str:
        return rest.deploy(self.engine.url, {"process.bpmn": xml}, tenant_id=tenant_id)[0]

    def _start(
        self, definition_id: str, business_key: str | None, variables: Mapping[str, Any], at: str, suspended: bool
    ) -> str:
        url = self.engine.url
        instance = rest.start_instance(url, definition_id, business_key=business_key, variables=variables)
        if suspended:
            rest.put(url, f"/process-instance/{instance}/suspended", {"suspended": True})
        return instance

    def definition_of(self, instance_id: str) -> str | None:
        return rest.definition_of(self.engine.url, instance_id)

    def called_by(self, instance_id: str) -> str:
        (called,) = rest.get(self.engine.url, "/process-instance", superProcessInstance=instance_id)
        return str(called["id"])

    def settle(self, failing: str) -> None:
        rest.fail_jobs(self.engine.url, failing)


class SandboxHost(Host):
    """The embedded engine, whose clock goes on when a test waits."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__()
        from tui_migrate.sandbox.engine import SandboxEngine

        self.name, self.version = name, SANDBOXES[name]
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        self.engine = SandboxEngine(lambda: self.now, version=self.version, **options)

    def settings(self) -> EngineSettings:
        return EngineSettings("http://sandbox.invalid/engine-rest")

    def carrier(self) -> Carrier:
        from tui_migrate.sandbox.carrier import SandboxCarrier

        return SandboxCarrier(self.engine)

    def deploy(self, xml: str, *, tenant_id: str | None = None) -> str:
        return self.engine.deploy(xml.encode(), tenant=tenant_id)

    def _start(
        self, definition_id: str, business_key: str | None, variables: Mapping[str, Any], at: str, suspended: bool
    ) -> str:
        self.now += timedelta(seconds=1)
        return self.engine.start(
            definition_id,
            at=processes.positions(at),
            business_key=business_key,
            variables=variables,
            suspended=suspended,
        )

    def definition_of(self, instance_id: str) -> str | None:
        found = self.engine.store.instances.get(instance_id)
        return None if found is None else found.definition.id

    def called_by(self, instance_id: str) -> str:
        running = self.engine.store.instances.values()
        return next(one.id for one in running if one.super_instance and one.super_instance.id == instance_id)

    def settle(self, failing: str) -> None:
        assert self.engine.instance(failing).id == failing, "it was started with its incident"

    async def pass_time(self) -> None:
        self.now += timedelta(seconds=1)


@dataclass(frozen=True)
class ContractEngine:
    """What a contract test gets: the client under test, and the host behind it."""

    client: EngineClient
    host: Host

    @property
    def name(self) -> str:
        return self.host.name

    @property
    def world(self) -> World:
        return self.host.world

    def deploy(self, xml: str, *, tenant_id: str | None = None) -> str:
        return self.host.deploy(xml, tenant_id=tenant_id)

    def start(self, definition_id: str, *arguments: Any, **more: Any) -> str:
        return self.host.start(definition_id, *arguments, **more)

    async def until(self, condition: Callable[[], Awaitable[Any]]) -> Any:
        return await self.host.until(condition)

    async def delete_batch(self, batch_id: str, *, cascade: bool = False) -> None:
        """Deletes a batch; its monitor job, should it run at the moment, can hinder that."""

        async def deleted() -> bool:
            try:
                await self.client.delete_batch(batch_id, cascade=cascade)
            except EngineFault:
                return False
            return True

        await self.until(deleted)
