"""The instances: paging, choosing, filtering, verdicts."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, StillClock, claim_engine, open_desk
from tests.tui.walking import hostile_engine, instances_of, open_instances_desk, small_engine
from tui_migrate.tui.widgets.filter_bar import FilterField
from tui_migrate.tui.widgets.instance_list import PAGE_ROWS


def page_requests(desk: Desk) -> list[str]:
    """Return the requests for pages of instances, without those that look some up by id."""
    return [path for method, path in desk.carrier.requests if path.startswith("/process-instance?")]


async def write_filter(desk: Desk, text: str) -> None:
    await desk.press("slash")
    await desk.settled()
    desk.app.screen.query_one(FilterField).value = ""
    await desk.type(text)
    await desk.press("enter")
    await desk.settled()


async def test_the_list_tells_where_instances_are_and_what_they_would_do(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        assert "127 instances" in desk.lines[1]
        assert "Nothing selected means all 127 instances of the version." in desk.text
        await snap(desk, "instances-80x24")


async def test_wide_terminals_show_all_columns(snap: Snap) -> None:
    async with open_instances_desk(size=(120, 40)) as desk:
        await desk.press("end")
        await desk.settled()
        await snap(desk, "instances-120x40")


async def test_light_theme(snap: Snap) -> None:
    async with open_instances_desk(theme="light") as desk:
        await desk.press("space", "space")
        await snap(desk, "instances-light-80x24")


async def test_plain_ascii(snap: Snap) -> None:
    async with open_instances_desk(ascii=True) as desk:
        await desk.press("space", "end")
        await desk.settled()
        assert desk.text.isascii()
        await snap(desk, "instances-ascii-80x24")


async def test_without_colour_signs_and_words_tell_the_verdict(snap: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        assert "✗ no mapping" in desk.text
        await snap(desk, "instances-no-color-80x24")


async def test_hostile_business_keys_stay_in_their_cells(snap: Snap) -> None:
    clock = StillClock()
    async with open_instances_desk(hostile_engine(clock), clock=clock) as desk:
        assert "[red]not red" in desk.text
        assert "\x1b" not in desk.text
        await snap(desk, "instances-hostile-80x24")
        await desk.press("down", "down", "i")
        await desk.settled()
        await snap(desk, "instances-hostile-details-80x24")


async def test_space_selects_and_the_selection_survives_filters_and_pages() -> None:
    async with open_instances_desk() as desk:
        first = instances_of(desk).table.current
        assert first is not None
        await desk.press("space")
        assert "1 instance selected." in desk.text
        await write_filter(desk, "activity:ask")
        await desk.press("space", "space")
        assert "3 instances selected." in desk.text
        await write_filter(desk, "")
        assert instances_of(desk).selection.is_selected(first.id)
        assert desk.lines[4].startswith("│ [x]")


async def test_a_range_is_selected_from_its_mark_to_the_cursor(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await desk.press("down", "v", "down", "down", "down")
        assert "A range of 4" in desk.text
        await snap(desk, "instances-range-80x24")
        await desk.press("space")
        await desk.settled()
        assert "4 instances selected." in desk.text


async def test_a_range_over_rows_that_were_not_read_selects_them_too() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock, counts={"check": 1500}), clock=clock) as desk:
        await desk.press("v", "end", "space")
        await desk.settled()
        assert "1500 instances selected." in desk.text


async def test_escape_leaves_a_range_before_the_screen() -> None:
    async with open_instances_desk() as desk:
        await desk.press("v", "down", "escape")
        assert desk.app.current_name == "instances"
        assert instances_of(desk).table.range_start is None


async def test_all_that_match_can_be_selected_but_some() -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        await desk.press("asterisk")
        assert "58 selected: all that match the filter." in desk.text
        await desk.press("space")
        assert "57 selected: all that match the filter, without 1." in desk.text


async def test_what_a_filter_selected_stays_selected_under_another_filter() -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        await desk.press("asterisk")
        await write_filter(desk, "activity:check")
        assert "58 instances selected." in desk.text


async def test_the_page_on_the_screen_is_selected_as_a_whole() -> None:
    async with open_instances_desk() as desk:
        await desk.press("p")
        assert f"{instances_of(desk).table.page} instances selected." in desk.text
        await desk.press("p")
        assert "Nothing selected means all 127" in desk.text


async def test_going_on_with_a_filter_and_nothing_selected_asks_without_a_default(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        await desk.press("full_stop")
        assert "f the 58 in the filter" in desk.text
        assert "a all 127 of the version" in desk.text
        await snap(desk, "instances-which-80x24")
        await desk.press("enter")
        assert "Which instances?" in desk.text, "enter alone decides nothing"
        await desk.press("f")
        await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        assert desk.app.state.prepared is not None
        assert len(desk.app.state.prepared.ids) == 58


async def test_all_of_the_version_can_be_meant_in_spite_of_the_filter() -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        await desk.press("full_stop", "a")
        await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        assert desk.app.state.prepared is not None
        assert len(desk.app.state.prepared.ids) == 127


async def test_going_to_confirm_by_its_number_asks_as_well() -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        await desk.press("3")
        await desk.until(lambda: "Which instances?" in desk.text, "asked")
        await desk.press("escape")
        await desk.until(lambda: desk.app.current_name == "instances", "back at the instances")


async def test_a_wrong_filter_says_what_and_where(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await desk.press("slash")
        await desk.settled()
        await desk.type("bk:C-* activty:ask x")
        assert "Did you mean 'activity'?" in desk.text
        await snap(desk, "instances-filter-error-80x24")
        await desk.press("enter")
        field = desk.app.screen.query_one(FilterField)
        assert field.has_class("-open"), "a wrong filter is not applied"
        assert field.cursor_position == len("bk:C-* ")


async def test_criteria_and_activities_are_completed(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await desk.press("slash")
        await desk.settled()
        await desk.type("acti")
        await desk.press("tab")
        assert desk.app.screen.query_one(FilterField).value == "activity:"
        await desk.press("down")
        await snap(desk, "instances-completion-80x24")
        await desk.press("tab", "enter")
        await desk.settled()
        assert instances_of(desk).filter.text == "activity:ask"
        assert "58 of 127 instances" in desk.lines[1]


async def test_criteria_that_the_engine_ignores_are_not_offered_and_not_applied() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock, history=False), clock=clock) as desk:
        await desk.press("slash")
        await desk.settled()
        await desk.type("start")
        assert desk.app.screen.query_one(FilterField).completions == ()
        await desk.type("ed:<2026-01-01")
        await desk.press("enter")
        await desk.settled()
        assert "keeps no history" in desk.text
        assert instances_of(desk).filter.is_empty


async def test_twenty_quick_pages_ask_for_two_pages_at_most() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock, counts={"check": 700}), clock=clock) as desk:
        before = len(page_requests(desk))
        table = instances_of(desk).table
        for _ in range(20):
            table.action_page_down()
        await desk.settled()
        await desk.until(lambda: table.current is not None and table.current.forecast is not None, "rows read")
        assert len(page_requests(desk)) - before <= 2


async def test_any_number_of_rows_keeps_some_pages_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_migrate.tui.widgets.instance_list.PAGES_KEPT", 3)
    clock = StillClock()
    async with open_instances_desk(small_engine(clock, counts={"check": 1200}), clock=clock) as desk:
        table = instances_of(desk).table
        for page in range(1200 // PAGE_ROWS):
            table.move_to(page * PAGE_ROWS)
            await desk.until(lambda: table.current is not None, "row read")
        assert len(table._pages) <= 3
        assert table.row_at(0) is None


async def test_rows_that_were_not_read_yet_are_dots() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock, counts={"check": 700}), clock=clock) as desk:
        table = instances_of(desk).table
        table.action_last()
        table.asked_in_vain()
        assert table.current is None
        assert table.row_pieces(699, 40) == [("  …", "dim")]
        await desk.settled()
        await desk.until(lambda: table.current is not None, "last row read")


async def test_details_show_the_tree_with_verdicts(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:pay")
        await desk.press("i")
        await desk.settled()
        await snap(desk, "instances-details-80x24")


async def test_the_mapping_at_fault_is_one_key_away() -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        await desk.press("m")
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")
        await desk.settled()
        assert "Ask for papers (user task ask)" in desk.text


async def test_forecasts_follow_the_draft() -> None:
    async with open_instances_desk() as desk:
        await write_filter(desk, "activity:ask")
        assert "✗ no mapping" in desk.text
        plan = desk.app.state.open_plan
        assert plan is not None
        plan.draft.map("ask", "request")
        await desk.press("1", "2")
        await desk.settled()
        assert "✓ forecast" in desk.text
        assert "✗ no mapping" not in desk.text


async def test_columns_can_be_chosen(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await desk.press("o", "down", "space")
        await snap(desk, "instances-columns-80x24")
        await desk.press("enter")
        assert " id " in desk.lines[3]


async def test_the_order_can_be_changed() -> None:
    async with open_instances_desk() as desk:
        await desk.press("s")
        await desk.settled()
        assert "by started" in desk.lines[1]
        await desk.press("s")
        await desk.settled()
        assert "by business key" in desk.lines[1]
        assert "C-ask-000" in desk.lines[4]


async def test_nothing_on_the_version_is_said() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock, counts={"check": 0}), clock=clock) as desk:
        assert "No instance runs on this version" in desk.text
        await desk.press("space")
        assert "There is no instance in the list." in desk.text


async def test_an_engine_that_fails_is_told_where_the_rows_would_be() -> None:
    clock = StillClock()
    engine = claim_engine(clock)
    async with open_instances_desk(engine, clock=clock) as desk:
        for _ in range(8):
            engine.faults.answer(403, '{"type": "AuthorizationException", "message": "no"}', path="/process-instance")
        await desk.press("r")
        await desk.until(lambda: "r reads again." in desk.text, "told")
        engine.faults.clear()
        await desk.press("r")
        await desk.settled()
        assert "127 instances" in desk.lines[1]


async def test_an_instance_named_at_the_start_is_selected() -> None:
    clock = StillClock()
    engine = small_engine(clock)
    wanted = next(iter(engine.store.instances))
    async with open_desk(engine, clock=clock, instance_id=wanted, settle=False) as desk:
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        await desk.settled()
        await desk.press("2")
        await desk.settled()
        assert "1 instance selected." in desk.text
        assert instances_of(desk).selection.ids == (wanted,)
