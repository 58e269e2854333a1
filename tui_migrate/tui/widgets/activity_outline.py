"""The activities of a process as an outline: what stands under what on the screen, and which rows are to be seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tui_migrate.bpmn.model import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tui_migrate.bpmn.model import Activity, ProcessModel


class ActivityOutline:
    """The rows of one model in document order; a boundary event stands under its host, before what the host holds.

    Args:
        model: The process.

    Attributes:
        order: Ids of all activities in the order of the rows.
        depth: How deep each one is, 0 for the process's own.
        children: Ids right under an activity (`ROOT` for the process).
        parent: Id of the activity around each one, `ROOT` for the process's own.
    """

    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self.parent: dict[str, str] = {}
        boundary: defaultdict[str, list[str]] = defaultdict(list)
        inner: defaultdict[str, list[str]] = defaultdict(list)
        for activity in model.activities.values():
            host = self._host_of(activity)
            self.parent[activity.id] = host or activity.flow_scope
            (boundary[host] if host else inner[activity.flow_scope]).append(activity.id)
        self.children: dict[str, tuple[str, ...]] = {
            scope: (*boundary[scope], *inner[scope]) for scope in {*boundary, *inner}
        }
        self.depth: dict[str, int] = {}
        self.order: list[str] = []
        self._walk()
        self.position = {activity_id: row for row, activity_id in enumerate(self.order)}

    def _host_of(self, activity: Activity) -> str | None:
        host = self.model.get(activity.attached_to)
        if host is None or host.id == activity.id:
            return None
        body = self.model.body_of(host)
        return body.id if body is not None else host.id

    def _walk(self) -> None:
        pending = [(activity_id, 0) for activity_id in reversed(self.children.get(ROOT, ()))]
        while pending:
            activity_id, depth = pending.pop()
            self.depth[activity_id] = depth
            self.order.append(activity_id)
            pending.extend((child, depth + 1) for child in reversed(self.children.get(activity_id, ())))

    def is_scope(self, activity_id: str) -> bool:
        """Return whether a row can be closed: it contains activities of its own, not just boundary events."""
        return activity_id in self.model.children

    def ancestors(self, activity_id: str) -> Iterator[str]:
        """Yield the ids of the rows around one, from the closest outwards."""
        parent = self.parent.get(activity_id, ROOT)
        while parent != ROOT:
            yield parent
            parent = self.parent[parent]

    def descendants(self, activity_id: str) -> Iterator[str]:
        """Yield the ids of all rows under one, in order."""
        depth = self.depth[activity_id]
        for row in range(self.position[activity_id] + 1, len(self.order)):
            if self.depth[self.order[row]] <= depth:
                return
            yield self.order[row]

    def visible(self, closed: Collection[str], kept: Collection[str] | None = None) -> list[str]:
        """Return the ids of the rows to be seen, in order.

        Args:
            closed: Ids of the scopes whose rows are hidden.
            kept: Only these and the rows around them; None keeps all.
        """
        wanted = None if kept is None else {*kept, *(around for one in kept for around in self.ancestors(one))}
        rows: list[str] = []
        hidden_below = -1
        for activity_id in self.order:
            depth = self.depth[activity_id]
            if 0 <= hidden_below < depth:
                continue
            hidden_below = depth if activity_id in closed else -1
            if wanted is None or activity_id in wanted:
                rows.append(activity_id)
        return rows
