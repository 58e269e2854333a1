"""Sending a request that changes the engine: written down before it, and after its answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from tui_migrate.errors import EngineError, EngineUnreachable, OutcomeUnknown, ReadOnly, TuiMigrateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui_migrate.operations.records import RequestOutcome
    from tui_migrate.operations.session import Session

T = TypeVar("T")

_LONGEST: Final = 2000
"""Characters of an engine's text that the journal keeps."""


async def send_change(
    session: Session,
    action: str,
    subject: str,
    call: Callable[[], Awaitable[T]],
    *,
    run_id: str | None = None,
    wave: int | None = None,
    expected: Callable[[EngineError], bool] | None = None,
) -> T:
    """Send one changing request, once, with the journal told before and after.

    Args:
        session: The engine and the journal.
        action: What is asked for, as the journal names it.
        subject: What it is about: a batch id, a number of instances.
        call: Sends the request; called once.
        run_id: The run that it belongs to.
        wave: The wave of that run.
        expected: Tells of a refusal whether it is what was wanted (a rehearsal always wants one).

    Raises:
        ReadOnly: The profile forbids it; nothing was sent and nothing written down.
        JournalError: It could not be written down, so nothing was sent.
        OutcomeUnknown: It was sent and its answer was not read; the journal has it without an answer.
        EngineError: The engine did not do it.
    """
    refuse_if_read_only(session, action)
    journal = session.journal
    request_id = await asyncio.to_thread(journal.begin_request, action, subject, run_id=run_id, wave=wave)
    try:
        answer = await call()
    except OutcomeUnknown:
        raise
    except TuiMigrateError as error:
        outcome: RequestOutcome = "not sent" if isinstance(error, ReadOnly | EngineUnreachable) else "refused"
        if outcome == "refused" and expected is not None and isinstance(error, EngineError) and expected(error):
            outcome = "done"
        await asyncio.to_thread(journal.end_request, request_id, outcome, _words(error))
        raise
    await asyncio.to_thread(journal.end_request, request_id, "done")
    return answer


def refuse_if_read_only(session: Session, action: str) -> None:
    """Raise ReadOnly where the profile forbids changes."""
    if session.profile.read_only:
        name = f"Profile '{session.profile.name}'" if session.profile.name else "This session"
        raise ReadOnly(f"{name} is read-only: '{action}' was not sent to the engine. Use a profile that may change it.")


def _words(error: TuiMigrateError) -> str:
    words = (error.engine_message if isinstance(error, EngineError) else None) or str(error)
    return words[:_LONGEST]
