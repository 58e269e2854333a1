"""The request exactly as it will be sent: to read, to copy, to save, to take along as curl."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tui_migrate.errors import UsageError
from tui_migrate.text import safe_lines
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.instances.details import TextModal
from tui_migrate.tui.screens.path_question import PathQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.tui.widgets.line_list import Piece


def save_text(path: Path, text: str) -> None:
    """Write a text to a file.

    Raises:
        UsageError: It can't be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"Cannot write {path} ({error.strerror}). Choose another place.") from error


class PayloadModal(TextModal):
    """The body of a wave's request.

    Args:
        prepared: The run.
    """

    BINDINGS = bindings("payload", "dialog")
    SCOPES: ClassVar[tuple[str, ...]] = ("payload", "dialog")

    def __init__(self, prepared: PreparedRun) -> None:
        super().__init__("")
        self.prepared = prepared
        self.wave = 0
        self.dialog_title = self._title()

    def _title(self) -> str:
        waves = len(self.prepared.waves)
        which = f" wave {self.wave + 1} of {waves}" if waves > 1 else ""
        return f"POST {self.prepared.path}{which}"

    @property
    def json(self) -> str:
        """The body, written for people; the same values are sent."""
        return json.dumps(self.prepared.payload(self.wave), indent=2, ensure_ascii=False)

    def lines(self, width: int) -> Iterator[list[Piece]]:
        """Yield address and body."""
        yield [(f"POST {self.prepared.base_url}{self.prepared.path}"[:width], "strong")]
        for line in safe_lines(self.json, limit=2_000_000):
            yield [(line[:width], "")]

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        more = ("payload-next",) if len(self.prepared.waves) > 1 else ()
        return ("payload-copy", "payload-save", "payload-curl", *more, "dialog-close")

    def action_next_wave(self) -> None:
        """Show the next wave's request."""
        waves = len(self.prepared.waves)
        if waves > 1:
            from textual.containers import Vertical
            from textual.content import Content

            self.wave = (self.wave + 1) % waves
            self.query_one(".dialog", Vertical).border_title = Content(self._title())
            self.fill()

    def action_copy(self) -> None:
        """Copy the body."""
        self.app.copy_to_clipboard(self.json)
        self.app.say("Copied the request's body.")

    def action_save(self) -> None:
        """Save the body to a file."""
        self._ask_path("Save the request's body", self._saved)

    def action_curl(self) -> None:
        """Save the body and copy the curl command."""
        self._ask_path("Save the request's body for curl", self._curl)

    def _ask_path(self, title: str, then: Callable[[Path | None], None]) -> None:
        self.app.push_screen(PathQuestion(title, "payload.json", must_exist=False), then)

    def _write(self, path: Path) -> bool:
        try:
            save_text(path, self.json + "\n")
        except UsageError as error:
            self.app.say(str(error), "error")
            return False
        return True

    def _saved(self, path: Path | None) -> None:
        if path is not None and self._write(path):
            self.app.say(f"Saved {path}.")

    def _curl(self, path: Path | None) -> None:
        if path is not None and self._write(path):
            self.app.copy_to_clipboard(self.prepared.curl(str(path)))
            self.app.say(f"Saved {path} and copied the curl command that sends it. It holds no secret.")
