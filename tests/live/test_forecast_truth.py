"""Forecast, rehearsal and truth: random instances in random states, each of which is really migrated in the end.

What the forecast says (from lists, as the instances screen has it; from the tree, as the details have it) and what the
rehearsal finds is compared with what the engine does when it is asked to migrate that instance alone. A difference is
a fault of ours, also where the engine ends in a fault that no validator of it names (an internal error): what it does
not migrate must never be forecast to migrate, and must fail in the rehearsal. One that was found is a test in
`tests/migration/test_forecast_regressions.py` or `test_forecast_lost_executions.py`.
"""

from __future__ import annotations

import random
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.engines import rest
from tests.operations.running import running
from tests.strategies.driving import Driver, condition_variables
from tests.strategies.engine_rules import what_is_lacking
from tests.strategies.pairs import Pair
from tests.strategies.taming import called_key, called_xml, make_tame_pair
from tui_migrate.bpmn.model import EngineFamily
from tui_migrate.errors import EngineFault, EngineRefused
from tui_migrate.operations.forecast import forecast_instances
from tui_migrate.operations.instance_detail import InstanceDetail, read_detail
from tui_migrate.operations.plan import OpenPlan, open_plan
from tui_migrate.operations.rehearse import RehearsalVerdict, rehearse

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine
    from tui_migrate.engine.models import ActivityInstance
    from tui_migrate.migration.forecast import Forecast
    from tui_migrate.operations.session import Session

SHORT, LONG = 100, 1500
INSTANCES_OF_A_PAIR = 14
WAVERING = "VariableInstanceEntity.getExecution()"
"""Of a fault that one and the same instance meets only every other time: see `check_moved_tokens`."""
Record = Callable[[str, object], None]


@pytest.mark.live
@pytest.mark.timeout(600)
async def test_forecast_and_rehearsal_are_what_the_engine_does(
    live_engine: RunningEngine, record_property: Record
) -> None:
    """100 instances with a fixed seed."""
    await _compare(live_engine, "instances", SHORT, record_property)


@pytest.mark.live
@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_many_forecasts_and_rehearsals_are_what_the_engine_does(
    live_engine: RunningEngine, record_property: Record
) -> None:
    await _compare(live_engine, secrets.token_hex(8), LONG, record_property)


@dataclass
class Figures:
    """What a run came to."""

    verdicts: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    """Internal errors of the engine, all of which the forecast left open and the rehearsal found."""
    differences: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    no_tree: list[str] = field(default_factory=list)
    """Instances of which the engine could not answer the activity tree."""
    misplaced: list[str] = field(default_factory=list)
    """Instances about which the lists were wrong because the engine's own state is: it can't make out a tree, its
    history has them at activities where they are not, or they have executions without an activity. No list tells; the
    details and the rehearsal do."""
    wavering: list[str] = field(default_factory=list)
    """Instances that the engine migrated one time and not another, all of which the forecast left open."""
    done: Counter[str] = field(default_factory=Counter)
    pairs: int = 0

    @property
    def instances(self) -> int:
        return sum(self.verdicts[f"truth: {one}"] for one in ("migrates", "fails", "fault"))

    def share(self, name: str) -> float:
        """The share of all instances that a verdict has."""
        return self.verdicts[name] / max(1, self.instances)

    def summary(self) -> str:
        """The figures as text."""
        return (
            f"{self.instances} instances of {self.pairs} pairs ({len(self.refused)} pairs refused), "
            f"{1 - self.share('truth: migrates'):.0%} fail ({self.verdicts['truth: fault']} by a fault); "
            f"the forecast can't tell {self.share('list: cannot tell'):.1%} from lists and "
            f"{self.share('tree: cannot tell'):.1%} from trees; "
            f"{len(self.no_tree)} without a tree; {len(self.misplaced)} misplaced in the engine's lists; "
            f"{len(self.wavering)} that the engine migrates sometimes; "
            f"{len(self.differences)} differences\n"
            f"verdicts: {_listed(self.verdicts)}\n"
            f"{len(self.states)} kinds of state: {_listed(self.states)}\n"
            f"{len(self.sentences)} sentences of the engine: {_listed(self.sentences)}\n"
            f"faults: {_listed(self.faults)}\n"
            f"can't tell, because: {_listed(self.reasons)}\n"
            f"done: {_listed(self.done)}"
        )


