"""With a filter and nothing selected: which instances are meant? There is no default."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual.widgets import Static

from tui_migrate.text import safe
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tui_migrate.tui.state import AppState

Answer = Literal["filtered", "all"]


def undecided(state: AppState) -> bool:
    """Return whether it is open which instances are meant."""
    selection, shown = state.selection, state.filter
    nothing = selection is None or selection.mode == "nothing"
    return nothing and shown is not None and not shown.is_empty and not state.all_meant


def take_answer(state: AppState, answer: Answer) -> None:
    """Take note of which instances are meant."""
    from tui_migrate.operations.filter import InstanceFilter
    from tui_migrate.operations.selection import Selection

    if answer == "all":
        state.all_meant = True
        return
    selection = state.selection or Selection()
    selection.select_all_matching(state.filter or InstanceFilter())
    state.selection = selection


class ScopeQuestion(BaseModal[Answer]):
    """Ends with which instances are meant, or None.

    Args:
        filter_text: The filter.
        matching: How many it matches; None where it was not asked.
        running: How many run on the version.
    """

    BINDINGS = bindings("scope-choice")
    SCOPES: ClassVar[tuple[str, ...]] = ("scope-choice", "dialog")

    def __init__(self, filter_text: str, matching: int | None, running: int) -> None:
        super().__init__("Which instances?")
        self.filter_text = filter_text
        self.matching = matching
        self.running = running

    def body(self) -> Iterable[Widget]:
        """Return the question."""
        yield Static("Nothing is selected, and the list shows only what this filter matches:", markup=False)
        yield Static(f"  {safe(self.filter_text, limit=500)}", markup=False)

    def refresh_hints(self) -> None:
        """Show the answers with their numbers."""
        some = "those in the filter" if self.matching is None else f"the {self.matching} in the filter"
        self.query_one(KeyLine).hints = (
            ("f", some, "screen.choose('filtered')"),
            ("a", f"all {self.running} of the version", "screen.choose('all')"),
            ("esc", "neither", "screen.close"),
        )

    def action_choose(self, answer: Answer) -> None:
        """End with an answer."""
        self.dismiss(answer)

    def action_accept(self) -> None:
        """There is no default: one of the two keys decides."""
        self.app.bell()
