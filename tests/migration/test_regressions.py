"""Every difference from an engine that was ever found, by name, with its model and the engine's answer."""

from __future__ import annotations

import pytest

from tests.strategies.pieces import COMPENSATE, LOOP, MESSAGE, START, association, boundary, event_sub, handler, sub
from tests.strategies.unusual import UNUSUAL, model_of
from tui_migrate.bpmn.model import BODY_SUFFIX
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validate import EngineWouldFail, validate


def test_objects_without_a_format_do_not_fall_back_to_java_serialization() -> None:
    """Camunda 7.17 and 7.24, Operaton 1.0.3: no report of the variable, but an internal error about the whole plan."""
    model = model_of(START)
    variables = {"v": {"value": "rO0AB", "type": "Object", "valueInfo": {"objectTypeName": "x"}}}
    with pytest.raises(EngineWouldFail, match="Cannot find serializer for value"):
        validate(model, model, (), variables=variables)


def test_an_association_outside_of_boundary_event_and_handler_joins_them() -> None:
    """The engine deploys it and takes the handler where it lies; it is no unknown reference."""
    model = model_of(UNUSUAL["association outside of both"])
    assert dict(model.handlers) == {"b": "h"}
    assert model["h"].flow_scope == "sub"
    assert model.warnings == ()


def test_an_association_inside_a_deeper_scope_joins_nothing() -> None:
    """The engine looks only at what lies in the association's scope, and deploys the model all the same."""
    model = model_of(UNUSUAL["association inside a deeper scope"])
    assert dict(model.handlers) == {}
    assert model.warnings == ()


def test_a_handler_lies_in_the_body_of_a_multi_instance_in_a_deeper_scope() -> None:
    """Boundary event inside, handler and association outside: the engine moves the handler into the body inside."""
    inside = sub(f'<userTask id="t">{LOOP}</userTask>' + boundary("t", COMPENSATE))
    model = model_of(START + inside + handler() + association("b", "h"))
    assert model["h"].flow_scope == f"t{BODY_SUFFIX}"


def test_an_unnamed_scope_is_null_in_sentences() -> None:
    """Elements without id are deployed; Java writes `null` for them, and nothing can name them."""
    model = model_of(START + sub(event_sub(MESSAGE), id="x").replace(' id="x"', ""))
    (report,) = validate(model, model, [Instruction("es_s", "es_s")]).instruction_reports
    assert report.failures == (
        "The source activity's event scope (null) must be mapped to the target activity's event scope (null)",
    )
    (report,) = validate(model, model, [Instruction("#1", "es")]).instruction_reports
    assert report.failures == ("Source activity '#1' does not exist",)
