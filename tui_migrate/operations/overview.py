"""What runs on the engine: definitions by key and tenant, their versions, running instances and incidents."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tui_migrate.engine.models import DefinitionStatistics, ProcessDefinition
    from tui_migrate.operations.session import Session


class DefinitionRow(Struct, frozen=True):
    """One version of a process with what runs on it."""

    definition: ProcessDefinition
    instances: int
    """Running process instances of this version."""
    failed_jobs: int
    """Jobs without retries left."""
    incidents: int
    """Open incidents whose root cause lies in this version."""


class DefinitionGroup(Struct, frozen=True):
    """All versions of one key in one tenant (the same key and version number exist once per tenant)."""

    key: str
    tenant_id: str | None
    name: str | None
    """The name that the newest version has."""
    rows: tuple[DefinitionRow, ...]
    """Newest version first; never empty."""

    @property
    def newest(self) -> DefinitionRow:
        """The row of the highest version number."""
        return self.rows[0]

    @property
    def instances(self) -> int:
        """Running instances of all versions."""
        return sum(row.instances for row in self.rows)

    @property
    def incidents(self) -> int:
        """Open incidents of all versions."""
        return sum(row.incidents for row in self.rows)

    @property
    def instances_on_old(self) -> int:
        """Running instances of all versions but the newest: those that could be migrated."""
        return sum(row.instances for row in self.rows[1:])


class Overview(Struct, frozen=True):
    """All definitions that the user may see, as they were at one moment."""

    groups: tuple[DefinitionGroup, ...]
    """Those with instances on old versions first, then by key and tenant."""
    read_at: datetime

    def row(self, definition_id: str) -> DefinitionRow | None:
        """Return the row of a definition, or None where it isn't there (any more)."""
        group = self.group(definition_id)
        if group is None:
            return None
        return next(row for row in group.rows if row.definition.id == definition_id)

    def group(self, definition_id: str) -> DefinitionGroup | None:
        """Return the group that a definition belongs to, or None."""
        for group in self.groups:
            if any(row.definition.id == definition_id for row in group.rows):
                return group
        return None

    def search(self, text: str) -> tuple[DefinitionRow, ...]:
        """Return the rows in which every word of `text` occurs, in the order of the groups.

        A word is looked for in key, name, version (`v3` or `3`), version tag, tenant and id, without regard to case. No
        words find everything.
        """
        words = text.casefold().split()
        rows = (row for group in self.groups for row in group.rows)
        return tuple(row for row in rows if _has_all(row.definition, words))

    def default_pair(self, definition_id: str) -> tuple[str, str | None]:
        """Return source and target for a definition that somebody opened.

        An older version goes to the newest. The newest is the target of the next older version that has instances, or
        of the next older one where none has. A key with one version has no target yet.

        Args:
            definition_id: The definition that was opened.

        Returns:
            The ids of source and target; None where the target has to be asked for.
        """
        group = self.group(definition_id)
        if group is None or len(group.rows) == 1:
            return definition_id, None
        newest = group.newest.definition.id
        if definition_id != newest:
            return definition_id, newest
        older = group.rows[1:]
        source = next((row for row in older if row.instances), older[0])
        return source.definition.id, newest


async def load_overview(session: Session) -> Overview:
    """Read all definitions with their counts: one request, whatever their number.

    Source: REST reference 4.1; the answer has every definition, also those without instances, in random order.
    """
    await session.features()
    statistics = await session.engine.definition_statistics()
    session.remember(row.definition for row in statistics)
    return Overview(groups=_groups(statistics), read_at=session.clock.now())


def _groups(statistics: Iterable[DefinitionStatistics]) -> tuple[DefinitionGroup, ...]:
    by_key: defaultdict[tuple[str, str | None], list[DefinitionRow]] = defaultdict(list)
    for entry in statistics:
        definition = entry.definition
        by_key[definition.key, definition.tenant_id].append(
            DefinitionRow(
                definition=definition,
                instances=entry.instances,
                failed_jobs=entry.failed_jobs,
                incidents=sum(count.incident_count for count in entry.incidents),
            )
        )
    groups = [_group(key, tenant_id, rows) for (key, tenant_id), rows in by_key.items()]
    return tuple(sorted(groups, key=lambda group: (not group.instances_on_old, group.key, group.tenant_id or "")))


def _group(key: str, tenant_id: str | None, rows: list[DefinitionRow]) -> DefinitionGroup:
    newest_first = sorted(rows, key=lambda row: row.definition.version, reverse=True)
    return DefinitionGroup(key=key, tenant_id=tenant_id, name=newest_first[0].definition.name, rows=tuple(newest_first))


def _has_all(definition: ProcessDefinition, words: list[str]) -> bool:
    if not words:
        return True
    version = str(definition.version)
    exact = {version, f"v{version}"}
    parts = (definition.key, definition.name, definition.version_tag, definition.tenant_id, definition.id)
    text = "\n".join(part for part in parts if part).casefold()
    return all(word in exact or word in text for word in words)
