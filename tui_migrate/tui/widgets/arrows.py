"""Arrows between two lists of rows, drawn as lines that merge into the right characters where they meet or cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_migrate.tui.glyphs import Glyphs

_NORTH, _EAST, _SOUTH, _WEST = range(4)

_LINES = " ╶╺╷┌┍╻┎┏╴─╼┐┬┮┒┰┲╸╾━┑┭┯┓┱┳╵└┕│├┝╽┟┢┘┴┶┤┼┾┧╁╆┙┵┷┥┽┿┪╅╈╹┖┗╿┞┡┃┠┣┚┸┺┦╀╄┨╂╊┛┹┻┩╃╇┫╉╋"
"""By `27 * north + 9 * west + 3 * south + east`; each arm is 0 none, 1 light, 2 heavy."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow from a row of the left list to a row of the right one, both counted from the first row on screen."""

    source: int
    target: int
    error: bool = False


@dataclass(slots=True)
class _Cell:
    arms: list[int]
    error: bool = False
    head: bool = False
    off: int = 0


def character(north: int, east: int, south: int, west: int) -> str:
    """Return the box-drawing character with these arms; each is 0 for none, 1 for light, 2 for heavy."""
    return _LINES[27 * north + 9 * west + 3 * south + east]


def draw(
    arrows: Sequence[Arrow], width: int, height: int, glyphs: Glyphs, *, heads: bool = False
) -> list[list[tuple[str, str]]]:
    """Draw arrows into a grid.

    An arrow whose end is off the screen runs to the edge and ends in a sign that says where it goes on. Errors are
    heavy lines, so that they can be told without colour.

    Args:
        arrows: What to draw; rows outside `0 <= row < height` are off the screen.
        width: Columns, at least 3.
        height: Rows.
        glyphs: The set of characters.
        heads: Whether arrows end in a head.

    Returns:
        By row and column a character and `"error"`, `"success"` or "".
    """
    grid = [[_Cell([0, 0, 0, 0]) for _ in range(width)] for _ in range(height)]
    lanes = _lanes(arrows, width, height)
    for arrow in sorted(arrows, key=lambda one: one.error):
        _trace(grid, arrow, lanes.get(arrow, width // 2), width, height, heads)
    return [[_shown(cell, glyphs) for cell in row] for row in grid]


def _lanes(arrows: Iterable[Arrow], width: int, height: int) -> dict[Arrow, int]:
    """Give each arrow that changes its row a column, as far as possible one that no other uses on the same rows."""
    bent = [arrow for arrow in arrows if arrow.source != arrow.target and _touches(arrow, height)]
    bent.sort(key=lambda arrow: (abs(arrow.source - arrow.target), arrow.source, arrow.target))
    columns = list(range(1, width - 1)) or [width // 2]
    columns.sort(key=lambda column: abs(2 * column - width + 1))
    taken: dict[int, list[Arrow]] = {column: [] for column in columns}
    lanes: dict[Arrow, int] = {}
    for arrow in bent:
        lane = next((column for column in columns if not any(_clash(arrow, one) for one in taken[column])), None)
        if lane is None:
            lane = min(columns, key=lambda column: len(taken[column]))
        taken[lane].append(arrow)
        lanes[arrow] = lane
    return lanes


def _clash(one: Arrow, other: Arrow) -> bool:
    """Whether two arrows in one column would run together; those to the same target may."""
    if one.target == other.target:
        return False
    low, high = sorted((one.source, one.target))
    other_low, other_high = sorted((other.source, other.target))
    return low <= other_high and other_low <= high


def _touches(arrow: Arrow, height: int) -> bool:
    """Whether any part of an arrow is on the screen."""
    low, high = sorted((arrow.source, arrow.target))
    return 0 <= low < height or 0 <= high < height


def _trace(grid: list[list[_Cell]], arrow: Arrow, lane: int, width: int, height: int, heads: bool) -> None:
    if not _touches(arrow, height):
        return
    weight = 2 if arrow.error else 1
    if 0 <= arrow.source < height:
        _across(grid[arrow.source], 0, lane, weight, arrow.error, from_edge=True)
    if 0 <= arrow.target < height:
        _across(grid[arrow.target], lane, width - 1, weight, arrow.error, from_edge=False)
        grid[arrow.target][width - 1].head |= heads
    low, high = sorted((arrow.source, arrow.target))
    for row in range(max(low, 0), min(high, height - 1) + 1):
        cell = grid[row][lane]
        if row > low:
            cell.arms[_NORTH] = max(cell.arms[_NORTH], weight)
        if row < high:
            cell.arms[_SOUTH] = max(cell.arms[_SOUTH], weight)
        cell.error |= arrow.error
    if low < 0:
        grid[0][lane].off = -1
    if high >= height:
        grid[height - 1][lane].off = 1


def _across(row: list[_Cell], start: int, end: int, weight: int, error: bool, *, from_edge: bool) -> None:
    """Draw a line along a row; it starts at the left edge, or ends at the right one."""
    for column in range(start, end + 1):
        cell = row[column]
        if from_edge or column > start:
            cell.arms[_WEST] = max(cell.arms[_WEST], weight)
        if not from_edge or column < end:
            cell.arms[_EAST] = max(cell.arms[_EAST], weight)
        cell.error |= error


def _shown(cell: _Cell, glyphs: Glyphs) -> tuple[str, str]:
    if not any(cell.arms):
        return " ", ""
    colour = "error" if cell.error else "success"
    if cell.off:
        return (glyphs.off_top if cell.off < 0 else glyphs.off_bottom), colour
    if cell.head:
        return glyphs.head, colour
    return (_ascii(cell) if glyphs.ascii else character(*cell.arms)), colour


def _ascii(cell: _Cell) -> str:
    upright = bool(cell.arms[_NORTH] or cell.arms[_SOUTH])
    across = bool(cell.arms[_WEST] or cell.arms[_EAST])
    if upright and across:
        return "#" if max(cell.arms) > 1 else "+"
    if upright:
        return "H" if max(cell.arms) > 1 else "|"
    return "=" if max(cell.arms) > 1 else "-"
