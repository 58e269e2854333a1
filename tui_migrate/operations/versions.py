"""Several old versions at once to one target: a plan for each, one check for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_migrate.errors import UsageError
from tui_migrate.operations.check import CheckSummary, check_selection
from tui_migrate.operations.forecast import CauseGroup
from tui_migrate.operations.overview import DefinitionGroup, Overview, load_overview
from tui_migrate.operations.plan import OpenPlan, open_plan
from tui_migrate.operations.resolve import resolve_definition
from tui_migrate.operations.selection import FrozenSelection, Selection, freeze
from tui_migrate.operations.together import round_trip
from tui_migrate.text import safe

if TYPE_CHECKING:
    from tui_migrate.operations.filter import InstanceFilter
    from tui_migrate.operations.session import Session


@dataclass(frozen=True, slots=True)
class VersionPlans:
    """Plans from several versions of one key to one target, oldest version first."""

    plans: tuple[OpenPlan, ...]
    """One for each version that has instances; none where there are no instances to migrate."""
    without_instances: tuple[str, ...] = ()
    """Ids of the older versions that nothing runs on."""

    @property
    def instances(self) -> int:
        """Running instances of all the sources."""
        return sum(one.running for one in self.plans)


@dataclass(frozen=True, slots=True)
class VersionCheck:
    """One check for several versions."""

    by_source: Mapping[str, CheckSummary]
    """By id of the source definition."""
    selections: Mapping[str, FrozenSelection]
    """By id of the source definition."""

    @property
    def total(self) -> int:
        """Selected instances of all versions."""
        return sum(one.total for one in self.by_source.values())

    @property
    def migrates(self) -> int:
        """How many would migrate."""
        return sum(one.migrates for one in self.by_source.values())

    @property
    def fails(self) -> int:
        """How many would fail."""
        return sum(one.fails for one in self.by_source.values())

    @property
    def cannot_tell(self) -> int:
        """Of how many it can't be told."""
        return sum(one.cannot_tell for one in self.by_source.values())

    def groups(self) -> tuple[tuple[str, CauseGroup], ...]:
        """Return all causes with the id of the source definition that they belong to, failures first, largest first."""
        found = [(source, group) for source, summary in self.by_source.items() for group in summary.groups]
        return tuple(sorted(found, key=lambda one: (not one[1].fails, -len(one[1].ids))))


def is_all_versions(text: str) -> bool:
    """Return whether `text` means all older versions of a key (`key:*`)."""
    return text.strip().endswith(":*")


async def open_versions(
    session: Session,
    text: str,
    target: str | None = None,
    *,
    tenant: str | None = None,
    overview: Overview | None = None,
    update_event_triggers: bool = False,
) -> VersionPlans:
    """Open a plan for each version of a key that has instances and is not the target.

    Args:
        session: The engine.
        text: `key:*`, or the key.
        target: The target as `resolve_definition` reads it; the key's newest version without it.
        tenant: Whose versions.
        overview: What runs on the engine, where it was read already.
        update_event_triggers: Passed on to the engine's generation.

    Raises:
        UsageError: There is no such key, or several tenants have it.
    """
    key = text.strip().removesuffix(":*")
    known = overview or await load_overview(session)
    group = _group(known, key, tenant)
    target_id = group.newest.definition.id
    if target is not None:
        target_id = (await resolve_definition(session, target, tenant=tenant)).id
    older = [row for row in reversed(group.rows) if row.definition.id != target_id]
    async with round_trip() as trip:
        opened = [
            trip.create_task(
                open_plan(session, row.definition.id, target_id, update_event_triggers=update_event_triggers)
            )
            for row in older
            if row.instances
        ]
    return VersionPlans(
        plans=tuple(task.result() for task in opened),
        without_instances=tuple(row.definition.id for row in older if not row.instances),
    )


async def check_versions(
    session: Session,
    plans: VersionPlans,
    *,
    filter: InstanceFilter | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> VersionCheck:
    """Freeze the instances of all versions and forecast them.

    Args:
        session: The engine.
        plans: The plans.
        filter: Takes only the instances that match; all without it.
        on_progress: Called with the number of instances forecast so far, of all versions.
    """
    summaries: dict[str, CheckSummary] = {}
    selections: dict[str, FrozenSelection] = {}
    done = 0
    for plan in plans.plans:
        selection = Selection()
        if filter is not None:
            selection.select_all_matching(filter)
        frozen = await freeze(session, plan.source.id, selection)
        selections[plan.source.id] = frozen
        summaries[plan.source.id] = await check_selection(
            session, plan, frozen.ids, on_progress=_shifted(on_progress, done)
        )
        done += len(frozen.ids)
    return VersionCheck(summaries, selections)


def _shifted(on_progress: Callable[[int], None] | None, done: int) -> Callable[[int], None] | None:
    return None if on_progress is None else lambda number: on_progress(done + number)


def _group(overview: Overview, key: str, tenant: str | None) -> DefinitionGroup:
    groups: Sequence[DefinitionGroup] = [one for one in overview.groups if one.key == key]
    if tenant is not None:
        groups = [one for one in groups if one.tenant_id == tenant]
    if not groups:
        where = f" in tenant '{tenant}'" if tenant is not None else ""
        message = f"No process definition '{key}'{where} on this engine. `tui-migrate definitions` lists them."
        raise UsageError(safe(message))
    if len(groups) > 1:
        tenants = ", ".join(one.tenant_id or "none" for one in groups)
        raise UsageError(safe(f"'{key}' exists for several tenants ({tenants}). Say which one is meant (--tenant)."))
    return groups[0]
