"""What the check of all versions says in sentences: the numbers above its list, a plan's words below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.cells import shown

if TYPE_CHECKING:
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.versions import OneVersion, VersionCheck
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.line_list import Piece


def number_pieces(check: VersionCheck) -> list[Piece]:
    """Return how many of all versions would migrate, and who says so."""
    numbers = (
        (check.migrates, "would migrate", "success"),
        (check.fails, "fail", "error"),
        (check.cannot_tell, "can't be told", "warning"),
    )
    pieces: list[Piece] = [(f"{number} {words}", style) for number, words, style in numbers if number]
    if check.rehearsed:
        rest = len(check.versions) - check.rehearsed
        return [*pieces, (f"rehearsed, {rest} by forecast" if rest else "rehearsed; nothing is sent here", "dim")]
    return [*pieces, ("by forecast; nothing is sent here", "dim")]


def plan_pieces(plan: OpenPlan, one: OneVersion | None, glyphs: Glyphs) -> list[Piece]:
    """Return what there is to say about one version's plan, with the engine's verdict where it is of this plan."""
    mapped, total = len(plan.draft.instructions), len(plan.source_model.activities)
    rules = glyphs.mapped if plan.draft.report.valid else glyphs.error
    engine = glyphs.ellipsis
    if one is not None and one.revision == plan.draft.revision:
        engine = glyphs.mapped if one.report.valid else glyphs.error
    pieces: list[Piece] = [(f"{mapped} of {total} activities mapped; rules {rules} engine {engine}", "strong")]
    if plan.source.suspended:
        pieces.append(("The version is suspended.", "warning"))
    if plan.generation_error:
        pieces.append((shown(plan.generation_error, 300), "warning"))
    problems = plan.problems()
    for problem in problems[:2]:
        style = "error" if problem.kind == "error" else "warning"
        activity = plan.source_model.get(problem.source_id)
        name = f"{shown(activity.label, 40)}: " if activity is not None else ""
        pieces.append((f"{name}{shown(problem.sentences[0], 300)}", style))
    if not problems:
        pieces.append(("Nothing to look at in this plan.", "dim"))
    return pieces
