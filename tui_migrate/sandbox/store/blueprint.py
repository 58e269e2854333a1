"""What an instance at given positions consists of, worked out once for all instances that stand there.

Instances are many and mostly alike: they keep a reference to their blueprint, and only those that someone looks at or
migrates get nodes, jobs and subscriptions of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, ProcessModel
from tui_migrate.sandbox.position import Position
from tui_migrate.sandbox.store.definition import Definition
from tui_migrate.sandbox.store.entities import Value

JOINS: Final = frozenset({"parallelGateway", "inclusiveGateway"})
_SCOPE_TYPES: Final = frozenset({"subProcess", "transaction", "multiInstanceBody"})


class Spot(Struct, eq=False):
    """A future node, transition or event scope."""

    activity_id: str
    position: Position | None = None
    children: list[Spot] = field(default_factory=list)
    number: int = 0
    """Its place among the nodes of the instance, counted from 1 in preorder; 0 for none."""
    loop_counter: int | None = None
    passed: tuple[str, ...] = ()
    """What a token has passed in this scope before."""

    def nodes(self) -> Iterator[Spot]:
        """Yield the activity instances below, in preorder."""
        for child in self.children:
            if child.is_node:
                yield child
                yield from child.nodes()

    @property
    def is_node(self) -> bool:
        """Whether it becomes an activity instance, not a transition, event scope or trigger."""
        return self.position is None or not (self.position.waits or self.position.completed)


class Summary(Struct, frozen=True):
    """What lists and statistics need of an instance; equal ones are one object."""

    active: tuple[tuple[str, int], ...]
    """Leaf executions and transition instances by activity, as activity statistics count them."""
    at: frozenset[str]
    """Activities that the runtime filter `activityIdIn` finds."""
    open: tuple[str, ...]
    """Activity ids of the open activity instances in preorder, scopes included, without the process."""
    incidents: tuple[tuple[str | None, str, bool], ...] = ()
    """Of each open incident the activity, the type, and whether it is its own cause."""
    failed_jobs: tuple[str, ...] = ()
    """The activity of each job without retries."""
    jobs: frozenset[str] = frozenset()
    """Activities that have a job."""
    subscriptions: frozenset[str] = frozenset()
    """Types of the event subscriptions."""


class Blueprint:
    """The tree that instances of a definition have at some positions.

    Args:
        definition: The process.
        positions: Where they stand.
        base: Of which scope it is a part that is added to an instance's tree; None for a whole tree.
        passed: What a token has passed at process level; None for the shortest way.
    """

    def __init__(
        self,
        definition: Definition,
        positions: Sequence[Position],
        *,
        base: str | None = None,
        passed: Sequence[str] | None = None,
    ) -> None:
        self.definition = definition
        self.positions = tuple(positions)
        self.root = Spot(base or ROOT)
        self.failed_timers: dict[str, str] = {}
        for one in self.positions:
            self._place(self.root, one)
        self._remember(self.root, passed)
        if base is None:
            self._number()
        else:
            self.root.passed = ()
        self.summary: Summary | None = None
        """That of each instance which nobody has looked at yet."""
        self.scope_variables: tuple[tuple[str, Value], ...] = ()
        """The variables of scopes that such an instance has; known once the summary is."""

    def _place(self, base: Spot, one: Position) -> None:
        model = self.definition.model
        activity = model.activities[one.activity_id]
        if one.failure and activity.attached_to is not None and not one.waits:
            self.failed_timers[one.activity_id] = one.failure
            return
        parent = base
        for scope in self._scopes_below(base, activity):
            parent = _last_or_new(parent, scope)
        for _ in range(one.count):
            spot = Spot(one.activity_id, one)
            if activity.flow_scope.endswith(BODY_SUFFIX):
                spot.loop_counter = len(parent.children)
            parent.children.append(spot)
            for inner in one.inside:
                self._place(spot, inner)

    def _scopes_below(self, base: Spot, activity: Activity) -> Iterable[str]:
        scopes = list(self.definition.model.flow_scopes(activity))
        if base.activity_id in scopes:
            scopes = scopes[: scopes.index(base.activity_id)]
        return reversed(scopes)

    def _remember(self, spot: Spot, passed: Sequence[str] | None = None) -> None:
        """Work out what has been passed in each scope before."""
        if passed is None and spot.position is not None:
            passed = spot.position.passed
        spot.passed = tuple(_path(self.definition.model, spot) if passed is None else passed)
        for child in spot.children:
            if child.is_node:
                self._remember(child)

    def _number(self) -> None:
        for number, spot in enumerate(self.root.nodes(), 1):
            spot.number = number

    @property
    def size(self) -> int:
        """Number of its activity instances, the process not counted."""
        return sum(1 for _ in self.root.nodes())


def _last_or_new(parent: Spot, activity_id: str) -> Spot:
    for child in reversed(parent.children):
        if child.activity_id == activity_id and child.is_node:
            return child
    spot = Spot(activity_id)
    if activity_id + BODY_SUFFIX == parent.activity_id:
        spot.loop_counter = len(parent.children)
    parent.children.append(spot)
    return spot


def is_leaf_type(activity: Activity) -> bool:
    """Return whether an instance of the activity is a leaf of its own, not only a scope around others."""
    return activity.type not in _SCOPE_TYPES


def statistics_of(
    model: ProcessModel, leaves: Iterable[str], waiting: Iterable[str]
) -> tuple[tuple[tuple[str, int], ...], frozenset[str]]:
    """Return how statistics and the filter `activityIdIn` see leaves and transition instances.

    A token at a join is seen by the filter only: its execution is not active.
    """
    leaves, waiting = list(leaves), list(waiting)
    counted = Counter(leaf for leaf in leaves if model.activities[leaf].type not in JOINS)
    counted.update(waiting)
    return tuple(sorted(counted.items())), frozenset(leaves) | frozenset(waiting)


def _path(model: ProcessModel, spot: Spot) -> Iterator[str]:
    """Yield the activities of a scope on the shortest way to the first thing that stands in it."""
    standing = [child for child in spot.children if child.position is None or not child.position.completed]
    if not standing or standing[0].activity_id + BODY_SUFFIX == spot.activity_id:
        return
    wanted = standing[0].activity_id.removesuffix(BODY_SUFFIX)
    before: dict[str, str | None] = {
        child: None
        for child in model.children.get(spot.activity_id, ())
        if model.activities[child].type in {"startEvent", "messageStartEvent", "signalStartEvent", "startTimerEvent"}
    }
    queue = list(before)
    for current in queue:
        for flow in model.flows:
            if flow.source == current and flow.target not in before:
                before[flow.target] = current
                queue.append(flow.target)
    step = before.get(wanted)
    passed = []
    while step is not None:
        passed.append(step + BODY_SUFFIX if step + BODY_SUFFIX in model.activities else step)
        step = before[step]
    yield from reversed(passed)
