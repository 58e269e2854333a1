"""The confirm screen: step 3 of 4. What is shown here is what is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message
from textual.widgets import Static

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.confirm.changing import ConfirmChanging
from tui_migrate.tui.screens.confirm.options import option_lines
from tui_migrate.tui.screens.confirm.plan_table import PlanTable
from tui_migrate.tui.screens.instances.reviewing import Frozen, Reviewed, ReviewProgress
from tui_migrate.tui.screens.instances.scope_question import Answer, ScopeQuestion, take_answer, undecided
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from tui_migrate.operations.batches import BatchRow
    from tui_migrate.operations.check import CheckSummary
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.run import Change


class OthersRead(Message):
    """It is known which other batches run.

    Args:
        rows: The running migration batches.
    """

    def __init__(self, rows: tuple[BatchRow, ...]) -> None:
        self.rows = rows
        super().__init__()


class Rechecked(Message):
    """Source, target, counts, instances and batches have been read again.

    Args:
        changes: What has changed since the review.
    """

    def __init__(self, changes: tuple[Change, ...]) -> None:
        self.changes = changes
        super().__init__()


class ConfirmScreen(ConfirmChanging):
    """Both ids, the number, the plan, the forecast, the options; then the question."""

    NAME = "confirm"
    BACK = "instances"
    SCOPES: ClassVar[tuple[str, ...]] = ("confirm",)
    BINDINGS = bindings("confirm")

    status: Piece | None = None
    others: tuple[BatchRow, ...] | None = None
    _checking = False
    _arriving = True
    """Whether one comes from another screen, and not from a dialog."""

    def compose(self) -> ComposeResult:
        """Header, ids, plan, what is known, options, keys."""
        yield HeaderLine()
        yield Paragraph(id="confirm-head")
        yield Paragraph(id="confirm-from")
        yield Paragraph(id="confirm-to")
        with Pane():
            yield PlanTable(self.app.glyphs, id="plan-table")
        yield Paragraph(id="confirm-said")
        yield Static("", id="confirm-options", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin in the table."""
        self.table.focus()

    @property
    def table(self) -> PlanTable:
        """The plan."""
        return self.query_one(PlanTable)

    # -- coming here -------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Freeze and forecast what is selected; ask first what is meant where that is open."""
        session, plan = self.state.session, self.state.open_plan
        if session is None or plan is None or not self._arriving:
            return
        self._arriving = False
        self._checking = False
        self.table.show_plan(plan)
        if self.state.preset_ids:
            self.selection.add(self.state.preset_ids)
            self.state.preset_ids = ()
        if undecided(self.state):
            self._ask_which(plan)
            return
        self._begin(again=False)

    def on_screen_suspend(self) -> None:
        """Take note of being left, which a dialog is not."""
        super().on_screen_suspend()
        self._arriving = self._arriving or self.app.screen_is_left(self)

    def _begin(self, *, again: bool) -> None:
        session = self.state.session
        if session is None:
            return
        known = None if again else self.current_review
        self.state.review = known
        self.state.prepared = None
        self.status = None
        if known is not None:
            self._prepare()
        else:
            self.tell("Freezing the selection …")
        self.review(again=again)
        from tui_migrate.operations.batches import list_batches

        start(self, "others", lambda: list_batches(session, ended=False), OthersRead)
        self.show_all()

    def _ask_which(self, plan: OpenPlan) -> None:
        shown_filter = self.state.filter
        question = ScopeQuestion(shown_filter.text if shown_filter is not None else "", None, plan.running)

        def answered(answer: Answer | None) -> None:
            if answer is None:
                self.app.go("instances")
                return
            take_answer(self.state, answer)
            self._begin(again=False)

        self.app.push_screen(question, answered)

    def read_again(self) -> None:
        """Freeze and forecast anew."""
        self.others = None
        self._begin(again=True)

    @on(ReviewProgress)
    def _progressed(self, event: ReviewProgress) -> None:
        event.stop()
        self.tell(event.sentence)

    @on(Frozen)
    def _frozen(self, event: Frozen) -> None:
        event.stop()
        self.state.review = event.review
        self._prepare()
        for note in event.review.frozen.notes:
            self.say(note, "warning")
        if event.review.frozen.gone:
            number = len(event.review.frozen.gone)
            self.say(f"{number} selected do not run on the source any more; they are left out.", "warning")

    @on(Reviewed)
    def _reviewed(self, event: Reviewed) -> None:
        event.stop()
        self.state.review = event.review
        if self.state.prepared is None:
            self._prepare()
        self.tell(None)
        self.show_all()

    @on(OthersRead)
    def _others_read(self, event: OthersRead) -> None:
        event.stop()
        self.others = event.rows
        self.show_said()

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it; what could not be read is not sent."""
        if event.group == "recheck":
            self._checking = False
        if event.group == "others":
            self.others = None
            return
        self.tell(f"{event.sentence} r reads again.", "error")
        self.refresh_frame()

    def _prepare(self) -> None:
        """Make the run as it would be sent."""
        from tui_migrate.operations.run import prepare_run

        session, plan, review = self.state.session, self.state.open_plan, self.state.review
        if session is None or plan is None or review is None:
            return
        self.state.prepared = prepare_run(session, plan, review.frozen, self.options)
        self.show_all()

    def options_changed(self) -> None:
        """Make the run anew with other options."""
        self._prepare()

    # -- drawing -----------------------------------------------------------------------------------------------

    def tell(self, sentence: str | None, style: str = "dim") -> None:
        """Show what is going on; None shows what is known."""
        self.status = (sentence, style) if sentence is not None else None
        self.show_said()

    def show_all(self) -> None:
        """Draw everything for what is known."""
        plan, session = self.state.open_plan, self.state.session
        if plan is None or session is None:
            return
        self._show_head(plan)
        self.show_said()
        self._show_options()
        self._show_ids()
        self.refresh_frame()

    def _show_head(self, plan: OpenPlan) -> None:
        prepared, session = self.state.prepared, self.state.session
        if session is None:
            return
        number = f"{len(prepared.ids)}" if prepared is not None else self.glyphs.ellipsis
        noun = "instance" if number == "1" else "instances"
        profile = shown(session.profile.name or session.engine.base_url, 60)
        tenant = f", tenant {shown(plan.source.tenant_id, 40)}" if plan.source.tenant_id else ""
        head: list[Piece] = [
            (f"Migrate {number} {noun}", "strong"),
            (f"on {profile}, {session.engine_label}{tenant}", ""),
        ]
        if session.profile.read_only:
            head.append(("read-only: nothing can be sent", "warning"))
        self.query_one("#confirm-head", Paragraph).show(head)
        for where, definition in (("from", plan.source), ("to", plan.target)):
            line: list[Piece] = [(f"{where:<4} {shown(definition.id, 200)}", "accent")]
            name = f"{shown(definition.name or definition.key, 60)} v{definition.version}"
            line.append((name + (", suspended" if definition.suspended else ""), "dim"))
            self.query_one(f"#confirm-{where}", Paragraph).show(line)

    def show_said(self) -> None:
        """Show the verdict on the plan, what would become of the instances, what else runs."""
        plan = self.state.open_plan
        if plan is None:
            return
        pieces: list[Piece] = []
        errors = len(plan.draft.report.instruction_reports)
        if errors:
            noun = "error" if errors == 1 else "errors"
            words = f"{self.glyphs.error} The plan has {errors} {noun}: the engine will refuse it; m goes to the first."
            pieces.append((words, "error"))
        if self.status is not None:
            pieces.append(self.status)
        review = self.state.review
        if review is not None and review.summary is not None and self.status is None and not errors:
            pieces += self._summary(review.summary)
        dangers = [one for one in plan.advice() if one.severity == "danger"]
        if dangers:
            noun = "warning" if len(dangers) == 1 else "warnings"
            words = f"{self.glyphs.advice} {len(dangers)} {noun}, i shows all: {shown(dangers[0].sentence, 200)}"
            pieces.append((words, "warning"))
        pieces += self._others()
        self.query_one("#confirm-said", Paragraph).show(pieces)

    def _summary(self, summary: CheckSummary) -> list[Piece]:
        if not summary.total:
            return [("No instance is selected: there is nothing to migrate.", "warning")]
        by = self._by_whom(summary)
        style = "success" if summary.migrates == summary.total else "warning"
        pieces: list[Piece] = [(f"{by}: {summary.migrates} of {summary.total} would migrate", style)]
        for number, words, colour in (
            (summary.fails, "fail", "error"),
            (summary.cannot_tell, "can't be told", "warning"),
            (summary.gone, "gone", "dim"),
        ):
            if number:
                pieces.append((f"{number} {words}", colour))
        return pieces

    def _by_whom(self, summary: CheckSummary) -> str:
        verdicts, plan = self.state.verdicts, self.state.open_plan
        number = verdicts.number(plan, summary.checks) if verdicts is not None and plan is not None else 0
        if not number or verdicts is None or verdicts.at is None:
            return "Forecast"
        when = verdicts.at.astimezone().strftime("%H:%M")
        return f"Rehearsed {when}" if number == summary.total else f"Forecast, {number} rehearsed {when}"

    def _others(self) -> list[Piece]:
        if self.others is None:
            return []
        busy = [row for row in self.others if row.remaining is not None and row.remaining > (row.failed or 0)]
        if not busy:
            return [("No other migration batch runs on this engine.", "dim")]
        jobs = sum(row.remaining or 0 for row in busy)
        noun = "batch" if len(busy) == 1 else "batches"
        return [(f"{len(busy)} other migration {noun} with {jobs} jobs to go.", "warning")]

    def _show_options(self) -> None:
        from tui_migrate.operations.side_effects import side_effects

        plan, prepared = self.state.open_plan, self.state.prepared
        if plan is None:
            return
        pane = self.query_one("#confirm-options", Static)
        if prepared is None:
            pane.update("")
            return
        width = max(self.size.width - 2, 40)
        pane.update(option_lines(prepared, side_effects(plan), self.glyphs, self.app.key_text_of, width))

    def _show_ids(self) -> None:
        """Put ids and the whole note of the row under the cursor into the border."""
        from textual.content import Content

        row = self.table.current
        text = ""
        if row is not None:
            to = f" {self.glyphs.arrow} {shown(row.target_id, 60)}" if row.target_id else ""
            text = f"{shown(row.source_id, 60)}{to}"
        pane = self.query_one(Pane)
        pane.border_title = "plan"
        pane.border_subtitle = Content(text)

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self._show_ids()

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.table.glyphs = self.glyphs
        if self.state.open_plan is not None:
            self.table.show_plan(self.state.open_plan)
        self.show_all()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self.show_all)

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        fault = ("confirm-fault",) if self._first_fault() is not None else ()
        return (
            "confirm-payload",
            "confirm-command",
            *fault,
            "confirm-check",
            "confirm-export",
            "app-back",
            "app-help",
            "confirm-migrate",
        )

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        session, prepared = self.state.session, self.state.prepared
        if action == "migrate":
            if session is not None and session.profile.read_only:
                return "This profile is read-only: nothing is sent that changes the engine."
            if self._checking:
                return "Looking at the engine once more …"
        if action in ("migrate", "payload", "command") and prepared is None:
            return "The selection is not frozen yet."
        if action == "payload" and prepared is not None and not prepared.ids:
            return "No instance is selected: nothing would be sent."
        if action == "fault" and self._first_fault() is None:
            return "No mapping is in error."
        return None

    def _first_fault(self) -> str | None:
        plan = self.state.open_plan
        if plan is None:
            return None
        reports = plan.draft.report.instruction_reports
        failing = {one.instruction.source_activity_id for one in reports}
        return next((one for one in plan.source_model.activities if one in failing), None)

    # -- actions -----------------------------------------------------------------------------------------------

    def action_check(self) -> None:
        """Go to the check."""
        self.app.go("check")

    def action_details(self) -> None:
        """Show all that is wrong, dangerous or not mapped."""
        plan = self.state.open_plan
        if plan is None:
            return
        from tui_migrate.tui.screens.confirm.warnings import WarningsModal

        self.app.push_screen(WarningsModal(plan, self.glyphs))

    def action_fault(self) -> None:
        """Go back to the first mapping in error."""
        fault = self._first_fault()
        if self.refuse("fault") or fault is None:
            return
        from tui_migrate.tui.screens.instances.fault import show_fault

        show_fault(self.app, fault)

    def leave_forwards(self) -> bool:
        """Nothing is sent by going on: only `enter` migrates."""
        if self.state.run is None:
            self.say("enter migrates; . only goes to a result that is there.")
            return False
        return True

    def action_migrate(self) -> None:
        """Look at the engine once more, then ask."""
        session, prepared = self.state.session, self.state.prepared
        if self.refuse("migrate") or session is None or prepared is None:
            return
        from tui_migrate.operations.run import recheck

        self._checking = True
        self.tell("Looking at source, target, instances and batches once more …")
        start(self, "recheck", lambda: recheck(session, prepared), Rechecked)

    @on(Rechecked)
    def _rechecked(self, event: Rechecked) -> None:
        event.stop()
        self._checking = False
        self.tell(None)
        session, plan, prepared = self.state.session, self.state.open_plan, self.state.prepared
        if session is None or plan is None or prepared is None:
            return
        asks = session.profile.confirm
        if asks == "none" and not any(change.important for change in event.changes):
            self._send(True)
            return
        from tui_migrate.tui.screens.confirm.migrate import MigrateModal

        summary = self.state.review.summary if self.state.review is not None else None
        engine = f"{session.profile.name or ''} {session.engine.base_url} ({session.engine_label})".strip()
        modal = MigrateModal(
            prepared,
            event.changes,
            where=engine,
            confirm=asks,
            valid=plan.draft.report.valid,
            unmoved=summary.fails if summary is not None else 0,
        )
        self.app.push_screen(modal, self._send)

    def _send(self, answer: bool | None) -> None:
        """Begin the run; from now on it belongs to the app."""
        session, prepared = self.state.session, self.state.prepared
        if not answer or session is None or prepared is None:
            return
        from tui_migrate.tui.shown_run import begin

        run = begin(self.app, session, prepared)
        self.state.run = run
        self.state.runs.append(run)
        self.state.review = None
        self.state.prepared = None
        self.state.overview = None
        if run.leaving_sentence not in self.app.quit_guards:
            self.app.quit_guards.append(run.leaving_sentence)
        self.app.go("result")

    def with_options(self, **changes: object) -> None:
        """Take other options."""
        self.state.run_options = replace(self.options, **changes)  # type: ignore[arg-type]
        self.options_changed()
