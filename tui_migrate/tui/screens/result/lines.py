"""The lines of the result: what is wrong with the plan, why an instance refused, failed jobs by cause, the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.operations.account_rules import AccountClass
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.operations.account import Account
    from tui_migrate.operations.canary import CanaryReport
    from tui_migrate.operations.failures import FailedJob
    from tui_migrate.operations.records import WaveFailure
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_run import ShownRun

_STYLES: Final[Mapping[AccountClass, str]] = {
    AccountClass.MIGRATED: "success",
    AccountClass.MIGRATED_AND_ENDED: "success",
    AccountClass.FAILED: "error",
    AccountClass.ROLLED_BACK: "error",
    AccountClass.MOVED_ELSEWHERE: "warning",
    AccountClass.NOT_SENT: "warning",
    AccountClass.UNKNOWN: "warning",
}


class ResultLine(Struct, frozen=True):
    """One line of the result."""

    title: str
    """A class of the account, or what else it is about."""
    sentence: str = ""
    style: str = ""
    number: int | None = None
    ids: tuple[str, ...] = ()
    """Instances that it is about, as far as they are known."""
    jobs: tuple[FailedJob, ...] = ()
    """Failed jobs that are still there."""
    activity_id: str | None = None
    """The source activity at fault."""


def result_lines(run: ShownRun, model: ProcessModel | None) -> tuple[ResultLine, ...]:
    """Return the lines for a run as it stands.

    Args:
        run: The run.
        model: Of the source, where it is known, for names.
    """
    found: list[ResultLine] = []
    if run.trouble is not None:
        found.append(ResultLine("not started", run.trouble, "error"))
    if run.state.error is not None:
        found.append(ResultLine("interrupted", str(run.state.error), "error"))
    failure = run.state.failure
    if failure is not None:
        found += _failure_lines(failure)
    if run.state.question is not None and run.state.question.canary is not None:
        found += _canary_lines(run.state.question.canary)
    account = run.account
    if account is not None and not run.going_on:
        found += _account_lines(run, account)
    else:
        found += _job_lines(run)
    return tuple(found)


def _canary_lines(canary: CanaryReport) -> Iterator[ResultLine]:
    """What is wrong with the instances that went first, by its text."""
    for title, texts in (("incident", canary.incidents), ("failed job", canary.failed_jobs)):
        found: dict[str, list[str]] = {}
        for instance_id, sentences in texts.items():
            for sentence in sentences:
                found.setdefault(sentence, []).append(instance_id)
        for sentence, ids in found.items():
            yield ResultLine(title, sentence, "warning", len(ids), tuple(ids))


def _failure_lines(failure: WaveFailure) -> Iterator[ResultLine]:
    if failure.kind == "plan":
        yield from _plan_lines(failure)
    elif failure.kind == "instance":
        ids = (failure.instance_id,) if failure.instance_id else ()
        places = (*failure.activity_ids, *("",) * len(failure.failures))
        for sentence, place in zip(failure.failures or (failure.message,), places, strict=False):
            yield ResultLine("refused", sentence, "error", None, ids, activity_id=place or None)
    else:
        title = {"refused": "refused", "not sent": "not sent"}.get(failure.kind, "failed")
        yield ResultLine(title, failure.message, "error")


def _plan_lines(failure: WaveFailure) -> Iterator[ResultLine]:
    from tui_migrate.engine.plan_answer import validation_report

    report = validation_report(failure.report or {})
    for one in report.instruction_reports:
        source, target = one.instruction.source_activity_id, one.instruction.target_activity_id
        for sentence in one.failures:
            yield ResultLine(f"{source} → {target}", sentence, "error", activity_id=source)
    for name, failures in report.variable_reports.items():
        for sentence in failures:
            yield ResultLine(f"variable {name}", sentence, "error")
    if report.valid:
        yield ResultLine("plan invalid", failure.message, "error")


def _account_lines(run: ShownRun, account: Account) -> Iterator[ResultLine]:
    jobs = {job.instance_id: job for groups in run.groups.values() for group in groups for job in group.jobs}
    places = {
        cause.text: next((one for one in cause.activity_ids if one), None)
        for groups in run.groups.values()
        for cause in (group.cause for group in groups)
    }
    for entry, ids in account.groups():
        mine = tuple(jobs[one] for one in ids if one in jobs)
        cause = entry.cause or ""
        place = places.get(cause) or _place_in(cause)
        yield ResultLine(entry.class_.value, cause, _STYLES.get(entry.class_, "dim"), len(ids), ids, mine, place)
    unnamed = tuple(
        job for groups in run.groups.values() for group in groups for job in group.jobs if job.instance_id is None
    )
    if unnamed:
        yield ResultLine("failed jobs", "no instance is named by the engine", "error", len(unnamed), (), unnamed)


def _place_in(cause: str) -> str | None:
    """Return the activity that a cause's text begins with, as `Cause.text` writes it."""
    head, colon, _ = cause.partition(": ")
    return head if colon and " " not in head else None


def _job_lines(run: ShownRun) -> Iterator[ResultLine]:
    for groups in run.groups.values():
        for group in groups:
            place = next((one for one in group.cause.activity_ids if one), None)
            yield ResultLine(
                "failed", group.cause.text, "error", len(group.jobs), group.instance_ids, group.jobs, place
            )


class ResultList(LineList):
    """The lines.

    Args:
        glyphs: The set of characters.
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.lines_shown: tuple[ResultLine, ...] = ()

    def show_lines(self, lines: tuple[ResultLine, ...]) -> None:
        """Show lines; the cursor stays on its own as far as that is still there."""
        if lines == self.lines_shown:
            return
        at = self.current
        self.lines_shown = lines
        same = [
            row
            for row, line in enumerate(lines)
            if at is not None and (line.title, line.sentence) == (at.title, at.sentence)
        ]
        self.rows_changed(cursor=same[0] if same else 0)

    @property
    def current(self) -> ResultLine | None:
        """The line with the cursor."""
        return self.lines_shown[self.cursor] if self.cursor < len(self.lines_shown) else None

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self.lines_shown)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return title, sentence and number."""
        line = self.lines_shown[row]
        number = "" if line.number is None else str(line.number)
        title_width = 28 if line.number is not None else min(36, width // 3)
        if line.number is not None and width < 100:
            title_width = 17 if line.sentence else 28
        room = max(width - title_width - 10, 4)
        arrow = shown(line.title, 80).replace("→", self.glyphs.arrow)
        return [
            (f" {fit(arrow, title_width, self.glyphs.ellipsis)} ", line.style),
            (fit(line.sentence, room, self.glyphs.ellipsis), ""),
            (f"{number:>6} ", "strong"),
        ]
