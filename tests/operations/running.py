"""What the tests of runs share: a clock that jumps, sessions on any engine, and a process whose instances differ."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.operations.planning import bpmn
from tui_migrate.config.profile import Profile
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import Basic, EngineSettings, NoAuthentication
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.operations.clock import Clock, SystemClock
from tui_migrate.operations.journal import Journal
from tui_migrate.operations.prepared_run import PreparedRun, RunOptions, cut_into_waves
from tui_migrate.operations.session import Session
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.executor import ExecutorSettings
from tui_migrate.sandbox.position import At, before
from tui_migrate.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.launcher import RunningEngine
    from tui_migrate.engine.transport import RequestRecord

SANDBOX_URL = "http://sandbox/engine-rest"


@dataclass
class JumpingClock:
    """Time passes only when somebody sleeps; then at once."""

    present: datetime = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)
    at_sleep: Callable[[], None] | None = None
    """Called before each sleep ends: what happens meanwhile."""

    def __call__(self) -> datetime:
        return self.present

    def now(self) -> datetime:
        return self.present

    def monotonic(self) -> float:
        return self.present.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.present += timedelta(seconds=seconds)
        if self.at_sleep is not None:
            self.at_sleep()
        await asyncio.sleep(0)


@dataclass
class Running:
    """A session and what it sent."""

    session: Session
    requests: list[RequestRecord]

    def sent(self, method: str, path: str) -> int:
        """How often a request was made, by method and end of path."""
        return sum(one.method == method and one.path.endswith(path) for one in self.requests)


@asynccontextmanager
async def running(
    engine: SandboxEngine | RunningEngine,
    *,
    clock: Clock | None = None,
    journal: Journal | Path | None = None,
    read_only: bool = False,
    user: str | None = None,
) -> AsyncIterator[Running]:
    """Yields a session; on a sandbox whose clock is a `JumpingClock` both share it."""
    if isinstance(engine, SandboxEngine):
        url, carrier = SANDBOX_URL, SandboxCarrier(engine)
        if clock is None and isinstance(engine.clock, JumpingClock):
            clock = engine.clock
    else:
        url, carrier, user = engine.url, None, user or engine.user
    login = Basic(user, Secret(user)) if user else NoAuthentication()
    settings = EngineSettings(url, authentication=login, read_only=read_only)
    clock = clock or SystemClock()
    book = journal if isinstance(journal, Journal) else Journal(journal or ":memory:", clock=clock)
    requests: list[RequestRecord] = []
    async with EngineClient(settings, carrier=carrier, sleep=clock.sleep) as client:
        client.on_request.append(requests.append)
        yield Running(Session(client, Profile("test", url, read_only=read_only), lambda: book, clock), requests)
    if book is not journal:
        book.close()


def sandbox(*, clock: JumpingClock | None = None, history: bool = True, **executor: float) -> SandboxEngine:
    """Returns an embedded engine whose time jumps."""
    settings = ExecutorSettings(**executor)  # type: ignore[arg-type]
    return SandboxEngine(clock or JumpingClock(), executor=settings, history=history)


GATEWAY = (
    '<startEvent id="start"/>',
    '<exclusiveGateway id="route" default="to_good"/>',
    '<sequenceFlow id="to_good" sourceRef="route" targetRef="good"/>',
    '<sequenceFlow id="to_bad" sourceRef="route" targetRef="bad"><conditionExpression '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="tFormalExpression">${where == "bad"}'
    "</conditionExpression></sequenceFlow>",
    '<sequenceFlow id="to_job" sourceRef="route" targetRef="job"><conditionExpression '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="tFormalExpression">${where == "job"}'
    "</conditionExpression></sequenceFlow>",
    '<sequenceFlow id="to_fork" sourceRef="route" targetRef="fork"><conditionExpression '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="tFormalExpression">${where == "fork"}'
    "</conditionExpression></sequenceFlow>",
    '<userTask id="good" name="Good"/>',
    '<parallelGateway id="fork"/>',
    '<userTask id="left"/>',
    '<userTask id="right"/>',
    '<parallelGateway id="join"/>',
    '<endEvent id="end"/>',
    "start -> route",
    "fork -> left",
    "fork -> right",
    "left -> join",
    "right -> join",
    "join -> end",
    "good -> end",
    "job -> count",
    "count -> end",
    '<serviceTask id="count" camunda:class="testengine.CountingDelegate"/>',
)
BAD = ('<userTask id="bad"/>', "bad -> end")
BAD_GONE = ('<userTask id="better"/>', "better -> end")
JOB = '<serviceTask id="job" camunda:asyncBefore="true" camunda:class="testengine.FailingDelegate"/>'
JOB_SYNC = '<serviceTask id="job" camunda:class="testengine.FailingDelegate"/>'


def mixed_1(key: str) -> bytes:
    """Instances wait at `good`, `bad`, `left` and `right`, at the join, or before `job`, which fails."""
    return bpmn(key, *GATEWAY, *BAD, JOB)


def mixed_2(key: str) -> bytes:
    """Has no `bad`, and `job` is not asynchronous any more: instances there can't be migrated."""
    flows = tuple(one.replace('targetRef="bad"', 'targetRef="better"') for one in GATEWAY)
    return bpmn(key, *flows, *BAD_GONE, JOB_SYNC)


MAPPED = ("good", "left", "right", "fork", "join", "job")
"""The activities that have a place in the target."""

STATES: dict[str, Sequence[At]] = {
    "good": ["good"],
    "bad": ["bad"],
    "fork": ["left", "right"],
    "join": ["right", "join"],
    "job": [before("job", failure="failingDelegate was asked to fail")],
}
FAILING = ("bad", "job")


def mixed_plan(source_id: str, target_id: str) -> MigrationPlan:
    """Returns a plan that the engine takes, and that fails at the instances in `FAILING` states."""
    return MigrationPlan(source_id, target_id, tuple(Instruction(one, one) for one in MAPPED))


@dataclass
class Mixed:
    """A source with instances in all states, and a target."""

    source_id: str
    target_id: str
    by_state: dict[str, list[str]]
    key: str

    @property
    def ids(self) -> list[str]:
        """All instances, states mixed."""
        return sorted(one for ids in self.by_state.values() for one in ids)

    @property
    def failing(self) -> list[str]:
        return sorted(one for state in FAILING for one in self.by_state.get(state, ()))

    @property
    def good(self) -> list[str]:
        return sorted(set(self.ids) - set(self.failing))

    @property
    def plan(self) -> MigrationPlan:
        return mixed_plan(self.source_id, self.target_id)


def mixed_sandbox(engine: SandboxEngine, key: str = "mixed", **counts: int) -> Mixed:
    """Deploys both versions and starts so many instances in each of `STATES`."""
    source_id, target_id = engine.deploy(mixed_1(key)), engine.deploy(mixed_2(key))
    by_state = {state: engine.bulk_start(source_id, count, at=STATES[state]) for state, count in counts.items()}
    return Mixed(source_id, target_id, by_state, key)


async def prepared(
    session: Session,
    plan: MigrationPlan,
    ids: Sequence[str],
    options: RunOptions | None = None,
) -> PreparedRun:
    """Returns a prepared run without a plan that is being edited."""
    options = options or RunOptions()
    source, target = (
        await session.definition(plan.source_definition_id),
        await session.definition(plan.target_definition_id),
    )
    return PreparedRun(
        plan=plan,
        ids=tuple(ids),
        options=options,
        waves=cut_into_waves(tuple(ids), options),
        source=source,
        target=target,
        running=None,
        taken_at=None,
        settings=session.engine.settings,
        base_url=session.engine.base_url,
    )
