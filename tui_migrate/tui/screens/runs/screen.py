"""The runs tab: what this user's journal has, on whatever engine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from tui_migrate.operations.account_rules import AccountClass
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.screens.result.after import Exported, ReturnReady, export_account, make_return, show_return
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.widgets.pane import Pane
from tui_migrate.tui.widgets.paragraph import Paragraph
from tui_migrate.tui.widgets.tab_line import TabLine
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from tui_migrate.operations.account import Account
    from tui_migrate.operations.records import RunRecord
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_run import ShownRun


class RunsRead(Message):
    """The runs have been read from the journal.

    Args:
        runs: Newest first.
        open_ids: Those that nobody carries out and that can be taken up.
    """

    def __init__(self, runs: tuple[RunRecord, ...], open_ids: frozenset[str]) -> None:
        self.runs = runs
        self.open_ids = open_ids
        super().__init__()


class RunReady(Message):
    """A run is ready to be shown.

    Args:
        run: The run.
    """

    def __init__(self, run: ShownRun) -> None:
        self.run = run
        super().__init__()


class AccountFound(Message):
    """The kept account of a run was read.

    Args:
        record: The run.
        account: The account, or None before the first.
    """

    def __init__(self, record: RunRecord, account: Account | None) -> None:
        self.record = record
        self.account = account
        super().__init__()


def definition_words(definition_id: str) -> str:
    """Return key and version of a definition's id as the engines make it, `key:version:uuid`; else the id."""
    key, _, rest = definition_id.partition(":")
    version = rest.partition(":")[0]
    return f"{key} v{version}" if version.isdigit() else definition_id


def account_words(counts: Mapping[str, int]) -> Piece:
    """Return an account in few words."""
    if not counts:
        return "no account yet", "dim"
    moved = counts.get(AccountClass.MIGRATED, 0) + counts.get(AccountClass.MIGRATED_AND_ENDED, 0)
    failed = counts.get(AccountClass.FAILED, 0) + counts.get(AccountClass.ROLLED_BACK, 0)
    other = sum(counts.values()) - moved - failed
    words = [f"{moved} migrated"]
    words += [f"{failed} failed"] if failed else []
    words += [f"{other} else"] if other else []
    return ", ".join(words), "error" if failed else "warning" if other else "success"


class RunList(LineList):
    """Runs, one to a line.

    Args:
        glyphs: The set of characters.
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.runs: tuple[RunRecord, ...] = ()
        self.open_ids: frozenset[str] = frozenset()

    def show_runs(self, runs: tuple[RunRecord, ...], open_ids: frozenset[str]) -> None:
        """Show runs; the cursor stays on its own."""
        at = self.current
        self.runs, self.open_ids = runs, open_ids
        same = [place for place, run in enumerate(runs) if at is not None and run.id == at.id]
        self.rows_changed(cursor=same[0] if same else 0)

    @property
    def current(self) -> RunRecord | None:
        """The run with the cursor."""
        return self.runs[self.cursor] if self.cursor < len(self.runs) else None

    def row_count(self) -> int:
        """Return the number of runs."""
        return len(self.runs)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return when, how far, what, how many, account, who, where."""
        run = self.runs[row]
        ellipsis = self.glyphs.ellipsis
        to_take_up = run.id in self.open_ids
        status = "to take up" if to_take_up else run.status
        style = {"done": "success", "open": "accent", "stopped": "warning"}.get(run.status, "dim")
        words, colour = account_words(run.counts)
        where = run.profile or run.engine_label
        source, target = definition_words(run.source_id), definition_words(run.target_id)
        if source.rpartition(" ")[0] == target.rpartition(" ")[0]:
            target = target.rpartition(" ")[2]
        plan = f"{shown(source, 60)} {self.glyphs.arrow} {shown(target, 60)}"
        place = 24 if width >= 100 else 0
        room = max(width - 32 - place, 20)
        who = f"{fit(f'{shown(run.who, 20)} {shown(where, 20)}', place, ellipsis)} " if place else ""
        return [
            (f" {run.started_at.astimezone():%m-%d %H:%M} ", ""),
            (f"{status:<10} ", "warning" if to_take_up else style),
            (f"{run.total:>6} ", "strong"),
            (f"{fit(plan, room // 2, ellipsis)} ", ""),
            (f"{fit(words, room - room // 2 - 1, ellipsis)} ", colour),
            (who, "dim"),
        ]


