"""What the confirm screen shows: both ids, the number, the plan, the forecast, the options."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widgets import Static

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.confirm.changing import ConfirmChanging
from tui_migrate.tui.screens.confirm.options import option_lines
from tui_migrate.tui.screens.confirm.plan_table import PlanTable
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_migrate.operations.batches import BatchRow
    from tui_migrate.operations.check import CheckSummary
    from tui_migrate.operations.plan import OpenPlan


class ConfirmDrawing(ConfirmChanging):
    """What the confirm screen shows."""

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

    def first_fault(self) -> str | None:
        """Return the first source activity in error, in the source's order, or None."""
        plan = self.state.open_plan
        if plan is None:
            return None
        reports = plan.draft.report.instruction_reports
        failing = {one.instruction.source_activity_id for one in reports}
        return next((one for one in plan.source_model.activities if one in failing), None)