def _listed(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


@dataclass(frozen=True)
class Truth:
    """What the engine did when it was asked to migrate one instance."""

    outcome: str
    """`migrates`, `fails` with a report, or `fault`."""
    sentences: frozenset[str] = frozenset()
    fault: str = ""


async def _compare(engine: RunningEngine, seed: str, instances: int, record: Record) -> None:
    figures = Figures()
    family: EngineFamily = "operaton" if engine.name == "operaton" else "camunda"
    prefix = f"truth{secrets.token_hex(4)}x"  # several sessions may use one engine
    lacking = what_is_lacking(engine.url, family, prefix)
    number = 0
    while figures.instances < instances:
        assert number < instances, f"hardly any pair can be driven: {figures.summary()}"
        pair = make_tame_pair(f"{seed}-{number}", family, prefix=f"{prefix}{number}", lacking=lacking)
        try:
            await _compare_pair(engine, family, pair, f"{prefix}{number}", instances - figures.instances, figures)
        except Exception as error:
            error.add_note(f"It was pair {pair.seed}.")
            raise
        number += 1
    record("figures", f"{engine.name} {engine.version}, seed {seed!r}: {figures.summary()}")
    assert not figures.differences, f"{len(figures.differences)} differences, seed {seed}:\n" + "\n".join(
        figures.differences[:30]
    )
    assert 0.2 <= figures.share("truth: fails") <= 0.8, figures.summary()
    assert figures.share("list: cannot tell") < 0.3, figures.summary()
    assert len(figures.wavering) <= max(2, figures.instances / 500), figures.summary()
    assert len(figures.misplaced) + len(figures.no_tree) <= max(2, figures.instances / 50), figures.summary()


async def _compare_pair(
    engine: RunningEngine, family: EngineFamily, pair: Pair, prefix: str, most: int, figures: Figures
) -> None:
    url = engine.url
    files = {"called.bpmn": called_xml(prefix, family), "s.bpmn": pair.source_xml, "t.bpmn": pair.target_xml}
    try:
        ids = rest.deploy(url, files)
    except rest.RestError as error:
        figures.refused.append(f"{pair.seed}: {error}")
        return
    figures.pairs += 1
    try:
        for definition_id in ids:
            body = {"processDefinitionId": definition_id, "includeJobs": True, "suspended": True}
            rest.put(url, "/job-definition/suspended", body)
        by_key = {one.split(":")[0]: one for one in ids}
        source_id, target_id = by_key[pair.source.key], by_key[pair.target.key]
        chance = random.Random(f"instances of {pair.seed}")
        driver = Driver(url, source_id, pair.source, condition_variables(pair.source, pair.target), chance)
        waiting = driver.drive(driver.start(INSTANCES_OF_A_PAIR), chance.choice((1, 2, 4, 6)))[:most]
        figures.done.update(driver.done)
        if waiting:
            async with running(engine) as it:
                await _compare_instances(it.session, url, pair, source_id, target_id, waiting, figures, chance)
    finally:
        _clean_up(url, ids[0], called_key(prefix))


def _clean_up(url: str, definition_id: str, key: str) -> None:
    deployment_id = rest.get(url, f"/process-definition/{definition_id}")["deploymentId"]
    with suppress(rest.RestError):  # called instances go with their callers, or the engine refuses
        rest.delete(url, f"/deployment/{deployment_id}?cascade=true&skipCustomListeners=true&skipIoMappings=true")


async def _compare_instances(
    session: Session,
    url: str,
    pair: Pair,
    source_id: str,
    target_id: str,
    ids: Sequence[str],
    figures: Figures,
    chance: random.Random,
) -> None:
    opened = await open_plan(session, source_id, target_id, update_event_triggers=chance.random() < 0.3)
    _edit(opened, chance)
    plan = opened.plan()
    listed = await forecast_instances(session, opened, ids)
    details = {one: await _detail(session, opened, one, figures) for one in ids}
    rehearsal = await rehearse(session, plan, ids)
    where = f"pair {pair.seed}, plan {_shown(plan.instructions)}"
    for one in ids:
        detail = details[one]
        figures.states.update(states_of(detail) if detail is not None else ())
        misplaced = detail is None or _is_misplaced(url, detail, opened)
        truth = _migrate(url, plan.to_engine(), one)
        figures.verdicts[f"truth: {truth.outcome}"] += 1
        figures.sentences.update({_without_names(sentence) for sentence in truth.sentences})
        figures.faults.update([_without_names(truth.fault)] if truth.fault else ())
        wavers = _wavers(rehearsal.verdicts[one], truth)
        figures.wavering += [one] if wavers else []
        wrong = [] if wavers else list(_rehearsal_differences(rehearsal.verdicts.get(one), truth))
        views = [("list", listed[one])] + ([] if detail is None else [("tree", detail.forecast)])
        for view, forecast in views:
            figures.verdicts[f"{view}: {forecast.verdict}"] += 1
            if forecast.verdict == "cannot tell":
                figures.reasons.update(f"{view}: {_without_names(reason)}" for reason in forecast.unknown)
            found = [f"{view} {difference}" for difference in _forecast_differences(forecast, truth)]
            if wavers and forecast.verdict != "cannot tell":
                found = [f"{view} forecast that it {forecast.verdict}, of which the engine is not sure"]
            if found and view == "list" and misplaced:
                figures.misplaced.append(one)
            else:
                wrong += found
        figures.differences += [
            f"{where}, {one}: {text}\n  {truth}\n  {_tree(detail.tree) if detail else 'no tree'}" for text in wrong
        ]
    there = rest.definitions_of(url, ids)
    for one in ids:
        # An instance may go on and end in the migration; what it may not do is stay where it was.
        if one not in figures.wavering and (there.get(one) == source_id) != (
            rehearsal.verdicts[one].outcome != "migrates"
        ):
            figures.differences.append(f"{where}, {one}: rehearsed {rehearsal.verdicts[one]}, now {there.get(one)}")


def _without_names(sentence: str) -> str:
    return re.sub(r"'[^']*'|\[.*", "…", sentence)


async def _detail(session: Session, opened: OpenPlan, instance_id: str, figures: Figures) -> InstanceDetail | None:
    """None where the engine itself can't answer the tree: all three end in a fault for some (NullPointerException,
    'Cannot construct activity-execution mapping', 'No parent activity instance')."""
    try:
        return await read_detail(session, opened, instance_id)
    except (EngineFault, EngineRefused) as error:
        figures.no_tree.append(f"{instance_id}: {error}")
        return None


def _edit(opened: OpenPlan, chance: random.Random) -> None:
    """Edit the generated plan at random, as long as it stays valid."""
    from tui_migrate.migration.suggest import suggest_all

    draft = opened.draft
    if chance.random() < 0.5:
        for one in suggest_all(opened.source_model, opened.target_model, draft.instructions):
            if chance.random() < 0.7:
                draft.map(one.source_id, one.target_id, along=one.along, origin="suggested")
                _undo_if_invalid(opened)
    occupied = [one for one in draft.instructions if opened.counts.instances.get(one.source_activity_id or "")]
    for where, most in ((occupied, (0, 1, 1, 2)), (draft.instructions, (0, 1, 2))):
        for instruction in chance.sample(where, min(len(where), chance.choice(most))):
            draft.remove([instruction.source_activity_id or ""])
            _undo_if_invalid(opened)
    for instruction in draft.instructions:
        if chance.random() < 0.2:
            draft.set_update_event_trigger([instruction.source_activity_id or ""], not instruction.update_event_trigger)
            _undo_if_invalid(opened)
    while reports := draft.report.instruction_reports:  # the generated plan itself is not valid
        draft.remove([one.instruction.source_activity_id or "" for one in reports])


def _undo_if_invalid(opened: OpenPlan) -> None:
    if opened.draft.fault is not None or opened.draft.report.instruction_reports:
        opened.draft.undo()


def _migrate(url: str, plan: Mapping[str, Any], instance_id: str) -> Truth:
    body = {
        "migrationPlan": plan,
        "processInstanceIds": [instance_id],
        "skipCustomListeners": True,
        "skipIoMappings": True,
    }
    try:
        rest.post(url, "/migration/execute", body)
    except rest.RestError as error:
        return _read_refusal(error.body)
    return Truth("migrates")


def _read_refusal(body: Any) -> Truth:
    if body["type"] != "MigratingProcessInstanceValidationException":
        return Truth("fault", fault=f"{body['type']}: {body['message']}")
    report = body["validationReport"]
    sentences = set(report["failures"])
    for kind in ("activityInstanceValidationReports", "transitionInstanceValidationReports"):
        for one in report[kind]:
            sentences.update(one["failures"])
    return Truth("fails", frozenset(_comparable(one) for one in sentences))


def _comparable(sentence: str) -> str:
    """The engine lists ids in the order of a hash."""
    head, bracket, ids = sentence.partition(": [")
    return head + bracket + ", ".join(sorted(ids.rstrip("]").split(", "))) if bracket else sentence


def _rehearsal_differences(verdict: RehearsalVerdict | None, truth: Truth) -> Iterator[str]:
    outcome = "none" if verdict is None else verdict.outcome
    if outcome != ("migrates" if truth.outcome == "migrates" else "fails"):
        yield f"rehearsed {verdict}"
    elif verdict is not None and truth.outcome == "fails":
        if {_comparable(one) for one in verdict.failures} != truth.sentences:
            yield f"rehearsed with other sentences: {verdict.failures}"
    elif verdict is not None and truth.outcome == "fault" and not _same_fault(verdict.failures, truth.fault):
        yield f"rehearsed with another fault: {verdict.failures}"


def _wavers(verdict: RehearsalVerdict, truth: Truth) -> bool:
    migrated = (verdict.outcome == "migrates", truth.outcome == "migrates")
    return migrated[0] != migrated[1] and any(WAVERING in one for one in (*verdict.failures, truth.fault))


def _is_misplaced(url: str, detail: InstanceDetail, opened: OpenPlan) -> bool:
    """Whether the tree does not have what the history has open, or has executions without an activity.

    Between a scope and each concurrent scope inside there is one such execution; more of them are a loss of the engine.
    An activity that the tree has under the id of another is one, too.
    """
    rows = rest.get(url, "/history/activity-instance", processInstanceId=detail.instance.id, unfinished=True)
    pending, lost = [detail.tree], False
    there: dict[str | None, str] = {}
    while pending:
        node = pending.pop()
        there[node.id] = node.activity_id
        inside = [opened.source_model.get(one.activity_id) for one in node.child_activity_instances]
        lost |= len(node.execution_ids) - 1 > sum(one is not None and one.is_scope for one in inside)
        pending += node.child_activity_instances
    return lost or any(there.get(row["id"]) != row["activityId"] for row in rows)


def _same_fault(rehearsed: Sequence[str], fault: str) -> bool:
    """Ids of executions that the migration itself makes are others each time."""
    message = _without_names(fault.partition(": ")[2])
    return any(message[:60] in _without_names(one) for one in rehearsed)


def _forecast_differences(forecast: Forecast, truth: Truth) -> Iterator[str]:
    """Yield what was said and is wrong. A fault is no migration, either, and no report names its failures."""
    said = {_comparable(one.sentence) for one in forecast.failures}
    if forecast.verdict == "migrates" and truth.outcome != "migrates":
        yield "forecast to migrate"
    elif forecast.verdict == "fails" and truth.outcome == "migrates":
        yield f"forecast to fail: {sorted(said)}"
    elif (
        truth.outcome == "fails"
        and forecast.verdict == "fails"
        and not (said <= truth.sentences if forecast.unknown else said == truth.sentences)
    ):
        yield f"forecast with other sentences: {sorted(said)}, unknown {forecast.unknown}"


def states_of(detail: InstanceDetail) -> set[str]:
    """Name the kinds of state that an instance is in."""
    found = {f"{one.incident_type} incident" for one in detail.incidents}
    found |= {f"{one.event_type} subscription" for one in detail.subscriptions}
    found |= {"suspended"} if detail.instance.suspended else set()
    found |= {"called instance"} if detail.called else set()
    pending = [(detail.tree, True)]
    while pending:
        node, root = pending.pop()
        if not root:
            found.add(f"{'in ' if node.child_activity_instances else ''}{node.activity_type}")
        found |= {"token between activities" for _ in node.child_transition_instances}
        pending += [(child, False) for child in node.child_activity_instances]
    return found


def _tree(node: ActivityInstance) -> str:
    inside = [_tree(child) for child in node.child_activity_instances]
    inside += [f"~{one.activity_id}" for one in node.child_transition_instances]
    return f"{node.activity_id}({', '.join(inside)})" if inside else node.activity_id


def _shown(instructions: Sequence[Any]) -> str:
    return " ".join(
        f"{one.source_activity_id}→{one.target_activity_id}{'!' * one.update_event_trigger}" for one in instructions
    )
