"""Great numbers of instances in the installed app: memory stays flat to the end, and few pages are asked for.

What it costs in time is a figure of `benchmarks.instances`, which goes the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.crowd import ROW, Crowd, embedded, live, memory_to_the_end, quick_page_requests
from benchmarks.terminals import PATIENCE
from tests.conftest import LIVE_ENGINES
from tests.stories.test_first_light import COMMAND
from tests.terminal import Probe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIVE_TOTAL = 20_000
PAGES_AT_MOST = 2
MEBIBYTES_OVER_EMPTY = 30
MEBIBYTES_OVER_A_QUARTER = 10

pytestmark = [pytest.mark.pty, pytest.mark.long, pytest.mark.timeout(3600)]


def test_100_000_instances_on_the_embedded_engine(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with embedded() as crowd:
        _go_through(crowd, tmp_path, record_property)


@pytest.mark.live
@pytest.mark.usefixtures("engine_tools")
@pytest.mark.parametrize("name", LIVE_ENGINES)
def test_20_000_instances_on_a_live_engine(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with live(name, LIVE_TOTAL) as crowd:
        _go_through(crowd, tmp_path, record_property)


def _go_through(crowd: Crowd, folder: Path, record: Callable[[str, object], None]) -> None:
    def opener(*argv: str) -> Probe:
        environment = {"TUI_MIGRATE_STATE": str(folder / "state"), "XDG_CONFIG_HOME": str(folder / "config")}
        return Probe([COMMAND, *argv], env=environment, window=PATIENCE)

    empty = crowd.memory_of_empty(opener)
    with crowd.open(opener, crowd.full) as probe:
        probe.key("2", expect=ROW, window=PATIENCE)
        pages = quick_page_requests(crowd, probe)
        memory = memory_to_the_end(crowd, probe)
    over = memory.most - empty
    record(
        "figures", f"{crowd.total:,}: {pages} page requests for 20 quick page keys, {over:.1f} MiB over an empty list"
    )
    assert pages <= PAGES_AT_MOST
    assert over <= MEBIBYTES_OVER_EMPTY, memory
    assert memory.end - memory.quarter <= MEBIBYTES_OVER_A_QUARTER, memory
