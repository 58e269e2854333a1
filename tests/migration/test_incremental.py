"""A plan that is being edited: always what `validate` says of the whole, at the cost of what depends on the change."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies.pairs import make_pair, read_pair
from tests.strategies.pieces import LOOP, START, TIMER, boundary, handler, sub
from tests.strategies.planning import Planner
from tests.strategies.unusual import model_of
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration import incremental
from tui_migrate.migration.generate import generate
from tui_migrate.migration.incremental import Validation
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.report import ValidationReport
from tui_migrate.migration.validate import EngineWouldFail, validate
from tui_migrate.migration.validators import Resolved, failures_of

TASKS = model_of(START + '<userTask id="a"/><userTask id="c"/>' + boundary("a", TIMER))


def _report(source: ProcessModel, target: ProcessModel, plan: Sequence[Instruction]) -> ValidationReport | str:
    try:
        return validate(source, target, plan)
    except EngineWouldFail as fault:
        return fault.engine_message


def _incremental_report(validation: Validation) -> ValidationReport | str:
    if validation.fault is None:
        return validation.report
    with pytest.raises(EngineWouldFail) as caught:
        _ = validation.report
    return caught.value.engine_message


@settings(max_examples=120)
@given(seed=st.integers(0, 10**9))
def test_it_always_equals_the_validation_of_the_whole_plan(seed: int) -> None:
    chance = random.Random(seed)
    source, target = read_pair(make_pair(str(seed), "camunda"), "camunda")
    planner = Planner(chance, source, target)
    plan = list(planner.plans(1)[0])
    validation = Validation(source, target, plan)
    for _ in range(12):
        before = _verdicts(source, target, plan)
        old = chance.choice(plan) if plan and chance.random() < 0.7 else None
        new = chance.choice([*planner.mixed(), *planner.spoiled(), None])
        changed = validation.replace(old, new)
        _edit(plan, old, new)
        assert validation.instructions == tuple(plan)
        assert _incremental_report(validation) == _report(source, target, plan)
        after = _verdicts(source, target, plan)
        if before is not None and after is not None:
            assert {one for one in {*before, *after} if before.get(one) != after.get(one)} <= changed


def _edit(plan: list[Instruction], old: Instruction | None, new: Instruction | None) -> None:
    place = len(plan) if old is None else plan.index(old)
    plan[place : place + (old is not None)] = [] if new is None else [new]


def _verdicts(
    source: ProcessModel, target: ProcessModel, plan: Sequence[Instruction]
) -> dict[str, list[object]] | None:
    """Failures by source activity id; None where the engine would fail."""
    report = _report(source, target, plan)
    if isinstance(report, str):
        return None
    verdicts: dict[str, list[object]] = {}
    for one in report.instruction_reports:
        if one.instruction.source_activity_id is not None:
            verdicts.setdefault(one.instruction.source_activity_id, []).append(one.failures)
    return verdicts


def test_failures_of_an_activity() -> None:
    validation = Validation(TASKS, TASKS, [Instruction("b", "b")])
    assert validation.failures_of("b")[0].startswith("The source activity's event scope (a) must be mapped")
    assert validation.failures_of("a") == ()
    assert validation.replace(None, Instruction("a", "a")) == {"a", "b"}
    assert validation.failures_of("b") == ()
    validation.replace(None, Instruction("a", "a"))
    assert len(validation.failures_of("a")) == 1, "the same failure of both is told once"


def test_only_instructions_of_the_plan_can_be_replaced() -> None:
    validation = Validation(TASKS, TASKS, [Instruction("a", "a")])
    with pytest.raises(KeyError):
        validation.replace(Instruction("a", "a", True), None)
    assert validation.instructions == (Instruction("a", "a"),)


def test_a_fault_comes_and_goes() -> None:
    model = model_of(START + handler(inner=LOOP) + '<userTask id="a"/>')
    validation = Validation(model, model, [Instruction("a", "a")])
    fatal = Instruction("h#multiInstanceBody", "h#multiInstanceBody")
    validation.replace(None, fatal)
    assert validation.fault is not None
    assert validation.fault.engine_message.endswith("'h#multiInstanceBody' not found")
    validation.replace(fatal, None)
    assert validation.fault is None
    assert validation.report.valid


@pytest.mark.parametrize("depth", [1, 10])
def test_changing_a_leaf_of_a_large_plan_looks_at_nothing_else(monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    looked_at: list[str] = []

    def counted(one: Resolved, validation: Validation) -> tuple[str, ...]:
        looked_at.append(one.source.id)
        return failures_of(one, validation)

    monkeypatch.setattr(incremental, "failures_of", counted)
    content = ""
    for level in range(depth):
        tasks = "".join(f'<userTask id="t{level}_{n}"/>' for n in range(5000 // depth))
        content = sub(tasks + content, id=f"sub{level}")
    model = model_of(START + content)
    plan = generate(model, model)
    validation = Validation(model, model, plan)
    assert len(looked_at) == len(plan) == 5000 + depth
    looked_at.clear()
    validation.replace(Instruction("t0_7", "t0_7"), Instruction("t0_7", "t0_8"))
    assert set(looked_at) == {"t0_7", "t0_8"}
    assert validation.report.valid
    assert validation.replace(Instruction("t0_7", "t0_8"), None) == {"t0_7", "t0_8"}
    assert len(looked_at) < 10


def test_failures_of_an_activity_follow_every_edit() -> None:
    validation = Validation(TASKS, TASKS)
    unknown = Instruction("b", "nowhere")
    validation.replace(None, unknown)
    assert validation.failures_of("b") == ("Target activity 'nowhere' does not exist",)
    validation.replace(unknown, Instruction("c", "c"))
    assert validation.failures_of("b") == validation.failures_of("c") == ()
    validation.replace(None, Instruction(None, "c"))
    assert validation.report.instruction_reports[0].failures == ("Source activity id is null",)
