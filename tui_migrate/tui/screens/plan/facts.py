"""What the two trees show of an open plan, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.widgets.activity_row import Difference, Hidden, Light, RowFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_migrate.migration.compare import ActivityDifference
    from tui_migrate.operations.plan import OpenPlan, Problem
    from tui_migrate.tui.screens.plan.mapping import PendingMapping
    from tui_migrate.tui.state import TreeFilter
    from tui_migrate.tui.widgets.activity_tree import Side


class PlanFacts:
    """Looks a plan up for the trees. Everything that costs more than a lookup is kept until the plan changes.

    Args:
        open_plan: The plan.
    """

    def __init__(self, open_plan: OpenPlan) -> None:
        self.open_plan = open_plan
        self.mapping: PendingMapping | None = None
        """The mapping that is being made, whose possible targets are lit."""
        self._problems: tuple[object, tuple[Problem, ...]] | None = None

    def facts(self, side: Side, activity_id: str) -> RowFacts:
        """Return what the row of an activity shows."""
        mark = self.open_plan.marker(side, activity_id)
        light, stars = self._light(side, activity_id)
        counts = self.open_plan.counts if side == "source" else self.open_plan.target_counts
        return RowFacts(
            sign=mark.marker,
            advice=mark.advice,
            instances=mark.instances,
            waiting=counts.waiting.get(activity_id, 0),
            incidents=mark.incidents,
            difference=self.difference(side, activity_id),
            light=light,
            stars=stars,
        )

    def _light(self, side: Side, activity_id: str) -> tuple[Light, int]:
        if self.mapping is None:
            return "", 0
        if side == "source":
            return ("" if activity_id == self.mapping.source_id else "dim"), 0
        stars = self.mapping.stars.get(activity_id, 0)
        return ("lit", stars) if stars else ("dim", 0)

    def difference(self, side: Side, activity_id: str) -> Difference:
        """Return what became of an activity between the two models, as one word."""
        found = self.compared(side, activity_id)
        if found is None or found.kinds == ("unchanged",):
            return ""
        if found.target_id is None and "removed" in found.kinds:
            return "removed"
        if found.source_id is None and "added" in found.kinds:
            return "added"
        return "moved" if found.kinds == ("moved",) else "changed"

    def compared(self, side: Side, activity_id: str) -> ActivityDifference | None:
        """Return what became of an activity between the two models."""
        comparison = self.open_plan.comparison
        return (comparison.by_source if side == "source" else comparison.by_target).get(activity_id)

    def hidden(self, side: Side, activity_ids: Sequence[str]) -> Hidden:
        """Return what rows under a closed node hold together."""
        marks = [self.open_plan.marker(side, activity_id) for activity_id in activity_ids]
        return Hidden(
            rows=len(marks),
            unmapped=sum(mark.marker == "unmapped" for mark in marks),
            errors=sum(mark.marker == "error" for mark in marks),
            advice=sum(mark.advice == "danger" for mark in marks),
            notes=sum(mark.advice == "note" for mark in marks),
            instances=sum(mark.instances for mark in marks),
            incidents=sum(mark.incidents for mark in marks),
        )

    def largest(self, side: Side) -> tuple[int, int, int]:
        """Return the largest numbers of instances, of waiting tokens and of incidents on a side."""
        counts = self.open_plan.counts if side == "source" else self.open_plan.target_counts
        return (
            max(counts.instances.values(), default=0),
            max(counts.waiting.values(), default=0),
            sum(counts.incidents.values()),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of the plan as it stands."""
        key = (self.open_plan.draft.revision, id(self.open_plan.counts))
        if self._problems is None or self._problems[0] != key:
            self._problems = (key, self.open_plan.problems())
        return self._problems[1]

    def kept(self, side: Side, tree_filter: TreeFilter) -> set[str] | None:
        """Return the activities that a filter keeps on a side, or None for all."""
        if tree_filter == "all":
            return None
        if tree_filter == "with instances":
            return self._with_instances(side)
        if tree_filter == "problems":
            return self._in_problems(side)
        comparison = self.open_plan.comparison
        ids = (comparison.by_source if side == "source" else comparison.by_target).items()
        return {activity_id for activity_id, found in ids if found.kinds != ("unchanged",)}

    def _with_instances(self, side: Side) -> set[str]:
        source = {one for one in self.open_plan.source_model.activities if self.open_plan.counts.tokens(one)}
        if side == "source":
            return source
        counts = self.open_plan.target_counts
        own = {one for one in self.open_plan.target_model.activities if counts.tokens(one)}
        return own | self._targets_of(source)

    def _in_problems(self, side: Side) -> set[str]:
        problems = self.problems()
        source = {problem.source_id for problem in problems if problem.source_id is not None}
        if side == "source":
            return source
        return self._targets_of(source) | {one.target_id for one in problems if one.target_id is not None}

    def _targets_of(self, source_ids: set[str]) -> set[str]:
        targets = (self.open_plan.draft.target_of(one) for one in source_ids)
        return {target for target in targets if target is not None}
