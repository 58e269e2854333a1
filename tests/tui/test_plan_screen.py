"""The plan screen: trees, markers, counterparts, linking, arrows, filters, search."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, open_desk, open_plan_desk
from tui_migrate.tui.screens.plan.screen import PlanScreen
from tui_migrate.tui.widgets.activity_tree import ActivityTree


def plan_screen(desk: Desk) -> PlanScreen:
    screen = desk.app.built("plan")
    assert isinstance(screen, PlanScreen)
    return screen


def row_text(desk: Desk, tree: ActivityTree, activity_id: str) -> str:
    """Return what the screen shows in an activity's row."""
    row = tree.row_of(activity_id)
    assert row is not None
    region = tree.region
    return desk.lines[region.y + row - tree.top][region.x : region.right].rstrip()


async def go_to(desk: Desk, activity_id: str, side: str = "source") -> None:
    """Put the cursor on an activity (quicker than by keys, with the same effect)."""
    screen = plan_screen(desk)
    tree = screen.source_tree if side == "source" else screen.target_tree
    tree.focus()
    tree.select(activity_id)
    await desk.until(lambda: tree.has_focus and tree.current == activity_id, f"cursor at {activity_id}")
    await desk.pilot.pause()


async def test_two_trees_with_markers_on_both_sides(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        assert row_text(desk, screen.source_tree, "check").split() == ["✓", "U", "Check", "claim", "37"]
        assert row_text(desk, screen.source_tree, "ask").split() == ["▲", "U", "Ask", "for", "papers", "58", "−"]
        assert row_text(desk, screen.target_tree, "check").split() == ["✓", "U", "Check", "claim"]
        assert row_text(desk, screen.target_tree, "request").split() == ["U", "Request", "papers", "+"]
        assert "15 mapped" in desk.text
        assert "▲3 unmapped" in desk.text
        await snap(desk, "plan-80x24")


async def test_wide_screen(snap: Snap) -> None:
    async with open_plan_desk(size=(120, 40)) as desk:
        await desk.press("A")
        await snap(desk, "plan-120x40")


async def test_light_theme(snap: Snap) -> None:
    async with open_plan_desk(theme="light") as desk:
        await desk.press("down", "down")
        await snap(desk, "plan-light-80x24")


async def test_the_terminals_own_colours(snap: Snap) -> None:
    async with open_plan_desk(theme="ansi-dark") as desk:
        await desk.press("down", "down")
        await snap(desk, "plan-ansi-80x24")


async def test_no_colour_tells_everything_by_signs(snap: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_plan_desk() as desk:
        await desk.press("down", "down", "A")
        await snap(desk, "plan-no-color-80x24")


async def test_plain_characters_only(snap: Snap) -> None:
    async with open_plan_desk(ascii=True) as desk:
        await desk.press("down", "A")
        assert desk.text.isascii()
        await snap(desk, "plan-ascii-80x24")


async def test_a_narrow_terminal_shows_one_side_and_tab_changes_it(snap: Snap) -> None:
    async with open_plan_desk(size=(64, 18)) as desk:
        screen = plan_screen(desk)
        assert screen.source_tree.region.width > 50
        assert not screen.target_tree.region.width
        await desk.press("tab")
        await desk.until(lambda: screen.target_tree.region.width > 50, "the other side shown")
        await snap(desk, "plan-64x18")


async def test_boundary_events_stand_under_their_host_and_bodies_around_their_activity() -> None:
    async with open_plan_desk() as desk:
        outline = plan_screen(desk).source_tree.outline
        assert outline is not None
        assert outline.order.index("remind") == outline.order.index("check") + 1
        assert outline.depth["remind"] == outline.depth["check"] + 1
        assert outline.parent["expert"] == "expert#multiInstanceBody"
        assert outline.parent["withdrawn"] == "survey"
        tree = plan_screen(desk).source_tree
        assert "≡ Ask expert" in row_text(desk, tree, "expert#multiInstanceBody")


async def test_a_closed_node_tells_what_its_rows_hold_and_the_other_side_follows(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await go_to(desk, "survey")
        await desk.press("left")
        assert "▸□ Survey (6) ▲1 !1 i1" in row_text(desk, screen.source_tree, "survey")
        assert "survey" in screen.target_tree.closed
        await snap(desk, "plan-closed-scope-80x24")
        await desk.press("right")
        assert "survey" not in screen.target_tree.closed
        await desk.press("right")
        assert screen.source_tree.current == "withdrawn"
        await desk.press("left")
        assert screen.source_tree.current == "survey"


async def test_tokens_that_the_statistics_do_not_count_are_shown() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await go_to(desk, "join")
        assert "(3)" in row_text(desk, screen.source_tree, "join")
        assert "3 process instances with a token waiting at this join." in desk.flat
        await desk.press("x")
        await desk.settled()
        assert row_text(desk, screen.source_tree, "join").lstrip("› ").startswith("▲")


async def test_counterparts_are_highlighted_in_both_directions() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        screen.plan.draft.map("second", "decide")
        screen.plan_changed()
        await go_to(desk, "second")
        assert screen.target_tree.counterparts == {"decide"}
        await desk.press("tab")
        assert screen.target_tree.current == "decide"
        assert screen.source_tree.counterparts == {"decide", "second"}
        assert row_text(desk, screen.source_tree, "decide").startswith("‹")


async def test_all_sources_of_a_target_stand_out(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        screen.plan.draft.map("second", "decide")
        screen.plan_changed()
        await desk.press("end")
        await go_to(desk, "decide", "target")
        await desk.press("a")
        await snap(desk, "plan-counterparts-80x24")


async def test_the_mouse_over_a_row_highlights_its_counterpart() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        row = screen.source_tree.row_of("fork")
        assert row is not None
        await desk.pilot.hover(screen.source_tree, offset=(8, row))
        await desk.until(lambda: screen.target_tree.counterparts == {"fork"}, "counterpart highlighted")


async def test_the_other_side_stays_at_the_nearest_mapped_one_before() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await go_to(desk, "ask")
        assert screen.target_tree.current == "remind"
        await desk.press("down")
        assert screen.target_tree.current == "fork"


async def test_unlinked_sides_move_independently_and_reset_brings_both_back(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await go_to(desk, "fork")
        await desk.press("l", "end")
        assert screen.target_tree.current == "fork"
        assert screen.target_tree.top == 0
        assert "not linked" in desk.text
        await snap(desk, "plan-not-linked-80x24")
        await desk.press("z")
        assert (screen.source_tree.top, screen.source_tree.cursor) == (0, 0)
        assert (screen.target_tree.top, screen.target_tree.cursor) == (0, 0)
        assert screen.linking.linked


async def test_scrolling_takes_the_other_side_along() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await desk.press("pagedown")
        assert screen.source_tree.top > 0
        target = screen.plan.draft.target_of(screen.source_tree.current or "")
        assert target is not None
        at = screen.target_tree.row_of(target)
        assert screen.target_tree.cursor == at
        assert screen.target_tree.cursor - screen.target_tree.top == screen.source_tree.cursor - screen.source_tree.top


async def test_arrows_of_one_activity_and_of_all(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        screen.plan.draft.map("ask", "fork")
        screen.plan_changed()
        await go_to(desk, "check")
        await desk.press("a")
        gutter = screen.query_one("#gutter").region
        assert desk.lines[screen.source_tree.region.y + 1][gutter.x : gutter.right] == "────"
        await desk.press("A")
        lines = [line[gutter.x : gutter.right] for line in desk.lines]
        assert any("━" in line for line in lines)
        await snap(desk, "plan-arrows-80x24")
        await desk.press("pagedown")
        await snap(desk, "plan-arrows-scrolled-80x24")
        await desk.press("A")
        assert not any("─" in line[gutter.x : gutter.right] for line in desk.lines)


async def test_problems_are_walked_through_forwards_and_backwards() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        seen = []
        for _ in range(4):
            await desk.press("n")
            seen.append(screen.source_tree.current)
        assert seen[:2] == ["remind", "ask"]
        await desk.press("N")
        assert screen.source_tree.current == seen[2]


async def test_filters_keep_what_is_asked_for(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await desk.press("f")
        assert screen.view.filter == "problems"
        assert "received" not in screen.source_tree.rows
        assert "ask" in screen.source_tree.rows
        await snap(desk, "plan-filter-problems-80x24")
        await desk.press("f")
        assert screen.view.filter == "differences"  # type: ignore[comparison-overlap]  # a key changed it
        assert "request" in screen.target_tree.rows
        assert "fork" not in screen.target_tree.rows
        await desk.press("f")
        assert screen.view.filter == "with instances"
        assert "join" in screen.source_tree.rows
        assert "remind" not in screen.source_tree.rows
        await desk.press("f")
        assert screen.view.filter == "all"
        assert len(screen.source_tree.rows) == len(screen.plan.source_model.activities)


async def test_search_finds_names_and_ids_and_opens_closed_nodes(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await go_to(desk, "survey")
        await desk.press("left", "home", "slash")
        await desk.type("visit")
        await desk.until(lambda: screen.source_tree.current == "visit", "found inside the closed node")
        await snap(desk, "plan-search-80x24")
        await desk.press("enter")
        assert screen.source_tree.has_focus


async def test_arrow_keys_walk_the_matches_of_a_search() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await desk.press("slash")
        await desk.type("deci")
        await desk.until(lambda: screen.source_tree.current == "decide", "first match")
        await desk.press("down")
        await desk.until(lambda: screen.source_tree.current == "second", "next match")
        await desk.press("down")
        await desk.until(lambda: screen.source_tree.current == "decide", "round the end")


async def test_the_plan_is_as_it_was_left() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await go_to(desk, "ask")
        await desk.press("space", "f", "x", "0")
        await desk.until(lambda: desk.app.current_name == "overview", "overview shown")
        draft = screen.plan.draft
        await desk.press("1")
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")
        assert screen.plan.draft is draft
        assert screen.view.filter == "problems"
        assert screen.source_tree.marked == {"ask"}


async def test_source_and_target_are_changed_at_the_top_and_swapped(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        old, new = desk.app.state.open_plan.source.id, desk.app.state.open_plan.target.id  # type: ignore[union-attr]
        await desk.press("left_square_bracket")
        await desk.until(lambda: "Choose the source" in desk.text, "picker open")
        await desk.settled()
        await snap(desk, "plan-choose-source-80x24")
        await desk.type("v2")
        await desk.press("enter")
        await desk.until(lambda: desk.app.state.open_plan.source.id == new, "other source")  # type: ignore[union-attr]
        await desk.press("right_square_bracket")
        await desk.until(lambda: "Choose the target" in desk.text, "picker open")
        await desk.type("v1")
        await desk.press("enter")
        await desk.until(lambda: desk.app.state.open_plan.target.id == old, "other target")  # type: ignore[union-attr]
        await desk.press("w")
        await desk.until(lambda: desk.app.state.open_plan.source.id == old, "swapped")  # type: ignore[union-attr]


def _kinds(requests: list[tuple[str, str]]) -> list[str]:
    """Return what each request is for, in one word."""
    words = (
        "/xml",
        "/migration/generate",
        "/statistics",
        "/process-instance/count",
        "/version",
        "/process-definition?",
    )
    return sorted(next((word for word in words if word in path), path) for _, path in requests)


async def test_opening_costs_five_requests_in_one_round_trip() -> None:
    async with open_desk() as desk:
        before = len(desk.carrier.requests)
        await desk.press("down", "down", "enter")
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        assert _kinds(desk.carrier.requests[before : before + 5]) == [
            "/migration/generate",
            "/process-instance/count",
            "/statistics",
            "/xml",
            "/xml",
        ]


async def test_from_the_command_line_eight_requests_are_enough() -> None:
    async with open_plan_desk() as desk:
        opening = desk.carrier.requests[:8]
        assert "/version" in opening[0][1]
        assert "/xml" not in opening[1][1] + opening[2][1]
        assert _kinds(opening[3:]) == [
            "/migration/generate",
            "/process-instance/count",
            "/statistics",
            "/xml",
            "/xml",
        ]
