"""The frame of a result, of one run or of several: what it is, how far, numbers, what is asked, a list, its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual import on

from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_migrate.tui.widgets.line_list import Piece


class ResultFrame(BaseScreen):
    """Paragraphs around a list; a subclass makes the list and writes the paragraphs."""

    def compose(self) -> ComposeResult:
        """Header, run, bar, numbers, question, lines, details, keys."""
        yield HeaderLine()
        yield Paragraph(id="result-head")
        yield Paragraph(id="result-bar")
        yield Paragraph(id="result-numbers")
        yield Paragraph(id="result-question")
        with Pane():
            yield self.make_list()
        yield Paragraph(id="result-foot")
        yield KeyLine()

    def make_list(self) -> LineList:
        """Return the list in the middle."""
        raise NotImplementedError

    def write(self, part: Literal["head", "bar", "numbers", "question", "foot"], pieces: Sequence[Piece]) -> None:
        """Write one of the paragraphs."""
        self.query_one(f"#result-{part}", Paragraph).show(pieces)

    @property
    def text_width(self) -> int:
        """Cells in a line of a paragraph."""
        return max(self.size.width - 2, 20)

    def show_foot(self) -> None:
        """Show the line under the cursor whole."""

    def open_line(self) -> None:
        """Open the line under the cursor; a second click on it does."""

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.show_foot()

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        if event.again:
            self.open_line()
