"""What the embedded engine does, every live engine does, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox import answers, batch_scenarios, more_scenarios
from tests.sandbox.random_twins import course, run
from tests.sandbox.scenarios import SCENARIOS
from tests.sandbox.twin import differences, embedded_side, live_side

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

MODULES = (answers, batch_scenarios, more_scenarios)
"""Whose scenarios are there by their having been imported."""
VERSIONS = {"camunda-7.24": "7.24.0", "operaton": "1.0.3", "camunda-7.17": "7.17.0"}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_it_does_what_a_live_engine_does(name: str, live_engine: RunningEngine, engine_name: str) -> None:
    embedded = embedded_side(VERSIONS[engine_name])
    live = live_side(live_engine.url)
    async with embedded.client, live.client:
        try:
            expected = await SCENARIOS[name](live)
        finally:
            await live.clean()
        assert not differences(await SCENARIOS[name](embedded), expected)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(30))
async def test_a_random_migration_is_the_same_on_both(seed: int, live_engine: RunningEngine, engine_name: str) -> None:
    embedded, live, what = embedded_side(VERSIONS[engine_name]), live_side(live_engine.url), course(seed)
    async with embedded.client, live.client:
        try:
            expected = await run(live, what)
        finally:
            await live.clean()
        assert not differences(await run(embedded, what), expected), what
