"""What one running instance consists of."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from tui_migrate.sandbox.position import Position
    from tui_migrate.sandbox.store.batch import BatchRecord
    from tui_migrate.sandbox.store.definition import JobDefinition
    from tui_migrate.sandbox.store.instance import Instance


class Value(Struct, frozen=True):
    """A variable's typed value, as REST shows it."""

    type: str
    value: Any
    info: dict[str, Any] = field(default_factory=dict)
    definition_id: str | None = None
    """The definition that it names where that is not the one by which its instance was started."""


class Node(Struct, eq=False):
    """An activity instance, or the event scope of a completed sub process that can be compensated."""

    activity_id: str
    id: str
    started: datetime
    parent: Node | None = None
    execution_id: str = ""
    """The execution that carries it: its own for a scope, else the concurrent or the parent's."""
    concurrent_id: str | None = None
    """The concurrent execution above it, where it has siblings or is one of parallel multi-instances."""
    children: list[Node] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    event_scopes: list[Node] = field(default_factory=list)
    variables: dict[str, Value] = field(default_factory=dict)
    """Those of its scope; of a non-scope those of its concurrent execution."""
    outer_variables: dict[str, Value] = field(default_factory=dict)
    """For a scope with a concurrent execution above it: the variables of that one."""
    calls: tuple[Position, ...] | None = None
    """Where the instance that it is about to call shall stand; nothing for where it would come to wait."""
    called: Instance | None = None
    completed: bool = False
    """Whether it is an event scope."""


class Transition(Struct, eq=False):
    """A transition instance: an execution that waits in an asynchronous continuation."""

    activity_id: str
    id: str
    waits: Literal["before", "after", "siblings"]
    """What for; for its siblings waits an ended inner instance of a parallel multi-instance activity, which a tree
    shows as a transition instance, too (seen on 7.17.0, 7.24.0 and Operaton 1.0.3)."""
    parent: Node
    flow: str | None = None
    """The sequence flow that a continuation after an activity remembers."""
    activity_instance_id: str | None = None
    """Of what has ended and waits for its siblings: what its variables name."""
    variables: dict[str, Value] = field(default_factory=dict)


class Job(Struct, eq=False):
    """A job of an instance (asynchronous continuation or timer), or of a batch."""

    id: str
    created: datetime
    job_definition: JobDefinition | None
    instance: Instance | None = None
    owner: Node | Transition | None = None
    activity_id: str | None = None
    """The activity that continues asynchronously, or whose timer it is."""
    listener_id: str | None = None
    """For the timer of a user task's timeout listener: the listener."""
    due: datetime | None = None
    retries: int = 3
    exception: str | None = None
    stacktrace: str | None = None
    failed_activity_id: str | None = None
    batch: BatchRecord | None = None
    instance_ids: tuple[str, ...] = ()
    """What a migration job migrates."""
    not_before: datetime | None = None
    """A retry that was asked for waits until the job executor looks again."""
    suspended: bool = False


class Subscription(Struct, eq=False):
    """An event subscription."""

    id: str
    event_type: str
    event_name: str | None
    activity_id: str
    owner: Node
    created: datetime
    event_scope: Node | None = None
    """For the compensation of a completed sub process: what is left of it."""


class Incident(Struct, eq=False):
    """An open incident."""

    id: str
    incident_type: str
    message: str | None
    activity_id: str | None
    created: datetime
    instance: Instance | None = None
    owner: Node | Transition | None = None
    job: Job | None = None
    configuration: str | None = None
    job_definition: JobDefinition | None = None
    failed_activity_id: str | None = None
    cause: Incident | None = None
    """The incident in the called instance that caused this one."""
    annotation: str | None = None


class FinishedActivity(Struct, eq=False):
    """An entry of the history whose activity instance has ended."""

    activity_id: str
    activity_type: str
    name: str | None
    id: str
    definition_id: str
    parent_id: str
    execution_id: str
    started: datetime
    ended: datetime
    canceled: bool = False
