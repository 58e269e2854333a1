"""The check: what would become of the selected instances, with causes in groups, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.instances.check_lines import CheckLine, CheckList, Chosen, check_lines
from tui_migrate.tui.screens.instances.reviewing import Frozen, Reviewed, Reviewing, ReviewProgress
from tui_migrate.tui.verdicts import Fingerprint, Review, Verdicts, fingerprint
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.worker import Worker

    from tui_migrate.operations.check import CheckSummary
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.rehearse import Rehearsal, RehearsalProgress


class Rehearsing(Message):
    """The rehearsal goes on.

    Args:
        progress: How far it is.
        revision: The draft's revision that it is about.
    """

    def __init__(self, progress: RehearsalProgress, revision: int) -> None:
        self.progress = progress
        self.revision = revision
        super().__init__()


class Rehearsed(Message):
    """The rehearsal is over.

    Args:
        rehearsal: The engine's verdicts.
        revision: The draft's revision that they are about.
    """

    def __init__(self, rehearsal: Rehearsal, revision: int) -> None:
        self.rehearsal = rehearsal
        self.revision = revision
        super().__init__()


class CheckScreen(Reviewing):
    """Causes with their numbers and remedies; one key selects a group or leaves it out."""

    NAME = "check"
    BACK = "instances"
    SCOPES: ClassVar[tuple[str, ...]] = ("check",)
    BINDINGS = bindings("check")

    status: Piece | None = None
    _known: Fingerprint | None = None
    """The choice as this screen left it: its own changes don't ask for a new check."""
    _rehearsal: Worker[None] | None = None

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
        if event.group == "rehearse":
            self._rehearsal = None
            self._sum_up()
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

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        if event.column < 5:
            self.action_toggle_group()
        elif event.again:
            self.action_details()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        if self._rehearsal is not None:
            return ("check-cancel", "app-help")
        return (
            "check-toggle",
            "check-only",
            "check-mapping",
            "check-rehearse",
            "check-details",
            "app-back",
            "app-help",
            "check-confirm",
        )

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

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        if action in ("toggle_group", "only_group", "mapping", "details") and self.causes.current is None:
            return "There is nothing to choose from yet."
        if action == "mapping" and self._fault() is None:
            return "No mapping is at fault for these instances."
        if action == "rehearse":
            return self._reason_against_rehearsal()
        if action == "cancel" and self._rehearsal is None:
            return "No rehearsal is going on."
        return None

    def _reason_against_rehearsal(self) -> str | None:
        session = self.state.session
        if self._rehearsal is not None:
            return "A rehearsal is going on already."
        if session is not None and session.profile.read_only:
            return "This profile is read-only, and a rehearsal sends requests that could change the engine."
        if not self.plan.draft.report.valid:
            return "The plan has errors: the engine would refuse it before it looks at any instance."
        if self.summary is None or not self.selected_ids():
            return "There is no instance to rehearse."
        return None

    def _fault(self) -> str | None:
        line = self.causes.current
        return line.activity_id if line is not None else None

    def action_mapping(self) -> None:
        """Go back to the mapping at fault."""
        fault = self._fault()
        if self.refuse("mapping") or fault is None:
            return
        from tui_migrate.tui.screens.instances.fault import show_fault

        show_fault(self.app, fault)

    def action_details(self) -> None:
        """Show the whole cause and its instances."""
        line = self.causes.current
        if line is None or self.refuse("details"):
            return
        from tui_migrate.tui.screens.instances.cause import CauseModal

        self.app.push_screen(CauseModal(self.plan, line, self.glyphs))

    def action_go_on(self) -> None:
        """Go on to confirm what is selected."""
        self.app.go("confirm")

    def action_go_back(self) -> None:
        """Go back to the instances."""
        self.app.go("instances")

    # -- rehearsal ---------------------------------------------------------------------------------------------

    def action_rehearse(self) -> None:
        """Ask the engine; the first time it is said what its log will show."""
        if self.refuse("rehearse"):
            return
        if self.state.rehearsal_told:
            self._rehearse()
            return
        from tui_migrate.operations.rehearse import NOTICE
        from tui_migrate.tui.screens.question import QuestionModal

        number = len(self.selected_ids())
        first = "The engine gives its own verdict on each instance, and rolls all back: nothing is migrated."
        question = QuestionModal(f"Rehearse {number} instances?", (first, NOTICE), yes="rehearse", no="not now")
        self.app.push_screen(question, self._rehearsal_answered)

    def _rehearsal_answered(self, answer: bool | None) -> None:
        if answer:
            self.state.rehearsal_told = True
            self._rehearse()

    def _rehearse(self) -> None:
        session, review = self.state.session, self.state.review
        if session is None or review is None:
            return
        from tui_migrate.operations.rehearse import rehearse

        plan, ids = self.plan, self.selected_ids()
        revision = plan.draft.revision
        forecasts = review.forecasts

        def tell(progress: RehearsalProgress) -> None:
            self.post_message(Rehearsing(progress, revision))

        async def work() -> Rehearsed:
            rehearsal = await rehearse(
                session,
                plan.plan(),
                ids,
                on_progress=tell,
                forecast=forecasts,
            )
            return Rehearsed(rehearsal, revision)

        self.tell(f"Rehearsing {len(ids)} instances …", "accent")
        self._rehearsal = start(self, "rehearse", work, lambda message: message)
        self.refresh_frame()

    @on(Rehearsing)
    def _rehearsal_goes_on(self, event: Rehearsing) -> None:
        event.stop()
        progress = event.progress
        self._keep(dict(progress.verdicts), event.revision, progress.seconds)
        bar = self._bar(progress.done, progress.total)
        words = f"Rehearsing {bar} {progress.done}/{progress.total}, {progress.failing} fail, {progress.seconds:.1f} s"
        if self._rehearsal is not None:
            self.tell(words, "accent")

    def _bar(self, done: int, total: int) -> str:
        full = round(20 * done / max(total, 1))
        return self.glyphs.bar_full * full + self.glyphs.bar_empty * (20 - full)

    @on(Rehearsed)
    def _rehearsal_over(self, event: Rehearsed) -> None:
        event.stop()
        self._rehearsal = None
        self._keep(dict(event.rehearsal.verdicts), event.revision, event.rehearsal.seconds)
        self._sum_up()
        unproven = [guard.sentence for guard in event.rehearsal.guards if not guard.proven]
        for sentence in unproven:
            self.say(sentence, "warning")

    def _keep(self, verdicts: dict[str, object], revision: int, seconds: float) -> None:
        session = self.state.session
        kept = self.state.verdicts
        if kept is None or kept.revision != revision:
            kept = self.state.verdicts = Verdicts(revision)
        kept.rehearsed.update(verdicts)  # type: ignore[arg-type]
        kept.seconds = seconds
        kept.at = session.clock.now() if session is not None else None

    def _sum_up(self) -> None:
        """Put the engine's verdicts into the summary."""
        from tui_migrate.operations.check import summarize

        review, verdicts = self.state.review, self.state.verdicts
        if review is None or review.summary is None:
            return
        rehearsed = verdicts.valid(self.plan) if verdicts is not None else {}
        mine = {one: rehearsed[one] for one in review.frozen.ids if one in rehearsed}
        summary = summarize(self.plan, review.forecasts, mine)
        self.state.review = Review(review.frozen, review.chosen, review.revision, review.forecasts, summary)
        self.status = None
        self.show_all()

    def action_cancel(self) -> None:
        """Cancel the rehearsal; what the engine said up to now stays."""
        if self.refuse("cancel") or self._rehearsal is None:
            return
        self._rehearsal.cancel()
        self._rehearsal = None
        self._sum_up()
        self.say("The rehearsal was cancelled; the verdicts up to now stay.")

    def leave_mode(self) -> bool:
        """Cancel a rehearsal before leaving."""
        if self._rehearsal is None:
            return False
        self.action_cancel()
        return True

    def on_screen_suspend(self) -> None:
        """A rehearsal ends with the screen."""
        super().on_screen_suspend()
        if self.app.screen_is_left(self):
            self._rehearsal = None
