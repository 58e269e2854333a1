"""The embedded engine: a store, a clock, a job executor, and the troubles that tests ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tui_migrate.errors import BpmnError
from tui_migrate.sandbox.executor import Executor, ExecutorSettings
from tui_migrate.sandbox.faults import Faults
from tui_migrate.sandbox.position import At
from tui_migrate.sandbox.security import Security
from tui_migrate.sandbox.store.definition import Definition
from tui_migrate.sandbox.store.instance import Instance
from tui_migrate.sandbox.store.store import Store
from tui_migrate.sandbox.store.values import typed_values
from tui_migrate.sandbox.times import Clock, system_clock
from tui_migrate.sandbox.tokens import Tokens, waiting_node


class SandboxEngine:
    """An engine in memory.

    Args:
        clock: Returns the present as an aware datetime; batches advance by it.
        version: What `GET /version` answers: `7.24.0`, `7.17.0` or an Operaton version such as `1.0.3`. Answers leave
            out what that version has not.
        name: Name of the engine.
        executor: How fast batches are worked on.
        security: Users and authorizations; None for an engine without.
        max_results_limit: The setting `queryMaxResultsLimit`; it counts for authenticated users only.
        history: False for history level `none`.
    """

    def __init__(
        self,
        clock: Clock = system_clock,
        *,
        version: str = "7.24.0",
        name: str = "default",
        executor: ExecutorSettings | None = None,
        security: Security | None = None,
        max_results_limit: int | None = None,
        history: bool = True,
    ) -> None:
        self.clock = clock
        self.version = version
        self.name = name
        self.store = Store(version)
        self.executor_settings = executor or ExecutorSettings()
        self.executor = Executor(self.store, self.executor_settings)
        self.security = security
        self.max_results_limit = max_results_limit
        self.history = history
        self.faults = Faults()
        self.calls = 0
        """Counts the answers whose order is arbitrary, so that each has another one."""

    def now(self) -> datetime:
        """Return the present."""
        return self.clock()

    def deploy(self, xml: bytes, *, tenant: str | None = None, resource: str = "process.bpmn") -> str:
        """Deploy a BPMN file and return the id of its (first executable) process definition.

        Raises:
            BpmnError: The file can't be read, or holds no executable process.
        """
        made = self.store.deploy(xml, self.now(), tenant_id=tenant, resource=resource)
        if not made:
            raise BpmnError("The file holds no executable process.", file=resource)
        return made[0].id

    def definition(self, definition_id: str) -> Definition:
        """Return a definition, or raise KeyError."""
        return self.store.definitions[definition_id]

    def instance(self, instance_id: str) -> Instance:
        """Return a running or ended instance, or raise KeyError."""
        return self.store.historic[instance_id]

    def start(
        self,
        definition_id: str,
        *,
        at: Sequence[At] = (),
        business_key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        started: datetime | None = None,
        suspended: bool = False,
        start_user: str | None = None,
    ) -> str:
        """Start an instance that stands where it is told to, and return its id.

        Args:
            definition_id: The process definition.
            at: Activity ids and positions; nothing for the first activities that wait.
            business_key: Its business key.
            variables: Its variables at process level: plain Python values, or `Value`s.
            started: When it was started; None for now.
            suspended: Whether it is suspended.
            start_user: Who started it.
        """
        definition = self.definition(definition_id)
        values = typed_values(variables or {})
        blueprint = self.store.blueprint(definition, at, values)
        instance = self.store.start(
            definition,
            blueprint,
            started or self.now(),
            business_key=business_key,
            variables=values,
            suspended=suspended,
            start_user=start_user,
        )
        return instance.id

    def bulk_start(
        self,
        definition_id: str,
        count: int,
        *,
        at: Sequence[At] = (),
        business_key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        started: datetime | None = None,
        every: timedelta = timedelta(),
    ) -> list[str]:
        """Start many instances alike and return their ids; trees come into being only where someone looks.

        Args:
            definition_id: The process definition.
            count: How many.
            at: As for `start`.
            business_key: A format with `{}` for the number, counted from 0, such as `order-{:06}`.
            variables: As for `start`; all share them.
            started: When the first was started; None for now.
            every: How much later each next one was started.
        """
        definition = self.definition(definition_id)
        blueprint = self.store.blueprint(definition, at, typed_values(variables or {}))
        moment = started or self.now()
        return [
            self.store.start(
                definition,
                blueprint,
                moment + every * number,
                business_key=business_key.format(number) if business_key else None,
                variables=variables,
            ).id
            for number in range(count)
        ]

    def end(self, instance_id: str, *, reason: str | None = None) -> None:
        """End a running instance; with a reason it has been deleted from outside."""
        self.store.end(self.store.instances[instance_id], self.now(), reason=reason)

    def complete(self, instance_id: str, activity_id: str) -> None:
        """Complete the first activity instance of an activity, so that its token goes on, to the instance's end maybe.

        Raises:
            KeyError: No such instance runs, or none of its tokens waits there.
        """
        instance = self.store.instances[instance_id]
        node = waiting_node(instance, activity_id)
        if node is None:
            raise KeyError(activity_id)
        Tokens(self.store, instance, self.now()).complete(node)

    def advance(self) -> None:
        """Bring everything that happens by itself up to the present; each request does so first."""
        self.executor.advance(self.now())
