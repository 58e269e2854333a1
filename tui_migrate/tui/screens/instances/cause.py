"""One cause with all of its instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.instances.details import TextModal, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.screens.instances.check_lines import CheckLine
    from tui_migrate.tui.widgets.line_list import Piece


class CauseModal(TextModal):
    """The whole sentence, the remedy, the ids.

    Args:
        plan: The plan.
        line: The cause.
        glyphs: The set of characters.
    """

    BINDINGS = bindings("dialog")

    def __init__(self, plan: OpenPlan, line: CheckLine, glyphs: Glyphs) -> None:
        noun = "instance" if len(line.ids) == 1 else "instances"
        super().__init__(f"{len(line.ids)} {noun}")
        self.plan = plan
        self.line = line
        self.glyphs_shown = glyphs

    def lines(self, width: int) -> Iterator[list[Piece]]:
        """Yield sentence, place, remedy, ids."""
        yield from wrapped(shown(self.line.sentence, 4000), "error" if self.line.outcome == "fails" else "", width)
        activity = self.plan.source_model.get(self.line.activity_id)
        if activity is not None:
            target = self.plan.draft.target_of(activity.id)
            to = f" {self.glyphs_shown.arrow} {shown(target, 60)}" if target else ", which is not mapped"
            yield from wrapped(f"at {shown(activity.label, 80)} ({shown(activity.id, 80)}){to}", "", width)
        if self.line.remedy:
            yield from wrapped(f"{self.glyphs_shown.arrow} {shown(self.line.remedy, 2000)}", "accent", width)
        yield []
        for one in self.line.ids:
            yield [(f"  {shown(one, 80)}", "dim")]
