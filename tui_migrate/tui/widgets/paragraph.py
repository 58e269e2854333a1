"""A few lines of sentences that change with the cursor; only the cells that changed are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from tui_migrate.tui.cells import flow
from tui_migrate.tui.themes import piece_style
from tui_migrate.tui.widgets.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from tui_migrate.tui.widgets.line_list import Piece


class Paragraph(Kept):
    """Shows sentences as one wrapped paragraph; what does not fit is cut with an ellipsis."""

    DEFAULT_CSS = "Paragraph { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sentences: tuple[Piece, ...] = ()
        self._lines: list[list[Piece]] = []
        self._styles: dict[str, Style] = {}

    @property
    def text(self) -> str:
        """All that there is to show, one sentence to a line, whatever fits."""
        return "\n".join(text for text, _ in self._sentences)

    def show(self, sentences: Sequence[Piece]) -> None:
        """Show these sentences, which have been made harmless; only what differs is painted.

        Args:
            sentences: Text and the name of its style (`error`, `warning` …) each.
        """
        if tuple(sentences) == self._sentences:
            return
        self._sentences = tuple(sentences)
        old, self._lines = self._lines, self._flowed()
        for row in range(max(len(old), len(self._lines))):
            before = old[row] if row < len(old) else []
            after = self._lines[row] if row < len(self._lines) else []
            self._paint(row, before, after)

    def _flowed(self) -> list[list[Piece]]:
        width, height = self.content_size
        glyphs = getattr(self.app, "glyphs", None)
        ellipsis = glyphs.ellipsis if glyphs is not None else "…"
        return flow(self._sentences, width, height, ellipsis) if width and height else []

    def _paint(self, row: int, before: list[Piece], after: list[Piece]) -> None:
        start, end = _changed(before, after)
        if start < end:
            self.refresh(Region(start, row, end - start, 1))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.content_size.width
        plain = self._style("")
        if y >= len(self._lines):
            return Strip.blank(width, plain)
        segments = [Segment(text, self._style(style)) for text, style in self._lines[y]]
        return Strip(segments).adjust_cell_length(width, plain)

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self.rich_style + piece_style(self.app, name) if name else self.rich_style
            self._styles[name] = style
        return style

    def notify_style_update(self) -> None:
        """Forget the styles of the theme before."""
        self._styles.clear()
        super().notify_style_update()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines anew."""
        self._lines = self._flowed()
        self.refresh()


def _changed(before: list[Piece], after: list[Piece]) -> tuple[int, int]:
    """Return the first column that differs and the one behind the last; equal where none does."""
    start = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        start += cell_len(old[0])
    else:
        if len(before) == len(after):
            return 0, 0
    return start, max(_width(before), _width(after))


def _width(line: list[Piece]) -> int:
    return sum(cell_len(text) for text, _ in line)
