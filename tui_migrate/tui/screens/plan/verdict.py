"""The line of verdicts: counts, what the rules say, what the engine says, and whether both sides are linked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from pathlib import Path

    from tui_migrate.operations.plan import EngineVerdict
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.screens.plan.facts import PlanFacts
    from tui_migrate.tui.screens.plan.sentences import Sentence
    from tui_migrate.tui.state import TreeFilter

EngineState = Literal["waiting", "asking", "spoken", "silent"]
"""Not asked yet; asked; answered; could not be asked."""

DEBOUNCE = 0.25
"""Seconds without an edit before the engine is asked."""


class EngineSpoke(Message):
    """The engine's verdict on the plan as it was at a revision.

    Args:
        revision: The draft's revision that was sent.
        verdict: What the engine said.
        differences: What only one of the two verdicts has, in sentences.
    """

    def __init__(self, revision: int, verdict: EngineVerdict, differences: tuple[str, ...]) -> None:
        self.revision = revision
        self.verdict = verdict
        self.differences = differences
        super().__init__()


class DifferenceKept(Message):
    """A difference between the verdicts has been written down.

    Args:
        difference: The first of the differences, as a sentence.
        place: The folder; None where it could not be written.
    """

    def __init__(self, difference: str, place: Path | None) -> None:
        self.difference = difference
        self.place = place
        super().__init__()


def verdict_sentences(
    facts: PlanFacts,
    glyphs: Glyphs,
    *,
    engine: EngineState,
    verdict: EngineVerdict | None,
    differences: tuple[str, ...],
    linked: bool,
    tree_filter: TreeFilter,
) -> list[Sentence]:
    """Return the pieces of the line.

    Args:
        facts: The plan.
        glyphs: The set of characters.
        engine: Whether the engine has spoken on this very draft.
        verdict: What it said.
        differences: Where the two verdicts differ, in sentences.
        linked: Whether the two sides are linked.
        tree_filter: What the trees are narrowed to.
    """
    draft = facts.open_plan.draft
    problems = facts.problems()
    unmapped = sum(problem.kind == "unmapped" for problem in problems)
    errors = len(draft.report.instruction_reports)
    dangers = sum(problem.kind in ("advice", "waiting") for problem in problems)
    notes = sum(problem.kind == "note" for problem in problems)
    pieces: list[Sentence] = [(f"{len(draft.instructions)} mapped", "")]
    if unmapped:
        pieces.append((f"{glyphs.unmapped}{unmapped} unmapped", "warning"))
    if errors:
        pieces.append((f"{glyphs.error}{errors} {'error' if errors == 1 else 'errors'}", "error"))
    if dangers or notes:
        counts = [f"{sign}{count}" for sign, count in ((glyphs.advice, dangers), (glyphs.note, notes)) if count]
        pieces.append((f"{' '.join(counts)} advice", "warning" if dangers else ""))
    valid = draft.report.valid
    pieces.append((f"rules {glyphs.mapped if valid else glyphs.error}", "success" if valid else "error"))
    pieces.append(_engine(glyphs, engine, verdict, differences))
    pieces.append(("linked", "dim") if linked else ("not linked", "warning"))
    if tree_filter != "all":
        pieces.append((f"only {tree_filter}", "accent"))
    return pieces


def _engine(
    glyphs: Glyphs, engine: EngineState, verdict: EngineVerdict | None, differences: tuple[str, ...]
) -> Sentence:
    if engine == "silent":
        return "engine ? no answer", "warning"
    if engine != "spoken" or verdict is None:
        return f"engine {glyphs.ellipsis}", "dim"
    sign = glyphs.mapped if verdict.report.valid else glyphs.error
    if differences:
        return f"engine {sign} differs from the rules", "error"
    return f"engine {sign} {verdict.seconds:.1f} s", "success" if verdict.report.valid else "error"
