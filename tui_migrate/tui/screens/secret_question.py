"""Asks for a password or token; what is typed is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from tui_migrate.tui.screens.modal import BaseModal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


class SecretQuestion(BaseModal[str]):
    """Ends with the secret, or None.

    Args:
        title: Which secret, such as `Password of admin at prod`.
    """

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        field = Input(password=True)
        field.cursor_blink = False
        yield field

    def on_mount(self) -> None:
        """Begin in the field."""
        super().on_mount()
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Close with what was typed."""
        self.dismiss(self.query_one(Input).value or None)
