"""All old versions of a key: a plan for each, one check for all. The way to one confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.versions.messages import CheckProgress, PlansOpened, VersionChecked
from tui_migrate.tui.screens.versions.rehearsing import VersionsRehearsing
from tui_migrate.tui.screens.versions.rows import CauseRow, SkippedRow, VersionList, VersionRow, chosen
from tui_migrate.tui.screens.versions.words import number_pieces, plan_pieces
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
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.shown_versions import ShownSeries, ShownVersions


_CHANGING = ("take_or_leave", "leave_failing", "take_suggestions", "rehearse", "go_on")
"""Actions that make no sense any more once the runs are under way."""


class VersionsScreen(VersionsRehearsing):
    """The combined check; `enter` opens one version's plan, `esc` there comes back."""

    NAME = "versions"
    STEP = "instances"
    AFTER = "versions-confirm"
    BEFORE = "overview"
    SCOPES: ClassVar[tuple[str, ...]] = ("versions",)
    BINDINGS = bindings("versions")

    def compose(self) -> ComposeResult:
        """Header, summary, versions with causes, details, keys."""
        yield HeaderLine()
        yield Paragraph(id="versions-head")
        yield Paragraph(id="versions-numbers")
        with Pane():
            yield VersionList(self.app.glyphs, id="versions")
        yield Paragraph(id="versions-foot")
        yield KeyLine()

    @property
    def lines(self) -> VersionList:
        """The list."""
        return self.query_one(VersionList)

    def shown(self) -> None:
        """Open the plans, or check those again that were edited meanwhile."""
        self.lines.glyphs = self.glyphs
        self.listen()
        versions, session = self.versions, self.state.session
        if versions is None or session is None:
            return
        if versions.plans is None:
            self._open(session, versions)
        else:
            self._check(session, versions)
        self.show_all()

    def read_again(self) -> None:
        """Freeze and forecast the instances of all versions anew; edits stay."""
        versions, session = self.versions, self.state.session
        if versions is None or session is None:
            return
        if versions.going_on:
            self.say("The runs of these versions are under way; . shows them.", "warning")
            return
        versions.check_anew()
        self.shown()

    # -- reading -----------------------------------------------------------------------------------------------

    def _open(self, session: Session, versions: ShownVersions) -> None:
        newest = versions.group.newest.definition.id

        async def read() -> PlansOpened:
            from tui_migrate.operations.overview import load_overview
            from tui_migrate.operations.versions import open_group

            group = (await load_overview(session)).group(newest) or versions.group
            return PlansOpened(versions, group, await open_group(session, group, group.newest.definition.id))

        self.status = ("Reading the models and the generated plan of each version …", "dim")
        start(self, "open", read, lambda message: message)

    @on(PlansOpened)
    def _opened(self, event: PlansOpened) -> None:
        event.stop()
        event.versions.group, event.versions.plans = event.group, event.plans
        if event.versions is self.versions and self.state.session is not None:
            self._check(self.state.session, event.versions)
            self.show_all()

    def _check(self, session: Session, versions: ShownVersions) -> None:
        """Check what is not checked as it stands; instances that are frozen stay frozen."""
        wanted = versions.unchecked()
        self.status = None
        if not wanted:
            return
        self.status = ("Freezing and forecasting the instances …", "dim")

        async def read() -> None:
            from tui_migrate.operations.versions import check_version

            for plan in wanted:
                known = versions.checked.get(plan.source.id)
                one = await check_version(
                    session,
                    plan,
                    frozen=known.frozen if known is not None else None,
                    on_progress=lambda number, plan=plan: self._progress(plan, number),  # type: ignore[misc]
                )
                self.post_message(VersionChecked(versions, one))

        start(self, "check", read, lambda _: None)

    def _progress(self, plan: OpenPlan, number: int) -> None:
        self.tell_progress(f"Forecast of v{plan.source.version}: {number} of {plan.running} …")

    @on(CheckProgress)
    def _progressed(self, event: CheckProgress) -> None:
        event.stop()
        if self.status is not None:
            self.status = (event.sentence, "dim")
            self.show_head()

    @on(VersionChecked)
    def _checked(self, event: VersionChecked) -> None:
        event.stop()
        event.versions.checked[event.one.source_id] = event.one
        if event.versions is not self.versions:
            return
        if not event.versions.unchecked() and not self.is_rehearsing:
            self.status = None
        self.show_all()

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it in the head; what was read stays."""
        self.rehearsal = None
        self.status = (f"{event.sentence} r reads again.", "error")
        self.show_all()

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_all(self) -> None:
        """Draw everything for what is known."""
        if self.versions is not None:
            self.lines.show_versions(self.versions)
        self.show_head()
        self.show_foot()
        self.refresh_frame()

    def show_head(self) -> None:
        """Show from where to where, and the numbers of all versions."""
        versions = self.versions
        if versions is None:
            return
        newest = versions.group.newest.definition
        tenant = f" of tenant {shown(newest.tenant_id, 30)}" if newest.tenant_id else ""
        head: list[Piece] = [(f"Bring {shown(newest.key, 60)}{tenant} to v{newest.version}", "strong")]
        numbers: list[Piece] = []
        check = versions.check()
        if self.status is not None:
            numbers.append(self.status)
        elif versions.sent is not None:
            numbers.append((self._sent_words(versions.sent), "warning"))
        elif versions.plans is not None and not versions.open_plans and not versions.plans.unopened:
            numbers.append(("Nothing runs on an old version: there is nothing to migrate.", "success"))
        elif check is not None:
            numbers += number_pieces(check)
        if check is not None and versions.sent is None:
            going = sum(len(versions.ids_of(plan)) for plan in versions.open_plans)
            count = len([plan for plan in versions.open_plans if versions.ids_of(plan)])
            noun = "version" if count == 1 else "versions"
            head.append((f"{going} of {check.total} instances of {count} {noun} would be sent", ""))
        self.query_one("#versions-head", Paragraph).show(head)
        self.query_one("#versions-numbers", Paragraph).show(numbers)

    def _sent_words(self, sent: ShownSeries) -> str:
        if not sent.over:
            return "The runs of these versions are under way; . shows them."
        return f"These were sent, . shows the result; {self.app.key_text_of('app-read-again')} checks what is left."

    def show_foot(self) -> None:
        """Show what there is to say about the line of the cursor."""
        row, versions = self.lines.current, self.versions
        pieces: list[Piece] = []
        if isinstance(row, SkippedRow):
            pieces.append((row.sentence, "error" if row.error else "dim"))
        elif isinstance(row, CauseRow):
            pieces.append((shown(row.line.sentence, 600), "error" if row.line.outcome == "fails" else "warning"))
            if row.line.remedy:
                pieces.append((f"{self.glyphs.arrow} {shown(row.line.remedy, 400)}", ""))
        elif isinstance(row, VersionRow) and versions is not None:
            pieces += plan_pieces(row.plan, versions.checked.get(row.plan.source.id), self.glyphs)
        self.query_one("#versions-foot", Paragraph).show(pieces)

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.show_foot()

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        row = self.lines.current
        if isinstance(row, VersionRow | CauseRow) and event.column < (6 if isinstance(row, VersionRow) else 10):
            self.action_take_or_leave()
        elif event.again:
            self.action_open()

    # -- keys --------------------------------------------------------------------------------------------------

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return (
            "versions-open",
            "versions-toggle",
            "versions-suggestions",
            "versions-rehearse",
            "versions-failing",
            "versions-details",
            "app-back",
            "app-help",
            "app-next-step",
        )

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        row, versions = self.lines.current, self.versions
        if action in ("open", "take_or_leave", "details") and row is None:
            return "The plans are not open yet."
        if action in ("open", "take_or_leave") and isinstance(row, SkippedRow):
            return "This line is skipped: there is no plan to open."
        if action in _CHANGING and versions is not None and versions.going_on:
            return "The runs of these versions are under way; . shows them."
        if self.is_rehearsing and action in (*_CHANGING, "open"):
            return "The rehearsal goes on; esc cancels it."
        if action in ("leave_failing", "take_suggestions", "rehearse", "go_on") and (
            versions is None or versions.check() is None
        ):
            return "The check is not done yet."
        if action == "rehearse" and self.state.session is not None and self.state.session.profile.read_only:
            return "This profile is read-only, and a rehearsal sends requests that could change the engine."
        if action == "rehearse" and not any(plan.draft.report.valid for plan in (versions.chosen if versions else ())):
            return "No version with a valid plan is chosen: there is nothing to rehearse."
        if action == "leave_failing" and not self._failing():
            return "No instance would fail."
        if action == "go_on" and versions is not None and not any(map(versions.ids_of, versions.open_plans)):
            return "No instance is chosen: there is nothing to send."
        return None

    def action_open(self) -> None:
        """Open the plan of the line's version."""
        row = self.lines.current
        if self.refuse("open") or not isinstance(row, VersionRow | CauseRow):
            return
        if self.state.open_plan is not row.plan:
            self.state.show_plan(row.plan)
        if isinstance(row, CauseRow) and row.plan.source_model.get(row.line.activity_id) is not None:
            from tui_migrate.tui.screens.instances.fault import show_fault

            show_fault(self.app, row.line.activity_id or "")
        else:
            self.app.go("plan")
        self.say(f"{self.app.key_text_of('app-back')} comes back to all versions.")

    def action_take_or_leave(self) -> None:
        """Take a version or a group of instances, or leave it out."""
        row, versions = self.lines.current, self.versions
        if self.refuse("take_or_leave") or versions is None or not isinstance(row, VersionRow | CauseRow):
            return
        take = chosen(versions, row) != "all"
        source_id = row.plan.source.id
        if isinstance(row, VersionRow):
            one = versions.checked.get(source_id)
            if take:
                versions.versions_left_out.discard(source_id)
                versions.left_out.difference_update(one.frozen.ids if one is not None else ())
            else:
                versions.versions_left_out.add(source_id)
        elif take:
            versions.versions_left_out.discard(source_id)
            versions.left_out.difference_update(row.line.ids)
        else:
            versions.left_out.update(row.line.ids)
        self.show_all()

    def _failing(self) -> set[str]:
        versions = self.versions
        if versions is None:
            return set()
        return {one for checked in versions.checked.values() for one in checked.summary.ids("fails")}

    def action_leave_failing(self) -> None:
        """Leave out all that would fail, or take them again."""
        versions, failing = self.versions, self._failing()
        if self.refuse("leave_failing") or versions is None:
            return
        if failing <= versions.left_out:
            versions.left_out -= failing
            self.say(f"{len(failing)} that would fail are taken again.")
        else:
            versions.left_out |= failing
            self.say(f"{len(failing)} that would fail are left out; they stay where they are.")
        self.show_all()

    def action_take_suggestions(self) -> None:
        """Map the best suggestion for each activity with instances and no mapping, in the plans of all versions."""
        versions, session = self.versions, self.state.session
        if self.refuse("take_suggestions") or versions is None or session is None:
            return
        from tui_migrate.operations.suggestions import take_best_suggestions

        taken = {plan.source.version: take_best_suggestions(plan) for plan in versions.chosen}
        number = sum(map(len, taken.values()))
        if not number:
            self.say("There is nothing to suggest: what has instances is mapped, or has nothing alike in the target.")
            return
        names = ", ".join(f"v{version} {len(found)}" for version, found in taken.items() if found)
        self.say(f"{number} mapped by suggestion ({names}). Open a plan to see them, or to undo.")
        self._check(session, versions)
        self.show_all()

    def action_details(self) -> None:
        """Show all that is to be said about the line."""
        row = self.lines.current
        if self.refuse("details"):
            return
        if isinstance(row, CauseRow):
            from tui_migrate.tui.screens.instances.cause import CauseModal

            self.app.push_screen(CauseModal(row.plan, row.line, self.glyphs))
        elif isinstance(row, VersionRow):
            from tui_migrate.tui.screens.confirm.warnings import WarningsModal

            self.app.push_screen(WarningsModal(row.plan, self.glyphs))
        elif isinstance(row, SkippedRow):
            self.say(row.sentence, "warning" if row.error else "information")

    def leave_forwards(self) -> bool:
        """Return whether the next step may be gone to; runs that go on are shown instead."""
        versions = self.versions
        if versions is not None and versions.sent is not None:
            self.app.go("versions-result")
            return False
        return not self.refuse("go_on")
