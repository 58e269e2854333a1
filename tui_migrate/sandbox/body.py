"""Members of a JSON body, bound as the engine binds them: texts take scalars, wrong shapes are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tui_migrate.sandbox.exchange import binding_failure

Kind = Literal["text", "texts", "flag", "time", "number", "object", "objects", "any"]


def bind(body: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Return the known members of a body; unknown ones are ignored, as are null, false and empty ones.

    Args:
        body: The JSON object.
        kinds: What each known member is.

    Raises:
        Refusal: A member has another shape.
    """
    bound: dict[str, Any] = {}
    for name, kind in kinds.items():
        value = body.get(name)
        if value is None:
            continue
        value = _convert(value, kind)
        if value is not False and value != "":
            bound[name] = value
    return bound


def _convert(value: Any, kind: Kind) -> Any:
    if kind == "any":
        return value
    if kind in {"text", "time"}:
        return _text(value)
    if kind == "flag":
        return _flag(value)
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int):
            raise binding_failure()
        return value
    if kind == "object":
        return _expect(value, dict)
    listed = _expect(value, list)
    if kind == "texts":
        return [None if one is None else _text(one) for one in listed]
    return [_expect(one, dict) for one in listed]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise binding_failure()


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false", ""}:
        return value.lower() == "true"
    raise binding_failure()


def _expect(value: Any, shape: type) -> Any:
    if not isinstance(value, shape):
        raise binding_failure()
    return value
