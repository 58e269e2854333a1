"""Says that the terminal is too small, for as long as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import ModalScreen
from textual.widgets import Static

from tui_migrate.tui.bindings import bindings

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class TooSmallModal(ModalScreen[None]):
    """Covers everything; `q` still quits.

    Args:
        columns: The fewest columns.
        rows: The fewest rows.
    """

    BINDINGS = bindings("too-small")
    SCOPES: ClassVar[tuple[str, ...]] = ("too-small",)
    DEFAULT_CSS = """
    TooSmallModal { background: $background; }
    """

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__()
        self.least = (columns, rows)

    def compose(self) -> ComposeResult:
        """Put the sentence where even the smallest terminal shows it."""
        yield Static(self._sentence(), markup=False)

    def _sentence(self) -> str:
        width, height = self.app.size
        columns, rows = self.least
        return f"This terminal has {width}×{height} cells; tui-migrate needs {columns}×{rows}. Enlarge it, or q quits."

    def on_resize(self, event: events.Resize) -> None:
        """Tell the size as it is now."""
        self.query_one(Static).update(self._sentence())

    async def action_quit(self) -> None:
        """Quit as everywhere."""
        await self.app.action_quit()
