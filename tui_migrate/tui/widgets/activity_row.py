"""What a row of the activity tree says, and where each part stands. No widget in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from rich.cells import cell_len

from tui_migrate.tui.cells import cut

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import Activity
    from tui_migrate.migration.advice.base import Severity
    from tui_migrate.tui.glyphs import Glyphs

Sign = Literal["mapped", "unmapped", "error", "none"]
Light = Literal["", "lit", "dim"]
Difference = Literal["", "added", "removed", "changed", "moved"]

MARKER_COLUMNS: Final = 3
"""The cursor's, the marker's and the advice's column; a click there opens the details."""


class RowFacts(Struct, frozen=True):
    """What a tree shows about one activity, apart from its name and kind."""

    sign: Sign = "none"
    advice: Severity | None = None
    """How bad the worst advice on it is."""
    instances: int = 0
    """Activity instances, as the engine's statistics count them."""
    waiting: int = 0
    """Tokens that the statistics don't count: at a join, before or after an asynchronous continuation."""
    incidents: int = 0
    difference: Difference = ""
    light: Light = ""
    """In mapping mode: whether the activity is a possible target."""
    stars: int = 0
    """In mapping mode: how good a target it is, 1 to 3."""


class Hidden(Struct, frozen=True):
    """What the rows under a closed node hold."""

    rows: int = 0
    unmapped: int = 0
    errors: int = 0
    advice: int = 0
    notes: int = 0
    instances: int = 0
    incidents: int = 0


class RowLayout(Struct, frozen=True):
    """Widths that all rows of one tree share, so that numbers stand below each other."""

    width: int
    counts: int = 0
    incidents: int = 0

    @property
    def right(self) -> int:
        """Cells that the numbers and the difference's sign take, with the blanks before them."""
        numbers = (self.counts + 1 if self.counts else 0) + (self.incidents + 1 if self.incidents else 0)
        return max(numbers + 2, 4)


def layout_for(width: int, counts: int, waiting: int, incidents: int) -> RowLayout:
    """Return the layout for a tree whose largest numbers are these."""
    digits = max(len(str(counts)) if counts else 0, len(str(waiting)) + 2 if waiting else 0)
    return RowLayout(width, digits, len(str(incidents)) + 1 if incidents else 0)


def row_pieces(
    activity: Activity,
    facts: RowFacts,
    layout: RowLayout,
    glyphs: Glyphs,
    *,
    depth: int,
    position: str,
    opened: bool | None,
    hidden: Hidden | None,
) -> list[tuple[str, str]]:
    """Return the pieces of a row, together exactly as wide as the layout.

    Args:
        activity: Whose row it is.
        facts: What is known about it.
        layout: The widths.
        glyphs: The set of characters.
        depth: How deep it stands.
        position: The character of the first column: cursor, counterpart, mark or blank.
        opened: Whether a scope's rows are shown; None for what can't be closed.
        hidden: What a closed node holds; None for all others.
    """
    dim = "dim" if facts.light == "dim" else ""
    # As few colours as tell the meaning: each change of colour costs some 40 bytes on the line, at every cursor key.
    marker, colour = _marker(facts, glyphs)
    advice, urgency = _advice(facts, glyphs)
    indent = " " * (2 * min(depth, 8))
    fold = " " if opened is None else (glyphs.opened if opened else glyphs.closed)
    room = layout.width - MARKER_COLUMNS - len(indent) - 3 - layout.right
    summary = _summary(hidden, glyphs) if hidden else []
    taken = sum(len(text) for text, _ in summary)
    if room - taken < 4:
        summary, taken = [], 0
    name = cut(activity.label, room - taken, glyphs.ellipsis)
    return [
        (position, dim or (colour if position == " " else "")),
        (marker, dim or colour),
        (advice, dim or urgency),
        (f"{indent}{fold}{glyphs.kind(activity)} {name}", dim),
        *summary,
        (" " * max(room - taken - cell_len(name), 0), dim),
        *_right(facts, hidden, layout, glyphs),
    ]


def _marker(facts: RowFacts, glyphs: Glyphs) -> tuple[str, str]:
    if facts.light == "lit":
        return glyphs.possible, "success"
    if facts.light == "dim":
        return glyphs.impossible, "dim"
    return {
        "mapped": (glyphs.mapped, "success"),
        "unmapped": (glyphs.unmapped, "warning"),
        "error": (glyphs.error, "error"),
        "none": (" ", ""),
    }[facts.sign]


def _advice(facts: RowFacts, glyphs: Glyphs) -> tuple[str, str]:
    """Return the sign of a danger, which stands out, or of a note, which does not."""
    if facts.advice is None or facts.light:
        return " ", ""
    if facts.advice == "note":
        return glyphs.note, ""
    return glyphs.advice, "error" if facts.sign == "error" else "warning"


def _summary(hidden: Hidden, glyphs: Glyphs) -> list[tuple[str, str]]:
    parts = [(f" ({hidden.rows})", "")]
    if hidden.unmapped:
        parts.append((f" {glyphs.unmapped}{hidden.unmapped}", "warning"))
    if hidden.errors:
        parts.append((f" {glyphs.error}{hidden.errors}", "error"))
    if hidden.advice:
        parts.append((f" {glyphs.advice}{hidden.advice}", "warning"))
    if hidden.notes:
        parts.append((f" {glyphs.note}{hidden.notes}", ""))
    return parts


def _right(facts: RowFacts, hidden: Hidden | None, layout: RowLayout, glyphs: Glyphs) -> list[tuple[str, str]]:
    dim = "dim" if facts.light == "dim" else ""
    pieces: list[tuple[str, str]] = []
    if layout.counts:
        count = str(facts.instances) if facts.instances else f"({facts.waiting})" if facts.waiting else ""
        pieces.append((count.rjust(layout.counts + 1), dim))
    if layout.incidents:
        incidents = facts.incidents + (hidden.incidents if hidden else 0)
        text = f"{glyphs.incident}{incidents}" if incidents else ""
        pieces.append((f" {text.rjust(layout.incidents)}", "error" if incidents and not dim else dim))
    if facts.stars:
        pieces.append((glyphs.star * min(facts.stars, 3), "accent"))
        return _right_stars(pieces, layout)
    sign = getattr(glyphs, facts.difference) if facts.difference else " "
    taken = sum(len(text) for text, _ in pieces)
    pieces.append((sign.rjust(layout.right - taken), dim))
    return pieces


def _right_stars(pieces: list[tuple[str, str]], layout: RowLayout) -> list[tuple[str, str]]:
    """Put the stars where numbers and the difference's sign stand otherwise."""
    stars, style = pieces[-1]
    return [(" " * (layout.right - 3), ""), (stars.rjust(3), style)]
