"""A field at the bottom that narrows or walks a list while one types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Input

from tui_migrate.tui.bindings import bindings

if TYPE_CHECKING:
    from textual.screen import Screen


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

    @staticmethod
    async def open_on(screen: Screen[None], placeholder: str, value: str, *, before: str) -> None:
        """Show a screen's field and write in it; it is made at its first use, since that takes 3 ms of each start.

        Args:
            screen: Whose field it is.
            placeholder: What stands in it as long as it is empty.
            value: What stands in it at first.
            before: Selector of the widget that it stands above.
        """
        if not screen.query(SearchLine):
            await screen.mount(SearchLine(placeholder, id="search"), before=before)
        screen.query_one(SearchLine).open(value)

    def open(self, value: str) -> None:
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
