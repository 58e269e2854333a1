"""A process variable as people write it, in the form that the engine's REST API takes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tui_migrate.errors import UsageError

TYPES: Final = ("String", "Integer", "Long", "Short", "Double", "Boolean", "Date", "Json", "Xml", "Object", "Null")
"""The engine's names of the types that a person can write down."""

_WHOLE: Final = {"Short": 16, "Integer": 32, "Long": 64}
_NUMBER: Final = re.compile(r"-?\d+")


class VariableError(UsageError):
    """A variable can't be read as it is written."""


def read_variable(name: str, type_: str, text: str, info: str = "") -> dict[str, Any]:
    """Return a variable as the engine takes it: value, type and value info.

    The engine checks it again with the plan; here only what can't be meant is refused.

    Args:
        name: Its name.
        type_: One of `TYPES`.
        text: Its value as written.
        info: Value info as a JSON object; an Object needs `objectTypeName` and `serializationDataFormat`.

    Raises:
        VariableError: With what is wrong.
    """
    if not name:
        raise VariableError("A variable needs a name.")
    value_info = _info(info)
    if type_ == "Object" and not {"objectTypeName", "serializationDataFormat"} <= value_info.keys():
        raise VariableError(
            "An Object needs value info: objectTypeName (a Java class) and serializationDataFormat, for example "
            '{"objectTypeName": "java.util.ArrayList", "serializationDataFormat": "application/json"}.'
        )
    return {"value": _value(type_, text), "type": type_, "valueInfo": value_info}


def variable_text(variable: Mapping[str, Any]) -> str:
    """Return the value of a variable as it is written down."""
    value = variable.get("value")
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _info(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise VariableError(f"The value info is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise VariableError("The value info is a JSON object in braces.")
    return found


def _value(type_: str, text: str) -> Any:
    if type_ == "Null":
        return None
    if type_ in _WHOLE:
        return _whole(type_, text.strip())
    if type_ == "Double":
        return _double(text.strip())
    if type_ == "Boolean":
        if text.strip().casefold() not in ("true", "false"):
            raise VariableError(f"'{text}' is no Boolean: write true or false.")
        return text.strip().casefold() == "true"
    if type_ == "Date":
        return _date(text.strip())
    if type_ == "Json":
        _json(text)
    return text


def _whole(type_: str, text: str) -> int:
    limit = 2 ** (_WHOLE[type_] - 1)
    if not _NUMBER.fullmatch(text) or not -limit <= int(text) < limit:
        raise VariableError(f"'{text}' is no {type_}: a whole number from {-limit} to {limit - 1}.")
    return int(text)


def _double(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise VariableError(f"'{text}' is no Double: write a number such as 12.5.") from error
    if number != number or number in (float("inf"), float("-inf")):
        raise VariableError(f"'{text}' can't be sent as JSON: write a finite number.")
    return number


def _date(text: str) -> str:
    """The engine takes one form only: milliseconds and an offset without a colon."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise VariableError(f"'{text}' is no Date such as 2026-11-01T09:30+01:00.") from error
    aware = moment.astimezone() if moment.tzinfo is None else moment
    from tui_migrate.engine.date import engine_time

    return engine_time(aware.astimezone(UTC))


def _json(text: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise VariableError(f"The value is no JSON: {error}.") from error
