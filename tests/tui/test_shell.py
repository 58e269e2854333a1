"""What holds on every screen: steps, help, commands, quitting, themes, errors, small terminals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, claim_engine, open_desk, open_plan_desk
from tests.tui.test_plan_screen import plan_screen
from tui_migrate.errors import ConfigError, JournalError
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.tui.app import TuiMigrateApp
from tui_migrate.tui.bindings import SCOPES, scope
from tui_migrate.tui.options import AppOptions
from tui_migrate.tui.screens.help import HelpModal
from tui_migrate.tui.screens.question import QuestionModal
from tui_migrate.tui.screens.too_small import TooSmallModal


async def test_help_shows_every_key_of_the_screen_from_the_registry(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        await desk.press("question_mark")
        await desk.until(lambda: isinstance(desk.app.screen, HelpModal), "help shown")
        await desk.pilot.pause()
        await snap(desk, "help-plan-80x24")
        seen = desk.flat
        for _ in range(12):
            await desk.press("pagedown")
            seen += desk.flat
        for name in ("plan", "list", "everywhere"):
            for key in scope(name).keys:
                assert key.description in seen, key.id
        assert "multi-instance body" in seen
        await desk.press("escape")
        assert desk.app.current_name == "plan"


async def test_the_palette_offers_what_applies_and_does_it(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        await desk.press("colon")
        await desk.type("undo")
        await desk.until(lambda: "Next problem" not in desk.text, "searched")
        assert "Undo the last edit" not in desk.text
        await desk.press("escape", "down", "x", "colon")
        await desk.type("undo")
        await desk.until(lambda: "Undo the last edit" in desk.text, "offered")
        await desk.press("enter")
        await desk.until(lambda: not desk.app.state.open_plan.draft.changed, "undone")  # type: ignore[union-attr]


async def test_steps_are_gone_to_by_number_and_refused_with_a_reason() -> None:
    async with open_desk() as desk:
        await desk.press("2")
        assert desk.app.current_name == "overview"
        assert "Open a plan first" in desk.text
        await desk.press("4")
        assert desk.app.current_name == "overview"
        await desk.press("1")
        assert desk.app.current_name == "plan"
        assert "No plan is open" in desk.text
        await desk.press("comma")
        assert desk.app.current_name == "overview"


async def test_a_step_can_be_clicked() -> None:
    async with open_desk() as desk:
        await desk.pilot.click(offset=(44, 0))
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")


async def test_escape_goes_back_and_never_quits() -> None:
    async with open_plan_desk() as desk:
        await desk.press("escape")
        await desk.until(lambda: desk.app.current_name == "overview", "overview shown")
        await desk.settled()
        await desk.press("escape", "backspace")
        assert desk.app.is_running
        assert "This is the first screen" in desk.text


async def test_quitting_asks_only_if_edits_would_be_lost(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        await desk.press("down", "x", "q")
        await desk.until(lambda: isinstance(desk.app.screen, QuestionModal), "asked")
        await snap(desk, "quit-question-80x24")
        await desk.press("n")
        assert desk.app.current_name == "plan"
        await desk.press("u", "q")
        assert desk.app.return_code == 0


async def test_opening_another_plan_asks_before_edits_are_lost() -> None:
    async with open_plan_desk() as desk:
        before = desk.app.state.open_plan
        await desk.press("down", "x", "w")
        await desk.until(lambda: isinstance(desk.app.screen, QuestionModal), "asked")
        await desk.press("n")
        assert desk.app.state.open_plan is before
        await desk.press("w")
        await desk.until(lambda: isinstance(desk.app.screen, QuestionModal), "asked")
        await desk.press("y")
        await desk.until(lambda: desk.app.state.open_plan is not before, "swapped")


async def test_too_small_a_terminal_is_said_plainly(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        await desk.pilot.resize_terminal(50, 12)
        await desk.until(lambda: isinstance(desk.app.screen, TooSmallModal), "told")
        assert "This terminal has 50×12 cells; tui-migrate needs 60×15." in desk.flat
        await desk.pilot.resize_terminal(80, 24)
        await desk.until(lambda: desk.app.current_name == "plan", "back")


async def test_starting_in_too_small_a_terminal() -> None:
    async with open_desk(size=(40, 10), settle=False) as desk:
        await desk.until(lambda: isinstance(desk.app.screen, TooSmallModal), "told")
        await desk.press("q")
        assert desk.app.return_code == 0


async def test_themes_are_changed_without_losing_anything() -> None:
    async with open_plan_desk() as desk:
        await desk.press("down", "down")
        first = desk.text
        for _ in range(4):
            desk.app.action_next_theme()
            await desk.pilot.pause()
            assert desk.text == first


async def test_plain_characters_are_switched_on_and_off() -> None:
    async with open_plan_desk() as desk:
        first = desk.text
        desk.app.action_toggle_ascii()
        await desk.pilot.pause()
        assert desk.text.isascii()
        desk.app.action_toggle_ascii()
        await desk.pilot.pause()
        assert desk.text == first


async def test_the_users_own_keys_hold_and_are_shown() -> None:
    async with open_plan_desk(keymap={"plan-all-arrows": "V", "plan-map": "v"}) as desk:
        assert " v map " in desk.lines[-1]
        await desk.press("V")
        assert plan_screen(desk).view.all_arrows


async def test_a_profile_that_cannot_be_used_ends_the_app_with_its_sentence() -> None:
    def broken() -> None:
        raise ConfigError("profile 'prod' has no url. Add one.")

    app = TuiMigrateApp(AppOptions(profile=broken))  # type: ignore[arg-type]
    async with app.run_test() as pilot:
        desk = Desk(app, pilot, SandboxEngine(), None)  # type: ignore[arg-type]
        await desk.until(lambda: app.return_code is not None, "ended")
        assert app.return_code == 2


async def test_a_journal_that_cannot_be_opened_ends_the_app_with_its_sentence() -> None:
    def broken() -> None:
        raise JournalError("Cannot open the journal /state/journal.db: it is a folder.")

    async with open_desk(journal=broken) as desk:
        await desk.until(lambda: desk.app.return_code is not None, "ended")
        assert desk.app.return_code == 2


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [("connection", "Cannot reach the engine"), ("html", "html"), ("401", "log in"), ("500", "500")],
)
async def test_an_engine_in_trouble_is_told_in_a_sentence_and_r_tries_again(trouble: str, sentence: str) -> None:
    engine = claim_engine()
    for _ in range(12):
        if trouble == "connection":
            engine.faults.connection()
        elif trouble == "html":
            engine.faults.html(200, "Welcome")
        else:
            engine.faults.answer(int(trouble), "{}")
    async with open_desk(engine, settle=False) as desk:
        status = "#status"
        await desk.until(lambda: desk.app.screen.query_one(status).has_class("-failed"), "told")
        await desk.until(lambda: "Traceback" not in desk.text, "no traceback")
        engine.faults.clear()
        desk.app.clear_notifications()
        await desk.press("r")
        await desk.until(lambda: "127 on old" in desk.text, "read again")


async def test_unknown_definitions_of_the_command_line_are_told() -> None:
    async with open_desk(source="clam:1", target="claim:2", settle=False) as desk:
        await desk.until(lambda: "Did you mean 'claim'?" in desk.flat, "told")
        assert desk.app.is_running


async def test_an_instance_brings_its_version_as_source() -> None:
    engine = claim_engine()
    instance = next(iter(engine.store.instances))
    async with open_desk(engine, instance_id=instance) as desk:
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        plan = desk.app.state.open_plan
        assert plan is not None
        assert (plan.source.version, plan.target.version) == (1, 2)
        assert desk.app.state.preset_instance == instance


FIRST_PAINT = """
import asyncio, sys
from tui_migrate.tui.app import TuiMigrateApp
from tui_migrate.tui.options import AppOptions

