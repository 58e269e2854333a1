"""What all parts of the instance screen work on: the list, the choice, the lines below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.screens.instances.columns import RowDrawer, columns_for, heading, widths
from tui_migrate.tui.screens.instances.sentences import rehearsal_sentence, selection_sentences
from tui_migrate.tui.screens.instances.words import verdict_sentences
from tui_migrate.tui.widgets.filter_bar import FilterField
from tui_migrate.tui.widgets.instance_list import InstanceTable
from tui_migrate.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_migrate.operations.filter import InstanceFilter
    from tui_migrate.operations.instances import InstanceList, InstanceRow
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.rehearse import RehearsalVerdict
    from tui_migrate.operations.selection import Selection
    from tui_migrate.tui.widgets.line_list import Piece


class InstancesBase(BaseScreen):
    """The instance screen without its actions."""

    NAME = "instances"
    BACK = "plan"
    SCOPES: ClassVar[tuple[str, ...]] = ("instances",)
    BINDINGS = bindings("instances")

    instances: InstanceList | None = None
    """What the list reads from; another filter or order makes another one."""
    listed_plan: OpenPlan | None = None
    """The plan that `instances` is about."""
    matching: int | None = None
    """How many instances the filter matches; None as long as it was not asked."""
    status: Piece | None = None
    """What is going on, in the place of the verdict; None is nothing."""
    _drawer: RowDrawer | None = None

    @property
    def plan(self) -> OpenPlan:
        """The plan that is open; only for what is done while one is."""
        if self.state.open_plan is None:
            raise LookupError("no plan is open")
        return self.state.open_plan

    @property
    def selection(self) -> Selection:
        """What is chosen."""
        if self.state.selection is None:
            from tui_migrate.operations.selection import Selection

            self.state.selection = Selection()
        return self.state.selection

    @property
    def filter(self) -> InstanceFilter:
        """The filter of the list."""
        if self.state.filter is None:
            from tui_migrate.operations.filter import InstanceFilter

            self.state.filter = InstanceFilter()
        return self.state.filter

    @property
    def table(self) -> InstanceTable:
        """The list."""
        return self.query_one(InstanceTable)

    @property
    def all_running(self) -> int:
        """How many instances run on the source version, as was read last."""
        if self.filter.is_empty and self.matching is not None:
            return self.matching
        return self.plan.running

    def rehearsed(self, instance_id: str) -> RehearsalVerdict | None:
        """Return the engine's own verdict on an instance."""
        verdicts = self.state.verdicts
        return verdicts.of(self.plan, instance_id) if verdicts is not None else None

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw_row(self, row: InstanceRow, width: int) -> Sequence[Piece]:
        """Draw one row of the list."""
        drawer = self._drawer
        if drawer is None or drawer.width != width:
            drawer = self._new_drawer(width)
        state = self.selection.state(row.id, self.filter)
        return drawer.pieces(row, state, self.rehearsed(row.id))

    def _new_drawer(self, width: int) -> RowDrawer:
        columns = columns_for(width, self.state.columns)
        model = self.plan.source_model
        self._drawer = RowDrawer(self.glyphs, model, columns, width, widths(columns, width))
        return self._drawer

    def draw_all(self) -> None:
        """Draw everything for what is known now."""
        self._drawer = None
        width = (self.table.size.width or 79) - 1  # the list's last column stays blank
        columns = columns_for(width, self.state.columns)
        self.query_one("#heading", Static).update(heading(columns, width, self.glyphs))
        self.table.draw_again()
        self.show_filter_line()
        self.show_selection()
        self.show_verdict()

    def show_filter_line(self) -> None:
        """Show the filter and how many instances there are."""
        if self.state.open_plan is None:
            return
        numbers = "" if self.matching is None else f"{self.matching}"
        if not self.filter.is_empty and self.matching is not None:
            numbers += f" of {self.plan.running}"
        right = f"{numbers} instances" if numbers else "counting …"
        if self.state.sort != "id":
            right += f", by {self.state.sort}"
        plan = self.plan
        left = f"/ {shown(self.filter.text, 500)}" if not self.filter.is_empty else self._unfiltered(plan)
        room = max(self.size.width - len(right) - 3, 10)
        self.query_one("#filter-line", Static).update(f" {fit(left, room, self.glyphs.ellipsis)} {right}")

    def _unfiltered(self, plan: OpenPlan) -> str:
        source, target = plan.source, plan.target
        to = f"{shown(target.key, 40)} " if target.key != source.key else ""
        return f"{shown(source.key, 40)} v{source.version} {self.glyphs.arrow} {to}v{target.version}"

    def show_selection(self) -> None:
        """Show what is selected, and what the rehearsal said."""
        if self.state.open_plan is None:
            return
        pieces = selection_sentences(
            self.selection,
            self.filter,
            matching=self.matching,
            all_running=self.all_running,
            all_meant=self.state.all_meant,
        )
        if self.table.range_start is not None:
            low, high = sorted((self.table.range_start, self.table.cursor))
            pieces = [(f"A range of {high - low + 1}: space selects it, esc leaves it.", "accent")]
        said = rehearsal_sentence(self.plan, self.state.verdicts)
        self.set_class(said is not None, "-rehearsed")
        self.query_one("#selection", Paragraph).show([*pieces, *([said] if said else [])])

    def show_verdict(self) -> None:
        """Show what the row under the cursor would do; completions while a filter is written."""
        pane = self.query_one("#row-verdict", Paragraph)
        field = self.query_one(FilterField)
        if field.has_class("-open"):
            pane.show(self.completion_sentences(field))
            return
        if self.status is not None:
            pane.show([self.status])
            return
        row = self.table.current
        if row is None or self.state.open_plan is None:
            pane.show([])
            return
        found = verdict_sentences(self.plan, row.forecast, self.rehearsed(row.id), self.glyphs)
        name = shown(row.business_key or row.id, 40)
        pane.show([(f"{name}:", "strong"), *found] if found else [(f"{name} is being read …", "dim")])

    def completion_sentences(self, field: FilterField) -> list[Piece]:
        """Return what could be written at the cursor, or what is wrong with what is there."""
        return []

    def tell(self, sentence: str | None, style: str = "dim") -> None:
        """Show what is going on; None shows the verdict again."""
        self.status = (sentence, style) if sentence is not None else None
        self.show_verdict()
