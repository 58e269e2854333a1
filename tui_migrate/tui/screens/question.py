"""A question with two answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from tui_migrate.text import safe
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget


class QuestionModal(BaseModal[bool]):
    """Asks before something is lost or done; only the key `y` agrees.

    Args:
        title: The question in few words.
        sentences: What there is to know; foreign text in them is made harmless.
        yes: The word beside `y`.
        no: The word beside `n`.
    """

    BINDINGS = bindings("question")
    SCOPES: ClassVar[tuple[str, ...]] = ("question",)

    def __init__(self, title: str, sentences: Sequence[str], *, yes: str, no: str) -> None:
        super().__init__(title)
        self.sentences = tuple(sentences)
        self.words = (yes, no)

    def body(self) -> Iterable[Widget]:
        """Return the sentences, one to a paragraph."""
        for sentence in self.sentences:
            yield Static(safe(sentence, limit=2000), markup=False)

    def refresh_hints(self) -> None:
        """Show the two answers with their own words."""
        yes, no = self.words
        hints = (("y", yes, "screen.accept"), ("n", no, "screen.close"))
        self.query_one(KeyLine).hints = hints

    def action_accept(self) -> None:
        """Agree."""
        self.dismiss(True)

    def action_close(self) -> None:
        """Disagree."""
        self.dismiss(False)
