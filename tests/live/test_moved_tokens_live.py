"""Advice on tokens that move twice is shown where the engine fails with its NullPointerException, and only there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.bpmn_pieces import AFTER, BEFORE, START, flows, looped, sub, user
from tests.engines.launcher import RunningEngine
from tests.live.forecast_scene import Scene
from tests.live.forecast_steps import Step, complete, run_jobs
from tests.live.test_advice_live import Answer, deploy, execute, forget, put_into
from tests.migration.models import pairs_of
from tui_migrate.migration.advise import advise
from tui_migrate.migration.validate import validate

RULE = "multi-instance-tokens-clash"


def alone(inner: str) -> str:
    return START + inner + flows("start-a")


def boxed(inner: str, box: str = "box", first: str = "a") -> str:
    return START + sub(box, f'<startEvent id="is"/>{inner}' + flows(f"is-{first}")) + flows(f"start-{box}")


SEVERAL = user("a", inside=looped(BEFORE))
ENDED = user("a", inside=looped(AFTER))
ONE_BY_ONE = user("a", inside=looped(f'{BEFORE} isSequential="true"'))
INNER_SUB = '<startEvent id="as"/>' + user("u") + flows("as-u")

FAILING: dict[str, tuple[str, str, Sequence[str], Sequence[Step]]] = {
    "before, into a new scope": (alone(SEVERAL), boxed(user("a", BEFORE)), ("a",), ()),
    "after, into a new scope": (alone(ENDED), boxed(user("a", AFTER)), ("a",), (complete("a", 3),)),
    "into another scope": (boxed(SEVERAL), boxed(user("a", BEFORE), "new"), ("a",), ()),
    "into a new scope in a kept one": (
        boxed(SEVERAL, "kept"),
        boxed(sub("box", '<startEvent id="bs"/>' + user("a", BEFORE) + flows("bs-a")), "kept", "box"),
        ("kept", "a"),
        (),
    ),
    "out of two scopes": (boxed(SEVERAL), alone(user("a", BEFORE)), ("a",), ()),
    "sub processes": (alone(sub("a", looped(BEFORE) + INNER_SUB)), boxed(sub("a", INNER_SUB, BEFORE)), ("a", "u"), ()),
}
WORKING: dict[str, tuple[str, str, Sequence[str], Sequence[Step]]] = {
    "flat": (alone(SEVERAL), alone(user("a", BEFORE)), ("a",), ()),
    "with its body": (alone(SEVERAL), boxed(SEVERAL), ("a#multiInstanceBody", "a"), ()),
    "scope kept": (boxed(SEVERAL), boxed(user("a", BEFORE)), ("box", "a"), ()),
    "sequential": (alone(ONE_BY_ONE), boxed(user("a", BEFORE)), ("a",), ()),
    "not asynchronous": (alone(user("a", inside=looped())), boxed(user("a")), ("a",), ()),
    "one token": (boxed(user("a", BEFORE)), boxed(user("a", BEFORE), "new"), ("a",), ()),
    "body asynchronous": (
        alone(user("a", BEFORE, inside=looped())),
        boxed(user("a", BEFORE)),
        ("a",),
        (run_jobs(),),
    ),
}


def advised_and_migrated(
    engine: RunningEngine, case: tuple[str, str, Sequence[str], Sequence[Step]]
) -> tuple[bool, Answer]:
    """Return whether the advice is shown, and what the engine said."""
    source, target, plan, steps = case
    deployed = deploy(engine, Scene("case", source, {"changed": target}, {"state": steps}), "changed")
    instructions = pairs_of(*plan)
    try:
        assert not validate(deployed.source, deployed.target, instructions).instruction_reports
        answer = execute(deployed, instructions, put_into(deployed, "state"))
    finally:
        forget(deployed)
    return RULE in {one.rule for one in advise(deployed.source, deployed.target, instructions)}, answer


@pytest.mark.live
@pytest.mark.parametrize("name", FAILING)
def test_the_engine_fails_where_the_advice_is_shown(name: str, live_engine: RunningEngine) -> None:
    shown, answer = advised_and_migrated(live_engine, FAILING[name])
    assert shown
    assert answer.fault is not None
    assert "NullPointerException" in answer.fault


@pytest.mark.live
@pytest.mark.parametrize("name", WORKING)
def test_the_engine_migrates_where_the_advice_is_not_shown(name: str, live_engine: RunningEngine) -> None:
    shown, answer = advised_and_migrated(live_engine, WORKING[name])
    assert not shown
    assert answer.migrated


@pytest.mark.live
def test_what_the_advice_says_to_do_helps(live_engine: RunningEngine) -> None:
    source, target, plan, steps = FAILING["before, into a new scope"]
    shown, answer = advised_and_migrated(live_engine, (source, target, plan, (*steps, run_jobs())))
    assert shown
    assert answer.migrated
