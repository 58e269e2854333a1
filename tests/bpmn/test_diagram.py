"""The diagram: planes, shapes, edges, and what is left out of a broken one."""

from __future__ import annotations

from pathlib import Path

from tui_migrate.bpmn.diagram import Bounds, Edge, Shape, read_diagram

MODELS = Path(__file__).parent / "models"
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:b="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:c="http://www.omg.org/spec/DD/20100524/DC" xmlns:d="http://www.omg.org/spec/DD/20100524/DI">'
)


def _plane(content: str, element: str = "p") -> str:
    return f'<b:BPMNDiagram><b:BPMNPlane bpmnElement="{element}">{content}</b:BPMNPlane></b:BPMNDiagram>'


def _file(*planes: str) -> bytes:
    return f"{HEAD}{''.join(planes)}</definitions>".encode()


def _bounds(x: str = "1", width: str = "100") -> str:
    return f'<c:Bounds x="{x}" y="2.5" width="{width}" height="80"/>'


def test_a_file_without_a_diagram() -> None:
    diagram = read_diagram(_file())
    assert (diagram.planes, diagram.warnings) == ((), ())
    assert diagram.plane_of("p") is None


def test_shapes_and_edges() -> None:
    content = (
        f'<b:BPMNShape bpmnElement="t" isExpanded="true" isHorizontal="0">{_bounds()}<b:BPMNLabel>{_bounds("-3", "5")}'
        '</b:BPMNLabel></b:BPMNShape><b:BPMNEdge bpmnElement="x:f"><d:waypoint x="1" y="2"/><d:waypoint x="3e1" y="4"/>'
        "<b:BPMNLabel/></b:BPMNEdge>"
    )
    (plane,) = read_diagram(_file(_plane(content))).planes
    assert plane.element_id == "p"
    assert plane.shapes == (Shape("t", Bounds(1, 2.5, 100, 80), True, False, Bounds(-3, 2.5, 5, 80)),)
    assert plane.edges == (Edge("f", ((1, 2), (30, 4))),)
    shape = plane.shapes[0]
    assert (shape.x, shape.y, shape.width, shape.height) == (1, 2.5, 100, 80)


def test_several_planes() -> None:
    shape = f'<b:BPMNShape bpmnElement="{{}}">{_bounds()}</b:BPMNShape>'
    diagram = read_diagram(_file(_plane(shape.format("a")), _plane(shape.format("b"), "sub")))
    plane = diagram.plane_of("sub")
    assert plane is not None
    assert [one.element_id for one in plane.shapes] == ["b"]
    assert len(diagram.planes) == 2


def test_broken_shapes_and_edges_are_left_out() -> None:
    content = (
        f'<b:BPMNShape bpmnElement="a"/>\n<b:BPMNShape bpmnElement="b">{_bounds("nan")}</b:BPMNShape>\n'
        f'<b:BPMNShape bpmnElement="c">{_bounds("inf")}</b:BPMNShape>\n<b:BPMNShape>{_bounds()}</b:BPMNShape>\n'
        f'<b:BPMNShape bpmnElement="d">{_bounds("1,5")}</b:BPMNShape>\n<b:BPMNEdge bpmnElement="f"/>'
        f'<b:BPMNShape bpmnElement="e">{_bounds("1e400")}</b:BPMNShape>'
        f'<b:BPMNShape bpmnElement="g">{_bounds()}</b:BPMNShape>'
    )
    diagram = read_diagram(_file(_plane(content)))
    assert [shape.element_id for shape in diagram.planes[0].shapes] == ["g"]
    assert diagram.warnings[0] == "Line 1: this BPMNShape is left out: it has no bounds."
    assert diagram.warnings[1] == "Line 2: this BPMNShape is left out: its x is no number."
    assert len(diagram.warnings) == 7


def test_real_diagrams() -> None:
    for file in MODELS.glob("*.bpmn"):
        diagram = read_diagram(file.read_bytes())
        assert diagram.warnings == ()
        assert sum(len(plane.shapes) for plane in diagram.planes) > 8
        assert all(len(edge.way_points) >= 2 for plane in diagram.planes for edge in plane.edges)
