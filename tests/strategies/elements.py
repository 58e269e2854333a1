"""Process models as trees that can be made, changed and written as BPMN.

A node's `kind` names one row of the engine's element tables: the BPMN tag and, where there are several, the variant
(`serviceTask:external`, `catch:timer`, `boundary:message`). What a kind may do is asked by the functions below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

SERVICE_VARIANTS = (
    "mail", "shell", "external", "class", "delegateExpression", "expression", "connector", "class+connector",
)  # fmt: skip
SERVICE_KINDS = tuple(
    f"{tag}:{variant}" for tag in ("serviceTask", "sendTask", "businessRuleTask") for variant in SERVICE_VARIANTS
)
TASK_KINDS = (
    "userTask", "receiveTask:message", "receiveTask:none", "manualTask", "task", "scriptTask",
    *SERVICE_KINDS, "businessRuleTask:decision", "callActivity:process", "callActivity:case",
)  # fmt: skip
SUB_PROCESS_KINDS = ("subProcess", "transaction")
GATEWAY_KINDS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway")
CATCH_KINDS = ("catch:message", "catch:timer", "catch:signal", "catch:conditional")
_SERVICE_MESSAGES = tuple(f"message-{variant}" for variant in SERVICE_VARIANTS)
THROW_KINDS = tuple(
    f"throw:{variant}" for variant in ("none", "message", *_SERVICE_MESSAGES, "signal", "escalation", "compensation")
)
END_KINDS = tuple(
    f"end:{variant}"
    for variant in (
        "none", "error", "cancel", "terminate", "message", *_SERVICE_MESSAGES, "signal", "compensation", "escalation",
    )
)  # fmt: skip
START_KINDS = tuple(
    f"start:{variant}" for variant in ("none", "timer", "message", "signal", "conditional", "error", "escalation")
)
EXCLUSIVE_STARTS = ("start:none", "start:timer", "start:error", "start:escalation")
"""Of these a process has at most one."""
EVENT_START_KINDS = tuple(
    f"eventStart:{variant}"
    for variant in ("message", "signal", "timer", "error", "escalation", "compensation", "conditional")
)
BOUNDARY_KINDS = tuple(
    f"boundary:{variant}"
    for variant in ("timer", "error", "signal", "cancel", "compensation", "message", "escalation", "conditional")
)
IGNORED_KINDS = ("adHocSubProcess", "complexGateway")
ACTIVITY_KINDS = TASK_KINDS + SUB_PROCESS_KINDS
LINKS = ("throw:link", "catch:link")


@dataclass
class Node:
    """One flow node."""

    id: str
    kind: str
    loop: str | None = None
    """`parallel` or `sequential`."""
    async_before: bool = False
    async_after: bool = False
    loop_async_before: bool = False
    loop_async_after: bool = False
    has_input: bool = False
    """Has an input mapping."""
    has_property: bool = False
    timeouts: tuple[str, ...] = ()
    interrupting: bool = True
    host: str | None = None
    """Of a boundary event."""
    handler: bool = False
    """`isForCompensation`."""
    compensates: str | None = None
    """Of a handler: the compensation boundary event with an association to it."""
    link: str | None = None
    content: Scope | None = None
    style: int = 0
    """Which namespace its extension attributes use, and which decoys stand beside them."""

    @property
    def tag(self) -> str:
        """The part of the kind before the colon."""
        return self.kind.partition(":")[0]

    @property
    def variant(self) -> str:
        """The part of the kind after the colon."""
        return self.kind.partition(":")[2]


@dataclass
class Flow:
    """One sequence flow; a few have no id."""

    id: str
    source: str
    target: str
    named: bool = True


@dataclass
class Scope:
    """The contents of a process or sub process."""

    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def node(self, node_id: str | None) -> Node | None:
        """The node of this scope with this id."""
        return next((node for node in self.nodes if node.id == node_id), None)


@dataclass
class Process:
    """A process under a key; `container` of the root is the process itself."""

    key: str
    root: Scope

    def places(self) -> Iterator[tuple[Scope, Node | None]]:
        """Yield every scope with the node that holds it."""
        pending: list[tuple[Scope, Node | None]] = [(self.root, None)]
        while pending:
            scope, holder = pending.pop()
            yield scope, holder
            pending.extend((node.content, node) for node in scope.nodes if node.content is not None)

    def nodes(self) -> list[tuple[Node, Scope, Node | None]]:
        """All nodes with their scope and its holder."""
        return [(node, scope, holder) for scope, holder in self.places() for node in scope.nodes]

    def ids(self) -> set[str]:
        """All ids of nodes."""
        return {node.id for node, _, _ in self.nodes()}


def is_container(kind: str) -> bool:
    return kind in {*SUB_PROCESS_KINDS, "eventSubProcess"}


def needs(kind: str) -> str | None:
    """What an engine must have for the kind, beyond the bare engine: a library for mail, the connect plugin."""
    if kind.endswith("mail"):
        return "mail"
    return "connectors" if kind.endswith(("-connector", ":connector")) else None


def can_be_host(node: Node) -> bool:
    return node.kind in ACTIVITY_KINDS and not node.handler


def can_have_loop(node: Node) -> bool:
    return node.kind in ACTIVITY_KINDS or node.kind == "eventSubProcess"


def can_be_handler(node: Node) -> bool:
    return node.kind in ACTIVITY_KINDS


def can_be_source(node: Node) -> bool:
    if node.handler or node.kind in {*IGNORED_KINDS, "eventSubProcess", "throw:link", "boundary:compensation"}:
        return False
    return node.tag != "end"


def can_be_target(node: Node) -> bool:
    if node.handler or node.kind in {*IGNORED_KINDS, "eventSubProcess", "catch:link"}:
        return False
    return node.tag not in {"start", "eventStart", "boundary"}


def can_have_input(node: Node) -> bool:
    return node.tag not in {*GATEWAY_KINDS, *IGNORED_KINDS, "start", "eventStart", "boundary", "eventSubProcess"} and (
        node.kind not in LINKS
    )


def counted(process: Process) -> int:
    """How many activities the engine makes of the process, about."""
    return sum(1 + (node.loop is not None) for node, _, _ in process.nodes() if node.kind not in IGNORED_KINDS)
