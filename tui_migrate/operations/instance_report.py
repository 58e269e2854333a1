"""What the engine says about one instance that it can't migrate, flattened for lists and causes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from tui_migrate.errors import InstanceRejected

_INSTANCE: Final = re.compile(r"rocess instance '([^']+)'")


class InstanceFailure(Struct, frozen=True):
    """Why one instance can't be migrated. The two tuples belong together, place by place."""

    instance_id: str
    failures: tuple[str, ...]
    activity_ids: tuple[str, ...]
    """Source activity of each failure; the definition id or an empty text for what concerns the whole process."""


def instance_failure(error: InstanceRejected) -> InstanceFailure | None:
    """Read the report of a rejected instance; None if it can't be read.

    The engine's order is that of a hash, and several activity instances may fail alike: failures come sorted,
    each once.
    """
    from tui_migrate.engine.plan_answer import instance_report

    report = instance_report(error)
    if report is None:
        return None
    # What concerns the whole instance comes first: an empty place sorts before all activities.
    found = {("", failure) for failure in report.failures}
    found |= {(one.activity_id or "", failure) for one in report.activities for failure in one.failures}
    pairs = sorted(found)
    return InstanceFailure(report.instance_id, tuple(pair[1] for pair in pairs), tuple(pair[0] for pair in pairs))


def named_instance(message: str | None) -> str | None:
    """Return the id of the instance that an engine's message names (ENGINE-23002, 23003, 23004, 23010), or None."""
    found = _INSTANCE.search(message or "")
    return found[1] if found else None
