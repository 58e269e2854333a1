"""The activities of one scope: what `BpmnParse.parseScope` makes of a process, sub process or transaction.

The engine creates them in several rounds (start events, activities, catch events, …) whose order nobody can see
afterwards; here they are made in document order, with what joins them (`layout`) known before.
"""

from __future__ import annotations

from typing import Final

from lxml import etree
from msgspec.structs import replace

from tui_migrate.bpmn import behavior
from tui_migrate.bpmn.behavior import Kind
from tui_migrate.bpmn.details import REFERRING, DetailReader, documentation, listeners, mappings, timeout_listeners
from tui_migrate.bpmn.document import Namespaces, Node, line_of, local_name
from tui_migrate.bpmn.identifiers import IN_BPMN
from tui_migrate.bpmn.layout import Layout, read_layout
from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, SequenceFlow
from tui_migrate.bpmn.refusals import at_line, quoted, refusal

_CONTAINERS: Final = frozenset({"subProcess", "transaction"})
_LOOP: Final = "multiInstanceLoopCharacteristics"
_HANDLER: Final = "isForCompensation"


class ScopeReader:
    """Reads a process element into activities; use one for each process.

    Args:
        namespaces: The engine's.
        details: Reads what a person would compare.
        taken: The ids of the file that are taken already; grows.
        connectors: Whether the engine has the connect plugin.
        file: The file's name for errors.
    """

    def __init__(
        self, namespaces: Namespaces, details: DetailReader, taken: set[str], *, connectors: bool, file: str | None
    ) -> None:
        self.activities: dict[str, Activity] = {}
        self.flows: list[SequenceFlow] = []
        self.handlers: dict[str, str] = {}
        self.warnings: list[tuple[int, str]] = []
        self._namespaces = namespaces
        self._details = details
        self._connectors = connectors
        self._file = file
        self._taken = taken
        self._known_ids: set[str] = set()
        self._unnamed = 0

    def read_process(self, element: etree._Element) -> None:
        """Read the whole process; its elements lose their `incoming` and `outgoing`.

        Like the engine, only the flows' own ends are read, and these repetitions are most of a file's elements.
        """
        etree.strip_elements(element, f"{IN_BPMN}incoming", f"{IN_BPMN}outgoing", with_tail=False)
        self._read_scope(element, ROOT, event_sub_process=False)

    # -- one scope -----------------------------------------------------------------------------------------------

    def _read_scope(self, element: etree._Element, scope: str, *, event_sub_process: bool) -> None:
        layout = read_layout(element, self._taken, self._file)
        self.flows += layout.flows
        self.warnings += layout.warnings
        for child, tag in layout.elements:
            node = Node(child, self._namespaces, tag)
            if "default" in node.attributes:
                self._check_default(node)
            self._make(node, scope, layout, event_sub_process)
        if layout.associations:
            self._associate(layout, scope, element)

    def _check_default(self, node: Node) -> None:
        default = node.reference("default")
        if default not in self._taken and default not in self._all_ids(node.element):
            problem = f"has the unknown default flow {quoted(default)}"
            self._refused(node.line, problem, node.tag, node.attributes.get("id"))

    # -- one element ---------------------------------------------------------------------------------------------

    def _make(self, node: Node, scope: str, layout: Layout, event_sub_process: bool) -> None:
        tag = node.tag
        if not tag.endswith("Event"):
            self._make_activity(node, scope, layout)
        elif tag == "startEvent":
            self._make_start(node, scope, layout, event_sub_process)
        elif tag == "boundaryEvent":
            self._make_boundary(node, scope, layout)
        elif tag == "intermediateCatchEvent":
            self._make_catch(node, scope, layout)
        elif tag == "intermediateThrowEvent":
            kind = behavior.throw_kind(node, self._connectors)
            if kind is not None:
                self._add(node, kind, scope, layout)
        else:
            self._add(node, behavior.end_kind(node, self._connectors), scope, layout)

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
        event_scope: str | None = host_id
        later = layout.tags.get(host_id) == node.tag and host_id not in self.activities
        if later or not layout.has_activity(host_id):
            event_scope = None
            self._refused(node.line, f"is attached to {quoted(host_id)}, which is not in its scope", node.tag, node.id)
        elif host_id in layout.multi_instance_hosts and not compensation:
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
        loop = None
        if _LOOP in node.parts:
            loop = Node(node.parts[_LOOP], self._namespaces, _LOOP)
            scope = self._add_body(node, loop, scope, layout)
        event_sub_process = node.tag == "subProcess" and node.flag("triggeredByEvent")
        kind = behavior.EVENT_SUB_PROCESS
        if not event_sub_process:
            kind = behavior.task_kind(node, self._connectors, multi_instance=loop is not None)
        timeouts = timeout_listeners(node) if node.tag == "userTask" and node.extensions else ()
        event_scope = scope if event_sub_process else node.id if kind.trigger or timeouts else None
        handler = event_sub_process and _compensates(node)
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
        self.activities[body_id] = Activity(
            id=body_id,
            name=node.attributes.get("name"),
            tag=node.tag,
            behavior=f"{'Sequential' if sequential else 'Parallel'}MultiInstanceActivityBehavior",
            type="multiInstanceBody",
            flow_scope=scope,
            is_scope=True,
            async_before=not handler and _async_before(node),
            async_after=not handler and _async_after(node),
            incoming=layout.incoming.get(node.id or "", 0),
            outgoing=tuple(layout.outgoing.get(node.id or "", ())),
            details=self._details.loop_details(loop),
            line=node.line,
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
        handler: bool = False,
    ) -> str:
        """Register the activity of an element and return its id."""
        activity_id = node.id or self._name_unnamed(node)
        marked = _HANDLER in node.attributes and _is_handler(node)
        handler = marked or handler
        asynchronous = node if loop is None or marked else loop
        multi, own = loop is not None, asynchronous.own
        self.activities[activity_id] = Activity(
            id=activity_id,
            name=node.attributes.get("name"),
            tag=node.tag,
            behavior=kind.behavior,
            type=kind.type,
            flow_scope=scope,
            event_scope=event_scope,
            is_scope=kind.is_scope or bool(timeouts) or self._becomes_scope(node, layout, multi),
            is_compensation_handler=handler,
            async_before=bool(own) and _async_before(asynchronous),
            async_after=bool(own) and _async_after(asynchronous),
            incoming=0 if multi else layout.incoming.get(activity_id, 0),
            outgoing=() if multi else tuple(layout.outgoing.get(activity_id, ())),
            trigger=kind.trigger,
            timeout_listeners=timeouts,
            attached_to=attached_to,
            interrupting=interrupting,
            details=self._details.details(node),
            documentation=documentation(node) if "documentation" in node.parts else None,
            listeners=listeners(node) if node.extensions else (),
            mappings=mappings(node) if node.extensions else (),
            line=line_of(node.element),
        )
        problem = kind.problem
        if problem is None and node.tag in REFERRING:
            problem = self._details.unknown_reference(node, kind.type)
        if problem is not None:
            self._refused(node.line, problem, node.tag, node.id)
        return activity_id

    def _becomes_scope(self, node: Node, layout: Layout, multi_instance: bool) -> bool:
        if node.tag == "userTask" and "property" in node.parts:
            return True
        return not multi_instance and (node.id in layout.hosts or "inputOutput" in node.extensions)

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
            if target in layout.tags and target not in placed and body in self.activities:
                self._move(target, body)
            placed.add(target)

    def _all_ids(self, element: etree._Element) -> set[str]:
        """Return all ids of the file; an association may lead to a text or data, a default flow be any id."""
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

    def _name_unnamed(self, node: Node) -> str:
        self._unnamed += 1
        self._warn(node.line, f"A {node.tag} has no id, so no instruction can name it.")
        return f"#{self._unnamed}"

    def _refused(self, line: int | None, problem: str, tag: str, element_id: str | None) -> None:
        self.warnings.append((line or 0, refusal(line, tag, element_id, problem)))

    def _warn(self, line: int | None, sentence: str) -> None:
        self.warnings.append((line or 0, at_line(line, sentence)))


def _async_before(node: Node) -> bool:
    return node.own.get("async") == "true" or node.own.get("asyncBefore") == "true"


def _async_after(node: Node) -> bool:
    return node.own.get("asyncAfter") == "true"


def _is_handler(node: Node) -> bool:
    value = node.attributes.get(_HANDLER)
    return value is not None and value.strip().lower() == "true"


def _compensates(event_sub_process: Node) -> bool:
    """An event sub process with a compensation start event is a compensation handler."""
    namespaces = event_sub_process.namespaces
    starts = (Node(element, namespaces, "startEvent") for element in event_sub_process.all_parts("startEvent"))
    kinds = (behavior.start_kind(start, event_sub_process=True, process=False) for start in starts)
    return any(kind.type == "compensationStartEvent" for kind in kinds)
