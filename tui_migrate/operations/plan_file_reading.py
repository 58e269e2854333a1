"""Reading plans from files: ours, and the engine's own JSON with what an engine would make of it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from tui_migrate.errors import PlanError
from tui_migrate.operations.plan_file_format import (
    FORMAT_MEMBER,
    FORMAT_VERSION,
    DefinitionReference,
    PlanFile,
    PlannedInstruction,
    PlannedVariable,
)
from tui_migrate.text import safe

_ENGINE_PLAN: Final = frozenset({"sourceProcessDefinitionId", "targetProcessDefinitionId", "instructions", "variables"})
_ENGINE_INSTRUCTION: Final = frozenset({"sourceActivityIds", "targetActivityIds", "updateEventTrigger"})
_ENGINE_VARIABLE: Final = frozenset({"value", "type", "valueInfo"})
_ENGINE_EXECUTION: Final = frozenset(
    {"migrationPlan", "processInstanceIds", "processInstanceQuery", "skipCustomListeners", "skipIoMappings"}
)


def read_plan_file(path: Path) -> PlanFile:
    """Read a plan from a file: ours, the engine's plan JSON, or the body of an execution.

    Raises:
        PlanError: The file can't be read, or is no plan; the message names the file and the member at fault.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PlanError(f"The plan file {safe(str(path))} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PlanError(f"The plan file {safe(str(path))} is not UTF-8 (byte {error.start}).") from error
    try:
        return parse_plan_file(text)
    except PlanError as error:
        raise PlanError(f"{safe(str(path))}: {error}") from error


