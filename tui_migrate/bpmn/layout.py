"""What joins the elements of one scope: flows, hosts of boundary events, event-based gateways, links, associations.

The engine asks for these while it makes activities; here each scope is looked through once before.
"""

from __future__ import annotations

from typing import Final

from lxml import etree
from msgspec import Struct, field

from tui_migrate.bpmn.behavior import FLOW_NODES, IGNORED_FLOW_NODES
from tui_migrate.bpmn.document import LOCAL_NAMES, line_of, local_name
from tui_migrate.bpmn.identifiers import IN_BPMN, RESERVED, claim, claim_all
from tui_migrate.bpmn.model import SequenceFlow
from tui_migrate.bpmn.refusals import at_line, quoted, refusal

_CATCH_ORDER: Final = ("timer", "signal", "message", "link")
"""A catch event is a link only if it has none of the definitions that are tested before."""


_INTERMEDIATE: Final = frozenset({"intermediateCatchEvent", "intermediateThrowEvent"})
"""What may be a link."""
_DRAWN: Final = frozenset({"laneSet", "dataObject", "dataObjectReference", "textAnnotation", "group"})
"""What stands beside flow nodes for people only; its ids count all the same."""


class Layout(Struct):
    """The joints of one scope; all ids are those of its own elements."""

    elements: list[tuple[etree._Element, str]] = field(default_factory=list)
    """The flow nodes with their tags, in document order."""
    tags: dict[str, str] = field(default_factory=dict)
    """The tag by the id of a flow node."""
    flows: list[SequenceFlow] = field(default_factory=list)
    incoming: dict[str, int] = field(default_factory=dict)
    """Number of transitions to an element."""
    outgoing: dict[str, list[str]] = field(default_factory=dict)
    """Ids of the transitions from an element."""
    gateway_of: dict[str, str] = field(default_factory=dict)
    """Event-based gateway by the catch event behind it."""
    hosts: set[str] = field(default_factory=set)
    """Elements with a boundary event other than compensation: these become scopes."""
    multi_instance_hosts: set[str] = field(default_factory=set)
    """Elements with any boundary event that are multi-instance."""
    thrown_links: dict[str, str] = field(default_factory=dict)
    """Link name by the id of a throwing link event, of which the engine makes no activity."""
    associations: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def has_activity(self, element_id: str) -> bool:
        """Return whether the engine makes an activity of this element."""
        return element_id in self.tags and element_id not in self.thrown_links


def read_layout(scope: etree._Element, taken: set[str], file: str | None) -> Layout:
    """Look through the direct children of a process, sub process or transaction.

    Args:
        scope: The element.
        taken: The ids that are taken in the file, as far as it has been read; grows.
        file: The file's name for errors.

    Raises:
        BpmnError: An id is used twice, or can't be one.
    """
    layout = Layout()
    flows: list[etree._Element] = []
    attached: set[str] = set()
    intermediates: list[tuple[etree._Element, str]] = []
    elements, tags = layout.elements, layout.tags
    for child in scope:
        tag = LOCAL_NAMES[child.tag]
        if tag in FLOW_NODES:
            elements.append((child, tag))
            identifier = child.get("id")
            if identifier is not None:
                identifier = identifier.strip()
                if identifier in taken or RESERVED in identifier:
                    claim(identifier, taken, child, file)
                taken.add(identifier)
                tags[identifier] = tag
            if tag == "boundaryEvent":
                attached.add(_read_boundary(child, layout))
            elif tag in _INTERMEDIATE:
                intermediates.append((child, tag))
        elif tag == "sequenceFlow":
            flows.append(child)
        elif tag == "association":
            layout.associations.append((_reference(child, "sourceRef"), _reference(child, "targetRef")))
            claim_all((child,), taken, file)
        elif tag in IGNORED_FLOW_NODES:
            sentence = f"{tag} {quoted(child.get('id'))} is unknown to the engine and left out."
            layout.warnings.append((line_of(child) or 0, at_line(line_of(child), sentence)))
        elif tag in _DRAWN:
            claim_all(child.iter(f"{IN_BPMN}*"), taken, file)
    if attached:
        _find_multi_instance(layout, attached)
    links = _read_links(intermediates, layout)
    for element in flows:
        flow = _sequence_flow(element)
        layout.flows.append(flow)
        if flow.id is not None:
            if flow.id in taken or RESERVED in flow.id:
                claim(flow.id, taken, element, file)
            taken.add(flow.id)
        _connect(flow, element, layout, links)
    return layout


