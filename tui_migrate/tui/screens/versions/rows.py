"""The lines of the combined check: each version, why instances of it would not migrate, and what is skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.instances.check_lines import CheckLine, check_lines
from tui_migrate.tui.screens.list_screen import RowList

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.versions import OneVersion, UnopenedVersion
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_versions import ShownVersions
    from tui_migrate.tui.widgets.line_list import Piece

Chosen = Literal["all", "some", "none"]


class PlanRow(Struct, frozen=True):
    """A line about a version with a plan."""

    plan: OpenPlan

    @property
    def id(self) -> str:
        """The version's id."""
        return self.plan.source.id


class SentenceRow(Struct, frozen=True):
    """A line that only says something."""

    sentence: str

    @property
    def id(self) -> str:
        """The sentence."""
        return self.sentence


class VersionRow(PlanRow, frozen=True):
    """One version with its plan."""


class CauseRow(PlanRow, frozen=True):
    """Instances of a version that would not migrate, for one reason."""

    line: CheckLine

    @property
    def id(self) -> str:
        """What tells it from other causes of all versions."""
        return f"{self.plan.source.id} {self.line.activity_id} {self.line.sentence}"


class SkippedRow(SentenceRow, frozen=True):
    """What is not migrated, and why."""

    error: bool = False
    number: int | None = None


Row = VersionRow | CauseRow | SkippedRow


def rows_of(versions: ShownVersions) -> tuple[Row, ...]:
    """Return the lines, oldest version first; what is skipped comes last."""
    return tuple(_rows(versions))


def _rows(versions: ShownVersions) -> Iterator[Row]:
    for plan in versions.open_plans:
        yield VersionRow(plan)
        one = versions.checked.get(plan.source.id)
        if one is not None:
            yield from (CauseRow(plan, line) for line in check_lines(one.summary) if line.outcome != "migrates")
    if versions.plans is None:
        return
    for unopened in versions.plans.unopened:
        yield SkippedRow(unopened_words(unopened), error=True, number=unopened.instances)
    idle = set(versions.plans.without_instances)
    names = [f"v{row.definition.version}" for row in reversed(versions.group.rows) if row.definition.id in idle]
    if names:
        yield SkippedRow(f"{', '.join(names)}: nothing runs there, so there is nothing to migrate")


def unopened_words(unopened: UnopenedVersion) -> str:
    """Return why a version can't be migrated."""
    return f"v{unopened.definition.version} is skipped: {shown(str(unopened.error), 600)}"


def chosen(versions: ShownVersions, row: VersionRow | CauseRow) -> Chosen:
    """Return how many of a line's instances are to go."""
    if row.plan.source.id in versions.versions_left_out:
        return "none"
    if isinstance(row, CauseRow):
        ids: Sequence[str] = row.line.ids
    else:
        one = versions.checked.get(row.plan.source.id)
        ids = one.frozen.ids if one is not None else ()
    left = sum(one in versions.left_out for one in ids)
    if not left:
        return "all"
    return "none" if left == len(ids) else "some"


def plan_words(plan: OpenPlan, one: OneVersion | None, glyphs: Glyphs) -> Piece:
    """Return the verdict on a plan in few words: the engine's where it has spoken, else that of the rules."""
    errors = len(plan.draft.report.instruction_reports)
    if one is not None and one.revision == plan.draft.revision and not one.report.valid:
        errors = max(errors, len(one.report.instruction_reports), 1)
    if errors:
        return f"{glyphs.error} {errors} {'error' if errors == 1 else 'errors'}", "error"
    unmapped = sum(problem.kind in ("unmapped", "waiting") for problem in plan.problems())
    if unmapped:
        return f"{glyphs.unmapped} {unmapped} unmapped", "warning"
    return f"{glyphs.mapped} valid", "success"


