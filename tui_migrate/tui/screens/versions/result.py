"""The runs of several versions, one after the other: how far each is, and one account over all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from tui_migrate.operations.account_rules import AccountClass
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.result.after import AfterRun
from tui_migrate.tui.screens.result.frame import ResultFrame
from tui_migrate.tui.screens.result.sentences import class_style, phase_pieces
from tui_migrate.tui.screens.versions.part import VersionsPart
from tui_migrate.tui.screens.versions.result_rows import LeftOverRow, RunRows
from tui_migrate.tui.shown_versions import SeriesTold
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_migrate.tui.shown_versions import ShownSeries
    from tui_migrate.tui.widgets.line_list import Piece


class VersionsResultScreen(ResultFrame, VersionsPart, AfterRun):  # the first base is the one that styles know
    """Live progress of each run, what has to be decided, the account of all."""

    NAME = "versions-result"
    BACK = "overview"
    STEP = "result"
    BEFORE = "versions"
    SCOPES: ClassVar[tuple[str, ...]] = ("versions-result",)
    BINDINGS = bindings("versions-result")

    _shown: ShownSeries | None = None

    def make_list(self) -> RunRows:
        """Return the list of the runs."""
        return RunRows(self.app.glyphs, id="versions-runs")

    @property
    def lines(self) -> RunRows:
        """The list."""
        return self.query_one(RunRows)

    @property
    def series(self) -> ShownSeries | None:
        """What is shown."""
        return self.state.versions.sent if self.state.versions is not None else None

    def shown(self) -> None:
        """Show how far the runs are, and listen to them."""
        self.lines.glyphs = self.glyphs
        self.listen()
        self.show_all()

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_all(self) -> None:
        """Draw everything for the runs as they stand."""
        series = self.series
        if series is None:
            return
        self.lines.show_series(series)
        self.write("head", self._head(series))
        self.write("bar", self._bar(series, self.text_width))
        self.write("numbers", self._numbers(series))
        self.write("question", self._question(series))
        self.show_foot()
        self.refresh_frame()

    @staticmethod
    def _head(series: ShownSeries) -> list[Piece]:
        total = sum(run.total for run in series.runs)
        versions = "1 version" if len(series.runs) == 1 else f"{len(series.runs)} versions"
        target = series.runs[0].target
        to = f"{shown(target.key, 60)} v{target.version}" if target is not None else ""
        pieces: list[Piece] = [(f"{total} instances of {versions} to {to}", "strong")]
        if series.runs[0].annotation:
            pieces.append((f"({shown(series.runs[0].annotation, 60)})", "dim"))
        return pieces

    def _bar(self, series: ShownSeries, width: int) -> list[Piece]:
        if series.trouble is not None:
            return [(f"{self.glyphs.error} Nothing was sent: {shown(series.trouble, 400)}", "error")]
        if not series.over:
            version = series.current.source.version if series.current.source is not None else "?"
            place = f"v{version} ({series.series.number + 1}/{len(series.runs)})"
            return [(place, "strong"), *phase_pieces(series.current, self.glyphs, width - len(place) - 2)]
        total = sum(run.total for run in series.runs)
        counts = self._counts(series)
        moved = counts[AccountClass.MIGRATED] + counts[AccountClass.MIGRATED_AND_ENDED]
        if moved == total:
            return [(f"{self.glyphs.mapped} Success: all {total} were migrated, each asked about.", "success")]
        if sum(counts.values()) < total:
            words = f"{self.glyphs.unmapped} Not all runs are over; J lists those that can be taken up."
            return [(words, "warning")]
        return [(f"{self.glyphs.error} {moved} of {total} were migrated; the others are below.", "error")]

    @staticmethod
    def _counts(series: ShownSeries) -> Counter[AccountClass]:
        counts: Counter[AccountClass] = Counter()
        for _, account in series.accounts:
            counts.update(account.counts)
        return counts

    def _numbers(self, series: ShownSeries) -> list[Piece]:
        counts = self._counts(series)
        pieces: list[Piece] = [
            (f"{class_.value} {counts[class_]}", class_style(class_)) for class_ in AccountClass if counts[class_]
        ]
        accounted = sum(counts.values())
        total = sum(run.total for run in series.runs)
        if accounted:
            pieces.append((f"= {accounted} of {total} accounted for", "dim"))
        elif not series.over:
            pieces.append(("The account follows when a run is over.", "dim"))
        return pieces

    def _question(self, series: ShownSeries) -> list[Piece]:
        go, stop = self.app.key_text_of("versions-result-next"), self.app.key_text_of("versions-result-stop")
        if series.question is not None:
            version = series.runs[series.question.number].source
            name = f"v{version.version}" if version is not None else "the next version"
            size = series.runs[series.question.number].total
            answer = f"{go} begins {name} ({size} instances), {stop} leaves {series.question.instances} unsent."
            return [(shown(series.question.sentence, 400), "warning"), (answer, "strong")]
        question = series.current.state.question
        if question is not None:
            size = series.current.state.waves[question.next_wave].size
            answer = (
                f"{go} sends wave {question.next_wave + 1} ({size} instances), {stop} leaves {question.unsent} unsent."
            )
            return [(shown(question.sentence, 400), "warning"), (answer, "strong")]
        if series.over or series.trouble is not None:
            return []
        words = "Leaving this screen is safe: the runs go on here, and all of them are in the journal."
        return [(words, "dim")]

    def show_foot(self) -> None:
        """Show the line under the cursor whole."""
        row = self.lines.current
        pieces: list[Piece] = []
        if isinstance(row, LeftOverRow):
            pieces.append((f"{row.number} {row.entry.class_.value}", "strong"))
            if row.entry.cause:
                pieces.append((shown(row.entry.cause, 600), ""))
        elif row is not None:
            pieces.append((shown(row.run.source_id, 100), ""))
            now = self.series.running_on(row.run.source_id) if self.series is not None else None
            if now is not None:
                pieces.append((f"{now} {'instance runs' if now == 1 else 'instances run'} there now", ""))
            pieces.append((f"run {row.run.state.run_id}", "dim"))
            batches = ", ".join(row.run.batch_ids)
            if batches:
                pieces.append((f"batch {batches}", "dim"))
        self.write("foot", pieces)

    def open_line(self) -> None:
        """Show the run of the line as a result of its own."""
        self.action_open()

    def read_again(self) -> None:
        """Read again how many instances run on the versions; the runs themselves read by themselves."""
        series = self.series
        if series is not None:
            start(self, "running", series.series.read_running, lambda _: SeriesTold(series))
            self.say("Reading how many instances run on the versions now; enter opens a run to ask about it anew.")

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it; numbers that could not be read again are not shown."""
        super().work_failed(event)
        self.show_all()

    # -- keys --------------------------------------------------------------------------------------------------

    def hints(self) -> Iterable[str]:
        """Return the keys that matter now."""
        series = self.series
        asks = ("versions-result-next", "versions-result-stop") if series is not None and series.asks else ()
        export = ("versions-result-export",) if series is not None and series.over else ()
        return (*asks, "versions-result-open", *export, "versions-result-runs", "app-help", "app-back")

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        series = self.series
        if series is None:
            return "Nothing has been sent yet."
        if action in ("go_on", "stop") and not series.asks:
            return "The runs ask nothing just now."
        if action == "export" and (not series.over or not series.accounts):
            return "There is no account of all yet: it is there when the runs are over."
        if action == "open" and self.lines.current is None:
            return "There is no run here."
        return None

    def action_go_on(self) -> None:
        """Send the next wave, or begin the next version."""
        series = self.series
        if not self.refuse("go_on") and series is not None:
            series.decide(True)

    def action_stop(self) -> None:
        """Leave the rest unsent, after a question."""
        series = self.series
        if self.refuse("stop") or series is None:
            return
        from tui_migrate.tui.screens.question import QuestionModal

        if series.question is not None:
            words = f"{series.question.instances} instances stay on their versions; the account says so of each."
        else:
            question = series.current.state.question
            words = f"{question.unsent if question is not None else 0} instances of this version stay unsent."
        question_modal = QuestionModal("Stop here?", [words], yes="stop", no="not yet")

        def answered(answer: bool | None) -> None:
            if answer and series.asks:
                series.decide(False)

        self.app.push_screen(question_modal, answered)

    def action_open(self) -> None:
        """Show the run of the line as a result of its own."""
        row, versions = self.lines.current, self.state.versions
        if self.refuse("open") or row is None or versions is None:
            return
        plan = next((plan for plan in versions.open_plans if plan.source.id == row.run.source_id), None)
        if plan is not None and self.state.open_plan is not plan:
            self.state.show_plan(plan)
        row.run.back = self.NAME
        self.state.run = row.run
        self.app.go("result")

    def action_export(self) -> None:
        """Ask where to and export one account of all runs."""
        series, session = self.series, self.state.session
        if not self.refuse("export") and series is not None and session is not None:
            self.ask_export(session, *(account for _, account in series.accounts))
