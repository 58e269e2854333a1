"""Conditions of sequence flows, as far as tests need them: a variable, or a variable compared with a literal."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Any, Final

from tui_migrate.sandbox.store.entities import Value

_COMPARISON = re.compile(r"[$#]\{\s*(\w+)\s*(==|!=|<=|>=|<|>)\s*('[^']*'|\"[^\"]*\"|[\w.+-]+)\s*\}")
_VARIABLE = re.compile(r"[$#]\{\s*(!?)\s*(\w+)\s*\}")
_OPERATORS: Final = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_WORDS: Final = {"true": True, "false": False, "null": None}


def holds(condition: str, variables: Mapping[str, Value]) -> bool:
    """Return whether a condition holds; one that is more than a comparison does not."""
    comparison = _COMPARISON.fullmatch(condition.strip())
    if comparison is not None:
        name, sign, literal = comparison.groups()
        return _compare(_OPERATORS[sign], _value(name, variables), _literal(literal))
    variable = _VARIABLE.fullmatch(condition.strip())
    if variable is None:
        return False
    negated, name = variable.groups()
    return bool(_literal(name) if name in _WORDS else _value(name, variables)) != bool(negated)


def number_of(expression: str | None, variables: Mapping[str, Value]) -> int:
    """Return the cardinality that a number or a variable gives; 1 for what is more than that."""
    if expression is None:
        return 1
    variable = _VARIABLE.fullmatch(expression.strip())
    value = expression if variable is None else _value(variable.group(2), variables)
    if isinstance(value, (list, tuple)):
        return len(value)
    try:
        return int(value)
    except (TypeError, ValueError):
        return 1


def _value(name: str, variables: Mapping[str, Value]) -> Any:
    return variables[name].value if name in variables else None


def _literal(text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    if text in _WORDS:
        return _WORDS[text]
    try:
        return float(text)
    except ValueError:
        return None


def _compare(compare: Any, left: Any, right: Any) -> bool:
    if isinstance(left, bool) != isinstance(right, bool) and compare not in {operator.eq, operator.ne}:
        return False
    try:
        return bool(compare(left, right))
    except TypeError:
        return False
