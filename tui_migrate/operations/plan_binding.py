"""A plan file bound to the definitions of one engine, and refused where they are not what it was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.errors import PlanError, UsageError
from tui_migrate.operations.outline import outline, outline_changes, outline_hash, rules_hash
from tui_migrate.operations.plan import EngineVerdict, OpenPlan, engine_verdict, open_plan
from tui_migrate.operations.resolve import resolve_definition
from tui_migrate.operations.together import round_trip
from tui_migrate.text import safe

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.operations.plan_file_format import DefinitionReference, PlanFile
    from tui_migrate.operations.session import Session

CANDIDATES_AT_MOST: Final = 5
"""Versions with the same tag, newest first, whose models are read to find the one that the plan was made for."""

_CHANGES_SHOWN: Final = 20


class BoundPlan(Struct, frozen=True):
    """A plan file on one engine."""

    open_plan: OpenPlan
    notices: tuple[str, ...]
    """What is worth knowing and no obstacle, each a sentence."""
    changes: tuple[str, ...]
    """What differs from the models that the plan was made for; only with `revalidate`, else it would be refused."""
    verdict: EngineVerdict | None = None
    """What the engine says of the plan on the changed models; only where there are changes."""


async def bind_plan_file(
    session: Session,
    file: PlanFile,
    *,
    revalidate: bool = False,
    source: str | None = None,
    target: str | None = None,
    tenant: str | None = None,
) -> BoundPlan:
    """Find the definitions that a plan file means on this engine and open its plan between them.

    Args:
        session: The engine.
        file: The plan.
        revalidate: Where the rules read something else in a model than when the plan was made, don't refuse, but let
            the rules here and the engine judge the plan anew.
        source: Definition to take in place of the file's, as `resolve_definition` reads it.
        target: The same for the target.
        tenant: Tenant to look in, in place of the file's.

    Raises:
        UsageError: A definition isn't there, or can't be told from others.
        PlanError: A model differs in what the rules read; the message says in what.
    """
    await session.features()
    async with round_trip() as trip:
        sources = trip.create_task(_candidates(session, file.source, source, tenant))
        targets = trip.create_task(_candidates(session, file.target, target, tenant))
    source_definition = await _choose(session, file.source, sources.result())
    target_definition = await _choose(session, file.target, targets.result())
    opened = await open_plan(session, source_definition.id, target_definition.id)
    opened.take_imported(file.to_instructions())
    notices = [*file.notices]
    changes: list[str] = []
    for side, reference, definition, model, text in (
        ("source", file.source, opened.source, opened.source_model, opened.source_text_hash),
        ("target", file.target, opened.target, opened.target_model, opened.target_text_hash),
    ):
        notices += _notices(side, reference, definition, model, text)
        changes += [safe(f"In the {side} {definition.id}: {change}.") for change in _changes(reference, model)]
    if changes and not revalidate:
        raise PlanError(_refusal(changes))
    verdict = await engine_verdict(session, opened.plan(file.to_variables())) if changes else None
    return BoundPlan(opened, tuple(notices), tuple(changes), verdict)


def _refusal(changes: list[str]) -> str:
    shown = "\n".join(f"  {change}" for change in changes[:_CHANGES_SHOWN])
    more = f"\n  and {len(changes) - _CHANGES_SHOWN} more" if len(changes) > _CHANGES_SHOWN else ""
    return (
        f"The plan was made for other models than those on this engine; nothing was sent.\n{shown}{more}\n"
        "Look at the changes, then make the plan anew, or validate it anew (--revalidate)."
    )


async def _candidates(
    session: Session, reference: DefinitionReference, override: str | None, tenant: str | None
) -> list[ProcessDefinition]:
    """Return the definitions that may be meant, newest first; never none."""
    if override is not None:
        return [await resolve_definition(session, override, tenant=tenant)]
    if reference.key is None:
        return [await _by_id(session, reference)]
    wanted = tenant if tenant is not None else reference.tenant
    found = await session.engine.definitions(
        key=reference.key,
        version=reference.version if reference.version_tag is None else None,
        version_tag=reference.version_tag,
        latest=True if reference.version is None and reference.version_tag is None else None,
    )
    session.remember(found)
    ours = [one for one in found if one.tenant_id == wanted]
    if not ours:
        raise UsageError(safe(_missing(reference, wanted, found)))
    return sorted(ours, key=lambda definition: definition.version, reverse=True)


async def _by_id(session: Session, reference: DefinitionReference) -> ProcessDefinition:
    try:
        return await resolve_definition(session, reference.id or "")
    except UsageError as error:
        raise UsageError(
            f"{error} The engine's own plan JSON names definitions by ids of one engine; say which are meant here "
            "(--from, --to)."
        ) from error


def _missing(reference: DefinitionReference, tenant: str | None, found: list[ProcessDefinition]) -> str:
    where = f"of tenant '{tenant}'" if tenant is not None else "without a tenant"
    others = sorted({one.tenant_id or "none" for one in found})
    hint = f" It is there for the tenants: {', '.join(others)}." if others else ""
    return (
        f"The plan is about '{reference.text}' {where}, which is not on this engine.{hint} "
        "Say which definition is meant here (--from, --to)."
    )


async def _choose(
    session: Session, reference: DefinitionReference, candidates: list[ProcessDefinition]
) -> ProcessDefinition:
    """Of several versions with one tag take the newest that the rules can't tell from the plan's, else the newest."""
    if len(candidates) == 1 or reference.hashes is None:
        return candidates[0]
    for candidate in candidates[:CANDIDATES_AT_MOST]:
        if rules_hash(await session.model(candidate)) == reference.hashes.rules:
            return candidate
    return candidates[0]


def _notices(
    side: str, reference: DefinitionReference, definition: ProcessDefinition, model: ProcessModel, text: str
) -> list[str]:
    notices = []
    if reference.version is not None and reference.version != definition.version:
        notices.append(
            f"The {side} is version {definition.version} here; the plan was made with version {reference.version}."
        )
    hashes = reference.hashes
    if hashes is None:
        if reference.key is not None:
            notices.append(f"The plan has no hashes of its {side}: whether the model is the same can't be told.")
        return notices
    if hashes.rules == rules_hash(model) and hashes.text != text:
        notices.append(f"The {side}'s XML has another text than the plan's, with nothing in it that the rules read.")
    if reference.activities is not None and outline_hash(reference.activities) != hashes.rules:
        notices.append(f"The plan's list of the {side}'s activities was edited: it doesn't fit its hash.")
    return notices


def _changes(reference: DefinitionReference, model: ProcessModel) -> tuple[str, ...]:
    if reference.hashes is None or reference.hashes.rules == rules_hash(model):
        return ()
    if reference.activities is None:
        return ("what the rules read of it changed (the file doesn't list the activities, so in what can't be told)",)
    changes = outline_changes(reference.activities, outline(model))
    return changes or ("what the rules read of it changed, in nothing that the file lists",)
