"""What the tests of planning share: sessions with a count of requests, and one process in three versions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tui_migrate.config.profile import Profile
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import Basic, EngineSettings, NoAuthentication
from tui_migrate.operations.journal import Journal
from tui_migrate.operations.session import Session
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.secret import Secret

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">\n'
)


def bpmn(key: str, *elements: str, tag: str | None = None, name: str | None = None) -> bytes:
    """Returns a process; `a -> b` is a sequence flow, everything else is XML."""
    flows = [element for element in elements if " -> " in element]
    inside = [element for element in elements if " -> " not in element]
    for number, flow in enumerate(flows, start=1):
        source, target = flow.split(" -> ")
        inside.append(f'<sequenceFlow id="f{number}_{source}_{target}" sourceRef="{source}" targetRef="{target}"/>')
    inside.sort(key=lambda element: element.startswith("<association"))  # the schema wants them last
    attributes = f' camunda:versionTag="{tag}"' if tag else ""
    attributes += f' name="{name}"' if name else ""
    body = "\n".join(inside)
    return (
        f'{HEAD}<process id="{key}" isExecutable="true" camunda:historyTimeToLive="30"{attributes}>\n{body}\n'
        "</process></definitions>"
    ).encode()


FORK = (
    '<startEvent id="start"/>',
    '<parallelGateway id="fork"/>',
    '<userTask id="check" name="Check documents"/>',
    '<parallelGateway id="join"/>',
    '<endEvent id="end"/>',
    "start -> fork",
    "fork -> check",
    "check -> join",
    "join -> end",
    "fork -> letter",
    "letter -> join",
    "fork -> ask",
    "ask -> join",
)
LETTER = '<serviceTask id="letter" camunda:type="external" camunda:topic="letters" camunda:asyncBefore="true"/>'
LETTER_SYNC = '<serviceTask id="letter" camunda:type="external" camunda:topic="letters"/>'
ASK = '<userTask id="ask" name="Ask for papers"/>'
ASK_RENAMED = '<userTask id="request" name="Request papers"/>'


def order_1(key: str = "order") -> bytes:
    return bpmn(key, *FORK, LETTER, ASK, tag="2025.1", name="Order")


def order_2(key: str = "order") -> bytes:
    """The letter is sent without a job, and `ask` is `request`."""
    flows = tuple(element.replace("-> ask", "-> request").replace("ask ->", "request ->") for element in FORK)
    return bpmn(key, *flows, LETTER_SYNC, ASK_RENAMED, tag="2025.2", name="Order, new")


@dataclass
class HandClock:
    """A clock that goes on only when it is told to."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Requests:
    """Counts what a session sends."""

    sent: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sent)

    def clear(self) -> None:
        self.sent.clear()


@dataclass
class Planning:
    """A session on an engine, and its requests."""

    session: Session
    requests: Requests
    clock: HandClock


@asynccontextmanager
async def planning(
    engine: SandboxEngine | RunningEngine, *, user: str | None = None, read_only: bool = False
) -> AsyncIterator[Planning]:
    """A session; `user` logs in, on the sandbox with the password `secret`, else with one equal to the name."""
    url = "http://sandbox/engine-rest" if isinstance(engine, SandboxEngine) else engine.url
    carrier = SandboxCarrier(engine) if isinstance(engine, SandboxEngine) else None
    password = "secret" if isinstance(engine, SandboxEngine) else user
    login = Basic(user, Secret(password or "")) if user is not None else NoAuthentication()
    settings = EngineSettings(url, authentication=login, read_only=read_only)
    requests = Requests()
    journal = Journal()
    async with EngineClient(settings, carrier=carrier) as client:
        client.on_request.append(lambda record: requests.sent.append(f"{record.method} {record.path}"))
        clock = HandClock()
        yield Planning(Session(client, Profile("test", url), lambda: journal, clock), requests, clock)
    journal.close()
