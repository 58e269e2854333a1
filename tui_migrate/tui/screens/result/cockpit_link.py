"""The address of a batch's page in Cockpit, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from tui_migrate.operations.session import Session


class LinkMade(Message):
    """The address of a batch's page is known.

    Args:
        link: The address.
    """

    def __init__(self, link: str) -> None:
        self.link = link
        super().__init__()


class BatchLinking(BaseScreen):
    """The part of a screen that copies the addresses of batches."""

    def copy_link(self, session: Session, batch_id: str, *, ended: bool) -> None:
        """Copy the address of a batch's page; where Cockpit is, is known after a request at the most."""
        from tui_migrate.operations.cockpit import batch_link

        start(self, "link", lambda: batch_link(session, batch_id, ended=ended), LinkMade)

    @on(LinkMade)
    def _link_made(self, event: LinkMade) -> None:
        event.stop()
        self.app.copy_to_clipboard(event.link)
        self.say(f"Copied, where Cockpit usually is: {event.link}")
