"""The lines of the check: one for each cause, and one for those that would migrate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.operations.check import CheckSummary
    from tui_migrate.tui.glyphs import Glyphs

Chosen = Literal["all", "some", "none"]


class CheckLine(Struct, frozen=True):
    """Instances with the same fate for the same reason."""

    outcome: Literal["migrates", "fails", "cannot tell", "gone"]
    ids: tuple[str, ...]
    sentence: str
    activity_id: str | None = None
    remedy: str | None = None


def check_lines(summary: CheckSummary) -> tuple[CheckLine, ...]:
    """Return the lines of a summary: failures, what can't be told, what is gone, what would migrate."""
    return tuple(_lines(summary))


def _lines(summary: CheckSummary) -> Iterator[CheckLine]:
    gone = frozenset(summary.ids("gone"))
    for group in summary.groups:
        if group.fails:
            outcome: Literal["fails", "cannot tell", "gone"] = "fails"
        else:
            outcome = "gone" if gone.issuperset(group.ids) else "cannot tell"
        yield CheckLine(outcome, group.ids, group.sentence, group.activity_id, group.remedy)
    fine = summary.ids("migrates")
    if fine:
        rehearsed = sum(summary.checks[one].rehearsed for one in fine)
        by = "by the engine's own verdict" if rehearsed == len(fine) else "by the forecast"
        if 0 < rehearsed < len(fine):
            by = f"by the forecast, {rehearsed} by the engine's own verdict"
        yield CheckLine("migrates", fine, f"would migrate, {by}")


class CheckList(LineList):
    """Causes with tick, number of instances and sentence.

    Args:
        glyphs: The set of characters.
        chosen: Tells how many of a line's instances are selected.
    """

    def __init__(self, glyphs: Glyphs, chosen: Callable[[CheckLine], Chosen], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.chosen = chosen
        self.lines_shown: tuple[CheckLine, ...] = ()
        self.model: ProcessModel | None = None

    def show_lines(self, lines: tuple[CheckLine, ...], model: ProcessModel) -> None:
        """Show a summary; the cursor stays on its cause."""
        at = self.current
        self.lines_shown, self.model = lines, model
        same = [
            row
            for row, line in enumerate(lines)
            if at is not None and (line.sentence, line.activity_id) == (at.sentence, at.activity_id)
        ]
        self.rows_changed(cursor=same[0] if same else 0)

    @property
    def current(self) -> CheckLine | None:
        """The line with the cursor."""
        return self.lines_shown[self.cursor] if self.cursor < len(self.lines_shown) else None

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self.lines_shown)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return tick, sign, number, sentence, place."""
        line = self.lines_shown[row]
        glyphs = self.glyphs
        tick = {"all": glyphs.ticked, "some": "[-]", "none": glyphs.unticked}[self.chosen(line)]
        sign, style = {
            "migrates": (glyphs.mapped, "success"),
            "fails": (glyphs.error, "error"),
            "cannot tell": ("?", "warning"),
            "gone": ("-", "dim"),
        }[line.outcome]
        activity = self.model.get(line.activity_id) if self.model is not None else None
        place = f" {shown(activity.label, 60)}" if activity is not None else ""
        room = max(width - 16, 10)
        split = min(len(place), room // 3)
        text = fit(shown(line.sentence, 400), room - split, glyphs.ellipsis)
        return [
            (f" {tick} ", ""),
            (f"{sign} ", style),
            (f"{len(line.ids):>6}  ", "strong"),
            (text, ""),
            (fit(place, split, glyphs.ellipsis) if split else "", "accent"),
        ]
