"""The diagram of a BPMN file: where each shape and edge stands.

A file may hold several diagrams, and a collapsed sub process a plane of its own: each plane is drawn alone.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from msgspec import Struct, field

from tui_migrate.bpmn.document import LOCAL_NAMES, line_of, local_name, parse_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree


class Bounds(Struct, frozen=True):
    """A rectangle in diagram units (pixels at 100 %), from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


class Shape(Struct, frozen=True):
    """Where a flow node, pool, lane, data object or text stands."""

    element_id: str
    """Id of the BPMN element that is drawn."""
    bounds: Bounds
    expanded: bool | None = None
    """Whether a sub process shows its content; None where the file does not say."""
    horizontal: bool | None = None
    """Whether a pool or lane lies horizontally; None where the file does not say."""
    label: Bounds | None = None

    @property
    def x(self) -> float:
        """Left side."""
        return self.bounds.x

    @property
    def y(self) -> float:
        """Upper side."""
        return self.bounds.y

    @property
    def width(self) -> float:
        """Width."""
        return self.bounds.width

    @property
    def height(self) -> float:
        """Height."""
        return self.bounds.height


class Edge(Struct, frozen=True):
    """How a sequence flow, message flow or association runs."""

    element_id: str
    way_points: tuple[tuple[float, float], ...]
    label: Bounds | None = None


class Plane(Struct, frozen=True):
    """One drawing."""

    element_id: str | None
    """Id of the process, collaboration or sub process that is drawn."""
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()


class Diagram(Struct, frozen=True):
    """All planes of a file, in document order; none where the file has no diagram."""

    planes: tuple[Plane, ...] = ()
    warnings: tuple[str, ...] = ()
    """What was left out, each a sentence."""
    _by_element: Mapping[str, Plane] = field(default_factory=dict)

    def plane_of(self, element_id: str) -> Plane | None:
        """Return the plane that is dedicated to an element (a process, collaboration or collapsed sub process)."""
        return self._by_element.get(element_id)


def read_diagram(data: bytes, *, file: str | None = None) -> Diagram:
    """Read the diagram of a BPMN file; a file without one gives a diagram without planes.

    Args:
        data: The file's bytes.
        file: The file's name for messages.

    Raises:
        BpmnError: The bytes can't be read as BPMN.
    """
    return diagram_of(parse_document(data, file=file))


def diagram_of(root: etree._Element) -> Diagram:
    """Read the diagram of a file that has been parsed, such as for its models; see `read_diagram`."""
    reader = _PlaneReader()
    planes = tuple(
        reader.read(plane)
        for diagram in root
        if local_name(diagram) == "BPMNDiagram"
        for plane in diagram
        if local_name(plane) == "BPMNPlane"
    )
    by_element = {plane.element_id: plane for plane in reversed(planes) if plane.element_id is not None}
    return Diagram(planes, tuple(reader.warnings), by_element)


class _PlaneReader:
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def read(self, element: etree._Element) -> Plane:
        shapes: list[Shape] = []
        edges: list[Edge] = []
        for child in element:
            name = LOCAL_NAMES[child.tag]
            try:
                if name == "BPMNShape":
                    shapes.append(_shape(child))
                elif name == "BPMNEdge":
                    edges.append(_edge(child))
            except ValueError as error:
                self.warnings.append(f"Line {line_of(child)}: this {name} is left out: {error}.")
        return Plane(_reference(element), tuple(shapes), tuple(edges))


def _shape(element: etree._Element) -> Shape:
    bounds, label = None, None
    for child in element:
        name = LOCAL_NAMES[child.tag]
        if name == "Bounds":
            bounds = _bounds(child)
        elif name == "BPMNLabel":
            label = _label(child)
    if bounds is None:
        raise ValueError("it has no bounds")
    expanded, horizontal = element.get("isExpanded"), element.get("isHorizontal")
    return Shape(_required(element), bounds, _flag(expanded), _flag(horizontal), label)


def _edge(element: etree._Element) -> Edge:
    points, label = [], None
    for child in element:
        name = LOCAL_NAMES[child.tag]
        if name == "waypoint":
            points.append((_number(child, "x"), _number(child, "y")))
        elif name == "BPMNLabel":
            label = _label(child)
    if len(points) < 2:
        raise ValueError("it has fewer than two way points")
    return Edge(_required(element), tuple(points), label)


def _label(element: etree._Element) -> Bounds | None:
    for child in element:
        if LOCAL_NAMES[child.tag] == "Bounds":
            return _bounds(child)
    return None


def _bounds(element: etree._Element) -> Bounds:
    return Bounds(_number(element, "x"), _number(element, "y"), _number(element, "width"), _number(element, "height"))


def _number(element: etree._Element, name: str) -> float:
    try:
        number = float(element.get(name) or "")
    except ValueError:
        raise ValueError(f"its {name} is no number") from None
    if not isfinite(number):
        raise ValueError(f"its {name} is no number")
    return number


def _flag(value: str | None) -> bool | None:
    return None if value is None else value.strip().lower() in {"true", "1"}


def _reference(element: etree._Element) -> str | None:
    reference = element.get("bpmnElement")
    return reference.strip().rpartition(":")[2] if reference else None


def _required(element: etree._Element) -> str:
    reference = _reference(element)
    if reference is None:
        raise ValueError("it names no element")
    return reference
