"""A process instance: what lists need of it at once, and its tree as soon as someone looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from tui_migrate.sandbox.identifiers import identifier
from tui_migrate.sandbox.store.blueprint import Blueprint, Summary, is_leaf_type, statistics_of
from tui_migrate.sandbox.store.entities import (
    FinishedActivity,
    Incident,
    Job,
    Node,
    Subscription,
    Transition,
    Value,
)

if TYPE_CHECKING:
    from tui_migrate.sandbox.store.definition import Definition

NUMBERS = 64
"""Ids that each instance keeps for itself: 0 the instance, then its nodes, then whatever else it needs."""


class Live(Struct, eq=False):
    """The parts of an instance that someone has looked at."""

    root: Node
    jobs: list[Job] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    finished: list[FinishedActivity] = field(default_factory=list)

    def nodes(self) -> Iterator[Node]:
        """Yield all activity instances in preorder, the process first."""
        yield from _walk(self.root)

    def transitions(self) -> Iterator[Transition]:
        """Yield all transition instances."""
        for node in self.nodes():
            yield from node.transitions

    def event_scopes(self) -> Iterator[Node]:
        """Yield the event scopes of completed sub processes, outer ones first."""
        for node in self.nodes():
            for event_scope in node.event_scopes:
                yield from walk_event_scopes(event_scope)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def walk_event_scopes(event_scope: Node) -> Iterator[Node]:
    """Yield an event scope and those inside it."""
    yield event_scope
    for inner in event_scope.event_scopes:
        yield from walk_event_scopes(inner)


class Instance(Struct, eq=False):
    """A process instance, running or ended."""

    id: str
    number: int
    """First of the ids that it keeps for itself."""
    definition: Definition
    blueprint: Blueprint
    started: datetime
    business_key: str | None = None
    tenant_id: str | None = None
    suspended: bool = False
    variables: Mapping[str, Value] = field(default_factory=dict)
    """Those of the process level; never changed in place, since instances may share one."""
    start_user: str | None = None
    super_instance: Instance | None = None
    super_node: Node | None = None
    ended: datetime | None = None
    state: str = "ACTIVE"
    delete_reason: str | None = None
    start_activity_id: str | None = None
    summary: Summary | None = None
    _live: Live | None = None
    _used: int = 0

    @property
    def variables_definition_id(self) -> str:
        """The definition that its variables name: the one that it was started with."""
        return self.blueprint.definition.id

    @property
    def root_instance(self) -> Instance:
        """The topmost instance of the calls that led here."""
        return self if self.super_instance is None else self.super_instance.root_instance

    @property
    def live(self) -> Live:
        """Its tree and everything on it, made on the first look."""
        if self._live is None:
            from tui_migrate.sandbox.store.placing import materialize  # it needs this module

            self._used = self.blueprint.size + 1
            self._live = materialize(self)
        return self._live

    @property
    def looked_at(self) -> bool:
        """Whether it has a tree of its own already."""
        return self._live is not None

    def new_id(self) -> str:
        """Return the next of its own ids, which are its own whatever is made when."""
        self._used += 1
        if self._used > NUMBERS:
            # Rare (dozens of tokens): ids far away from all blocks, still distinct for each instance.
            return identifier((1 << 36) + self.number * 16 + self._used - NUMBERS)
        return identifier(self.number + self._used - 1)

    def touch(self) -> None:
        """Say that the tree or what is on it has changed."""
        self.summary = None
        self.definition.revision += 1


def scope_variables(instance: Instance) -> Iterator[tuple[str, Value]]:
    """Yield the variables of an instance's scopes, those of the process left out."""
    for node in instance.live.nodes():
        yield from node.variables.items()
        yield from node.outer_variables.items()
        for transition in node.transitions:
            yield from transition.variables.items()


def summarize(instance: Instance) -> Summary:
    """Return what lists and statistics need of an instance."""
    live = instance.live
    model = instance.definition.model
    nodes = [node.activity_id for node in live.nodes()][1:]
    leaves = [
        node.activity_id
        for node in live.nodes()
        if node.parent is not None and is_leaf_type(model.activities[node.activity_id])
    ]
    active, at = statistics_of(
        model, leaves, (one.activity_id for one in live.transitions() if one.waits != "siblings")
    )
    return Summary(
        active,
        at,
        tuple(nodes),
        tuple((one.activity_id, one.incident_type, one.cause is None) for one in live.incidents),
        tuple(job.activity_id or "" for job in live.jobs if job.retries == 0),
        frozenset(job.activity_id or "" for job in live.jobs),
        frozenset(one.event_type for one in live.subscriptions),
    )
