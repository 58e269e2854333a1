"""Instances and check one key after the other, in a real pseudo-terminal against live engines, at 80×24."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engines import rest
from tests.engines.rest import new_key
from tests.operations.running import mixed_1, mixed_2
from tests.stories.test_first_light import press, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.launcher import RunningEngine
    from tests.terminal import Probe

pytestmark = [pytest.mark.pty, pytest.mark.timeout(300)]

COUNTS = {"good": 6, "bad": 3, "fork": 2}
BY_BUSINESS_KEY = sorted(f"{where}-{number}" for where, count in COUNTS.items() for number in range(count))


UNTICKED, TICKED = "[ ]", "[x]"


def rows_shown(terminal: Probe) -> list[list[str]]:
    """The words of each row of the list: frame, tick, business key …"""
    lines = terminal.text().replace(UNTICKED, "[_]").splitlines()
    rows = [line.split() for line in lines if line.startswith(("│ [_]", "│ [x]"))]
    return [[row[0], row[1].replace("_", " "), *row[2:]] for row in rows]


@pytest.mark.parametrize("engine_fixture", ["camunda_724", "operaton"])
def test_instances_are_chosen_checked_and_rehearsed_and_none_is_migrated(
    engine_fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine: RunningEngine = request.getfixturevalue(engine_fixture)
    key = new_key("chosen")
    (old,) = rest.deploy(engine.url, {"1.bpmn": mixed_1(key).decode()})
    (new,) = rest.deploy(engine.url, {"2.bpmn": mixed_2(key).decode()})
    ids = {
        where: rest.start_instances(
            engine.url, old, count, business_key_prefix=f"{where}-", variables={"where": where, "amount": count}
        )
        for where, count in COUNTS.items()
    }
    everyone = [one for some in ids.values() for one in some]

    with start(engine, tmp_path, "--source", f"{key}:1", "--target", f"{key}:2") as terminal:
        terminal.wait_for("linked")
        # The list: what nothing selected means, and a verdict for each before the engine is asked anything.
        press(terminal, ".", "means all 11 instances")
        _listed(terminal)
        _filtered(terminal)
        _chosen(terminal)
        _details(terminal)
        _checked(terminal)
        # Without those that fail on to the next step, which has the same number.
        press(terminal, "space", "Selected now: 8.")
        press(terminal, ".", "Migrate 8 instances")
        assert "Traceback" not in terminal.text()
        assert terminal.quit("q") is not None, terminal.text()
        assert terminal.exit_code == 0
        assert terminal.leftovers() == []

    assert rest.definitions_of(engine.url, everyone) == dict.fromkeys(everyone, old)
    assert rest.post(engine.url, "/history/process-instance/count", {"processDefinitionId": new})["count"] == 0
    assert [rest.activities_of(engine.url, one) for one in ids["fork"]] == [["left", "right"]] * 2
    assert rest.calls(engine.url, key) == 0


def _listed(terminal: Probe) -> None:
    """Sorted by start and by business key, with a forecast for each row."""
    press(terminal, "s", "by started")
    press(terminal, "s", "by business key")
    terminal.until(lambda: [row[2] for row in rows_shown(terminal)] == BY_BUSINESS_KEY)
    terminal.until(lambda: all(row[-2] in ("forecast", "mapping") for row in rows_shown(terminal)))
    refused = [row[2] for row in rows_shown(terminal) if row[-2] == "mapping"]
    assert refused == ["bad-0", "bad-1", "bad-2"]


def _filtered(terminal: Probe) -> None:
    """A completed criterion; with a filter and nothing chosen it is asked which are meant."""
    press(terminal, "/", "tab complete")
    terminal.key("text:bk:bad-*")
    press(terminal, "enter", "3 of 11 instances")
    press(terminal, ".", "Which instances?")
    press(terminal, "esc", "going on asks for the 3 in the filter, or all 11")


def _chosen(terminal: Probe) -> None:
    """One, all that match, a range; the choice outlives the filter."""
    press(terminal, "space", "1 instance selected")
    press(terminal, "*", "3 selected: all that match the filter.")
    press(terminal, "/", "tab complete")
    terminal.key("ctrl+u")
    press(terminal, "enter", "3 instances selected.")
    terminal.until(lambda: [row[1] for row in rows_shown(terminal)] == [TICKED] * 3 + [UNTICKED] * 8)
    press(terminal, "x", "means all 11 instances")
    terminal.key("v")
    press(terminal, "down", "A range of 2")
    press(terminal, "space", "2 instances selected.")
    press(terminal, "x", "means all 11 instances")


def _details(terminal: Probe) -> None:
    """The activity tree with a verdict, and variables."""
    terminal.key("home")
    press(terminal, "i", "Instance bad-0")
    terminal.until(lambda: "bad (not mapped)" in terminal.text() and "amount = 3" in terminal.text())
    press(terminal, "esc", "means all 11 instances")


def _checked(terminal: Probe) -> None:
    """Causes in groups by the forecast, then by the engine's own verdict, which is asked for only when told to."""
    press(terminal, "c", "By forecast only.")
    terminal.until(lambda: "11 checked:  8 would migrate  3 fail" in terminal.text())
    press(terminal, "t", "Rehearse 11 instances?")
    press(terminal, "y", "would migrate, by the engine's own verdict")
    terminal.until(lambda: "11 checked:  8 would migrate  3 fail  Rehearsed." in terminal.text())
    terminal.until(lambda: "leave them out." in terminal.text())
