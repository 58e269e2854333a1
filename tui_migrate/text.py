"""Text from outside (engine, file, user) made safe to show: never markup, never escape codes, cut to fit.

Every screen and every table passes foreign text through here. It removes what a terminal would obey (C0 and C1
controls, ANSI escapes), what would break a line, and what would reorder its neighbours (bidirectional controls).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REPLACEMENT = "\ufffd"
_LONGEST = 10_000


def safe(value: str | None, *, limit: int = _LONGEST) -> str:
    """Return `value` on one line with everything that a terminal obeys made harmless.

    Args:
        value: Any text; None gives an empty string.
        limit: The most characters that are looked at; the rest is replaced by an ellipsis.

    Returns:
        Printable text without line breaks. White space becomes one blank, other controls become U+FFFD.
    """
    if not value:
        return ""
    if value.isascii() and value.isprintable() and len(value) <= limit:
        return value
    return _safe(value, limit)


@lru_cache(maxsize=4096)
def _safe(value: str, limit: int) -> str:
    cut = value[:limit]
    text = "".join(_harmless(character) for character in cut)
    return text + "…" if len(value) > limit else text


def _harmless(character: str) -> str:
    if character.isprintable() and character not in _BIDIRECTIONAL:
        return character
    if character.isspace():
        return " "
    if character in _BIDIRECTIONAL or unicodedata.category(character) == "Cf":
        return ""
    return _REPLACEMENT


def safe_lines(value: str | None, *, limit: int = 100_000) -> list[str]:
    """Return the lines of `value`, each made harmless; a tab becomes two blanks (engine messages indent by tabs)."""
    if not value:
        return []
    return [safe(line.replace("\t", "  ")) for line in value[:limit].splitlines()]


def shorten_id(value: str, width: int = 14) -> str:
    """Return an id cut in its middle to `width` characters: the key in front and the last characters tell ids apart."""
    text = safe(value)
    if len(text) <= width:
        return text
    tail = min(4, max(1, width // 3))
    return f"{text[: width - tail - 1]}…{text[-tail:]}"
