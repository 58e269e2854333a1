"""Makes random processes that reach every row of the engine's element tables, and makes any process deployable.

`repair` knows what the engines refuse to deploy, so that making and changing may be careless.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from tests.strategies.elements import (
    BOUNDARY_KINDS,
    CATCH_KINDS,
    END_KINDS,
    EVENT_START_KINDS,
    EXCLUSIVE_STARTS,
    GATEWAY_KINDS,
    IGNORED_KINDS,
    START_KINDS,
    SUB_PROCESS_KINDS,
    TASK_KINDS,
    THROW_KINDS,
    Flow,
    Node,
    Process,
    Scope,
    can_be_handler,
    can_be_host,
    can_be_source,
    can_be_target,
    can_have_input,
    can_have_loop,
    is_container,
    needs,
)
from tests.strategies.writing import STYLES

DEEPEST = 4
_LOOPS = {"eventSubProcess": 0.06, "transaction": 0.4, "callActivity:case": 0.4}
"""How likely a kind is multi-instance, where it differs from all others."""


class Maker:
    """Makes processes from one source of chance; ids are unique within a maker.

    Args:
        chance: Decides everything.
        lacking: What the engine has not; see `needs`.
    """

    def __init__(self, chance: random.Random, lacking: frozenset[str] = frozenset()) -> None:
        self.chance = chance
        self._lacking = lacking
        self._last_id = 0

    def id(self, letter: str = "a") -> str:
        """Return a new id."""
        self._last_id += 1
        return f"{letter}{self._last_id}"

    def choose(self, kinds: Sequence[str]) -> str:
        """Return one of the kinds that the engine can have."""
        return self.chance.choice([kind for kind in kinds if needs(kind) not in self._lacking])

    def process(self, key: str, size: int) -> Process:
        """Return a process of about so many activities."""
        process = Process(key, self.scope(size, 0, None))
        repair(process, self)
        return process

    def scope(self, size: int, depth: int, holder: str | None) -> Scope:
        """Return the contents of a process (`holder` None) or of a kind of sub process."""
        scope = Scope()
        if holder is None:
            kinds = self.chance.sample(START_KINDS, self.chance.choice((1, 1, 1, 2, 3)))
            scope.nodes += [self.node(kind) for kind in kinds]
        elif holder != "eventSubProcess":
            scope.nodes.append(self.node("start:none"))
        else:
            scope.nodes.append(self.node(self.choose(EVENT_START_KINDS)))
        while size > 0:
            size -= self.add_something(scope, min(size, 12), depth)
        scope.nodes += [self.node(self.choose(END_KINDS)) for _ in range(self.chance.choice((1, 1, 2)))]
        self.join(scope)
        return scope

    def add_something(self, scope: Scope, size: int, depth: int) -> int:
        """Add a node or a small group of them to the scope and return how many it took."""
        throw = self.chance.random()
        if throw < 0.16 and depth < DEEPEST and size > 2:
            return self.add_container(scope, self.choose(SUB_PROCESS_KINDS), size, depth)
        if throw < 0.26 and depth < DEEPEST and size > 2:
            return self.add_container(scope, "eventSubProcess", min(size, 5), depth)
        if throw < 0.33:
            return self.add_event_gateway(scope)
        if throw < 0.43:
            scope.nodes.append(self.node(self.choose(GATEWAY_KINDS[:3])))
        elif throw < 0.46:
            return self.add_links(scope)
        elif throw < 0.47:
            scope.nodes.append(self.node(self.choose(IGNORED_KINDS)))
        elif throw < 0.55:
            scope.nodes.append(self.node(self.choose(CATCH_KINDS)))
        elif throw < 0.63:
            scope.nodes.append(self.node(self.choose(THROW_KINDS)))
        elif throw < 0.80:
            return self.add_boundary(scope)
        else:
            scope.nodes.append(self.activity())
        return 1

    def activity(self) -> Node:
        """Return a task or call activity; those that can wait are as likely as all others."""
        if self.chance.random() < 0.45:
            likely = ("userTask", "receiveTask:message", "serviceTask:external", "callActivity:process", "userTask")
            return self.node(self.chance.choice(likely))
        return self.node(self.choose(TASK_KINDS))

    def add_container(self, scope: Scope, kind: str, size: int, depth: int) -> int:
        """Add a sub process, transaction or event sub process with contents."""
        inside = self.chance.randint(1, max(1, size - 2))
        node = self.node(kind)
        node.content = self.scope(inside, depth + 1, kind)
        scope.nodes.append(node)
        return inside + 3

    def add_event_gateway(self, scope: Scope) -> int:
        """Add an event-based gateway with catch events behind it."""
        gateway = self.node("eventBasedGateway")
        catches = [self.node(self.choose(CATCH_KINDS)) for _ in range(self.chance.choice((1, 2, 2, 3)))]
        scope.nodes += [gateway, *catches]
        scope.flows += [Flow(self.id("f"), gateway.id, catch.id) for catch in catches]
        return 1 + len(catches)

    def add_links(self, scope: Scope) -> int:
        """Add a throwing and a catching link event of one name."""
        name = self.id("link")
        thrown, caught = self.node("throw:link"), self.node("catch:link")
        thrown.link = caught.link = name
        scope.nodes += [thrown, caught]
        return 2

    def add_boundary(self, scope: Scope) -> int:
        """Add a boundary event to a host of the scope (made if there is none), with a handler for compensation."""
        hosts = [node for node in scope.nodes if can_be_host(node)]
        taken = 1
        if not hosts or self.chance.random() < 0.3:
            hosts = [self.activity()]
            scope.nodes += hosts
            taken = 2
        transactions = [node for node in hosts if node.kind == "transaction"]
        host = self.chance.choice(transactions if transactions and self.chance.random() < 0.5 else hosts)
        boundary = self.node(self.boundary_kind(host))
        boundary.host = host.id
        scope.nodes.append(boundary)
        if boundary.kind == "boundary:compensation" and self.chance.random() < 0.9:
            handler = self.activity()
            handler.handler, handler.compensates = True, boundary.id
            scope.nodes.insert(self.chance.randint(0, len(scope.nodes)), handler)
            taken += 1
        return taken

    def boundary_kind(self, host: Node) -> str:
        """Return a kind of boundary event; those that few hosts may have are likely there."""
        if host.kind == "transaction" and self.chance.random() < 0.6:
            return "boundary:cancel"
        if host.kind in {*SUB_PROCESS_KINDS, "callActivity:process"} and self.chance.random() < 0.2:
            return "boundary:escalation"
        return self.choose(BOUNDARY_KINDS)

    def node(self, kind: str) -> Node:
        """Return a node of the kind, with random attributes."""
        chance = self.chance
        node = Node(self.id(), kind, style=chance.choice((0, 0, 0, *range(STYLES))))
        node.async_before, node.async_after = chance.random() < 0.18, chance.random() < 0.12
        # Engines take an error boundary event that does not interrupt, which BPMN doesn't know and nobody draws.
        node.interrupting = chance.random() < (0.97 if kind == "boundary:error" else 0.7)
        if can_have_loop(node) and chance.random() < _LOOPS.get(kind, 0.22):
            node.loop = chance.choice(("parallel", "sequential"))
        node.loop_async_before, node.loop_async_after = chance.random() < 0.2, chance.random() < 0.2
        node.has_input = can_have_input(node) and chance.random() < 0.08
        if kind == "userTask":
            node.has_property = chance.random() < 0.1
            if chance.random() < 0.2:
                node.timeouts = tuple(self.id("l") for _ in range(chance.choice((1, 2))))
        return node

    def join(self, scope: Scope) -> None:
        """Add sequence flows: a chain through the scope, and some across; `repair` drops the impossible ones."""
        sources = [node for node in scope.nodes if can_be_source(node)]
        targets = [node for node in scope.nodes if can_be_target(node)]
        if not targets:
            return
        for node, following in itertools.pairwise(sources):
            target = following if can_be_target(following) else self.chance.choice(targets)
            scope.flows.append(self.flow(node, target))
        for _ in range(len(sources) // 2):
            scope.flows.append(self.flow(self.chance.choice(sources), self.chance.choice(targets)))

    def flow(self, source: Node, target: Node) -> Flow:
        """Return a flow between two nodes."""
        return Flow(self.id("f"), source.id, target.id, named=self.chance.random() < 0.95)


def repair(process: Process, maker: Maker) -> None:
    """Change what the engines would refuse to deploy."""
    for scope, holder in process.places():
        _repair_starts(scope, holder, maker)
        _repair_nodes(scope, holder)
        _repair_boundaries(scope)
        _repair_compensation(scope, holder)
        _repair_handlers(scope)
        _repair_flows(scope)


def _repair_starts(scope: Scope, holder: Node | None, maker: Maker) -> None:
    starts = [node for node in scope.nodes if node.tag in {"start", "eventStart"}]
    if holder is None:
        for node in starts:
            if node.tag == "eventStart":
                node.kind = "start:" + (node.variant if "start:" + node.variant in START_KINDS else "none")
        exclusive = [node for node in starts if node.kind in EXCLUSIVE_STARTS]
        keep = [node for node in starts if node not in exclusive] + exclusive[:1]
    elif holder.kind == "eventSubProcess":
        keep = starts[:1]
        for node in keep:
            if node.tag == "start":
                node.kind = "eventStart:message" if node.variant == "none" else "eventStart:" + node.variant
            node.interrupting = node.interrupting or node.variant == "error"
    else:
        keep = starts[:1]
        for node in keep:
            node.kind = "start:none"
    if not keep:
        kind = "eventStart:timer" if holder is not None and holder.kind == "eventSubProcess" else "start:none"
        keep = [maker.node(kind)]
        keep[0].interrupting = True
        scope.nodes[:0] = keep
    scope.nodes = [node for node in scope.nodes if node not in starts or node in keep]


def _repair_nodes(scope: Scope, holder: Node | None) -> None:
    for node in scope.nodes:
        if node.kind == "end:cancel" and (holder is None or holder.kind != "transaction"):
            node.kind = "end:none"
        if node.kind == "eventBasedGateway":
            node.async_after = False
        if not can_have_loop(node):
            node.loop = None
        node.has_input = node.has_input and can_have_input(node)
        if node.kind != "userTask":
            node.timeouts, node.has_property = (), False
        if not is_container(node.kind):
            node.content = None
        elif node.content is None:
            node.content = Scope()


def _repair_boundaries(scope: Scope) -> None:
    kept: list[Node] = []
    cancelled: set[str] = set()
    for node in scope.nodes:
        if node.tag == "boundary":
            host = scope.node(node.host)
            if host is None or not can_be_host(host):
                continue
            if node.variant == "escalation" and host.kind not in {
                *SUB_PROCESS_KINDS, "callActivity:process", "userTask",
            }:  # fmt: skip
                node.kind = "boundary:message"
            if node.variant == "cancel" and (host.kind != "transaction" or host.id in cancelled):
                node.kind = "boundary:signal"
            if node.variant == "cancel":
                cancelled.add(host.id)
        kept.append(node)
    scope.nodes = kept


def _repair_compensation(scope: Scope, holder: Node | None) -> None:
    """One compensation boundary event per host; an event sub process for it only in sub processes without one."""
    compensated: set[str] = set()
    for node in scope.nodes:
        if node.kind == "boundary:compensation":
            host = scope.node(node.host)
            inside = host.content.nodes if host is not None and host.content is not None else []
            if node.host in compensated or any(_compensating(inner) for inner in inside):
                node.kind = "boundary:timer"
            else:
                compensated.add(node.host or "")
    found = False
    for node in scope.nodes:
        if _compensating(node) and node.content is not None:
            if holder is None or found or holder.handler:
                _starts(node)[0].kind = "eventStart:signal"
            found = True


def _starts(node: Node) -> list[Node]:
    return [inner for inner in node.content.nodes if inner.tag == "eventStart"] if node.content is not None else []


def _compensating(node: Node) -> bool:
    starts = _starts(node)
    return node.kind == "eventSubProcess" and bool(starts) and starts[0].kind == "eventStart:compensation"


def _repair_handlers(scope: Scope) -> None:
    for node in scope.nodes:
        if node.handler and not can_be_handler(node):
            node.handler = False
        boundary = scope.node(node.compensates)
        if not node.handler or boundary is None or boundary.kind != "boundary:compensation":
            node.compensates = None
        host = scope.node(boundary.host) if boundary is not None else None
        if node.compensates is not None and host is not None and host.loop is not None and node.loop is None:
            # The engines look for the handler's loop characteristics then and end in a NullPointerException.
            node.async_before = node.async_after = False


def _repair_flows(scope: Scope) -> None:
    gateway_of: dict[str, str] = {}
    kept: list[Flow] = []
    for flow in scope.flows:
        source, target = scope.node(flow.source), scope.node(flow.target)
        if source is None or target is None or not can_be_source(source) or not can_be_target(target):
            continue
        if source.kind == "eventBasedGateway":
            if target.kind not in CATCH_KINDS or target.id in gateway_of:
                continue
            gateway_of[target.id] = source.id
        elif target.kind == "throw:link" and not _has_catching_link(scope, target.link):
            continue
        if source.async_after:
            flow.named = True
        kept.append(flow)
    scope.flows = [flow for flow in kept if flow.target not in gateway_of or gateway_of[flow.target] == flow.source]
    sources = {flow.source for flow in scope.flows}
    for node in scope.nodes:
        if node.kind == "exclusiveGateway" and node.id not in sources:
            node.kind = "parallelGateway"


def _has_catching_link(scope: Scope, name: str | None) -> bool:
    return any(node.kind == "catch:link" and node.link == name for node in scope.nodes)
