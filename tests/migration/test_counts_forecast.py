"""Bounds from counts alone: never too narrow, and what the counts do not show is said."""

from __future__ import annotations

import pytest

from tests.bpmn_pieces import AFTER, BEFORE, START, TIMER, boundary, compensable, flows, user
from tests.migration.models import models, pairs_of
from tui_migrate.migration.forecast import CountsForecast, StatisticsCounts, forecast_counts


def said(source: str, target: str, plan: tuple[str, ...], counts: StatisticsCounts) -> CountsForecast:
    return forecast_counts(*models(START + source, START + target), pairs_of(*plan), counts)


def bounds(one: CountsForecast) -> tuple[int, int]:
    return one.at_least, one.at_most


def test_tokens_bound_the_instances() -> None:
    body = user("a") + user("b")
    counts = StatisticsCounts(running=10, tokens={"a": 7, "b": 4})

    one = said(body, body, ("b",), counts)
    assert bounds(one) == (1, 7)
    assert [(each.activity_id, each.tokens) for each in one.causes] == [("a", 7)]
    assert one.blind == ()
    assert bounds(said(body, body, (), counts)) == (1, 10)
    assert bounds(said(body, body, ("a", "b"), counts)) == (0, 0)


def test_counted_instances_narrow_the_bounds() -> None:
    body = user("a") + user("b")
    counts = StatisticsCounts(running=10, tokens={"a": 7, "b": 4}, instances={"a": 3, "b": 4})

    assert bounds(said(body, body, ("b",), counts)) == (3, 3)
    assert bounds(said(body, body, (), counts)) == (4, 7)


JOIN = (
    '<parallelGateway id="f"/>'
    + user("a")
    + user("b")
    + '<parallelGateway id="j"/>'
    + flows("f-a", "f-b", "a-j", "b-j")
)


def test_tokens_at_a_join_are_not_in_the_statistics() -> None:
    counts = StatisticsCounts(running=5, tokens={"a": 2})

    blind = said(JOIN, JOIN, ("a", "b"), counts)
    assert bounds(blind) == (0, 5)
    assert blind.seen == 0
    assert blind.blind == ("Tokens that wait at unmapped joins are not counted: j.",)
    known = StatisticsCounts(running=5, tokens={"a": 2}, joins={"j": 3})
    assert bounds(said(JOIN, JOIN, ("a", "b"), known)) == (3, 3)
    assert bounds(said(JOIN, JOIN, ("a", "b", "j"), counts)) == (0, 0)


def test_waiting_tokens() -> None:
    source, target = user("a", BEFORE), user("a")
    counts = StatisticsCounts(running=5, tokens={"a": 4})

    one = said(source, target, ("a",), counts)
    assert (one.at_least, one.seen) == (0, 4)
    known = StatisticsCounts(running=5, tokens={"a": 4}, before={"a": 3}, after={})
    one = said(source, target, ("a",), known)
    assert (one.at_least, one.seen) == (1, 3)
    assert one.causes[0].sentence == "Target activity is not asyncBefore"
    none = StatisticsCounts(running=5, tokens={"a": 4}, before={}, after={})
    assert said(source, target, ("a",), none).seen == 0
    assert "Custom incidents of waiting tokens" in said(source, target, ("a",), none).blind[0]


@pytest.mark.parametrize(
    ("before", "after", "sure"),
    [(("a-x",), ("a-x=n", "a-y"), 1), (("a-x", "a-y"), ("a-x", "a-y=n"), 0), (("a-x",), ("a-x", "a-y"), None)],
)
def test_tokens_after_an_activity(before: tuple[str, ...], after: tuple[str, ...], sure: int | None) -> None:
    rest = user("a", AFTER) + user("x") + user("y")
    counts = StatisticsCounts(running=9, tokens={"a": 2}, before={}, after={"a": 2})
    one = said(rest + flows(*before), rest + flows(*after), ("a",), counts)

    assert one.at_least == (sure or 0)
    assert one.seen == (0 if sure is None else 2)


def test_completed_work_is_not_in_the_statistics() -> None:
    body = user("a") + compensable("a") + user("b")
    counts = StatisticsCounts(running=5, tokens={"b": 5})

    one = said(body, body, ("b",), counts)
    assert bounds(one) == (0, 5)
    assert one.blind == ("Completed work whose compensation is not mapped is not counted: a_b.",)
    known = StatisticsCounts(running=5, tokens={"b": 5}, compensation={"a_b": 3})
    one = said(body, body, ("b",), known)
    assert bounds(one) == (1, 3)
    assert "handler 'a_h'" in one.causes[0].sentence
    assert bounds(said(body, body, ("b", "a_b"), counts)) == (0, 0)


def test_what_can_not_migrate_and_what_may_clash() -> None:
    source = '<endEvent id="x"><compensateEventDefinition/></endEvent>' + user("a") + boundary("t", "a", TIMER)
    target = '<endEvent id="x"><compensateEventDefinition/></endEvent>' + user("a")
    counts = StatisticsCounts(running=5, tokens={"x": 1, "a": 2})
    one = said(source, target, ("x", "a"), counts)

    assert (one.at_least, one.seen) == (1, 3)
    assert [each.at_least for each in one.causes] == [0, 1]


def test_ids_that_the_model_does_not_have_are_passed_over() -> None:
    counts = StatisticsCounts(running=5, tokens={"gone": 3, "a": 0}, joins={"gone": 1}, compensation={"gone": 1})

    assert said(user("a"), user("a"), (), counts).causes == ()
