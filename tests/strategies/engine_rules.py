"""Compares the local rules with a live engine: what is generated, what is reported, what is refused."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.engines import rest
from tests.strategies.elements import Node, Process, Scope
from tests.strategies.pairs import Coverage, Pair, make_pair, read_pair
from tests.strategies.planning import Planner
from tests.strategies.rows import failure_name
from tests.strategies.unusual import unusual_file
from tests.strategies.writing import write
from tui_migrate.bpmn.model import EngineFamily, ProcessModel
from tui_migrate.bpmn.reader import read_model
from tui_migrate.errors import BpmnError
from tui_migrate.migration.generate import GenerationFailed, generate
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.migration.report import ValidationReport
from tui_migrate.migration.validate import EngineWouldFail, rejection_message, validate

PAIRS_PER_DEPLOYMENT = 20
PLANS_PER_PAIR = 8
Answer = Counter[Any]


def compare_with_engine(
    url: str, engine: EngineFamily, *, seed: str, pairs: int, prefix: str, with_variables: bool = True
) -> tuple[list[str], Coverage]:
    """Compare so many random pairs on an engine.

    Args:
        url: The REST base.
        engine: Its family.
        seed: Decides the pairs and plans.
        pairs: How many pairs of deployable models.
        prefix: Begins the process keys, so that nobody else's are touched.
        with_variables: Whether the engine knows variables of plans.

    Returns:
        Every difference as text with what is needed to see it again, and what was reached.
    """
    coverage = Coverage(what_is_lacking(url, engine, prefix))
    differences: list[str] = []
    number = 0
    while coverage.pairs < pairs:
        assert number <= 2 * pairs + 20, f"the engine refuses most models: {coverage.summary()}"
        numbers = range(number, number + min(PAIRS_PER_DEPLOYMENT, pairs - coverage.pairs))
        number = numbers.stop
        batch = [make_pair(f"{seed}-{n}", engine, prefix=f"{prefix}{n}", lacking=coverage.lacking) for n in numbers]
        deployments: list[str] = []
        try:
            for pair, source_id, target_id in _deployed(url, batch, deployments, coverage):
                connectors = "connectors" not in coverage.lacking
                source, target = read_pair(pair, engine, source_id, target_id, connectors=connectors)
                coverage.add_pair(pair, source, target)
                differences += compare_pair(url, pair.seed, source, target, coverage, with_variables=with_variables)
        finally:
            for deployment in deployments:
                rest.delete(url, f"/deployment/{deployment}?cascade=true")
    return differences, coverage


def what_is_lacking(url: str, engine: EngineFamily, prefix: str) -> frozenset[str]:
    """Find out by trying which kinds of elements the engine can't have: a plain one has no mail and no connectors."""
    lacking = set()
    for need, kind in (("mail", "serviceTask:mail"), ("connectors", "serviceTask:connector")):
        process = Process(f"{prefix}{need}", Scope([Node("s", "start:none"), Node("a", kind)]))
        try:
            ids = rest.deploy(url, {"probe.bpmn": write(process, engine)})
        except rest.RestError:
            lacking.add(need)
        else:
            rest.delete(url, f"/deployment/{_deployment_of(url, ids[0])}?cascade=true")
    return frozenset(lacking)


def _deployment_of(url: str, definition_id: str) -> str:
    return str(rest.get(url, f"/process-definition/{definition_id}")["deploymentId"])


def _deployed(
    url: str, batch: list[Pair], deployments: list[str], coverage: Coverage
) -> Iterator[tuple[Pair, str, str]]:
    """Deploy a batch at once; where one model is refused, in halves."""
    files = {f"{pair.source.key}.bpmn": pair.source_xml for pair in batch}
    files |= {f"{pair.target.key}.bpmn": pair.target_xml for pair in batch}
    try:
        ids = rest.deploy(url, files)
    except rest.RestError as error:
        if len(batch) == 1:
            coverage.add_refusal(str(error))
            return
        half = len(batch) // 2
        yield from _deployed(url, batch[:half], deployments, coverage)
        yield from _deployed(url, batch[half:], deployments, coverage)
        return
    deployments.append(_deployment_of(url, ids[0]))
    by_key = {definition_id.split(":")[0]: definition_id for definition_id in ids}
    for pair in batch:
        yield pair, by_key[pair.source.key], by_key[pair.target.key]


