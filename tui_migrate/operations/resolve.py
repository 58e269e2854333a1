"""From what a person writes (`key:3`, `key@2025.2`, `key`, an id) to one process definition."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from tui_migrate.errors import NotFound, UsageError
from tui_migrate.text import safe

if TYPE_CHECKING:
    from tui_migrate.engine.models import ProcessDefinition, ProcessInstance
    from tui_migrate.operations.session import Session


async def resolve_definition(session: Session, text: str, *, tenant: str | None = None) -> ProcessDefinition:
    """Return the one definition that `text` names.

    Args:
        session: The engine.
        text: `key:version`, `key@version tag`, `key` or `key:latest` for the newest version, or a definition's id.
        tenant: Looks among this tenant's definitions only; without it among all, and more than one is an error.

    Raises:
        UsageError: Nothing or several are meant; the message names them, or the nearest known key.
    """
    await session.features()
    text = text.strip()
    known = session.known_definition(text)
    if known is not None:
        return known
    key, version, tag = _split(text)
    found = await _find(session, text, key, version, tag, tenant)
    session.remember(found)
    if not found:
        raise UsageError(safe(await _not_found(session, text, key, version, tag, tenant)))
    if len(found) > 1:
        names = ", ".join(f"{one.id}{_of_tenant(one)}" for one in found[:10])
        more = f" and {len(found) - 10} more" if len(found) > 10 else ""
        message = f"'{text}' means several definitions: {names}{more}. Give the tenant, or the definition's id."
        raise UsageError(safe(message))
    return found[0]


async def resolve_instance(session: Session, instance_id: str) -> ProcessInstance:
    """Return the running instance with this id.

    Raises:
        UsageError: There is none; it may have ended.
    """
    from tui_migrate.engine.queries import InstanceQuery

    await session.features()
    found = await session.engine.instances(InstanceQuery(process_instance_ids=(instance_id,)), limit=1)
    if not found:
        wanted = safe(instance_id)
        raise UsageError(f"No process instance '{wanted}' runs on this engine (any more), or you may not see it.")
    return found[0]


def _split(text: str) -> tuple[str, int | None, str | None]:
    if not text:
        raise UsageError("A process definition is missing: give key, key:version, key@tag or an id.")
    key, at, tag = text.partition("@")
    if at and ":" not in key:
        return key, None, tag
    key, colon, version = text.partition(":")
    if colon and version == "*":
        raise UsageError(safe(f"'{text}' means all versions of '{key}'; only --from can take several."))
    if colon and version.isdecimal():
        return key, int(version), None
    return key, None, None


async def _find(
    session: Session, text: str, key: str, version: int | None, tag: str | None, tenant: str | None
) -> list[ProcessDefinition]:
    engine = session.engine
    if tag is not None:
        return _newest(await engine.definitions(key=key, version_tag=tag, tenant_id=tenant))
    if ":" in text and version is None and text != f"{key}:latest":
        return await _by_id(session, text)
    if version is not None:
        return await engine.definitions(key=key, version=version, tenant_id=tenant)
    # An id is a bare UUID where key and version would make it longer than the engine's column (64 characters).
    newest = await engine.definitions(key=key, latest=True, tenant_id=tenant)
    return newest or await _by_id(session, text)


def _newest(found: list[ProcessDefinition]) -> list[ProcessDefinition]:
    """Several versions may bear one tag; the newest of each tenant is meant."""
    best: dict[str | None, ProcessDefinition] = {}
    for definition in found:
        other = best.get(definition.tenant_id)
        if other is None or other.version < definition.version:
            best[definition.tenant_id] = definition
    return list(best.values())


async def _by_id(session: Session, definition_id: str) -> list[ProcessDefinition]:
    try:
        return [await session.definition(definition_id)]
    except NotFound:
        return []


async def _not_found(
    session: Session, text: str, key: str, version: int | None, tag: str | None, tenant: str | None
) -> str:
    where = f" in tenant '{tenant}'" if tenant is not None else ""
    versions = await session.engine.definitions(key=key)
    if versions:
        return f"There is no '{text}'{where}. '{key}' has {_listed(versions, tag is not None)}."
    keys = sorted({definition.key for definition in await session.engine.definitions(latest=True)})
    near = difflib.get_close_matches(key, keys, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else " `tui-migrate definitions` lists what you may see."
    return f"No process definition '{text}'{where} on this engine.{hint}"


def _listed(versions: list[ProcessDefinition], tags: bool) -> str:
    newest_first = sorted(versions, key=lambda definition: definition.version, reverse=True)
    if tags:
        known = [f"'{one.version_tag}' (version {one.version})" for one in newest_first if one.version_tag]
        return ("the version tags " + ", ".join(known[:10])) if known else "no version tags"
    return "the versions " + ", ".join(f"{one.version}{_of_tenant(one)}" for one in newest_first[:10])


def _of_tenant(definition: ProcessDefinition) -> str:
    return f" of tenant '{definition.tenant_id}'" if definition.tenant_id else ""
