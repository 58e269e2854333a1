"""The plan as a table: what is mapped to what, how it came to be mapped, what is dangerous or wrong about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.tui.cells import cut, fit, shown
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_migrate.migration.advise import Advice
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.glyphs import Glyphs

_ORIGINS = {"generated": "generated", "manual": "by hand", "suggested": "suggested", "imported": "imported"}


class PlanRow(Struct, frozen=True):
    """One instruction, or an activity with instances and none."""

    sign: str
    style: str
    source: str
    source_id: str
    target: str
    target_id: str
    note: str


def plan_rows(plan: OpenPlan, glyphs: Glyphs) -> tuple[PlanRow, ...]:
    """Return what is wrong first, then what waits without a mapping, then the mappings in the source's order."""
    rows = [*_unmapped(plan, glyphs), *_mapped(plan, glyphs)]
    order = {"error": 0, "warning": 1}
    return tuple(sorted(rows, key=lambda row: order.get(row.style, 2) if row.sign != glyphs.advice else 2))


def _unmapped(plan: OpenPlan, glyphs: Glyphs) -> Iterator[PlanRow]:
    for activity in plan.source_model.activities.values():
        waiting = plan.counts.tokens(activity.id)
        if waiting and plan.draft.target_of(activity.id) is None and not plan.draft.failures_of(activity.id):
            note = f"not mapped, {waiting} wait here"
            yield PlanRow(glyphs.unmapped, "warning", activity.label, activity.id, "", "", note)


def _mapped(plan: OpenPlan, glyphs: Glyphs) -> Iterator[PlanRow]:
    advice: dict[str | None, Advice] = {}
    for one in plan.advice():
        if one.severity == "danger" or one.source_id not in advice:
            advice[one.source_id] = one
    for instruction in plan.draft.instructions:
        source_id, target_id = instruction.source_activity_id or "", instruction.target_activity_id or ""
        source, target = plan.source_model.get(source_id), plan.target_model.get(target_id)
        failures = plan.draft.failures_of(source_id)
        origin = _ORIGINS.get(plan.draft.origin_of(source_id) or "", "")
        trigger = "trigger updated, " if instruction.update_event_trigger else ""
        sign, style, note = glyphs.mapped, "success", f"{trigger}{origin}"
        if failures:
            sign, style, note = glyphs.error, "error", failures[0]
        elif source_id in advice:
            found = advice[source_id]
            sign, style = (glyphs.advice, "warning") if found.severity == "danger" else (glyphs.note, "")
            note = f"{trigger}{found.sentence}"
        names = (source.label if source else source_id, target.label if target else target_id)
        yield PlanRow(sign, style, names[0], source_id, names[1], target_id, note)


class PlanTable(LineList):
    """The rows.

    Args:
        glyphs: The set of characters.
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.rows: tuple[PlanRow, ...] = ()

    def show_plan(self, plan: OpenPlan) -> None:
        """Show the draft as it stands."""
        self.rows = plan_rows(plan, self.glyphs)
        self.rows_changed()

    @property
    def current(self) -> PlanRow | None:
        """The row with the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def row_count(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return sign, both names with their ids where there is room, the note."""
        one = self.rows[row]
        ellipsis = self.glyphs.ellipsis
        room = max(width - 8, 12)
        name = min(room // 3, 60) if room >= 60 else room * 2 // 5
        ids = width >= 110
        source = _named(one.source, one.source_id, ids=ids)
        target = _named(one.target, one.target_id, ids=ids)
        note = max(room - 2 * name - 1, 4)
        arrow = fit(f"{self.glyphs.arrow} " if one.target_id else "", 3)
        return [
            (f" {one.sign} ", one.style),
            (fit(source, name, ellipsis), ""),
            (" ", ""),
            (arrow, "dim"),
            (fit(target, name, ellipsis), ""),
            (" ", ""),
            (cut(one.note, note, ellipsis), "dim" if one.style == "success" else one.style),
        ]


def _named(name: str, activity_id: str, *, ids: bool) -> str:
    text = shown(name, 200)
    return f"{text} ({shown(activity_id, 200)})" if ids and activity_id and name != activity_id else text