class RunsScreen(BaseScreen):
    """All runs of the journal."""

    NAME = "runs"
    SCOPES: ClassVar[tuple[str, ...]] = ("runs",)
    BINDINGS = bindings("runs")

    def compose(self) -> ComposeResult:
        """Header, tabs, list, details, keys."""
        yield HeaderLine()
        yield TabLine("runs")
        with Pane():
            yield RunList(self.app.glyphs, id="runs")
        yield Paragraph(id="runs-said")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.list.focus()

    @property
    def list(self) -> RunList:
        """The list."""
        return self.query_one(RunList)

    def shown(self) -> None:
        """Read the journal each time."""
        if self.state.session is not None:
            self.read_again()

    def read_again(self) -> None:
        """Read the journal."""
        session = self.state.session
        if session is None:
            return
        journal, url = session.journal, session.engine.base_url

        async def read() -> RunsRead:
            runs = await asyncio.to_thread(journal.runs)
            found = await asyncio.to_thread(lambda: journal.open_runs(engine_url=url))
            return RunsRead(runs, frozenset(run.id for run in found))

        start(self, "runs", read, lambda message: message)

    @on(RunsRead)
    def _runs_read(self, event: RunsRead) -> None:
        event.stop()
        self.list.show_runs(event.runs, event.open_ids)
        self._say_about()
        self.refresh_frame()

    def _say_about(self) -> None:
        run = self.list.current
        pane = self.query_one("#runs-said", Paragraph)
        if run is None:
            pane.show([("The journal has no run yet: what you migrate is written down here.", "dim")])
            return
        pieces: list[Piece] = [
            (f"{shown(run.id, 60)} by {shown(run.who, 40)} on {shown(run.engine_label, 40)}", "strong")
        ]
        pieces.append((shown(run.engine_url, 120), "dim"))
        if run.unsent:
            waves = len(run.unsent_waves)
            noun = "wave" if waves == 1 else "waves"
            pieces.append((f"{run.unsent} instances in {waves} {noun} were never sent.", "warning"))
        if run.id in self.list.open_ids:
            pieces.append(("enter takes it up: what was sent is found out, the rest is asked about.", "accent"))
        annotation = run.options.get("annotation")
        if annotation:
            pieces.append((f"({shown(str(annotation), 80)})", "dim"))
        pane.show(pieces)

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self._say_about()

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        if event.again:
            self.action_open()

    def work_failed(self, event: WorkFailed) -> None:
        """Tell it where the details would be."""
        self.query_one("#runs-said", Paragraph).show([(event.sentence, "error")])

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.list.glyphs = self.glyphs
        self.list.rows_changed()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("runs-open", "runs-plan", "runs-export", "runs-return", "app-read-again", "app-back", "app-help")

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        run, session = self.list.current, self.state.session
        if action not in ("open", "export", "return_plan", "plan", "copy_id"):
            return None
        if run is None:
            return "There is no run here."
        elsewhere = session is not None and run.engine_url != session.engine.base_url
        if action in ("open", "return_plan") and elsewhere:
            return f"This run went to {shown(run.engine_url, 80)}, and this session is with another engine."
        if action in ("export", "return_plan") and run.accounted_at is None:
            return "This run has no account yet; open it first."
        return None

    def action_copy_id(self) -> None:
        """Copy the id of the run of the cursor."""
        run = self.list.current
        if run is not None:
            self.app.copy_to_clipboard(run.id)
            self.say(f"Copied {run.id}.")

    def action_open(self) -> None:
        """Show the run of the cursor; an open one is taken up."""
        run, session = self.list.current, self.state.session
        if self.refuse("open") or run is None or session is None:
            return
        from tui_migrate.tui.screens.runs.opening import open_run

        start(self, "open", lambda: open_run(self.app, session, run), RunReady)

    @on(RunReady)
    def _run_ready(self, event: RunReady) -> None:
        event.stop()
        event.run.back = self.NAME
        self.state.run = event.run
        self.app.go("result")

    def action_plan(self) -> None:
        """Show what the run sent, and all that happened in it."""
        run, session = self.list.current, self.state.session
        if self.refuse("plan") or run is None or session is None:
            return
        from tui_migrate.tui.screens.runs.record import RecordModal

        journal = session.journal
        self.app.push_screen(RecordModal(run, journal.requests(run.id), journal.events(run.id)))

    def action_export(self) -> None:
        """Read the kept account, ask where to, write it."""
        run, session = self.list.current, self.state.session
        if self.refuse("export") or run is None or session is None:
            return
        from tui_migrate.operations.account import kept_account

        async def read() -> AccountFound:
            return AccountFound(run, await asyncio.to_thread(kept_account, session, run))

        start(self, "account", read, lambda message: message)

    @on(AccountFound)
    def _account_found(self, event: AccountFound) -> None:
        event.stop()
        account, record = event.account, event.record
        if account is None:
            return
        from tui_migrate.tui.screens.path_question import PathQuestion

        def answered(path: Path | None) -> None:
            if path is not None:
                export_account(self, account, record, path)

        question = PathQuestion("Export as .csv, .json or .xml (JUnit)", f"run-{record.id}.csv", must_exist=False)
        self.app.push_screen(question, answered)

    @on(Exported)
    def _exported(self, event: Exported) -> None:
        event.stop()
        self.say(event.sentence)

    def action_return_plan(self) -> None:
        """Find the way back of the run of the cursor and open it."""
        run, session = self.list.current, self.state.session
        if self.refuse("return_plan") or run is None or session is None:
            return
        self.query_one("#runs-said", Paragraph).show([("Finding the way back …", "accent")])
        make_return(self, session, run)

    @on(ReturnReady)
    def _return_ready(self, event: ReturnReady) -> None:
        event.stop()
        self._say_about()
        show_return(self.app, event)
