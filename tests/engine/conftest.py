from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from tests.engine.contract import SANDBOXES, ContractEngine, Host, LiveHost, SandboxHost

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
LIVE = {"camunda-7.24": "camunda_724", "operaton": "operaton", "camunda-7.17": "camunda_717"}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine takes part."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session", params=[*SANDBOXES, *(pytest.param(name, marks=pytest.mark.live) for name in LIVE)])
def host(request: pytest.FixtureRequest) -> Host:
    """Each embedded and each live engine."""
    name = str(request.param)
    if name in SANDBOXES:
        return SandboxHost(name)
    engine: RunningEngine = request.getfixturevalue(LIVE[name])
    return LiveHost(engine)


@pytest.fixture
async def contract_engine(host: Host) -> AsyncIterator[ContractEngine]:
    """The client under test against each engine."""
    async with host.client() as client:
        yield ContractEngine(client, host)
