"""Making a mapping: the mode in which the target side is lit, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.screens.plan.mapping import PendingMapping, is_large, rank_targets, ranked, reasons_against
from tui_migrate.tui.screens.plan.navigation import PlanNavigation
from tui_migrate.tui.screens.plan.sentences import named
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from tui_migrate.migration.suggest import Suggestion
    from tui_migrate.operations.plan import OpenPlan


class TargetsRanked(Message):
    """The possible targets of an activity are known.

    Args:
        source_id: The activity.
        suggestions: The targets, best first.
    """

    def __init__(self, source_id: str, suggestions: tuple[Suggestion, ...]) -> None:
        self.source_id = source_id
        self.suggestions = suggestions
        super().__init__()


class BestRanked(Message):
    """The best target of an unmapped activity is known.

    Args:
        revision: The draft's revision that it is for.
        source_id: The activity.
        best: The target, or None where there is none.
    """

    def __init__(self, revision: int, source_id: str, best: Suggestion | None) -> None:
        self.revision = revision
        self.source_id = source_id
        self.best = best
        super().__init__()


class PlanMapMode(PlanNavigation):
    """Actions of mapping mode."""

    _reasons: tuple[str, tuple[str, ...]] | None = None
    _best: tuple[int, dict[str, Suggestion | None]] = (-1, {})

    def best_match(self, source_id: str) -> Suggestion | None:
        """Return the best target of an unmapped activity; in large models it comes a moment later.

        Args:
            source_id: The activity.
        """
        plan = self.plan
        revision = plan.draft.revision
        if self._best[0] != revision:
            self._best = (revision, {})
        known = self._best[1]
        if source_id not in known:
            if not is_large(plan):
                known[source_id] = next(iter(ranked(plan, source_id, limit=1)), None)
            else:
                self._ask_best(plan, revision, source_id)
        return known.get(source_id)

    def _ask_best(self, plan: OpenPlan, revision: int, source_id: str) -> None:
        async def rank() -> BestRanked:
            found = await rank_targets(plan, source_id, limit=1)
            return BestRanked(revision, source_id, next(iter(found), None))

        start(self, "best", rank, lambda message: message)

    @on(BestRanked)
    def _best_ranked(self, event: BestRanked) -> None:
        event.stop()
        if event.revision == self._best[0]:
            self._best[1][event.source_id] = event.best
            if self.mapping is None and self.source_tree.current == event.source_id:
                self.show_details()

    def action_map(self) -> None:
        """Begin a mapping for the cursor's source activity, or make the one that is begun."""
        if self.mapping is not None:
            self._map_here()
            return
        if self.refuse("map") or self.facts is None:
            return
        if self.front_tree.side == "target":
            self.say("A mapping starts on the source side; tab goes there.", "warning")
            return
        source_id = self.source_tree.current
        if source_id is not None:
            self._begin(source_id)

    def _begin(self, source_id: str) -> None:
        if self.facts is None:
            return
        plan = self.plan
        self.facts.mapping = PendingMapping(source_id, plan.draft.target_of(source_id))
        self.add_class("-mapping")
        self.source_tree.set_counterparts(())
        self.target_tree.set_counterparts(())
        self._light_changed()
        self.target_tree.focus()
        self.refresh_frame()
        start(
            self,
            "rank",
            lambda: rank_targets(plan, source_id),
            lambda found: TargetsRanked(source_id, found),
        )

    @on(TargetsRanked)
    def _ranked(self, event: TargetsRanked) -> None:
        mapping = self.mapping
        if mapping is None or mapping.source_id != event.source_id:
            return
        mapping.take(event.suggestions)
        if event.suggestions:
            self.target_tree.select(event.suggestions[0].target_id, quiet=True)
        self._light_changed()

    def _light_changed(self) -> None:
        self._reasons = None
        self.source_tree.facts_changed()
        self.target_tree.facts_changed()
        self.draw_arrows()
        self.show_details()

    def _map_here(self) -> None:
        mapping, target_id = self.mapping, self.target_tree.current
        if mapping is None or target_id is None:
            return
        suggestion = mapping.suggestion(target_id)
        if suggestion is None and mapping.asked != target_id:
            mapping.asked = target_id
            self.show_details()
            return
        if target_id == mapping.replaces:
            self.say("It is mapped to this one already.")
            self.leave_mapping()
            return
        along = suggestion.along if suggestion is not None else ()
        source_id = mapping.source_id
        self.leave_mapping()
        self.plan.draft.map(source_id, target_id, along=along)
        self.plan_changed()
        self.linking.follow(self.source_tree)
        if along:
            self.say(f"Mapped with {len(along)} more that it needs; u undoes all of it.")

    def leave_mapping(self) -> bool:
        """Leave mapping mode without a mapping.

        Returns:
            Whether it was on.
        """
        if self.facts is None or self.mapping is None:
            return False
        source_id = self.mapping.source_id
        self.facts.mapping = None
        self.remove_class("-mapping")
        self.source_tree.focus()
        self.source_tree.select(source_id, quiet=True)
        self._light_changed()
        self.linking.follow(self.source_tree)
        self.show_details()
        self.refresh_frame()
        return True

    def reasons_against(self, target_id: str | None) -> tuple[str, ...]:
        """Return why the target under the cursor is not possible; asked once per target."""
        mapping = self.mapping
        if mapping is None or target_id is None or mapping.suggestion(target_id) is not None:
            return ()
        if self._reasons is None or self._reasons[0] != target_id:
            self._reasons = (target_id, reasons_against(self.plan, mapping.source_id, target_id))
        return self._reasons[1]

    def mapping_title(self) -> str:
        """Return what is being mapped, for the border of the target's side."""
        return "" if self.mapping is None else named(self.plan.source_model, self.mapping.source_id)
