"""The confirm screen: step 3 of 4. What is shown here is what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.screens.confirm.drawing import ConfirmDrawing
from tui_migrate.tui.screens.instances.reviewing import Frozen, Reviewed, ReviewProgress
from tui_migrate.tui.screens.instances.scope_question import Answer, ScopeQuestion, take_answer, undecided
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_migrate.operations.batches import BatchRow
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


class ConfirmScreen(ConfirmDrawing):
    """Both ids, the number, the plan, the forecast, the options; then the question."""

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

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        fault = ("confirm-fault",) if self.first_fault() is not None else ()
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
        if action == "fault" and self.first_fault() is None:
            return "No mapping is in error."
        return None

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
        fault = self.first_fault()
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
        from tui_migrate.operations.series import look_again

        self._checking = True
        self.tell("Looking at rights, source, target, instances and batches once more …")
        start(self, "recheck", lambda: look_again(session, (prepared,)), Rechecked)

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
        from tui_migrate.tui.screens.confirm.migrate import MigrateModal, where_words

        summary = self.state.review.summary if self.state.review is not None else None
        modal = MigrateModal(
            prepared,
            event.changes,
            where=where_words(session),
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
