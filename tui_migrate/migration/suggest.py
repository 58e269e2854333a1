"""Candidates for unmapped activities, ranked, with reasons: only those that can become valid. Never applied unasked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.plan import Instruction


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A target for a source activity."""

    source_id: str
    target_id: str
    score: float
    """From 0 to 1."""
    stars: int
    """From 1 to 3."""
    reasons: tuple[str, ...]
    """Why this one, in words, the strongest first."""
    along: tuple[Instruction, ...] = ()
    """What has to be mapped in the same step, outermost first."""


def suggest(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    source_id: str,
    *,
    limit: int | None = None,
) -> tuple[Suggestion, ...]:
    """Return the possible targets of a source activity, best first."""
    return ()


def suggest_all(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    *,
    only: Collection[str] | None = None,
) -> tuple[Suggestion, ...]:
    """Return the best target of each unmapped activity that needs one; together they are valid."""
    return ()


def why_not(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    source_id: str,
    target_id: str,
) -> tuple[str, ...]:
    """Return the engine's sentences against mapping one activity to another, none where it is possible."""
    return ()
