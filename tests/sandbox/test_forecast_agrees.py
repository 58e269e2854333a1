"""The forecast and the embedded engine judge by rules that were written twice: on the demo they agree."""

from __future__ import annotations

import re

import pytest

from tests.operations.planning import planning
from tests.sandbox.support import Clock, client
from tui_migrate.operations.forecast import forecast_instances
from tui_migrate.operations.plan import open_plan
from tui_migrate.sandbox.demo import LOAN, ORDER, demo_engine

UUIDS = re.compile(r"\[[0-9a-f, -]+\]")
BY_HAND = (("ask_papers", "request_papers"), ("decide", "decide"), ("second_opinion", "decide"))
UNDONE = (("funds_reserved", "undo_reservation"), ("send_rejection", "send_rejection"))


@pytest.mark.parametrize(
    ("key", "source", "target", "pairs"),
    [
        (LOAN, 1, 2, ()),
        (LOAN, 1, 3, ()),
        (LOAN, 2, 3, ()),
        (LOAN, 2, 3, BY_HAND),
        (LOAN, 2, 3, (*BY_HAND, *UNDONE)),
        (LOAN, 3, 2, ()),
        (ORDER, 1, 2, ()),
    ],
)
async def test_they_agree(key: str, source: int, target: int, pairs: tuple[tuple[str, str], ...]) -> None:
    engine = demo_engine(clock=Clock())
    ids = {one.version: one.id for one in engine.store.definitions.values() if one.key == key}
    instances = list(engine.definition(ids[source]).running)
    async with planning(engine) as desk, client(engine) as http:
        plan = await open_plan(desk.session, ids[source], ids[target])
        for one, other in pairs:
            plan.draft.map(one, other)
        assert plan.draft.report.valid
        forecasts = await forecast_instances(desk.session, plan, instances)
        for instance in instances:
            forecast = forecasts[instance]
            body = {"migrationPlan": plan.plan().to_engine(), "processInstanceIds": [instance]}
            answer = await http.post("migration/execute", json=body)
            failures = {one.sentence for one in forecast.failures}
            if answer.status_code == 204:
                assert (forecast.verdict, failures) == ("migrates", set())
            elif "validationReport" not in answer.json():
                assert forecast.verdict == "cannot tell", "no validator speaks of a fault inside the engine"
            else:
                told = {line.strip() for line in answer.json()["message"].split("\n") if line.startswith("\t\t")}
                told |= set(answer.json()["validationReport"]["failures"])
                assert forecast.verdict == "fails"
                assert {UUIDS.sub("[…]", one) for one in failures} == {UUIDS.sub("[…]", one) for one in told}
