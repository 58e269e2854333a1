"""Arrows between two lists of rows, drawn as lines that merge into the right characters where they meet or cross.

A few columns can't hold many lines. An arrow that finds no column of its own gets a letter at both its ends, and one
whose other end is off the screen a sign that says where that is, so that every arrow can be followed.
"""

from __future__ import annotations

import string
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_migrate.tui.glyphs import Glyphs

_NORTH, _EAST, _SOUTH, _WEST = range(4)

_LINES: Final = " ╶╺╷┌┍╻┎┏╴─╼┐┬┮┒┰┲╸╾━┑┭┯┓┱┳╵└┕│├┝╽┟┢┘┴┶┤┼┾┧╁╆┙┵┷┥┽┿┪╅╈╹┖┗╿┞┡┃┠┣┚┸┺┦╀╄┨╂╊┛┹┻┩╃╇┫╉╋"
"""By `27 * north + 9 * west + 3 * south + east`; each arm is 0 none, 1 light, 2 heavy."""

_LETTERS: Final = string.ascii_lowercase + string.ascii_uppercase
_CONFLICT: Final = 6.0
"""What it costs to run together with another arrow; an arrow that would has to do with letters."""


class Arrow(Struct, frozen=True):
    """One arrow from a row of the left list to a row of the right one, both counted from the first row on screen."""

    source: int
    target: int
    error: bool = False


class _Cell(Struct):
    arms: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    error: bool = False
    sign: str = ""


_Grid = list[list[_Cell]]


def character(north: int, east: int, south: int, west: int) -> str:
    """Return the box-drawing character with these arms; each is 0 for none, 1 for light, 2 for heavy."""
    return _LINES[27 * north + 9 * west + 3 * south + east]


def draw(
    arrows: Sequence[Arrow], width: int, height: int, glyphs: Glyphs, *, heads: bool = False
) -> list[list[tuple[str, str]]]:
    """Draw arrows into a grid.

    Errors are heavy lines, so that they can be told without colour.

    Args:
        arrows: What to draw; rows outside `0 <= row < height` are off the screen.
        width: Columns, at least 3.
        height: Rows.
        glyphs: The set of characters.
        heads: Whether arrows end in a head.

    Returns:
        By row and column a character and `"error"`, `"success"` or "".
    """
    grid = [[_Cell() for _ in range(width)] for _ in range(height)]
    both = [one for one in arrows if 0 <= one.source < height and 0 <= one.target < height]
    lanes = _lanes([one for one in both if one.source != one.target], width)
    for arrow in sorted(both, key=lambda one: one.error):
        if arrow.source == arrow.target:
            _across(grid[arrow.source], -1, width, arrow)
        elif arrow in lanes:
            _bent(grid, arrow, lanes[arrow])
    lettered = [one for one in both if one.source != one.target and one not in lanes]
    for number, arrow in enumerate(sorted(lettered, key=lambda one: (one.source, one.target))):
        letter = _LETTERS[number % len(_LETTERS)]
        _stub(grid[arrow.source][0], letter, arrow)
        _stub(grid[arrow.target][width - 1], letter, arrow)
    for arrow in arrows:
        if arrow not in both:
            _off_screen(grid, arrow, glyphs)
    if heads:
        for arrow in both:
            _stub(grid[arrow.target][width - 1], glyphs.head, arrow)
    return [[_shown(cell, glyphs) for cell in row] for row in grid]


def _lanes(bent: Sequence[Arrow], width: int) -> dict[Arrow, int]:
    """Give the arrows that change their row a column each in which they run up or down, as far as there are any.

    Where one arrow starts in a row in which another ends, the first must turn left of the second, or both would look
    like one straight arrow.
    """
    starts = {arrow.source: arrow for arrow in bent}
    ends: defaultdict[int, list[Arrow]] = defaultdict(list)
    for arrow in bent:
        ends[arrow.target].append(arrow)
    left = {arrow: _chain(arrow, lambda one: [starts[one.target]] if one.target in starts else []) for arrow in bent}
    right = {arrow: _chain(arrow, lambda one: ends[one.source]) for arrow in bent}
    lanes: dict[Arrow, int] = {}
    for arrow in sorted(bent, key=lambda one: (abs(one.source - one.target), -left[one] - right[one], one.source)):
        costs = {lane: _cost(arrow, lane, lanes, left[arrow], right[arrow], width) for lane in range(1, width - 1)}
        lane = min(costs, key=lambda one: costs[one])
        if costs[lane] < _CONFLICT:
            lanes[arrow] = lane
    return lanes


