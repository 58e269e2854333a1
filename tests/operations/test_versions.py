from __future__ import annotations

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import order_1, order_2, planning
from tui_migrate.errors import UsageError
from tui_migrate.operations.filter import parse_filter
from tui_migrate.operations.overview import load_overview
from tui_migrate.operations.versions import check_versions, is_all_versions, open_versions
from tui_migrate.sandbox.engine import SandboxEngine


def story(tenant: str | None = None) -> tuple[SandboxEngine, list[str]]:
    engine = SandboxEngine()
    return engine, [engine.deploy(xml, tenant=tenant) for xml in (order_1(), order_1(), order_1(), order_2())]


async def test_a_plan_for_each_old_version_that_has_instances() -> None:
    engine, (one, two, three, new) = story()
    engine.bulk_start(one, 3, at=("check",))
    engine.bulk_start(three, 2, at=("ask",))
    engine.start(new, at=("check",))
    async with planning(engine) as here:
        plans = await open_versions(here.session, "order:*")
        assert [(plan.source.id, plan.target.id) for plan in plans.plans] == [(one, new), (three, new)]
        assert plans.without_instances == (two,)
        assert plans.instances == 5
        assert here.requests.sent.count(f"GET /process-definition/{new}/xml") == 1


async def test_to_another_target_the_newest_is_a_source_too() -> None:
    engine, (one, two, _, new) = story()
    for version in (one, two, new):
        engine.start(version, at=("check",))
    async with planning(engine) as here:
        plans = await open_versions(here.session, "order:*", "order:2")
        assert [(plan.source.id, plan.target.id) for plan in plans.plans] == [(one, two), (new, two)]


async def test_one_check_for_all() -> None:
    engine, (one, _, three, _) = story()
    engine.bulk_start(one, 3, at=("check",), business_key="EU-{}")
    asking = engine.bulk_start(three, 2, at=("ask",), business_key="EU-{}")
    engine.start(three, at=("check",), business_key="US")
    async with planning(engine) as here:
        plans = await open_versions(here.session, "order", overview=await load_overview(here.session))
        seen: list[int] = []
        check = await check_versions(here.session, plans, on_progress=seen.append)
        assert (check.total, check.migrates, check.fails, check.cannot_tell) == (6, 4, 2, 0)
        assert seen == [3, 6]
        [(source, group)] = check.groups()
        assert (source, set(group.ids)) == (three, set(asking))
        only = await check_versions(here.session, plans, filter=parse_filter("bk:US"))
        assert (only.total, only.migrates) == (1, 1)
        assert [len(one.frozen.ids) for one in only.versions.values()] == [0, 1]


async def test_nothing_to_migrate_is_a_result() -> None:
    engine, ids = story()
    async with planning(engine) as here:
        plans = await open_versions(here.session, "order:*")
        assert plans.plans == ()
        assert set(plans.without_instances) == set(ids[:3])
        assert (await check_versions(here.session, plans)).total == 0


async def test_what_is_not_there_or_ambiguous() -> None:
    engine, _ = story("north")
    engine.deploy(order_1(), tenant="south")
    async with planning(engine) as here:
        with pytest.raises(UsageError, match="No process definition 'nope'"):
            await open_versions(here.session, "nope:*")
        with pytest.raises(UsageError, match=r"several tenants \(north, south\)"):
            await open_versions(here.session, "order:*")
        plans = await open_versions(here.session, "order:*", tenant="south")
        assert (plans.plans, plans.without_instances) == ((), ())


def test_the_text_for_all_versions() -> None:
    assert is_all_versions(" order:* ")
    assert not is_all_versions("order:1")


async def test_on_live_engines(live_engine: RunningEngine) -> None:
    key = rest.new_key("versions")
    models = (order_1(key), order_1(key).replace(b"Check documents", b"Check papers"), order_2(key))
    one, two, new = (rest.deploy(live_engine.url, {"p.bpmn": xml.decode()})[0] for xml in models)
    rest.start_instances(live_engine.url, one, 2)
    rest.start_instances(live_engine.url, two, 3)
    async with planning(live_engine) as here:
        plans = await open_versions(here.session, f"{key}:*")
        mine = [plan for plan in plans.plans if plan.source.id in (one, two)]
        assert [(plan.running, plan.target.id) for plan in mine] == [(2, new), (3, new)]
        check = await check_versions(here.session, plans)
        assert check.versions[one].summary.total == 2
        assert check.versions[two].summary.fails == 3, "nobody mapped `ask`"
