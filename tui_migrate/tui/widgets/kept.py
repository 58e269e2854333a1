"""Widgets that cost nothing in a frame in which they didn't change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.strip import Strip


class Kept(Widget):
    """Hands out the lines of the frame before until it is told to draw anew.

    Textual asks each widget near a changed one for all its lines in every frame. It keeps them too, but works out
    colours and filters before it looks, which for a screen of a dozen widgets was nearly half of a key's cost.

    Another widget class stands before this one among the bases: Textual takes styles along the first base only.
    """

    _frame: tuple[Region, list[Strip]] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the widget's lines inside a region."""
        if self._frame is None or self._frame[0] != crop:
            self._frame = (crop, super().render_lines(crop))
        return self._frame[1]

    def _set_dirty(self, *regions: Region) -> None:
        # All that makes Textual draw a widget anew goes through here: refresh, another size, other styles.
        self._frame = None
        super()._set_dirty(*regions)

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        self._frame = None
        super().notify_style_update()


class KeptRow(Horizontal, Kept):
    """Widgets beside each other."""
