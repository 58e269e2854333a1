"""What is done with the account of a run: export it, go on with the failed ones, take the migrated ones back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_migrate.operations.account import Account
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.return_plan import ReturnPlan
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.app import TuiMigrateApp


class Exported(Message):
    """A file was written.

    Args:
        sentence: What to say.
    """

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__()


class ReturnReady(Message):
    """The way back is known.

    Args:
        returned: The plan back, with what it can't undo.
        open_plan: The same between both definitions, opened.
        ids: The instances that would go back.
    """

    def __init__(self, returned: ReturnPlan, open_plan: OpenPlan, ids: tuple[str, ...]) -> None:
        self.returned = returned
        self.open_plan = open_plan
        self.ids = ids
        super().__init__()


def _write(node: BaseScreen, session: Session, accounts: Sequence[Account], path: Path) -> None:
    """Write accounts as one file; its ending says how: csv, json, xml (JUnit)."""
    from tui_migrate.operations.export import account_text

    async def work() -> Exported:
        from tui_migrate.errors import UsageError

        def save() -> None:
            text = account_text([(one, session.journal.run(one.run_id)) for one in accounts], path.suffix)
            try:
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                raise UsageError(f"Cannot write {path} ({error.strerror}). Choose another place.") from error

        await asyncio.to_thread(save)
        return Exported(f"Exported {sum(len(one.entries) for one in accounts)} instances to {path}.")

    start(node, "export", work, lambda message: message)


def _find_way_back(node: BaseScreen, session: Session, run_id: str) -> None:
    """Find the way back of a run: ask where its instances are now, invert its plan, open it."""

    async def work() -> ReturnReady:
        from tui_migrate.operations.account import account
        from tui_migrate.operations.plan import open_plan
        from tui_migrate.operations.return_plan import make_return_plan, moved_selection

        record = await asyncio.to_thread(session.journal.run, run_id)
        returned = await make_return_plan(session, record)
        now = await account(session, record)
        opened = await open_plan(session, returned.plan.source_definition_id, returned.plan.target_definition_id)
        opened.take_imported(returned.plan.instructions)
        return ReturnReady(returned, opened, moved_selection(now))

    start(node, "return", work, lambda message: message)


def _show_way_back(app: TuiMigrateApp, event: ReturnReady) -> None:
    """Say what the way back does not undo, then open its plan."""
    from tui_migrate.tui.screens.question import QuestionModal

    number = len(event.ids)
    sentences = [f"{number} {'instance runs' if number == 1 else 'instances run'} on the target and would go back."]
    if not event.returned.report.valid:
        sentences.append("The plan back has errors; it needs work by hand.")
    sentences += event.returned.notes

    def answered(answer: bool | None) -> None:
        if not answer:
            return
        app.unless_edits_are_lost("Open the return plan?", lambda: _open(app, event))

    app.push_screen(QuestionModal("Return plan", sentences, yes="open it", no="leave it"), answered)


def _open(app: TuiMigrateApp, event: ReturnReady) -> None:
    app.state.show_plan(event.open_plan)
    app.state.preset_ids = event.ids
    app.go("plan")
    app.say(f"{len(event.ids)} instances are selected for the way back; . goes on to them.")


class AfterRun(BaseScreen):
    """The part of a screen that exports accounts and opens return plans."""

    def show_progress(self, sentence: str | None) -> None:
        """Show what is going on, or that nothing is any more."""

    def ask_export(self, session: Session, *accounts: Account) -> None:
        """Ask where to and export accounts as one file."""
        from tui_migrate.tui.screens.path_question import PathQuestion

        def answered(path: Path | None) -> None:
            if path is not None:
                _write(self, session, accounts, path)

        question = PathQuestion(
            "Export as .csv, .json or .xml (JUnit)", f"run-{accounts[0].run_id}.csv", must_exist=False
        )
        self.app.push_screen(question, answered)

    @on(Exported)
    def _exported(self, event: Exported) -> None:
        event.stop()
        self.say(shown(event.sentence, 400))

    def open_return(self, session: Session, run_id: str) -> None:
        """Find the way back of a run and offer it."""
        self.show_progress("Finding the way back …")
        _find_way_back(self, session, run_id)

    @on(ReturnReady)
    def _return_ready(self, event: ReturnReady) -> None:
        event.stop()
        self.show_progress(None)
        _show_way_back(self.app, event)
