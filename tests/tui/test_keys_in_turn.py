"""Keys that come at once, as a slow line brings them: each is for what the ones before have led to."""

from __future__ import annotations

from textual.events import Event, Key, Paste
from textual.widgets import Input

from tests.tui.desk import Desk, open_desk, open_plan_desk
from tests.tui.test_in_a_terminal import plan_in_a_terminal
from tui_migrate.tui.screens.definition_picker import DefinitionPicker
from tui_migrate.tui.screens.help import HelpModal
from tui_migrate.tui.screens.question import QuestionModal

_NAMES = {"/": "slash", "[": "left_square_bracket", ":": "colon", "?": "question_mark"}


def come_at_once(desk: Desk, *events: str | Event) -> None:
    """Hand over keys before the app has looked at the first of them."""
    driver = desk.app._driver
    assert driver is not None
    for event in events:
        if isinstance(event, str):
            event = Key(_NAMES.get(event, event), event if len(event) == 1 else None)
        event.set_sender(desk.app)
        driver.send_message(event)


def field_of(desk: Desk) -> str | None:
    """Return what stands in the field of the screen in front, None where it has none yet."""
    return next((field.value for field in desk.app.screen.query(Input)), None)


async def test_what_follows_the_key_of_the_search_is_searched_for() -> None:
    async with open_plan_desk() as desk:
        come_at_once(desk, "down", "/", *"fuxa")
        plan, view = desk.app.state.open_plan, desk.app.state.plan_view
        assert plan is not None
        await desk.until(lambda: view.search == "fuxa", "searched")
        assert view.filter == "all"
        assert not view.all_arrows
        assert not plan.draft.changed


async def test_what_follows_the_key_of_the_search_in_the_overview_is_searched_for() -> None:
    async with open_desk() as desk:
        come_at_once(desk, "/", *"claqm")
        await desk.until(lambda: field_of(desk) == "claqm", "searched")
        assert desk.app.current_name == "overview"


async def test_pasted_text_goes_where_the_key_before_it_leads() -> None:
    async with open_plan_desk() as desk:
        come_at_once(desk, "/", Paste("check it"))
        await desk.until(lambda: desk.app.state.plan_view.search == "check it", "searched")


async def test_what_follows_the_key_of_a_dialog_is_for_the_dialog() -> None:
    async with open_plan_desk() as desk:
        come_at_once(desk, "[", *"cl2")
        await desk.until(lambda: isinstance(desk.app.screen, DefinitionPicker), "asked")
        await desk.until(lambda: field_of(desk) == "cl2", "searched")
        assert desk.app.current_name == ""


async def test_what_follows_the_end_of_a_dialog_is_for_the_screen_below() -> None:
    async with open_plan_desk() as desk:
        tree = desk.app.screen.query_one("#source-tree")
        come_at_once(desk, *("?", "escape") * 5, "down", "down", "?", "down", "escape", "down")
        await desk.until(lambda: getattr(tree, "cursor", 0) == 3, "three down")
        await desk.settled()
        assert desk.app.current_name == "plan"
        assert not desk.app.screen.query(HelpModal)


async def test_a_question_gets_the_answer_that_was_typed_ahead() -> None:
    async with open_plan_desk() as desk:
        plan = desk.app.state.open_plan
        assert plan is not None
        come_at_once(desk, "down", "x", "q", "n", "down")
        tree = desk.app.screen.query_one("#source-tree")
        await desk.until(lambda: getattr(tree, "cursor", 0) == 2, "down once more")
        assert desk.app.is_running
        assert not isinstance(desk.app.screen, QuestionModal)
        assert plan.draft.changed


def test_keys_of_one_packet_are_in_turn_in_a_terminal() -> None:
    with plan_in_a_terminal() as probe:
        probe.write(b"/fuxa")
        probe.wait_for(" fuxa")
        probe.write(b"\x1b")
        probe.wait_for("engine ✓")
        assert "i details" in probe.text()
        assert "There is nothing to undo" not in probe.text()
