"""Short ways to write BPMN for tests: elements as text, and a file around them."""

from __future__ import annotations

from typing import Final

TIMER: Final = "<timerEventDefinition><timeDuration>P300D</timeDuration></timerEventDefinition>"
COMPENSATE: Final = "<compensateEventDefinition/>"
ASSOCIATION: Final = "@@"
"""Stands around an association until it is put behind the flow elements of its scope."""
START: Final = '<startEvent id="start"/>'
FORK: Final = '<parallelGateway id="fork"/>'
BEFORE: Final = 'camunda:asyncBefore="true"'
AFTER: Final = 'camunda:asyncAfter="true"'
FAIL: Final = 'camunda:class="testengine.FailingDelegate"'


def flows(*pairs: str) -> str:
    """Sequence flows from `a-b`, with the id `a_b`; `a-b=f` gives it the id f."""
    written = []
    for pair in pairs:
        ends, _, flow_id = pair.partition("=")
        source, target = ends.split("-")
        written.append(
            f'<sequenceFlow id="{flow_id or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}"/>'
        )
    return "".join(written)


def user(activity_id: str, attributes: str = "", inside: str = "") -> str:
    return f'<userTask id="{activity_id}" name="{activity_id}" {attributes}>{inside}</userTask>'


def boundary(event_id: str, host: str, definition: str, attributes: str = "") -> str:
    return f'<boundaryEvent id="{event_id}" attachedToRef="{host}" {attributes}>{definition}</boundaryEvent>'


def sub(activity_id: str, inside: str, attributes: str = "") -> str:
    return f'<subProcess id="{activity_id}" {attributes}>{ordered(inside)}</subProcess>'


def ordered(inside: str) -> str:
    """The content of a scope as the BPMN schema wants it: associations last."""
    parts = inside.split(ASSOCIATION)
    return "".join(parts[0::2]) + "".join(parts[1::2])


def looped(attributes: str = "") -> str:
    return (
        f"<multiInstanceLoopCharacteristics {attributes}><loopCardinality>3</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )


def compensable(activity_id: str, handler: str = "") -> str:
    """A compensation boundary event `{id}_b` with its handler `{id}_h`, a user task."""
    handler = handler or user(f"{activity_id}_h", 'isForCompensation="true"')
    return (
        boundary(f"{activity_id}_b", activity_id, COMPENSATE)
        + handler
        + f'{ASSOCIATION}<association id="{activity_id}_a" sourceRef="{activity_id}_b" targetRef="{activity_id}_h" '
        f'associationDirection="One"/>{ASSOCIATION}'
    )


def caught(event_id: str, definition: str) -> str:
    return f'<intermediateCatchEvent id="{event_id}">{definition}</intermediateCatchEvent>'


def messaged(reference: str) -> str:
    return f'<messageEventDefinition messageRef="{reference}"/>'


def written(body: str, key: str = "p") -> str:
    """Return a BPMN file for a process with this key; `{key}` in the body stands for it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
        f'<message id="m1" name="m1-{key}"/><message id="m2" name="m2-{key}"/>'
        f'<signal id="s1" name="s1-{key.removesuffix("-called")}"/>'
        f'<process id="{key}" isExecutable="true">{ordered(body).replace("{key}", key)}</process></definitions>'
    )
