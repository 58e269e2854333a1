"""Variables as people write them."""

from __future__ import annotations

import pytest

from tui_migrate.operations.typed_variable import TYPES, VariableError, read_variable, variable_text

OBJECT = '{"objectTypeName": "java.util.ArrayList", "serializationDataFormat": "application/json"}'


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("String", "  12 ", "  12 "),
        ("String", "", ""),
        ("Integer", "-2147483648", -(2**31)),
        ("Long", "9223372036854775807", 2**63 - 1),
        ("Short", "7", 7),
        ("Double", "12.5", 12.5),
        ("Boolean", "True", True),
        ("Boolean", "false", False),
        ("Date", "2026-11-01T09:30+01:00", "2026-11-01T08:30:00.000+0000"),
        ("Json", '{"a": [1]}', '{"a": [1]}'),
        ("Xml", "<a/>", "<a/>"),
        ("Null", "", None),
    ],
)
def test_a_value_is_read_in_its_type(type_: str, text: str, value: object) -> None:
    assert read_variable("x", type_, text) == {"value": value, "type": type_, "valueInfo": {}}


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("Integer", "2147483648"),
        ("Integer", "1.5"),
        ("Short", "40000"),
        ("Long", "many"),
        ("Double", "nan"),
        ("Double", "x"),
        ("Boolean", "yes"),
        ("Date", "tomorrow"),
        ("Json", "{"),
    ],
)
def test_what_can_not_be_meant_is_refused(type_: str, text: str) -> None:
    with pytest.raises(VariableError, match=r"."):
        read_variable("x", type_, text)


def test_an_object_needs_to_say_what_it_is() -> None:
    with pytest.raises(VariableError, match="objectTypeName"):
        read_variable("x", "Object", "[]")
    assert read_variable("x", "Object", "[]", OBJECT)["valueInfo"]["objectTypeName"] == "java.util.ArrayList"


def test_value_info_is_a_json_object() -> None:
    with pytest.raises(VariableError, match="no JSON"):
        read_variable("x", "String", "", "{")
    with pytest.raises(VariableError, match="in braces"):
        read_variable("x", "String", "", "[]")


def test_a_variable_needs_a_name() -> None:
    with pytest.raises(VariableError, match="name"):
        read_variable("", "String", "x")


@pytest.mark.parametrize("type_", [one for one in TYPES if one not in ("Null", "Object", "Date", "Json")])
def test_a_value_is_written_as_it_was_read(type_: str) -> None:
    text = {"Boolean": "true", "Double": "1.5", "String": "a", "Xml": "<a/>"}.get(type_, "12")
    assert variable_text(read_variable("x", type_, text)) == text
