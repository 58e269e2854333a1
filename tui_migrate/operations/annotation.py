"""Attaching a text, such as a change ticket, to a migration in the engine's user operation log.

The engine writes that log for authenticated users only. A row of it names neither instances nor batch, so ours is the
operation that was not there before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_migrate.errors import EngineError, TuiMigrateError
from tui_migrate.operations.changing import send_change

if TYPE_CHECKING:
    from collections.abc import Collection

    from tui_migrate.engine.models import UserOperation
    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.operations.session import Session

_LATEST: Final = 200
_NO_LOG: Final = (
    "The engine wrote no user operation (it does for authenticated users only): the annotation is in our journal."
)


async def operations_before(session: Session) -> frozenset[str] | None:
    """Return the ids of the latest migrations in the user operation log, or None where it can't be read."""
    try:
        return frozenset(one.operation_id for one in await session.engine.user_operations(limit=_LATEST))
    except EngineError:
        return None


async def annotate(
    session: Session, prepared: PreparedRun, before: Collection[str] | None, *, size: int, run_id: str
) -> str | None:
    """Attach the annotation of a run to the migration that was just sent; return why it was not, if it was not.

    Args:
        session: The engine.
        prepared: The run, with an annotation.
        before: What `operations_before` gave before it was sent.
        size: Number of instances that were sent.
        run_id: The run in the journal.
    """
    text = prepared.options.annotation
    if not text:
        return None
    if before is None:
        return "The user operation log may not be read: the annotation is in our journal only."
    try:
        rows = await session.engine.user_operations(limit=_LATEST)
        operation_id = _ours([row for row in rows if row.operation_id not in before], prepared, size)
        if operation_id is None:
            return _NO_LOG
        await send_change(
            session,
            "annotate operation",
            operation_id,
            lambda: session.engine.annotate_operation(operation_id, text),
            run_id=run_id,
        )
    except TuiMigrateError as error:
        return f"The annotation could not be attached: {error}"
    return None


def _ours(rows: list[UserOperation], prepared: PreparedRun, size: int) -> str | None:
    by_operation: dict[str, dict[str, tuple[str | None, str | None]]] = {}
    for row in rows:
        by_operation.setdefault(row.operation_id, {})[row.property or ""] = (row.org_value, row.new_value)
    wanted = (prepared.plan.source_definition_id, prepared.plan.target_definition_id)
    for operation_id, properties in by_operation.items():
        if properties.get("processDefinitionId") == wanted and properties.get("nrOfInstances", ("", ""))[1] == str(
            size
        ):
            return operation_id
    return None
