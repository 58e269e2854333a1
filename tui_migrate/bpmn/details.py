"""What a person would compare between two versions of an element: forms, topics, classes, timers, listeners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from tui_migrate.bpmn.behavior import event_kind
from tui_migrate.bpmn.document import Node, local_name
from tui_migrate.text import safe

_EXTENSION_WORDS: Final[Mapping[str, str]] = {
    "formKey": "form",
    "formRef": "form",
    "formRefBinding": "form binding",
    "formRefVersion": "form version",
    "assignee": "assignee",
    "candidateUsers": "candidate users",
    "candidateGroups": "candidate groups",
    "dueDate": "due date",
    "followUpDate": "follow-up date",
    "priority": "priority",
    "type": "type",
    "topic": "topic",
    "taskPriority": "task priority",
    "class": "class",
    "delegateExpression": "delegate expression",
    "expression": "expression",
    "resultVariable": "result variable",
    "resultVariableName": "result variable",
    "resource": "script resource",
    "decisionRef": "decision",
    "decisionRefBinding": "binding",
    "decisionRefVersion": "version",
    "decisionRefVersionTag": "version tag",
    "mapDecisionResult": "decision result",
    "caseRef": "called case",
    "caseBinding": "binding",
    "caseVersion": "version",
    "calledElementBinding": "binding",
    "calledElementVersion": "version",
    "calledElementVersionTag": "version tag",
    "calledElementTenantId": "tenant",
    "variableMappingClass": "variable mapping class",
    "variableMappingDelegateExpression": "variable mapping expression",
    "jobPriority": "job priority",
}
REFERRING: Final = frozenset(
    {"receiveTask", "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
)
"""Elements that may refer to a message, a signal or an escalation."""
_THROWN_MESSAGES: Final = frozenset(
    {"intermediateNoneThrowEvent", "intermediateMessageThrowEvent", "messageEndEvent", "endEvent"}
)


class Names:
    """The messages, signals, errors and escalations of a file, by id: what people know them by.

    Args:
        root: The element `definitions`.
    """

    def __init__(self, root: etree._Element) -> None:
        self._names: dict[tuple[str, str], str] = {}
        for element in root:
            tag = local_name(element)
            if tag in {"message", "signal", "error", "escalation"}:
                name = element.get("errorCode") or element.get("escalationCode") or element.get("name")
                self._names[tag, (element.get("id") or "").strip()] = name or ""

    def find(self, tag: str, reference: str) -> str | None:
        """Return the name behind a reference (with or without a prefix), None if there is no such element."""
        found = self._names.get((tag, reference))
        return self._names.get((tag, reference.rpartition(":")[2])) if found is None else found


class DetailReader:
    """Reads what a person would compare, for any element.

    Args:
        names: The names behind references.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def details(self, node: Node) -> dict[str, str]:
        """Return the details of a flow node; only what is there."""
        found = _own_attributes(node) if node.own else {}
        tag = node.tag
        if tag.endswith("Event"):
            found.update(self._event(node))
        elif tag == "callActivity":
            _put(found, "called element", node.attributes.get("calledElement"))
        elif tag == "receiveTask":
            _put(found, "message", self._reference("message", node))
        elif tag == "scriptTask":
            script = node.text_of("script")
            if script is not None:
                found["script"] = f"{node.attributes.get('scriptFormat', 'juel')}: {script}"
        if node.extensions:
            _add_extension_elements(node, found)
        return found

    def loop_details(self, loop: Node) -> dict[str, str]:
        """Return the details of a multi-instance body from its `multiInstanceLoopCharacteristics`."""
        found: dict[str, str] = {}
        collection = loop.own.get("collection")
        _put(found, "collection", loop.text_of("loopDataInputRef") or collection)
        item = loop.parts.get("inputDataItem")
        variable = loop.own.get("elementVariable")
        _put(found, "element variable", variable if item is None else item.get("name"))
        _put(found, "cardinality", loop.text_of("loopCardinality"))
        _put(found, "completion condition", loop.text_of("completionCondition"))
        return found

    def _event(self, node: Node) -> Iterator[tuple[str, str]]:
        kind = event_kind(node)
        if kind is None:
            return
        definition = node.part(kind + "EventDefinition")
        assert definition is not None
        if kind == "timer":
            yield from _timer(definition)
        elif kind == "conditional":
            yield "condition", definition.text_of("condition") or ""
        elif kind == "link":
            yield "link", definition.attributes.get("name", "")
        elif kind == "compensate":
            activity = definition.reference("activityRef")
            if activity:
                yield "compensated activity", activity
        elif kind in {"message", "signal", "error", "escalation"}:
            name = self._reference(kind, definition)
            if name is not None:
                yield kind, name
            yield from _own_attributes(definition).items()

    def unknown_reference(self, node: Node, type_: str) -> str | None:
        """Return what is wrong with an event's reference: an engine deploys no unknown message, signal, escalation.

        An unknown error reference counts as an error code, and messages of throwing events are not looked at.
        """
        if node.tag == "receiveTask":
            reference = node.reference("messageRef")
            unknown = reference is not None and self._names.find("message", reference) is None
            return f"refers to the unknown message '{safe(reference)}'" if unknown else None
        kind = event_kind(node) if node.tag.endswith("Event") else None
        if kind not in {"message", "signal", "escalation"} or (kind == "message" and type_ in _THROWN_MESSAGES):
            return None
        definition = node.part(f"{kind}EventDefinition")
        reference = None if definition is None else definition.reference(f"{kind}Ref")
        if reference is None:
            return None if kind == "escalation" else f"refers to no {kind}"
        return (
            None
            if self._names.find(kind, reference) is not None
            else f"refers to the unknown {kind} '{safe(reference)}'"
        )

    def _reference(self, tag: str, node: Node) -> str | None:
        reference = node.reference(tag + "Ref")
        if reference is None:
            return None
        name = self._names.find(tag, reference)
        return reference if name is None else name or reference


