"""Models that no modelling tool writes, or few: what a file may hold, and what the engines make of it.

Each is the content of `<process>`, or of `<definitions>` where it begins with `<process` or `<collaboration`.
"""

from __future__ import annotations

from tests.strategies.pieces import DATE
from tests.strategies.unusual_elements import ELEMENTS
from tests.strategies.unusual_joins import JOINS

UNUSUAL = ELEMENTS | JOINS
_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:activiti="http://activiti.org/bpmn" '
    'xmlns:operaton="http://operaton.org/schema/1.0/bpmn">'
)


def unusual_file(content: str, key: str) -> str:
    """Return the file around the content of a process or of definitions."""
    definitions = "".join(
        f'<message id="m{n}" name="{key}m{n}"/><signal id="g{n}" name="{key}g{n}"/>' for n in (1, 2, 3)
    )
    definitions += '<error id="e1" errorCode="1"/><escalation id="escalation1" escalationCode="1"/>'
    definitions += f'<timerEventDefinition id="definition1">{DATE}</timerEventDefinition>'
    if content.startswith(("<process", "<collaboration")):
        return f"{_HEAD}{definitions}{content.replace('{key}', key)}</definitions>"
    process = f'<process id="{key}" isExecutable="true" camunda:historyTimeToLive="1">{content}</process>'
    return f"{_HEAD}{definitions}{process}</definitions>"
