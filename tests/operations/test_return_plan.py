from __future__ import annotations

from tests.operations.planning import bpmn
from tests.operations.running import mixed_1, mixed_2, mixed_plan, mixed_sandbox, prepared, running, sandbox
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.bpmn.reader import read_model
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.operations.account import account
from tui_migrate.operations.return_plan import make_return_plan, moved_selection, return_plan
from tui_migrate.operations.run import Runner, RunOptions


def model(definition_id: str, *elements: str) -> ProcessModel:
    return read_model(bpmn("p", *elements), definition_id=definition_id)


def tasks(*ids: str) -> tuple[str, ...]:
    return ('<startEvent id="s"/>', *(f'<userTask id="{one}" name="Task {one}"/>' for one in ids), f"s -> {ids[0]}")


def test_the_inverse_leads_back() -> None:
    source, target = model("a", *tasks("x", "y")), model("b", *tasks("x2", "y"))
    plan = MigrationPlan("a", "b", (Instruction("x", "x2"), Instruction("y", "y")))
    back = return_plan(plan, source, target)
    assert (back.plan.source_definition_id, back.plan.target_definition_id) == ("b", "a")
    assert set(back.plan.instructions) == {Instruction("x2", "x"), Instruction("y", "y")}
    assert back.report.valid
    assert back.dropped == ()
    assert any("stay done" in note for note in back.notes)


def test_what_was_merged_can_t_be_parted() -> None:
    source, target = model("a", *tasks("x", "y")), model("b", *tasks("z"))
    plan = MigrationPlan("a", "b", (Instruction("y", "z"), Instruction("x", "z")))
    back = return_plan(plan, source, target)
    assert back.plan.instructions == (Instruction("z", "x"),)  # the first one of the document
    assert back.notes[0] == (
        "'Task z' (z) took in 'Task x' (x), 'Task y' (y): nothing tells any more which instance came from which, "
        "so all go back to 'Task x' (x)."
    )


def test_new_activities_have_no_way_back() -> None:
    source, target = model("a", *tasks("x")), model("b", *tasks("x", "new"))
    back = return_plan(MigrationPlan("a", "b", (Instruction("x", "x"),)), source, target)
    assert any("can't return: 'Task new' (new)." in note for note in back.notes)


def test_an_inverse_that_the_engine_would_refuse_is_left_out_and_named() -> None:
    """Out of a parallel multi-instance body there is a way, into one there is none."""
    many = (
        '<userTask id="x" name="Task x"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
        "</multiInstanceLoopCharacteristics></userTask>"
    )
    source, target = model("a", '<startEvent id="s"/>', many, "s -> x"), model("b", *tasks("x"))
    back = return_plan(MigrationPlan("a", "b", (Instruction("x", "x"),)), source, target)
    assert back.plan.instructions == ()
    assert back.dropped == (Instruction("x", "x"),)
    assert back.report.valid
    assert any("no valid way back" in note for note in back.notes)


def test_variables_and_triggers_are_said_to_stay() -> None:
    catch = (
        '<startEvent id="s"/>',
        '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "s -> wait",
    )
    source, target = model("a", *catch), model("b", *catch)
    plan = MigrationPlan("a", "b", (Instruction("wait", "wait", True),), {"n": {"value": 1, "type": "Integer"}})
    back = return_plan(plan, source, target)
    assert not back.plan.variables
    assert back.plan.instructions == (Instruction("wait", "wait", True),)
    assert any("keep their values: n." in note for note in back.notes)
    assert any("Updated event triggers" in note for note in back.notes)


async def test_the_moved_instances_of_a_run_come_back() -> None:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=5, bad=2)
    async with running(engine) as it:
        runner = Runner(it.session, await prepared(it.session, mixed.plan, mixed.ids))
        await runner.start()
        state = await runner.wait()
        run = it.session.journal.run(state.run_id)
        assert state.account is not None
        back = await make_return_plan(it.session, run)
        moved = moved_selection(state.account)
        assert sorted(moved) == mixed.good
        again = Runner(it.session, await prepared(it.session, back.plan, moved, RunOptions(asynchronous=True)))
        await again.start()
        await again.wait()
        taken = await account(it.session, again.run_id)
    assert taken.all_moved
    assert {engine.instance(one).definition.id for one in mixed.ids} == {mixed.source_id}


def test_a_whole_process_goes_there_and_back() -> None:
    source, target = read_model(mixed_1("m"), definition_id="a"), read_model(mixed_2("m"), definition_id="b")
    back = return_plan(mixed_plan("a", "b"), source, target)
    assert back.report.valid
    assert len(back.plan.instructions) == 6
    assert any("'better'" in note for note in back.notes)
