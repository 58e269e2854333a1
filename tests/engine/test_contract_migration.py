"""The contract of generate, validate and execute, with every refusal and its type."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from tests.engine import processes
from tests.engine.contract import ContractEngine
from tests.engines.rest import new_key
from tui_migrate.engine.plan_answer import instance_report, validation_report
from tui_migrate.engine.refusal import engine_code
from tui_migrate.errors import EngineRefused, InstanceRejected, PlanRejected
from tui_migrate.migration.plan import Instruction, MigrationPlan

NO_INSTRUCTION = "There is no migration instruction for this instance's activity"


class Pair:
    """Two versions of a small process: `wait` is `wait2` in the second, `other` is in both, `gone` in the first."""

    def __init__(self, engine: ContractEngine, *, tenant_id: str | None = None) -> None:
        self.engine = engine
        self.key = new_key("contract-pair")
        self.source = engine.deploy(processes.simple(self.key, "wait", "other", "gone"), tenant_id=tenant_id)
        self.target = engine.deploy(processes.simple(self.key, "wait2", "other"), tenant_id=tenant_id)

    @property
    def plan(self) -> MigrationPlan:
        return MigrationPlan(
            self.source, self.target, (Instruction("wait", "wait2"), Instruction("other", "other", False))
        )

    def start(self, count: int = 1) -> list[str]:
        return [self.engine.start(self.source, f"{self.key}-{number}") for number in range(count)]

    def where(self, ids: list[str]) -> set[str | None]:
        return {self.engine.host.definition_of(one) for one in ids}


async def test_generate(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    plan = await client.generate(world.source, world.target)
    assert (plan.source_definition_id, plan.target_definition_id) == (world.source, world.target)
    pairs = [(one.source_activity_id, one.target_activity_id, one.update_event_trigger) for one in plan.instructions]
    assert pairs == [
        (name, name, False) for name in ("call", "fail", "fork", "inner", "joined", "paid", "side", "sub", "undo")
    ]
    assert plan.variables == {}


async def test_generate_with_event_triggers(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    plan = await client.generate(world.source, world.source, update_event_triggers=True)
    updated = {one.source_activity_id for one in plan.instructions if one.update_event_trigger}
    assert updated == {"late", "message"}


async def test_generate_between_what_does_not_exist(contract_engine: ContractEngine) -> None:
    for source, target in (("nope", contract_engine.world.target), (contract_engine.world.source, "nope")):
        with pytest.raises(EngineRefused) as caught:
            await contract_engine.client.generate(source, target)
        assert engine_code(caught.value.engine_message) == "23008"


async def test_a_valid_plan(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    report = await contract_engine.client.validate(pair.plan)
    assert report.valid
    assert (await contract_engine.client.validate(replace(pair.plan, instructions=()))).valid


async def test_an_invalid_plan(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    wrong = (Instruction("wait", "nope"), Instruction("nothing", "other"), Instruction("gone", "start", True))
    plan = replace(pair.plan, instructions=(*pair.plan.instructions[1:], *wrong))
    report = await contract_engine.client.validate(plan)
    assert not report.valid
    failures = {one.instruction: one.failures for one in report.instruction_reports}
    assert set(failures) == set(wrong)
    assert failures[wrong[0]] == ("Target activity 'nope' does not exist",)
    assert failures[wrong[1]] == ("Source activity 'nothing' does not exist",)
    assert len(failures[wrong[2]]) == 2

    (instance,) = pair.start()
    for call in (contract_engine.client.execute, contract_engine.client.execute_async):
        with pytest.raises(PlanRejected) as caught:
            await call(plan, [instance])
        assert engine_code(caught.value.engine_message) == "23001"
        read = {
            one.instruction: set(one.failures) for one in validation_report(caught.value.report).instruction_reports
        }
        assert read == {instruction: set(texts) for instruction, texts in failures.items()}
    assert pair.where([instance]) == {pair.source}


async def test_validate_what_does_not_exist(contract_engine: ContractEngine) -> None:
    with pytest.raises(EngineRefused) as caught:
        await contract_engine.client.validate(MigrationPlan("nope:1:x", contract_engine.world.target))
    assert engine_code(caught.value.engine_message) == "23008"


async def test_execute_moves_all_of_them(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    ids, stay = pair.start(3), pair.start(1)
    await contract_engine.client.execute(pair.plan, [*ids, ids[0]])
    assert pair.where(ids) == {pair.target}
    assert pair.where(stay) == {pair.source}


async def test_execute_with_both_options(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    ids = pair.start(2)
    await contract_engine.client.execute(pair.plan, ids, skip_custom_listeners=True, skip_io_mappings=True)
    assert pair.where(ids) == {pair.target}


async def test_the_body_that_is_sent_is_the_one_that_is_shown(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    body = contract_engine.client.execution_body(pair.plan, ["i"], skip_custom_listeners=True)
    assert body == {
        "migrationPlan": {
            "sourceProcessDefinitionId": pair.source,
            "targetProcessDefinitionId": pair.target,
            "instructions": [
                {"sourceActivityIds": ["wait"], "targetActivityIds": ["wait2"], "updateEventTrigger": False},
                {"sourceActivityIds": ["other"], "targetActivityIds": ["other"], "updateEventTrigger": False},
            ],
        },
        "processInstanceIds": ["i"],
        "skipCustomListeners": True,
        "skipIoMappings": False,
    }


async def test_one_instance_that_refuses_keeps_all_where_they_are(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    ids = pair.start(3)
    with pytest.raises(InstanceRejected) as caught:
        await contract_engine.client.execute(replace(pair.plan, instructions=(Instruction("other", "other"),)), ids)
    assert engine_code(caught.value.engine_message) == "23004"
    report = instance_report(caught.value)
    assert report is not None
    assert report.instance_id in ids
    (failure,) = report.activities
    assert (failure.activity_id, failure.transition, failure.failures) == ("wait", False, (NO_INSTRUCTION,))
    assert pair.where(ids) == {pair.source}


async def test_a_transition_instance_that_refuses(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    plan = replace(await client.generate(world.source, world.target), instructions=())
    with pytest.raises(InstanceRejected) as caught:
        await client.execute(plan, [world.instances["fail"]])
    report = instance_report(caught.value)
    assert report is not None
    (failure,) = report.activities
    assert (failure.activity_id, failure.transition, failure.failures) == ("fail", True, (NO_INSTRUCTION,))


async def test_compensation_that_refuses_is_a_failure_of_the_process(contract_engine: ContractEngine) -> None:
    world, client = contract_engine.world, contract_engine.client
    plan = MigrationPlan(world.source, world.target, (Instruction("paid", "paid"),))
    with pytest.raises(InstanceRejected) as caught:
        await client.execute(plan, [world.instances["compensate"]])
    report = instance_report(caught.value)
    assert report is not None
    (failure,) = report.activities
    assert failure.activity_id == world.source
    assert failure.failures == (
        "Cannot migrate subscription for compensation handler 'pay-back'. "
        "There is no migration instruction for the compensation boundary event",
    )


async def test_refusals_of_a_selection(contract_engine: ContractEngine) -> None:
    pair, other = Pair(contract_engine), Pair(contract_engine)
    client, (instance,), (foreign,) = contract_engine.client, pair.start(), other.start()
    cases = {
        "nothing": ([], None, "process instance ids is empty"),
        "not there": ([instance, "nope"], "23003", "'nope'"),
        "of another definition": ([instance, foreign], "23002", foreign),
    }
    for name, (ids, code, words) in cases.items():
        with pytest.raises(EngineRefused) as caught:
            await client.execute(pair.plan, ids)
        assert engine_code(caught.value.engine_message) == code, name
        assert words in str(caught.value.engine_message), name
    with pytest.raises(EngineRefused, match="process instance ids is empty"):
        await client.execute_async(pair.plan, [])
    assert pair.where([instance]) == {pair.source}
    await client.execute(pair.plan, [instance])
    with pytest.raises(EngineRefused) as caught:
        await client.execute(pair.plan, [instance])
    assert engine_code(caught.value.engine_message) == "23002"


async def test_an_unknown_definition_in_a_plan(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    (instance,) = pair.start()
    plan = replace(pair.plan, target_definition_id="nope:1:x")
    for call in (contract_engine.client.execute, contract_engine.client.execute_async):
        with pytest.raises(EngineRefused) as caught:
            await call(plan, [instance])
        assert engine_code(caught.value.engine_message) == "23008"


async def test_tenants(contract_engine: ContractEngine) -> None:
    one, two, none = (Pair(contract_engine, tenant_id=tenant) for tenant in ("t-one", "t-two", None))
    client = contract_engine.client
    with pytest.raises(EngineRefused) as caught:
        await client.generate(one.source, two.target)
    assert engine_code(caught.value.engine_message) == "2309"
    with pytest.raises(EngineRefused) as caught:
        await client.validate(MigrationPlan(one.source, two.target))
    assert engine_code(caught.value.engine_message) == "2309"

    into = replace(one.plan, source_definition_id=none.source)
    assert (await client.validate(into)).valid
    (instance,) = none.start()
    with pytest.raises(EngineRefused) as caught:
        await client.execute(into, [instance])
    assert engine_code(caught.value.engine_message) == "23010"

    (instance,) = one.start()
    await client.execute(replace(none.plan, source_definition_id=one.source), [instance])
    assert contract_engine.host.definition_of(instance) == none.target


async def test_a_rehearsal_is_rolled_back(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    ids = pair.start(2)
    with pytest.raises(EngineRefused) as caught:
        await contract_engine.client.rehearse_call(pair.plan, [*ids, "stopper"])
    assert engine_code(caught.value.engine_message) == "23003"
    assert (caught.value.status, caught.value.engine_type) == (500, "ProcessEngineException")
    assert pair.where(ids) == {pair.source}


async def test_variables_of_a_plan_are_set(contract_engine: ContractEngine) -> None:
    pair = Pair(contract_engine)
    (instance,) = pair.start()
    variables: dict[str, dict[str, Any]] = {
        "whole": {"value": 7, "type": "Integer"},
        "text": {"value": "ä", "type": "String"},
        "yes": {"value": True, "type": "Boolean"},
        "when": {"value": "2026-01-02T03:04:05.678+0000", "type": "Date"},
        "untyped": {"value": 1.5},
    }
    plan = replace(pair.plan, variables=variables)
    assert (await contract_engine.client.validate(plan)).valid
    await contract_engine.client.execute(plan, [instance])
    found = {one.name: (one.type, one.value) for one in await contract_engine.client.variables([instance])}
    assert found["whole"] == ("Integer", 7)
    assert found["text"] == ("String", "ä")
    assert found["yes"] == ("Boolean", True)
    assert found["untyped"] == ("Double", 1.5)
    kind, value = found["when"]
    assert kind == "Date"
    assert datetime.fromisoformat(value) == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "variable",
    [
        {"value": "q", "type": "Integer"},
        {"value": "2026-01-01", "type": "Date"},
        {"value": 1, "type": "Nope"},
    ],
)
async def test_variables_that_do_not_fit_their_type(contract_engine: ContractEngine, variable: dict[str, Any]) -> None:
    pair = Pair(contract_engine)
    (instance,) = pair.start()
    plan = replace(pair.plan, variables={"v": variable})
    for call in (
        contract_engine.client.validate(plan),
        contract_engine.client.generate(pair.source, pair.target, variables=plan.variables),
        contract_engine.client.execute(plan, [instance]),
        contract_engine.client.execute_async(plan, [instance]),
    ):
        with pytest.raises(EngineRefused):
            await call
    assert pair.where([instance]) == {pair.source}