def _reference(element: etree._Element, name: str) -> str:
    return (element.get(name) or "").strip()


def _read_boundary(element: etree._Element, layout: Layout) -> str:
    host = _reference(element, "attachedToRef")
    if not any(local_name(child) == "compensateEventDefinition" for child in element):
        layout.hosts.add(host)
    return host


def _find_multi_instance(layout: Layout, attached: set[str]) -> None:
    for element, _ in layout.elements:
        identifier = (element.get("id") or "").strip()
        if identifier in attached and any(local_name(one) == "multiInstanceLoopCharacteristics" for one in element):
            layout.multi_instance_hosts.add(identifier)


def _read_links(intermediates: list[tuple[etree._Element, str]], layout: Layout) -> dict[str, str]:
    """Return the catching link event by link name, and keep the throwing ones in the layout."""
    caught: dict[str, str] = {}
    for element, tag in intermediates:
        definitions = {local_name(child).removesuffix("EventDefinition"): child for child in reversed(element)}
        link = definitions.get("link")
        if link is None:
            continue
        identifier, name = _reference(element, "id"), link.get("name", "")
        if tag == "intermediateThrowEvent":
            layout.thrown_links[identifier] = name
        elif not any(kind in definitions for kind in _CATCH_ORDER[:-1]) and (
            caught.setdefault(name, identifier) != identifier
        ):
            _refuse(element, tag, identifier, "is the second catching link of its name", layout)
    return caught


def _connect(flow: SequenceFlow, element: etree._Element, layout: Layout, links: dict[str, str]) -> None:
    """Count a sequence flow at both of its ends (`BpmnParse.parseSequenceFlow`)."""
    source, target = flow.source, flow.target
    if target in layout.thrown_links:
        target = links.get(layout.thrown_links[target], "")
    if source not in layout.tags or source in layout.thrown_links or target not in layout.tags:
        _refuse(element, "sequenceFlow", flow.id, "does not join two activities of its scope", layout)
    elif layout.tags[source] != "eventBasedGateway":
        layout.incoming[target] = layout.incoming.get(target, 0) + 1
        outgoing = layout.outgoing.setdefault(source, [])
        outgoing.append(flow.id or f"#{len(outgoing) + 1}")
    elif layout.tags[flow.target] != "intermediateCatchEvent":
        _refuse(element, "sequenceFlow", flow.id, "leads from an event-based gateway to no catch event", layout)
    elif target in layout.gateway_of:
        _refuse(element, "sequenceFlow", flow.id, "is the second one from an event-based gateway there", layout)
    else:
        # Such a flow is no transition: the catch event listens in the gateway.
        layout.gateway_of[target] = source


def _sequence_flow(element: etree._Element) -> SequenceFlow:
    identifier, source, target = element.get("id"), element.get("sourceRef"), element.get("targetRef")
    condition = None
    for child in element if len(element) else ():
        if local_name(child) == "conditionExpression":
            condition = (child.text or "").strip()
    return SequenceFlow(
        None if identifier is None else identifier.strip(),
        "" if source is None else source.strip(),
        "" if target is None else target.strip(),
        element.get("name"),
        condition,
    )


def _refuse(element: etree._Element, tag: str, identifier: str | None, problem: str, layout: Layout) -> None:
    line = line_of(element)
    layout.warnings.append((line or 0, refusal(line, tag, identifier, problem)))
