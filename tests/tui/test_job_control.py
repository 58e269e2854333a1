"""ctrl+z and `fg`: the shell gets its terminal, and what was shown is there again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.terminal import Probe
from tests.tui.conftest import Snap
from tests.tui.desk import open_plan_desk
from tests.tui.test_in_a_terminal import plan_in_a_terminal
from tests.tui.walking import HeldClock, confirm_and_send, open_instances_desk, same_run_ids, small_engine
from tests.waiting import PATIENCE
from tui_migrate.tui.screens.help import HelpModal
from tui_migrate.tui.screens.question import QuestionModal

__all__ = ["same_run_ids"]

ROOT = Path(__file__).parents[2]
APP = f"{sys.executable} -m tests.tui.claim_app"
CLEAR = "printf '\\033[H\\033[2J'; "
"""The emulator of the tests has one screen only: what the app left there would be taken for the shell's."""


@pytest.mark.pty
@pytest.mark.parametrize("command", [APP, f"sh -c '{APP}; echo left'"], ids=["command", "script"])
def test_the_shell_gets_its_terminal_and_fg_comes_back(command: str) -> None:
    settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT), "PS1": "shell> "}
    with Probe(["bash", "--norc", "-i"], env={**os.environ, **settings}, window=PATIENCE) as shell:

        def type_in(line: str) -> None:
            shell.write(f"{line}\r".encode())

        shell.wait_for("shell>")
        type_in(command)
        shell.wait_for("engine ✓")
        shell.key("down")
        shell.write(b"\x1a")
        shell.wait_for("Stopped")
        assert not {"alternate screen", "mouse", "mouse motion", "mouse SGR", "focus events"} & set(shell.leftovers())
        type_in(f"{CLEAR}echo $((6 * 7)) in the shell")
        shell.wait_for("42 in the shell")
        type_in(f"{CLEAR}fg")
        shell.wait_for("engine ✓")
        assert "›✓  U Check claim" in shell.text()  # the cursor stands where it stood
        shell.key("down")
        assert "›✓i   T 3 days" in shell.text()
        shell.write(b"q")
        shell.wait_for("shell>")  # what is typed before, the app would still read
        type_in(f"{CLEAR}echo $((6 * 7)) at the end")
        shell.wait_for("42 at the end")


@pytest.mark.pty
def test_without_a_shell_it_goes_on_and_says_so() -> None:
    with plan_in_a_terminal() as probe:
        probe.key("ctrl+z")
        probe.wait_for("There is no shell to go to")
        assert probe.key("down").settled_ms is not None


async def test_a_dialog_does_not_keep_from_the_shell() -> None:
    async with open_plan_desk() as desk:
        await desk.press("?")
        await desk.until(lambda: isinstance(desk.app.screen, HelpModal), "helped")
        await desk.press("ctrl+z")
        await desk.until(lambda: "There is no shell to go to" in desk.text, "said")


@pytest.mark.usefixtures("same_run_ids")
async def test_it_asks_once_while_a_run_would_stand_still(snap: Snap) -> None:
    clock = HeldClock()
    async with open_instances_desk(small_engine(clock, jobs_per_second=2), clock=clock) as desk:
        await confirm_and_send(desk)
        await desk.until(lambda: clock.sleepers > 0 and "done 0" in desk.text, "watched")
        await desk.press("ctrl+z", "ctrl+z")
        assert "stands still until fg brings it back" in desk.text
        await snap(desk, "shell-question-80x24")
        await desk.press("n")
        assert not isinstance(desk.app.screen, QuestionModal)
        await desk.press("ctrl+z", "y")
        await desk.until(lambda: "There is no shell to go to" in desk.text, "went")
        clock.let_go()
