"""The story of the demo: the same at each start, and with something of everything in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.sandbox.support import Clock, client
from tui_migrate.bpmn.diagram import read_diagram
from tui_migrate.bpmn.reader import read_model
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.sandbox.demo import DEMO_URL, LOAN, demo_carrier, demo_engine, demo_files
from tui_migrate.sandbox.engine import SandboxEngine


def definition(engine: SandboxEngine, key: str, version: int) -> str:
    return next(one.id for one in engine.store.definitions.values() if (one.key, one.version) == (key, version))


async def told(engine: SandboxEngine) -> Any:
    async with client(engine) as http:
        statistics = (await http.get("process-definition/statistics?failedJobs=true&incidents=true")).json()
        instances = (await http.post("history/process-instance", json={})).json()
    return statistics, instances


async def test_it_is_the_same_at_each_start() -> None:
    assert await told(demo_engine(clock=Clock())) == await told(demo_engine(clock=Clock()))


async def test_the_client_opens_it() -> None:
    async with EngineClient(EngineSettings(DEMO_URL), carrier=demo_carrier()) as engine:
        rows = await engine.definition_statistics()
        assert sum(row.instances for row in rows) > 300
        assert {row.definition.version for row in rows if row.definition.key == LOAN} == {1, 2, 3}
        assert any(row.incidents for row in rows)


def test_every_file_is_a_model_with_a_whole_diagram() -> None:
    for name, xml in demo_files():
        model, diagram = read_model(xml, file=name), read_diagram(xml, file=name)
        (plane,) = diagram.planes
        drawn = {shape.element_id for shape in plane.shapes}
        assert {one.id for one in model.activities.values() if not one.is_body} <= drawn, name
        assert {flow.id for flow in model.flows} <= {edge.element_id for edge in plane.edges}, name
        assert not model.warnings
        assert model.details["history time to live"] == "180"


async def test_the_versions_differ_in_every_way_that_matters() -> None:
    models = {name: read_model(xml) for name, xml in demo_files()}
    old, new = models["loan-approval-2.bpmn"].activities, models["loan-approval-3.bpmn"].activities
    assert "ask_papers" in old, "renamed"
    assert "request_papers" in new
    assert (old["decide"].flow_scope, new["decide"].flow_scope) == ("#process", "decision"), "moved"
    assert "second_opinion" in old.keys() - new.keys(), "removed"
    assert "sign_contract" in new.keys() - old.keys(), "added"
    assert (old["remind_timer"].type, old["remind_timer"].details["timer"]) == ("boundaryTimer", "duration P3D")
    assert new["remind_timer"].details["timer"] == "duration P5D"
    kinds = {one.type for one in old.values()}
    assert {"multiInstanceBody", "callActivity", "parallelGateway", "subProcess", "eventBasedGateway"} <= kinds
    assert old["withdrawal"].behavior == "EventSubProcessActivityBehavior"
    assert (old["send_contract"].async_before, new["send_contract"].async_before) == (True, False)


async def test_some_instances_migrate_and_others_refuse_for_different_reasons() -> None:
    engine = demo_engine(clock=Clock())
    source, target = definition(engine, LOAN, 2), definition(engine, LOAN, 3)
    async with client(engine) as http:
        ends = {"sourceProcessDefinitionId": source, "targetProcessDefinitionId": target}
        plan = (await http.post("migration/generate", json=ends)).json()
        assert (await http.post("migration/validate", json=plan)).json()["instructionReports"] == []
        reasons: Counter[str] = Counter()
        for instance in list(engine.definition(source).running):
            body = {"migrationPlan": plan, "processInstanceIds": [instance]}
            answer = await http.post("migration/execute", json=body)
            reasons[answer.json()["message"].rpartition("\t\t")[2] if answer.content else "migrated"] += 1
    assert reasons["migrated"] > 100
    assert len(reasons) > 2, reasons
    assert reasons["There is no migration instruction for this instance's activity\n"] > 50
    suspended = [one for one in engine.store.instances.values() if one.suspended]
    assert suspended
    assert all(one.definition.id != source or not one.looked_at or one.live.root for one in suspended)


async def test_times_lie_in_the_weeks_before_the_present() -> None:
    clock = Clock()
    engine = demo_engine(clock=clock)
    ages = [(clock.now - one.started).days for one in engine.store.instances.values()]
    assert min(ages) >= 0
    assert 30 < max(ages) < 100
