"""Freezing a selection on live engines while others end and start instances of the same version."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from tests.engines import rest
from tests.live.mixed import end, mixed_live
from tests.operations.running import running
from tests.waiting import until
from tui_migrate.operations import matching
from tui_migrate.operations.selection import Selection, freeze

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine


@pytest.mark.long
@pytest.mark.parametrize("page", [50, 200])
async def test_nothing_that_stays_is_left_out_while_others_end_and_start(
    live_engine: RunningEngine, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(matching, "IDS_AT_ONCE", page)
    mixed = mixed_live(live_engine, "freezing", good=1000)
    ended: list[str] = []
    started: list[str] = []
    over = threading.Event()

    def meanwhile() -> None:
        """Ends from the front of the list, which shifts all pages that were not read yet."""
        for number, one in enumerate(mixed.ids[:300]):
            if over.is_set():
                return
            end(live_engine, one)
            ended.append(one)
            if number % 5 == 0:
                started.extend(rest.start_instances(live_engine.url, mixed.source_id, 1, variables={"where": "good"}))

    async def first_has_ended() -> bool:
        return bool(ended)

    async with running(live_engine) as it:
        await it.session.features()
        others = asyncio.create_task(asyncio.to_thread(meanwhile))
        await until(first_has_ended, "an instance has ended")
        frozen = await freeze(it.session, mixed.source_id, Selection())
        ended_meanwhile = len(ended)
        over.set()
        await others
    stayed = set(mixed.ids) - set(ended)
    assert ended_meanwhile > 1, "nothing ended while the list was read"
    assert len(frozen.ids) == len(set(frozen.ids))
    assert stayed <= set(frozen.ids)
    assert set(frozen.ids) <= set(mixed.ids) | set(started)
    assert ended[0] not in frozen.ids