def _own_attributes(node: Node) -> dict[str, str]:
    return {word: value for name, value in node.own.items() if (word := _EXTENSION_WORDS.get(name)) is not None}


def _add_extension_elements(node: Node, found: dict[str, str]) -> None:
    extensions = node.extensions
    if "connector" in extensions:
        for child in extensions["connector"][0]:
            if local_name(child) == "connectorId":
                found["connector"] = (child.text or "").strip()
    if "formData" in extensions:
        found["form fields"] = ", ".join(form_field.get("id", "") for form_field in extensions["formData"][0])
    for listener in extensions.get("taskListener", ()):
        if listener.get("event") == "timeout":
            for child in listener:
                for _, timer in _timer(Node(child, node.namespaces)):
                    found[f"timeout {listener.get('id', '')}"] = timer


def listeners(node: Node) -> tuple[str, ...]:
    """Return execution and task listeners, each as `event: implementation` (task listeners as `task event: …`)."""
    found = []
    for name, prefix in (("executionListener", ""), ("taskListener", "task ")):
        if name in node.extensions:
            for element in node.extensions[name]:
                found.append(f"{prefix}{element.get('event', '')}: {_implementation(element)}")
    return tuple(found)


def timeout_listeners(node: Node) -> tuple[str, ...]:
    """Return the ids of a user task's timeout task listeners."""
    listeners = node.extensions.get("taskListener", ())
    return tuple(element.get("id") or "" for element in listeners if element.get("event") == "timeout")


def mappings(node: Node) -> tuple[str, ...]:
    """Return the names of the IO mapping's parameters, each as `input: name` or `output: name`."""
    if "inputOutput" not in node.extensions:
        return ()
    return tuple(
        f"{local_name(parameter).removesuffix('Parameter')}: {parameter.get('name', '')}"
        for parameter in node.extensions["inputOutput"][0]
    )


def documentation(node: Node) -> str | None:
    """Return the documentation as the engine has it: the texts of all its elements, with an empty line between."""
    texts = [(element.text or "").strip() for element in node.all_parts("documentation")]
    return "\n\n".join(text for text in texts if text) or None


def _timer(definition: Node) -> Iterator[tuple[str, str]]:
    for name, word in (("timeDate", "date"), ("timeCycle", "cycle"), ("timeDuration", "duration")):
        text = definition.text_of(name)
        if text is not None:
            yield "timer", f"{word} {text}"
            return


def _implementation(listener: etree._Element) -> str:
    for name in ("class", "expression", "delegateExpression"):
        value = listener.get(name)
        if value is not None:
            return value
    for child in listener:
        if local_name(child) == "script":
            return f"script {child.get('scriptFormat', '')}".strip()
    return ""


def _put(details: dict[str, str], word: str, value: str | None) -> None:
    if value is not None:
        details[word] = value
