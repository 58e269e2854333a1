"""What lists don't show of a compensation handler that a modification started among several instances of an activity.

Its execution stays in the multi-instance body: the engine refuses its loop counter in a parallel body, and has it in
the place of a sequential one. The forecast of a page of instances must leave that open, and only that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bpmn_pieces import START, compensable, flows, looped, user, written
from tests.engines import rest
from tests.live.forecast_steps import Step, complete, start_before
from tests.operations.running import running
from tui_migrate.errors import EngineFault, InstanceRejected
from tui_migrate.operations import open_activities
from tui_migrate.operations.forecast import forecast_instances
from tui_migrate.operations.instance_detail import read_detail
from tui_migrate.operations.plan import open_plan

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

PARALLEL = ""
SEQUENTIAL = 'isSequential="true"'
DONE = (complete("book"), complete("book"), complete("book"))
DAMAGED: dict[str, tuple[Step, ...]] = {
    PARALLEL: (complete("book"), start_before("book_h"), complete("book_h")),
    SEQUENTIAL: (*DONE, start_before("book_h"), complete("book_h"), start_before("book#multiInstanceBody")),
}
"""A sound body, or sound instances in it, are beside each."""
ORDINARY: tuple[tuple[Step, ...], ...] = ((), (complete("book"),), DONE)


def process(key: str, order: str) -> str:
    several = user("book", inside=looped(order)) + compensable("book") + user("wait")
    return written(START + several + flows("start-book", "book-wait"), key)


@pytest.mark.live
@pytest.mark.parametrize("order", [PARALLEL, SEQUENTIAL], ids=["parallel", "sequential"])
@pytest.mark.parametrize("by_activity", [False, True], ids=["whole", "by activity"])
async def test_only_what_a_handler_left_among_several_instances_is_left_open(
    live_engine: RunningEngine, order: str, by_activity: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_activity:
        monkeypatch.setattr(open_activities, "READ_AS_A_WHOLE", 1)
        monkeypatch.setattr(open_activities, "_COST_OF_A_LIST", 1000)
    url, key = live_engine.url, rest.new_key("handlers")
    one, two = (rest.deploy(url, {"p.bpmn": process(key, order)})[0] for _ in range(2))
    damaged, *ordinary = (rest.start_instance(url, one) for _ in range(1 + len(ORDINARY)))
    for instance, steps in zip((damaged, *ordinary), (DAMAGED[order], *ORDINARY), strict=True):
        for step in steps:
            step(url, instance, key)
    async with running(live_engine) as here:
        plan = await open_plan(here.session, one, two)
        told = await forecast_instances(here.session, plan, [damaged, *ordinary])
        detail = await read_detail(here.session, plan, damaged)
        # How often an activity is open is not read one by one, so that several tasks at it can't be told.
        counted = order == SEQUENTIAL or not by_activity
        assert all(told[one].verdict == "migrates" for one in (ordinary if counted else ordinary[-1:])), told
        assert not [one for one in ordinary if any("book_h" in reason for reason in told[one].unknown)]
        assert told[damaged].verdict == "cannot tell"
        assert any("(book_h)" in reason for reason in told[damaged].unknown)
        assert detail.forecast.verdict != "migrates"
        await here.session.engine.execute(plan.plan(), ordinary)
        with pytest.raises((InstanceRejected, EngineFault)):
            await here.session.engine.execute(plan.plan(), [damaged])
