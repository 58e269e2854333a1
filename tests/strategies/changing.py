"""Derives a new version from a process by random changes, as people make them, and some that nobody makes."""

from __future__ import annotations

import copy
from collections.abc import Callable

from tests.strategies.elements import (
    BOUNDARY_KINDS,
    CATCH_KINDS,
    END_KINDS,
    EVENT_START_KINDS,
    GATEWAY_KINDS,
    START_KINDS,
    SUB_PROCESS_KINDS,
    TASK_KINDS,
    THROW_KINDS,
    Node,
    Process,
    Scope,
    can_be_handler,
    can_be_host,
    can_have_loop,
)
from tests.strategies.making import Maker, repair

_GROUPS = (
    TASK_KINDS,
    GATEWAY_KINDS,
    CATCH_KINDS,
    THROW_KINDS,
    END_KINDS,
    BOUNDARY_KINDS,
    START_KINDS,
    EVENT_START_KINDS,
)
Place = tuple[Node, Scope, Node | None]


def derive(process: Process, key: str, maker: Maker, changes: int) -> Process:
    """Return a changed copy under another key, deployable again."""
    derived = copy.deepcopy(process)
    derived.key = key
    for _ in range(changes):
        nodes = derived.nodes()
        change = maker.chance.choice(_CHANGES)
        change(derived, maker.chance.choice(nodes), maker)
        repair(derived, maker)
    repair(derived, maker)
    return derived


def _rename(process: Process, place: Place, maker: Maker) -> None:
    node, scope, _ = place
    old, node.id = node.id, maker.id("b")
    for flow in scope.flows:
        flow.source = node.id if flow.source == old else flow.source
        flow.target = node.id if flow.target == old else flow.target
    for other in scope.nodes:
        other.host = node.id if other.host == old else other.host
        other.compensates = node.id if other.compensates == old else other.compensates


def _exchange_ids(process: Process, place: Place, maker: Maker) -> None:
    """Two nodes change their ids, so that equal ids mean something else."""
    other = maker.chance.choice(process.nodes())
    first, second = place[0].id, other[0].id
    if first != second:
        _rename(process, place, maker)
        _rename(process, other, maker)
        for there, wanted in ((place, second), (other, first)):
            _give_id(there, wanted)


def _give_id(place: Place, wanted: str) -> None:
    node, scope, _ = place
    old, node.id = node.id, wanted
    for flow in scope.flows:
        flow.source = wanted if flow.source == old else flow.source
        flow.target = wanted if flow.target == old else flow.target
    for other in scope.nodes:
        other.host = wanted if other.host == old else other.host
        other.compensates = wanted if other.compensates == old else other.compensates


def _change_kind(process: Process, place: Place, maker: Maker) -> None:
    node = place[0]
    for group in _GROUPS:
        if node.kind in group:
            node.kind = maker.choose(group)
            return
    if node.kind == "eventSubProcess" or node.kind in SUB_PROCESS_KINDS:
        node.kind = maker.chance.choice((*SUB_PROCESS_KINDS, "eventSubProcess"))


def _task_to_sub_process(process: Process, place: Place, maker: Maker) -> None:
    node = place[0]
    if node.kind in TASK_KINDS:
        node.kind, node.content = "subProcess", maker.scope(1, 3, "subProcess")
    elif node.kind in SUB_PROCESS_KINDS:
        node.kind, node.content = maker.choose(TASK_KINDS), None


def _change_loop(process: Process, place: Place, maker: Maker) -> None:
    node = place[0]
    if node.loop == "parallel":
        node.loop = maker.chance.choice(("sequential", None))
    elif node.loop == "sequential":
        node.loop = maker.chance.choice(("parallel", None))
    elif can_have_loop(node):
        node.loop = maker.chance.choice(("parallel", "sequential"))


def _change_async(process: Process, place: Place, maker: Maker) -> None:
    name = maker.chance.choice(("async_before", "async_after", "loop_async_before", "loop_async_after"))
    setattr(place[0], name, not getattr(place[0], name))


