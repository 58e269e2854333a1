"""A field at the bottom that narrows or walks a list while one types."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

from tui_migrate.tui.bindings import bindings


class SearchLine(Input):
    """Hidden until opened. Arrows move the list's cursor; `enter` keeps what was found, `esc` does not."""

    BINDINGS = bindings("search")
    DEFAULT_CSS = """
    SearchLine { display: none; }
    SearchLine.-open { display: block; }
    """

    class Left(Message):
        """The field was left.

        Args:
            accepted: Whether by `enter`.
        """

        def __init__(self, *, accepted: bool) -> None:
            self.accepted = accepted
            super().__init__()

    class Moved(Message):
        """An arrow key asks for another match.

        Args:
            rows: How many, backwards if negative.
        """

        def __init__(self, rows: int) -> None:
            self.rows = rows
            super().__init__()

    def __init__(self, placeholder: str, *, id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, id=id, select_on_focus=True)
        self.cursor_blink = False

    def open(self, value: str = "") -> None:
        """Show the field and write in it."""
        self.value = value
        self.add_class("-open")
        self.focus()

    def close(self, *, accepted: bool) -> None:
        """Hide the field and tell how it was left."""
        self.remove_class("-open")
        self.post_message(self.Left(accepted=accepted))

    def action_accept(self) -> None:
        """Keep what was found."""
        self.close(accepted=True)

    def action_leave(self) -> None:
        """Give the search up."""
        self.close(accepted=False)

    def action_next_match(self) -> None:
        """Go to the next match."""
        self.post_message(self.Moved(1))

    def action_previous_match(self) -> None:
        """Go to the match before."""
        self.post_message(self.Moved(-1))
