"""Several old versions at once to one target: a plan for each, one check for all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.errors import BpmnError, Forbidden, NotFound, PlanError, UsageError
from tui_migrate.operations.check import CheckSummary, check_selection, summarize
from tui_migrate.operations.forecast import CauseGroup, forecast_instances
from tui_migrate.operations.overview import DefinitionGroup, DefinitionRow, Overview, load_overview
from tui_migrate.operations.plan import OpenPlan, engine_verdict, open_plan, read_counts
from tui_migrate.operations.prepared_run import PreparedRun, RunOptions, prepare_run
from tui_migrate.operations.resolve import resolve_definition
from tui_migrate.operations.selection import FrozenSelection, Selection, freeze
from tui_migrate.operations.together import round_trip
from tui_migrate.text import safe

if TYPE_CHECKING:
    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.errors import TuiMigrateError
    from tui_migrate.migration.report import ValidationReport
    from tui_migrate.operations.filter import InstanceFilter
    from tui_migrate.operations.rehearse import RehearsalProgress
    from tui_migrate.operations.session import Session


class UnopenedVersion(Struct, frozen=True):
    """A version with instances of which no plan could be opened."""

    definition: ProcessDefinition
    instances: int
    error: TuiMigrateError


class VersionPlans(Struct, frozen=True):
    """Plans from several versions of one key to one target, oldest version first."""

    plans: tuple[OpenPlan, ...]
    """One for each version that has instances; none where there are no instances to migrate."""
    without_instances: tuple[str, ...] = ()
    """Ids of the older versions that nothing runs on."""
    unopened: tuple[UnopenedVersion, ...] = ()
    """Versions with instances of which no plan could be opened; they don't hide the others."""

    @property
    def instances(self) -> int:
        """Running instances of all the sources."""
        return sum(one.running for one in self.plans)


class OneVersion(Struct, frozen=True):
    """What would become of one version's instances."""

    source_id: str
    frozen: FrozenSelection
    summary: CheckSummary
    report: ValidationReport
    """The engine's own verdict on the plan."""
    revision: int
    """Of the draft that was checked."""
    rehearsed: bool = False
    """Whether the summary is the engine's own verdict."""


class VersionCheck(Struct, frozen=True):
    """One check for several versions."""

    versions: Mapping[str, OneVersion]
    """By id of the source definition, oldest version first."""

    @property
    def total(self) -> int:
        """Selected instances of all versions."""
        return sum(one.summary.total for one in self.versions.values())

    @property
    def migrates(self) -> int:
        """How many would migrate."""
        return sum(one.summary.migrates for one in self.versions.values())

    @property
    def fails(self) -> int:
        """How many would fail."""
        return sum(one.summary.fails for one in self.versions.values())

    @property
    def cannot_tell(self) -> int:
        """Of how many it can't be told."""
        return sum(one.summary.cannot_tell for one in self.versions.values())

    @property
    def rehearsed(self) -> int:
        """How many versions were rehearsed."""
        return sum(one.rehearsed for one in self.versions.values())

    def groups(self) -> tuple[tuple[str, CauseGroup], ...]:
        """Return all causes with the id of the source definition that they belong to, failures first, largest first."""
        found = [(source, group) for source, one in self.versions.items() for group in one.summary.groups]
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
    return await open_group(session, group, target_id, update_event_triggers=update_event_triggers)


async def open_group(
    session: Session, group: DefinitionGroup, target_id: str, *, update_event_triggers: bool = False
) -> VersionPlans:
    """Open a plan for each version of a group that has instances and is not the target.

    A version that can't be opened does not hide the others: it is in `unopened`.

    Args:
        session: The engine.
        group: The versions of one key in one tenant.
        target_id: Id of the target definition.
        update_event_triggers: Passed on to the engine's generation.

    Raises:
        BpmnError: The target's model can't be read.
        NotFound: The target is not there, or may not be seen.
    """
    older = [row for row in reversed(group.rows) if row.definition.id != target_id]
    await session.model(target_id)
    async with round_trip() as trip:
        tasks = [
            trip.create_task(_open(session, row, target_id, update_event_triggers)) for row in older if row.instances
        ]
    opened = [task.result() for task in tasks]
    return VersionPlans(
        plans=tuple(one for one in opened if not isinstance(one, UnopenedVersion)),
        without_instances=tuple(row.definition.id for row in older if not row.instances),
        unopened=tuple(one for one in opened if isinstance(one, UnopenedVersion)),
    )


