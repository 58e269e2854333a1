"""Models that no modelling tool writes, or few: what a file may hold, and what the engines make of it.

Each is the content of `<process>`, or of `<definitions>` where it begins with `<process` or `<collaboration`, or the
whole file where it begins with `<definitions`.
"""

from __future__ import annotations

from tests.strategies.pieces import DATE
from tests.strategies.unusual_elements import ELEMENTS
from tests.strategies.unusual_joins import JOINS
from tests.strategies.unusual_references import REFERENCES
from tui_migrate.bpmn.model import EngineFamily, ProcessModel
from tui_migrate.bpmn.reader import read_model

UNUSUAL = ELEMENTS | JOINS | REFERENCES
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
    if content.startswith("<definitions"):
        return content.replace("{key}", key)
    if content.startswith(("<process", "<collaboration")):
        return f"{_HEAD}{definitions}{content.replace('{key}', key)}</definitions>"
    process = f'<process id="{key}" isExecutable="true" camunda:historyTimeToLive="1">{content}</process>'
    return f"{_HEAD}{definitions}{process}</definitions>"


def model_of(
    content: str, *, key: str = "model", definition_id: str | None = None, engine: EngineFamily = "camunda"
) -> ProcessModel:
    """Read a process from its content; messages `m1`, `m2`, signals `g1`, … are defined."""
    file = unusual_file(content, key).encode()
    return read_model(file, process=key, definition_id=definition_id, engine=engine)
