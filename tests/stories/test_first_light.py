"""The installed command in a real pseudo-terminal, against live engines: a whole migration by keys alone, at 80×24."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import MODEL
from tests.engines import rest
from tests.terminal import Probe, ProbeError
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

COMMAND = str(Path(sys.executable).parent / "tui-migrate")

pytestmark = [pytest.mark.pty, pytest.mark.timeout(300)]


def start(engine: RunningEngine, folder: Path, *argv: str) -> Probe:
    return Probe(
        [COMMAND, *argv],
        env={
            "TUI_MIGRATE_URL": engine.url,
            "TUI_MIGRATE_STATE": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "TUI_MIGRATE_PROFILE": None,
        },
        window=PATIENCE,
    )


def press(terminal: Probe, key: str, expect: str) -> None:
    """Presses a key and waits for what it leads to; shows the screen where that doesn't come."""
    try:
        terminal.key(key, expect=expect, window=PATIENCE)
    except ProbeError as error:
        raise AssertionError(f"after {key!r}: {error}\n{terminal.text()}") from error


@pytest.mark.parametrize("engine_fixture", ["camunda_724", "operaton"])
def test_a_renamed_activity_is_mapped_by_hand_and_all_move(
    engine_fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine: RunningEngine = request.getfixturevalue(engine_fixture)
    key = f"story-{uuid.uuid4().hex[:8]}"
    model = MODEL.replace('"order"', f'"{key}"').replace("PACK", "pack")
    (old,) = rest.deploy(engine.url, {"old.bpmn": model})
    (new,) = rest.deploy(engine.url, {"new.bpmn": model.replace('"pack"', '"pack_goods"')})
    ids = [rest.start_instance(engine.url, old, business_key=f"B-{number}") for number in range(6)]
    for instance_id in ids[:2]:
        (task,) = rest.get(engine.url, f"/task?processInstanceId={instance_id}")
        rest.post(engine.url, f"/task/{task['id']}/complete", {})

    with start(engine, tmp_path, "--source", f"{key}:1", "--target", f"{key}:2") as terminal:
        terminal.wait_for("Check order")
        terminal.wait_for("1 unmapped")
        press(terminal, "n", "2 activity instances are here")
        press(terminal, "m", 'Map "Pack goods" to')
        press(terminal, "enter", "2 mapped")
        press(terminal, ".", "means all 6 instances")
        press(terminal, "*", "6 selected")
        press(terminal, ".", "Migrate 6 instances")
        press(terminal, "enter", "Migrate 6 instances?")
        press(terminal, "y", "Run ")
        terminal.wait_for("all 6 were migrated")
        press(terminal, "q", "edits that are in no file")
        terminal.quit("y")
        assert terminal.exit_code == 0
        assert terminal.leftovers() == []

    assert {rest.definition_of(engine.url, one) for one in ids} == {new}


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_the_terminal_is_given_back_on_a_signal(name: str, code: int, tmp_path: Path) -> None:
    import os
    import signal

    with Probe([COMMAND, "--demo"], env={"TUI_MIGRATE_STATE": str(tmp_path)}, window=PATIENCE) as terminal:
        terminal.wait_for("loan-approval")
        terminal.settle()
        os.kill(terminal.pid, getattr(signal, name))
        assert terminal.wait_exit() == code
        assert terminal.leftovers() == []


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_where_the_screens_can_not_be_drawn_one_line_says_so(term: str, tmp_path: Path) -> None:
    size = (80, 24) if term == "dumb" else (50, 12)
    environment = {"TUI_MIGRATE_STATE": str(tmp_path), "TERM": term}
    with Probe([COMMAND, "--demo"], cols=size[0], rows=size[1], env=environment, window=PATIENCE) as terminal:
        if term == "dumb":
            terminal.wait_for("TERM=dumb")
            assert terminal.wait_exit() == 2
        else:
            terminal.wait_for("60")
            terminal.quit("q")
            assert terminal.exit_code == 0
