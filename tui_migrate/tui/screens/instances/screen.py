"""The instance screen: step 2 of 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.widgets import Static

from tui_migrate.tui.screens.instances.scope_question import Answer, ScopeQuestion, take_answer
from tui_migrate.tui.screens.instances.selecting import InstancesSelecting
from tui_migrate.tui.screens.instances.words import fault_of
from tui_migrate.tui.widgets.filter_bar import FilterField
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.instance_list import InstanceTable
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from tui_migrate.operations.instance_detail import InstanceDetail
    from tui_migrate.operations.instances import SortKey
    from tui_migrate.tui.state import Progress
    from tui_migrate.tui.widgets.key_line import KeyHint

_SORTS: tuple[SortKey, ...] = ("id", "started", "business key")
_FILTER = frozenset({"filter-accept", "filter-complete", "filter-next", "filter-leave"})
_NEED_ROW = frozenset({"toggle_row", "range", "select_page", "select_matching", "check", "details", "copy_id", "fault"})


class DetailRead(Message):
    """All about one instance has been read.

    Args:
        detail: What was read.
    """

    def __init__(self, detail: InstanceDetail) -> None:
        self.detail = detail
        super().__init__()


class InstancesScreen(InstancesSelecting):
    """The instances of the source version, what is chosen, what each would do."""

    _progress: Progress = ()
    """The runs of this app, and how far they were, when the list was read."""

    def compose(self) -> ComposeResult:
        """Header, filter, list, verdict, selection, keys."""
        yield HeaderLine()
        yield Static("", id="filter-line", classes="line", markup=False)
        yield FilterField(id="filter")
        with Pane():
            yield Static("", id="heading", classes="line", markup=False)
            yield InstanceTable(self.draw_row, id="instances")
        yield Paragraph(id="row-verdict")
        yield Paragraph(id="selection")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.table.focus()

    def shown(self) -> None:
        """Read what is not there yet; bring forecasts and ticks up to date otherwise."""
        if self.state.session is None or self.state.open_plan is None:
            return
        self._take_presets()
        before, self._progress = self._progress, self.state.progress()
        if self._progress != before and self.listed_plan is self.plan:
            # Runs move instances: what was listed before is not there any more.
            self.open_list(keep_cursor=True)
        if self.listed_plan is not self.plan:
            self.query_one(FilterField).offered = None
            self.draw_all()
            self.open_list()
            return
        if self.instances is not None and self.instances.filter.text != self.filter.text:
            self.open_list()
        self.take_new_draft()
        self.draw_all()
        self.table.want_pages()

    def _take_presets(self) -> None:
        preset = self.state.preset_ids or ((self.state.preset_instance,) if self.state.preset_instance else ())
        if preset:
            self.selection.add(preset)
            self.state.preset_ids, self.state.preset_instance = (), None

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        if self.state.open_plan is not None:
            self.draw_all()
            self.table.want_pages()

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        if self.state.open_plan is not None:
            self.draw_all()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        if self.query_one(FilterField).has_class("-open"):
            return ("filter-accept", "filter-complete", "filter-next", "filter-leave")
        return (
            "instances-toggle",
            "instances-all",
            "instances-filter",
            "instances-check",
            "instances-details",
            "app-back",
            "app-help",
            "app-next-step",
        )

    def key_hint(self, binding_id: str) -> KeyHint:
        """Return what the key line shows; the filter's keys are the field's, also when they are clicked."""
        key, label, action = super().key_hint(binding_id)
        return (
            (key, label, action.replace("screen.", "screen.in_filter('") + "')")
            if binding_id in _FILTER
            else (
                key,
                label,
                action,
            )
        )

    def action_in_filter(self, name: str) -> None:
        """Do in the field what one of its keys does."""
        field = self.query_one(FilterField)
        if field.has_class("-open"):
            getattr(field, f"action_{name}")()

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        if action in _NEED_ROW and not self.table.total:
            return "There is no instance in the list."
        return None

    # -- actions -----------------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """Order by the next of the sort keys."""
        place = _SORTS.index(self.state.sort)
        self.state.sort = _SORTS[(place + 1) % len(_SORTS)]
        self.open_list()

    def action_columns(self) -> None:
        """Choose the columns."""
        from tui_migrate.tui.screens.instances.column_chooser import ColumnChooser
        from tui_migrate.tui.screens.instances.columns import columns_for

        now = [column.name for column in columns_for(self.table.size.width, self.state.columns)]
        self.app.push_screen(ColumnChooser(now, self.glyphs), self._columns_chosen)

    def _columns_chosen(self, chosen: tuple[str, ...] | None) -> None:
        if chosen is not None:
            self.state.columns = chosen
            self.draw_all()

    def action_copy_id(self) -> None:
        """Copy the id of the row of the cursor."""
        row = self.table.current
        if row is not None:
            self.app.copy_to_clipboard(row.id)
            self.say(f"Copied {row.id}.")

    def action_check(self) -> None:
        """Go to the check; with a filter and nothing selected, ask first which instances are meant."""
        if self.refuse("check"):
            return
        from tui_migrate.tui.screens.instances.scope_question import undecided

        if undecided(self.state):
            self.ask_which(lambda: self.app.go("check"))
        else:
            self.app.go("check")

    def ask_which(self, then: Callable[[], object]) -> None:
        """Ask which instances are meant, then go on."""

        def answered(answer: Answer | None) -> None:
            if answer is not None:
                take_answer(self.state, answer)
                self.table.draw_again()
                self.show_selection()
                then()

        self.app.push_screen(ScopeQuestion(self.filter.text, self.matching, self.plan.running), answered)

    def action_fault(self) -> None:
        """Go to the mapping at fault for the row of the cursor."""
        row = self.table.current
        if row is None:
            return
        fault = fault_of(row.forecast, self.rehearsed(row.id))
        if fault is None:
            self.say("No mapping is at fault for this instance.")
            return
        self.go_to_mapping(fault)

    def go_to_mapping(self, activity_id: str) -> None:
        """Go to the plan with the cursor on an activity of the source."""
        from tui_migrate.tui.screens.instances.fault import show_fault

        show_fault(self.app, activity_id)

    def action_details(self) -> None:
        """Read and show all about the instance of the cursor."""
        row, session = self.table.current, self.state.session
        if row is None or session is None or self.instances is None or self.refuse("details"):
            return
        instances = self.instances
        start(self, "detail", lambda: instances.detail(row.id), DetailRead)

    @on(DetailRead)
    def _detail_read(self, event: DetailRead) -> None:
        event.stop()
        from tui_migrate.tui.screens.instances.details import InstanceModal

        self.app.push_screen(InstanceModal(self.plan, event.detail, self.glyphs))