def compare_pair(
    url: str, seed: str, source: ProcessModel, target: ProcessModel, coverage: Coverage, *, with_variables: bool
) -> Iterator[str]:
    """Yield every difference between what the engine says about a deployed pair and what is computed."""
    for flag in (False, True):
        coverage.generated += 1
        answer = _engine_plan(url, source, target, flag, coverage)
        yield from _difference(f"{seed} generate {flag}", answer, _plan(source, target, flag))
    planner = Planner(random.Random(f"plans of {seed}"), source, target)
    refused: MigrationPlan | None = None
    for number, instructions in enumerate(planner.plans(PLANS_PER_PAIR)):
        variables = planner.variables() if with_variables else {}
        plan = MigrationPlan(source.definition_id, target.definition_id, instructions, variables)
        expected = _report(source, target, plan)
        coverage.plans += 1
        coverage.valid += not expected
        answer = _engine_report(url, plan, coverage)
        yield from _difference(f"{seed} plan {number} {instructions} {sorted(variables)}", answer, expected)
        refused = plan if expected else refused
    if refused is not None:
        yield from _difference(
            f"{seed} refusal of {refused}", _engine_refusal(url, refused), _refusal(source, target, refused)
        )


def _difference(what: str, engine: Answer, local: Answer) -> Iterator[str]:
    if engine != local:
        yield f"{what}\n  only the engine: {dict(engine - local)}\n  only local: {dict(local - engine)}"


def _engine_plan(url: str, source: ProcessModel, target: ProcessModel, flag: bool, coverage: Coverage) -> Answer:
    body = {
        "sourceProcessDefinitionId": source.definition_id,
        "targetProcessDefinitionId": target.definition_id,
        "updateEventTriggers": flag,
    }
    try:
        answer = rest.post(url, "/migration/generate", body)
    except rest.RestError as error:
        coverage.failures[f"generate {error.status}"] += 1
        return _error(error)
    return Counter(_key(one) for one in answer["instructions"])


def _plan(source: ProcessModel, target: ProcessModel, flag: bool) -> Answer:
    try:
        return Counter(_key(one.to_engine()) for one in generate(source, target, update_event_triggers=flag))
    except GenerationFailed as failed:
        return _lines(500 if failed.engine_fault else 400, failed.engine_message)


def _engine_report(url: str, plan: MigrationPlan, coverage: Coverage) -> Answer:
    try:
        answer = rest.post(url, "/migration/validate", plan.to_engine())
    except rest.RestError as error:
        coverage.failures[f"validate {error.status}"] += 1
        return _error(error)
    instructions = answer["instructionReports"]
    variables = answer.get("variableReports") or {}
    failures = [text for one in (*instructions, *variables.values()) for text in one["failures"]]
    coverage.failures.update(failure_name(text) for text in failures)
    found: Answer = Counter((_key(one["instruction"]), *one["failures"]) for one in instructions)
    return found + Counter((name, *one["failures"]) for name, one in variables.items())


def _engine_refusal(url: str, plan: MigrationPlan) -> Answer:
    """What the engine says when an invalid plan is to be executed; it looks for instances only after that."""
    try:
        rest.post(url, "/migration/execute", {"migrationPlan": plan.to_engine(), "processInstanceIds": ["nobody"]})
    except rest.RestError as error:
        return _error(error)
    raise AssertionError("the engine has executed an invalid plan")


def _refusal(source: ProcessModel, target: ProcessModel, plan: MigrationPlan) -> Answer:
    try:
        report = validate(source, target, plan.instructions, variables=plan.variables)
    except EngineWouldFail as fault:
        return _lines(500, fault.engine_message)
    return _lines(400, rejection_message(report, plan))


