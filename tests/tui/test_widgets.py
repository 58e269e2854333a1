"""Parts of the screens that need no app: arrows, glyphs, keys, rows."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from tui_migrate.bpmn.model import Activity
from tui_migrate.tui.bindings import SCOPES, bindings, key_of
from tui_migrate.tui.glyphs import ASCII, KIND_WORDS, UNICODE, Glyphs, kind_of
from tui_migrate.tui.widgets.activity_row import Hidden, RowFacts, layout_for, row_pieces
from tui_migrate.tui.widgets.arrows import Arrow, character, draw


def drawn(arrows: list[Arrow], width: int, height: int, glyphs: Glyphs = UNICODE) -> list[str]:
    return ["".join(text for text, _ in row) for row in draw(arrows, width, height, glyphs)]


def test_a_straight_arrow_is_a_line() -> None:
    assert drawn([Arrow(1, 1)], 4, 3) == ["    ", "────", "    "]


def test_an_error_is_a_heavy_line_in_red() -> None:
    assert drawn([Arrow(0, 0, error=True)], 4, 1) == ["━━━━"]
    assert draw([Arrow(0, 0, error=True)], 4, 1, UNICODE)[0][0] == ("━", "error")


def test_two_sources_of_one_target_join() -> None:
    assert drawn([Arrow(0, 0), Arrow(1, 0)], 5, 2) in (["──┬──", "──┘  "], ["─┬───", "─┘   "], ["───┬─", "───┘ "])


def test_an_arrow_that_starts_where_another_ends_turns_left_of_it() -> None:
    lines = drawn([Arrow(0, 1), Arrow(1, 2)], 4, 3)
    assert lines == ["──┐ ", "─┐└─", " └──"]


def test_crossing_arrows_are_told_apart() -> None:
    lines = drawn([Arrow(0, 3), Arrow(2, 1)], 4, 4)
    assert lines[0].startswith("─")
    assert any("┼" in line for line in lines)


def test_an_end_off_the_screen_is_told_by_a_sign() -> None:
    assert drawn([Arrow(0, 9), Arrow(1, -4), Arrow(-1, 0), Arrow(7, 1)], 4, 2) == ["↓  ↑", "↑  ↓"]


def test_where_columns_run_out_letters_stand_at_both_ends() -> None:
    lines = drawn([Arrow(row, 9 - row) for row in range(10)], 4, 10)
    letters = {letter for line in lines for letter in line if letter.isalpha()}
    assert letters
    for letter in letters:
        starts = [row for row, line in enumerate(lines) if line[0] == letter]
        ends = [row for row, line in enumerate(lines) if line[-1] == letter]
        assert len(starts) == len(ends) == 1
        assert ends[0] == 9 - starts[0]


@pytest.mark.parametrize("seed", range(40))
def test_every_arrow_can_be_followed_from_its_source_to_its_target(seed: int) -> None:
    """Walk each line as an eye does: a start in a row that is also an end must not run straight on into that end."""
    import random

    random_source = random.Random(seed)
    rows = 14
    targets = random_source.sample(range(rows), rows)
    arrows = [Arrow(source, target) for source, target in enumerate(targets) if random_source.random() < 0.7]
    lines = drawn(arrows, 6, rows)
    straight = {arrow.source for arrow in arrows if arrow.source == arrow.target}
    starts = {arrow.source for arrow in arrows}
    ends = {arrow.target for arrow in arrows}
    for row, line in enumerate(lines):
        assert (line[0] != " ") == (row in starts)
        assert (line[-1] != " ") == (row in ends)
        if row in starts and row in ends and row not in straight:
            assert not re.fullmatch("[─┼┬┴]+", line), line


def test_box_drawing_has_every_combination_of_arms() -> None:
    made = {character(n, e, s, w) for n in range(3) for e in range(3) for s in range(3) for w in range(3)}
    assert len(made) == 81
    assert character(1, 1, 1, 1) == "┼"
    assert character(0, 2, 0, 2) == "━"


def test_arrows_of_plain_characters() -> None:
    lines = drawn([Arrow(0, 2), Arrow(1, 1, error=True)], 4, 3, ASCII)
    assert all(line.isascii() for line in lines)
    assert set(lines[1]) == {"=", "#"}


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_sign_is_one_cell_and_kinds_are_distinct(glyphs: Glyphs) -> None:
    signs = [glyphs.mapped, glyphs.unmapped, glyphs.error, glyphs.advice, glyphs.note, glyphs.cursor]
    signs += [glyphs.counterpart]
    signs += [glyphs.marked, glyphs.opened, glyphs.closed, glyphs.incident, glyphs.added, glyphs.removed, glyphs.star]
    assert all(cell_len(sign) == 1 for sign in signs)
    assert all(cell_len(sign) == 1 for sign in glyphs.kinds.values())
    assert len(set(glyphs.kinds.values())) >= len(glyphs.kinds) - 1
    assert len({glyphs.mapped, glyphs.unmapped, glyphs.error, glyphs.possible, glyphs.impossible}) == 5
    assert set(glyphs.kinds) == set(KIND_WORDS)
    if glyphs.ascii:
        assert all(sign.isascii() for sign in (*signs, *glyphs.kinds.values()))


@pytest.mark.parametrize(
    ("tag", "type_", "behavior", "trigger", "kind"),
    [
        ("userTask", "userTask", "UserTaskActivityBehavior", None, "user"),
        ("subProcess", "subProcess", "EventSubProcessActivityBehavior", None, "event-sub-process"),
        ("subProcess", "multiInstanceBody", "ParallelMultiInstanceActivityBehavior", None, "body"),
        ("boundaryEvent", "boundaryTimer", "BoundaryEventActivityBehavior", "timer", "timer"),
        ("boundaryEvent", "boundaryError", "BoundaryEventActivityBehavior", None, "error"),
        ("startEvent", "startEvent", "NoneStartEventActivityBehavior", None, "start"),
        ("endEvent", "noneEndEvent", "NoneEndEventActivityBehavior", None, "end"),
        ("task", "task", "TaskActivityBehavior", None, "task"),
    ],
)
def test_kinds_by_what_the_engine_knows(tag: str, type_: str, behavior: str, trigger: str | None, kind: str) -> None:
    activity = Activity(
        id="one",
        name=None,
        tag=tag,
        behavior=behavior,
        type=type_,
        flow_scope="#process",
        trigger=trigger,  # type: ignore[arg-type]
    )
    assert kind_of(activity) == kind


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_a_danger_and_a_note_differ_in_their_characters(glyphs: Glyphs) -> None:
    activity = Activity(id="a", name="A", tag="userTask", behavior="", type="userTask", flow_scope="#process")

    def row(facts: RowFacts, hidden: Hidden | None = None) -> str:
        layout = layout_for(40, 0, 0, 0)
        pieces = row_pieces(activity, facts, layout, glyphs, depth=0, position=" ", opened=None, hidden=hidden)
        return "".join(text for text, _ in pieces)

    assert row(RowFacts(sign="mapped", advice="danger"))[1:3] == f"{glyphs.mapped}!"
    assert row(RowFacts(sign="mapped", advice="note"))[1:3] == f"{glyphs.mapped}i"
    assert row(RowFacts(sign="mapped"))[1:3] == f"{glyphs.mapped} "
    assert row(RowFacts(advice="note", light="lit"))[2] == " ", "mapping mode is about where to, not about advice"
    assert "!3 i2" in row(RowFacts(), Hidden(rows=9, advice=3, notes=2))


@pytest.mark.parametrize("width", [30, 36, 80])
@pytest.mark.parametrize("depth", [0, 3, 40])
def test_a_row_is_exactly_as_wide_as_its_tree(width: int, depth: int) -> None:
    activity = Activity(
        id="one",
        name="A name 申請書の確認 that is long",
        tag="userTask",
        behavior="",
        type="userTask",
        flow_scope="#process",
    )
    layout = layout_for(width, 12_000, 3, 11)
    for facts in (
        RowFacts(sign="mapped", advice="danger", instances=12_000, incidents=7, difference="changed"),
        RowFacts(light="lit", stars=3),
        RowFacts(waiting=3),
    ):
        for hidden in (None, Hidden(rows=9, unmapped=2, errors=1, advice=3, notes=2, incidents=4)):
            pieces = row_pieces(
                activity,
                facts,
                layout,
                UNICODE,
                depth=depth,
                position="›",
                opened=None if hidden is None else False,
                hidden=hidden,
            )
            size = sum(cell_len(text) for text, _ in pieces)
            assert size == max(width, size) if depth == 40 else size == width


def test_binding_ids_are_unique_and_scoped() -> None:
    ids = [key.id for scope in SCOPES for key in scope.keys]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[a-z]+(-[a-z]+)+", one) for one in ids)
    assert key_of("plan-map").action == "map"


def test_no_key_has_two_meanings_in_one_scope_or_everywhere() -> None:
    everywhere = {name for key in SCOPES[0].keys for name in key.keys.split(",") if name}
    for scope in SCOPES:
        names = [name for key in scope.keys for name in key.keys.split(",") if name]
        assert len(names) == len(set(names)), scope.name
        if scope.name in ("overview", "plan", "list"):
            assert not everywhere & set(names), scope.name


def test_keys_work_in_a_plain_terminal() -> None:
    unusable = {"ctrl+i", "ctrl+j", "ctrl+m", "ctrl+h", "ctrl+s", "ctrl+b", "ctrl+a", "ctrl+enter"}
    for scope in SCOPES:
        for key in scope.keys:
            assert not unusable & set(key.keys.split(",")), key.id
            assert "alt+" not in key.keys
            assert key.description
            assert not key.description.endswith("."), key.id


def test_every_class_of_keys_has_its_bindings_from_the_registry() -> None:
    for scope in SCOPES:
        made = bindings(scope.name)
        assert len(made) == sum(bool(key.keys) for key in scope.keys)