def _chain(arrow: Arrow, following: Callable[[Arrow], list[Arrow]]) -> int:
    """Return how many arrows, one after the other, should stand on one side of this one; circles are cut."""
    seen = {arrow}
    length = 0
    level = [arrow]
    while level:
        level = [one for before in level for one in following(before) if one not in seen]
        seen.update(level)
        length += bool(level)
    return length


def _cost(arrow: Arrow, lane: int, lanes: Mapping[Arrow, int], left: int, right: int, width: int) -> float:
    """Return how badly a column suits an arrow beside those that have theirs; `_CONFLICT` or more is not at all."""
    cost = abs(2 * lane - width + 1) / (4 * width)
    cost += min(max(left + 1 - lane, 0) + max(lane - (width - 2 - right), 0), 8) * 0.5
    for other, taken in lanes.items():
        together = lane == taken and _clash(arrow, other)
        ends_where_this_starts = other.target == arrow.source and lane >= taken
        starts_where_this_ends = other.source == arrow.target and taken >= lane
        if together or ends_where_this_starts or starts_where_this_ends:
            cost += _CONFLICT
    return cost


def _clash(one: Arrow, other: Arrow) -> bool:
    """Whether two arrows in one column would run together; those to the same target may."""
    if one.target == other.target:
        return False
    low, high = sorted((one.source, one.target))
    other_low, other_high = sorted((other.source, other.target))
    return low <= other_high and other_low <= high


def _bent(grid: _Grid, arrow: Arrow, lane: int) -> None:
    """Draw an arrow along its first row, up or down its column, and along its last row."""
    weight = 2 if arrow.error else 1
    _across(grid[arrow.source], -1, lane, arrow)
    _across(grid[arrow.target], lane, len(grid[0]), arrow)
    low, high = sorted((arrow.source, arrow.target))
    for row in range(low, high + 1):
        cell = grid[row][lane]
        if row > low:
            cell.arms[_NORTH] = max(cell.arms[_NORTH], weight)
        if row < high:
            cell.arms[_SOUTH] = max(cell.arms[_SOUTH], weight)
        cell.error |= arrow.error


def _across(row: list[_Cell], start: int, end: int, arrow: Arrow) -> None:
    """Draw a line along a row from the middle of one column to that of another; -1 and the width are the edges."""
    weight = 2 if arrow.error else 1
    for column in range(max(start, 0), min(end, len(row) - 1) + 1):
        cell = row[column]
        if column > start:
            cell.arms[_WEST] = max(cell.arms[_WEST], weight)
        if column < end:
            cell.arms[_EAST] = max(cell.arms[_EAST], weight)
        cell.error |= arrow.error


def _off_screen(grid: _Grid, arrow: Arrow, glyphs: Glyphs) -> None:
    """Draw the end that is on the screen with a sign that says where the other one is."""
    height, width = len(grid), len(grid[0]) if grid else 0
    if 0 <= arrow.source < height:
        _stub(grid[arrow.source][0], glyphs.off_top if arrow.target < 0 else glyphs.off_bottom, arrow)
    if 0 <= arrow.target < height:
        _stub(grid[arrow.target][width - 1], glyphs.off_top if arrow.source < 0 else glyphs.off_bottom, arrow)


def _stub(cell: _Cell, sign: str, arrow: Arrow) -> None:
    cell.sign = sign
    cell.error |= arrow.error


def _shown(cell: _Cell, glyphs: Glyphs) -> tuple[str, str]:
    colour = "error" if cell.error else "success"
    if cell.sign:
        return cell.sign, colour
    if not any(cell.arms):
        return " ", ""
    return (_ascii(cell) if glyphs.ascii else character(*cell.arms)), colour


def _ascii(cell: _Cell) -> str:
    upright = bool(cell.arms[_NORTH] or cell.arms[_SOUTH])
    across = bool(cell.arms[_WEST] or cell.arms[_EAST])
    heavy = max(cell.arms) > 1
    if upright and across:
        return "#" if heavy else "+"
    if upright:
        return "H" if heavy else "|"
    return "=" if heavy else "-"
