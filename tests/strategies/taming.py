"""Makes random processes that an engine can run: no token goes in a circle, none multiplies without end.

The models of `making` are there to be deployed; when they run, many of their activities only throw. Here those become
activities that wait or pass, or wait before they throw. Choices depend on a node's id alone.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

from tests.strategies.changing import derive
from tests.strategies.elements import Flow, Node, Process, Scope, can_be_source
from tests.strategies.making import Maker, repair
from tests.strategies.pairs import Pair
from tests.strategies.writing import write
from tui_migrate.bpmn.model import EngineFamily

STEER = "steer"
"""The variable, 0 to 99, by which exclusive gateways choose: from one number on each of their flows."""

_THROWING = ("mail", "shell", "class", "delegateExpression", "connector", "class+connector", "decision", "case")
_FORKS = {"parallelGateway", "inclusiveGateway"}
_CHOICE = re.compile(r'sourceRef="(\w+)" targetRef="\w+"><conditionExpression>\$\{true\}')


def make_tame_pair(seed: str, engine: EngineFamily, *, prefix: str, lacking: frozenset[str] = frozenset()) -> Pair:
    """Return the pair of a seed whose source can be run; it calls the process with the key `called_key(prefix)`."""
    maker = Maker(random.Random(seed), lacking)
    source = maker.process(f"{prefix}s", maker.chance.randint(8, 18))
    _tame(source)
    repair(source, maker)
    target = derive(source, f"{prefix}t", maker, maker.chance.choice((0, 0, 1, 1, 1, 2, 2, 3)))
    return Pair(seed, source, target, _runnable(source, prefix, engine), _runnable(target, prefix, engine))


def called_key(prefix: str) -> str:
    """Return the key of the process that pairs with this prefix call."""
    return f"{prefix}called"


def called_xml(prefix: str, engine: EngineFamily) -> str:
    """Return a process with one user task, to be called."""
    nodes = [Node("start", "start:none"), Node("work", "userTask")]
    return write(Process(called_key(prefix), Scope(nodes, [Flow("flow", "start", "work")])), engine)


def _runnable(process: Process, prefix: str, engine: EngineFamily) -> str:
    """Write a process; gateways choose by `STEER`, and the called process is one that is there."""
    xml = write(process, engine).replace('calledElement="called"', f'calledElement="{called_key(prefix)}"')
    flows = Counter(match[1] for match in _CHOICE.finditer(xml))
    seen: Counter[str] = Counter()

    def steer(match: re.Match[str]) -> str:
        gateway = match[1]
        seen[gateway] += 1
        if seen[gateway] == flows[gateway]:
            return match[0]  # the last one is always open, else the engine finds no way out
        return match[0].replace("${true}", f"${{{STEER} &lt; {100 * seen[gateway] // flows[gateway]}}}")

    return _CHOICE.sub(steer, xml)


def _tame(process: Process) -> None:
    for scope, _ in process.places():
        for node in scope.nodes:
            _make_runnable(node)
        _cut_circles(scope)
        _cut_forks(scope)


def _make_runnable(node: Node) -> None:
    chance = random.Random(f"kind of {node.id}")
    base, _, service = node.variant.rpartition("-")
    implementation = service if base == "message" else node.variant
    if node.kind != "scriptTask" and implementation not in _THROWING:
        return
    throw = chance.random()
    if throw < 0.3 and node.tag not in {"throw", "end"}:
        node.async_before = True  # it waits there, then its job fails
        return
    waits = throw < 0.7
    if node.tag in {"throw", "end"}:
        node.kind = f"{node.tag}:message-external" if waits else f"{node.tag}:message"
    else:
        node.kind = "serviceTask:external" if waits else "serviceTask:expression"


def _cut_circles(scope: Scope) -> None:
    """Only flows that go on in the order of the nodes; boundary events stand behind their hosts."""
    place = {node.id: number for number, node in enumerate(scope.nodes)}
    scope.flows = [flow for flow in scope.flows if place[flow.source] < place[flow.target]]


def _cut_forks(scope: Scope) -> None:
    kept: list[Flow] = []
    out: Counter[str] = Counter()
    for flow in scope.flows:
        source = scope.node(flow.source)
        if source is None or not can_be_source(source):
            continue
        most = 3 if source.kind in _FORKS or source.kind.endswith("Gateway") else 1 + (hash_of(source.id) % 4 == 0)
        if out[flow.source] < most:
            out[flow.source] += 1
            kept.append(replace(flow))
    scope.flows = kept


def hash_of(text: str) -> int:
    """Return a number that is the same in every run."""
    return random.Random(text).randrange(1 << 30)
