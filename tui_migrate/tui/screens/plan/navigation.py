"""Moving about the plan: the other side, problems, filters, search, arrows, linking."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from textual import on

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.plan.base import PlanBase
from tui_migrate.tui.state import TreeFilter
from tui_migrate.tui.widgets.activity_tree import ActivityTree
from tui_migrate.tui.widgets.search_line import SearchLine

if TYPE_CHECKING:
    from textual.widgets import Input

    from tui_migrate.operations.plan import Problem

_FILTERS: tuple[TreeFilter, ...] = get_args(TreeFilter)


class PlanNavigation(PlanBase):
    """Actions that change what is looked at, never the plan."""

    def tree_moved(self, tree: ActivityTree) -> None:
        """Bring the other side along; called in the handler of the key."""
        if self.facts is None:
            return
        if self.mapping is None:
            self.linking.follow(tree, top_before=self._tops[tree.side])
        elif tree.side == "target":
            self.mapping.asked = self.mapping.asked if self.mapping.asked == tree.current else None
        self._remember_tops()
        self.draw_arrows()
        self.show_details()

    _tops: dict[str, int]

    def _remember_tops(self) -> None:
        self._tops = {"source": self.source_tree.top, "target": self.target_tree.top}

    def tree_opened(self, tree: ActivityTree, activity_id: str) -> None:
        """Open or close the counterpart too; called in the handler of the key."""
        self.linking.opened(tree, activity_id, activity_id not in tree.closed)
        self.linking.follow(tree)
        self._remember_tops()
        self.draw_arrows()

    def action_reset_view(self) -> None:
        """Bring both sides back to how they were at first."""
        if self.refuse("reset_view"):
            return
        self.linking.linked = self.view.linked = True
        for tree in (self.source_tree, self.target_tree):
            tree.open_all()
        self._set_filter("all")
        for tree in (self.source_tree, self.target_tree):
            tree.move_to(0, quiet=True)
            tree.scroll_rows(0)
        self.linking.highlight(self.front_tree, self.front_tree.current)
        self._remember_tops()
        self.draw_arrows()
        self.show_details()

    @on(ActivityTree.Pointed)
    def _pointed(self, event: ActivityTree.Pointed) -> None:
        event.stop()
        if self.facts is None or self.mapping is not None:
            return
        self.linking.highlight(event.tree, event.activity_id)
        if event.activity_id is None:
            self.linking.highlight(self.front_tree, self.front_tree.current)

    def action_other_pane(self) -> None:
        """Give the other side the keys."""
        other = self.linking.other(self.front_tree)
        other.focus()

    def focus_changed(self, tree: ActivityTree) -> None:
        """Take note of which side has the keys."""
        self.view.focused = tree.side
        for one in (self.source_tree, self.target_tree):
            self.pane(one).set_class(one is tree, "-front")
        if self.facts is not None and self.mapping is None:
            self.linking.highlight(tree, tree.current)
            self.show_details()

    # -- problems ----------------------------------------------------------------------------------------------

    def action_next_problem(self) -> None:
        """Go to the next problem."""
        self._go_to_problem(1)

    def action_previous_problem(self) -> None:
        """Go to the problem before."""
        self._go_to_problem(-1)

    def _go_to_problem(self, by: int) -> None:
        if self.refuse("next_problem") or self.facts is None:
            return
        outline = self.source_tree.outline
        if outline is None:
            return
        places = outline.position
        stops = sorted({places[one.source_id] for one in self.facts.problems() if one.source_id in places})
        if not stops:
            self._tell_problem(self.facts.problems()[0])
            return
        current = self.source_tree.current
        here = places.get(current, -1) if current is not None else -1
        ahead = [place for place in stops if place > here] if by > 0 else [place for place in stops if place < here]
        wanted = (ahead or stops)[0 if by > 0 else -1]
        activity_id = outline.order[wanted]
        if not ahead and len(stops) > 1:
            self.say("From the start again." if by > 0 else "From the end again.")
        self.source_tree.focus()
        if not self.source_tree.select(activity_id) or not self.source_tree.shows(activity_id):
            self._set_filter("all")
            self.source_tree.select(activity_id)

    def _tell_problem(self, problem: Problem) -> None:
        self.say(shown(" ".join((*problem.sentences, *problem.remedies)), 500), "warning")

    # -- filters and search ------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Take the next of the filters."""
        if self.facts is not None:
            self._set_filter(_FILTERS[(_FILTERS.index(self.view.filter) + 1) % len(_FILTERS)])

    def _set_filter(self, tree_filter: TreeFilter) -> None:
        if self.facts is None:
            return
        self.view.filter = tree_filter
        for tree in (self.source_tree, self.target_tree):
            tree.keep_only(self.facts.kept(tree.side, tree_filter))
        self.linking.align(self.front_tree)
        self._remember_tops()
        self.draw_arrows()
        self.show_details()
        self.show_verdict()
        self.show_titles()

    async def action_search(self) -> None:
        """Search this side while typing."""
        if not self.refuse("search"):
            self.add_class("-searching")
            words = "Search name or id; arrows go to the next match"
            await SearchLine.open_on(self, words, self.view.search, before="#verdict")

    @on(SearchLine.Changed)
    def _search_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.view.search = event.value
        self._search_from(self.front_tree.cursor, 1, including=True)

    @on(SearchLine.Moved)
    def _search_moved(self, event: SearchLine.Moved) -> None:
        event.stop()
        self._search_from(self.front_tree.cursor, event.rows, including=False)

    @on(SearchLine.Left)
    def _search_left(self, event: SearchLine.Left) -> None:
        event.stop()
        self.remove_class("-searching")
        self.front_tree.focus()

    def _search_from(self, start: int, by: int, *, including: bool) -> None:
        """Go to the next row in which every word of the search occurs, round the ends, into closed nodes."""
        tree = self.front_tree
        words = self.view.search.casefold().split()
        if not words or tree.outline is None or not tree.rows:
            return
        order = tree.outline.order
        here = tree.outline.position[tree.rows[min(start, len(tree.rows) - 1)]]
        offsets = range(0 if including else 1, len(order) + 1)
        for offset in offsets:
            activity = tree.outline.model[order[(here + by * offset) % len(order)]]
            text = f"{activity.name or ''}\n{activity.id}".casefold()
            if all(word in text for word in words) and (self.view.filter == "all" or tree.shows(activity.id)):
                tree.select(activity.id)
                return

    # -- arrows and linking ------------------------------------------------------------------------------------

    def action_arrow(self) -> None:
        """Show or hide the arrow of the cursor's activity."""
        if self.refuse("arrow"):
            return
        tree = self.front_tree
        current = tree.current
        sources = (current,) if tree.side == "source" else self.plan.draft.sources_of(current or "")
        for source_id in sources:
            if source_id is not None:
                self.view.arrows.symmetric_difference_update((source_id,))
        self.draw_arrows()

    def action_all_arrows(self) -> None:
        """Show or hide all arrows."""
        self.view.all_arrows = not self.view.all_arrows
        if not self.view.all_arrows:
            self.view.arrows.clear()
        self.draw_arrows()

    def action_link(self) -> None:
        """Link both sides, or let them move independently; linking brings them together."""
        if self.facts is None:
            return
        self.linking.linked = self.view.linked = not self.linking.linked
        if self.linking.linked:
            self.linking.align(self.front_tree)
            self._remember_tops()
            self.draw_arrows()
        self.show_verdict()

    def action_open_node(self) -> None:
        """Open the node under the cursor."""
        self.front_tree.action_open_node()

    def action_close_node(self) -> None:
        """Close the node under the cursor."""
        self.front_tree.action_close_node()

    def action_mark(self) -> None:
        """Mark the row under the cursor; marks belong to the source's side."""
        if self.front_tree.side == "target":
            self.say("Marks belong to the source side; tab goes there.", "warning")
            return
        self.source_tree.toggle_marked()
        self.show_titles()

    def action_copy_id(self) -> None:
        """Copy the id under the cursor."""
        current = self.front_tree.current
        if current is not None:
            self.app.copy_to_clipboard(current)
            self.say(f"Copied {shown(current, 100)}.")
