"""The editable plan: what every edit does, and that undo and redo take it back and forth exactly."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn_pieces import START, TIMER, boundary, caught, flows, looped, messaged, sub, user
from tests.migration.models import models, pairs_of, random_case
from tui_migrate.errors import PlanError
from tui_migrate.migration.draft import Draft
from tui_migrate.migration.generate import GenerationFailed, generate
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.report import ValidationReport
from tui_migrate.migration.validate import EngineWouldFail, validate

BODY = (
    START
    + user("a")
    + boundary("at", "a", TIMER)
    + user("b")
    + caught("m", messaged("m1"))
    + user("loop", inside=looped())
    + sub("box", '<startEvent id="bs"/>' + user("in") + flows("bs-in"))
    + flows("start-a", "a-b", "b-m", "m-loop", "loop-box")
)


def draft(*pairs: str, **options: object) -> Draft:
    source, target = models(BODY, BODY)
    return Draft(source, target, pairs_of(*pairs), **options)  # type: ignore[arg-type]


def state(one: Draft) -> tuple[object, ...]:
    """All that can be seen of a draft but its history."""
    ids = list(one.source.activities)
    return (
        one.instructions,
        [one.origin_of(each) for each in ids],
        [one.failures_of(each) for each in ids],
        [one.sources_of(each) for each in one.target.activities],
        one.failing_targets,
        reports(one.report),
    )


def reports(report: ValidationReport) -> Counter[object]:
    return Counter((one.instruction, one.failures) for one in report.instruction_reports)


def test_instructions_come_in_document_order_whatever_the_order_of_edits() -> None:
    one = draft("b", "a")
    one.map("box", "box")
    one.map("at", "at")

    assert [each.source_activity_id for each in one.instructions] == ["a", "at", "b", "box"]


def test_map_replaces_and_takes_along_in_one_step() -> None:
    one = draft("b-a")
    one.map("b", "b", along=pairs_of("loop", "loop#multiInstanceBody"))

    assert one.target_of("b") == "b"
    assert one.target_of("loop#multiInstanceBody") == "loop#multiInstanceBody"
    assert one.undo() == "map b to b"
    assert one.instructions == pairs_of("b-a")


def test_map_of_an_unknown_activity_says_which() -> None:
    with pytest.raises(PlanError, match="source process p:1:a has no activity 'nope'"):
        draft().map("nope", "a")
    with pytest.raises(PlanError, match="target process p:2:b has no activity 'nope'"):
        draft().map("a", "nope")


def test_a_verdict_follows_every_edit() -> None:
    one = draft("a", "at")
    assert one.report.valid

    one.remove(["a"])

    assert one.failures_of("at") == (
        "The source activity's event scope (a) must be mapped to the target activity's event scope (a)",
    )
    assert one.failing_targets == {"at"}
    one.undo()
    assert one.report.valid
    assert one.failing_targets == frozenset()


def test_origins_are_kept_by_instruction() -> None:
    one = draft("a", "b")
    one.map("m", "m")
    one.map_all(pairs_of("b-a"))

    assert [one.origin_of(each) for each in ("a", "b", "m", "at")] == ["generated", "suggested", "manual", None]
    one.undo()
    assert one.origin_of("b") == "generated"


def test_sources_of_a_target_are_all_of_them_in_document_order() -> None:
    one = draft("b-a", "a")

    assert one.sources_of("a") == ("a", "b")
    one.remove(["a"])
    assert one.sources_of("a") == ("b",)
    assert one.sources_of("b") == ()


def test_remove_counts_what_it_removed_and_does_nothing_for_nothing() -> None:
    one = draft("a", "b")

    assert one.remove(["m", "nope"]) == 0
    assert not one.can_undo
    assert one.remove(["a", "b", "a"]) == 2
    assert one.undo() == "remove 2 mappings"
    assert one.remove(["a"]) == 1
    assert one.undo() == "remove mapping of a"


def test_the_update_flag_is_given_only_where_the_engine_takes_it() -> None:
    condition = '<conditionalEventDefinition><condition xsi:type="tFormalExpression">${x}</condition>'
    body = START + user("a") + boundary("at", "a", TIMER) + caught("c", condition + "</conditionalEventDefinition>")
    source, target = models(body, body)
    one = Draft(source, target, pairs_of("a", "at"))
    one.map("c", "c")

    assert [one.can_update_trigger(each) for each in ("a", "at", "c", "nope")] == ["no", "allowed", "forced", "no"]
    assert one.instruction_of("c") == Instruction("c", "c", True)
    assert one.set_update_event_trigger(["a", "at", "c"], True) == 1
    assert one.instruction_of("at") == Instruction("at", "at", True)
    assert one.set_update_event_trigger(["a", "at", "c"], False) == 1
    assert one.instruction_of("c") == Instruction("c", "c", True)
    assert one.undo() == "keep 1 event trigger"


def test_a_flag_that_is_wrong_can_be_taken_away() -> None:
    one = draft("a!")
    assert not one.report.valid

    assert one.set_update_event_trigger(["a"], True) == 0
    assert one.set_update_event_trigger(["a"], False) == 1
    assert one.report.valid


def test_reset_is_one_step() -> None:
    one = draft("a", "b")
    one.reset(pairs_of("b", "m"), label="regenerate", origin="generated")

    assert one.instructions == pairs_of("b", "m")
    assert one.undo() == "regenerate"
    assert one.instructions == pairs_of("a", "b")
    assert one.redo() == "regenerate"
    assert one.instructions == pairs_of("b", "m")


def test_changed_compares_with_the_first_state_or_the_saved_one() -> None:
    one = draft("a")
    assert not one.changed
    one.map("b", "b")
    assert one.changed
    one.remove(["b"])
    assert not one.changed
    one.map("b", "b")
    one.mark_saved()
    assert not one.changed
    one.undo()
    assert one.changed


def test_a_new_edit_forgets_what_was_undone() -> None:
    one = draft("a")
    one.map("b", "b")
    assert one.undo() == "map b to b"
    assert one.can_redo
    one.map("m", "m")
    assert not one.can_redo
    assert one.redo() is None


def test_nothing_is_done_by_mapping_what_is_mapped() -> None:
    one = draft("a", origin="manual")
    before = one.revision
    one.map("a", "a")
    assert one.revision == before
    assert not one.can_undo


def test_difference_tells_what_regenerating_would_change() -> None:
    one = draft("a", "at", "b-a")
    difference = one.difference(pairs_of("a", "at!", "m"))

    assert difference.added == pairs_of("m")
    assert difference.removed == pairs_of("b-a")
    assert difference.flag_changed == pairs_of("at!")
    assert not difference.is_empty
    assert one.difference(one.instructions).is_empty


def test_an_imported_plan_keeps_duplicates_and_unknown_ids() -> None:
    plan = (*pairs_of("a", "a-b"), Instruction("gone", "a"), Instruction(None, "a"), Instruction("b", None))
    source, target = models(BODY, BODY)
    one = Draft(source, target, plan, origin="imported")

    assert Counter(one.instructions) == Counter(plan)
    assert one.instructions_of("a") == pairs_of("a", "a-b")
    assert one.target_of("a") == "a"
    assert len(one.failures_of("a")) == 2
    assert one.failures_of("gone") == ("Source activity 'gone' does not exist",)
    assert reports(one.report) == reports(validate(source, target, one.instructions))
    assert one.remove(["gone"]) == 1
    assert one.undo() == "remove 1 mapping"
    assert Counter(one.instructions) == Counter(plan)


def test_a_fault_of_the_engine_stands_in_the_report() -> None:
    handler = user("h", 'isForCompensation="true"', looped())
    body = START + user("a") + handler + flows("start-a")
    source, target = models(body, body)
    one = Draft(source, target, pairs_of("a", "h#multiInstanceBody"))

    assert one.fault is not None
    assert not one.report.valid
    assert one.failures_of("h#multiInstanceBody") == (
        "inner activity of multi instance body activity 'h#multiInstanceBody' not found",
    )
    one.remove(["h#multiInstanceBody"])
    assert one.fault is None
    assert one.report.valid


Edit = Callable[[Draft, random.Random], object]


def _map(one: Draft, chance: random.Random) -> None:
    source, target = (chance.choice(list(each.activities)) for each in (one.source, one.target))
    along = [Instruction(each, each) for each in list(one.source.activities)[:2] if each in one.target.activities]
    one.map(source, target, along=along if chance.random() < 0.3 else ())


def _remove(one: Draft, chance: random.Random) -> None:
    one.remove(chance.sample(list(one.source.activities), min(3, len(one.source.activities))))


def _flag(one: Draft, chance: random.Random) -> None:
    one.set_update_event_trigger(list(one.source.activities), chance.random() < 0.5)


def _reset(one: Draft, chance: random.Random) -> None:
    try:
        instructions = generate(one.source, one.target, update_event_triggers=chance.random() < 0.5)
    except GenerationFailed:
        instructions = ()
    one.reset(instructions, label="regenerate", origin="generated")


def _undo(one: Draft, _: random.Random) -> None:
    one.undo()


def _redo(one: Draft, _: random.Random) -> None:
    one.redo()


EDITS: tuple[Edit, ...] = (_map, _map, _map, _remove, _flag, _reset)


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), choices=st.lists(st.integers(0, len(EDITS) - 1), min_size=1, max_size=8))
def test_undo_takes_every_edit_back_and_redo_does_it_again(seed: int, choices: list[int]) -> None:
    source, target, plan = random_case(seed)
    chance = random.Random(seed)
    one = Draft(source, target, plan, origin="imported")
    states = [state(one)]
    for choice in choices:
        before = one.revision
        EDITS[choice](one, chance)
        if one.revision != before:
            states.append(state(one))

    labels = []
    for expected in reversed(states[:-1]):
        labels.append(one.undo())
        assert state(one) == expected
    assert not one.can_undo
    assert not one.changed
    for expected, label in zip(states[1:], reversed(labels), strict=True):
        assert one.redo() == label
        assert state(one) == expected
    assert not one.can_redo


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), choices=st.lists(st.integers(0, len(EDITS) + 1), min_size=1, max_size=10))
def test_the_report_is_always_that_of_the_whole_plan(seed: int, choices: list[int]) -> None:
    source, target, plan = random_case(seed)
    chance = random.Random(seed)
    one = Draft(source, target, plan)
    for choice in choices:
        (*EDITS, _undo, _redo)[choice](one, chance)
        try:
            expected = validate(source, target, one.instructions)
        except EngineWouldFail:
            assert one.fault is not None
            assert not one.report.valid
        else:
            assert one.fault is None
            assert reports(one.report) == reports(expected)
            assert one.failing_targets == {
                each.instruction.target_activity_id for each in expected.instruction_reports
            } - {None}
