"""Asks for a path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.modal import BaseModal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


class PathQuestion(BaseModal[Path]):
    """Ends with a path; a file that is there already is overwritten only after a second `enter`.

    Args:
        title: What the path is for.
        path: What stands in the field at first.
        must_exist: Whether there has to be a file.
    """

    def __init__(self, title: str, path: str, *, must_exist: bool) -> None:
        super().__init__(title)
        self.first_path = path
        self.must_exist = must_exist
        self._warned: Path | None = None

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        field = Input(self.first_path, placeholder="path of the file")
        field.cursor_blink = False
        yield field

    def on_mount(self) -> None:
        """Write at the end of what stands there."""
        super().on_mount()
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Close with the path, or say why it is none."""
        text = self.query_one(Input).value.strip()
        if not text:
            self.app.say("Write a path first.", "warning")
            return
        path = Path(text).expanduser()
        if self.must_exist and not path.is_file():
            self.app.say(f"There is no file {shown(str(path), 200)}.", "warning")
        elif not self.must_exist and path.exists() and self._warned != path:
            self._warned = path
            self.app.say(f"{shown(str(path), 200)} is there already; enter again overwrites it.", "warning")
        else:
            self.dismiss(path)
