"""Which listeners and mappings a plan would run, and where Cockpit shows a batch."""

from __future__ import annotations

import pytest

from tests.operations.running import running, sandbox
from tui_migrate.config.profile import Profile
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.migration.plan import Instruction
from tui_migrate.operations.clock import SystemClock
from tui_migrate.operations.cockpit import batch_link
from tui_migrate.operations.journal import Journal
from tui_migrate.operations.plan import open_plan
from tui_migrate.operations.session import Session
from tui_migrate.operations.side_effects import side_effects
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine

BPMN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
  <process id="order" isExecutable="true" camunda:historyTimeToLive="P1D">{content}</process></definitions>"""
FLAT = '<startEvent id="s"/><userTask id="pick"/><sequenceFlow id="f" sourceRef="s" targetRef="pick"/>'
WRAPPED = """<startEvent id="s"/><subProcess id="box"><extensionElements>
    <camunda:executionListener event="start" class="org.example.Open"/>
    <camunda:executionListener event="end" class="org.example.Close"/>
    <camunda:inputOutput><camunda:inputParameter name="size">1</camunda:inputParameter></camunda:inputOutput>
  </extensionElements><startEvent id="b"/><userTask id="pick"/>
  <sequenceFlow id="g" sourceRef="b" targetRef="pick"/></subProcess>
  <sequenceFlow id="f" sourceRef="s" targetRef="box"/>"""


async def test_a_scope_that_is_opened_runs_its_start_listeners_and_input_mappings() -> None:
    engine = sandbox()
    old = engine.deploy(BPMN.format(content=FLAT).encode())
    new = engine.deploy(BPMN.format(content=WRAPPED).encode())
    async with running(engine) as session:
        plan = await open_plan(session.session, old, new)
        plan.draft.reset((Instruction("pick", "pick"),), label="test", origin="manual")
        effects = side_effects(plan)
        assert len(effects.listeners) == 1
        assert effects.listeners[0].startswith("box: start: ")
        assert effects.mappings == ("box: input: size",)


async def test_a_scope_that_is_cancelled_runs_its_end_listeners() -> None:
    engine = sandbox()
    old = engine.deploy(BPMN.format(content=WRAPPED).encode())
    new = engine.deploy(BPMN.format(content=FLAT).encode())
    async with running(engine) as session:
        plan = await open_plan(session.session, old, new)
        plan.draft.reset((Instruction("pick", "pick"),), label="test", origin="manual")
        effects = side_effects(plan)
        assert len(effects.listeners) == 1
        assert effects.listeners[0].startswith("box: end: ")
        assert effects.mappings == ()


@pytest.mark.parametrize(
    ("url", "name", "link"),
    [
        (
            "http://host:8080/engine-rest",
            None,
            "http://host:8080/camunda/app/cockpit/default/#/batch?details=b%2F1&type=runtime",
        ),
        (
            "https://user:secret@host/base/engine-rest",
            "second",
            "https://host/base/camunda/app/cockpit/second/#/batch?details=b%2F1&type=runtime",
        ),
        (
            "http://[::1]:8080/engine-rest",
            None,
            "http://[::1]:8080/camunda/app/cockpit/default/#/batch?details=b%2F1&type=runtime",
        ),
    ],
)
async def test_the_link_is_beside_the_rest_api_and_holds_no_secret(url: str, name: str | None, link: str) -> None:
    engine = SandboxEngine(name=name or "default")
    settings = EngineSettings(url, engine_name=name)
    path = "/base/engine-rest" if "/base" in url else "/engine-rest"
    carrier = SandboxCarrier(engine, base=path)
    async with EngineClient(settings, carrier=carrier) as client:
        session = Session(client, Profile("test", url), Journal, SystemClock())
        assert await batch_link(session, "b/1") == link
        session.journal.close()
