"""How values match: texts with wildcards, and variables with their operators."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from tui_migrate.sandbox.errors import Refusal, engine_error, invalid, null_pointer
from tui_migrate.sandbox.store.entities import Value
from tui_migrate.sandbox.times import parse_engine_time

Variables = Mapping[str, Value]
VariableTest = Callable[[Sequence[tuple[str, Value]]], bool]

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
}
_WORDS: Final = {
    "gt": "greater than",
    "gteq": "greater than or equal",
    "lt": "less than",
    "lteq": "less than or equal",
    "like": "like",
}
_NUMBERS: Final = frozenset({"Integer", "Long", "Short", "Double"})


@lru_cache(maxsize=256)
def like(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """Return a test for SQL's LIKE: `%` and `_` are wildcards, a backslash takes their meaning away."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    text = "".join(
        ".*" if part == "%" else "." if part == "_" else re.escape(part[-1] if len(part) == 2 else part)
        for part in parts
    )
    compiled = re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
    return lambda value: compiled.fullmatch(value) is not None


def variable_tests(
    conditions: Sequence[Mapping[str, Any]], *, names_ignore_case: bool = False, values_ignore_case: bool = False
) -> list[VariableTest]:
    """Return a test for each condition on variables.

    Raises:
        Refusal: A condition can't be used.
    """
    return [_variable_test(one, names_ignore_case, values_ignore_case) for one in conditions]


def _variable_test(condition: Mapping[str, Any], names_ignore_case: bool, values_ignore_case: bool) -> VariableTest:
    comparator, name, wanted = condition.get("operator"), condition.get("name"), condition.get("value")
    if comparator is None:
        raise null_pointer('Cannot invoke "String.equals(Object)" because "op" is null')
    if comparator not in {"eq", "neq", "like", *_COMPARE}:
        raise invalid(f"Invalid variable comparator specified: {comparator}")
    if name is None:
        raise Refusal(400, "NotValidException", "name is null", code=0)
    if isinstance(wanted, (dict, list)):
        raise engine_error("Object values cannot be used to query")
    if comparator in _WORDS and (wanted is None or isinstance(wanted, bool)):
        raise Refusal(
            400,
            "NotValidException",
            f"Booleans and null cannot be used in '{_WORDS[comparator]}' condition",
            code=0,
        )
    compare = _comparison(comparator, wanted, values_ignore_case)
    if names_ignore_case:
        folded = name.lower()
        return lambda variables: any(one.lower() == folded and compare(value) for one, value in variables)
    return lambda variables: any(one == name and compare(value) for one, value in variables)


def _comparison(comparator: str, wanted: Any, ignore_case: bool) -> Callable[[Value], bool]:
    if comparator == "like":
        matches = like(str(wanted), ignore_case=ignore_case)
        return lambda value: value.type == "String" and isinstance(value.value, str) and matches(value.value)
    wanted_kind, wanted_value = _kind_and_value(wanted, ignore_case)
    if comparator in {"eq", "neq"}:
        return lambda value: (_stored(value, ignore_case) == (wanted_kind, wanted_value)) == (comparator == "eq")
    compare = _COMPARE[comparator]

    def ordered(value: Value) -> bool:
        kind, stored = _stored(value, ignore_case)
        return kind == wanted_kind and stored is not None and compare(stored, wanted_value)

    return ordered


def _kind_and_value(wanted: Any, ignore_case: bool) -> tuple[str, Any]:
    if wanted is None:
        return "null", None
    if isinstance(wanted, bool):
        return "boolean", wanted
    if isinstance(wanted, (int, float)):
        return "number", float(wanted)
    moment = parse_engine_time(wanted)
    if moment is not None:
        return "date", moment
    return "text", wanted.lower() if ignore_case else wanted


def _stored(value: Value, ignore_case: bool) -> tuple[str, Any]:
    if value.value is None:
        return "null", None
    if value.type in _NUMBERS:
        return "number", float(value.value)
    if value.type == "Boolean":
        return "boolean", value.value
    if value.type == "Date":
        return "date", parse_engine_time(value.value)
    text = str(value.value)
    return "text", text.lower() if ignore_case else text
