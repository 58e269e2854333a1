"""The plan screen: step 1 of 4."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content

from tui_migrate.text import safe
from tui_migrate.tui.screens.plan.facts import PlanFacts
from tui_migrate.tui.screens.plan.linking import Linking
from tui_migrate.tui.screens.plan.opening import PlanOpening
from tui_migrate.tui.screens.plan.pair_line import PairLine
from tui_migrate.tui.screens.plan.verdict import DEBOUNCE, DifferenceKept, EngineSpoke
from tui_migrate.tui.widgets.activity_tree import ActivityTree
from tui_migrate.tui.widgets.gutter import Gutter
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.kept import KeptRow
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui_migrate.tui.state import PaneView

_LOG = logging.getLogger("tui_migrate")
_NEED_PLAN = frozenset(
    {
        "map", "suggestions", "remove", "trigger", "details", "next_problem", "previous_problem", "undo", "redo",
        "mark", "arrow", "all_arrows", "link", "filter", "search", "swap", "regenerate", "export", "copy_id",
        "remove_scope", "reset_view",
    }
)  # fmt: skip
_NOT_WHILE_MAPPING = frozenset(
    {"suggestions", "remove", "trigger", "undo", "redo", "mark", "swap", "regenerate", "filter", "export"}
    | {"import_plan", "next_problem", "previous_problem", "remove_scope", "reset_view"}
)


class PlanScreen(PlanOpening):
    """Source left, target right, arrows between them, details and verdicts below."""

    _timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Header, both definitions, both trees, details, verdicts, keys."""
        yield HeaderLine()
        yield PairLine(id="pair")
        with KeptRow(id="panes"):
            with Pane(id="source-pane", classes="-front"):
                yield ActivityTree("source", self.app.glyphs, id="source-tree")
            yield Gutter(self.app.glyphs, id="gutter")
            with Pane(id="target-pane"):
                yield ActivityTree("target", self.app.glyphs, id="target-tree")
        yield Paragraph(id="details")
        yield Paragraph(id="verdict")
        yield KeyLine()

    def on_mount(self) -> None:
        """Wire both sides together."""
        self.linking = Linking(self.source_tree, self.target_tree)
        self._tops = {"source": 0, "target": 0}
        for tree in (self.source_tree, self.target_tree):
            tree.on_move = self.tree_moved
            tree.on_scroll = self.draw_arrows
            tree.on_wheel = self.tree_wheeled
            tree.on_open = self.tree_opened
        self.pane(self.source_tree).border_title = "source"
        self.pane(self.target_tree).border_title = "target"
        self.source_tree.focus()
        self.tell_status("Connecting …")

    # -- opening and coming back -------------------------------------------------------------------------------

    def shown(self) -> None:
        """Open what is wanted, or show the open plan as it was left."""
        if self.state.wanted is not None or (self.facts is None and self.state.open_plan is None):
            if self.state.session is not None and self.state.wanted is None and not self.app.options.opens_plan:
                self.tell_status("No plan is open: [ chooses a source, 0 goes to the overview.")
            self.open_wanted()
        elif self.state.open_plan is not None and (
            self.facts is None or self.facts.open_plan is not self.state.open_plan
        ):
            self.show_plan()
            self.read_counts_if_old()
        elif self.facts is not None:
            self.plan_changed()
            self.read_counts_if_old()

    def show_plan(self) -> None:
        """Show the plan that is open, as its view has it."""
        plan = self.state.open_plan
        if plan is None:
            return
        self.facts = PlanFacts(plan)
        self.linking.open_plan = plan
        self.linking.linked = self.view.linked
        for tree, model, view in (
            (self.source_tree, plan.source_model, self.view.source),
            (self.target_tree, plan.target_model, self.view.target),
        ):
            tree.facts = self.facts
            tree.marked = set(view.marked)
            tree.show_model(model, closed=view.closed, cursor=view.cursor)
        self.engine = "waiting"
        self.differences = ()
        self.refresh_frame()
        self.query_one(PairLine).show(plan)
        front = self.source_tree if self.view.focused == "source" else self.target_tree
        front.focus()
        self.linking.align(front)
        self._remember_tops()
        self.plan_changed()

    def on_screen_suspend(self) -> None:
        """Keep how the plan is looked at, and stop asking."""
        super().on_screen_suspend()
        if self.app.screen_is_left(self):
            self.state.opening = False
        if self.facts is not None and self.app.screen_is_left(self):
            self._keep(self.source_tree, self.view.source)
            self._keep(self.target_tree, self.view.target)

    @staticmethod
    def _keep(tree: ActivityTree, view: PaneView) -> None:
        view.cursor = tree.current
        view.top = tree.top
        view.closed = set(tree.closed)
        view.marked = set(tree.marked)

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it; a plan that could not be opened leaves the sentence where the details would be."""
        if event.group == "verdict":
            self.engine = "silent"
            self.show_verdict()
            return
        if event.group == "open":
            self.state.opening = False
        if event.group == "open" and self.facts is None:
            self.tell_status(event.sentence, failed=True)
        super().work_failed(event)

    def tell_status(self, sentence: str, *, failed: bool = False) -> None:
        """Show what is going on in the place of the details."""
        self.query_one("#details", Paragraph).show([(safe(sentence, limit=600), "error" if failed else "dim")])

    def counts_changed(self) -> None:
        """Draw what depends on counts."""
        self.query_one(PairLine).show(self.plan)
        self.source_tree.facts_changed()
        self.target_tree.facts_changed()
        self.show_details()
        self.show_verdict()
        self.show_titles()
        for note in self.plan.counts.notes:
            self.say(note, "warning")

    def show_titles(self) -> None:
        """Tell how many of the source's activities are mapped, and what the trees are narrowed to."""
        if self.facts is None:
            return
        mapped = len(self.plan.draft.instructions)
        total = len(self.plan.source_model.activities)
        marked = len(self.source_tree.marked)
        source, target = self.pane(self.source_tree), self.pane(self.target_tree)
        source.border_subtitle = f"{marked} marked" if marked else ""
        source.border_title = Content(f"source {mapped}/{total}")
        mode = self.mapping_title()
        target.border_title = Content(f"map {mode} to" if mode else "target")

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        for tree in (self.source_tree, self.target_tree):
            tree.glyphs = self.glyphs
        self.query_one(Gutter).glyphs = self.glyphs
        if self.facts is not None:
            self.query_one(PairLine).show(self.plan)
            self.plan_changed()

    def on_resize(self, event: events.Resize) -> None:
        """Give wide and tall terminals more; show one side where two are too narrow."""
        self.set_class(event.size.width >= 100, "-wide")
        self.set_class(event.size.width < 80, "-narrow")
        self.set_class(event.size.height >= 32, "-tall")
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        if self.facts is not None:
            self.linking.align(self.front_tree)
            self._remember_tops()
            self.draw_arrows()
            self.show_details()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Take note of which side has the keys."""
        if isinstance(event.widget, ActivityTree):
            self.focus_changed(event.widget)

    # -- keys --------------------------------------------------------------------------------------------------

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        if self.mapping is not None:
            return ("plan-map", "plan-search", "plan-details", "app-back", "app-help")
        return (
            "plan-map", "plan-suggestions", "plan-remove", "plan-trigger", "plan-details", "plan-next-problem",
            "app-next-step", "app-help",
        )  # fmt: skip

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        if action in _NEED_PLAN and self.facts is None:
            return self._why_no_plan()
        if self.mapping is not None and action in _NOT_WHILE_MAPPING:
            return "Finish the mapping first: enter maps, esc leaves."
        if self.facts is None:
            return None
        if action == "undo" and not self.plan.draft.can_undo:
            return "There is nothing to undo."
        if action == "redo" and not self.plan.draft.can_redo:
            return "There is nothing to redo."
        if action in ("next_problem", "previous_problem") and not self.facts.problems():
            return "There are no problems in this plan."
        return None

    def _why_no_plan(self) -> str:
        """Return why there is no plan: it is on its way, or nobody has asked for one."""
        if self.state.opening or self.state.wanted is not None:
            return "The plan is being opened, one moment."
        return "No plan is open: [ chooses a source, 0 goes to the overview."

    def leave_mode(self) -> bool:
        """Leave mapping mode first; go back to all versions where this plan is one of theirs."""
        if self.leave_mapping():
            return True
        plan, versions = self.state.open_plan, self.state.versions
        return plan is not None and versions is not None and plan in versions.open_plans and self.app.go("versions")

    def leave_forwards(self) -> bool:
        """Return whether the next step may be gone to: only with a plan."""
        return not self.refuse("export")

    # -- the mouse ---------------------------------------------------------------------------------------------

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        tree = event.lines
        if not isinstance(tree, ActivityTree) or self.facts is None:
            return
        event.stop()
        if self.mapping is not None:
            self._clicked_while_mapping(tree, event)
        elif tree.is_fold_column(event.row, event.column):
            tree.toggle_opened(tree.rows[event.row])
        elif tree.is_marker_column(event.column):
            self.action_details()
        elif event.again:
            self.action_arrow()

    def _clicked_while_mapping(self, tree: ActivityTree, event: LineList.Clicked) -> None:
        if tree.side == "source":
            self.leave_mapping()
            return
        mapping = self.mapping
        possible = mapping is not None and mapping.suggestion(tree.current) is not None
        if possible or event.again:
            self.action_map()
        else:
            self.show_details()

    def on_click(self, event: events.Click) -> None:
        """Leave mapping mode by a click elsewhere."""
        inside = event.widget is not None and event.widget in (self.source_tree, self.target_tree)
        if self.mapping is not None and not inside:
            self.leave_mapping()

    def tree_wheeled(self, tree: ActivityTree, rows: int) -> None:
        """Scroll the other side along."""
        self.linking.scrolled(tree, rows)
        self._remember_tops()

    # -- the engine's verdict ----------------------------------------------------------------------------------

    def ask_engine_soon(self) -> None:
        """Ask the engine about the draft once no edit has come for a moment; the newest question wins."""
        if self.facts is None or self.state.verdict_revision == self.plan.draft.revision:
            return
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self._ask_engine)

    def _ask_engine(self) -> None:
        self._timer = None
        session = self.state.session
        if session is None or self.facts is None:
            return
        from tui_migrate.operations.plan import engine_verdict, verdict_differences

        plan, revision, report = self.plan, self.plan.draft.revision, self.plan.draft.report
        self.engine = "asking"

        async def ask() -> EngineSpoke:
            verdict = await engine_verdict(session, plan.plan())
            return EngineSpoke(revision, verdict, verdict_differences(report, verdict.report))

        start(self, "verdict", ask, lambda message: message)

    @on(EngineSpoke)
    def _engine_spoke(self, event: EngineSpoke) -> None:
        event.stop()
        if self.facts is None or event.revision != self.plan.draft.revision:
            return
        self.engine = "spoken"
        self.state.engine_verdict = event.verdict
        self.state.verdict_revision = event.revision
        self.differences = event.differences
        if event.differences:
            self._tell_differences(event)
        self.show_verdict()

    def _tell_differences(self, event: EngineSpoke) -> None:
        from tui_migrate.tui.screens.plan.difference_log import keep_difference

        session = self.state.session
        _LOG.warning("the verdicts differ: %s", "; ".join(event.differences))
        if session is None:
            return
        plan = self.plan

        async def keep() -> DifferenceKept:
            return DifferenceKept(event.differences[0], await keep_difference(session, plan, event.verdict))

        start(self, "difference", keep, lambda message: message)

    @on(DifferenceKept)
    def _tell_where_it_is(self, event: DifferenceKept) -> None:
        event.stop()
        kept = f" Both models and verdicts are in {event.place}." if event.place else ""
        self.say(
            f"The engine's verdict differs from the rules here; the engine's counts. {event.difference}{kept}", "error"
        )
