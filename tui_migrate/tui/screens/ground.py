"""The screen below all others, of which nothing is ever seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from textual import events


class GroundScreen(Screen[None]):
    """What Textual has at the bottom of its stack.

    Textual paints the screen below the one in front again whenever that one asks for it, and the one in front with it:
    at the start the whole first screen would be written once more than it is needed.
    """

    @property
    def is_current(self) -> bool:
        """Whether it is in front: there is nothing to paint from behind another."""
        return self.app.screen is self

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Read no styles."""
        event.refresh_styles = False
