"""The overview: what it lists, and the ways into a plan."""

from __future__ import annotations

from tests.tui.conftest import Snap
from tests.tui.desk import open_desk


async def test_keys_with_instances_on_old_versions_come_first(snap: Snap) -> None:
    async with open_desk() as desk:
        assert "▲ 127 on old versions" in desk.text
        await snap(desk, "overview-80x24")
