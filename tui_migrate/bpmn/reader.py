"""BPMN bytes to the engine's activity model of a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from lxml import etree

from tui_migrate.bpmn.details import DetailReader, Names
from tui_migrate.bpmn.document import attributes_of, line_of, local_name, namespaces_of, own_attributes, parse_document
from tui_migrate.bpmn.identifiers import claim_contents, claim_tops, no_names
from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, EngineFamily, ProcessModel
from tui_migrate.bpmn.refusals import at_line, quoted, refusal, refusals
from tui_migrate.bpmn.scope import ScopeReader
from tui_migrate.errors import BpmnError
from tui_migrate.text import safe

if TYPE_CHECKING:
    pass

_PROCESS_WORDS: Final[Mapping[str, str]] = {
    "historyTimeToLive": "history time to live",
    "candidateStarterUsers": "candidate starter users",
    "candidateStarterGroups": "candidate starter groups",
    "jobPriority": "job priority",
    "taskPriority": "task priority",
    "isStartableInTasklist": "startable in tasklist",
}


def read_model(
    data: bytes,
    *,
    process: str | None = None,
    definition_id: str | None = None,
    engine: EngineFamily = "camunda",
    file: str | None = None,
    connectors: bool = True,
) -> ProcessModel:
    """Read one process of a BPMN file as the engine would see it.

    Args:
        data: The file's bytes.
        process: Key of the process; None takes the only executable process, else the only process.
        definition_id: The process definition id that stands for the process in messages; None takes the key.
        engine: Whose namespaces and fallbacks count.
        file: The file's name for messages.
        connectors: Whether the engine has the connect plugin, as the server distributions have; it decides only for
            elements that declare a connector beside another implementation.

    Raises:
        BpmnError: The bytes can't be read as BPMN, or it is not clear which process is meant.
    """
    return _read_one(parse_document(data, file=file), process, definition_id, engine, file, connectors)


def read_models(
    data: bytes, *, engine: EngineFamily = "camunda", file: str | None = None, connectors: bool = True
) -> tuple[ProcessModel, ...]:
    """Read all processes of a BPMN file, in document order; see `read_model`."""
    return models_of(parse_document(data, file=file), engine=engine, file=file, connectors=connectors)


def models_of(
    root: etree._Element, *, engine: EngineFamily = "camunda", file: str | None = None, connectors: bool = True
) -> tuple[ProcessModel, ...]:
    """Read all processes of a file that has been parsed; see `read_models`."""
    taken = claim_tops(root, file)
    return tuple(_read(root, element, taken, None, engine, file, connectors) for element in _process_elements(root))


def _process_elements(root: etree._Element) -> list[etree._Element]:
    return [element for element in root if local_name(element) == "process"]


def _key(element: etree._Element) -> str:
    return (element.get("id") or "").strip()


def _executable(element: etree._Element) -> bool:
    return element.get("isExecutable", "").strip().lower() == "true"


def _choose(elements: list[etree._Element], process: str | None, file: str | None) -> etree._Element:
    if not elements:
        raise BpmnError("The file holds no process; choose a file with a process.", file=file)
    if process is not None:
        for element in elements:
            if _key(element) == process:
                return element
        raise BpmnError(f"There is no process '{safe(process)}'; the file has {_list(elements)}.", file=file)
    executable = [element for element in elements if _executable(element)]
    candidates = executable or elements
    if len(candidates) > 1:
        which = "executable processes" if executable else "processes, none of them executable"
        raise BpmnError(
            f"The file has {len(candidates)} {which}: {_list(candidates)}. Name the one that is meant.", file=file
        )
    return candidates[0]


def _list(elements: Iterable[etree._Element]) -> str:
    return ", ".join(f"'{safe(_key(element), limit=120)}'" for element in elements)


def _read_one(
    root: etree._Element,
    process: str | None,
    definition_id: str | None,
    engine: EngineFamily,
    file: str | None,
    connectors: bool,
) -> ProcessModel:
    taken = claim_tops(root, file)
    elements = _process_elements(root)
    chosen = _choose(elements, process, file)
    claim_contents((one for one in elements if one is not chosen), taken, file)
    return _read(root, chosen, taken, definition_id, engine, file, connectors)


def _read(
    root: etree._Element,
    element: etree._Element,
    taken: set[str],
    definition_id: str | None,
    engine: EngineFamily,
    file: str | None,
    connectors: bool,
) -> ProcessModel:
    namespaces = namespaces_of(engine)
    reader = ScopeReader(namespaces, DetailReader(Names(root)), taken, connectors=connectors, file=file)
    try:
        reader.read_process(element)
    except RecursionError:
        raise BpmnError("Its sub processes are nested too deeply to be read.", file=file) from None
    attributes = attributes_of(element)
    own = own_attributes(attributes, namespaces)
    activities = _ordered(reader.activities)
    key = _key(element)
    return ProcessModel(
        definition_id=definition_id or key,
        key=key,
        name=attributes.get("name"),
        version_tag=own.get("versionTag"),
        executable=_executable(element),
        activities=activities,
        children=_index((activity.flow_scope, activity.id) for activity in activities.values()),
        event_activities=_index(
            (activity.event_scope, activity.id) for activity in activities.values() if activity.event_scope is not None
        ),
        flows=tuple(reader.flows),
        handlers=reader.handlers,
        warnings=(
            *_file_warnings(root),
            *_process_warnings(element, activities),
            *(sentence for _, sentence in sorted([*reader.warnings, *_refusals(activities)])),
        ),
        details={word: own[name] for name, word in _PROCESS_WORDS.items() if name in own},
    )


def _file_warnings(root: etree._Element) -> Iterable[str]:
    # The engine's schema asks for the attribute, not for its content: an empty one is deployed (7.17, 7.24, Operaton).
    if root.get("targetNamespace") is None:
        sentence = "definitions has no targetNamespace, which it needs; the engine refuses to deploy this."
        yield at_line(line_of(root), sentence)


def _process_warnings(element: etree._Element, activities: Mapping[str, Activity]) -> Iterable[str]:
    key = _key(element)
    if not _executable(element):
        yield f"Process '{safe(key, limit=120)}' is not executable; an engine makes no process definition of it."
    if not key:
        yield "The process has no id; the engine refuses to deploy this."
    for identifier in no_names([key, *activities]):
        yield f"The id {quoted(identifier)} is no XML name; the engine refuses to deploy this."
    if not any(activity.tag == "startEvent" and activity.flow_scope == ROOT for activity in activities.values()):
        yield f"Process '{safe(key, limit=120)}' has no start event; the engine refuses to deploy this."


def _refusals(activities: Mapping[str, Activity]) -> Iterable[tuple[int, str]]:
    for activity, problem in refusals(activities):
        element_id = None if activity.id[0] == "#" else activity.id.removesuffix(BODY_SUFFIX)
        yield activity.line or 0, refusal(activity.line, activity.tag, element_id, problem)


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for key, value in pairs:
        index.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in index.items()}


def _ordered(activities: dict[str, Activity]) -> dict[str, Activity]:
    """Put parents before children again where a compensation handler was moved into a later body."""
    seen: set[str] = {ROOT}
    for activity in activities.values():
        if activity.flow_scope not in seen:
            break
        seen.add(activity.id)
    else:
        return activities
    children = _index((activity.flow_scope, activity.id) for activity in activities.values())
    ordered: dict[str, Activity] = {}
    pending = list(reversed(children.get(ROOT, ())))
    while pending:
        activity = activities[pending.pop()]
        ordered[activity.id] = activity
        inside = sorted(children.get(activity.id, ()), key=lambda child: child + BODY_SUFFIX != activity.id)
        pending.extend(reversed(inside))
    return ordered
