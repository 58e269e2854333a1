"""The runs tab: what this user's journal has, on whatever engine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from tui_migrate.operations.account_rules import AccountClass
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.list_screen import ListScreen, RowList
from tui_migrate.tui.screens.result.after import AfterRun
from tui_migrate.tui.widgets.line_list import LineList, Piece
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping, Sequence

    from tui_migrate.operations.account import Account
    from tui_migrate.operations.records import EventRecord, RequestRecord, RunRecord
    from tui_migrate.operations.session import Session
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


class AccountFound(Message):
    """The kept account of a run was read.

    Args:
        account: The account, or None before the first.
    """

    def __init__(self, account: Account | None) -> None:
        self.account = account
        super().__init__()


class RecordRead(Message):
    """All that the journal has of a run was read.

    Args:
        run: The run.
        requests: What it sent.
        events: What happened in it.
    """

    def __init__(self, run: RunRecord, requests: Sequence[RequestRecord], events: Sequence[EventRecord]) -> None:
        self.run = run
        self.requests = requests
        self.events = events
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


class RunList(RowList["RunRecord"]):
    """Runs, one to a line."""

    open_ids: frozenset[str] = frozenset()
    """Those that nobody carries out and that can be taken up."""
    engine_url: str | None = None
    """The engine of this session; runs that went elsewhere are dimmed."""

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return when, how far, what, how many, account, who, where."""
        run = self.rows[row]
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
            (f"{fit(plan, room // 2, ellipsis)} ", "dim" if run.engine_url != self.engine_url else ""),
            (f"{fit(words, room - room // 2 - 1, ellipsis)} ", colour),
            (who, "dim"),
        ]


class RunsScreen(ListScreen["RunRecord"], AfterRun):
    """All runs of the journal."""

    NAME = "runs"
    SCOPES: ClassVar[tuple[str, ...]] = ("runs",)
    BINDINGS = bindings("runs")
    NOUN = "run"
    NEED_ROW: ClassVar[frozenset[str]] = frozenset({"open", "export", "return_plan", "plan", "copy_id"})

    def make_list(self) -> RunList:
        """Return the list."""
        return RunList(self.app.glyphs, id="runs")

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
        runs = self.query_one(RunList)
        runs.open_ids = event.open_ids
        runs.engine_url = self.state.session.engine.base_url if self.state.session is not None else None
        self.state.open_runs = len(event.open_ids)
        runs.show_rows(event.runs)
        self._say_about()
        self.refresh_frame()

    def _say_about(self) -> None:
        run = self.current
        if run is None:
            self.tell(("The journal has no run yet: what you migrate is written down here.", "dim"))
            return
        where = shown(run.engine_url, 120) if self._is_elsewhere(run) else shown(run.engine_label, 40)
        pieces: list[Piece] = [(f"{shown(run.id, 60)} by {shown(run.who, 40)} on {where}", "strong")]
        if run.unsent:
            waves = len(run.unsent_waves)
            noun = "wave" if waves == 1 else "waves"
            pieces.append((f"{run.unsent} instances in {waves} {noun} were never sent.", "warning"))
        if run.id in self.query_one(RunList).open_ids:
            pieces.append(("enter takes it up: finds out what was sent, asks about the rest.", "accent"))
        annotation = run.options.get("annotation")
        if annotation:
            pieces.append((f"({shown(str(annotation), 80)})", "dim"))
        self.tell(*pieces)

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self._say_about()

    def _is_elsewhere(self, run: RunRecord) -> bool:
        session = self.state.session
        return session is not None and run.engine_url != session.engine.base_url

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("runs-open", "runs-plan", "runs-export", "runs-return", "app-read-again", "app-back", "app-help")

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        reason = super().reason_against(action)
        run = self.current
        if reason is not None or run is None:
            return reason
        if action in ("open", "return_plan") and self._is_elsewhere(run):
            return f"This run went to {shown(run.engine_url, 80)}, and this session is with another engine."
        if action in ("export", "return_plan") and run.accounted_at is None:
            return "This run has no account yet; open it first."
        return None

    def open_row(self, session: Session, row: RunRecord) -> Awaitable[ShownRun]:
        """Return the run to show; an open one is taken up."""
        from tui_migrate.tui.screens.runs.opening import open_run

        return open_run(self.app, session, row)

    def action_plan(self) -> None:
        """Show what the run sent, and all that happened in it."""
        run, session = self.current, self.state.session
        if self.refuse("plan") or run is None or session is None:
            return
        journal = session.journal

        def read() -> RecordRead:
            return RecordRead(run, journal.requests(run.id), journal.events(run.id))

        start(self, "record", lambda: asyncio.to_thread(read), lambda message: message)

    @on(RecordRead)
    def _record_read(self, event: RecordRead) -> None:
        event.stop()
        from tui_migrate.tui.screens.runs.record import RecordModal

        self.app.push_screen(RecordModal(event.run, event.requests, event.events))

    def action_export(self) -> None:
        """Read the kept account, ask where to, write it."""
        run, session = self.current, self.state.session
        if self.refuse("export") or run is None or session is None:
            return
        from tui_migrate.operations.account import kept_account

        start(self, "account", lambda: asyncio.to_thread(kept_account, session, run), AccountFound)

    @on(AccountFound)
    def _account_found(self, event: AccountFound) -> None:
        event.stop()
        session = self.state.session
        if event.account is not None and session is not None:
            self.ask_export(session, event.account)

    def show_progress(self, sentence: str | None) -> None:
        """Show what is going on in place of what there is to say of the run."""
        if sentence is None:
            self._say_about()
        else:
            self.tell((sentence, "accent"))

    def action_return_plan(self) -> None:
        """Find the way back of the run of the cursor and open it."""
        run, session = self.current, self.state.session
        if not self.refuse("return_plan") and run is not None and session is not None:
            self.open_return(session, run.id)
