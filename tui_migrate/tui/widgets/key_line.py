"""The last line of every screen: the keys that matter now; each can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style

from tui_migrate.tui.widgets.kept import Kept

if TYPE_CHECKING:
    from textual.app import RenderResult

KeyHint = tuple[str, str, str]
"""Key as written, word, and the action that a click runs (with its namespace, such as `screen.map`)."""


class KeyLine(Kept):
    """Keys and words in one line; what does not fit is left out from the right, never cut in its middle."""

    DEFAULT_CSS = """
    KeyLine { width: 100%; height: 1; background: $panel; }
    """

    auto_links = False

    hints: reactive[tuple[KeyHint, ...]] = reactive((), init=False)

    def render(self) -> RenderResult:
        """Draw as many hints as fit; the last one always does."""
        if not self.hints:
            return Content("")
        last = self._hint(self.hints[-1])
        line = Content(" ")
        for hint in self.hints[:-1]:
            part = self._hint(hint)
            if line.cell_length + part.cell_length + last.cell_length > self.size.width:
                break
            line = line + part
        return line + last

    @staticmethod
    def _hint(hint: KeyHint) -> Content:
        key, word, action = hint
        text = Content.assemble((key, "bold $primary"), f" {word}")
        return text.stylize(Style.from_meta({"@click": action})) + Content("  ")
