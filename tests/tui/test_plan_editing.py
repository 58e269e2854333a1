"""The plan screen: making, replacing and removing mappings, event triggers, undo, files, both verdicts."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

from tests.tui.conftest import Snap
from tests.tui.desk import MODELS, Desk, claim_engine, open_plan_desk
from tests.tui.test_plan_screen import go_to, plan_screen, row_text
from tui_migrate.migration.report import ValidationReport
from tui_migrate.operations.plan import OpenPlan
from tui_migrate.tui.screens.plan.details import DetailsModal
from tui_migrate.tui.screens.plan.suggestions import SuggestionsModal
from tui_migrate.tui.widgets.paragraph import Paragraph


def plan_of(desk: Desk) -> OpenPlan:
    plan = desk.app.state.open_plan
    assert plan is not None
    return plan


async def begin_mapping(desk: Desk, source_id: str) -> None:
    """Enter mapping mode for an activity and wait until its targets are ranked."""
    await go_to(desk, source_id)
    await desk.press("m")
    mapping = plan_screen(desk).mapping
    assert mapping is not None
    assert mapping.source_id == source_id
    await desk.settled()


async def test_mapping_mode_lights_possible_targets_and_enter_maps_the_best(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await begin_mapping(desk, "ask")
        assert screen.target_tree.current == "request"
        assert row_text(desk, screen.target_tree, "request").startswith("›◎")
        assert row_text(desk, screen.target_tree, "request").endswith("***")
        assert row_text(desk, screen.target_tree, "fork").lstrip().startswith("·")
        assert "same form 'papers'" in desk.text
        await snap(desk, "plan-mapping-80x24")
        await desk.press("enter")
        assert plan_of(desk).draft.target_of("ask") == "request"
        assert screen.mapping is None
        assert screen.source_tree.has_focus
        await desk.settled()
        await snap(desk, "plan-mapped-80x24")


async def test_an_impossible_target_says_why_and_a_second_enter_maps_it_all_the_same(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await begin_mapping(desk, "ask")
        await desk.press("down", "down")
        assert screen.target_tree.current == "fork"
        assert "fork is not possible: Only one gateway" in desk.text
        await desk.press("enter")
        assert plan_of(desk).draft.target_of("ask") is None
        assert "enter again maps" in desk.text
        await snap(desk, "plan-mapping-impossible-80x24")
        await desk.press("enter")
        assert plan_of(desk).draft.target_of("ask") == "fork"
        await desk.settled()
        assert row_text(desk, screen.source_tree, "ask").startswith("›✗")
        assert row_text(desk, screen.target_tree, "fork").startswith("›✗")
        assert "rules ✗  engine ✗" in desk.text
        await snap(desk, "plan-error-80x24")


async def test_escape_and_a_click_elsewhere_leave_mapping_mode() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await begin_mapping(desk, "ask")
        await desk.press("escape")
        assert screen.mapping is None
        assert screen.source_tree.current == "ask"
        await begin_mapping(desk, "ask")
        await desk.pilot.click("#details")
        assert screen.mapping is None
        await begin_mapping(desk, "ask")
        await desk.pilot.click(screen.source_tree, offset=(9, 0))
        assert screen.mapping is None
        assert plan_of(desk).draft.target_of("ask") is None


async def test_a_click_on_a_lit_target_maps() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await begin_mapping(desk, "ask")
        row = screen.target_tree.row_of("request")
        assert row is not None
        await desk.pilot.click(screen.target_tree, offset=(9, row))
        await desk.until(lambda: plan_of(desk).draft.target_of("ask") == "request", "mapped")


async def test_other_edits_wait_until_the_mapping_is_made_or_left() -> None:
    async with open_plan_desk() as desk:
        await begin_mapping(desk, "ask")
        before = plan_of(desk).draft.revision
        await desk.press("x", "t", "u", "s", "R")
        assert plan_of(desk).draft.revision == before
        assert "Finish the mapping first" in desk.text


async def test_a_mapped_activity_offers_to_replace_in_one_undoable_step(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await begin_mapping(desk, "decide")
        assert 'Replace "Decide" → "Decide" by' in desk.text
        screen.target_tree.select("sign")
        await desk.settled()
        await snap(desk, "plan-replace-80x24")
        await desk.press("enter")
        assert plan_of(desk).draft.target_of("decide") == "sign"
        await desk.press("u")
        assert plan_of(desk).draft.target_of("decide") == "decide"
        await desk.press("U")
        assert plan_of(desk).draft.target_of("decide") == "sign"


async def test_what_a_pair_needs_is_mapped_along_in_one_step() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        plan_of(desk).draft.remove(("expert", "expert#multiInstanceBody"))
        screen.plan_changed()
        await begin_mapping(desk, "expert")
        screen.target_tree.select("expert")
        await desk.settled()
        assert "Maps along, in the same step: Ask expert" in desk.flat
        await desk.press("enter")
        assert plan_of(desk).draft.target_of("expert") == "expert"
        assert plan_of(desk).draft.target_of("expert#multiInstanceBody") == "expert#multiInstanceBody"
        await desk.press("u")
        assert plan_of(desk).draft.target_of("expert#multiInstanceBody") is None


async def test_suggestions_are_accepted_one_by_one(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        await desk.press("s")
        await desk.until(lambda: isinstance(desk.app.screen, SuggestionsModal), "suggestions shown")
        await desk.pilot.pause()
        await snap(desk, "plan-suggestions-80x24")
        await desk.press("space", "enter")
        draft = plan_of(desk).draft
        assert draft.target_of("ask") is None
        assert draft.target_of("visit") == "visit"
        assert draft.origin_of("visit") == "suggested"
        await desk.press("u")
        assert draft.target_of("visit") is None


async def test_suggestions_given_up_change_nothing() -> None:
    async with open_plan_desk() as desk:
        await desk.press("s")
        await desk.until(lambda: isinstance(desk.app.screen, SuggestionsModal), "suggestions shown")
        await desk.press("escape")
        assert plan_of(desk).draft.revision == 0


async def test_mappings_are_removed_singly_by_marks_and_by_scope(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        draft = plan_of(desk).draft
        await go_to(desk, "check")
        await desk.press("x")
        assert draft.target_of("check") is None
        await desk.press("u", "space", "space", "down")
        assert screen.source_tree.marked == {"check", "remind"}
        await desk.settled()
        await snap(desk, "plan-marked-80x24")
        await desk.press("x")
        assert draft.target_of("check") is None
        assert draft.target_of("remind") is None
        assert not screen.source_tree.marked
        await desk.press("u")
        await go_to(desk, "survey")
        await desk.press("left", "x")
        assert all(draft.target_of(one) is None for one in ("survey", "bureau", "report"))
        await desk.press("u", "right")
        await go_to(desk, "bureau")
        await desk.press("ctrl+x")
        assert all(draft.target_of(one) is None for one in ("survey", "bureau", "report"))


async def test_removing_where_nothing_is_mapped_says_so() -> None:
    async with open_plan_desk() as desk:
        await desk.press("x")
        assert plan_of(desk).draft.revision == 0
        assert "There is no mapping to remove here." in desk.text


async def test_the_event_trigger_is_switched_only_where_the_engine_allows_it(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        draft = plan_of(desk).draft
        await go_to(desk, "remind")
        await desk.press("t")
        instruction = draft.instruction_of("remind")
        assert instruction is not None
        assert instruction.update_event_trigger
        await desk.settled()
        assert "→ 5 days, updates its event trigger" in desk.flat
        await go_to(desk, "check")
        await desk.press("t")
        assert "It has no event trigger" in desk.text
        await go_to(desk, "fraud")
        revision = draft.revision
        await desk.press("t")
        assert draft.revision == revision
        assert "demands" in desk.text
        await snap(desk, "plan-trigger-forced-80x24")


async def test_details_show_failures_remedies_and_both_activities_side_by_side(snap: Snap) -> None:
    async with open_plan_desk(size=(100, 40)) as desk:
        screen = plan_screen(desk)
        plan_of(desk).draft.map("ask", "fork")
        screen.plan_changed()
        await go_to(desk, "ask")
        await desk.press("i")
        await desk.until(lambda: isinstance(desk.app.screen, DetailsModal), "details shown")
        await desk.pilot.pause()
        assert "✗ Activities have incompatible types" in desk.text
        assert "→ Map it to an activity with the same implementation" in desk.text
        assert "user task" in desk.text
        assert "parallel gateway" in desk.text
        await snap(desk, "plan-details-error-100x40")
        await desk.press("escape")
        assert desk.app.screen is screen


async def test_details_show_old_and_new_trigger_and_what_the_flag_means(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        await go_to(desk, "remind")
        await desk.press("i")
        await desk.until(lambda: "[ ] update event trigger" in desk.text, "details shown")
        assert "Trigger: timer duration PT72H → timer duration PT120H" in desk.text
        assert "A waiting timer keeps the time it is due" in desk.text
        await snap(desk, "plan-details-trigger-80x24")
        await desk.press("t")
        await desk.until(lambda: "[x] update event trigger" in desk.text, "flag set in the details")
        assert "counted from the migration on" in desk.flat
        await desk.press("escape")
        instruction = plan_of(desk).draft.instruction_of("remind")
        assert instruction is not None
        assert instruction.update_event_trigger


async def test_a_click_on_the_marker_opens_the_details() -> None:
    async with open_plan_desk() as desk:
        await desk.pilot.click(plan_screen(desk).source_tree, offset=(1, 1))
        await desk.until(lambda: isinstance(desk.app.screen, DetailsModal), "details shown")


async def test_a_second_click_on_a_row_shows_its_arrow() -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        await desk.pilot.click(screen.source_tree, offset=(9, 1))
        assert not screen.view.arrows
        await desk.pilot.click(screen.source_tree, offset=(9, 1))
        await desk.until(lambda: screen.view.arrows == {"check"}, "arrow shown")


async def test_regenerating_says_first_what_it_would_change(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        draft = plan_of(desk).draft
        screen = plan_screen(desk)
        draft.map("ask", "request")
        draft.remove(("check",))
        screen.plan_changed()
        await desk.press("R")
        await desk.until(lambda: "This would change in your plan" in desk.text, "asked first")
        await snap(desk, "plan-regenerate-80x24")
        await desk.press("t")
        await desk.until(lambda: "Regenerate with updating event triggers" in desk.text, "the other choice")
        assert "event trigger updated 3 days → 5 days" in desk.text
        await desk.press("enter")
        assert draft.target_of("check") == "check"
        assert draft.target_of("ask") is None
        instruction = draft.instruction_of("remind")
        assert instruction is not None
        assert instruction.update_event_trigger
        await desk.press("u")
        assert draft.target_of("ask") == "request"


async def test_every_edit_is_undone_and_redone(snap: Snap) -> None:
    async with open_plan_desk() as desk:
        draft = plan_of(desk).draft
        start = draft.instructions
        await go_to(desk, "remind")
        await desk.press("t", "x", "up", "x", "s")
        await desk.until(lambda: isinstance(desk.app.screen, SuggestionsModal), "suggestions shown")
        await desk.press("enter")
        end = draft.instructions
        await desk.press("u", "u", "u", "u")
        assert draft.instructions == start
        await desk.press("u")
        assert "There is nothing to undo." in desk.text
        await desk.press("U", "U", "U", "U")
        assert draft.instructions == end
        await desk.press("U")
        assert "There is nothing to redo." in desk.text
        await snap(desk, "plan-redone-80x24")


async def test_export_and_import_of_the_plan(tmp_path: Path, snap: Snap) -> None:
    path = tmp_path / "claim.plan.json"
    async with open_plan_desk() as desk:
        draft = plan_of(desk).draft
        draft.map("ask", "request")
        plan_screen(desk).plan_changed()
        await desk.press("e")
        await desk.until(lambda: "Export the plan" in desk.text, "asked where to")
        await snap(desk, "plan-export-80x24")
        await desk.press("ctrl+u")
        await desk.type(str(path))
        await desk.press("enter")
        await desk.until(path.exists, "file written")
        assert not draft.changed
        pairs = {(one["source"], one["target"]) for one in json.loads(path.read_text(encoding="utf-8"))["instructions"]}
        assert ("ask", "request") in pairs
    async with open_plan_desk() as desk:
        await desk.press("I")
        await desk.until(lambda: "Import a plan file" in desk.text, "asked which")
        await desk.type(str(path))
        await desk.press("enter")
        await desk.until(lambda: plan_of(desk).draft.target_of("ask") == "request", "imported")
        assert plan_of(desk).draft.origin_of("ask") == "imported"


async def test_a_plan_file_opens_the_app_on_its_plan(tmp_path: Path) -> None:
    from tests.tui.desk import open_desk
    from tui_migrate.operations.plan_file import make_plan_file, write_plan_file

    path = tmp_path / "claim.plan.json"
    async with open_plan_desk() as desk:
        plan_of(desk).draft.map("ask", "request")
        write_plan_file(make_plan_file(plan_of(desk)), path)
    async with open_desk(plan_file=path) as desk:
        await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
        assert plan_of(desk).draft.target_of("ask") == "request"


async def test_a_file_that_is_no_plan_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{", encoding="utf-8")
    async with open_plan_desk() as desk:
        before = plan_of(desk)
        await desk.press("I")
        await desk.type(str(path))
        await desk.press("enter")
        await desk.until(lambda: "broken.json" in desk.text, "told")
        assert plan_of(desk) is before


async def test_an_existing_file_is_overwritten_only_after_a_second_enter(tmp_path: Path) -> None:
    path = tmp_path / "there.json"
    path.write_text("mine", encoding="utf-8")
    async with open_plan_desk() as desk:
        await desk.press("e", "ctrl+u")
        await desk.type(str(path))
        await desk.press("enter")
        assert path.read_text(encoding="utf-8") == "mine"
        assert "is there already" in desk.text
        await desk.press("enter")
        await desk.until(lambda: path.read_text(encoding="utf-8") != "mine", "overwritten")


async def test_the_rules_answer_at_once_and_the_engine_follows() -> None:
    async with open_plan_desk() as desk:
        screen, draft = plan_screen(desk), plan_of(desk).draft
        before = sum("/migration/validate" in path for _, path in desk.carrier.requests)
        draft.map("ask", "fork")
        for _ in range(4):
            draft.undo()
            screen.plan_changed()
            draft.redo()
            screen.plan_changed()
        verdict = screen.query_one("#verdict", Paragraph)
        assert "rules ✗" in verdict.text
        assert "engine …" in verdict.text
        await desk.settled()
        assert "engine ✗" in verdict.text
        after = sum("/migration/validate" in path for _, path in desk.carrier.requests)
        assert after == before + 1


async def test_an_engine_that_cannot_be_asked_is_not_taken_for_a_verdict(snap: Snap) -> None:
    engine = claim_engine()
    async with open_plan_desk(engine) as desk:
        for _ in range(9):
            engine.faults.html(503, path="/migration/validate")
        await go_to(desk, "check")
        await desk.press("x")
        await desk.until(lambda: "engine ? no answer" in desk.text, "told")


async def test_a_difference_between_the_verdicts_is_shown_and_kept(snap: Snap, tmp_path: Path) -> None:
    async with open_plan_desk() as desk:
        screen = plan_screen(desk)
        draft = plan_of(desk).draft
        real = type(draft).report
        try:
            type(draft).report = property(lambda _: ValidationReport())  # type: ignore[method-assign,assignment]
            draft.map("ask", "fork")
            screen.plan_changed()
            await desk.settled()
        finally:
            type(draft).report = real  # type: ignore[method-assign]
        assert "differs from the rules" in desk.text
        assert screen.differences
        (kept,) = (tmp_path / "state" / "differences").iterdir()
        assert kept.name in re.sub(r"\W+", "", desk.text), "where it is kept is told"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o700
        assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in kept.iterdir()} == {
            "source.bpmn": 0o600, "target.bpmn": 0o600, "verdicts.json": 0o600,
        }  # fmt: skip
        assert json.loads((kept / "verdicts.json").read_text(encoding="utf-8"))["engine"]
        assert (kept / "source.bpmn").read_bytes() == (MODELS / "claim-1.bpmn").read_bytes()
        assert (kept / "target.bpmn").read_bytes() == (MODELS / "claim-2.bpmn").read_bytes()
