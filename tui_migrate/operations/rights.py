"""Which rights a run needs that the user lacks, asked before anything is sent.

Source: REST reference, section 10: `MIGRATE_INSTANCE` on both definitions (by key); for a batch also
`CREATE_BATCH_MIGRATE_PROCESS_INSTANCES` or `CREATE` on Batch. An engine that knows no user asks for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_migrate.errors import Forbidden
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.operations.session import Session

PROCESS_DEFINITION: Final = 6
BATCH: Final = 13
_BATCH_RIGHTS: Final = ("CREATE_BATCH_MIGRATE_PROCESS_INSTANCES", "CREATE")


async def missing_rights(session: Session, prepared: PreparedRun) -> tuple[str, ...]:
    """Return the rights that the user lacks for this run, as the engine names them; none where it knows no user.

    Up to four requests in one round trip.
    """
    check = session.engine.check_authorization
    keys = sorted({prepared.source.key, prepared.target.key})
    async with round_trip() as trip:
        migrate = [
            trip.create_task(check("MIGRATE_INSTANCE", "ProcessDefinition", PROCESS_DEFINITION, key)) for key in keys
        ]
        create = [trip.create_task(check(one, "Batch", BATCH)) for one in _BATCH_RIGHTS if prepared.asynchronous]
    missing = [
        f"MIGRATE_INSTANCE on ProcessDefinition '{key}'"
        for key, task in zip(keys, migrate, strict=True)
        if task.result() is False
    ]
    if create and all(task.result() is False for task in create):
        missing.append(f"{_BATCH_RIGHTS[0]} (or {_BATCH_RIGHTS[1]}) on Batch")
    return tuple(missing)


async def require_rights(session: Session, prepared: PreparedRun) -> None:
    """Refuse a run that the engine would refuse for want of rights; nothing is sent.

    Raises:
        Forbidden: The message and `missing` name what is lacking.
    """
    missing = await missing_rights(session, prepared)
    if missing:
        error = Forbidden(
            f"You may not do this on the engine: {'; '.join(missing)} is missing. Nothing was sent. Ask an"
            " administrator of the engine for it, or log in as another user."
        )
        error.missing = missing
        raise error
