"""One call of a rehearsal and what its answer means.

`POST /migration/execute` handles its instances in one transaction, one after the other, and rolls all of it back at the
first exception. A made-up id that is visited last, the stopper, makes sure that there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.errors import (
    EngineError,
    EngineFault,
    EngineRefused,
    EngineTimeout,
    InstanceRejected,
    OutcomeUnknown,
    TuiMigrateError,
)
from tui_migrate.operations.changing import send_change
from tui_migrate.operations.instance_report import instance_failure, named_instance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_migrate.migration.plan import MigrationPlan
    from tui_migrate.operations.session import Session

AnswerKind = Literal["stopper", "instance", "ended", "moved", "anonymous", "clash", "unread", "committed"]
"""What an answer says. `stopper`: every id before it would migrate. `instance`: that one would not. `ended`, `moved`:
that one is not there, or is of another definition. `anonymous`: one of them fails, and the answer does not say which.
`clash`: somebody else changed an instance at the same time. `unread`: there was no answer. `committed`: all *were*
migrated."""

_CAUSE_LIMIT: Final = 2000


class RehearsalUnsafe(TuiMigrateError):
    """This engine does not answer as a rehearsal needs it; nothing was migrated and nothing more is sent."""

    exit_code = 1


class RehearsalCommitted(EngineError):
    """The engine migrated instances in a rehearsal. It must never happen, and is said loudly."""

    exit_code = 1


class Answer(Struct, frozen=True):
    """One answer of the engine, read."""

    kind: AnswerKind
    instance_id: str | None = None
    failures: tuple[str, ...] = ()
    activity_ids: tuple[str, ...] = ()


def read_refusal(error: EngineError, stopper: str | None) -> Answer:
    """Read what the engine answered to a rehearsal; `error` is what its refusal became.

    Raises:
        EngineError: It is about the plan, the permission or the connection, and not about an instance.
    """
    if isinstance(error, OutcomeUnknown | EngineTimeout):
        return Answer("unread", failures=(str(error),))
    message = error.engine_message or ""
    if isinstance(error, InstanceRejected):
        failure = instance_failure(error)
        if failure is None:
            raise error
        return Answer("instance", failure.instance_id, failure.failures, failure.activity_ids)
    if isinstance(error, EngineRefused):
        return _refused(error, named_instance(message), stopper)
    if isinstance(error, EngineFault) and (error.status or 0) >= 500:
        if error.engine_type == "OptimisticLockingException":
            return Answer("clash", failures=(message,))
        return Answer("anonymous", failures=(message[:_CAUSE_LIMIT] or str(error),))
    raise error


def _refused(error: EngineRefused, instance_id: str | None, stopper: str | None) -> Answer:
    message = error.engine_message or ""
    if instance_id is None and stopper is not None:
        # Made-up ids passed with this plan, so it is about one of the instances: where scopes of a suspended one would
        # be added or removed, the engine only names an execution (ENGINE-03043).
        return Answer("anonymous", failures=(message or str(error),))
    if instance_id is None:
        raise error
    if "ENGINE-23003" in message:
        return Answer("stopper") if instance_id == stopper else Answer("ended", instance_id)
    if "ENGINE-23002" in message:
        return Answer("moved", instance_id, (message,), ("",))
    return Answer("instance", instance_id, (message,), ("",))


class Caller(Struct):
    """Makes the calls of one rehearsal and counts them.

    Args:
        session: The engine and the journal.
        plan: The plan; its variables are left out, since setting one can fire a conditional event.
        run_id: The rehearsal in the journal.
        called: Told after each call.
    """

    session: Session
    plan: MigrationPlan
    run_id: str
    called: Callable[[], None]
    calls: int = 0

    async def call(
        self,
        ids: Sequence[str],
        stopper: str | None,
        *,
        subject: str,
        plan: MigrationPlan | None = None,
    ) -> Answer:
        """Make one call and read its answer.

        Args:
            ids: The instances, or made-up ids.
            stopper: Sent as the last; None only where all `ids` are made up.
            subject: What the journal says of it.
            plan: Another plan than the rehearsal's.

        Raises:
            EngineError: The answer is not about an instance.
        """
        sent = [*ids, stopper] if stopper is not None else list(ids)
        used = replace(plan or self.plan, variables={})
        self.calls += 1
        try:
            await send_change(
                self.session,
                "rehearse",
                subject,
                lambda: self.session.engine.rehearse_call(used, sent),
                run_id=self.run_id,
                expected=lambda error: isinstance(error, InstanceRejected | EngineRefused | EngineFault),
            )
        except EngineError as error:
            return read_refusal(error, stopper)
        finally:
            self.called()
        words = f"The engine answered success to {subject}: {', '.join(sent)}"
        await asyncio.to_thread(self.session.journal.add_event, self.run_id, "committed", words)
        return Answer("committed")
