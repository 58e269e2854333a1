"""What all parts of the check work on: the frozen selection, its causes, the lines around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.instances.check_lines import CheckLine, CheckList, Chosen, check_lines
from tui_migrate.tui.screens.instances.reviewing import Frozen, Reviewed, Reviewing, ReviewProgress
from tui_migrate.tui.verdicts import Fingerprint, fingerprint
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.workers import WorkFailed

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_migrate.operations.check import CheckSummary
    from tui_migrate.operations.plan import OpenPlan


class CheckBase(Reviewing):
    """The check screen without its actions."""

    NAME = "check"
    BACK = "instances"
    SCOPES: ClassVar[tuple[str, ...]] = ("check",)
    BINDINGS = bindings("check")

    status: Piece | None = None
    _known: Fingerprint | None = None
    """The choice as this screen left it: its own changes don't ask for a new check."""

    def compose(self) -> ComposeResult:
        """Header, summary, causes, details, keys."""
        yield HeaderLine()
        yield Paragraph(id="check-head")
        with Pane():
            yield CheckList(self.app.glyphs, self.chosen, id="causes")
        yield Paragraph(id="check-foot")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.causes.focus()

    @property
    def causes(self) -> CheckList:
        """The list."""
        return self.query_one(CheckList)

    @property
    def plan(self) -> OpenPlan:
        """The plan that is open; only for what is done while one is."""
        if self.state.open_plan is None:
            raise LookupError("no plan is open")
        return self.state.open_plan

    @property
    def summary(self) -> CheckSummary | None:
        """What was found."""
        return self.state.review.summary if self.state.review is not None else None

    def refresh_frame(self) -> None:
        """The check belongs to the step of the instances."""
        super().refresh_frame()
        for header in self.query(HeaderLine):
            header.facts = self.app.header_facts("instances")

    def shown(self) -> None:
        """Check anew where selection or plan are not those of the last check."""
        if self.state.session is None or self.state.open_plan is None:
            return
        review = self.state.review
        same = review is not None and fingerprint(self.selection) in (self._known, review.chosen)
        if same and review is not None and review.summary and review.revision == self.plan.draft.revision:
            self.show_all()
        else:
            self._begin(again=False)

    def _begin(self, *, again: bool) -> None:
        self._known = None
        self.causes.show_lines((), self.plan.source_model)
        self.tell("Reading the selected instances …")
        self.review(again=again)

    def read_again(self) -> None:
        """Freeze and forecast anew."""
        self._begin(again=True)

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.causes.glyphs = self.glyphs
        self.causes.rows_changed()
        self.show_all()

    def tell(self, sentence: str | None, style: str = "dim") -> None:
        """Show what is going on in the head; None shows the summary again."""
        self.status = (sentence, style) if sentence is not None else None
        self.show_head()

    # -- messages ----------------------------------------------------------------------------------------------

    @on(ReviewProgress)
    def _progressed(self, event: ReviewProgress) -> None:
        event.stop()
        self.tell(event.sentence)

    @on(Frozen)
    def _frozen(self, event: Frozen) -> None:
        event.stop()
        self.state.review = event.review

    @on(Reviewed)
    def _reviewed(self, event: Reviewed) -> None:
        event.stop()
        self.state.review = event.review
        self._known = fingerprint(self.selection)
        self.status = None
        self.show_all()

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it; the check can be read again."""
        self.tell(f"{event.sentence}", "error")
        self.refresh_frame()

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_all(self) -> None:
        """Draw summary, causes and details."""
        summary = self.summary
        if summary is not None:
            self.causes.show_lines(check_lines(summary), self.plan.source_model)
        self.show_head()
        self.show_foot()
        self.refresh_frame()

    def show_head(self) -> None:
        """Show the numbers, or what is going on."""
        summary = self.summary
        pieces: list[Piece] = []
        if self.status is not None:
            pieces.append(self.status)
        elif summary is not None:
            pieces += self._numbers(summary)
        self.query_one("#check-head", Paragraph).show(pieces)

    def _numbers(self, summary: CheckSummary) -> list[Piece]:
        selected = self.selected_ids()
        pieces: list[Piece] = [(f"{summary.total} checked:", "strong")]
        for number, words, style in (
            (summary.migrates, "would migrate", "success"),
            (summary.fails, "fail", "error"),
            (summary.cannot_tell, "can't be told", "warning"),
            (summary.gone, "gone", "dim"),
        ):
            if number:
                pieces.append((f"{number} {words}", style))
        verdicts = self.state.verdicts
        number = verdicts.number(self.plan, summary.checks) if verdicts is not None else 0
        words = "Rehearsed." if number == summary.total else f"{number} rehearsed." if number else "By forecast only."
        pieces.append((words, "dim"))
        if len(selected) != summary.total:
            pieces.append((f"Selected now: {len(selected)}.", "strong"))
        if summary.disagreements:
            words = f"Forecast and engine differ on {len(summary.disagreements)}; the engine counts."
            pieces.append((words, "warning"))
        return pieces

    def show_foot(self) -> None:
        """Show the cause under the cursor with what to do."""
        line = self.causes.current
        pieces: list[Piece] = []
        if line is not None:
            style = {"fails": "error", "migrates": "success", "cannot tell": "warning"}.get(line.outcome, "dim")
            pieces.append((shown(line.sentence, 600), style))
            activity = self.plan.source_model.get(line.activity_id)
            if activity is not None:
                pieces.append((f"at {shown(activity.label, 60)} ({shown(activity.id, 60)}).", ""))
            if line.remedy:
                pieces.append((f"{self.glyphs.arrow} {shown(line.remedy, 600)}", ""))
        self.query_one("#check-foot", Paragraph).show(pieces)

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.show_foot()

    # -- choosing ----------------------------------------------------------------------------------------------

    def is_selected(self, instance_id: str) -> bool:
        """Return whether a checked instance is in the selection; nothing selected means all."""
        selection = self.selection
        return selection.mode == "nothing" or selection.is_selected(instance_id)

    def selected_ids(self) -> tuple[str, ...]:
        """Return the checked instances that are selected now."""
        review = self.state.review
        return tuple(one for one in review.frozen.ids if self.is_selected(one)) if review is not None else ()

    def chosen(self, line: CheckLine) -> Chosen:
        """Return how many of a line's instances are selected."""
        number = sum(self.is_selected(one) for one in line.ids)
        return "all" if number == len(line.ids) else "some" if number else "none"

    def action_toggle_group(self) -> None:
        """Take the line's instances out of the selection, or in again."""
        line = self.causes.current
        if line is None or self.refuse("toggle_group"):
            return
        selection = self.selection
        if self.chosen(line) == "all":
            if selection.mode == "nothing":
                from tui_migrate.operations.filter import InstanceFilter

                selection.select_all_matching(InstanceFilter())
            selection.remove(line.ids)
            if selection.mode == "nothing":
                self.say("Nothing is selected now, which means all instances of the version.", "warning")
        else:
            selection.add(line.ids)
        self._choice_changed()

    def action_only_group(self) -> None:
        """Select the line's instances and no others."""
        line = self.causes.current
        if line is None or self.refuse("only_group"):
            return
        self.selection.clear()
        self.selection.add(line.ids)
        self._choice_changed()

    def _choice_changed(self) -> None:
        self._known = fingerprint(self.selection)
        self.causes.rows_changed()
        self.show_head()