def parse_plan_file(text: str) -> PlanFile:
    """Read a plan from text, as `read_plan_file` does.

    Raises:
        PlanError: It is no plan; the message names the member at fault.
    """
    content = _json(text)
    if isinstance(content, dict) and FORMAT_MEMBER in content:
        return _own(content)
    if isinstance(content, dict) and ("migrationPlan" in content or "sourceProcessDefinitionId" in content):
        return _from_engine(content)
    raise PlanError(
        f'This is no plan: a plan file has the member "{FORMAT_MEMBER}", the engine\'s own JSON has '
        '"sourceProcessDefinitionId".'
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise PlanError(f"This is no JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from error
    except RecursionError as error:
        raise PlanError("This JSON is nested too deeply to be a plan.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A member that is there twice would silently lose one of its values."""
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise PlanError(f"The member {_shown(twice)} is there twice in one object; which one counts can't be told.")
    return members


def _no_constant(name: str) -> Any:
    raise PlanError(f"{name} is no JSON value.")


def _own(content: dict[str, Any]) -> PlanFile:
    version = content[FORMAT_MEMBER]
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT_VERSION:
        raise PlanError(
            f"This plan file has format {version}, this tui-migrate knows up to {FORMAT_VERSION}; update it."
        )
    try:
        return PlanFile.model_validate(content)
    except ValidationError as error:
        raise PlanError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    problems = [_problem(tuple(one["loc"]), one["type"], one["msg"], one["input"]) for one in error.errors()]
    shown = "; ".join(problems[:5])
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    return f"{shown}{more}."


def _problem(place: tuple[int | str, ...], kind: str, message: str, value: Any) -> str:
    where = _place(place)
    if kind == "extra_forbidden":
        known = _members(place[:-1])
        near = difflib.get_close_matches(str(place[-1]), known, n=1)
        hint = f"did you mean {_shown(near[0])}?" if near else "there are: " + ", ".join(known)
        return f"{where} is not known ({hint})"
    if kind == "missing":
        return f"{where} is missing"
    if isinstance(value, list) and place[-1] in ("source", "target") and "instructions" in place:
        return f"{where} must be one activity id: of several the engine reads only the first"
    return f"{where}: {message[0].lower()}{message[1:]}, not {_shown(value)}"


def _place(place: Sequence[int | str]) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return safe(text, limit=200) or "the file"


def _members(place: Sequence[int | str]) -> list[str]:
    """Return the names of the members that the part at `place` may have."""
    part: type[BaseModel] = PlanFile
    for step in place:
        name = str(step)
        nested: dict[str, type[BaseModel]] = {
            "source": DefinitionReference,
            "target": DefinitionReference,
            "instructions": PlannedInstruction,
            "variables": PlannedVariable,
        }
        field = next((one for one in part.model_fields.values() if one.alias == name), None)
        found = _part(field.annotation) if field is not None else None
        part = nested.get(name) or found or part
    return [field.alias or name for name, field in part.model_fields.items()]


def _part(annotation: Any) -> type[BaseModel] | None:
    """Return the part that a member holds: the annotation, or the one of its alternatives that is a part."""
    kinds = [annotation, *get_args(annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _from_engine(content: dict[str, Any]) -> PlanFile:
    notices: list[str] = []
    plan = content
    if "migrationPlan" in content:
        _unknown(content, _ENGINE_EXECUTION, "the execution", notices)
        plan = _typed(content["migrationPlan"], dict, "migrationPlan")
        if content.get("processInstanceIds") or content.get("processInstanceQuery"):
            notices.append("The execution's selection of instances is not part of a plan; choose the instances anew.")
    _unknown(plan, _ENGINE_PLAN, "the plan", notices)
    entries = _optional(plan, "instructions", list) or []
    file = PlanFile.of(
        source=_definition(plan, "sourceProcessDefinitionId"),
        target=_definition(plan, "targetProcessDefinitionId"),
        instructions=tuple(_instruction(entry, number, notices) for number, entry in enumerate(entries, start=1)),
        variables=_variables(plan, notices),
        options=_options(content),
    )
    notices.append(
        "The engine's own plan JSON has no hashes: whether the models are those it was made for can't be told."
    )
    return file.with_notices(tuple(notices))


def _options(content: Mapping[str, Any]) -> Any:
    from tui_migrate.operations.plan_file_format import PlanOptions

    return PlanOptions(
        skip_custom_listeners=_optional(content, "skipCustomListeners", bool),
        skip_io_mappings=_optional(content, "skipIoMappings", bool),
    )


def _definition(plan: Mapping[str, Any], member: str) -> DefinitionReference:
    value = plan.get(member)
    if not isinstance(value, str) or not value:
        raise PlanError(f"{member} must be the id of a process definition, not {_shown(value)}; the engine refuses it.")
    return DefinitionReference(id=value)


def _instruction(entry: Any, number: int, notices: list[str]) -> PlannedInstruction:
    where = f"instruction {number}"
    if not isinstance(entry, dict):
        raise PlanError(f"{where} must be an object, not {_shown(entry)}; the engine can't read such a plan.")
    _unknown(entry, _ENGINE_INSTRUCTION, where, notices)
    flag = _optional(entry, "updateEventTrigger", bool, where)
    return PlannedInstruction(
        source=_one_id(entry, "sourceActivityIds", where, notices),
        target=_one_id(entry, "targetActivityIds", where, notices),
        update_event_trigger=bool(flag),
    )


def _one_id(entry: Mapping[str, Any], member: str, where: str, notices: list[str]) -> str | None:
    ids = entry.get(member)
    if not isinstance(ids, list) or not ids:
        raise PlanError(
            f"{member} of {where} must be a list with one activity id, not {_shown(ids)}; "
            "the engine answers it with an internal error."
        )
    first = ids[0]
    if first is not None and not isinstance(first, str):
        raise PlanError(f"{member} of {where} holds {_shown(first)}, which is no activity id; the engine refuses it.")
    if len(ids) > 1:
        ignored = ", ".join(_shown(one) for one in ids[1:])
        notices.append(f"Of {member} of {where} the engine reads only the first, {_shown(first)}; not read: {ignored}.")
    if first is None:
        notices.append(f"{member} of {where} holds null; the engine calls the plan invalid.")
    return first


def _variables(plan: Mapping[str, Any], notices: list[str]) -> dict[str, PlannedVariable]:
    entries = _optional(plan, "variables", dict) or {}
    found = {}
    for name, entry in entries.items():
        where = f"variable {_shown(name)}"
        if not isinstance(entry, dict):
            raise PlanError(
                f"{where} must be an object with value and type, not {_shown(entry)}; the engine refuses it."
            )
        _unknown(entry, _ENGINE_VARIABLE, where, notices)
        found[name] = PlannedVariable(
            value=entry.get("value"),
            type=_optional(entry, "type", str, where),
            value_info=_optional(entry, "valueInfo", dict, where) or {},
        )
    return found


def _unknown(entry: Mapping[str, Any], known: Iterable[str], where: str, notices: list[str]) -> None:
    names = list(known)
    for name in entry:
        if name in names:
            continue
        near = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean {_shown(near[0])}?" if near else ""
        notices.append(f"The engine ignores the member {_shown(name)} of {where}, and so is it here.{hint}")


def _optional(entry: Mapping[str, Any], member: str, kind: type, where: str = "the plan") -> Any:
    value = entry.get(member)
    return None if value is None else _typed(value, kind, f"{member} of {where}")


def _typed(value: Any, kind: type, where: str) -> Any:
    words = {dict: "an object", list: "a list", bool: "true or false", str: "a text"}
    if not isinstance(value, kind):
        raise PlanError(f"{where} must be {words[kind]}, not {_shown(value)}; the engine refuses it.")
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return safe(text, limit=60)
