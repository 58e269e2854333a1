"""What is proven on an engine before its rehearsal is trusted: the order of visit, then that all is rolled back.

In this order: made-up ids only; one instance with a plan from its definition to itself, so that nothing has moved even
if it were committed; one instance with the real plan, read back afterwards.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.errors import EngineFault, EngineRefused
from tui_migrate.operations.hash_order import bins_stay_lists, find_stopper_for, random_id, visit_order
from tui_migrate.operations.locate import locate_running
from tui_migrate.operations.rehearsal_call import Answer, Caller, RehearsalCommitted, RehearsalUnsafe

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES: Final = (5, 40, 200)
"""Numbers of made-up ids: tables of 16, 64 and 512 bins."""

CANDIDATES: Final = 5
"""Instances that are tried one after the other until one of them migrates; one that does not proves nothing."""


class Guard(Struct, frozen=True):
    """One thing that was tested before the rehearsal was trusted."""

    name: str
    proven: bool
    sentence: str


async def guard_order(caller: Caller) -> Guard:
    """Send made-up ids only: each answer must name the one that is predicted to be visited first.

    Raises:
        RehearsalUnsafe: An answer named another one; a stopper visited too early would give a false all-clear.
    """
    for size in SIZES:
        ids = _made_up(size)
        answer = await caller.call(ids, None, subject=f"guard of the order: {size} made-up ids")
        first = visit_order(ids)[0]
        if answer.kind != "ended" or answer.instance_id != first:
            raise RehearsalUnsafe(
                f"This engine can't be asked for a rehearsal: of {size} made-up ids it should have named {first} "
                f"first, and it answered {_shown(answer)}. Nothing was migrated. Rely on the forecast instead."
            )
    return Guard("order", True, f"{len(SIZES)} calls with made-up ids were visited in the predicted order.")


async def guard_rollback(caller: Caller, candidates: Sequence[str]) -> Guard:
    """Send one instance with a plan from its definition to itself: the answer must be the stopper's.

    Raises:
        RehearsalUnsafe: The engine committed it; nothing has moved, since source and target are the same.
    """
    engine, source_id = caller.session.engine, caller.plan.source_definition_id
    try:
        plan = await engine.generate(source_id, source_id)
    except (EngineFault, EngineRefused) as error:
        # Of a multi-instance body with nothing in it that the engine would find, for example (ProcessEngineException).
        return Guard("rollback", False, f"The engine generates no plan to the same definition. {error}")
    stopper = find_stopper_for(1)
    for instance_id in candidates[:CANDIDATES]:
        answer = await caller.call([instance_id], stopper, subject=f"guard of the rollback: {instance_id}", plan=plan)
        if answer.kind == "committed":
            raise RehearsalUnsafe(
                "This engine can't be asked for a rehearsal: it answered success though one of the ids does not exist. "
                "Nothing has moved, since the plan led from the definition to itself. Rely on the forecast instead."
            )
        if answer.kind == "stopper":
            return Guard("rollback", True, "An instance with a plan to its own definition was rolled back.")
    return Guard("rollback", False, "No instance was found that migrates to its own definition, so it proves nothing.")


async def guard_instance(
    caller: Caller, candidates: Sequence[str], told: Callable[[str, Answer], Awaitable[None]]
) -> Guard:
    """Send one instance with the real plan, then read back that it still has the source definition.

    Args:
        caller: Makes the calls.
        candidates: Instances, tried until one of them would migrate.
        told: Gets the answer about each that was tried.

    Raises:
        RehearsalCommitted: It was migrated.
    """
    stopper = find_stopper_for(1)
    for instance_id in candidates[:CANDIDATES]:
        answer = await caller.call([instance_id], stopper, subject=f"guard with the plan: {instance_id}")
        if answer.kind == "committed":
            raise committed([instance_id])
        if answer.kind == "stopper":
            await check_not_moved(caller, [instance_id])
        await told(instance_id, answer)
        if answer.kind == "stopper":
            return Guard("plan", True, f"Instance {instance_id} still has the source definition after its rehearsal.")
    return Guard("plan", False, "None of the first instances would migrate; the first chunk is read back instead.")


async def check_not_moved(caller: Caller, ids: Sequence[str]) -> dict[str, str]:
    """Read the definitions of `ids`; return them by id.

    Raises:
        RehearsalCommitted: One of them has the target's.
    """
    where = await locate_running(caller.session, ids)
    plan = caller.plan
    moved = [one for one, definition in where.items() if definition == plan.target_definition_id]
    if moved and plan.source_definition_id != plan.target_definition_id:
        raise committed(moved)
    return where


def committed(ids: Sequence[str]) -> RehearsalCommitted:
    """Return the error that says loudly what must never happen."""
    names = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    return RehearsalCommitted(
        f"THE REHEARSAL MIGRATED INSTANCES. {len(ids)} of them are on the target definition now: {names}. Nothing more "
        "is sent. The journal has all ids of the call; look at these instances before doing anything else."
    )


def _made_up(count: int) -> list[str]:
    while True:
        ids = [random_id() for _ in range(count)]
        if bins_stay_lists(ids):
            return ids


def _shown(answer: Answer) -> str:
    words = answer.instance_id or "; ".join(answer.failures) or "nothing about an instance"
    return f"'{answer.kind}' ({words})"
