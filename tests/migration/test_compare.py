"""What differs between two versions, in kinds and in words."""

from __future__ import annotations

import pytest

from tests.bpmn_pieces import AFTER, BEFORE, START, TIMER, boundary, caught, compensable, looped, messaged, sub, user
from tests.migration.models import models, random_case
from tui_migrate.migration.compare import Comparison, compare


def compared(source: str, target: str) -> Comparison:
    return compare(*models(START + source, START + target))


@pytest.mark.parametrize(
    ("source", "target", "kinds", "sentences"),
    [
        (user("a"), "", ("removed",), ("removed: user task 'a'",)),
        ("", user("a"), ("added",), ("added: user task 'a'",)),
        (user("a"), user("a").replace('name="a"', 'name="New"'), ("renamed",), ("name: a → New",)),
        (user("a"), user("a").replace('name="a"', ""), ("renamed",), ("name: a → none",)),
        (user("a"), '<manualTask id="a" name="a"/>', ("kind",), ("kind: user task → manual task",)),
        (user("a"), user("a", BEFORE), ("async",), ("asyncBefore: no → yes",)),
        (user("a", AFTER), user("a"), ("async",), ("asyncAfter: yes → no",)),
        (
            user("a", 'camunda:formKey="f1"'),
            user("a", 'camunda:formKey="f2"'),
            ("implementation",),
            ("form: f1 → f2",),
        ),
        (
            '<serviceTask id="a" camunda:class="C"/>',
            '<serviceTask id="a" camunda:expression="${c}"/>',
            ("implementation",),
            ("class: C → none", "expression: none → ${c}"),
        ),
        (caught("a", messaged("m1")), caught("a", TIMER), ("kind", "trigger"), None),
        (
            caught("a", TIMER),
            caught("a", TIMER.replace("P300D", "P5D")),
            ("trigger",),
            ("timer: duration P300D → duration P5D",),
        ),
        (
            user("a"),
            user("a", inside=looped()),
            ("multi-instance",),
            ("runs: once → parallel multi-instance user task",),
        ),
        (
            user("a", inside=looped()),
            user("a", inside=looped('isSequential="true"')),
            ("multi-instance",),
            ("runs: parallel multi-instance user task → sequential multi-instance user task",),
        ),
        (
            user("a", inside=looped()),
            user("a", inside=looped(BEFORE)),
            ("async",),
            ("asyncBefore of each instance: no → yes",),
        ),
        (
            user(
                "a", inside="<extensionElements><camunda:executionListener event='end' class='L'/></extensionElements>"
            ),
            user("a"),
            ("implementation",),
            ("listeners: end: L → none",),
        ),
    ],
)
def test_one_difference(source: str, target: str, kinds: tuple[str, ...], sentences: tuple[str, ...] | None) -> None:
    (one,) = compared(source, target).differences

    assert one.kinds == kinds
    if sentences is not None:
        assert one.sentences == sentences
    assert "a" in (one.source_id, one.target_id)


def test_what_moves_into_a_scope_has_moved() -> None:
    comparison = compared(user("a"), sub("box", '<startEvent id="is"/>' + user("a")))

    assert comparison.by_source["a"].kinds == ("moved",)
    assert comparison.by_source["a"].sentences == ("inside: the process → box",)


def test_a_boundary_event_at_another_host_has_moved() -> None:
    hosts = user("a") + user("b")
    comparison = compared(
        hosts + boundary("t", "a", TIMER), hosts + boundary("t", "b", TIMER, 'cancelActivity="false"')
    )

    assert comparison.by_source["t"].kinds == ("moved", "trigger")
    assert comparison.by_source["t"].sentences == ("attached to: a → b", "interrupts: yes → no")


def test_hosts_of_one_name_are_told_apart_by_their_ids() -> None:
    hosts = user("a").replace('name="a"', 'name="Pack goods"') + user("b").replace('name="b"', 'name="Pack goods"')
    comparison = compared(hosts + boundary("t", "a", TIMER), hosts + boundary("t", "b", TIMER))

    assert comparison.by_source["t"].sentences == ("attached to: Pack goods (a) → Pack goods (b)",)


def test_scopes_of_one_name_are_told_apart_by_their_ids() -> None:
    inside = '<startEvent id="is"/>' + user("a")
    comparison = compared(sub("one", inside, 'name="Box"'), sub("other", inside, 'name="Box"'))

    assert comparison.by_source["a"].sentences == ("inside: Box (one) → Box (other)",)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("x" * 100 + "1", "x" * 100 + "2", f"form: …{'x' * 20}1 → …{'x' * 20}2"),
        ("a", "a\u200b", r"form: 'a' → 'a\u200b'"),
        ("a b", "a&#9;b", r"form: 'a b' → 'a\tb'"),
    ],
)
def test_what_differs_is_never_shown_alike(before: str, after: str, sentence: str) -> None:
    old, new = (user("a", f'camunda:formKey="{value}"') for value in (before, after))

    assert compared(old, new).by_source["a"].sentences == (sentence,)


def test_a_name_that_reads_none_is_not_taken_for_no_name() -> None:
    comparison = compared(user("a").replace('name="a"', ""), user("a").replace('name="a"', 'name="none"'))

    assert comparison.by_source["a"].sentences == ("name: none → 'none'",)


def test_a_multi_instance_body_is_told_with_its_inner_activity() -> None:
    comparison = compared(user("a"), user("a", inside=looped()))

    assert [one.target_id for one in comparison.differences] == ["a"]
    assert comparison.by_target["a#multiInstanceBody"].kinds == ("multi-instance",)
    assert comparison.by_target["a#multiInstanceBody"].source_id is None


def test_a_scope_in_a_multi_instance_sub_process_does_not_move_what_is_in_it() -> None:
    inside = '<startEvent id="is"/>' + user("a")
    comparison = compared(sub("box", inside), sub("box", looped() + inside))

    assert [one.source_id for one in comparison.differences] == ["box"]


def test_a_task_that_becomes_a_handler_changes_its_role() -> None:
    comparison = compared(user("a") + user("a_h"), user("a") + compensable("a"))

    assert comparison.by_source["a_h"].sentences == ("role: ordinary → compensation handler",)


def test_what_is_equal_is_unchanged() -> None:
    body = user("a", BEFORE, looped()) + boundary("t", "a", TIMER) + compensable("a")
    comparison = compared(body, body)

    assert comparison.differences == ()
    assert {one.kinds for one in comparison.by_source.values()} == {("unchanged",)}


def test_values_from_outside_are_cut_and_harmless() -> None:
    long = "x" * 10_000
    comparison = compared(user("a"), user("a").replace('name="a"', f'name="{long}&#10;"'))

    (sentence,) = comparison.differences[0].sentences
    assert len(sentence) < 120
    assert sentence.isprintable()


@pytest.mark.parametrize("seed", range(12))
def test_every_activity_has_its_place_in_a_comparison(seed: int) -> None:
    source, target, _ = random_case(seed)
    comparison = compare(source, target)

    assert list(comparison.by_source) == list(source.activities)
    assert set(comparison.by_target) == set(target.activities)
    for one in (*comparison.by_source.values(), *comparison.by_target.values()):
        assert ("unchanged" in one.kinds) == (not one.sentences)
        added = one.target_id is not None and one.target_id not in source.activities
        assert (one.source_id is None) == added
    assert compare(source, source).differences == ()
