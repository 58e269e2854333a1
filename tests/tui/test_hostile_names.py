"""No name of a process can break a screen, colour it, move the cursor or run an action."""

from __future__ import annotations

import re
import unicodedata

import pytest
from rich.cells import cell_len

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, StillClock, open_desk, open_plan_desk
from tests.tui.hostile import HOSTILE_NAMES, hostile_bpmn
from tests.tui.test_plan_screen import plan_screen
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.tui.cells import cut, fit, flow, shown


def hostile_engine() -> SandboxEngine:
    engine = SandboxEngine(StillClock().now)
    old = engine.deploy(hostile_bpmn(), tenant="[b]north[/b]")
    engine.deploy(hostile_bpmn(renamed=True), tenant="[b]north[/b]")
    for activity_id in HOSTILE_NAMES:
        engine.start(old, at=(activity_id,), business_key=HOSTILE_NAMES[activity_id][:200])
    return engine


def assert_harmless(desk: Desk) -> None:
    """The screen has its own size, and no character on it is one that a terminal obeys."""
    columns = desk.app.size.width
    for line in desk.lines:
        assert cell_len(line) <= columns
        assert not [one for one in line if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")]


async def test_the_overview_shows_hostile_names(snap: Snap) -> None:
    async with open_desk(hostile_engine(), size=(120, 40)) as desk:
        assert_harmless(desk)
        assert "[b]bold[/b]" in desk.text
        await snap(desk, "hostile-overview-120x40")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (61, 16)], ids=str)
async def test_the_plan_shows_hostile_names(size: tuple[int, int]) -> None:
    async with open_plan_desk(hostile_engine(), key="hostile", size=size) as desk:
        rows = len(plan_screen(desk).source_tree.rows)
        for _ in range(rows):
            assert_harmless(desk)
            await desk.press("down")


async def test_the_plans_dialogs_show_hostile_names(snap: Snap) -> None:
    async with open_plan_desk(hostile_engine(), key="hostile") as desk:
        screen = plan_screen(desk)
        await desk.press("down", "A")
        await snap(desk, "hostile-plan-80x24")
        await desk.press("i")
        await desk.until(lambda: desk.app.screen is not screen, "details shown")
        await desk.pilot.pause()
        assert_harmless(desk)
        await snap(desk, "hostile-details-80x24")
        await desk.press("escape", "m")
        await desk.settled()
        assert_harmless(desk)
        await snap(desk, "hostile-mapping-80x24")
        await desk.press("enter", "s")
        await desk.pilot.pause()
        assert_harmless(desk)
        for key in ("escape", "x", "u", "R", "escape", "right_square_bracket", "escape", "e", "escape"):
            await desk.press(key)
            assert_harmless(desk)
        assert desk.app.is_running


async def test_plain_characters_hold_for_our_own_signs_beside_hostile_names() -> None:
    async with open_plan_desk(hostile_engine(), key="hostile", ascii=True) as desk:
        assert_harmless(desk)
        assert not re.search("[╭│✓▲✗…→]", desk.text)


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
@pytest.mark.parametrize("width", [1, 2, 3, 7, 40, 200])
def test_cutting_gives_exactly_the_cells_asked_for(name: str, width: int) -> None:
    assert cell_len(fit(name, width)) == width
    assert cell_len(cut(name, width)) <= width
    lines = flow([(shown(name), "error"), ("and more", "")], width, 3)
    assert len(lines) <= 3
    assert all(sum(cell_len(text) for text, _ in line) <= width for line in lines)
