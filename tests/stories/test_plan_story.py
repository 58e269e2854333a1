"""The plan screen's features one after the other, in a real pseudo-terminal against live engines, at 80×24."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tui_migrate
from tests.engines import rest
from tests.stories.test_first_light import press, start

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

DEMO = Path(tui_migrate.__file__).parent / "sandbox" / "demo"

pytestmark = [pytest.mark.pty, pytest.mark.timeout(300)]


def model(version: int, key: str) -> str:
    text = (DEMO / f"loan-approval-{version}.bpmn").read_text(encoding="utf-8")
    return text.replace('"loan-approval"', f'"{key}"')


@pytest.mark.parametrize("engine_fixture", ["camunda_724", "operaton"])
def test_features_of_the_plan_screen(engine_fixture: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    engine: RunningEngine = request.getfixturevalue(engine_fixture)
    key = f"plan-{uuid.uuid4().hex[:8]}"
    (old,) = rest.deploy(engine.url, {"loan.bpmn": model(2, key)})
    (new,) = rest.deploy(engine.url, {"loan.bpmn": model(3, key)})
    for number in range(3):
        rest.start_instance(engine.url, old, business_key=f"P-{number}")
    exported = tmp_path / "exported.json"

    with start(engine, tmp_path) as terminal:
        # 1. Overview and opening: an older version goes to the newest.
        terminal.wait_for("on old versions  read")
        press(terminal, "/", "Search key")
        press(terminal, f"text:{key}", "2 found")
        terminal.key("enter")
        press(terminal, "enter", "engine ✓")
        terminal.until(lambda: f"{key} v1" in terminal.text() and f"{key} v2" in terminal.text())
        # 2 and 3. Trees with kinds, counts and differences; markers.
        terminal.until(lambda: bool(re.search(r"✓ +U Check documents +3", terminal.text())))
        terminal.until(lambda: "−" in terminal.text() and "+" in terminal.text())
        # 4. The counterpart of the cursor's activity is highlighted on the other side.
        terminal.key("down")
        terminal.until(lambda: terminal.text().count("│›") == 2)
        # 9. Update event trigger of the boundary timer, by key, and undone (11).
        terminal.key("down")
        press(terminal, "t", "the event trigger is updated")
        press(terminal, "u", "Undone")
        press(terminal, "U", "Redone")
        terminal.key("u")
        # 5. Mapping mode: possible targets are lit and ranked, then esc leaves it.
        press(terminal, "/", "Search")
        terminal.key("text:missing")
        terminal.key("enter")
        press(terminal, "m", 'Map "Ask for missing papers" to')
        terminal.until(lambda: "***" in terminal.text())
        terminal.key("esc")
        # … all suggestions as a list to accept one by one.
        press(terminal, "s", "suggestion")
        terminal.key("esc")
        press(terminal, "m", 'Map "Ask for missing papers" to')
        press(terminal, "enter", "19 mapped")
        # 6. Remove it again, and undo that.
        press(terminal, "x", "18 mapped")
        press(terminal, "u", "19 mapped")
        # 7. Link navigation off and on.
        press(terminal, "l", "not linked")
        terminal.key("l")
        terminal.until(lambda: "not linked" not in terminal.text())
        # 12. Two verdicts on the plan as it stands.
        terminal.until(lambda: "rules ✓  engine ✓" in terminal.text())
        # 10. Show the migration plan as arrows.
        before = terminal.text()
        terminal.key("A")
        terminal.until(lambda: terminal.text() != before)
        terminal.key("A")
        # 11. Filters, search, regenerate with a word about what it would change.
        press(terminal, "f", "only problems")
        terminal.key("z")
        press(terminal, "R", "This would change in your plan")
        terminal.key("esc")
        # 8. Details of an activity, both sides.
        press(terminal, "i", "event trigger")
        terminal.key("esc")
        # Export; the file is a plan between the two versions.
        press(terminal, "e", "Export the plan")
        terminal.key("ctrl+u")
        terminal.key(f"text:{exported}")
        press(terminal, "enter", "exported.json")
        # State survives going to the next step and back.
        press(terminal, ".", "means all 3 instances")
        press(terminal, ",", "19 mapped")
        assert "Traceback" not in terminal.text()

    plan = json.loads(exported.read_text(encoding="utf-8"))
    assert (plan["source"]["version"], plan["target"]["version"]) == (1, 2)
    assert len(plan["instructions"]) == 19
    assert rest.get(engine.url, f"/process-instance/count?processDefinitionId={new}")["count"] == 0
