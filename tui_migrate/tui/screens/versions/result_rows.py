"""How far each run is, with what became of the instances that did not migrate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.operations.account_rules import MOVED, AccountClass
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.list_screen import RowList
from tui_migrate.tui.screens.result.sentences import outcome_piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_migrate.operations.account import AccountEntry
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_run import ShownRun
    from tui_migrate.tui.shown_versions import ShownSeries
    from tui_migrate.tui.widgets.line_list import Piece


class RunRow(Struct, frozen=True):
    """One run."""

    run: ShownRun

    @property
    def id(self) -> str:
        """The version's id."""
        return self.run.source_id


class LeftOverRow(Struct, frozen=True):
    """Instances of a run that did not migrate, for one reason."""

    run: ShownRun
    entry: AccountEntry
    number: int

    @property
    def id(self) -> str:
        """What tells it from other reasons of all versions."""
        return f"{self.run.source_id} {self.entry.class_} {self.entry.cause}"


def result_rows(series: ShownSeries) -> tuple[RunRow | LeftOverRow, ...]:
    """Return the runs in their order, each with what did not migrate."""
    return tuple(_rows(series))


def _rows(series: ShownSeries) -> Iterator[RunRow | LeftOverRow]:
    for run in series.runs:
        yield RunRow(run)
        if run.account is None:
            continue
        for entry, ids in run.account.groups():
            if entry.class_ not in MOVED:
                yield LeftOverRow(run, entry, len(ids))


def run_words(run: ShownRun, glyphs: Glyphs, *, current: bool) -> Piece:
    """Return how far a run is, in few words."""
    state = run.state
    if run.trouble is not None:
        return f"{glyphs.error} {shown(run.trouble, 200)}", "error"
    if state.phase == "over" and state.outcome is not None:
        return outcome_piece(run, glyphs)
    if state.phase == "ready":
        return ("begins", "accent") if current else ("waits for its turn", "dim")
    if state.phase == "watching" and (words := _job_words(run)):
        return words, "accent"
    words = {"asking": "waits for your answer", "left": "left; the journal has it"}.get(state.phase, state.phase)
    return words, "warning" if state.phase in ("asking", "left", "interrupted") else "accent"


def _job_words(run: ShownRun) -> str:
    at_hand = run.batch_at_hand()
    reading = at_hand[1] if at_hand is not None else None
    if reading is None:
        return ""
    failed = f", {reading.failed} failed" if reading.failed else ""
    return f"{reading.phase} {reading.completed}/{reading.total} jobs{failed}"


class RunRows(RowList[RunRow | LeftOverRow]):
    """The lines."""

    series: ShownSeries | None = None

    def show_series(self, series: ShownSeries) -> None:
        """Show the runs as they stand; the cursor stays on its line."""
        self.series = series
        self.show_rows(result_rows(series))

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return version, number, phase; or class, number, cause."""
        one, ellipsis = self.rows[row], self.glyphs.ellipsis
        if isinstance(one, LeftOverRow):
            failed = one.entry.class_ in (AccountClass.FAILED, AccountClass.ROLLED_BACK)
            name = fit(one.entry.class_.value, 18, ellipsis)
            return [
                (f"          {one.number:>6}  ", ""),
                (f"{name} ", "error" if failed else "warning"),
                (fit(shown(one.entry.cause, 400), max(width - 38, 8), ellipsis), ""),
            ]
        run = one.run
        here = self.series is not None and not self.series.over and self.series.current is run
        words, style = run_words(run, self.glyphs, current=here)
        version = run.source.version if run.source is not None else "?"
        now = self.series.running_on(run.source_id) if self.series is not None else None
        note = f"  now {now}" if now is not None else ""
        return [
            (f" {self.glyphs.cursor if here else ' '} ", "accent"),
            (fit(f"v{version}", 6), "strong"),
            (f"{run.total:>7}  ", "strong"),
            (fit(words, max(width - 19 - len(note), 8), ellipsis), style),
            (note, "dim"),
        ]
