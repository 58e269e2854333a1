"""Variables: from Python and from JSON to the engine's typed values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tui_migrate.sandbox.errors import Refusal, invalid
from tui_migrate.sandbox.store.entities import Value
from tui_migrate.sandbox.times import engine_time, parse_engine_time

_JAVA_CLASSES: Final[Mapping[str, str]] = {
    "Boolean": "java.lang.Boolean",
    "Date": "java.util.Date",
    "Double": "java.lang.Double",
    "Integer": "java.lang.Integer",
    "Long": "java.lang.Long",
    "Short": "java.lang.Short",
    "String": "java.lang.String",
}
_OTHER_TYPES: Final = frozenset({"Null", "Bytes", "File", "Object"})
_MOST = 2**31 - 1


def typed_values(variables: Mapping[str, Any]) -> dict[str, Value]:
    """Return Python values as typed ones; what is typed already stays."""
    return {name: value if isinstance(value, Value) else typed_value(value) for name, value in variables.items()}


def typed_value(value: Any) -> Value:
    """Return a Python value as the type that the engine would choose for it."""
    if value is None:
        return Value("Null", None)
    if isinstance(value, bool):
        return Value("Boolean", value)
    if isinstance(value, int):
        return Value("Integer" if -_MOST - 1 <= value <= _MOST else "Long", value)
    if isinstance(value, float):
        return Value("Double", value)
    if isinstance(value, datetime):
        return Value("Date", engine_time(value))
    if isinstance(value, str):
        return Value("String", value)
    java_class = "java.util.ArrayList" if isinstance(value, list) else "java.util.LinkedHashMap"
    return Value("Object", value, {"objectTypeName": java_class, "serializationDataFormat": _JAVA_FORMAT})


_JAVA_FORMAT = "application/x-java-serialized-object"


def read_variables(given: Any) -> dict[str, Value]:
    """Return the variables of a request, converted as the REST layer converts them.

    Raises:
        Refusal: A type is unknown, or a value does not fit its type.
    """
    if not isinstance(given, Mapping):
        return {}
    return {name: _read(variable) for name, variable in given.items() if isinstance(variable, Mapping)}


def _read(variable: Mapping[str, Any]) -> Value:
    value, info = variable.get("value"), variable.get("valueInfo") or {}
    name = variable.get("type")
    if not name:
        return typed_value(value)
    wanted = name[:1].upper() + name[1:]
    if wanted not in _JAVA_CLASSES and wanted not in _OTHER_TYPES:
        raise Refusal(400, "RestException", f"Unsupported value type '{name}'")
    if wanted in _JAVA_CLASSES and value is not None and not _fits(wanted, value):
        raise invalid(f"Cannot convert value '{value}' of type '{wanted}' to java type {_JAVA_CLASSES[wanted]}")
    return Value(wanted, value, dict(info))


def _fits(type_name: str, value: Any) -> bool:
    if type_name == "String":
        return isinstance(value, str)
    if type_name == "Boolean":
        return isinstance(value, bool)
    if type_name == "Date":
        return isinstance(value, str) and parse_engine_time(value) is not None
    if isinstance(value, bool):
        return False
    if type_name == "Double":
        return isinstance(value, (int, float))
    return isinstance(value, int)
