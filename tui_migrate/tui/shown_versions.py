"""Old versions of a process that are brought to the newest together: what the screens know, and the runs that follow.

Runs that are carried out belong to the app: screens come and go, they go on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct, field
from textual.message import Message

from tui_migrate.errors import TuiMigrateError
from tui_migrate.tui.shown_run import ShownRun, follow, shown_of
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App
    from textual.message_pump import MessagePump

    from tui_migrate.operations.account import Account
    from tui_migrate.operations.overview import DefinitionGroup
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.prepared_run import PreparedRun, RunOptions
    from tui_migrate.operations.runner import Runner
    from tui_migrate.operations.series import NextRun, RunSeries
    from tui_migrate.operations.session import Session
    from tui_migrate.operations.versions import OneVersion, VersionCheck, VersionPlans


class SeriesTold(Message):
    """Something happened in one of the runs, or between them.

    Args:
        series: The runs.
    """

    def __init__(self, series: ShownSeries) -> None:
        self.series = series
        super().__init__()


class ShownSeries(Struct, eq=False):
    """Runs that are carried out one after the other. Mutable; it survives the screens."""

    series: RunSeries
    runs: tuple[ShownRun, ...]
    question: NextRun | None = None
    """What has to be decided before the next run is begun."""
    answer: asyncio.Future[bool] | None = None
    trouble: str | None = None
    """Why nothing could begin."""
    over: bool = False
    """Whether nothing more comes."""
    watcher: MessagePump | None = None
    """The screen that shows it now."""

    @property
    def current(self) -> ShownRun:
        """The run that is at work, or was last."""
        return self.runs[self.series.number]

    def tell(self) -> None:
        """Let the screen that shows it draw it anew."""
        if self.watcher is not None:
            self.watcher.post_message(SeriesTold(self))

    def running_on(self, source_id: str) -> int | None:
        """Return how many instances ran on a version when that was last read, or None where it was not."""
        return self.series.running.get(source_id)

    def decide(self, go_on: bool) -> None:
        """Answer what the runs ask: the one at work about its next wave, or the next run."""
        runner = self.current.runner
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(go_on)
        elif runner is not None and runner.state.question is not None:
            runner.confirm_next_wave() if go_on else runner.stop()

    @property
    def asks(self) -> bool:
        """Whether somebody has to decide something."""
        return self.question is not None or self.current.state.question is not None

    @property
    def accounts(self) -> tuple[tuple[ShownRun, Account], ...]:
        """The accounts that there are, in the order of the runs."""
        return tuple((run, run.account) for run in self.runs if run.account is not None)

    def leaving_sentence(self) -> str | None:
        """Return what quitting would leave behind, or None where nothing goes on."""
        if self.over or self.trouble is not None:
            return None
        unbegun = self.series.unbegun
        waiting = sum(len(runner.prepared.ids) for runner in unbegun)
        here = self.current.leaving_sentence()
        if not waiting:
            return here
        runs = "1 run" if len(unbegun) == 1 else f"{len(unbegun)} runs"
        rest = f"{runs} with {waiting} instances would stay unsent, in the journal, to be taken up."
        return f"{here} {rest}" if here else rest


def begin_series(app: App[None], session: Session, prepared: Sequence[PreparedRun]) -> ShownSeries:
    """Begin runs that follow each other; the app carries them out from now on, whatever screen is shown."""
    from tui_migrate.operations.series import RunSeries

    series = RunSeries(session, prepared)
    shown = ShownSeries(series, tuple(shown_of(runner) for runner in series.runners))
    start(app, f"run series {id(shown)}", lambda: _carry_out(shown), lambda _: None, exclusive=False)
    return shown


async def _carry_out(shown: ShownSeries) -> None:
    by_runner = dict(zip(shown.series.runners, shown.runs, strict=True))

    async def follow_one(runner: Runner) -> None:
        run = by_runner[runner]

        def told() -> None:
            run.tell()
            shown.tell()

        await follow(run, runner, told)

    async def ask(question: NextRun) -> bool:
        shown.question, shown.answer = question, asyncio.get_running_loop().create_future()
        shown.tell()
        try:
            return await shown.answer
        finally:
            shown.question = shown.answer = None

    try:
        await shown.series.write_down()
        for runner, run in by_runner.items():
            run.state = runner.state
        if not await shown.series.carry_out(follow_one, ask, shown.tell):
            await shown.series.give_up_unbegun()
    except TuiMigrateError as error:
        shown.trouble = str(error)
    finally:
        shown.series.release()
        for runner, run in by_runner.items():
            run.state = runner.state
        shown.over = True
        shown.tell()


class ShownVersions(Struct, eq=False):
    """What the screens know of the versions of one key. Mutable; it survives the screens."""

    group: DefinitionGroup
    plans: VersionPlans | None = None
    """None until they are opened."""
    checked: dict[str, OneVersion] = field(default_factory=dict)
    """By id of the source definition."""
    versions_left_out: set[str] = field(default_factory=set)
    """Ids of the source definitions that are not to go."""
    left_out: set[str] = field(default_factory=set)
    """Ids of instances that are not to go."""
    options: RunOptions | None = None
    """None are the defaults."""
    sent: ShownSeries | None = None

    @property
    def open_plans(self) -> tuple[OpenPlan, ...]:
        """The plans, oldest version first."""
        return self.plans.plans if self.plans is not None else ()

    @property
    def chosen(self) -> tuple[OpenPlan, ...]:
        """The plans of the versions that are to go."""
        return tuple(plan for plan in self.open_plans if plan.source.id not in self.versions_left_out)

    @property
    def edited(self) -> bool:
        """Whether a plan has edits that are in no file."""
        return any(plan.draft.changed for plan in self.open_plans)

    @property
    def going_on(self) -> bool:
        """Whether the runs go on in this app."""
        return self.sent is not None and not self.sent.over

    def unchecked(self) -> tuple[OpenPlan, ...]:
        """Return the plans that were not checked as they stand."""
        return tuple(
            plan
            for plan in self.open_plans
            if plan.source.id not in self.checked or self.checked[plan.source.id].revision != plan.draft.revision
        )

    def check(self) -> VersionCheck | None:
        """Return the check of all versions, or None as long as one is not checked as it stands."""
        from tui_migrate.operations.versions import VersionCheck

        if self.plans is None or self.unchecked():
            return None
        return VersionCheck({plan.source.id: self.checked[plan.source.id] for plan in self.open_plans})

    def check_anew(self) -> None:
        """Forget the check, and the runs that are over, so that what is left can be checked and sent; edits stay."""
        self.checked.clear()
        self.sent = None

    def ids_of(self, plan: OpenPlan) -> tuple[str, ...]:
        """Return the instances of a version that are to go, as far as they are known."""
        one = self.checked.get(plan.source.id)
        if one is None or plan.source.id in self.versions_left_out:
            return ()
        return tuple(instance for instance in one.frozen.ids if instance not in self.left_out)

    def prepared(self, session: Session) -> tuple[PreparedRun, ...]:
        """Return the runs as they would be sent; none before all versions are checked."""
        from tui_migrate.operations.prepared_run import RunOptions
        from tui_migrate.operations.versions import prepare_versions

        check = self.check()
        if check is None:
            return ()
        runs = prepare_versions(session, self.chosen, check, self.options or RunOptions(), self.left_out)
        return tuple(run for run in runs if run.ids)
