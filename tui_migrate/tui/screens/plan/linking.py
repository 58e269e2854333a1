"""How one side of the plan follows the other: counterparts, cursor, scroll, open and closed nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.widgets.activity_tree import ActivityTree, Side


class Linking:
    """Brings the other tree along, by direct calls in the handler of the key.

    Args:
        source: The left tree.
        target: The right tree.
    """

    def __init__(self, source: ActivityTree, target: ActivityTree) -> None:
        self.source = source
        self.target = target
        self.open_plan: OpenPlan | None = None
        self.linked = True

    def other(self, tree: ActivityTree) -> ActivityTree:
        """Return the tree on the other side."""
        return self.target if tree is self.source else self.source

    def counterparts(self, side: Side, activity_id: str | None) -> tuple[str, ...]:
        """Return the activities of the other side that one is mapped to, or that are mapped to it."""
        if self.open_plan is None or activity_id is None:
            return ()
        draft = self.open_plan.draft
        if side == "target":
            return draft.sources_of(activity_id)
        targets = (one.target_activity_id for one in draft.instructions_of(activity_id))
        return tuple(target for target in targets if target is not None)

    def highlight(self, tree: ActivityTree, activity_id: str | None) -> None:
        """Highlight the counterparts of an activity on the other side, and nothing on its own."""
        self.other(tree).set_counterparts(self.counterparts(tree.side, activity_id))
        tree.set_counterparts(())

    def follow(self, tree: ActivityTree, *, top_before: int | None = None) -> None:
        """Bring the other side to where this one stands now.

        An activity without a counterpart leaves the other side at that of the nearest mapped one before it.

        Args:
            tree: The side that moved.
            top_before: Its first row before, to tell whether it scrolled; None for did not.
        """
        self.highlight(tree, tree.current)
        if not self.linked:
            return
        other = self.other(tree)
        wanted = self._nearest(tree)
        if wanted is None:
            return
        row = other.row_of(wanted)
        if row is None:
            return
        if top_before is not None and top_before != tree.top:
            other.scroll_rows(row - (tree.cursor - tree.top))
        other.move_to(row, quiet=True)

    def _nearest(self, tree: ActivityTree) -> str | None:
        """Return the counterpart of the cursor's activity, or of the nearest one before it that has one in sight."""
        other = self.other(tree)
        for row in range(tree.cursor, -1, -1):
            found = self.counterparts(tree.side, tree.rows[row]) if row < len(tree.rows) else ()
            for activity_id in found:
                if other.row_of(activity_id) is not None:
                    return activity_id
        return None

    def align(self, tree: ActivityTree) -> None:
        """Scroll the other side so that the counterpart stands beside the cursor, as far as the rows reach."""
        self.highlight(tree, tree.current)
        wanted = self._nearest(tree)
        other = self.other(tree)
        row = other.row_of(wanted) if wanted is not None else None
        if row is not None:
            other.scroll_rows(row - (tree.cursor - tree.top))
            other.move_to(row, quiet=True)

    def scrolled(self, tree: ActivityTree, by: int) -> None:
        """Scroll the other side along with the wheel."""
        if self.linked:
            other = self.other(tree)
            other.scroll_rows(other.top + by)

    def opened(self, tree: ActivityTree, activity_id: str, opened: bool) -> None:
        """Open or close on the other side what a scope is mapped to."""
        if not self.linked:
            return
        other = self.other(tree)
        for counterpart in self.counterparts(tree.side, activity_id):
            other.set_opened(counterpart, opened)
