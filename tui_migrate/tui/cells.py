"""Foreign text cut and filled to a number of terminal cells."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from tui_migrate.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SELECTORS = dict.fromkeys((*range(65024, 65040), 8205))
# Variation selectors make some terminals draw the character before them wider than Rich counts it.


def shown(value: str | None, limit: int = 10_000) -> str:
    """Return foreign text as it may be shown: harmless, on one line, without what makes its width uncertain."""
    return safe(value, limit=limit).translate(_SELECTORS)


@lru_cache(maxsize=8192)
def fit(value: str, width: int, ellipsis: str = "…") -> str:
    """Return foreign text as exactly `width` cells: cut with an ellipsis, or filled with blanks."""
    if width <= 0:
        return ""
    text = shown(value, limit=max(4 * width, 64))
    size = cell_len(text)
    if size <= width:
        return text + " " * (width - size)
    if width <= len(ellipsis):
        return ellipsis[:width]
    return set_cell_size(set_cell_size(text, width - len(ellipsis)).rstrip() + ellipsis, width)


def cut(value: str, width: int, ellipsis: str = "…") -> str:
    """Return foreign text in at most `width` cells."""
    return fit(value, width, ellipsis).rstrip()


def flow(
    sentences: Sequence[tuple[str, str]], width: int, height: int, ellipsis: str = "…"
) -> list[list[tuple[str, str]]]:
    """Break styled sentences at blanks into one paragraph.

    Args:
        sentences: Text that has been made harmless, with the name of its style each.
        width: Cells of a line, at least 1.
        height: The most lines; what does not fit is cut with an ellipsis.
        ellipsis: What stands for what was cut.

    Returns:
        Lines of pieces, each line at most `width` cells.
    """
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for position, (text, style) in enumerate(sentences):
        for number, word in enumerate(_words(text, width)):
            gap = 0 if not used else 2 if number == 0 and position else 1
            size = cell_len(word)
            if used + gap + size > width:
                if len(lines) == height:
                    return [*lines[:-1], _ended(lines[-1], width, ellipsis)]
                lines.append([])
                gap = used = 0
            _append(lines[-1], " " * gap + word, style)
            used += gap + size
    return lines


def _words(text: str, width: int) -> Iterator[str]:
    """Yield the words of a sentence, those longer than a line in parts."""
    for word in text.split():
        rest = word
        while cell_len(rest) > width:
            head = set_cell_size(rest, width).rstrip()
            # A character of two cells has no place in a line of one.
            yield head or "…"
            rest = rest[max(len(head), 1) :]
        if rest:
            yield rest


def _append(line: list[tuple[str, str]], text: str, style: str) -> None:
    if line and line[-1][1] == style:
        line[-1] = (line[-1][0] + text, style)
    else:
        line.append((text, style))


def _ended(line: list[tuple[str, str]], width: int, ellipsis: str) -> list[tuple[str, str]]:
    """Return a line with an ellipsis at its end, cut where there is no room for one."""
    if not line:
        return [(ellipsis[:width], "")]
    before = sum(cell_len(text) for text, _ in line[:-1])
    text, style = line[-1]
    room = max(width - before - len(ellipsis), 0)
    kept = text if cell_len(text) <= room else set_cell_size(text, room)
    return [*line[:-1], (kept.rstrip() + ellipsis, style)]