def _change_details(process: Process, place: Place, maker: Maker) -> None:
    node = place[0]
    node.interrupting = not node.interrupting
    node.has_input = not node.has_input
    if node.kind == "userTask":
        node.timeouts = () if node.timeouts else (maker.id("l"),)


def _drop(process: Process, place: Place, maker: Maker) -> None:
    node, scope, _ = place
    scope.nodes.remove(node)


def _add(process: Process, place: Place, maker: Maker) -> None:
    _, scope, _ = place
    maker.add_something(scope, 4, 3)
    maker.join(scope)


def _move(process: Process, place: Place, maker: Maker) -> None:
    node, scope, _ = place
    inside = (
        {id(node.content)} if node.content is None else {id(there) for there, _ in Process("", node.content).places()}
    )
    there, _ = maker.chance.choice(list(process.places()))
    if there is scope or id(there) in inside:
        return
    moved = [node] + [other for other in scope.nodes if other.host == node.id]
    for one in moved:
        scope.nodes.remove(one)
    there.nodes += moved
    if node.tag not in {"boundary", "start", "eventStart"}:
        maker.join(there)


def _wrap(process: Process, place: Place, maker: Maker) -> None:
    """Put a node with its boundary events into a new sub process, sometimes a multi-instance one."""
    node, scope, _ = place
    if node.tag in {"boundary", "start", "eventStart"}:
        return
    wrapper = maker.node(maker.chance.choice((*SUB_PROCESS_KINDS, "eventSubProcess")))
    wrapped = [node] + [other for other in scope.nodes if other.host == node.id]
    for one in wrapped:
        scope.nodes.remove(one)
    wrapper.content = Scope(nodes=wrapped)
    scope.nodes.append(wrapper)
    maker.join(scope)


def _unwrap(process: Process, place: Place, maker: Maker) -> None:
    node, scope, _ = place
    if node.content is not None:
        scope.nodes.remove(node)
        scope.nodes += [inner for inner in node.content.nodes if inner.tag not in {"start", "eventStart"}]
        scope.flows += node.content.flows


def _change_host(process: Process, place: Place, maker: Maker) -> None:
    node, scope, _ = place
    hosts = [other for other in scope.nodes if can_be_host(other)]
    if node.tag == "boundary" and hosts:
        node.host = maker.chance.choice(hosts).id


def _change_flows(process: Process, place: Place, maker: Maker) -> None:
    node, scope, _ = place
    if maker.chance.random() < 0.5:
        scope.flows = [flow for flow in scope.flows if flow.target != node.id or maker.chance.random() < 0.5]
    elif scope.nodes:
        scope.flows += [maker.flow(maker.chance.choice(scope.nodes), node) for _ in range(2)]


def _change_joins(process: Process, place: Place, maker: Maker) -> None:
    """Some parallel and inclusive gateways get fewer incoming flows."""
    for node, scope, _ in process.nodes():
        if node.kind in {"parallelGateway", "inclusiveGateway"} and maker.chance.random() < 0.7:
            scope.flows = [flow for flow in scope.flows if flow.target != node.id or maker.chance.random() < 0.4]


def _change_handler(process: Process, place: Place, maker: Maker) -> None:
    node, scope, _ = place
    if not can_be_handler(node):
        return
    node.handler = not node.handler
    boundaries = [other.id for other in scope.nodes if other.kind == "boundary:compensation"]
    node.compensates = maker.chance.choice(boundaries) if node.handler and boundaries else None


_CHANGES: tuple[Callable[[Process, Place, Maker], None], ...] = (
    _rename, _rename, _exchange_ids, _change_kind, _change_kind, _change_kind, _task_to_sub_process, _change_loop,
    _change_async, _change_details, _drop, _add, _move, _move, _wrap, _unwrap, _change_host, _change_flows,
    _change_joins, _change_handler,
)  # fmt: skip
