"""Writes a process of `elements` as BPMN, in the order of children that the BPMN schema asks for."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from tests.strategies.elements import Flow, Node, Process, Scope
from tui_migrate.bpmn.model import EngineFamily

FAR = "2999-01-01T00:00:00"
_TAGS = {
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "end": "endEvent",
    "start": "startEvent",
    "eventStart": "startEvent",
    "boundary": "boundaryEvent",
    "eventSubProcess": "subProcess",
}
_NAMESPACES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "operaton": "http://operaton.org/schema/1.0/bpmn",
}
_READ_BY: dict[EngineFamily, tuple[str, str]] = {
    "camunda": ("camunda", "activiti"),
    "operaton": ("operaton", "camunda"),
}
STYLES = 6


class Writer:
    """Writes one process for one family of engines.

    Args:
        process: What to write.
        engine: Whose namespaces are used; the style of each node chooses among them.
    """

    def __init__(self, process: Process, engine: EngineFamily) -> None:
        self._process = process
        self._first, self._second = _READ_BY[engine]
        self._unread = next(iter(set(_NAMESPACES) - {self._first, self._second}))
        self._definitions: list[str] = []

    def write(self) -> str:
        """Return the file."""
        content = "\n".join(self._scope(self._process.root))
        namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {namespaces} targetNamespace="t">\n'
            + "".join(f"{one}\n" for one in self._definitions)
            + f'<process id="{self._process.key}" isExecutable="true" {self._first}:historyTimeToLive="1">\n'
            + content
            + "\n</process>\n</definitions>\n"
        )

    # -- scopes and flows ----------------------------------------------------------------------------------------

    def _scope(self, scope: Scope) -> Iterator[str]:
        for node in scope.nodes:
            yield from self._node(node)
        for flow in scope.flows:
            yield self._flow(flow, scope)
        for node in scope.nodes:
            if node.compensates is not None:
                yield f'<association id="as_{node.id}" sourceRef="{node.compensates}" targetRef="{node.id}"/>'

    def _flow(self, flow: Flow, scope: Scope) -> str:
        name = f'id="{flow.id}" ' if flow.named else ""
        head = f'<sequenceFlow {name}sourceRef="{flow.source}" targetRef="{flow.target}"'
        source = scope.node(flow.source)
        siblings = [other for other in scope.flows if other.source == flow.source]
        if source is not None and source.kind == "exclusiveGateway" and len(siblings) > 1:
            return f"{head}><conditionExpression>${{true}}</conditionExpression></sequenceFlow>"
        return f"{head}/>"

    # -- nodes ---------------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> Iterator[str]:
        tag = _TAGS.get(node.tag, node.tag)
        yield f"<{tag} {' '.join(self._attributes(node))}>"
        extensions = list(self._extensions(node))
        if extensions:
            yield f"<extensionElements>{''.join(extensions)}</extensionElements>"
        if node.has_property:
            yield f'<property id="property_{node.id}" name="p"/>'
        if node.loop is not None:
            yield self._loop(node)
        yield from self._event(node)
        if node.kind == "scriptTask":
            yield "<script>1</script>"
        if node.content is not None:
            yield from self._scope(node.content)
        yield f"</{tag}>"

    def _attributes(self, node: Node) -> Iterator[str]:
        yield f"id={quoteattr(node.id)}"
        yield f'name="{node.kind}"'
        yield from self._flags(node, node.async_before, node.async_after)
        if node.handler:
            yield 'isForCompensation="true"'
        if node.tag == "eventSubProcess":
            yield 'triggeredByEvent="true"'
        elif node.tag == "boundary":
            yield f'attachedToRef="{node.host}"'
            if not node.interrupting:
                yield 'cancelActivity="false"'
        elif node.tag == "eventStart" and not node.interrupting:
            yield 'isInterrupting="false"'
        elif node.kind == "receiveTask:message":
            yield f'messageRef="{self._message(node)}"'
        elif node.kind == "callActivity:process":
            yield 'calledElement="called"'
        elif node.kind == "callActivity:case":
            yield self._extension(node, "caseRef", "case")
        elif node.kind == "businessRuleTask:decision":
            yield self._extension(node, "decisionRef", "decision")
            if node.style % 2:
                yield self._extension(node, "type", "external")
        elif node.tag in {"serviceTask", "sendTask", "businessRuleTask"}:
            yield from self._service(node, node.variant)
        elif node.kind == "scriptTask":
            yield 'scriptFormat="groovy"'

    def _flags(self, node: Node, before: bool, after: bool) -> Iterator[str]:
        """The async flags; where the first namespace says anything, the second is not asked."""
        if before:
            yield self._extension(node, "async" if node.style == 3 else "asyncBefore", "true")
        elif node.style == 4:
            yield f'{self._first}:asyncBefore="false" {self._second}:asyncBefore="true"'
            yield f'{self._unread}:asyncAfter="true"'
        if after:
            yield self._extension(node, "asyncAfter", "true")
        elif node.style == 5:
            yield f'{self._first}:asyncAfter="TRUE" {self._unread}:asyncBefore="true"'

    def _extension(self, node: Node, name: str, value: str) -> str:
        prefix = self._second if node.style == 2 else self._first
        return f"{prefix}:{name}={quoteattr(value)}"

    def _service(self, node: Node, variant: str) -> Iterator[str]:
        if variant in {"mail", "shell", "external"}:
            yield self._extension(node, "type", variant.upper() if node.style == 1 else variant)
            if variant == "external":
                yield self._extension(node, "topic", "topic")
            if node.style == 3:
                yield self._extension(node, "class", "java.lang.Object")
        elif variant == "class+connector":
            yield self._extension(node, "class", "java.lang.Object")
        elif variant != "connector":
            yield self._extension(node, variant, "java.lang.Object" if variant == "class" else "${true}")
            if node.style == 4 and variant == "class":
                yield self._extension(node, "expression", "${true}")
            elif node.style == 4 and variant == "expression":
                yield self._extension(node, "class", " ")

    def _inside_service(self, node: Node, variant: str) -> Iterator[str]:
        prefix = self._second if node.style == 2 else self._first
        names = {"mail": ("to", "text"), "shell": ("command",)}.get(variant, ())
        for name in names:
            yield f'<{prefix}:field name="{name}" stringValue="x"/>'
        if variant.endswith("connector"):
            yield f"<{prefix}:connector><{prefix}:connectorId>c</{prefix}:connectorId></{prefix}:connector>"

    def _extensions(self, node: Node) -> Iterator[str]:
        prefix = self._second if node.style == 2 else self._first
        if node.has_input:
            parameter = f'<{prefix}:inputParameter name="i">1</{prefix}:inputParameter>'
            yield f"<{prefix}:inputOutput>{parameter}</{prefix}:inputOutput>"
        for listener in node.timeouts:
            yield (
                f'<{prefix}:taskListener event="timeout" id="{listener}" class="java.lang.Object">'
                f"<timerEventDefinition><timeDate>{FAR}</timeDate></timerEventDefinition></{prefix}:taskListener>"
            )
        if node.tag in {"serviceTask", "sendTask", "businessRuleTask"}:
            yield from self._inside_service(node, node.variant)

    def _loop(self, node: Node) -> str:
        flags = " ".join(self._flags(node, node.loop_async_before, node.loop_async_after))
        sequential = 'isSequential="true"' if node.loop == "sequential" else ""
        return (
            f"<multiInstanceLoopCharacteristics {sequential} {flags}>"
            "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
        )

    # -- events --------------------------------------------------------------------------------------------------

    def _event(self, node: Node) -> Iterator[str]:
        if node.tag not in _TAGS or node.tag == "eventSubProcess":
            return
        kind, _, service = node.variant.partition("-")
        if kind == "timer":
            yield f"<timerEventDefinition><timeDate>{FAR}</timeDate></timerEventDefinition>"
        elif kind == "conditional":
            condition = f"${{{node.id} == 1}}"
            yield f"<conditionalEventDefinition><condition>{condition}</condition></conditionalEventDefinition>"
        elif kind == "message":
            yield from self._message_event(node, service)
        elif kind == "link":
            yield f'<linkEventDefinition name="{node.link}"/>'
        elif kind in {"compensation", "cancel", "terminate"}:
            yield f"<{'compensate' if kind == 'compensation' else kind}EventDefinition/>"
        elif kind in {"signal", "error", "escalation"}:
            yield f'<{kind}EventDefinition {kind}Ref="{self._define(kind, node)}"/>'

    def _message_event(self, node: Node, service: str) -> Iterator[str]:
        attributes = " ".join(self._service(node, service)) if service else ""
        fields = "".join(self._inside_service(node, service))
        extensions = f"<extensionElements>{fields}</extensionElements>" if fields else ""
        yield (
            f'<messageEventDefinition messageRef="{self._message(node)}" {attributes}>'
            f"{extensions}</messageEventDefinition>"
        )

    def _message(self, node: Node) -> str:
        return self._define("message", node)

    def _define(self, kind: str, node: Node) -> str:
        """Define a message, signal, error or escalation of its own for the node, unique on the engine."""
        identifier = f"{kind}_{node.id}"
        code = f'{kind}Code="{identifier}"' if kind in {"error", "escalation"} else ""
        self._definitions.append(f'<{kind} id="{identifier}" name="{self._process.key}_{identifier}" {code}/>')
        return identifier


def write(process: Process, engine: EngineFamily) -> str:
    """Return the BPMN file of a process."""
    return Writer(process, engine).write()