def _report(source: ProcessModel, target: ProcessModel, plan: MigrationPlan) -> Answer:
    try:
        report: ValidationReport = validate(source, target, plan.instructions, variables=plan.variables)
    except EngineWouldFail as fault:
        return _lines(500, fault.engine_message)
    found: Answer = Counter((_key(one.instruction.to_engine()), *one.failures) for one in report.instruction_reports)
    return found + Counter((name, *failures) for name, failures in report.variable_reports.items())


def _key(instruction: dict[str, Any]) -> tuple[str | None, str | None, bool]:
    source, target = (_only(instruction[f"{side}ActivityIds"]) for side in ("source", "target"))
    return source, target, instruction["updateEventTrigger"]


def _only(ids: Iterable[str | None] | None) -> str | None:
    return next(iter(ids or ()), None)


def _error(error: rest.RestError) -> Answer:
    return _lines(error.status, str(error.body["message"]))


def _lines(status: int, message: str) -> Answer:
    """An error's text; instructions come in any order, and of several causes of an internal error any one is told."""
    one_of = re.sub(r"(inner activity of multi instance body activity) '.*' not found", r"\1 not found", message)
    return Counter([status, *re.sub(r"(Cannot find serializer) for .*", r"\1", one_of).split("\n")])


@dataclass
class UnusualOutcome:
    """What became of the unusual models, by name."""

    equal: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Refused by the engine, and known here as such: by an error or a warning."""
    problems: list[str] = field(default_factory=list)


def compare_unusual(url: str, engine: EngineFamily, models: Mapping[str, str], *, prefix: str) -> UnusualOutcome:
    """Deploy each model and compare all that can be asked about it alone.

    Args:
        url: The REST base.
        engine: Its family.
        models: The contents by name; see `unusual_file`.
        prefix: Begins the process keys.
    """
    outcome = UnusualOutcome()
    for number, (name, content) in enumerate(models.items()):
        key = f"{prefix}{number}"
        xml = unusual_file(content, key)
        try:
            definition_id = rest.deploy(url, {"unusual.bpmn": xml})[0]
        except rest.RestError as refusal:
            if _is_refused_here(xml, key, engine):
                outcome.refused.append(name)
            else:
                outcome.problems.append(f"{name}: nothing said here, but the engine: {refusal}")
            continue
        try:
            model = read_model(xml.encode(), process=key, definition_id=definition_id, engine=engine, connectors=False)
            problems = [f"{name}: {one}" for one in _differences_of(url, model)]
            problems += [f"{name}: the engine takes it: {one}" for one in model.warnings if "refuse" in one]
        finally:
            rest.delete(url, f"/deployment/{_deployment_of(url, definition_id)}?cascade=true")
        outcome.problems += problems
        if not problems:
            outcome.equal.append(name)
    return outcome


def _is_refused_here(xml: str, key: str, engine: EngineFamily) -> bool:
    try:
        model = read_model(xml.encode(), process=key, engine=engine, connectors=False)
    except BpmnError:
        return True
    return any("the engine refuses to deploy this" in warning for warning in model.warnings)


def _differences_of(url: str, model: ProcessModel) -> Iterator[str]:
    coverage = Coverage()
    for flag in (False, True):
        answer = _engine_plan(url, model, model, flag, coverage)
        yield from _difference(f"generate {flag}", answer, _plan(model, model, flag))
    named = [activity_id for activity_id in model.activities if activity_id[0] != "#"]
    plans: list[tuple[Instruction, ...]] = [(Instruction(one, other),) for one in named for other in named]
    plans += [(Instruction(activity_id, activity_id, True),) for activity_id in named]
    plans.append(tuple(Instruction(activity_id, activity_id) for activity_id in named))
    for instructions in plans:
        plan = MigrationPlan(model.definition_id, model.definition_id, instructions)
        yield from _difference(str(instructions), _engine_report(url, plan, coverage), _report(model, model, plan))
