"""What has changed between the review of a run and the moment before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from tui_migrate.errors import NotFound
from tui_migrate.operations.locate import locate_running
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.engine.models import BatchStatistics, ProcessDefinition
    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.operations.session import Session

ChangeKind = Literal["source", "target", "newer", "count", "instances", "batches"]


class Change(Struct, frozen=True):
    """One thing that is not as it was reviewed, to be shown and asked about."""

    kind: ChangeKind
    sentence: str
    important: bool = True
    """False for what is worth knowing and changes nothing about the run itself."""


async def recheck(session: Session, prepared: PreparedRun) -> tuple[Change, ...]:
    """Read source, target, counts, the selected instances and the other batches again; return what has changed.

    One round trip: four requests, one for each 500 selected instances, and one for the batches.

    Args:
        session: The engine.
        prepared: What was reviewed.
    """
    from tui_migrate.engine.queries import InstanceQuery

    source, target = prepared.source, prepared.target
    async with round_trip() as trip:
        source_now = trip.create_task(_definition(session, source.id))
        target_now = trip.create_task(_definition(session, target.id))
        latest = trip.create_task(_latest(session, target))
        running = trip.create_task(session.engine.count_instances(InstanceQuery(process_definition_id=source.id)))
        where = trip.create_task(locate_running(session, prepared.ids))
        batches = trip.create_task(session.engine.list_batch_statistics(limit=None))
    changes = [
        *_definition_changes("source", source, source_now.result()),
        *_definition_changes("target", target, target_now.result()),
        *_newer(session, target, latest.result()),
        *count_changes(prepared, running.result()),
        *_instances(prepared, where.result()),
        *_batches(batches.result()),
    ]
    return tuple(changes)


async def _definition(session: Session, definition_id: str) -> ProcessDefinition | None:
    try:
        return await session.engine.definition(definition_id)
    except NotFound:
        return None


async def _latest(session: Session, target: ProcessDefinition) -> ProcessDefinition | None:
    tenant_id = target.tenant_id
    found = await session.engine.definitions(
        key=target.key, latest=True, tenant_id=tenant_id, without_tenant=True if tenant_id is None else None
    )
    return found[0] if found else None


def _definition_changes(
    side: Literal["source", "target"], before: ProcessDefinition, now: ProcessDefinition | None
) -> list[Change]:
    if now is None:
        return [Change(side, f"The {side} definition {before.id} is not there any more, or may not be seen.")]
    if now.suspended != before.suspended:
        word = "suspended" if now.suspended else "active again"
        return [Change(side, f"The {side} definition {before.id} is {word} now.")]
    return []


def _newer(session: Session, target: ProcessDefinition, latest: ProcessDefinition | None) -> list[Change]:
    if latest is None or latest.version <= target.version or session.known_definition(latest.id) is not None:
        return []
    sentence = f"Version {latest.version} of '{target.key}' is there; this run goes to version {target.version}."
    return [Change("newer", sentence, important=False)]


def count_changes(prepared: PreparedRun, running: int) -> list[Change]:
    """Return what there is to say about the number of instances on the source, nothing where it is as reviewed."""
    if prepared.running is None or running == prepared.running:
        return []
    return [
        Change(
            "count",
            f"{running} instances run on the source now; there were {prepared.running} when it was reviewed. "
            f"The {len(prepared.ids)} that were selected stay the same.",
        )
    ]


def _instances(prepared: PreparedRun, where: dict[str, str]) -> list[Change]:
    gone = sum(one not in where for one in prepared.ids)
    elsewhere = sum(definition_id != prepared.source.id for definition_id in where.values())
    changes = []
    if gone:
        changes.append(
            Change("instances", f"{gone} of the {len(prepared.ids)} selected instances have ended meanwhile.")
        )
    if elsewhere:
        sentence = f"{elsewhere} of the {len(prepared.ids)} selected instances are not on the source any more."
        changes.append(Change("instances", sentence))
    return changes


def _batches(batches: list[BatchStatistics]) -> list[Change]:
    busy = [batch for batch in batches if batch.remaining_jobs > batch.failed_jobs]
    if not busy:
        return []
    names = ", ".join(batch.id for batch in busy[:3]) + (" …" if len(busy) > 3 else "")
    verb = "batch is" if len(busy) == 1 else "batches are"
    return [Change("batches", f"{len(busy)} other migration {verb} at work: {names}.", important=False)]
