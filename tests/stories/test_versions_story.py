"""All old versions of a process brought to the newest by keys alone, in a pseudo-terminal against live engines."""

from __future__ import annotations

import csv
import re
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import MODEL
from tests.engines import rest
from tests.stories.test_first_light import press, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.launcher import RunningEngine

pytestmark = [pytest.mark.pty, pytest.mark.timeout(300)]


@pytest.mark.parametrize("engine_fixture", ["camunda_724", "operaton"])
def test_three_old_versions_with_one_confirmation(
    engine_fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine: RunningEngine = request.getfixturevalue(engine_fixture)
    key = f"versions-{uuid.uuid4().hex[:8]}"
    model = MODEL.replace('"order"', f'"{key}"').replace("PACK", "pack")
    old = [
        rest.deploy(engine.url, {"p.bpmn": model.replace("Check order", f"Check order {number}")})[0]
        for number in range(3)
    ]
    (new,) = rest.deploy(engine.url, {"p.bpmn": model.replace('"pack"', '"pack_goods"')})
    ids = [rest.start_instance(engine.url, version) for version in (old[0], old[0], old[2], old[2])]
    (task,) = rest.get(engine.url, f"/task?processInstanceId={ids[-1]}")
    rest.post(engine.url, f"/task/{task['id']}/complete", {})
    account = tmp_path / "account.csv"

    with start(engine, tmp_path) as terminal:
        terminal.wait_for("on old versions  read")
        press(terminal, "/", "Search key")
        press(terminal, f"text:{key}", "4 found")
        terminal.key("enter")
        # One check of all: two versions with instances, one of them with an instance that would fail; one is idle.
        press(terminal, "B", "4 of 4 instances of 2 versions")
        terminal.until(lambda: f"Bring {key} to v4" in terminal.text())
        terminal.until(lambda: re.search(r"\[x\] v1 .* 2 .*all migrate", terminal.text()) is not None)
        terminal.until(lambda: re.search(r"\[x\] v3 .* 2 .*1 migrate +1 fail", terminal.text()) is not None)
        terminal.until(lambda: "v2: nothing runs there" in terminal.text())
        # Its plan is opened at the activity at fault, mended, and checked again.
        terminal.key("down")
        press(terminal, "down", "no migration instruction")
        press(terminal, "enter", "comes back to all versions")
        press(terminal, "m", 'Map "Pack goods" to')
        press(terminal, "enter", "2 mapped")
        press(terminal, "esc", "4 would")
        terminal.until(lambda: "edited" in terminal.text())
        # Nothing is sent before the one confirmation.
        press(terminal, ".", "Migrate 4 instances of 2 versions")
        assert rest.get(engine.url, f"/process-instance/count?processDefinitionId={new}")["count"] == 0
        press(terminal, "enter", "Migrate 4 instances of 2 versions?")
        terminal.until(lambda: re.search(rf"1\. 2 from {key}:1:", terminal.text()) is not None)
        press(terminal, "y", "all 4 were migrated")
        press(terminal, "e", "Export as")
        terminal.key("ctrl+u")
        terminal.key(f"text:{account}")
        press(terminal, "enter", "Exported 4 instances")
        press(terminal, "q", "edits that are in no file")
        terminal.quit("y")
        assert terminal.exit_code == 0
        assert terminal.leftovers() == []

    assert {rest.definition_of(engine.url, one) for one in ids} == {new}
    rows = list(csv.DictReader(account.read_text(encoding="utf-8").splitlines()))
    assert {(row["source"], row["class"]) for row in rows} == {(old[0], "migrated"), (old[2], "migrated")}
    assert {row["instance"] for row in rows} == set(ids)