async def _open(
    session: Session, row: DefinitionRow, target_id: str, update_event_triggers: bool
) -> OpenPlan | UnopenedVersion:
    """Open one plan; what is wrong with this version alone is kept, what is wrong with the engine is raised."""
    try:
        plan = await open_plan(session, row.definition.id, target_id, update_event_triggers=update_event_triggers)
        await read_counts(session, plan)
        return plan
    except (BpmnError, NotFound, Forbidden, PlanError) as error:
        return UnopenedVersion(row.definition, row.instances, error)


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
    checked: list[OneVersion] = []
    for plan in plans.plans:
        done = sum(len(one.frozen.ids) for one in checked)
        checked.append(await check_version(session, plan, filter=filter, on_progress=_shifted(on_progress, done)))
    return VersionCheck({one.source_id: one for one in checked})


async def check_version(
    session: Session,
    plan: OpenPlan,
    *,
    filter: InstanceFilter | None = None,
    frozen: FrozenSelection | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> OneVersion:
    """Freeze the instances of one version, forecast them, and ask the engine about the plan as it stands.

    Args:
        session: The engine.
        plan: The plan.
        filter: Takes only the instances that match; all without it.
        frozen: The instances, where they are frozen already, as after an edit of the plan.
        on_progress: Called with the number of instances forecast so far.
    """
    if frozen is None:
        selection = Selection()
        if filter is not None:
            selection.select_all_matching(filter)
        frozen = await freeze(session, plan.source.id, selection)
    revision = plan.draft.revision
    verdict = await engine_verdict(session, plan.plan())
    summary = await check_selection(session, plan, frozen.ids, on_progress=on_progress)
    return OneVersion(plan.source.id, frozen, summary, verdict.report, revision)


async def rehearse_version(
    session: Session, plan: OpenPlan, one: OneVersion, *, on_progress: Callable[[RehearsalProgress], None] | None = None
) -> OneVersion:
    """Ask the engine for its own verdict on the instances of one version, with nothing migrated.

    Args:
        session: The engine.
        plan: The plan; it has to be valid.
        one: The version as it was checked.
        on_progress: Called after each call.

    Returns:
        The same, with the engine's verdicts in the place of the forecasts.

    Raises:
        ReadOnly: The profile is read-only; nothing was sent.
        PlanRejected: The plan itself is invalid.
        RehearsalUnsafe: The engine did not pass the guards; nothing was migrated.
    """
    from tui_migrate.operations.rehearse import rehearse

    ids = one.frozen.ids
    forecasts = await forecast_instances(session, plan, ids)
    rehearsal = await rehearse(session, plan.plan(), ids, on_progress=on_progress, forecast=forecasts)
    return replace(one, summary=summarize(plan, forecasts, rehearsal.verdicts), rehearsed=True)


def prepare_versions(
    session: Session,
    plans: Sequence[OpenPlan],
    check: VersionCheck,
    options: RunOptions,
    left_out: Collection[str] = frozenset(),
) -> tuple[PreparedRun, ...]:
    """Return the runs as they would be sent, one for each plan in their order; nothing is asked of the engine.

    Args:
        session: The engine.
        plans: The plans of the versions that are to go.
        check: With the frozen instances of each.
        options: For all of them.
        left_out: Ids of instances that are not to go.
    """
    runs = []
    for plan in plans:
        frozen = check.versions[plan.source.id].frozen
        chosen = replace(frozen, ids=tuple(one for one in frozen.ids if one not in left_out))
        runs.append(prepare_run(session, plan, chosen, options))
    return tuple(runs)


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
