"""The list of definitions, on the overview and in the picker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.screens.overview.rows import GroupLine, Line, group_key, line_pieces, lines_of, opened_at_first
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_migrate.operations.overview import Overview
    from tui_migrate.tui.glyphs import Glyphs


class DefinitionList(LineList):
    """Keys with their versions; closed and opened by key, narrowed by a search.

    Args:
        glyphs: The set of characters.
        flat: Whether there are lines of versions only.
    """

    def __init__(self, glyphs: Glyphs, *, flat: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.flat = flat
        self.glyphs = glyphs
        self.overview: Overview | None = None
        self.search = ""
        self.lines_shown: list[Line] = []
        self.tenants = False
        self._toggled: set[tuple[str, str | None]] = set()

    def show_overview(self, overview: Overview, *, search: str | None = None) -> None:
        """Show what was read; the cursor stays on its definition as far as that is still there."""
        at = self.current
        self.overview = overview
        if search is not None:
            self.search = search
        self.tenants = any(group.tenant_id for group in overview.groups)
        self.lines_shown = lines_of(overview, self._toggled, self.search, flat=self.flat)
        self.rows_changed(cursor=self._row_like(at))

    def _row_like(self, line: Line | None) -> int:
        if line is None:
            return 0
        same = [row for row, one in enumerate(self.lines_shown) if one.definition_id == line.definition_id]
        alike = [row for row in same if type(self.lines_shown[row]) is type(line)]
        return (alike or same or [0])[0]

    @property
    def current(self) -> Line | None:
        """The line with the cursor, or None where there is none."""
        return self.lines_shown[self._cursor] if self._cursor < len(self.lines_shown) else None

    def select(self, definition_id: str) -> None:
        """Put the cursor on a definition."""
        for row, line in enumerate(self.lines_shown):
            if line.definition_id == definition_id and not isinstance(line, GroupLine):
                self.move_to(row)
                return

    def set_opened(self, opened: bool) -> None:
        """Open or close the group of the cursor; closing puts the cursor on the group's line."""
        line = self.current
        if line is None or self.overview is None or self.search.strip():
            return
        key = group_key(line.group)
        is_open = opened_at_first(self.overview, line.group) != (key in self._toggled)
        if is_open == opened:
            return
        self._toggled.symmetric_difference_update((key,))
        self.lines_shown = lines_of(self.overview, self._toggled, self.search, flat=self.flat)
        rows = [
            row
            for row, one in enumerate(self.lines_shown)
            if isinstance(one, GroupLine) and group_key(one.group) == key
        ]
        self.rows_changed(cursor=rows[0] if rows else 0)

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self.lines_shown)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return what a line says."""
        return line_pieces(self.lines_shown[row], width, self.glyphs, tenants=self.tenants)
