"""The rehearsal: the engine's own verdict on every instance, with nothing migrated.

It takes the engine's real code path and lets it roll back (`rehearsal_call`). Listeners and IO mappings are always
skipped and variables left out, so what these would do is not foreseen. The server sees it: each call leaves an error
with stack traces in its log.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from tui_migrate.errors import TuiMigrateError
from tui_migrate.operations.changing import refuse_if_read_only
from tui_migrate.operations.hash_order import bins_stay_lists, find_stopper_for, visit_order
from tui_migrate.operations.records import NewRun
from tui_migrate.operations.rehearsal_call import Answer, Caller, RehearsalCommitted, RehearsalUnsafe
from tui_migrate.operations.rehearsal_guards import (
    Guard,
    check_not_moved,
    committed,
    guard_instance,
    guard_order,
    guard_rollback,
)
from tui_migrate.operations.who import who_acts

if TYPE_CHECKING:
    from tui_migrate.migration.forecast import Forecast
    from tui_migrate.migration.plan import MigrationPlan
    from tui_migrate.operations.session import Session

__all__ = ["Rehearsal", "RehearsalCommitted", "RehearsalUnsafe", "RehearsalVerdict", "rehearse"]

RehearsalOutcome = Literal["migrates", "fails", "ended", "moved", "unknown"]

NOTICE: Final = (
    "Each call leaves an error with stack traces in the engine's log and a 400 or 500 in its access log; alerts may "
    "fire. Listeners, IO mappings and variables are left out and not foreseen; expressions in triggers may call beans."
)
"""To be shown before the first rehearsal on an engine."""

REPEATS: Final = 2
"""How often a call is made again whose answer was lost, or that clashed with somebody else's change."""


class RehearsalVerdict(Struct, frozen=True):
    """What the engine would do with one instance. Failures and activity ids belong together, place by place."""

    outcome: RehearsalOutcome
    failures: tuple[str, ...] = ()
    activity_ids: tuple[str, ...] = ()
    """Source activity of each failure; the definition id for what concerns the process; empty where not told."""
    by_forecast: bool = False
    """Not asked of the engine: the forecast refuses it, as it refused one of the same cause that the engine refused."""


class RehearsalGroup(Struct, frozen=True):
    """The instances that have the same verdict for the same reason."""

    outcome: RehearsalOutcome
    failures: tuple[str, ...]
    activity_ids: tuple[str, ...]
    ids: tuple[str, ...]


class RehearsalProgress(Struct, frozen=True):
    """How far a rehearsal is."""

    done: int
    """Instances with a verdict."""
    total: int
    failing: int
    calls: int
    seconds: float
    verdicts: Mapping[str, RehearsalVerdict]
    """A view that grows; what is in it holds also if the rehearsal is cancelled."""


class Rehearsal(Struct, frozen=True):
    """The engine's verdicts."""

    verdicts: Mapping[str, RehearsalVerdict]
    """By instance id, in the order in which they were given."""
    guards: tuple[Guard, ...]
    calls: int
    seconds: float
    run_id: str | None = None
    """Where the journal has it."""

    @property
    def failing(self) -> tuple[str, ...]:
        """Ids of the instances that would fail."""
        return tuple(one for one, verdict in self.verdicts.items() if verdict.outcome == "fails")

    def groups(self) -> tuple[RehearsalGroup, ...]:
        """Return the instances that would not migrate, by outcome and cause; the largest group first."""
        found: dict[tuple[RehearsalOutcome, tuple[str, ...], tuple[str, ...]], list[str]] = {}
        for one, verdict in self.verdicts.items():
            if verdict.outcome != "migrates":
                found.setdefault((verdict.outcome, verdict.failures, verdict.activity_ids), []).append(one)
        groups = (RehearsalGroup(*cause, tuple(ids)) for cause, ids in found.items())
        return tuple(sorted(groups, key=lambda group: -len(group.ids)))


async def rehearse(
    session: Session,
    plan: MigrationPlan,
    ids: Sequence[str],
    *,
    on_progress: Callable[[RehearsalProgress], None] | None = None,
    chunk: int = 200,
    concurrency: int = 2,
    forecast: Mapping[str, Forecast] | None = None,
) -> Rehearsal:
    """Ask the engine for its verdict on every instance, with nothing migrated.

    Cancelling the task ends it; the verdicts that `on_progress` was given still hold.

    Args:
        session: The engine.
        plan: The plan; its variables are left out.
        ids: Instances of the source definition.
        on_progress: Called after each call.
        chunk: Instances in one call; more make the engine's transaction larger.
        concurrency: Calls at once.
        forecast: By instance id; of those that it refuses, one of each cause is asked about, which stands for the
            others if the engine refuses it too.

    Raises:
        ReadOnly: The profile is read-only; nothing was sent.
        PlanRejected: The plan itself is invalid.
        RehearsalUnsafe: The engine did not pass the guards; nothing was migrated.
        RehearsalCommitted: The engine migrated instances. It must never happen.
        EngineError: It refused the request, or can't be reached.
    """
    refuse_if_read_only(session, "rehearse")
    distinct = tuple(dict.fromkeys(ids))
    if not distinct:
        return Rehearsal(MappingProxyType({}), (), 0, 0.0)
    await session.features()
    rehearsing = await _Rehearsing.begin(session, plan, distinct, on_progress, chunk, forecast or {})
    try:
        guards = await rehearsing.run(concurrency)
    except asyncio.CancelledError:
        session.journal.set_status(rehearsing.caller.run_id, "cancelled")
        raise
    except TuiMigrateError as error:
        await asyncio.to_thread(rehearsing.keep, "cancelled", str(error))
        raise
    await asyncio.to_thread(rehearsing.keep, "done", None)
    return rehearsing.result(guards)


