"""What the three screens about all old versions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.screens.list_screen import RowList
from tui_migrate.tui.shown_versions import SeriesTold

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

    def listen(self) -> None:
        """Let the runs tell this screen what happens, as long as it is shown."""
        if self.versions is not None and self.versions.sent is not None:
            self.versions.sent.watcher = self

    def on_screen_suspend(self) -> None:
        """Stop listening; the runs go on."""
        super().on_screen_suspend()
        sent = self.versions.sent if self.versions is not None else None
        if sent is not None and sent.watcher is self and self.app.screen_is_left(self):
            sent.watcher = None

    @on(SeriesTold)
    def _told(self, event: SeriesTold) -> None:
        event.stop()
        if self.versions is not None and event.series is self.versions.sent:
            self.show_all()

    def show_all(self) -> None:
        """Draw everything for what is known."""

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.shown()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self.show_all)
