"""The column between the two trees: arrows from source to target rows, right while either side scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from tui_migrate.tui.themes import piece_style
from tui_migrate.tui.widgets.arrows import Arrow, draw
from tui_migrate.tui.widgets.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.style import Style
    from textual import events

    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.activity_tree import ActivityTree

Link = tuple[str, str, bool]
"""Source activity, target activity, whether the mapping is in error."""


class Gutter(Kept):
    """Draws the arrows that the screen asks for. Its first and last lines lie beside the trees' borders."""

    DEFAULT_CSS = """
    Gutter {
        width: 4;
        height: 1fr;
    }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self._last: Callable[[], None] | None = None
        self._grid: list[list[tuple[str, str]]] = []
        self._styles: dict[str, Style] = {}

    def show_links(
        self,
        links: Iterable[Link],
        source: ActivityTree,
        target: ActivityTree,
        *,
        pending: tuple[str, str] | None = None,
    ) -> None:
        """Draw these arrows for where the trees stand now; only lines that changed are painted.

        Args:
            links: What to draw.
            source: The left tree.
            target: The right tree.
            pending: An arrow with a head, for a mapping that is being made; it replaces all others.
        """
        links = tuple(links)
        self._last = lambda: self.show_links(links, source, target, pending=pending)
        width, height = self.size
        if not width or not height:
            return
        wanted = [(pending[0], pending[1], False)] if pending else links
        arrows = _arrows(wanted, source, target)
        grid = draw(arrows, width, height - 2, self.glyphs, heads=pending is not None) if height > 2 else []
        old, self._grid = self._grid, grid
        for row, line in enumerate(grid):
            if row >= len(old) or old[row] != line:
                self.refresh(Region(0, row + 1, width, 1))

    def render_line(self, y: int) -> Strip:
        """Draw one line; the first and the last lie beside the trees' borders."""
        plain = self._style("")
        row = y - 1
        if not 0 <= row < len(self._grid):
            return Strip.blank(self.size.width, plain)
        segments = [Segment(text, self._style(colour)) for text, colour in self._grid[row]]
        return Strip(segments).simplify().adjust_cell_length(self.size.width, plain)

    def _style(self, colour: str) -> Style:
        style = self._styles.get(colour)
        if style is None:
            style = self.rich_style + piece_style(self.app, colour) if colour else self.rich_style
            self._styles[colour] = style
        return style

    def notify_style_update(self) -> None:
        """Forget the styles of the theme before."""
        self._styles.clear()
        super().notify_style_update()

    def on_resize(self, event: events.Resize) -> None:
        """Draw the same arrows for the new size, once the trees have theirs: details below take lines and give them."""
        self._grid = []
        if self._last is not None:
            self.call_after_refresh(self._last)


def _arrows(links: Iterable[Link], source: ActivityTree, target: ActivityTree) -> list[Arrow]:
    """Return the arrows in rows of the screen; mappings that share both rows (closed nodes) share an arrow."""
    arrows: dict[tuple[int, int], bool] = {}
    for source_id, target_id, error in links:
        left, right = source.row_of(source_id), target.row_of(target_id)
        if left is None or right is None:
            continue
        rows = (left - source.top, right - target.top)
        arrows[rows] = arrows.get(rows, False) or error
    return [Arrow(left, right, error) for (left, right), error in arrows.items()]
