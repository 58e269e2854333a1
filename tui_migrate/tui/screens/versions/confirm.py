"""One confirmation for the runs of several versions. What is shown here is what is sent, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widgets import Static

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.confirm.changing import ConfirmChanging
from tui_migrate.tui.screens.confirm.screen import Rechecked
from tui_migrate.tui.screens.versions.confirm_rows import ConfirmList
from tui_migrate.tui.screens.versions.part import VersionsPart
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.prepared_run import PreparedRun, RunOptions
    from tui_migrate.operations.side_effects import SideEffects


class VersionsConfirmScreen(VersionsPart, ConfirmChanging):
    """Target, versions in their order with their numbers, options; then the question."""

    NAME = "versions-confirm"
    BACK = "versions"
    STEP = "confirm"
    BEFORE = "versions"
    AFTER = "versions-result"
    SCOPES: ClassVar[tuple[str, ...]] = ("confirm",)
    BINDINGS = bindings("confirm")

    status: Piece | None = None
    runs: tuple[PreparedRun, ...] = ()
    _checking = False

    def compose(self) -> ComposeResult:
        """Header, target, versions, what is known, options, keys."""
        yield HeaderLine()
        yield Paragraph(id="versions-confirm-head")
        yield Paragraph(id="versions-confirm-to")
        with Pane():
            yield ConfirmList(self.app.glyphs, id="versions-sent")
        yield Paragraph(id="versions-confirm-said")
        yield Static("", id="confirm-options", markup=False)
        yield KeyLine()

    @property
    def lines(self) -> ConfirmList:
        """The list."""
        return self.query_one(ConfirmList)

    @property
    def plan_at_hand(self) -> OpenPlan | None:
        """The plan of the version under the cursor."""
        row = self.lines.run
        return row.plan if row is not None else None

    @property
    def prepared_at_hand(self) -> PreparedRun | None:
        """The run of the version under the cursor."""
        row = self.lines.run
        return row.prepared if row is not None else None

    @property
    def options(self) -> RunOptions:
        """How all of the runs are to be carried out."""
        from tui_migrate.operations.run import RunOptions

        known = self.versions.options if self.versions is not None else None
        return known or RunOptions()

    def with_options(self, **changes: object) -> None:
        """Take other options for all of the runs."""
        from msgspec.structs import replace

        if self.versions is not None:
            self.versions.options = replace(self.options, **changes)
        self.options_changed()

    def options_changed(self) -> None:
        """Make the runs anew with other options."""
        self.shown()

    def shown(self) -> None:
        """Make the runs as they would be sent."""
        versions, session = self.versions, self.state.session
        if versions is None or session is None:
            return
        self.lines.glyphs = self.glyphs
        self.runs = versions.prepared(session)
        self.lines.show_runs(versions, self.runs)
        self.show_all()

    def on_screen_suspend(self) -> None:
        """A look at the engine that is left is not taken up again."""
        super().on_screen_suspend()
        if self.app.screen_is_left(self):
            self._checking, self.status = False, None

    # -- drawing -----------------------------------------------------------------------------------------------

    def tell(self, sentence: str | None, style: str = "dim") -> None:
        """Show what is going on; None shows what is known."""
        self.status = (sentence, style) if sentence is not None else None
        self.show_said()

    def show_all(self) -> None:
        """Draw everything for what is known."""
        self._show_head()
        self.show_said()
        self._show_options()
        self.refresh_frame()

    def _show_head(self) -> None:
        versions, session = self.versions, self.state.session
        if versions is None or session is None:
            return
        total = sum(len(run.ids) for run in self.runs)
        count = "1 version" if len(self.runs) == 1 else f"{len(self.runs)} versions"
        noun = "instance" if total == 1 else "instances"
        profile = shown(session.profile.name or session.engine.base_url, 60)
        head: list[Piece] = [
            (f"Migrate {total} {noun} of {count}", "strong"),
            (f"on {profile}, {session.engine_label}", ""),
        ]
        if session.profile.read_only:
            head.append(("read-only: nothing can be sent", "warning"))
        self.query_one("#versions-confirm-head", Paragraph).show(head)
        newest = versions.group.newest.definition
        to: list[Piece] = [(f"to {shown(newest.id, 200)}", "accent")]
        tenant = f", tenant {shown(newest.tenant_id, 40)}" if newest.tenant_id else ""
        to.append((f"{shown(newest.name or newest.key, 60)} v{newest.version}{tenant}", "dim"))
        self.query_one("#versions-confirm-to", Paragraph).show(to)

    def show_said(self) -> None:
        """Show what is wrong with plans, what would fail, and how a failure is dealt with."""
        pieces: list[Piece] = []
        if self.status is not None:
            pieces.append(self.status)
        invalid = self._invalid()
        if invalid:
            names = ", ".join(f"v{version}" for version in invalid)
            pieces.append((f"{self.glyphs.error} {names}: the engine will refuse the plan; m goes to it.", "error"))
        failing = self._failing()
        if failing:
            pieces.append((f"{failing} would fail and stay where they are.", "error"))
        row = self.lines.run
        dangers = [one for one in row.plan.advice() if one.severity == "danger"] if row is not None else []
        if dangers and row is not None:
            words = f"{self.glyphs.advice} v{row.plan.source.version}: {shown(dangers[0].sentence, 200)} i shows all."
            pieces.append((words, "warning"))
        if len(self.runs) > 1:
            words = "One version after the other; after one that did not go well the next waits for your answer."
            pieces.append((words, "dim"))
        self.query_one("#versions-confirm-said", Paragraph).show(pieces)

    def _show_options(self) -> None:
        from tui_migrate.tui.screens.confirm.options import option_lines

        pane = self.query_one("#confirm-options", Static)
        prepared = self.prepared_at_hand
        if prepared is None:
            pane.update("")
            return
        width = max(self.size.width - 2, 40)
        pane.update(option_lines(prepared, self._effects(), self.glyphs, self.app.key_text_of, width))

    def _effects(self) -> SideEffects:
        """Return what all plans would run."""
        from tui_migrate.operations.side_effects import SideEffects, side_effects

        versions = self.versions
        found = [side_effects(plan) for plan in (versions.chosen if versions is not None else ())]
        return SideEffects(
            tuple(dict.fromkeys(entry for one in found for entry in one.listeners)),
            tuple(dict.fromkeys(entry for one in found for entry in one.mappings)),
        )

    def _invalid(self) -> list[int]:
        """Return the versions whose plan the engine will refuse."""
        versions = self.versions
        if versions is None:
            return []
        sent = {run.source.id for run in self.runs}
        return [
            plan.source.version
            for plan in versions.open_plans
            if plan.source.id in sent
            and not (plan.draft.report.valid and versions.checked[plan.source.id].report.valid)
        ]

    def _failing(self) -> int:
        versions = self.versions
        if versions is None:
            return 0
        going = {one for run in self.runs for one in run.ids}
        return sum(one in going for checked in versions.checked.values() for one in checked.summary.ids("fails"))

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.show_said()
        self._show_options()

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it; nothing is sent."""
        self._checking = False
        self.tell(event.sentence, "error")
        self.refresh_frame()

    def read_again(self) -> None:
        """Freeze and forecast anew, where that is done."""
        if self.versions is not None and not self.versions.going_on:
            self.versions.check_anew()
        self.app.go("versions")

    # -- keys --------------------------------------------------------------------------------------------------

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return (
            "confirm-payload",
            "confirm-command",
            "confirm-check",
            "confirm-details",
            "app-back",
            "app-help",
            "confirm-migrate",
        )

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        session, versions = self.state.session, self.versions
        if action == "migrate":
            if session is not None and session.profile.read_only:
                return "This profile is read-only: nothing is sent that changes the engine."
            if self._checking:
                return "Looking at the engine once more …"
            if versions is not None and versions.sent is not None:
                return "These runs were begun; . shows them. r checks anew what is left."
        if action in ("migrate", "payload", "command", "details", "export") and not self.runs:
            return "No instance is chosen: nothing would be sent."
        if action == "fault" and not self._invalid():
            return "No mapping is in error."
        return None

    def action_check(self) -> None:
        """Go back to the check."""
        self.app.go("versions")

    def action_details(self) -> None:
        """Show all that is wrong, dangerous or not mapped in the plan under the cursor."""
        plan = self.plan_at_hand
        if self.refuse("details") or plan is None:
            return
        from tui_migrate.tui.screens.confirm.warnings import WarningsModal

        self.app.push_screen(WarningsModal(plan, self.glyphs))

    def action_fault(self) -> None:
        """Open the first plan that the engine will refuse."""
        versions = self.versions
        if self.refuse("fault") or versions is None:
            return
        number = self._invalid()[0]
        plan = next(plan for plan in versions.open_plans if plan.source.version == number)
        if self.state.open_plan is not plan:
            self.state.show_plan(plan)
        self.app.go("plan")

    def leave_forwards(self) -> bool:
        """Nothing is sent by going on: only `enter` migrates."""
        if self.versions is None or self.versions.sent is None:
            self.say("enter migrates; . only goes to a result that is there.")
            return False
        return True

    def action_migrate(self) -> None:
        """Look at the engine once more, then ask."""
        session, runs = self.state.session, self.runs
        if self.refuse("migrate") or session is None:
            return
        from tui_migrate.operations.series import look_again

        self._checking = True
        self.tell("Looking at rights, sources, target, instances and batches once more …")
        start(self, "recheck", lambda: look_again(session, runs), Rechecked)

    @on(Rechecked)
    def _rechecked(self, event: Rechecked) -> None:
        event.stop()
        self._checking = False
        self.tell(None)
        session = self.state.session
        if session is None or not self.runs:
            return
        asks = session.profile.confirm
        if asks == "none" and not any(change.important for change in event.changes):
            self._send(True)
            return
        from tui_migrate.tui.screens.confirm.migrate import where_words
        from tui_migrate.tui.screens.versions.question import VersionsModal

        modal = VersionsModal(
            self.runs,
            event.changes,
            where=where_words(session),
            confirm=asks,
            invalid=self._invalid(),
            unmoved=self._failing(),
        )
        self.app.push_screen(modal, self._send)

    def _send(self, answer: bool | None) -> None:
        """Begin the runs; from now on they belong to the app."""
        session, versions = self.state.session, self.versions
        if not answer or session is None or versions is None:
            return
        from tui_migrate.tui.shown_versions import begin_series

        series = versions.sent = begin_series(self.app, session, self.runs)
        self.state.run = series.runs[0]
        self.state.runs += series.runs
        self.state.overview = None
        for run in series.runs:
            run.back = "versions-result"
        self.app.quit_guards.append(series.leaving_sentence)
        self.app.go("versions-result")
