"""What the three screens about all old versions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.screens.list_screen import RowList

if TYPE_CHECKING:
    from tui_migrate.tui.shown_versions import ShownVersions


class VersionsPart(BaseScreen):
    """One list in the middle, which has the keys; the versions come from what the screens share."""

    @property
    def versions(self) -> ShownVersions | None:
        """What is shown."""
        return self.state.versions

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(RowList).focus()

    def show_all(self) -> None:
        """Draw everything for what is known."""

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.shown()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self.show_all)
