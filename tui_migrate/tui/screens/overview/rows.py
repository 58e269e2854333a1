"""The rows of the overview and of the definition picker: what each says, and which are to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from rich.cells import cell_len

from tui_migrate.tui.cells import cut, fit, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tui_migrate.operations.overview import DefinitionGroup, DefinitionRow, Overview
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.line_list import Piece


class GroupLine(Struct, frozen=True):
    """All versions of a key in one line."""

    group: DefinitionGroup
    opened: bool

    @property
    def definition_id(self) -> str:
        """Id of the newest version."""
        return self.group.newest.definition.id


class VersionLine(Struct, frozen=True):
    """One version."""

    group: DefinitionGroup
    row: DefinitionRow
    alone: bool = False
    """Whether the line has to tell the key as well (in search results)."""

    @property
    def definition_id(self) -> str:
        """Id of the definition."""
        return self.row.definition.id


Line = GroupLine | VersionLine

FEW: Final = 5
"""Keys with instances on old versions up to which their versions are shown at first."""


def group_key(group: DefinitionGroup) -> tuple[str, str | None]:
    """Return what tells a group from all others."""
    return group.key, group.tenant_id


def opened_at_first(overview: Overview, group: DefinitionGroup) -> bool:
    """Return whether a key shows its versions at first: where there is something to migrate and room to show it."""
    busy = sum(bool(one.instances_on_old) for one in overview.groups)
    return bool(group.instances_on_old) and busy <= FEW


def lines_of(
    overview: Overview, toggled: Collection[tuple[str, str | None]], search: str, *, flat: bool = False
) -> list[Line]:
    """Return the lines to be seen.

    Args:
        overview: What was read.
        toggled: Groups that are not as they are at first: `opened_at_first` tells which are open.
        search: Only versions that match; "" is all.
        flat: Whether there are lines of versions only, as in search results.
    """
    if flat or search.strip():
        groups = {row.definition.id: group for group in overview.groups for row in group.rows}
        return [VersionLine(groups[row.definition.id], row, alone=True) for row in overview.search(search)]
    lines: list[Line] = []
    for group in overview.groups:
        opened = opened_at_first(overview, group) != (group_key(group) in toggled)
        lines.append(GroupLine(group, opened))
        if opened:
            lines.extend(VersionLine(group, row) for row in group.rows)
    return lines


_NUMBER = 9
_INCIDENTS = 7
_TAG = 16
_TENANT = 12


def line_pieces(line: Line, width: int, glyphs: Glyphs, *, tenants: bool) -> Sequence[Piece]:
    """Return the pieces of a line, exactly `width` cells together.

    Args:
        line: What to show.
        width: Cells.
        glyphs: The set of characters.
        tenants: Whether there is a column for tenants.
    """
    if isinstance(line, GroupLine):
        return _group_pieces(line, width, glyphs, tenants)
    return _version_pieces(line, width, glyphs, tenants)


def heading(width: int, *, tenants: bool) -> str:
    """Return the line above the list."""
    tenant = fit("tenant", _TENANT) if tenants else ""
    right = fit("tag", _TAG) + tenant + "running".rjust(_NUMBER) + "incid.".rjust(_INCIDENTS) + " "
    return fit("  key, version", max(width - len(right), 0)) + right


def _group_pieces(line: GroupLine, width: int, glyphs: Glyphs, tenants: bool) -> Sequence[Piece]:
    group = line.group
    fold = glyphs.opened if line.opened else glyphs.closed
    versions = f"{len(group.rows)} version{'s' if len(group.rows) > 1 else ''}"
    old = f"{glyphs.unmapped} {group.instances_on_old} on old" if group.instances_on_old else ""
    tenant = fit(group.tenant_id or "", _TENANT - 1, glyphs.ellipsis) + " " if tenants else ""
    right = f"{group.instances or '':>{_NUMBER}}"
    incidents = _incidents(group.incidents, glyphs)
    room = max(width - len(tenant) - len(right) - _INCIDENTS - 2, 10)
    tail = f"  {versions}  {old}".rstrip()
    name = shown(group.name, 200)
    key = cut(group.key, max(room - 3 - len(tail), 8), glyphs.ellipsis)
    space = room - 3 - cell_len(key) - len(tail) - 2
    label = f"  {cut(name, space, glyphs.ellipsis)}" if name and name != group.key and space >= 8 else ""
    used = 3 + cell_len(key) + cell_len(label)
    head, mark = f"  {versions}", f"  {old}" if old else ""
    fill = " " * max(room - used - len(head) - len(mark), 0)
    return [
        (f" {fold} ", "dim"),
        (key, "strong"),
        (label, ""),
        (head, "dim"),
        (mark, "warning"),
        (f"{fill} {tenant}{right}", ""),
        *incidents,
        (" ", ""),
    ]


def _version_pieces(line: VersionLine, width: int, glyphs: Glyphs, tenants: bool) -> Sequence[Piece]:
    row = line.row
    definition = row.definition
    newest = row is line.group.newest
    tag = fit(definition.version_tag or "", _TAG - 1, glyphs.ellipsis) + " "
    tenant = fit(definition.tenant_id or "", _TENANT - 1, glyphs.ellipsis) + " " if tenants else ""
    room = max(width - _TAG - len(tenant) - _NUMBER - _INCIDENTS - 1, 10)
    version = f"v{definition.version}"
    suffix = " newest" if newest else ""
    suspended = " suspended" if definition.suspended else ""
    key = cut(definition.key, room - len(version) - len(suffix) - len(suspended) - 5, glyphs.ellipsis)
    text = f"   {key} {version}" if line.alone else f"     {version}"
    fill = " " * max(room - cell_len(text) - len(suffix) - len(suspended), 0)
    busy_old = bool(row.instances) and not newest
    return [
        (text, ""),
        (suffix, "success"),
        (suspended, "warning"),
        (f"{fill}{tag}{tenant}", ""),
        (f"{row.instances or '':>{_NUMBER}}", "warning" if busy_old else ""),
        *_incidents(row.incidents, glyphs),
        (" ", ""),
    ]


def _incidents(number: int, glyphs: Glyphs) -> list[Piece]:
    text = f"{glyphs.incident}{number}" if number else ""
    return [(text.rjust(_INCIDENTS), "error" if number else "")]
