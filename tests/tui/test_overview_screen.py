"""The overview: what it lists, and the ways into a plan."""

from __future__ import annotations

from tests.tui.conftest import Snap
from tests.tui.desk import MODELS, StillClock, claim_engine, open_desk, plan_pair
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.tui.screens.definition_picker import DefinitionPicker
from tui_migrate.tui.screens.overview.list import DefinitionList


def crowded_engine() -> SandboxEngine:
    """Return an engine with a few more keys: one version only, another tenant, a key without instances."""
    clock = StillClock()
    engine = claim_engine(clock)
    old = (MODELS / "claim-1.bpmn").read_bytes()
    for key, tenant, versions in (("audit", None, 1), ("claim", "north", 2), ("zebra", None, 3)):
        for _ in range(versions):
            engine.deploy(
                old.replace(b'process id="claim" name="Claim"', f'process id="{key}" name="A {key}"'.encode()),
                tenant=tenant,
            )
    north = [one.id for one in engine.store.definitions.values() if one.tenant_id == "north"]
    engine.bulk_start(north[0], 6, at=("check",))
    engine.bulk_start(plan_pair(engine, "audit")[0], 3, at=("check",))
    return engine


async def test_keys_with_instances_on_old_versions_come_first(snap: Snap) -> None:
    async with open_desk(crowded_engine()) as desk:
        rows = [line.strip("│ ") for line in desk.lines if line.startswith("│")]
        keys = [row.split()[1] for row in rows if row[:1] in "▾▸" and row]
        assert keys == ["claim", "claim", "audit", "zebra"]
        assert "▲ 127 on old" in desk.text
        assert "133 instances on old versions" in desk.text
        await snap(desk, "overview-80x24")


async def test_overview_on_a_wide_light_screen(snap: Snap) -> None:
    async with open_desk(crowded_engine(), size=(120, 40), theme="light") as desk:
        await snap(desk, "overview-120x40-light")


async def test_versions_are_opened_and_closed_by_the_arrow_keys() -> None:
    async with open_desk() as desk:
        rows = desk.app.screen.query_one(DefinitionList)
        assert rows.row_count() == 3
        await desk.press("down", "left")
        assert rows.row_count() == 1
        assert rows.cursor == 0
        await desk.press("right")
        assert rows.row_count() == 3


async def test_search_narrows_by_every_word_and_escape_gives_it_up(snap: Snap) -> None:
    async with open_desk(crowded_engine()) as desk:
        await desk.press("slash")
        await desk.type("zeb v2")
        rows = desk.app.screen.query_one(DefinitionList)
        await desk.until(lambda: rows.row_count() == 1, "one row found")
        await snap(desk, "overview-search-80x24")
        await desk.press("enter")
        assert rows.has_focus
        assert rows.row_count() == 1
        await desk.press("escape")
        await desk.until(lambda: rows.row_count() > 4, "search given up")


async def test_an_older_version_opens_to_the_newest() -> None:
    async with open_desk() as desk:
        await desk.press("down", "down", "enter")
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        plan = desk.app.state.open_plan
        assert plan is not None
        assert (plan.source.id, plan.target.id) == plan_pair(desk.engine)
        assert desk.app.current_name == "plan"


async def test_the_newest_is_the_target_of_the_next_older_one_with_instances() -> None:
    async with open_desk() as desk:
        await desk.press("down", "enter")
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        plan = desk.app.state.open_plan
        assert plan is not None
        assert (plan.source.id, plan.target.id) == plan_pair(desk.engine)


async def test_a_key_with_one_version_asks_for_the_target(snap: Snap) -> None:
    async with open_desk(crowded_engine()) as desk:
        rows = desk.app.screen.query_one(DefinitionList)
        await desk.press("end")
        while "audit" not in str(rows.current.group.key if rows.current else ""):
            await desk.press("up")
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.app.screen, DefinitionPicker), "picker open")
        await desk.type("zebra v3")
        await snap(desk, "overview-choose-target-80x24")
        await desk.press("enter")
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        plan = desk.app.state.open_plan
        assert plan is not None
        assert (plan.source.key, plan.target.key, plan.target.version) == ("audit", "zebra", 3)


async def test_bring_all_opens_the_plans_of_all_old_versions() -> None:
    async with open_desk() as desk:
        await desk.press("B")
        await desk.until(lambda: desk.app.current_name == "versions", "versions shown")
        await desk.until(lambda: "127 of 127 instances of 1 version" in desk.flat, "checked")


async def test_bring_all_says_where_nothing_runs_on_an_old_version() -> None:
    async with open_desk(crowded_engine()) as desk:
        await desk.press("end", "B")
        await desk.until(lambda: "No instance runs on an old version of this key." in desk.flat, "said why not")
        assert desk.app.current_name == "overview"


async def test_an_engine_without_definitions_says_what_to_do(snap: Snap) -> None:
    async with open_desk(SandboxEngine(StillClock().now)) as desk:
        assert "This engine has no process definitions that you may see." in desk.text
        await desk.press("enter")
        await desk.until(lambda: "There is no process definition to open." in desk.text, "said why not")
        await snap(desk, "overview-empty-80x24")


async def test_overview_with_plain_characters(snap: Snap) -> None:
    async with open_desk(crowded_engine(), ascii=True) as desk:
        assert desk.text.isascii()
        await snap(desk, "overview-ascii-80x24")
