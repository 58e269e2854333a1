"""Models for the tests of what is built on the rules: from short BPMN, and random ones."""

from __future__ import annotations

import random

from tests.bpmn_pieces import written
from tests.strategies.pairs import make_pair, read_pair
from tests.strategies.planning import Plan, Planner
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.bpmn.reader import read_model
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validate import EngineWouldFail, validate

Failures = set[tuple[Instruction, str]]


def model(body: str, definition_id: str = "p:1:a") -> ProcessModel:
    """Return the model of a process with this content."""
    return read_model(written(body).encode(), definition_id=definition_id)


def models(source: str, target: str) -> tuple[ProcessModel, ProcessModel]:
    return model(source), model(target, "p:2:b")


def pairs_of(*pairs: str) -> tuple[Instruction, ...]:
    """Instructions from `a-b`; `a` alone stands for `a-a`, a `!` at the end sets the update-event-trigger flag."""
    found = []
    for pair in pairs:
        source, _, target = pair.removesuffix("!").partition("-")
        found.append(Instruction(source, target or source, pair.endswith("!")))
    return tuple(found)


def random_case(seed: int) -> tuple[ProcessModel, ProcessModel, Plan]:
    """Two random versions of a process, and a random plan: valid or not."""
    source, target = read_pair(make_pair(f"extras {seed}", "camunda"), "camunda")
    return source, target, Planner(random.Random(seed), source, target).plans(1)[0]


def failures(source: ProcessModel, target: ProcessModel, plan: Plan) -> Failures | None:
    """All failures of a plan; None where the engine would end in an internal error."""
    try:
        report = validate(source, target, plan)
    except EngineWouldFail:
        return None
    return {(one.instruction, failure) for one in report.instruction_reports for failure in one.failures}


def replaced(plan: Plan, *new: Instruction) -> Plan:
    """The plan with these instructions in place of those of the same sources."""
    sources = {one.source_activity_id for one in new}
    return (*(one for one in plan if one.source_activity_id not in sources), *new)
