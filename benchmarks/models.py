"""BPMN files of any size, written as modelling tools write them: every flow in both of its ends, and a diagram."""

from __future__ import annotations

from collections.abc import Iterator

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' targetNamespace="http://bpmn.io/schema/bpmn">\n'
)
_TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>P3650D</bpmn:timeDuration></bpmn:timerEventDefinition>"
_DECISION = "Credit approved?"


def flat(key: str, activities: int, *, version: int = 1) -> bytes:
    """A process with all activities at the top."""
    return _file(key, [("step", activities)], version)


def deep(key: str, activities: int, *, depth: int = 10, version: int = 1) -> bytes:
    """A process with the activities shared among sub processes, each inside the one before."""
    share = activities // depth
    return _file(key, [(f"scope{level}", share) for level in range(depth)], version)


def large(key: str, size: int = 1_000_000) -> bytes:
    """A flat process whose file has about `size` bytes."""
    sample = len(flat(key, 500))
    return flat(key, round(500 * size / sample))


def _file(key: str, levels: list[tuple[str, int]], version: int) -> bytes:
    shapes: list[str] = []
    body = "\n".join(_level(levels, version, shapes))
    return (
        f'{_HEAD}<bpmn:process id="{key}" name="{key} {version}" isExecutable="true"'
        f' camunda:historyTimeToLive="30">\n{body}\n</bpmn:process>\n'
        f'<bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{key}">\n'
        + "\n".join(shapes)
        + "\n</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>\n</bpmn:definitions>\n"
    ).encode()


def _level(levels: list[tuple[str, int]], version: int, shapes: list[str]) -> Iterator[str]:
    """One scope: a start event, its activities in a row, the next scope inside, an end event."""
    (name, count), *inside = levels
    row = [f"{name}_start", *(f"{name}_{number}" for number in range(count))]
    row += [f"{inside[0][0]}_scope"] if inside else []
    row.append(f"{name}_end")
    for place, node in enumerate(row):
        flows = (f"<bpmn:incoming>flow_{row[place - 1]}</bpmn:incoming>" if place else "") + (
            f"<bpmn:outgoing>flow_{node}</bpmn:outgoing>" if place < len(row) - 1 else ""
        )
        shapes.append(_shape(node, 120 * place + 160, 120 * len(levels)))
        if node == row[0]:
            yield f'<bpmn:startEvent id="{node}">{flows}</bpmn:startEvent>'
        elif node == row[-1]:
            yield f'<bpmn:endEvent id="{node}">{flows}</bpmn:endEvent>'
        elif inside and node == row[-2]:
            yield f'<bpmn:subProcess id="{node}" name="Scope of {inside[0][0]}">{flows}'
            yield from _level(inside, version, shapes)
            yield "</bpmn:subProcess>"
        else:
            yield _activity(node, place, flows, version)
            if place % 20 == 4:
                late = f"{node}_late"
                shapes.append(_shape(late, 120 * place + 180, 120 * len(levels) + 60))
                yield f'<bpmn:boundaryEvent id="{late}" attachedToRef="{node}">{_TIMER}</bpmn:boundaryEvent>'
    for place in range(len(row) - 1):
        shapes.append(_edge(f"flow_{row[place]}", 120 * place + 260, 120 * len(levels) + 40))
        yield f'<bpmn:sequenceFlow id="flow_{row[place]}" sourceRef="{row[place]}" targetRef="{row[place + 1]}" />'


def _activity(node: str, place: int, flows: str, version: int) -> str:
    """Of every ten: six user tasks, two external tasks, a gateway, a timer; every 25th is renamed by the version."""
    kind = place % 10
    name = f"Check the papers of case {place}" + (f" in version {version}" if place % 25 == 0 else "")
    if kind in (3, 7):
        topic = 'camunda:type="external" camunda:topic="letters"'
        return f'<bpmn:serviceTask id="{node}" name="{name}" {topic}>{flows}</bpmn:serviceTask>'
    if kind == 5:
        return f'<bpmn:exclusiveGateway id="{node}" name="{_DECISION}">{flows}</bpmn:exclusiveGateway>'
    if kind == 9:
        return f'<bpmn:intermediateCatchEvent id="{node}" name="{name}">{flows}{_TIMER}</bpmn:intermediateCatchEvent>'
    return (
        f'<bpmn:userTask id="{node}" name="{name}" camunda:candidateGroups="clerks"'
        f' camunda:formKey="embedded:app:forms/{node}.html">{flows}</bpmn:userTask>'
    )


def _shape(node: str, x: int, y: int) -> str:
    return (
        f'<bpmndi:BPMNShape id="{node}_di" bpmnElement="{node}">'
        f'<dc:Bounds x="{x}" y="{y}" width="100" height="80" /></bpmndi:BPMNShape>'
    )


def _edge(flow: str, x: int, y: int) -> str:
    return (
        f'<bpmndi:BPMNEdge id="{flow}_di" bpmnElement="{flow}"><di:waypoint x="{x}" y="{y}" />'
        f'<di:waypoint x="{x + 20}" y="{y}" /></bpmndi:BPMNEdge>'
    )
