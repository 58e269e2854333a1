"""One side of the plan: the activities of a process as a tree of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from textual.message import Message

from tui_migrate.tui.widgets.activity_outline import ActivityOutline
from tui_migrate.tui.widgets.activity_row import MARKER_COLUMNS, Hidden, RowFacts, RowLayout, layout_for, row_pieces
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual import events

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.tui.glyphs import Glyphs

Side = Literal["source", "target"]


class TreeFacts(Protocol):
    """What a tree asks about the activities of its side; answers must be quick, for they are asked while drawing."""

    def facts(self, side: Side, activity_id: str) -> RowFacts:
        """Return what the row of an activity shows."""

    def hidden(self, side: Side, activity_ids: Sequence[str]) -> Hidden:
        """Return what rows under a closed node hold together."""

    def largest(self, side: Side) -> tuple[int, int, int]:
        """Return the largest numbers of instances, of waiting tokens and of incidents on a side."""


class ActivityTree(LineList):
    """A side's activities. The screen tells it what is marked, lit or a counterpart; the tree draws and moves."""

    class Pointed(Message):
        """The mouse stands over another row.

        Args:
            tree: The side.
            activity_id: The activity under the mouse, or None.
        """

        def __init__(self, tree: ActivityTree, activity_id: str | None) -> None:
            self.tree = tree
            self.activity_id = activity_id
            super().__init__()

    def __init__(self, side: Side, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.side: Side = side
        self.facts: TreeFacts | None = None
        """Set before the first model is shown."""
        self.glyphs = glyphs
        self.outline: ActivityOutline | None = None
        self.closed: set[str] = set()
        self.marked: set[str] = set()
        self.rows: list[str] = []
        self.on_move: Callable[[ActivityTree], None] | None = None
        """Called in the handler of the key, so that both sides are painted in one frame."""
        self.on_open: Callable[[ActivityTree, str], None] | None = None
        """Called in the handler of the key after a scope was opened or closed."""
        self.on_scroll: Callable[[], None] | None = None
        """Called when the first row on the screen changed."""
        self.on_wheel: Callable[[ActivityTree, int], None] | None = None
        """Called after the wheel scrolled by so many rows."""
        self._kept: Collection[str] | None = None
        self._position: dict[str, int] = {}
        self._counterparts: frozenset[str] = frozenset()
        self._layout: RowLayout | None = None
        self._pointed: str | None = None

    def show_model(self, model: ProcessModel, *, closed: Collection[str] = (), cursor: str | None = None) -> None:
        """Show a process from its first row.

        Args:
            model: The process.
            closed: Ids of the scopes that are closed at first.
            cursor: The activity with the cursor at first; None for the first.
        """
        self.outline = ActivityOutline(model)
        self.closed = {one for one in closed if one in model.activities}
        self.marked &= set(model.activities)
        self._kept = None
        self._counterparts = frozenset()
        self._list_rows(cursor)

    def keep_only(self, kept: Collection[str] | None) -> None:
        """Show only these activities and the rows around them; None shows all."""
        self._kept = kept
        self._list_rows(self.current)

    def facts_changed(self) -> None:
        """Draw all rows anew after the plan or the counts changed."""
        self._layout = None
        self._strips.clear()
        self.refresh()

    def _list_rows(self, cursor: str | None) -> None:
        if self.outline is None:
            return
        self.rows = self.outline.visible(self.closed, self._kept)
        self._position = {activity_id: row for row, activity_id in enumerate(self.rows)}
        self._layout = None
        row = self.row_of(cursor) if cursor is not None else 0
        self.rows_changed(cursor=row or 0)

    @property
    def current(self) -> str | None:
        """Id of the activity with the cursor, or None where there is no row."""
        return self.rows[self._cursor] if self._cursor < len(self.rows) else None

    def row_of(self, activity_id: str) -> int | None:
        """Return the row that shows an activity: its own, or that of the closed node around it."""
        row = self._position.get(activity_id)
        if row is not None or self.outline is None or activity_id not in self.outline.parent:
            return row
        return next((self._position[one] for one in self.outline.ancestors(activity_id) if one in self._position), None)

    def shows(self, activity_id: str) -> bool:
        """Return whether an activity has a row of its own now."""
        return activity_id in self._position

    def select(self, activity_id: str, *, reveal: bool = True, quiet: bool = False) -> bool:
        """Put the cursor on an activity.

        Args:
            activity_id: The activity.
            reveal: Whether closed nodes around it are opened.
            quiet: Whether the other side is not to follow.

        Returns:
            Whether there is a row for it.
        """
        if reveal:
            self.reveal(activity_id)
        row = self.row_of(activity_id)
        if row is not None:
            self.move_to(row, quiet=quiet)
        return row is not None

    def reveal(self, activity_id: str) -> None:
        """Open the closed nodes around an activity."""
        if self.outline is None or activity_id not in self.outline.parent:
            return
        around = self.closed.intersection(self.outline.ancestors(activity_id))
        if around:
            self.closed -= around
            self._list_rows(self.current)

    def set_opened(self, activity_id: str, opened: bool) -> bool:
        """Open or close a scope and return whether anything changed."""
        if self.outline is None or not self.outline.is_scope(activity_id) or (activity_id not in self.closed) == opened:
            return False
        self.closed.symmetric_difference_update((activity_id,))
        self._list_rows(self.current)
        return True

    def open_all(self) -> None:
        """Open all scopes."""
        if self.closed:
            self.closed.clear()
            self._list_rows(self.current)

    def set_counterparts(self, activity_ids: Collection[str]) -> None:
        """Highlight these activities as counterparts of the other side's."""
        wanted = frozenset(activity_ids)
        changed = wanted ^ self._counterparts
        self._counterparts = wanted
        for activity_id in changed:
            row = self.row_of(activity_id)
            if row is not None:
                self.row_changed(row)

    @property
    def counterparts(self) -> frozenset[str]:
        """Ids of the activities highlighted as counterparts."""
        return self._counterparts

    def row_count(self) -> int:
        """Return the number of rows that can be scrolled to."""
        return len(self.rows)

    def row_class(self, row: int) -> str:
        """Return how a whole row is coloured."""
        activity_id = self.rows[row]
        if row == self._cursor and self.has_focus:
            return "cursor"
        if self._is_counterpart(activity_id):
            return "counterpart"
        return "blurred" if row == self._cursor else ""

    def _is_counterpart(self, activity_id: str) -> bool:
        if activity_id in self._counterparts:
            return True
        if activity_id not in self.closed or self.outline is None:
            return False
        return any(activity_id in self.outline.ancestors(one) for one in self._counterparts)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return what a row says."""
        if self.outline is None or self.facts is None:
            return ()
        activity_id = self.rows[row]
        is_scope = self.outline.is_scope(activity_id)
        opened = activity_id not in self.closed
        hidden = None
        if is_scope and not opened:
            hidden = self.facts.hidden(self.side, tuple(self.outline.descendants(activity_id)))
        return row_pieces(
            self.outline.model[activity_id],
            self.facts.facts(self.side, activity_id),
            self._layout_for(width),
            self.glyphs,
            depth=self.outline.depth[activity_id],
            position=self._first_column(row, activity_id),
            opened=opened if is_scope else None,
            hidden=hidden,
        )

    def _layout_for(self, width: int) -> RowLayout:
        if self._layout is None or self._layout.width != width:
            largest = self.facts.largest(self.side) if self.facts is not None else (0, 0, 0)
            self._layout = layout_for(width, *largest)
        return self._layout

    def _first_column(self, row: int, activity_id: str) -> str:
        glyphs = self.glyphs
        if row == self._cursor:
            return glyphs.marked_cursor if activity_id in self.marked else glyphs.cursor
        if activity_id in self.marked:
            return glyphs.marked
        return glyphs.counterpart if self._is_counterpart(activity_id) else " "

    def cursor_moved(self, old: int) -> None:
        """Let the screen bring the other side along, in the same frame."""
        if self.on_move is not None:
            self.on_move(self)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw for the new first row, and let the arrows follow."""
        super().watch_scroll_y(old_value, new_value)
        if self.on_scroll is not None:
            self.on_scroll()

    def wheel(self, rows: int) -> None:
        """Scroll by some rows and let the other side follow."""
        super().wheel(rows)
        if self.on_wheel is not None:
            self.on_wheel(self, rows)

    def toggle_marked(self) -> None:
        """Mark or unmark the row of the cursor and go on to the next."""
        if self.current is None:
            return
        self.marked.symmetric_difference_update((self.current,))
        self.row_changed(self._cursor)
        self.move_to(self._cursor + 1)

    def clear_marked(self) -> None:
        """Unmark all rows."""
        for activity_id in tuple(self.marked):
            self.marked.discard(activity_id)
            row = self._position.get(activity_id)
            if row is not None:
                self.row_changed(row)

    def action_open_node(self) -> None:
        """Open the node, or go to its first child where it is open."""
        if self.current is None or self.outline is None:
            return
        if self.current in self.closed:
            self._tell_opened(self.current, True)
        elif self._cursor + 1 < len(self.rows) and self._is_inside(self.rows[self._cursor + 1], self.current):
            self.move_to(self._cursor + 1)

    def action_close_node(self) -> None:
        """Close the node, or go to the node around it."""
        if self.current is None or self.outline is None:
            return
        if self.outline.is_scope(self.current) and self.current not in self.closed:
            self._tell_opened(self.current, False)
        else:
            around = next(self.outline.ancestors(self.current), None)
            if around is not None:
                self.select(around)

    def _is_inside(self, activity_id: str, scope: str) -> bool:
        return self.outline is not None and self.outline.parent.get(activity_id) == scope

    def _tell_opened(self, activity_id: str, opened: bool) -> None:
        if self.set_opened(activity_id, opened) and self.on_open is not None:
            self.on_open(self, activity_id)

    def is_marker_column(self, column: int) -> bool:
        """Return whether a click in this column means the marker."""
        return column < MARKER_COLUMNS

    def is_fold_column(self, row: int, column: int) -> bool:
        """Return whether a click in this column means opening or closing."""
        if self.outline is None or not self.outline.is_scope(self.rows[row]):
            return False
        return column == MARKER_COLUMNS + 2 * min(self.outline.depth[self.rows[row]], 8)

    def toggle_opened(self, activity_id: str) -> None:
        """Open a closed scope, close an open one, and tell it."""
        self._tell_opened(activity_id, activity_id in self.closed)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell which activity the mouse stands over, once per row."""
        place = event.get_content_offset(self)
        row = place.y + self.top if place is not None else -1
        self._point(self.rows[row] if 0 <= row < len(self.rows) else None)

    def on_leave(self) -> None:
        """Tell that the mouse is gone."""
        self._point(None)

    def _point(self, activity_id: str | None) -> None:
        if activity_id != self._pointed:
            self._pointed = activity_id
            self.post_message(self.Pointed(self, activity_id))