class _Rehearsing:
    """One rehearsal while it goes on."""

    def __init__(self, caller: Caller, ids: tuple[str, ...], chunk: int, forecast: Mapping[str, Forecast]) -> None:
        self.caller = caller
        self.ids = ids
        self.chunk = chunk
        self.forecast = forecast
        self.verdicts: dict[str, RehearsalVerdict] = {}
        self.on_progress: Callable[[RehearsalProgress], None] | None = None
        self.failing = 0
        self.stopper = find_stopper_for(chunk)
        self.started = caller.session.clock.monotonic()
        self.trouble: TuiMigrateError | None = None

    @classmethod
    async def begin(
        cls,
        session: Session,
        plan: MigrationPlan,
        ids: tuple[str, ...],
        on_progress: Callable[[RehearsalProgress], None] | None,
        chunk: int,
        forecast: Mapping[str, Forecast],
    ) -> _Rehearsing:
        parts = tuple(ids[first : first + chunk] for first in range(0, len(ids), chunk))
        new = NewRun(
            kind="rehearsal",
            who=who_acts(session),
            engine_url=session.engine.base_url,
            engine_label=session.engine_label,
            profile=session.profile.name or "",
            source_id=plan.source_definition_id,
            target_id=plan.target_definition_id,
            plan=plan.to_engine(),
            options={"chunk": chunk},
            waves=parts,
        )
        run = await asyncio.to_thread(session.journal.begin_run, new)
        rehearsing = cls(Caller(session, plan, run.id, lambda: None), ids, chunk, forecast)
        rehearsing.caller.called = rehearsing.tell
        rehearsing.on_progress = on_progress
        return rehearsing

    async def run(self, concurrency: int) -> tuple[Guard, ...]:
        representatives, waiting = self._by_cause()
        asked = [one for one in self.ids if one not in waiting]
        order = await guard_order(self.caller)
        candidates = sorted(asked, key=lambda one: one in representatives)
        rollback = await guard_rollback(self.caller, candidates)
        real = await guard_instance(self.caller, candidates, self._told)
        await self._ask([one for one in asked if one not in self.verdicts], concurrency, read_back=not real.proven)
        # Where the engine did not refuse the one that stood for others, the forecast was wrong: ask about them all.
        doubtful = [one for one, first in waiting.items() if self.verdicts[first].outcome != "fails"]
        await self._ask(doubtful, concurrency, read_back=False)
        for one, first in waiting.items():
            if one not in self.verdicts:
                self._set(one, self._like(first))
        self.tell()
        return order, rollback, real

    def _by_cause(self) -> tuple[set[str], dict[str, str]]:
        """The first instance of each cause that the forecast refuses, and the others with the one they wait for."""
        first: dict[frozenset[tuple[str, str | None]], str] = {}
        waiting: dict[str, str] = {}
        for one in self.ids:
            forecast = self.forecast.get(one)
            if forecast is not None and forecast.verdict == "fails":
                cause = frozenset((failure.sentence, failure.activity_id) for failure in forecast.failures)
                if first.setdefault(cause, one) != one:
                    waiting[one] = first[cause]
        return set(first.values()), waiting

    def _like(self, first: str) -> RehearsalVerdict:
        verdict = self.verdicts[first]
        return RehearsalVerdict(verdict.outcome, verdict.failures, verdict.activity_ids, by_forecast=True)

    async def _ask(self, ids: Sequence[str], concurrency: int, *, read_back: bool) -> None:
        parts = deque(ids[at : at + self.chunk] for at in range(0, len(ids), self.chunk))
        if read_back and parts:
            part = parts.popleft()
            await self._rehearse(part)
            await check_not_moved(self.caller, part)
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(self._work(parts))
        if self.trouble is not None:
            raise self.trouble

    async def _work(self, parts: deque[Sequence[str]]) -> None:
        # The first trouble stops all, but an answer that is on its way is still read.
        while parts and self.trouble is None:
            part = parts.popleft()
            try:
                await self._rehearse(part)
            except TuiMigrateError as error:
                self._stop(error)

    def _stop(self, error: TuiMigrateError) -> None:
        if self.trouble is None:
            self.trouble = error

    async def _rehearse(self, ids: Sequence[str]) -> None:
        """Find the verdict on each of `ids`: one call, and one more for each that fails."""
        pending = list(ids)
        while pending and self.trouble is None:
            sent = [*pending, self.stopper]
            if not bins_stay_lists(sent):
                await self._halve(pending)
                return
            order = visit_order(sent)[:-1]
            answer = await self._call(pending)
            if answer.kind == "stopper":
                self._pass(pending)
                return
            if answer.kind == "anonymous" and len(pending) > 1:
                await self._halve(list(order))
                return
            pending = await self._after(answer, pending, order)

    async def _call(self, pending: Sequence[str]) -> Answer:
        """Make one call, again where it clashed, or where its answer was lost and nothing has moved."""
        for attempt in range(REPEATS + 1):
            answer = await self.caller.call(pending, self.stopper, subject=f"{len(pending)} instances")
            if answer.kind not in ("clash", "unread"):
                return answer
            if answer.kind == "unread":
                where = await check_not_moved(self.caller, pending)
                if any(where.get(one) != self.caller.plan.source_definition_id for one in pending):
                    return answer
            await self.caller.session.clock.sleep(0.5 * 2**attempt)
        return answer

    async def _after(self, answer: Answer, pending: list[str], order: Sequence[str]) -> list[str]:
        """Take an answer about one instance; return those that are still to be asked about, in their order."""
        if answer.kind == "committed":
            raise committed(pending)
        if answer.kind == "unread":
            return await self._unread(answer, pending)
        if answer.kind == "clash":
            self._fill(pending, RehearsalVerdict("unknown", answer.failures))
            return []
        if answer.kind == "anonymous":
            self._set(pending[0], _verdict(answer))
            return []
        if answer.instance_id is None or answer.instance_id not in order:
            raise RehearsalUnsafe(
                f"The engine's answer to a rehearsal names instance {answer.instance_id}, which was not sent. Nothing "
                "was migrated; its verdicts can't be trusted. Rely on the forecast instead."
            )
        place = order.index(answer.instance_id)
        self._pass(order[:place])
        self._set(answer.instance_id, _verdict(answer))
        rest = set(order[place + 1 :])
        return [one for one in pending if one in rest]

    async def _unread(self, answer: Answer, pending: list[str]) -> list[str]:
        """After lost answers: the ones that are not on the source any more have a verdict, the others stay unknown."""
        source_id = self.caller.plan.source_definition_id
        where = await check_not_moved(self.caller, pending)
        gone = [one for one in pending if where.get(one) != source_id]
        for one in gone:
            self._set(one, RehearsalVerdict("moved" if one in where else "ended"))
        if gone:
            return [one for one in pending if one not in gone]
        self._fill(pending, RehearsalVerdict("unknown", answer.failures))
        return []

    async def _halve(self, ids: Sequence[str]) -> None:
        middle = len(ids) // 2
        await self._rehearse(ids[:middle])
        await self._rehearse(ids[middle:])

    async def _told(self, instance_id: str, answer: Answer) -> None:
        if answer.kind == "stopper":
            self._pass([instance_id])
        elif answer.kind in ("instance", "ended", "moved", "anonymous"):
            self._set(instance_id, _verdict(answer))

    def _pass(self, ids: Sequence[str]) -> None:
        self._fill(ids, RehearsalVerdict("migrates"))

    def _fill(self, ids: Sequence[str], verdict: RehearsalVerdict) -> None:
        for one in ids:
            self._set(one, verdict)

    def _set(self, instance_id: str, verdict: RehearsalVerdict) -> None:
        self.verdicts[instance_id] = verdict
        self.failing += verdict.outcome == "fails"

    def tell(self) -> None:
        """Report how far it is."""
        if self.on_progress is not None:
            clock = self.caller.session.clock
            self.on_progress(
                RehearsalProgress(
                    done=len(self.verdicts),
                    total=len(self.ids),
                    failing=self.failing,
                    calls=self.caller.calls,
                    seconds=clock.monotonic() - self.started,
                    verdicts=MappingProxyType(self.verdicts),
                )
            )

    def keep(self, status: Literal["done", "cancelled"], trouble: str | None) -> None:
        """Write the verdicts down."""
        journal, run_id = self.caller.session.journal, self.caller.run_id
        if trouble is not None:
            journal.add_event(run_id, "trouble", trouble)
        counts: dict[str, int] = {}
        for verdict in self.verdicts.values():
            counts[verdict.outcome] = counts.get(verdict.outcome, 0) + 1
        entries = {
            one: (verdict.outcome, "; ".join(verdict.failures) or None) for one, verdict in self.verdicts.items()
        }
        journal.save_account(run_id, entries, counts)
        journal.set_status(run_id, status)

    def result(self, guards: tuple[Guard, ...]) -> Rehearsal:
        """Return what was found, in the order in which the ids were given."""
        verdicts = {one: self.verdicts[one] for one in self.ids if one in self.verdicts}
        seconds = self.caller.session.clock.monotonic() - self.started
        return Rehearsal(MappingProxyType(verdicts), guards, self.caller.calls, seconds, self.caller.run_id)


def _verdict(answer: Answer) -> RehearsalVerdict:
    if answer.kind in ("ended", "moved"):
        return RehearsalVerdict(answer.kind, answer.failures)
    return RehearsalVerdict("fails", answer.failures, answer.activity_ids)
