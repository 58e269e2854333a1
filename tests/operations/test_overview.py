from __future__ import annotations

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import bpmn, order_1, order_2, planning
from tui_migrate.operations.overview import load_overview
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import failed


def simple(key: str, tag: str | None = None) -> bytes:
    return bpmn(key, '<startEvent id="s"/>', '<userTask id="u"/>', "s -> u", tag=tag)


async def test_one_request_gives_everything_sorted_for_migrating() -> None:
    engine = SandboxEngine()
    idle = engine.deploy(simple("a-idle"))
    old, middle, new = (engine.deploy(xml) for xml in (order_1(), order_1(), order_2()))
    engine.start(old, at=("check", failed("letter", "boom")))
    engine.start(new)
    async with planning(engine) as here:
        overview = await load_overview(here.session)
        assert here.requests.sent == ["GET /version", "GET /process-definition/statistics"]
        assert [group.key for group in overview.groups] == ["order", "a-idle"]
        order = overview.groups[0]
        assert (order.name, order.instances, order.instances_on_old, order.incidents) == ("Order, new", 2, 1, 1)
        assert [row.definition.id for row in order.rows] == [new, middle, old]
        row = overview.row(old)
        assert row is not None
        assert (row.instances, row.incidents, row.definition.version_tag) == (1, 1, "2025.1")
        assert overview.row("nope") is None
        assert here.session.known_definition(idle) is not None


async def test_the_default_pair() -> None:
    engine = SandboxEngine()
    one, two, three = (engine.deploy(xml) for xml in (order_1(), order_1(), order_2()))
    alone = engine.deploy(simple("alone"))
    engine.start(one)
    async with planning(engine) as here:
        overview = await load_overview(here.session)
    assert overview.default_pair(one) == (one, three)
    assert overview.default_pair(two) == (two, three)
    assert overview.default_pair(three) == (one, three), "the next older one with instances"
    assert overview.default_pair(alone) == (alone, None)
    assert overview.default_pair("gone:1:1") == ("gone:1:1", None)


async def test_the_newest_goes_with_the_next_older_where_nothing_runs() -> None:
    engine = SandboxEngine()
    _, two, three = (engine.deploy(xml) for xml in (order_1(), order_1(), order_2()))
    async with planning(engine) as here:
        assert (await load_overview(here.session)).default_pair(three) == (two, three)


async def test_a_key_has_a_group_for_each_tenant() -> None:
    engine = SandboxEngine()
    ids = {tenant: engine.deploy(simple("p"), tenant=tenant) for tenant in (None, "north", "south")}
    async with planning(engine) as here:
        overview = await load_overview(here.session)
    assert [(group.key, group.tenant_id) for group in overview.groups] == [("p", None), ("p", "north"), ("p", "south")]
    assert overview.default_pair(ids["north"]) == (ids["north"], None)


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 3), ("order", 2), ("ORDER 2025.1", 1), ("order v2", 1), ("order 2", 2), ("order new", 1), ("nothing", 0)],
)
async def test_search(text: str, found: int) -> None:
    engine = SandboxEngine()
    for xml in (order_1(), order_2(), simple("other")):
        engine.deploy(xml)
    async with planning(engine) as here:
        assert len((await load_overview(here.session)).search(text)) == found


async def test_on_live_engines(live_engine: RunningEngine) -> None:
    [first] = rest.deploy(live_engine.url, {"p.bpmn": simple(rest.new_key("overview")).decode()})
    rest.start_instance(live_engine.url, first)
    async with planning(live_engine) as here:
        overview = await load_overview(here.session)
        row = overview.row(first)
        assert row is not None
        assert row.instances == 1
        assert len(here.requests) == 2
