"""The report of a whole plan: what can't be resolved, what comes first, variables, the text of a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.strategies.pieces import START, TIMER, boundary
from tests.strategies.unusual import model_of
from tui_migrate.migration.generate import generate
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.migration.report import InstructionReport, ValidationReport
from tui_migrate.migration.validate import EngineWouldFail, rejection_message, validate, variable_failures

MODEL = model_of(START + '<userTask id="a"/><userTask id="c"/>' + boundary("a", TIMER), key="p", definition_id="p:1:x")
JAVA = "application/x-java-serialized-object"


def test_an_empty_plan_is_valid() -> None:
    report = validate(MODEL, MODEL, ())
    assert report.valid
    assert report == ValidationReport()


def test_a_generated_plan_is_valid() -> None:
    assert validate(MODEL, MODEL, generate(MODEL, MODEL)).valid


@pytest.mark.parametrize(
    ("source", "target", "failures"),
    [
        ("x", "a", ("Source activity 'x' does not exist",)),
        ("a", "x", ("Target activity 'x' does not exist",)),
        ("x", "y", ("Source activity 'x' does not exist", "Target activity 'y' does not exist")),
        (None, "x", ("Source activity id is null",)),
        ("x", None, ("Target activity id is null",)),
        (None, None, ("Source activity id is null", "Target activity id is null")),
        ("p", "p:1:x", ("Source activity 'p' does not exist", "Target activity 'p:1:x' does not exist")),
        ("", "A", ("Source activity '' does not exist", "Target activity 'A' does not exist")),
        ("#process", "a", ("Source activity '#process' does not exist",)),
    ],
)
def test_instructions_that_can_not_be_resolved(
    source: str | None, target: str | None, failures: tuple[str, ...]
) -> None:
    instruction = Instruction(source, target)
    assert validate(MODEL, MODEL, [instruction]).instruction_reports == (InstructionReport(instruction, failures),)


def test_unresolved_instructions_come_first_and_are_not_seen_by_others() -> None:
    duplicate, broken, fine = Instruction("b", "b"), Instruction("a", "nowhere"), Instruction("c", "c")
    report = validate(MODEL, MODEL, [duplicate, fine, broken])
    assert [one.instruction for one in report.instruction_reports] == [broken, duplicate]
    assert validate(MODEL, MODEL, [Instruction("a", "a"), broken]).instruction_reports == (
        InstructionReport(broken, ("Target activity 'nowhere' does not exist",)),
    )


def test_equal_instructions_are_reported_each() -> None:
    instruction = Instruction("a", "a")
    report = validate(MODEL, MODEL, [instruction] * 3)
    assert [one.instruction for one in report.instruction_reports] == [instruction] * 3


def _object(**value_info: object) -> dict[str, Any]:
    return {"value": "rO0", "type": "Object", "valueInfo": {"objectTypeName": "x", **value_info}}


@pytest.mark.parametrize(
    "variable",
    [
        {"value": "x", "type": "String"},
        {"value": 1},
        {},
        {"value": None, "type": "Null"},
        {"value": "AAAA", "type": "Bytes"},
        {"value": "x", "type": "File", "valueInfo": {"filename": "f"}},
        _object(serializationDataFormat="application/json"),
        _object(serializationDataFormat=""),
    ],
)
def test_variables_that_the_engine_takes(variable: dict[str, Any]) -> None:
    assert validate(MODEL, MODEL, (), variables={"v": variable}).valid


@pytest.mark.parametrize("type_", ["Object", "object"])
def test_java_objects_are_prohibited(type_: str) -> None:
    variable = _object(serializationDataFormat=JAVA) | {"type": type_}
    report = validate(MODEL, MODEL, [Instruction("a", "a")], variables={"v": variable, "w": {"value": 1}})
    assert not report.valid
    assert report.instruction_reports == ()
    prohibited = "Cannot set variable with name v. Java serialization format is prohibited"
    assert report.variable_reports == {"v": (prohibited,)}


def test_an_object_without_a_format_makes_the_engine_fail() -> None:
    with pytest.raises(EngineWouldFail) as caught:
        validate(MODEL, MODEL, [Instruction("nowhere", "a")], variables={"v": _object()})
    assert caught.value.engine_message == (
        "Cannot find serializer for value 'ObjectValue [value=null, isDeserialized=false, "
        "serializationDataFormat=null, objectTypeName=x, serializedValue=3 chars, isTransient=false]'."
    )
    with pytest.raises(EngineWouldFail, match=r"objectTypeName=null, serializedValue=null, isTransient=true"):
        variable_failures({"v": {"type": "Object", "valueInfo": {"transient": True}}})


def test_the_text_of_a_refusal() -> None:
    plan = MigrationPlan("p:1:x", "p:2:y", (Instruction("a", "b", True), Instruction(None, "b")))
    variables = {"v": _object(serializationDataFormat=JAVA)}
    report = validate(MODEL, MODEL, plan.instructions, variables=variables)
    assert rejection_message(report, plan) == (
        "ENGINE-23001 Migration plan for process definition 'p:1:x' to 'p:2:y' is not valid:\n"
        "\t Migration instruction MigrationInstructionImpl{sourceActivityId='null', targetActivityId='b', "
        "updateEventTrigger='false'} is not valid:\n"
        "\t\tSource activity id is null\n"
        "\t Migration instruction MigrationInstructionImpl{sourceActivityId='a', targetActivityId='b', "
        "updateEventTrigger='true'} is not valid:\n"
        "\t\tActivities have incompatible types (UserTaskActivityBehavior is not compatible with "
        "BoundaryEventActivityBehavior)\n"
        "\t\tCannot update event trigger because the activity does not define a persistent event trigger\n"
        "\t Migration variable v is not valid:\n"
        "\t\tCannot set variable with name v. Java serialization format is prohibited\n"
    )
