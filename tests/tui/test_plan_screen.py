"""The plan screen, feature by feature."""

from __future__ import annotations

from tests.tui.conftest import Snap
from tests.tui.desk import open_plan_desk


async def test_two_trees(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        await snap(desk, "plan-80x24")
