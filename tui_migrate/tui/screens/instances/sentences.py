"""What the lines below the instance list say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_migrate.operations.filter import InstanceFilter
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.selection import Selection
    from tui_migrate.tui.verdicts import Verdicts
    from tui_migrate.tui.widgets.line_list import Piece


def counted(number: int, noun: str = "instance") -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def selection_sentences(
    selection: Selection, shown: InstanceFilter, *, matching: int | None, all_running: int, all_meant: bool
) -> list[Piece]:
    """Return what is selected, in numbers; what nothing selected means is said, never left to be guessed.

    Args:
        selection: What is chosen.
        shown: The filter of the list.
        matching: How many instances the filter matches, as far as that is known.
        all_running: How many run on the source version.
        all_meant: Whether somebody said that all are meant in spite of the filter.
    """
    if selection.mode == "matching":
        number = "all" if matching is None else str(selection.count(matching))
        without = f", without {len(selection.excluded)}" if selection.excluded else ""
        what = "all of the version" if shown.is_empty else "all that match the filter"
        return [(f"{number} selected: {what}{without}.", "strong")]
    if selection.mode == "ids":
        return [(f"{counted(len(selection.ids))} selected.", "strong")]
    if shown.is_empty or all_meant:
        return [(f"Nothing selected means all {counted(all_running)} of the version.", "")]
    some = "those" if matching is None else f"the {matching}"
    return [(f"Nothing selected: going on asks for {some} in the filter, or all {all_running}.", "warning")]


def rehearsal_sentence(plan: OpenPlan, verdicts: Verdicts | None) -> Piece | None:
    """Return what the rehearsal said of all, or None where none holds."""
    found = verdicts.valid(plan) if verdicts is not None else {}
    if verdicts is None or not found or verdicts.at is None:
        return None
    numbers = Counter(one.outcome for one in found.values())
    parts = [f"{numbers['migrates']} would migrate"]
    parts += [f"{numbers['fails']} fail"] if numbers["fails"] else []
    other = len(found) - numbers["migrates"] - numbers["fails"]
    parts += [f"{other} ended, moved or not told"] if other else []
    when = verdicts.at.astimezone().strftime("%H:%M")
    return f"Rehearsed {when}, {len(found)} in {verdicts.seconds:.1f} s: {', '.join(parts)}.", "accent"
