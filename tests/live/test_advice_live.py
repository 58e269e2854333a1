"""What the forecast says of an instance is what the engine says when it is asked to migrate it."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.bpmn_pieces import written
from tests.engines import rest
from tests.live.forecast_mixtures import CALLED, Mixer, step
from tests.live.forecast_models import SCENES
from tests.live.forecast_scene import Scene
from tests.live.instance_reading import read_state
from tui_migrate.bpmn.model import EngineFamily, ProcessModel
from tui_migrate.bpmn.reader import read_model
from tui_migrate.migration.forecast import Forecast, InstanceState, forecast
from tui_migrate.migration.generate import generate
from tui_migrate.migration.instance_case import handlers_in_bodies
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.migration.suggest import suggest_all
from tui_migrate.migration.validate import validate

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

NUMBERS = itertools.count()


@dataclass
class Deployed:
    """A scene's source and one target on an engine."""

    engine: RunningEngine
    scene: Scene
    key: str
    source_id: str
    target_id: str
    source: ProcessModel
    target: ProcessModel
    definition_ids: list[str]

    @property
    def url(self) -> str:
        return self.engine.url


@dataclass
class Compared:
    """What a comparison came to."""

    verdicts: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def deploy(engine: RunningEngine, scene: Scene, target: str) -> Deployed:
    key = f"extras-{os.getpid()}-{next(NUMBERS)}"
    family: EngineFamily = "operaton" if engine.name == "operaton" else "camunda"
    source_xml, target_xml = written(scene.source, key), written(scene.targets[target], key)
    ids = []
    for xml, tenant in zip((source_xml, target_xml), scene.tenants, strict=True):
        ids += rest.deploy(engine.url, {"process.bpmn": xml}, tenant_id=tenant)
    if scene.called:
        ids += rest.deploy(engine.url, {"called.bpmn": written(scene.called, f"{key}-called")})
    for definition_id in ids:
        body = {"processDefinitionId": definition_id, "includeJobs": True, "suspended": True}
        rest.put(engine.url, "/job-definition/suspended", body)
    source = read_model(source_xml.encode(), definition_id=ids[0], engine=family)
    model = read_model(target_xml.encode(), definition_id=ids[1], engine=family)
    return Deployed(engine, scene, key, ids[0], ids[1], source, model, ids)


def plans(
    source: ProcessModel, target: ProcessModel, also: Sequence[tuple[str, str]] = (), most: int = 14
) -> Iterator[tuple[Instruction, ...]]:
    """Yield valid plans: all that can be mapped, what is generated, and with some of the instructions taken out.

    Args:
        source: The source model.
        target: The target model.
        also: Pairs that one of the plans has in place of its own.
        most: How many are wanted at most.
    """
    chance = random.Random("plans")
    generated = generate(source, target)
    whole = list(_whole(source, target, generated))
    changed = [one for one in whole if one.source_activity_id not in dict(also)] + [Instruction(*one) for one in also]
    updated = [replace(one, update_event_trigger=_can_update(source, one)) for one in whole]
    first = [tuple(whole), generated, (), tuple(changed), tuple(updated)]
    others = [tuple(one for one in whole if one is not left_out) for left_out in whole]
    others += [tuple(one for one in whole if chance.random() < 0.7) for _ in range(3)]
    chance.shuffle(others)
    seen: set[frozenset[Instruction]] = set()
    for plan in (*first, *others):
        kept = _made_valid(source, target, plan)
        if frozenset(kept) not in seen and len(seen) < most:
            seen.add(frozenset(kept))
            yield kept


def _whole(source: ProcessModel, target: ProcessModel, generated: tuple[Instruction, ...]) -> Iterator[Instruction]:
    """Yield the generated plan, what is suggested beyond it, and whatever else has the same id."""
    whole = list(generated)
    for one in suggest_all(source, target, generated):
        whole += [*one.along, Instruction(one.source_id, one.target_id)]
    mapped = {one.source_activity_id for one in whole}
    whole += [Instruction(one, one) for one in source.activities if one in target.activities and one not in mapped]
    yield from dict.fromkeys(whole)


def _can_update(source: ProcessModel, one: Instruction) -> bool:
    return source.defines_persistent_trigger(source[one.source_activity_id or ""])


