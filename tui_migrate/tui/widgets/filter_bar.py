"""The filter of the instances: one line that shows it, a field to write it, completions while one writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Input

from tui_migrate.tui.bindings import bindings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_migrate.operations.filter import FilterError, Offer


class FilterField(Input):
    """Hidden until opened. What stands in it is read at each key, so that an error shows where it is."""

    BINDINGS = bindings("filter")
    DEFAULT_CSS = """
    FilterField { display: none; }
    FilterField.-open { display: block; }
    """

    class Left(Message):
        """The field was left.

        Args:
            accepted: Whether by `enter`.
        """

        def __init__(self, *, accepted: bool) -> None:
            self.accepted = accepted
            super().__init__()

    class Read(Message):
        """What stands in the field was read."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(placeholder="bk:EU-* activity:… var:amount>=100 started:<2026-11-01 suspended", id=id)
        self.cursor_blink = False
        self.offered: Sequence[Offer] | None = None
        """The criteria of this engine; None as long as it was not asked."""
        self.values: Mapping[str, Sequence[str]] = {}
        """Known values by criterion."""
        self.completions: tuple[str, ...] = ()
        self.marked = 0
        """Which of the completions `tab` takes."""
        self.error: FilterError | None = None

    def open(self, value: str) -> None:
        """Show the field and write in it, at its end."""
        self.add_class("-open")
        self.value = value + (" " if value else "")
        self.cursor_position = len(self.value)
        self.focus()
        self.read()

    def close(self, *, accepted: bool) -> None:
        """Hide the field and tell how it was left."""
        self.remove_class("-open")
        self.post_message(self.Left(accepted=accepted))

    def read(self) -> None:
        """Find the error and the completions of what stands there."""
        from tui_migrate.operations.filter import FilterError, complete, parse_filter

        self.error = None
        try:
            parse_filter(self.value)
        except FilterError as error:
            self.error = error
        self.completions = complete(self.value, self.cursor_position, offered=self.offered, values=self.values)
        self.marked = 0
        self.post_message(self.Read())

    def watch_selection(self) -> None:
        """Read anew where the cursor stands now."""
        if self.has_class("-open"):
            self.read()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Read anew."""
        event.stop()
        self.read()

    def action_accept(self) -> None:
        """Apply it, or put the cursor on what is wrong."""
        self.read()
        if self.error is not None:
            self.cursor_position = min(self.error.position, len(self.value))
            self.app.bell()
            return
        self.close(accepted=True)

    def action_leave(self) -> None:
        """Leave the filter as it was."""
        self.close(accepted=False)

    def action_complete(self) -> None:
        """Put the marked completion in place of the word at the cursor."""
        from tui_migrate.operations.filter import word_start

        if not self.completions:
            return
        chosen = self.completions[self.marked]
        start, end = word_start(self.value, self.cursor_position), self.cursor_position
        self.value = self.value[:start] + chosen + self.value[end:]
        self.cursor_position = start + len(chosen)

    def action_next_completion(self) -> None:
        """Mark the next completion."""
        self._mark(1)

    def action_previous_completion(self) -> None:
        """Mark the completion before."""
        self._mark(-1)

    def _mark(self, by: int) -> None:
        if self.completions:
            self.marked = (self.marked + by) % len(self.completions)
            self.post_message(self.Read())
