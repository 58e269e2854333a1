"""What the plain tests of the embedded engine share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.over_httpx import OverCarrier
from tests.sandbox.scenarios import line, task
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine

KEY = "p"
PAIR = (line(task("a"), task("b"), flows="start>a>b>end"), line(task("a"), flows="start>a>end"))


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def deploy(engine: SandboxEngine, *versions: str, key: str = KEY) -> list[str]:
    return [engine.deploy(xml.replace("KEY", key).encode()) for xml in versions]


def client(engine: SandboxEngine, **more: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=OverCarrier(SandboxCarrier(engine)), base_url="http://sandbox/engine-rest/", **more
    )


def plan(source: str, target: str, *pairs: tuple[str, str]) -> dict[str, Any]:
    return {
        "sourceProcessDefinitionId": source,
        "targetProcessDefinitionId": target,
        "instructions": [{"sourceActivityIds": [one], "targetActivityIds": [other]} for one, other in pairs],
    }
