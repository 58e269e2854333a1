"""What is to be sent, one line for each version in the order of sending, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.list_screen import RowList
from tui_migrate.tui.screens.versions.rows import PlanRow, SentenceRow, outcome_columns, plan_words, unopened_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.tui.shown_versions import ShownVersions
    from tui_migrate.tui.widgets.line_list import Piece


class SentRow(PlanRow, frozen=True):
    """A run as it would be sent."""

    number: int
    """Its place in the order, from 1."""
    prepared: PreparedRun


class LeftRow(SentenceRow, frozen=True):
    """What is not sent, and why."""

    number: int


def confirm_rows(versions: ShownVersions, runs: Sequence[PreparedRun]) -> tuple[SentRow | LeftRow, ...]:
    """Return what is sent in its order, then what is left out."""
    return tuple(_rows(versions, runs))


def _rows(versions: ShownVersions, runs: Sequence[PreparedRun]) -> Iterator[SentRow | LeftRow]:
    plans = {plan.source.id: plan for plan in versions.open_plans}
    for number, run in enumerate(runs, start=1):
        yield SentRow(plans[run.source.id], number, run)
    for plan in versions.open_plans:
        one = versions.checked.get(plan.source.id)
        left = (len(one.frozen.ids) if one is not None else plan.running) - len(versions.ids_of(plan))
        if left:
            yield LeftRow(f"v{plan.source.version}: left out on the check; they stay where they are", left)
    for unopened in versions.plans.unopened if versions.plans is not None else ():
        yield LeftRow(unopened_words(unopened), unopened.instances)


class ConfirmList(RowList[SentRow | LeftRow]):
    """The lines."""

    versions: ShownVersions | None = None

    def show_runs(self, versions: ShownVersions, runs: Sequence[PreparedRun]) -> None:
        """Show what would be sent; the cursor stays on its version."""
        self.versions = versions
        self.show_rows(confirm_rows(versions, runs))

    @property
    def run(self) -> SentRow | None:
        """The run with the cursor; the first one where the cursor is on what is left out."""
        here = self.current
        return here if isinstance(here, SentRow) else next((row for row in self.rows if isinstance(row, SentRow)), None)

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
        checked = versions.checked.get(plan.source.id)
        return [*pieces, *outcome_columns(checked, len(prepared.ids), width - 44 - tag, ellipsis)]
