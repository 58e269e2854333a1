"""What is to be sent, one line for each version in the order of sending, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.versions.rows import outcome_pieces, plan_words, unopened_words
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_versions import ShownVersions


@dataclass(frozen=True, slots=True)
class SentRow:
    """A run as it would be sent."""

    number: int
    """Its place in the order, from 1."""
    plan: OpenPlan
    prepared: PreparedRun


@dataclass(frozen=True, slots=True)
class LeftRow:
    """What is not sent, and why."""

    sentence: str
    number: int


def confirm_rows(versions: ShownVersions, runs: Sequence[PreparedRun]) -> tuple[SentRow | LeftRow, ...]:
    """Return what is sent in its order, then what is left out."""
    return tuple(_rows(versions, runs))


def _rows(versions: ShownVersions, runs: Sequence[PreparedRun]) -> Iterator[SentRow | LeftRow]:
    plans = {plan.source.id: plan for plan in versions.open_plans}
    for number, run in enumerate(runs, start=1):
        yield SentRow(number, plans[run.source.id], run)
    for plan in versions.open_plans:
        one = versions.checked.get(plan.source.id)
        left = (len(one.frozen.ids) if one is not None else plan.running) - len(versions.ids_of(plan))
        if left:
            yield LeftRow(f"v{plan.source.version}: left out on the check; they stay where they are", left)
    for unopened in versions.plans.unopened if versions.plans is not None else ():
        yield LeftRow(unopened_words(unopened), unopened.instances)


class ConfirmList(LineList):
    """The lines.

    Args:
        glyphs: The set of characters.
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.versions: ShownVersions | None = None
        self.rows: tuple[SentRow | LeftRow, ...] = ()

    def show_runs(self, versions: ShownVersions, runs: Sequence[PreparedRun]) -> None:
        """Show what would be sent; the cursor stays where it is."""
        self.versions, self.rows = versions, confirm_rows(versions, runs)
        self.rows_changed(cursor=min(self.cursor, max(len(self.rows) - 1, 0)))

    @property
    def current(self) -> SentRow | None:
        """The run with the cursor; the first one where the cursor is on what is left out."""
        if self.cursor < len(self.rows) and isinstance(row := self.rows[self.cursor], SentRow):
            return row
        return next((row for row in self.rows if isinstance(row, SentRow)), None)

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self.rows)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return place, version, number, verdict, waves; or what is left out."""
        one, versions = self.rows[row], self.versions
        ellipsis = self.glyphs.ellipsis
        if isinstance(one, LeftRow) or versions is None:
            text, number = (one.sentence, one.number) if isinstance(one, LeftRow) else ("", 0)
            return [("     - ", "dim"), (f"{number:>7}  ", "strong"), (fit(text, max(width - 17, 8), ellipsis), "dim")]
        plan, prepared = one.plan, one.prepared
        words, style = plan_words(plan, versions.checked.get(plan.source.id), self.glyphs)
        waves = "1 request" if len(prepared.waves) == 1 else f"{len(prepared.waves)} waves"
        tag = 12 if width < 100 else 24
        pieces: list[Piece] = [
            (f" {one.number:>2}. ", "dim"),
            (fit(f"v{plan.source.version}", 5), "strong"),
            (fit(shown(plan.source.version_tag, 60), tag, ellipsis) + " ", "dim"),
            (f"{len(prepared.ids):>6}  ", "strong"),
            (fit(words, 12) + " ", style),
            (fit(waves, 11), ""),
        ]
        room = max(width - 44 - tag, 0)
        for text, colour in outcome_pieces(versions.checked.get(plan.source.id), len(prepared.ids)):
            part = fit(f"{text}  ", min(len(text) + 2, room), ellipsis)
            room -= len(part)
            pieces.append((part, colour))
        return pieces