heavy = {"httpcore", "pydantic", "lxml", "tenacity", "sqlite3"}
found = []

class App(TuiMigrateApp):
    def _connect(self):
        text = "".join(segment.text for strip in self.screen._compositor.render_strips() for segment in strip)
        found.append("tui-migrate" in text)
        found.append(sorted(heavy & set(sys.modules)))
        self.exit()

async def main():
    options = AppOptions(profile=lambda: None, source=sys.argv[1] or None)
    async with App(options).run_test() as pilot:
        await pilot.pause()

asyncio.run(main())
assert found == [True, []], found
"""


@pytest.mark.parametrize("source", ["", "claim:1"], ids=["overview", "plan"])
def test_nothing_heavy_is_imported_before_the_first_paint(source: str) -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_PAINT, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


FIRST_ROWS = """
import asyncio, sys
from tests.waiting import until
from tui_migrate.cli.arguments import build_parser
from tui_migrate.cli.connect import app_options
from tui_migrate.tui.app import TuiMigrateApp

async def main():
    async def shown():
        return app.state.overview or app.state.open_plan

    app = TuiMigrateApp(app_options(build_parser(()).parse_args(["--demo", *sys.argv[1:]])))
    async with app.run_test() as pilot:
        await until(shown, "the overview or a plan")
        assert "tui_migrate.config.file" in sys.modules, "the file has been read"
        assert not {"pydantic", "tenacity"} & set(sys.modules)

asyncio.run(main())
"""


@pytest.mark.parametrize("source", ["", "loan-approval:1"], ids=["overview", "plan"])
def test_rows_and_plan_do_not_wait_for_what_reads_plan_files(source: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[profiles.prod]\nurl = 'http://prod.example/engine-rest'\n", encoding="utf-8")
    arguments = ["--config", str(config), *(["--source", source] if source else [])]
    done = subprocess.run([sys.executable, "-c", FIRST_ROWS, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_scope_of_a_screen_is_in_the_registry() -> None:
    from tui_migrate.tui.screens.registry import SCREENS

    names = {entry.name for entry in SCOPES}
    for build in SCREENS.values():
        assert set(build().SCOPES) <= names
