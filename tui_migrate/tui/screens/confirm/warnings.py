"""All that is wrong with a plan, dangerous about it, or not mapped, with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.instances.details import TextModal, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.line_list import Piece


class WarningsModal(TextModal):
    """The problems of a plan, one after the other.

    Args:
        plan: The plan.
        glyphs: The set of characters.
    """

    BINDINGS = bindings("dialog")

    def __init__(self, plan: OpenPlan, glyphs: Glyphs) -> None:
        super().__init__("What to know about this plan")
        self.plan = plan
        self.glyphs_shown = glyphs

    def lines(self, width: int) -> Iterator[list[Piece]]:
        """Yield each problem: where, what, what to do."""
        glyphs = self.glyphs_shown
        problems = self.plan.problems()
        if not problems:
            yield [("Nothing is wrong, dangerous or left out.", "success")]
        for problem in problems:
            sign, style = {
                "error": (glyphs.error, "error"),
                "advice": (glyphs.advice, "warning"),
                "note": (glyphs.note, ""),
            }.get(problem.kind, (glyphs.unmapped, "warning"))
            activity = self.plan.source_model.get(problem.source_id)
            target = self.plan.target_model.get(problem.target_id)
            name = activity.label if activity is not None else target.label if target is not None else "the plan"
            count = f", {problem.instances} instances" if problem.instances else ""
            yield [(f"{sign} ", style), (f"{shown(name, 80)}{count}", "strong")]
            for sentence in problem.sentences:
                yield from wrapped(shown(sentence, 1000), "", width, indent=2)
            for remedy in problem.remedies:
                yield from wrapped(f"{glyphs.arrow} {shown(remedy, 1000)}", "accent", width, indent=2)
