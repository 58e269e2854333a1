"""What a person would compare between two versions of an element: forms, topics, classes, timers, listeners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from tui_migrate.bpmn.behavior import event_kind
from tui_migrate.bpmn.document import Extension, Node, local_name
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
        extension: The engine's namespaces.
        names: The names behind references.
    """

    def __init__(self, extension: Extension, names: Names) -> None:
        self._extension = extension
        self._names = names

    def details(self, node: Node) -> dict[str, str]:
        """Return the details of a flow node; only what is there."""
        found = dict(self._extension_attributes(node))
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
        if "extensionElements" in node.parts:
            found.update(self._extension_elements(node))
        return found

    def loop_details(self, loop: Node) -> dict[str, str]:
        """Return the details of a multi-instance body from its `multiInstanceLoopCharacteristics`."""
        found: dict[str, str] = {}
        collection = self._extension.attribute(loop.attributes, "collection")
        _put(found, "collection", loop.text_of("loopDataInputRef") or collection)
        item = loop.parts.get("inputDataItem")
        variable = self._extension.attribute(loop.attributes, "elementVariable")
        _put(found, "element variable", variable if item is None else item.get("name"))
        _put(found, "cardinality", loop.text_of("loopCardinality"))
        _put(found, "completion condition", loop.text_of("completionCondition"))
        return found

    def listeners(self, node: Node) -> tuple[str, ...]:
        """Return execution and task listeners, each as `event: implementation` (task listeners as `task event: …`)."""
        extension_elements = node.parts.get("extensionElements")
        if extension_elements is None:
            return ()
        execution = self._extension.elements(extension_elements, "executionListener")
        task = self._extension.elements(extension_elements, "taskListener")
        return tuple(
            [f"{element.get('event', '')}: {_implementation(element)}" for element in execution]
            + [f"task {element.get('event', '')}: {_implementation(element)}" for element in task]
        )

    def timeout_listeners(self, node: Node) -> tuple[str, ...]:
        """Return the ids of a user task's timeout task listeners."""
        listeners = self._extension.elements(node.parts.get("extensionElements"), "taskListener")
        return tuple(element.get("id") or "" for element in listeners if element.get("event") == "timeout")

    def mappings(self, node: Node) -> tuple[str, ...]:
        """Return the names of the IO mapping's parameters, each as `input: name` or `output: name`."""
        names = []
        for io_mapping in self._extension.elements(node.parts.get("extensionElements"), "inputOutput")[:1]:
            for parameter in io_mapping:
                direction = local_name(parameter).removesuffix("Parameter")
                names.append(f"{direction}: {parameter.get('name', '')}")
        return tuple(names)

    def has_io_mapping(self, node: Node) -> bool:
        """Return whether there is an `inputOutput`, even an empty one."""
        extension_elements = node.parts.get("extensionElements")
        return extension_elements is not None and bool(self._extension.elements(extension_elements, "inputOutput"))

    def _extension_attributes(self, node: Node) -> Iterator[tuple[str, str]]:
        for key in node.attributes:
            if key[0] != "{":
                continue
            name = key[key.rfind("}") + 1 :]
            word = _EXTENSION_WORDS.get(name)
            if word is not None:
                value = self._extension.attribute(node.attributes, name)
                if value is not None:
                    yield word, value

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
            yield from self._extension_attributes(definition)

    def _extension_elements(self, node: Node) -> Iterator[tuple[str, str]]:
        extension_elements = node.parts["extensionElements"]
        for connector in self._extension.elements(extension_elements, "connector")[:1]:
            for child in connector:
                if local_name(child) == "connectorId":
                    yield "connector", (child.text or "").strip()
        for form in self._extension.elements(extension_elements, "formData")[:1]:
            yield "form fields", ", ".join(field.get("id", "") for field in form)
        for listener in self._extension.elements(extension_elements, "taskListener"):
            if listener.get("event") == "timeout":
                for child in listener:
                    for _, timer in _timer(Node.of(child)):
                        yield f"timeout {listener.get('id', '')}", timer

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
