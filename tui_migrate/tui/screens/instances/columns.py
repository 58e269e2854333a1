"""The columns of the instance list: which there are, how wide each is, what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from rich.cells import cell_len

from tui_migrate.text import shorten_id
from tui_migrate.tui.cells import cut, fit, shown
from tui_migrate.tui.screens.instances.words import verdict_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.operations.instances import InstanceRow
    from tui_migrate.operations.rehearse import RehearsalVerdict
    from tui_migrate.operations.selection import RowState
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.line_list import Piece


class Column(Struct, frozen=True):
    """One column."""

    name: str
    title: str
    width: int
    """Cells that it needs."""
    share: int = 0
    """Its share of the cells that are left over."""
    most: int = 999


COLUMNS: Final = (
    Column("bk", "business key", 13, 2, 40),
    Column("id", "id", 14, 1, 36),
    Column("started", "started", 11, 0),
    Column("state", "state", 9, 0),
    Column("at", "at", 20, 4),
    Column("incidents", "⚑", 3, 0),
    Column("verdict", "verdict", 15, 2, 40),
)
BY_NAME: Final[Mapping[str, Column]] = {column.name: column for column in COLUMNS}
USUAL: Final = ("bk", "started", "at", "incidents", "verdict")
WIDE: Final = ("bk", "id", "started", "state", "at", "incidents", "verdict")
WIDE_FROM: Final = 110
"""Cells from which all columns are shown."""
_TICK: Final = 6


def columns_for(width: int, chosen: Sequence[str] | None) -> tuple[Column, ...]:
    """Return the columns to show."""
    names = chosen if chosen is not None else (WIDE if width >= WIDE_FROM else USUAL)
    return tuple(column for column in COLUMNS if column.name in names)


def widths(columns: Sequence[Column], width: int) -> list[int]:
    """Return the cells of each column, with one blank between two of them."""
    room = width - _TICK - len(columns)
    need = sum(column.width for column in columns)
    spare = room - need
    if spare <= 0:
        return [max(3, column.width + (spare if column.name == "at" else 0)) for column in columns]
    shares = sum(column.share for column in columns) or 1
    found = [min(column.width + spare * column.share // shares, column.most) for column in columns]
    widest = max(range(len(columns)), key=lambda place: columns[place].share) if columns else 0
    if columns:
        found[widest] += room - sum(found)
    return found


def heading(columns: Sequence[Column], width: int, glyphs: Glyphs) -> str:
    """Return the line above the list."""
    parts = [" " * _TICK]
    for column, cells in zip(columns, widths(columns, width), strict=True):
        title = glyphs.incident if column.name == "incidents" else column.title
        parts.append(fit(title, cells, glyphs.ellipsis) + " ")
    return "".join(parts)


class RowDrawer(Struct):
    """Draws rows of instances."""

    glyphs: Glyphs
    model: ProcessModel
    columns: tuple[Column, ...]
    width: int
    cells: list[int]

    def pieces(self, row: InstanceRow, state: RowState, rehearsed: RehearsalVerdict | None) -> list[Piece]:
        """Return what a row says."""
        glyphs = self.glyphs
        tick = {"selected": glyphs.ticked, "not selected": glyphs.unticked, "unknown": "[?]"}[state]
        found: list[Piece] = [(f" {tick}  "[:_TICK].ljust(_TICK), "strong" if state == "selected" else "dim")]
        for column, cells in zip(self.columns, self.cells, strict=True):
            text, style = self._cell(column.name, row, rehearsed, cells)
            found.append((fit(text, cells, glyphs.ellipsis) + " ", style))
        return found

    def _cell(self, name: str, row: InstanceRow, rehearsed: RehearsalVerdict | None, cells: int) -> Piece:
        if name == "bk":
            if row.business_key:
                return row.business_key, ""
            return ("" if any(one.name == "id" for one in self.columns) else shorten_id(row.id, cells)), "dim"
        if name == "id":
            return (row.id if cells >= 36 else shorten_id(row.id, cells)), "dim"
        if name == "started":
            return (row.started.astimezone().strftime("%m-%d %H:%M") if row.started else ""), ""
        if name == "state":
            return ("suspended", "warning") if row.suspended else ("active", "dim")
        if name == "incidents":
            return self._incidents(row), "error"
        if name == "verdict":
            return verdict_words(row.forecast, rehearsed, self.glyphs)
        return self._at(row, cells)

    @staticmethod
    def _incidents(row: InstanceRow) -> str:
        if not row.incidents:
            return ""
        return str(row.incidents) if row.incidents_counted else "1+"

    def _at(self, row: InstanceRow, cells: int) -> Piece:
        """One activity whole, one at fault first, and the number of the others behind it."""
        if row.forecast is None:
            return self.glyphs.ellipsis, "dim"
        if not row.placed:
            return "? see details", "dim"
        at_fault = {failure.activity_id for failure in row.forecast.failures}
        places = sorted(dict.fromkeys(row.activities), key=lambda one: one not in at_fault)
        names = [self._name(one, waiting=one in row.waiting) for one in places]
        if row.suspended and not any(column.name == "state" for column in self.columns):
            names = [f"{names[0]} (susp.)", *names[1:]] if names else ["suspended"]
        if not names:
            return "", ""
        more = f" +{len(names) - 1}" if len(names) > 1 else ""
        return cut(names[0], cells - cell_len(more), self.glyphs.ellipsis) + more, ""

    def _name(self, activity_id: str, *, waiting: bool) -> str:
        activity = self.model.get(activity_id)
        name = shown(activity.label if activity is not None else activity_id, 60)
        return f"{name} (waiting)" if waiting else name
