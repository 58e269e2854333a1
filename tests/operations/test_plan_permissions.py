"""Planning as a user who may read little: the engine answers with shorter lists, and no error."""

from __future__ import annotations

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import order_1, order_2, planning
from tui_migrate.errors import AuthFailed, EngineError, UsageError
from tui_migrate.operations.instances import InstanceList
from tui_migrate.operations.overview import load_overview
from tui_migrate.operations.plan import open_plan, read_counts
from tui_migrate.operations.resolve import resolve_definition
from tui_migrate.operations.selection import Selection, freeze
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import before
from tui_migrate.sandbox.security import Grant, Security

KEY = rest.new_key("permissions")


def deploy(engine: RunningEngine) -> tuple[str, str]:
    files = ({"p.bpmn": xml.decode()} for xml in (order_1(KEY), order_2(KEY)))
    one, two = (rest.deploy(engine.url, each, user="admin")[0] for each in files)
    rest.start_instance(engine.url, one, user="admin")
    return one, two


@pytest.mark.parametrize("user", ["operator", "reader"])
async def test_who_may_read_can_plan(camunda_724_auth: RunningEngine, user: str) -> None:
    one, two = deploy(camunda_724_auth)
    async with planning(camunda_724_auth, user=user) as here:
        plan = await open_plan(here.session, one, two)
        await read_counts(here.session, plan)
        assert plan.generation_error is None
        assert plan.running == 1
        [row] = await InstanceList(here.session, plan).page(0, 10)
        assert row.placed
        assert row.forecast is not None
        assert row.forecast.verdict == "fails"
        assert len((await freeze(here.session, one, Selection())).ids) == 1


async def test_who_may_read_nothing_is_told_so(camunda_724_auth: RunningEngine) -> None:
    one, two = deploy(camunda_724_auth)
    async with planning(camunda_724_auth, user="nobody") as here:
        assert (await load_overview(here.session)).groups == ()
        with pytest.raises(UsageError, match="what you may see"):
            await resolve_definition(here.session, KEY)
        with pytest.raises(EngineError):
            await open_plan(here.session, one, two)


async def test_a_wrong_login_is_one_request_and_no_more(camunda_724_auth: RunningEngine) -> None:
    one, two = deploy(camunda_724_auth)
    async with planning(camunda_724_auth) as here:
        with pytest.raises(AuthFailed):
            await open_plan(here.session, one, two)
        assert here.requests.sent == ["GET /version"]


async def test_without_the_right_to_read_history_nothing_is_forecast_from_it() -> None:
    security = Security()
    grants = [Grant(permission, "ProcessDefinition") for permission in ("READ", "READ_INSTANCE")]
    security.add("mary", "secret", grants)
    engine = SandboxEngine(security=security)
    one, two = engine.deploy(order_1()), engine.deploy(order_2())
    engine.start(one, at=(before("letter"), "ask"))
    async with planning(engine, user="mary") as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.remove(["letter"])
        [row] = await InstanceList(here.session, plan).page(0, 10)
        assert not row.placed
        assert row.waiting == ("letter",)
        assert row.forecast is not None
        assert "Where the instance is was not read." in row.forecast.unknown
