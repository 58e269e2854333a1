"""Runs that follow each other, such as one for each old version of a process.

All of them are written down before the first is sent, so that whatever ends this process, each can be taken up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.errors import TuiMigrateError
from tui_migrate.operations.account_rules import MOVED, AccountClass
from tui_migrate.operations.changing import refuse_if_read_only
from tui_migrate.operations.recheck import Change, count_changes, recheck
from tui_migrate.operations.rights import require_rights
from tui_migrate.operations.runner import Runner
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.operations.session import Session


class NextRun(Struct, frozen=True):
    """What has to be decided before the next run is begun."""

    sentence: str
    """What became of the run before."""
    number: int
    """Of the run that would be begun, from 0."""
    instances: int
    """Of that run and all after it; none of them is sent yet."""


class RunSeries:
    """Carries runs out one after the other; those without instances are left out.

    Args:
        session: The engine and the journal.
        prepared: What was reviewed, in the order in which it is to be sent.
    """

    def __init__(self, session: Session, prepared: Sequence[PreparedRun]) -> None:
        self.session = session
        self.runners = tuple(Runner(session, one) for one in prepared if one.ids)
        self.number = 0
        """Of the run that is at work, from 0."""
        self.running: Mapping[str, int] = {}
        """By id of the source definition, how many instances run there: read whenever a run of several is over. Empty
        before that, and where it could not be read."""

    @property
    def unbegun(self) -> tuple[Runner, ...]:
        """The runs of which nothing was sent."""
        return tuple(runner for runner in self.runners if runner.state.phase == "ready")

    async def write_down(self) -> None:
        """Write all runs into the journal; nothing is sent.

        Raises:
            ReadOnly: The profile is read-only.
            JournalError: One could not be written down.
        """
        for runner in self.runners:
            await runner.write_down()

    async def carry_out(
        self,
        follow: Callable[[Runner], Awaitable[None]],
        ask: Callable[[NextRun], Awaitable[bool]],
        read: Callable[[], None] | None = None,
    ) -> bool:
        """Carry the runs out, each after the one before is over.

        Args:
            follow: Starts a run and returns when nothing more comes from it.
            ask: Decides whether the next run is begun after one that did not go well.
            read: Called when it was read again how many instances run on the versions.

        Returns:
            Whether all were begun; otherwise `unbegun` has the others, which are in the journal.
        """
        for number, runner in enumerate(self.runners):
            self.number = number
            await follow(runner)
            if len(self.runners) > 1:
                await self._read_after(runner)
                if read is not None:
                    read()
            following = self.runners[number + 1 :]
            reason = reason_to_ask(runner) if following else None
            if reason is None:
                continue
            instances = sum(len(one.prepared.ids) for one in following)
            if not await ask(NextRun(reason, number + 1, instances)):
                return False
        return True

    async def read_running(self) -> None:
        """Read again how many instances run on each version: a request for each, all sent together.

        Raises:
            TuiMigrateError: It could not be read; what was read before is forgotten.
        """
        from tui_migrate.engine.queries import InstanceQuery

        self.running = {}
        async with round_trip() as trip:
            counts = {
                source_id: trip.create_task(
                    self.session.engine.count_instances(InstanceQuery(process_definition_id=source_id))
                )
                for source_id in {runner.prepared.source.id for runner in self.runners}
            }
        self.running = {source_id: count.result() for source_id, count in counts.items()}

    async def _read_after(self, runner: Runner) -> None:
        """Read it after a run; that it can't be read stops nothing, since the runs themselves don't need it."""
        self.running = {}
        if runner.state.phase == "over":
            with suppress(TuiMigrateError):
                await self.read_running()

    def count_changes(self) -> tuple[str, ...]:
        """Return the versions to come on which other instances run than when they were reviewed, a sentence each."""
        return tuple(
            f"Version {runner.prepared.source.version}: {change.sentence}"
            for runner in self.unbegun
            if runner.prepared.source.id in self.running
            for change in count_changes(runner.prepared, self.running[runner.prepared.source.id])
        )

    async def give_up_unbegun(self) -> None:
        """End the runs that were not begun: their instances are accounted for as not sent."""
        for runner in self.unbegun:
            await runner.give_up()

    def release(self) -> None:
        """Let others take up what was written down and not begun."""
        for runner in self.unbegun:
            if runner.run_id:
                self.session.journal.release(runner.run_id)


def reason_to_ask(runner: Runner) -> str | None:
    """Return why the next run must not follow this one by itself, as a sentence, or None where it may.

    As between the waves of a run, up to `allowed_failures` instances may have failed.
    """
    state, source = runner.state, runner.prepared.source
    name = f"Version {source.version}"
    if state.phase == "interrupted":
        return f"{name} was interrupted: {state.error}"
    if state.phase == "left":
        return f"Nobody waits for version {source.version} any more."
    if state.outcome in _OUTCOMES:
        return f"{name}: {_OUTCOMES[state.outcome]}"
    if state.account is None:
        return None
    fine = MOVED | {AccountClass.ENDED_BEFORE}
    unmoved = sum(entry.class_ not in fine for entry in state.account.entries.values())
    if unmoved > runner.prepared.options.allowed_failures:
        return f"{name}: {unmoved} of {len(state.account.entries)} instances were not migrated."
    return None


_OUTCOMES = {
    "plan invalid": "the engine refused the plan, and no instance was migrated.",
    "instance refused": "one instance refused, so none of its wave was migrated.",
    "failed": "it failed; the engine's words are in its result.",
    "unknown": "the engine's answer was lost, and what became of it can't be found out.",
    "stopped": "it was stopped before all of its waves were sent.",
}


async def look_again(session: Session, runs: Sequence[PreparedRun]) -> tuple[Change, ...]:
    """Read again what was reviewed of all runs, just before they are sent; return what has changed.

    What is the same for several runs, such as other batches, is told once.

    Raises:
        Forbidden: The user lacks a right that a run needs; the message names it.
        ReadOnly: The profile is read-only.
    """
    refuse_if_read_only(session, "migrate instances")
    found: dict[str, Change] = {}
    asked: set[tuple[str, str, bool]] = set()
    for prepared in runs:
        need = prepared.source.key, prepared.target.key, prepared.asynchronous
        if need not in asked:
            await require_rights(session, prepared)
            asked.add(need)
        for change in await recheck(session, prepared):
            sentence = change.sentence
            if len(runs) > 1 and change.kind in ("count", "instances"):
                sentence = f"Version {prepared.source.version}: {sentence}"
            found[sentence] = replace(change, sentence=sentence)
    return tuple(found.values())
