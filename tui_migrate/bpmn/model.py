"""The engine's activity model of one process definition, as frozen values.

The engine turns BPMN elements into activities with a behaviour class, a type, a flow scope and an event scope; all of
its migration rules speak of these. Ids of activities are unique in a process; the process itself is the scope `ROOT`.

Source: Camunda 7.24 `BpmnParse`, `ScopeImpl`, `ActivityImpl`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct, field

ROOT: Final = "#process"
"""Stands for the process itself where the id of a scope is asked for. No activity can have it: no id holds `#`."""

BODY_SUFFIX: Final = "#multiInstanceBody"
"""What the engine appends to a multi-instance activity's id for the body around it."""

TriggerKind = Literal["message", "signal", "timer", "conditional"]
EngineFamily = Literal["camunda", "operaton"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Activity(Struct, frozen=True):
    """One activity of the engine's model: a BPMN flow node, or the body around a multi-instance one."""

    id: str
    """XML id; for a multi-instance body `<id>#multiInstanceBody`."""
    name: str | None
    """The BPMN name as it stands in the file; a body has that of its inner activity."""
    tag: str
    """BPMN local name such as `userTask`; for a body that of the element (its `type` tells it is a body)."""
    behavior: str
    """Simple name of the engine's behaviour class, for example `UserTaskActivityBehavior`."""
    type: str
    """The engine's type property, for example `userTask`, `boundaryTimer`, `multiInstanceBody`."""
    flow_scope: str
    """Id of the containing activity, or `ROOT`."""
    event_scope: str | None = None
    """Id of the scope in which the event listens, `ROOT` for the process, None for none."""
    is_scope: bool = False
    is_compensation_handler: bool = False
    async_before: bool = False
    async_after: bool = False
    incoming: int = 0
    """Number of incoming transitions, as the engine counts them."""
    outgoing: tuple[str, ...] = ()
    """Ids of the outgoing transitions (a flow without an id has its position in place of one)."""
    trigger: TriggerKind | None = None
    """What the activity declares on its event scope, if it defines a persistent trigger."""
    timeout_listeners: tuple[str, ...] = ()
    """Ids of the user task's timeout task listeners."""
    attached_to: str | None = None
    """For a boundary event the id of its host as the XML has it (not of the host's body)."""
    interrupting: bool | None = None
    """For boundary and event-sub-process start events: whether they interrupt."""
    details: Mapping[str, str] = _NOTHING
    """What a person would compare, by a word such as `form`, `topic`, `class`, `called element`, `timer`, `message`,
    `signal`, `condition`, `script`, `decision`, `assignee`; only what is there."""
    documentation: str | None = None
    listeners: tuple[str, ...] = ()
    """Execution listeners declared on the element, each as `event: implementation`."""
    mappings: tuple[str, ...] = ()
    """IO mappings declared on the element, each as `input: name` or `output: name`."""
    line: int | None = None
    """Line in the XML file, counted from 1."""

    @property
    def label(self) -> str:
        """The name, or the id where there is no name."""
        return self.name.strip() if self.name and self.name.strip() else self.id

    @property
    def is_body(self) -> bool:
        """Whether this is the body around a multi-instance activity."""
        return self.type == "multiInstanceBody"


class SequenceFlow(Struct, frozen=True):
    """A sequence flow between two flow nodes, as the XML has it (before the engine's redirections)."""

    id: str | None
    source: str
    target: str
    name: str | None = None
    condition: str | None = None


class ProcessModel(Struct, frozen=True):
    """One process of a BPMN file as the engine would see it."""

    definition_id: str
    """What stands for the process in messages: the process definition id, or the key where there is no engine."""
    key: str
    name: str | None
    version_tag: str | None
    executable: bool
    activities: Mapping[str, Activity]
    """By id, in document order, parents before children; a body right before its inner activity."""
    children: Mapping[str, tuple[str, ...]]
    """Ids of the activities whose flow scope is the key (`ROOT` included); scopes without any are absent."""
    event_activities: Mapping[str, tuple[str, ...]]
    """Ids of the activities whose event scope is the key (`ROOT` included); scopes without any are absent."""
    flows: tuple[SequenceFlow, ...] = ()
    handlers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """Compensation handler id by the id of the compensation boundary event that leads to it."""
    warnings: tuple[str, ...] = ()
    """What was left out or could not be understood, each a sentence."""
    details: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __getitem__(self, activity_id: str) -> Activity:
        """Return the activity with this id, or raise KeyError."""
        return self.activities[activity_id]

    def get(self, activity_id: str | None) -> Activity | None:
        """Return the activity with this id, or None.

        Like the engine's lookup it finds neither the process itself nor elements without an id (here `#1`, `#2` …).
        """
        return None if activity_id is None or activity_id[:1] == "#" else self.activities.get(activity_id)

    def scope_text(self, scope: str) -> str:
        """Return how a message names a scope: its id, or the definition id for the process."""
        if scope == ROOT:
            return self.definition_id
        return "null" if scope[0] == "#" else scope

    def flow_scopes(self, activity: Activity) -> tuple[str, ...]:
        """Return the ids of the flow scopes from the closest outwards, without the process."""
        scopes: list[str] = []
        scope = activity.flow_scope
        while scope != ROOT:
            scopes.append(scope)
            scope = self.activities[scope].flow_scope
        return tuple(scopes)

    def inner_of(self, body: Activity) -> Activity | None:
        """Return the inner activity of a multi-instance body: its first child that is no compensation handler."""
        for child in self.children.get(body.id, ()):
            if not self.activities[child].is_compensation_handler:
                return self.activities[child]
        return None

    def body_of(self, activity: Activity) -> Activity | None:
        """Return the multi-instance body directly around an inner activity, or None."""
        body = self.activities.get(activity.id + BODY_SUFFIX)
        return body if body is not None and activity.flow_scope == body.id else None

    def defines_persistent_trigger(self, activity: Activity) -> bool:
        """Return whether the engine could update this activity's trigger (`UpdateEventTriggersValidator`)."""
        return activity.trigger is not None or bool(activity.timeout_listeners)
