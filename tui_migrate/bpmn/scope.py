"""The activities of one scope: what `BpmnParse.parseScope` makes of a process, sub process or transaction.

The engine creates them in several rounds (start events, activities, catch events, …) whose order nobody can see
afterwards; here every scope is looked through once for what joins its elements (`Layout`), then once to make them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from tui_migrate.bpmn import behavior
from tui_migrate.bpmn.behavior import Kind
from tui_migrate.bpmn.details import DetailReader, documentation
from tui_migrate.bpmn.document import Extension, Node, line_of, local_name
from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, SequenceFlow
from tui_migrate.bpmn.refusals import at_line, quoted, refusal
from tui_migrate.errors import BpmnError

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
        self.warnings: list[tuple[int, str]] = []
        self._extension = extension
        self._details = details
        self._connectors = connectors
        self._file = file
        self._ids: set[str] = set()
        self._known_ids: set[str] = set()
        self._unnamed = 0

    def read_process(self, element: etree._Element) -> None:
        """Read the whole process."""
        self._read_scope(element, ROOT, event_sub_process=False)

    # -- one scope -----------------------------------------------------------------------------------------------

    def _read_scope(self, element: etree._Element, scope: str, *, event_sub_process: bool) -> None:
        layout = self._layout(element)
        for node in layout.nodes:
            self._make(node, scope, layout, event_sub_process)
        self._associate(layout, scope, element)

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
                self._warn(line_of(child), f"{tag} {quoted(child.get('id'))} is unknown to the engine and left out.")
        links = self._link_targets(layout)
        for flow in flows:
            self._connect(flow, layout, links)
        return layout

    def _place(self, node: Node, layout: Layout) -> None:
        layout.nodes.append(node)
        self._claim(node)
        if node.id is None:
            return
        layout.by_id[node.id] = node
        if node.tag == "boundaryEvent" and "compensateEventDefinition" not in node.parts:
            layout.hosts.add(node.reference("attachedToRef") or "")

    def _link_targets(self, layout: Layout) -> dict[str, str]:
        """Return the catching link event by link name."""
        targets: dict[str, str] = {}
        for node in layout.nodes:
            if node.tag != "intermediateCatchEvent" or behavior.catch_kind(node).type != "intermediateLinkCatch":
                continue
            if targets.setdefault(_link_name(node), node.id or "") != (node.id or ""):
                self._refused(node.line, "is the second catching link of its name", node.tag, node.id)
        return targets

    def _connect(self, flow: Node, layout: Layout, links: dict[str, str]) -> None:
        source_id, target_id = flow.reference("sourceRef") or "", flow.reference("targetRef") or ""
        self._claim(flow)
        condition = flow.text_of("conditionExpression")
        self.flows.append(SequenceFlow(flow.id, source_id, target_id, flow.attributes.get("name"), condition))
        source, target = layout.by_id.get(source_id), layout.by_id.get(target_id)
        if target is not None and _is_link_throw(target):
            target_id = links.get(_link_name(target), "")
            target = layout.by_id.get(target_id)
        if source is None or target is None or _is_link_throw(source):
            self._refused(flow.line, "does not join two activities of its scope", "sequenceFlow", flow.id)
            return
        if source.tag == "eventBasedGateway":
            self._connect_gateway(flow, source_id, layout)
            return
        layout.incoming[target_id] = layout.incoming.get(target_id, 0) + 1
        outgoing = layout.outgoing.setdefault(source_id, [])
        outgoing.append(flow.id or f"#{len(outgoing) + 1}")

    def _connect_gateway(self, flow: Node, gateway: str, layout: Layout) -> None:
        """The catch events that follow an event-based gateway listen in it; the flow itself is no transition."""
        target_id = flow.reference("targetRef") or ""
        if layout.by_id[target_id].tag != "intermediateCatchEvent":
            self._refused(flow.line, "leads from an event-based gateway to no catch event", "sequenceFlow", flow.id)
        elif target_id in layout.gateway_of:
            self._refused(flow.line, "is the second one from an event-based gateway there", "sequenceFlow", flow.id)
        else:
            layout.gateway_of[target_id] = gateway

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
        if host is None or _is_link_throw(host) or (host.tag == node.tag and host_id not in self.activities):
            host = None
            self._refused(node.line, f"is attached to {quoted(host_id)}, which is not in its scope", node.tag, node.id)
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
        if loop.reference("isSequential") in {"0", "1"}:
            self._refused(loop.line, "has a number for isSequential, not true or false", node.tag, node.id)
        sequential = loop.flag("isSequential")
        body_id = f"{node.id or 'null'}{BODY_SUFFIX}"  # as Java adds it to a missing id
        handler = _is_handler(node)
        self._keep(
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
        self._keep(
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
        problem = kind.problem or self._details.unknown_reference(node, kind.type)
        if problem is not None:
            self._refused(node.line, problem, node.tag, node.id)
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

    def _associate(self, layout: Layout, scope: str, element: etree._Element) -> None:
        """Join handlers to their boundary events; a handler of a multi-instance activity lies in that one's body.

        The first association of a handler decides where it lies (`BpmnParse.parseAssociations`).
        """
        placed: set[str] = set()
        for source, target in layout.associations:
            boundary, handler = self._found_in(scope, source), self._found_in(scope, target)
            for reference, end in ((source, boundary), (target, handler)):
                if end is None and reference not in self._all_ids(element):
                    self._refused(
                        line_of(element),
                        f"has an association with the unknown '{reference}'",
                        local_name(element),
                        element.get("id"),
                    )
            if boundary is None or boundary.type != "compensationBoundaryCatch" or handler is None:
                continue
            if not handler.is_compensation_handler:
                self._refused(boundary.line, "has a handler that is not marked as one", "boundaryEvent", source)
                continue
            self.handlers[source] = target
            body = f"{boundary.event_scope}{BODY_SUFFIX}"
            if target in layout.by_id and target not in placed and body in self.activities:
                self._move(target, body)
            placed.add(target)

    def _all_ids(self, element: etree._Element) -> set[str]:
        """Return all ids of the file; associations may lead to texts, data and whatever there is."""
        if not self._known_ids:
            self._known_ids = {other.get("id", "").strip() for other in element.getroottree().iter()}
        return self._known_ids

    def _found_in(self, scope: str, activity_id: str) -> Activity | None:
        """Return the activity with this id inside the scope, however deep."""
        activity = self.activities.get(activity_id)
        around = activity
        while around is not None and around.flow_scope != scope:
            around = self.activities.get(around.flow_scope)
        return None if around is None else activity

    def _move(self, handler: str, body: str) -> None:
        outermost = handler + BODY_SUFFIX if handler + BODY_SUFFIX in self.activities else handler
        self.activities[outermost] = replace(self.activities[outermost], flow_scope=body)

    # -- registry ------------------------------------------------------------------------------------------------

    def _claim(self, node: Node) -> None:
        if node.id is None:
            return
        if node.id in self._ids:
            raise BpmnError(
                f"The id {quoted(node.id)} is used twice; ids must be unique, and no engine deploys this file.",
                file=self._file,
                line=node.line,
            )
        self._ids.add(node.id)

    def _keep(self, activity: Activity) -> None:
        self.activities[activity.id] = activity

    def _name_unnamed(self, node: Node) -> str:
        self._unnamed += 1
        self._warn(node.line, f"A {node.tag} has no id, so no instruction can name it.")
        return f"#{self._unnamed}"

    def _refused(self, line: int | None, problem: str, tag: str, element_id: str | None) -> None:
        self.warnings.append((line or 0, refusal(line, tag, element_id, problem)))

    def _warn(self, line: int | None, sentence: str) -> None:
        self.warnings.append((line or 0, at_line(line, sentence)))


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
