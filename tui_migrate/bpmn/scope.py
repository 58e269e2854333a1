"""The activities of one scope: what `BpmnParse.parseScope` makes of a process, sub process or transaction.

The engine creates them in several rounds (start events, activities, catch events, …) whose order nobody can see
afterwards; here every scope is looked through once for what joins its elements (`Layout`), then once to make them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NoReturn

from lxml import etree

from tui_migrate.bpmn import behavior
from tui_migrate.bpmn.behavior import Kind
from tui_migrate.bpmn.details import DetailReader, documentation
from tui_migrate.bpmn.document import Extension, Node, line_of, local_name
from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, SequenceFlow
from tui_migrate.errors import BpmnError
from tui_migrate.text import safe

_CONTAINERS: Final = frozenset({"subProcess", "transaction"})
_LOOP: Final = "multiInstanceLoopCharacteristics"


@dataclass(slots=True)
class Layout:
    """What joins the elements of one scope: flows, hosts of boundary events, event-based gateways, associations."""

    nodes: list[Node] = field(default_factory=list)
    by_id: dict[str, Node] = field(default_factory=dict)
    incoming: dict[str, int] = field(default_factory=dict)
    outgoing: dict[str, list[str]] = field(default_factory=dict)
    gateway_of: dict[str, str] = field(default_factory=dict)
    """Event-based gateway by the catch event behind it."""
    hosts: set[str] = field(default_factory=set)
    """Activities with a boundary event other than compensation: these become scopes."""
    associations: list[tuple[str, str]] = field(default_factory=list)


class ScopeReader:
    """Reads a process element into activities; use one for each process.

    Args:
        extension: The engine's namespaces.
        details: Reads what a person would compare.
        connectors: Whether the engine has the connect plugin.
        file: The file's name for errors.
    """

    def __init__(self, extension: Extension, details: DetailReader, *, connectors: bool, file: str | None) -> None:
        self.activities: dict[str, Activity] = {}
        self.flows: list[SequenceFlow] = []
        self.handlers: dict[str, str] = {}
        self.warnings: list[str] = []
        self._extension = extension
        self._details = details
        self._connectors = connectors
        self._file = file
        self._unnamed = 0

    def read_process(self, element: etree._Element) -> None:
        """Read the whole process."""
        self._read_scope(element, ROOT, event_sub_process=False)

    # -- one scope -----------------------------------------------------------------------------------------------

    def _read_scope(self, element: etree._Element, scope: str, *, event_sub_process: bool) -> None:
        layout = self._layout(element)
        for node in layout.nodes:
            self._make(node, scope, layout, event_sub_process)
        self._associate(layout, scope)

    def _layout(self, element: etree._Element) -> Layout:
        layout = Layout()
        flows = []
        for child in element:
            tag = local_name(child)
            if tag in behavior.FLOW_NODES:
                self._place(Node.of(child, tag), layout)
            elif tag == "sequenceFlow":
                flows.append(Node.of(child, tag))
            elif tag == "association":
                layout.associations.append((child.get("sourceRef", "").strip(), child.get("targetRef", "").strip()))
            elif tag in behavior.IGNORED_FLOW_NODES:
                self._warn(line_of(child), f"{tag} {_quoted(child.get('id'))} is unknown to the engine and left out.")
        links = _link_targets(layout)
        for flow in flows:
            self._connect(flow, layout, links)
        return layout

    def _place(self, node: Node, layout: Layout) -> None:
        layout.nodes.append(node)
        if node.id is None:
            return
        if node.id in layout.by_id:
            self._refuse_duplicate(node.id, node.line)
        layout.by_id[node.id] = node
        if node.tag == "boundaryEvent" and "compensateEventDefinition" not in node.parts:
            layout.hosts.add(node.reference("attachedToRef") or "")

    def _connect(self, flow: Node, layout: Layout, links: dict[str, str]) -> None:
        source_id, target_id = flow.reference("sourceRef") or "", flow.reference("targetRef") or ""
        condition = flow.text_of("conditionExpression")
        self.flows.append(SequenceFlow(flow.id, source_id, target_id, flow.attributes.get("name"), condition))
        source, target = layout.by_id.get(source_id), layout.by_id.get(target_id)
        if target is not None and _is_link_throw(target):
            target_id = links.get(_link_name(target), "")
            target = layout.by_id.get(target_id)
        if source is None or target is None or _is_link_throw(source):
            self._warn(flow.line, f"Sequence flow {_quoted(flow.id)} does not join two activities and is left out.")
            return
        if source.tag == "eventBasedGateway":
            if target.tag == "intermediateCatchEvent":
                layout.gateway_of[target_id] = source_id
            else:
                self._refused(
                    flow.line, f"leads from an event-based gateway to a {target.tag}", "Sequence flow", flow.id
                )
            return
        layout.incoming[target_id] = layout.incoming.get(target_id, 0) + 1
        outgoing = layout.outgoing.setdefault(source_id, [])
        outgoing.append(flow.id or f"#{len(outgoing) + 1}")

    # -- one element ---------------------------------------------------------------------------------------------

    def _make(self, node: Node, scope: str, layout: Layout, event_sub_process: bool) -> None:
        tag = node.tag
        if tag == "startEvent":
            self._make_start(node, scope, layout, event_sub_process)
        elif tag == "boundaryEvent":
            self._make_boundary(node, scope, layout)
        elif tag == "intermediateCatchEvent":
            self._make_catch(node, scope, layout)
        elif tag == "intermediateThrowEvent":
            kind = behavior.throw_kind(node, self._extension, self._connectors)
            if kind is not None:
                self._add(node, kind, scope, layout)
        elif tag == "endEvent":
            self._add(node, behavior.end_kind(node, self._extension, self._connectors), scope, layout)
        else:
            self._make_activity(node, scope, layout)

    def _make_start(self, node: Node, scope: str, layout: Layout, event_sub_process: bool) -> None:
        process = scope == ROOT
        kind = behavior.start_kind(node, event_sub_process=event_sub_process, process=process)
        event_scope, interrupting = None, None
        if event_sub_process:
            event_scope = self.activities[scope].flow_scope
            interrupting = node.flag("isInterrupting", True)
        elif process and kind.type == "signalStartEvent":
            event_scope = ROOT
        self._add(node, kind, scope, layout, event_scope=event_scope, interrupting=interrupting)

    def _make_boundary(self, node: Node, scope: str, layout: Layout) -> None:
        kind = behavior.boundary_kind(node)
        compensation = kind.type == "compensationBoundaryCatch"
        host_id = node.reference("attachedToRef") or ""
        host = layout.by_id.get(host_id)
        if host is None:
            self._refused(node.line, f"is attached to {_quoted(host_id)}, which is not in its scope", node.tag, node.id)
        event_scope = None if host is None else host_id
        if host is not None and _LOOP in host.parts and not compensation:
            event_scope = host_id + BODY_SUFFIX
        interrupting = None if compensation else node.flag("cancelActivity", True)
        self._add(
            node, kind, scope, layout, event_scope=event_scope, interrupting=interrupting, attached_to=host_id or None
        )

    def _make_catch(self, node: Node, scope: str, layout: Layout) -> None:
        kind = behavior.catch_kind(node)
        gateway = layout.gateway_of.get(node.id or "")
        if gateway is None:
            kind = replace(kind, is_scope=True)
        self._add(node, kind, scope, layout, event_scope=gateway or node.id)

    def _make_activity(self, node: Node, scope: str, layout: Layout) -> None:
        loop = node.part(_LOOP)
        if loop is not None:
            scope = self._add_body(node, loop, scope, layout)
        event_sub_process = node.tag == "subProcess" and node.flag("triggeredByEvent")
        kind = behavior.EVENT_SUB_PROCESS
        if not event_sub_process:
            kind = behavior.task_kind(node, self._extension, self._connectors, multi_instance=loop is not None)
        timeouts = self._details.timeout_listeners(node) if node.tag == "userTask" else ()
        event_scope = scope if event_sub_process else node.id if kind.trigger or timeouts else None
        handler = _is_handler(node) or (event_sub_process and _compensates(node))
        added = self._add(
            node, kind, scope, layout, event_scope=event_scope, timeouts=timeouts, loop=loop, handler=handler
        )
        if node.tag in _CONTAINERS:
            self._read_scope(node.element, added, event_sub_process=event_sub_process)

    def _add_body(self, node: Node, loop: Node, scope: str, layout: Layout) -> str:
        sequential = loop.flag("isSequential")
        body_id = f"{node.id or '#'}{BODY_SUFFIX}"
        handler = _is_handler(node)
        self._register(
            Activity(
                id=body_id,
                name=node.attributes.get("name"),
                tag=node.tag,
                behavior=f"{'Sequential' if sequential else 'Parallel'}MultiInstanceActivityBehavior",
                type="multiInstanceBody",
                flow_scope=scope,
                is_scope=True,
                async_before=not handler and self._async_before(node),
                async_after=not handler and self._async_after(node),
                incoming=layout.incoming.get(node.id or "", 0),
                outgoing=tuple(layout.outgoing.get(node.id or "", ())),
                details=self._details.loop_details(loop),
                line=node.line,
            )
        )
        return body_id

    def _add(
        self,
        node: Node,
        kind: Kind,
        scope: str,
        layout: Layout,
        *,
        event_scope: str | None = None,
        interrupting: bool | None = None,
        attached_to: str | None = None,
        timeouts: tuple[str, ...] = (),
        loop: Node | None = None,
        handler: bool | None = None,
    ) -> str:
        """Register the activity of an element and return its id."""
        activity_id = node.id or self._name_unnamed(node)
        handler = _is_handler(node) if handler is None else handler
        asynchronous = node if loop is None or _is_handler(node) else loop
        multi = loop is not None
        self._register(
            Activity(
                id=activity_id,
                name=node.attributes.get("name"),
                tag=node.tag,
                behavior=kind.behavior,
                type=kind.type,
                flow_scope=scope,
                event_scope=event_scope,
                is_scope=kind.is_scope or bool(timeouts) or self._becomes_scope(node, layout, multi),
                is_compensation_handler=handler,
                async_before=self._async_before(asynchronous),
                async_after=self._async_after(asynchronous),
                incoming=0 if multi else layout.incoming.get(activity_id, 0),
                outgoing=() if multi else tuple(layout.outgoing.get(activity_id, ())),
                trigger=kind.trigger,
                timeout_listeners=timeouts,
                attached_to=attached_to,
                interrupting=interrupting,
                details=self._details.details(node),
                documentation=documentation(node),
                listeners=self._details.listeners(node),
                mappings=self._details.mappings(node),
                line=node.line,
            )
        )
        if kind.problem is not None:
            self._refused(node.line, kind.problem, node.tag, node.id)
        return activity_id

    def _becomes_scope(self, node: Node, layout: Layout, multi_instance: bool) -> bool:
        if node.tag == "userTask" and "property" in node.parts:
            return True
        return not multi_instance and (node.id in layout.hosts or self._details.has_io_mapping(node))

    def _async_before(self, node: Node) -> bool:
        return "true" in (
            self._extension.attribute(node.attributes, "async"),
            self._extension.attribute(node.attributes, "asyncBefore"),
        )

    def _async_after(self, node: Node) -> bool:
        return self._extension.attribute(node.attributes, "asyncAfter") == "true"

    # -- compensation --------------------------------------------------------------------------------------------

    def _associate(self, layout: Layout, scope: str) -> None:
        """Join handlers to their boundary events; a handler of a multi-instance activity lies in that one's body.

        The first association of a handler decides where it lies (`BpmnParse.parseAssociations`).
        """
        placed: set[str] = set()
        for source, target in layout.associations:
            boundary, handler = self.activities.get(source), layout.by_id.get(target)
            if boundary is None or boundary.type != "compensationBoundaryCatch" or boundary.event_scope is None:
                continue
            if handler is None or not _is_handler(handler):
                self._refused(boundary.line, "has no handler marked as compensation", "boundaryEvent", source)
                continue
            self.handlers[source] = target
            body = boundary.event_scope + BODY_SUFFIX
            if target not in placed and body in self.activities:
                self._move(target, body)
            placed.add(target)

    def _move(self, handler: str, body: str) -> None:
        outermost = handler + BODY_SUFFIX if handler + BODY_SUFFIX in self.activities else handler
        self.activities[outermost] = replace(self.activities[outermost], flow_scope=body)

    # -- registry ------------------------------------------------------------------------------------------------

    def _register(self, activity: Activity) -> None:
        if activity.id in self.activities:
            self._refuse_duplicate(activity.id, activity.line)
        self.activities[activity.id] = activity

    def _refuse_duplicate(self, activity_id: str, line: int | None) -> NoReturn:
        raise BpmnError(
            f"The id {_quoted(activity_id)} is used twice; ids must be unique, and no engine deploys this file.",
            file=self._file,
            line=line,
        )

    def _name_unnamed(self, node: Node) -> str:
        self._unnamed += 1
        self._warn(node.line, f"A {node.tag} has no id, so no instruction can name it.")
        return f"#{self._unnamed}"

    def _refused(self, line: int | None, problem: str, tag: str, element_id: str | None) -> None:
        self._warn(line, f"{tag} {_quoted(element_id)} {problem}; the engine refuses to deploy this.")

    def _warn(self, line: int | None, sentence: str) -> None:
        self.warnings.append(f"Line {line}: {sentence}" if line is not None else sentence)


def _is_handler(node: Node) -> bool:
    return node.attributes.get("isForCompensation", "").strip().lower() == "true"


def _compensates(event_sub_process: Node) -> bool:
    """An event sub process with a compensation start event is a compensation handler."""
    starts = (Node.of(element, "startEvent") for element in event_sub_process.all_parts("startEvent"))
    kinds = (behavior.start_kind(start, event_sub_process=True, process=False) for start in starts)
    return any(kind.type == "compensationStartEvent" for kind in kinds)


def _is_link_throw(node: Node) -> bool:
    return node.tag == "intermediateThrowEvent" and "linkEventDefinition" in node.parts


def _link_name(node: Node) -> str:
    return node.parts["linkEventDefinition"].get("name", "")


def _link_targets(layout: Layout) -> dict[str, str]:
    """Return the catching link event by link name."""

    def catching() -> Iterator[tuple[str, str]]:
        for node in layout.nodes:
            if node.tag == "intermediateCatchEvent" and behavior.catch_kind(node).type == "intermediateLinkCatch":
                yield _link_name(node), node.id or ""

    return dict(catching())


def _quoted(value: str | None) -> str:
    return "without id" if value is None else f"'{safe(value, limit=120)}'"
