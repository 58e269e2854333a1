"""Which rows of the engine's element tables a model reaches, and which failure a text is: for the tests' coverage."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.strategies.elements import (
    BOUNDARY_KINDS,
    CATCH_KINDS,
    END_KINDS,
    EVENT_START_KINDS,
    GATEWAY_KINDS,
    START_KINDS,
    TASK_KINDS,
    THROW_KINDS,
    Node,
    Process,
    Scope,
)

ROWS = (
    *TASK_KINDS,
    *(f"{kind} multi-instance" for kind in ("callActivity:process", "callActivity:case", "userTask", "subProcess")),
    "userTask with timeout listener",
    "userTask with property",
    "with input mapping",
    "subProcess",
    "transaction",
    "eventSubProcess",
    "eventSubProcess multi-instance",
    "parallel body",
    "sequential body",
    "asyncBefore on body",
    "asyncAfter on body",
    "asyncBefore on inner",
    "asyncAfter on inner",
    "asyncBefore",
    "asyncAfter",
    *GATEWAY_KINDS,
    *CATCH_KINDS,
    *(f"{kind} behind gateway" for kind in CATCH_KINDS),
    "catch:link",
    "throw:link",
    *THROW_KINDS,
    *END_KINDS,
    *START_KINDS,
    "start:none in sub process",
    "start:none in transaction",
    *EVENT_START_KINDS,
    *BOUNDARY_KINDS,
    *(f"{kind} on multi-instance" for kind in BOUNDARY_KINDS),
    "handler",
    "handler of multi-instance activity",
    "handler multi-instance",
    "handler without association",
    "adHocSubProcess",
    "complexGateway",
    "flow to throwing link",
    "flow without id",
)
"""Every row, every variant that stands in a row's notes, and the rules of the text beside them."""


def rows_of(process: Process) -> Iterator[str]:
    """Yield a row for each of its elements in a process."""
    for scope, holder in process.places():
        gateways = {node.id for node in scope.nodes if node.kind == "eventBasedGateway"}
        behind = {flow.target for flow in scope.flows if flow.source in gateways}
        links = {node.id for node in scope.nodes if node.kind == "throw:link"}
        for flow in scope.flows:
            if flow.target in links:
                yield "flow to throwing link"
            if not flow.named:
                yield "flow without id"
        for node in scope.nodes:
            yield from _place_rows(node, scope, holder, behind)
            yield from _attribute_rows(node)


def _place_rows(node: Node, scope: Scope, holder: Node | None, behind: set[str]) -> Iterator[str]:
    if node.kind == "start:none" and holder is not None:
        yield f"start:none in {'transaction' if holder.kind == 'transaction' else 'sub process'}"
    elif node.id in behind:
        yield f"{node.kind} behind gateway"
    elif node.tag == "boundary":
        host = scope.node(node.host)
        yield f"{node.kind} on multi-instance" if host is not None and host.loop else node.kind
    else:
        yield node.kind
    if node.handler:
        yield from _handler_rows(node, scope)


def _handler_rows(node: Node, scope: Scope) -> Iterator[str]:
    boundary = scope.node(node.compensates)
    host = scope.node(boundary.host) if boundary is not None else None
    if host is None:
        yield "handler without association"
    else:
        yield "handler of multi-instance activity" if host.loop else "handler"
    if node.loop:
        yield "handler multi-instance"


def _attribute_rows(node: Node) -> Iterator[str]:
    if node.loop:
        yield f"{node.loop} body"
        yield f"{node.kind} multi-instance"
        if not node.handler:
            yield from _named({"asyncBefore on body": node.async_before, "asyncAfter on body": node.async_after})
            yield from _named(
                {"asyncBefore on inner": node.loop_async_before, "asyncAfter on inner": node.loop_async_after}
            )
    else:
        yield from _named({"asyncBefore": node.async_before, "asyncAfter": node.async_after})
    yield from _named(
        {
            "userTask with timeout listener": bool(node.timeouts),
            "userTask with property": node.has_property,
            "with input mapping": node.has_input,
        }
    )


def _named(found: dict[str, bool]) -> Iterator[str]:
    return (name for name, there in found.items() if there)


FAILURES = {
    "source unknown": r"Source activity '.*' does not exist",
    "target unknown": r"Target activity '.*' does not exist",
    "source null": r"Source activity id is null",
    "target null": r"Target activity id is null",
    "1 behaviour": r"Activities have incompatible types \(\w+ is not compatible with \w+\)",
    "2 event type": r"Events are not of the same type \(\w+ != \w+\)",
    "3 once": r"There are multiple mappings for source activity id '.*': ValidatingMigrationInstructionImpl\{.*",
    "4 body": r"Target activity '.*' is a descendant of multi-instance body '.*' that is not mapped from .*",
    "5 inner": r"Must map the inner activity of a multi-instance body when the body is mapped",
    "6 inner": r"Cannot remove the inner activity of a multi-instance body when the body is mapped",
    "7 incoming": r"The target gateway must have at least the same number of incoming sequence flows .*",
    "7 scope": r"The gateway's flow scope '.*' must be mapped",
    "7 one": r"Only one gateway can be mapped to gateway '.*'",
    "8 none": r"The source activity's event scope \(.*\) must be mapped but the target activity has no event scope",
    "8 other": r"The source activity's event scope \(.*\) must be mapped to the target activity's event scope \(.*\)",
    "9 trigger": r"Cannot update event trigger because the activity does not define a persistent event trigger",
    "10 ancestor": r"The closest mapped ancestor '.*' is mapped to scope '.*' which is not an ancestor of .*",
    "11 conditional": r"Conditional event has to migrate with update event trigger\.",
    "variable": r"Cannot set variable with name .*\. Java serialization format is prohibited",
}
"""Every failure text of a plan, by a short name."""


def failure_name(text: str) -> str:
    """Return the short name of a failure.

    Raises:
        ValueError: A text that nobody knows.
    """
    for name, pattern in FAILURES.items():
        if re.fullmatch(pattern, text, re.DOTALL):
            return name
    raise ValueError(f"unknown failure: {text}")
