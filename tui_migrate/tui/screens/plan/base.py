"""What all parts of the plan screen work on: the two trees, the lines below, and the plan they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.screens.plan.sentences import mapping_sentences, sentences
from tui_migrate.tui.screens.plan.verdict import EngineState, verdict_sentences
from tui_migrate.tui.state import PlanView
from tui_migrate.tui.widgets.activity_tree import ActivityTree
from tui_migrate.tui.widgets.gutter import Gutter, Link
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_migrate.migration.suggest import Suggestion
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.screens.plan.facts import PlanFacts
    from tui_migrate.tui.screens.plan.linking import Linking
    from tui_migrate.tui.screens.plan.mapping import PendingMapping


class PlanBase(BaseScreen):
    """The plan screen without its actions."""

    NAME = "plan"
    SCOPES: ClassVar[tuple[str, ...]] = ("plan",)
    BINDINGS = bindings("plan")

    facts: PlanFacts | None = None
    """The plan as the trees see it; None as long as none is open."""
    linking: Linking
    engine: EngineState = "waiting"
    differences: tuple[str, ...] = ()
    """Where the engine's verdict differs from the rules', in sentences."""

    @property
    def plan(self) -> OpenPlan:
        """The plan that is open; only for what is done while one is."""
        if self.facts is None:
            raise LookupError("no plan is open")
        return self.facts.open_plan

    @property
    def view(self) -> PlanView:
        """How the plan is looked at."""
        return self.state.plan_view

    @property
    def mapping(self) -> PendingMapping | None:
        """The mapping that is being made, or None."""
        return self.facts.mapping if self.facts is not None else None

    @property
    def source_tree(self) -> ActivityTree:
        """The left tree."""
        return self.query_one("#source-tree", ActivityTree)

    @property
    def target_tree(self) -> ActivityTree:
        """The right tree."""
        return self.query_one("#target-tree", ActivityTree)

    @property
    def front_tree(self) -> ActivityTree:
        """The tree whose cursor the keys move."""
        return self.target_tree if self.view.focused == "target" else self.source_tree

    def pane(self, tree: ActivityTree) -> Pane:
        """Return the box around a tree."""
        return self.query_one(f"#{tree.side}-pane", Pane)

    def source_at_cursor(self) -> str | None:
        """Return the source activity that an action is about: the cursor's, or the first source of a target."""
        tree = self.front_tree
        if tree.side == "source" or tree.current is None:
            return tree.current
        sources = self.plan.draft.sources_of(tree.current)
        return sources[0] if sources else None

    def sources_chosen(self) -> list[str]:
        """Return the source activities that an action on several is about: the marked ones, else the cursor's.

        A closed scope stands for all that it holds.
        """
        tree = self.source_tree
        if tree.marked:
            return [one for one in self.plan.source_model.activities if one in tree.marked]
        current = self.front_tree.current
        if self.front_tree.side == "target":
            return list(self.plan.draft.sources_of(current)) if current else []
        if current is None or tree.outline is None:
            return []
        inside = tuple(tree.outline.descendants(current)) if current in tree.closed else ()
        return [current, *inside]

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_details(self) -> None:
        """Show what there is to say about the cursor's activity."""
        if self.facts is None:
            return
        tree = self.front_tree
        pane = self.query_one("#details", Paragraph)
        if self.facts.mapping is not None:
            target_id = self.target_tree.current
            reasons = self.reasons_against(target_id)
            pane.show(mapping_sentences(self.facts, self.facts.mapping, target_id, reasons))
        elif tree.current is not None:
            mark = self.plan.marker(tree.side, tree.current).marker
            best = self.best_match(tree.current) if mark == "unmapped" else None
            pane.show(sentences(self.facts, tree.side, tree.current, self.glyphs, best=best))
        else:
            pane.show([("There is no activity to show; f shows all again.", "dim")])

    def best_match(self, source_id: str) -> Suggestion | None:
        """Return the best target of an unmapped activity, where it is known."""
        return None

    def reasons_against(self, target_id: str | None) -> tuple[str, ...]:
        """Return why the target under the cursor is not possible in mapping mode; none where it is."""
        return ()

    def show_verdict(self) -> None:
        """Draw the line of verdicts."""
        if self.facts is None:
            return
        fresh = self.state.verdict_revision == self.plan.draft.revision
        engine = "waiting" if self.engine == "spoken" and not fresh else self.engine
        self.query_one("#verdict", Paragraph).show(
            verdict_sentences(
                self.facts,
                self.glyphs,
                engine=engine,
                verdict=self.state.engine_verdict,
                differences=self.differences if fresh else (),
                linked=self.linking.linked,
                tree_filter=self.view.filter,
            )
        )

    def draw_arrows(self) -> None:
        """Draw the arrows for where both trees stand."""
        if self.facts is None:
            return
        pending = None
        if self.mapping is not None and self.target_tree.current is not None:
            pending = (self.mapping.source_id, self.target_tree.current)
        gutter = self.query_one(Gutter)
        gutter.show_links(self._links(), self.source_tree, self.target_tree, pending=pending)

    def _links(self) -> Iterator[Link]:
        shown = self.view.arrows
        if not self.view.all_arrows and not shown:
            return
        draft = self.plan.draft
        for one in draft.instructions:
            source_id, target_id = one.source_activity_id, one.target_activity_id
            if source_id is None or target_id is None or not (self.view.all_arrows or source_id in shown):
                continue
            yield source_id, target_id, bool(draft.failures_of(source_id))

    def plan_changed(self) -> None:
        """Draw everything that depends on the draft, and let the engine be asked."""
        self.source_tree.facts_changed()
        self.target_tree.facts_changed()
        self.linking.highlight(self.front_tree, self.front_tree.current)
        self.draw_arrows()
        self.show_details()
        self.show_verdict()
        self.show_titles()
        self.ask_engine_soon()

    def show_titles(self) -> None:
        """Put numbers into the borders of the trees."""

    def ask_engine_soon(self) -> None:
        """Ask the engine about the draft once no edit has come for a moment."""
