"""Help: the keys of the screen in front, and what the signs mean. Made from the registry, never by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui_migrate.tui.bindings import bindings, scope
from tui_migrate.tui.cells import flow
from tui_migrate.tui.glyphs import KIND_WORDS
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui_migrate.tui.glyphs import Glyphs


class TextLines(LineList):
    """Lines of pieces that can be scrolled through."""

    def __init__(self, lines: Sequence[Sequence[Piece]]) -> None:
        super().__init__()
        self.lines_shown = list(lines)
        self.can_focus = True

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self.lines_shown)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return a line."""
        return self.lines_shown[row]

    def row_class(self, row: int) -> str:
        """Return no colour of a whole row: there is no cursor to be seen."""
        return ""

    def action_cursor_down(self) -> None:
        """Scroll by some lines."""
        self.wheel(3)

    def action_cursor_up(self) -> None:
        """Scroll by some lines."""
        self.wheel(-3)

    def action_page_down(self) -> None:
        """Scroll by a page."""
        self.wheel(self.page - 1)

    def action_page_up(self) -> None:
        """Scroll by a page."""
        self.wheel(1 - self.page)


_WIDTH = 74
_KEYS_WIDTH = 13


class HelpModal(BaseModal[None]):
    """The help.

    Args:
        scopes: Names of the scopes that hold on the screen in front.
        glyphs: The set of characters to explain.
    """

    BINDINGS = bindings("help")
    SCOPES: ClassVar[tuple[str, ...]] = ("help",)
    DEFAULT_CSS = """
    HelpModal > .dialog { width: 78; height: 100%; }
    """

    def __init__(self, scopes: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__("Help")
        self.scopes = tuple(scopes)
        self.shown_glyphs = glyphs

    def body(self) -> Iterable[Widget]:
        """Return the lines."""
        yield TextLines(list(self._lines()))

    def hints(self) -> Iterable[str]:
        """Return the keys of the help itself."""
        return ("list-page-down", "help-close")

    def refresh_hints(self) -> None:
        """Show how to scroll and to close."""
        from tui_migrate.tui.widgets.key_line import KeyLine

        self.query_one(KeyLine).hints = (("pgdn", "more", "screen.more"), ("esc", "close", "screen.close"))

    def action_more(self) -> None:
        """Scroll by a page."""
        self.query_one(TextLines).action_page_down()

    def _lines(self) -> Iterable[list[Piece]]:
        for name in (*self.scopes, "list", "everywhere"):
            entry = scope(name)
            yield [(entry.title, "strong")]
            for key in entry.keys:
                shown = self._displays(key.id) if key.keys else f"{self.app.key_text_of('app-palette')} …"
                yield from self._key_lines(shown, key.description)
            yield []
        if "plan" in self.scopes:
            yield from self._legend()

    @staticmethod
    def _key_lines(keys: str, description: str) -> Iterable[list[Piece]]:
        """Yield a key and what it does; long ones take more than one line."""
        heads = flow([(keys, "accent")], _KEYS_WIDTH, 3)
        texts = flow([(description, "")], _WIDTH - _KEYS_WIDTH - 3, 3)
        for row in range(max(len(heads), len(texts))):
            head = "".join(text for text, _ in heads[row]) if row < len(heads) else ""
            yield [(f"  {head:<{_KEYS_WIDTH}} ", "accent"), *(texts[row] if row < len(texts) else [])]

    def _displays(self, binding_id: str) -> str:
        from tui_migrate.tui.bindings import key_of
        from tui_migrate.tui.keys.key import readable

        own = self.app.options.keymap.get(binding_id)
        text = " ".join(readable(name) for name in own.split(",")) if own else key_of(binding_id).all_displays
        if self.shown_glyphs.ascii:
            for arrow, word in (("←", "left"), ("→", "right"), ("↑", "up"), ("↓", "down")):
                text = text.replace(arrow, word)
        return text

    def _legend(self) -> Iterable[list[Piece]]:
        glyphs = self.shown_glyphs
        yield [("Signs", "strong")]
        for sign, style, words in (
            (glyphs.mapped, "success", "mapped"),
            (glyphs.unmapped, "warning", "has running instances and no mapping: they would fail"),
            (glyphs.error, "error", "the mapping is in error: the engine refuses the plan"),
            (glyphs.advice, "warning", "valid, but dangerous: read the advice, it may break instances"),
            (glyphs.note, "", "valid, and something to know about it"),
            (glyphs.incident, "error", "open incidents"),
            ("(3)", "", "3 tokens wait where the engine's statistics don't count them"),
            (glyphs.added, "accent", "only in the target"),
            (glyphs.removed, "accent", "only in the source"),
            (glyphs.changed, "accent", "differs between the versions"),
            (glyphs.moved, "accent", "moved to another scope"),
            (glyphs.cursor, "", "cursor"),
            (glyphs.counterpart, "", "counterpart of the cursor on the other side"),
            (glyphs.marked, "", "marked by space"),
            (glyphs.possible, "success", "possible target while mapping"),
            (glyphs.impossible, "dim", "not possible; a look at it says why"),
        ):
            yield [(f"  {sign:<14}", style), (words, "")]
        yield []
        yield [("Kinds", "strong")]
        for kind, words in KIND_WORDS.items():
            yield [(f"  {glyphs.kinds[kind]:<14}", "accent"), (words, "")]