def outcome_pieces(one: OneVersion | None, going: int) -> list[Piece]:
    """Return what would become of a version's instances."""
    if one is None:
        return [("checking", "dim")]
    summary = one.summary
    if not summary.total:
        return [("no instance is left", "dim")]
    if summary.migrates == summary.total:
        pieces: list[Piece] = [("all migrate", "success")]
    else:
        numbers = (
            (summary.migrates, "migrate", "success"),
            (summary.fails, "fail", "error"),
            (summary.cannot_tell + summary.gone, "unsure", "warning"),
        )
        pieces = [(f"{number} {words}", style) for number, words, style in numbers if number]
    left = summary.total - going
    if left:
        pieces.append((f"{left} left out" if going else "left out", "dim"))
    return pieces


def outcome_columns(one: OneVersion | None, going: int, room: int, ellipsis: str) -> list[Piece]:
    """Return what would become of a version's instances, in at most `room` cells."""
    pieces: list[Piece] = []
    for text, style in outcome_pieces(one, going):
        part = fit(f"{text}  ", min(len(text) + 2, max(room, 0)), ellipsis)
        room -= len(part)
        pieces.append((part, style))
    return pieces


class VersionList(RowList[Row]):
    """The lines."""

    versions: ShownVersions | None = None

    def show_versions(self, versions: ShownVersions) -> None:
        """Show what is known; the cursor stays on its line as far as that is still there."""
        self.versions = versions
        self.show_rows(rows_of(versions))

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return what a line says."""
        one, versions = self.rows[row], self.versions
        if versions is None:
            return []
        if isinstance(one, VersionRow):
            return self._version_pieces(versions, one, width)
        if isinstance(one, CauseRow):
            return self._cause_pieces(versions, one, width)
        number = f"{one.number:>7}  " if one.number is not None else " " * 9
        sign = self.glyphs.error if one.error else "-"
        text = fit(one.sentence, max(width - 16, 10), self.glyphs.ellipsis)
        return [("     ", ""), (f"{sign} ", "error" if one.error else "dim"), (number, "strong"), (text, "dim")]

    def _tick(self, versions: ShownVersions, row: VersionRow | CauseRow) -> str:
        glyphs = self.glyphs
        return {"all": glyphs.ticked, "some": "[-]", "none": glyphs.unticked}[chosen(versions, row)]

    def _version_pieces(self, versions: ShownVersions, row: VersionRow, width: int) -> Sequence[Piece]:
        plan = row.plan
        one = versions.checked.get(plan.source.id)
        going = versions.ids_of(plan)
        number = len(one.frozen.ids) if one is not None else plan.running
        words, style = plan_words(plan, one, self.glyphs)
        edited = "edited" if plan.draft.changed else ""
        tag = 8 if width < 100 else 20
        pieces: list[Piece] = [
            (f" {self._tick(versions, row)} ", ""),
            (fit(f"v{plan.source.version}", 5), "strong"),
            (fit(plan.source.version_tag or "", tag, self.glyphs.ellipsis) + " ", "dim"),
            (f"{number:>6}  ", "strong"),
            (fit(words, 12) + " ", style),
            (fit(edited, 7), "accent"),
        ]
        now = versions.sent.running_on(plan.source.id) if versions.sent is not None else None
        if now is not None:
            return [*pieces, (fit(f"{now} run there now", width - 39 - tag, self.glyphs.ellipsis), "")]
        return [*pieces, *outcome_columns(one, len(going), width - 39 - tag, self.glyphs.ellipsis)]

    def _cause_pieces(self, versions: ShownVersions, row: CauseRow, width: int) -> Sequence[Piece]:
        line, glyphs = row.line, self.glyphs
        sign, style = {
            "fails": (glyphs.error, "error"),
            "cannot tell": ("?", "warning"),
        }.get(line.outcome, ("-", "dim"))
        activity = row.plan.source_model.get(line.activity_id)
        place = f" {shown(activity.label, 60)}" if activity is not None else ""
        room = max(width - 21, 10)
        split = min(len(place), room // 3)
        return [
            (f"      {self._tick(versions, row)} ", ""),
            (f"{sign} ", style),
            (f"{len(line.ids):>6}  ", ""),
            (fit(shown(line.sentence, 400), room - split, glyphs.ellipsis), ""),
            (fit(place, split, glyphs.ellipsis) if split else "", "accent"),
        ]