def _made_valid(source: ProcessModel, target: ProcessModel, plan: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
    while True:
        failing = {one.instruction for one in validate(source, target, plan).instruction_reports}
        if not failing:
            return plan
        plan = tuple(one for one in plan if one not in failing)


@dataclass(frozen=True)
class Answer:
    """What the engine said about one instance."""

    migrated: bool
    sentences: tuple[str, ...] = ()
    fault: str | None = None


def execute(deployed: Deployed, plan: Sequence[Instruction], instance_id: str) -> Answer:
    migration_plan = MigrationPlan(deployed.source_id, deployed.target_id, tuple(plan)).to_engine()
    body = {"migrationPlan": migration_plan, "processInstanceIds": [instance_id]}
    try:
        rest.post(deployed.url, "/migration/execute", body)
    except rest.RestError as error:
        return _answer(error.body)
    return Answer(True)


def _answer(body: dict[str, Any]) -> Answer:
    if body["type"] == "MigratingProcessInstanceValidationException":
        report = body["validationReport"]
        sentences = list(report["failures"])
        for kind in ("activityInstanceValidationReports", "transitionInstanceValidationReports"):
            for one in report[kind]:
                sentences += one["failures"]
        return Answer(False, tuple(sorted(sentences)))
    if "ENGINE-23010" in (body["message"] or ""):
        return Answer(False, (body["message"].strip(),))
    return Answer(False, fault=f"{body['type']}: {body['message']}")


def views(state: InstanceState) -> Iterator[tuple[str, InstanceState]]:
    """Yield a state as it would be known with more or fewer reads."""
    yield "tree", state
    yield "history", replace(state, tree=None)
    yield "tree alone", InstanceState(state.instance_id, tree=state.tree, tenant_id=state.tenant_id)
    yield "no variables", replace(state, variables=None)
    yield "no jobs", replace(state, jobs=None)
    yield "no incidents", replace(state, incidents=None)
    yield "no compensation", replace(state, compensation=None)
    yield "nothing", InstanceState(state.instance_id, tenant_id=state.tenant_id)


def judge(said: Forecast, answer: Answer) -> str | None:
    """Return what is wrong with a forecast."""
    sentences = tuple(sorted(_comparable(one.sentence) for one in said.failures))
    answered = tuple(sorted(_comparable(one) for one in answer.sentences))
    if answer.fault is not None:
        return None if said.verdict == "cannot tell" else f"a fault that was not foreseen: {answer.fault}"
    if said.verdict == "migrates" and not answer.migrated:
        return "said to migrate"
    if said.verdict == "fails" and answer.migrated:
        return f"said to fail: {sentences}"
    if said.verdict != "fails":
        return None
    if said.unknown:
        missing = Counter(sentences) - Counter(answered)
        return f"sentences that the engine does not have: {dict(missing)}" if missing else None
    return None if sentences == answered else f"other sentences: {sentences}"


def _comparable(sentence: str) -> str:
    """The engine lists ids in a hash order."""
    head, bracket, ids = sentence.partition(": [")
    return head + bracket + ", ".join(sorted(ids.rstrip("]").split(", "))) if bracket else sentence


def ask(
    deployed: Deployed, state_name: str, plan: Sequence[Instruction], state: InstanceState, compared: Compared
) -> Answer:
    """Forecast what becomes of an instance, then really try to migrate it, and note where the two differ."""
    source, target, tenant = deployed.source, deployed.target, deployed.scene.tenants[1]
    said = {view: forecast(source, target, plan, known, target_tenant_id=tenant) for view, known in views(state)}
    answer = execute(deployed, plan, state.instance_id)
    compared.verdicts["migrated" if answer.migrated else "refused" if answer.sentences else "fault"] += 1
    compared.sentences.update(answer.sentences)
    for view, one in said.items():
        compared.verdicts[f"{view}: {one.verdict}"] += 1
        wrong = judge(one, answer)
        if view == "tree" and one.verdict == "cannot tell" and state_name not in deployed.scene.unsure:
            wrong = "everything was read, and it can't tell"
        if wrong:
            where = f"{deployed.engine.name}, {deployed.scene.name}, {state_name}, {view}"
            compared.wrong.append(f"{where}: {wrong}\n  engine {answer}\n  plan {_short(plan)}\n  {one}\n  {state}")
    return answer


def _short(plan: Sequence[Instruction]) -> str:
    return ", ".join(f"{one.source_activity_id}→{one.target_activity_id}" for one in plan)


def read(deployed: Deployed, instance_id: str) -> InstanceState:
    return read_state(deployed.url, instance_id, deployed.source_id, handlers_in_bodies(deployed.source))


def put_into(deployed: Deployed, state: str) -> str:
    """Start an instance and bring it into a state of its scene."""
    instance_id = rest.start_instance(deployed.url, deployed.source_id, variables=deployed.scene.variables)
    for step_into in deployed.scene.states[state]:
        step_into(deployed.url, instance_id, deployed.key)
    return instance_id


def compare(deployed: Deployed, state_name: str, compared: Compared, migrations: int) -> None:
    """Ask the engine about an instance in this state with many plans.

    Those that would fail come first: they leave the instance as it is. After one that migrates, as many of which are
    asked as `migrations` says, a new instance is brought into the state.
    """
    state: InstanceState | None = read(deployed, put_into(deployed, state_name))
    assert state is not None
    first = state
    most = 6 if migrations == 1 else 14
    candidates = list(plans(deployed.source, deployed.target, deployed.scene.also, most))
    tenant = deployed.scene.tenants[1]
    said = [forecast(deployed.source, deployed.target, plan, first, target_tenant_id=tenant) for plan in candidates]
    refused = [plan for plan, one in zip(candidates, said, strict=True) if one.verdict == "fails"]
    others = [plan for plan, one in zip(candidates, said, strict=True) if one.verdict != "fails"]
    for plan in (*refused, *others[:migrations]):
        if state is None:
            state = read(deployed, put_into(deployed, state_name))
        if ask(deployed, state_name, plan, state, compared).migrated:
            state = None


def mix(deployed: Deployed, seed: str, compared: Compared) -> None:
    """Bring instances into random states; ask about each with plans that would fail first, and one that would not."""
    chance = random.Random(seed)
    candidates = list(plans(deployed.source, deployed.target, most=40))
    for _ in range(4):
        instance_id = rest.start_instance(deployed.url, deployed.source_id)
        for _ in range(chance.choice((0, 1, 2, 4, 6, 9, 12, 16))):
            with contextlib.suppress(rest.RestError):  # a failing job, an event that is no longer waited for
                step(deployed.url, instance_id, chance)
        if rest.definition_of(deployed.url, instance_id) is None:
            continue
        state = read(deployed, instance_id)
        migrating: list[tuple[Instruction, ...]] = []
        for plan in candidates:
            if forecast(deployed.source, deployed.target, plan, state).verdict == "migrates":
                migrating.append(plan)
            elif ask(deployed, "", plan, state, compared).migrated:
                break
        else:
            for plan in migrating[:1]:
                ask(deployed, "", plan, state, compared)


def forget(deployed: Deployed) -> None:
    """Remove the definitions with their instances: engines are shared, and keep everything in memory."""
    for definition_id in deployed.definition_ids:
        with contextlib.suppress(rest.RestError):  # an instance that moves on at the same moment
            rest.delete(deployed.url, f"/process-definition/{definition_id}?cascade=true&skipCustomListeners=true")


def check(compared: Compared) -> None:
    assert not compared.wrong, f"{len(compared.wrong)} wrong:\n" + "\n".join(compared.wrong[:20])


def check_scene(scene: Scene, engine: RunningEngine, migrations: int) -> None:
    compared = Compared()
    for target in scene.targets:
        deployed = deploy(engine, scene, target)
        for state in scene.states:
            compare(deployed, state, compared, migrations)
        forget(deployed)

    check(compared)
    missed = [part for part in scene.reaches if not any(part in sentence for sentence in compared.sentences)]
    assert not missed, f"the engine never said: {missed}"


@pytest.mark.live
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_forecast_is_never_wrong(scene: Scene, live_engine: RunningEngine) -> None:
    check_scene(scene, live_engine, migrations=1)


@pytest.mark.live
@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_forecast_is_never_wrong_whatever_the_plan(scene: Scene, live_engine: RunningEngine) -> None:
    check_scene(scene, live_engine, migrations=10)


def mixed_scene(seed: str) -> Scene:
    source, target = Mixer(seed).mixture()
    return Scene(f"mixture {seed}", source, {"changed": target}, {}, called=CALLED, unsure=frozenset({""}))


@pytest.mark.live
@pytest.mark.parametrize("seed", [str(number) for number in range(2)])
def test_a_forecast_of_a_random_instance_is_never_wrong(seed: str, live_engine: RunningEngine) -> None:
    compared = Compared()
    deployed = deploy(live_engine, mixed_scene(seed), "changed")
    mix(deployed, seed, compared)
    forget(deployed)

    check(compared)
    assert compared.verdicts["refused"] > 0


@pytest.mark.live
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_forecasts_of_many_random_instances_are_never_wrong(live_engine: RunningEngine) -> None:
    first = random.randrange(1_000_000)
    compared = Compared()
    for seed in range(first, first + 60):
        deployed = deploy(live_engine, mixed_scene(str(seed)), "changed")
        mix(deployed, str(seed), compared)
        forget(deployed)

    check(compared)
    assert compared.verdicts["refused"] > 500, compared.verdicts
    assert compared.verdicts["migrated"] > 50, compared.verdicts
