"""A run and what follows it, one key after the other, in a real pseudo-terminal against live engines, at 80×24."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.engines import rest
from tests.engines.rest import new_key
from tests.operations.running import mixed_1, mixed_2
from tests.stories.test_first_light import press, start
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.launcher import RunningEngine
    from tests.terminal import Probe

pytestmark = [pytest.mark.pty, pytest.mark.timeout(300)]

COUNTS = {"good": 9, "bad": 3}


@pytest.mark.parametrize("engine_fixture", ["camunda_724", "operaton"])
def test_a_run_with_failures_is_followed_to_its_end(
    engine_fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine: RunningEngine = request.getfixturevalue(engine_fixture)
    key = new_key("followed")
    (old,) = rest.deploy(engine.url, {"1.bpmn": mixed_1(key).decode()})
    (new,) = rest.deploy(engine.url, {"2.bpmn": mixed_2(key).decode()})
    ids = {
        where: rest.start_instances(engine.url, old, count, variables={"where": where})
        for where, count in COUNTS.items()
    }
    exported = tmp_path / "account.csv"

    with start(engine, tmp_path, "--source", f"{key}:1", "--target", f"{key}:2") as terminal:
        terminal.wait_for("linked")
        _migrated(terminal)
        assert rest.definitions_of(engine.url, ids["good"]) == dict.fromkeys(ids["good"], new)
        batch_id = _batch_of(tmp_path)
        _acted_on(terminal, engine, batch_id)
        assert rest.get(engine.url, "/batch", batchId=batch_id) == []
        _exported(terminal, exported)
        _listed(terminal)
        assert "Traceback" not in terminal.text()
        assert terminal.quit("q") is not None, terminal.text()
        assert terminal.exit_code == 0
        assert terminal.leftovers() == []

    assert rest.definitions_of(engine.url, ids["bad"]) == dict.fromkeys(ids["bad"], old)
    with exported.open(encoding="utf-8", newline="") as lines:
        classes = {row["instance"]: row["class"] for row in csv.DictReader(lines)}
    assert classes == dict.fromkeys(ids["good"], "migrated") | dict.fromkeys(ids["bad"], "failed")


def _batch_of(folder: Path) -> str:
    """The batch that the run sent, as its journal has it."""
    with closing(sqlite3.connect(folder / "state" / "journal.db")) as journal:
        ((batch,),) = journal.execute("SELECT batch FROM waves").fetchall()
    return str(json.loads(batch)["id"])


def _migrated(terminal: Probe) -> None:
    """From the plan over instances and the last look to a result with failures."""
    press(terminal, ".", "means all 12 instances")
    press(terminal, ".", "9 of 12 would migrate")
    press(terminal, "enter", "Migrate 12 instances?")
    press(terminal, "y", "Run ")
    terminal.until(lambda: "3 of 12 failed; 9 were migrated." in terminal.text())
    terminal.until(lambda: "Only failed jobs remain (3)" in terminal.text())


def _acted_on(terminal: Probe, engine: RunningEngine, batch_id: str) -> None:
    """One failed job looked into and dropped, the others tried again, the batch suspended, found and cancelled."""
    terminal.until(lambda: "bad: There is no migration instruction for this instance's activity" in terminal.text())
    press(terminal, "i", "stack trace")
    press(terminal, "i", "ENGINE-23004")
    press(terminal, "esc", "D drop")
    press(terminal, "D", "Drop this job?")
    press(terminal, "y", "Only failed jobs remain (2)")
    assert _statistics(engine, batch_id)["failedJobs"] == 2
    press(terminal, "T", "Try 2 failed jobs again?")
    press(terminal, "y", "2 failed jobs have new tries")
    wait_until(lambda: _statistics(engine, batch_id)["failedJobs"] == 2, "both have failed again")
    press(terminal, "S", "Suspend the batch?")
    press(terminal, "y", "The batch is suspended: resume it")
    wait_until(lambda: _statistics(engine, batch_id)["suspended"], "suspended")
    # Among all batches of the engine, newest first, and back to it.
    press(terminal, "0", "Batches b")
    press(terminal, "b", "running,")
    terminal.until(lambda: any("suspended" in line and "ours" in line for line in terminal.text().splitlines()))
    press(terminal, "4", "The batch is suspended: resume it")
    press(terminal, "X", "Cancel the batch?")
    press(terminal, "y", "Cancelled: 10 of 12 jobs had run")


def _statistics(engine: RunningEngine, batch_id: str) -> dict[str, Any]:
    (found,) = rest.get(engine.url, "/batch/statistics", batchId=batch_id)
    return dict(found)


def _exported(terminal: Probe, file: Path) -> None:
    """The account of every instance, asked for again, as a file."""
    press(terminal, "r", "= 12 selected")
    press(terminal, "e", "Export as .csv")
    terminal.key("ctrl+u")
    terminal.key(f"text:{file}")
    press(terminal, "enter", "Exported 12 instances")


def _listed(terminal: Probe) -> None:
    """The run in the journal, and all that happened in it."""
    press(terminal, "0", "Batches b")
    press(terminal, "J", "9 migrated, 3 failed")
    press(terminal, "v", "Requests that change the engine")
    terminal.until(lambda: all(words in terminal.text() for words in ("drop job", "suspend batch", "delete batch")))
    press(terminal, "esc", "9 migrated, 3 failed")
    press(terminal, "enter", "= 12 selected")
