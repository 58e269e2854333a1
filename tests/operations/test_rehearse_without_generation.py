"""A rehearsal where the engine can't generate a plan from the source to itself, as its guard wants one."""

from __future__ import annotations

import pytest

from tests.operations.running import mixed_sandbox, running, sandbox
from tui_migrate.engine.client import EngineClient
from tui_migrate.errors import EngineFault
from tui_migrate.operations.rehearse import rehearse


async def test_an_engine_that_generates_no_plan_to_itself_is_still_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Camunda 7.24 and Operaton 1.0.3 end in a ProcessEngineException: 'inner activity of multi instance body …'."""
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=3, bad=2)

    async def generate(*args: object, **options: object) -> None:
        raise EngineFault("inner activity of multi instance body activity 'a#multiInstanceBody' not found")

    monkeypatch.setattr(EngineClient, "generate", generate)
    async with running(engine) as it:
        rehearsal = await rehearse(it.session, mixed.plan, mixed.ids)
    assert sorted(rehearsal.failing) == mixed.failing
    assert {guard.name: guard.proven for guard in rehearsal.guards} == {"order": True, "rollback": False, "plan": True}
