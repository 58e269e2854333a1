"""Which listeners and IO mappings a plan would run: those of scopes that are cancelled, and of scopes opened anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import Activity
    from tui_migrate.operations.plan import OpenPlan


class SideEffects(Struct, frozen=True):
    """What a migration runs besides moving tokens; each entry is a scope's name and what runs there.

    It is what the model shows: parse listeners on the server may add more.
    """

    listeners: tuple[str, ...]
    mappings: tuple[str, ...]


def side_effects(open_plan: OpenPlan) -> SideEffects:
    """Return what the draft would run, unless it is skipped.

    End listeners and output mappings of scopes that are cancelled run, start listeners and input mappings of those
    that are opened (migration semantics, section 5).
    """
    listeners: list[str] = []
    mappings: list[str] = []
    for advice in open_plan.advice():
        if advice.rule == "scope-cancelled":
            activity, event, direction = open_plan.source_model.get(advice.source_id), "end", "output"
        elif advice.rule == "scope-opened":
            activity, event, direction = open_plan.target_model.get(advice.target_id), "start", "input"
        else:
            continue
        if activity is not None:
            listeners += _named(activity, activity.listeners, event)
            mappings += _named(activity, activity.mappings, direction)
    return SideEffects(tuple(dict.fromkeys(listeners)), tuple(dict.fromkeys(mappings)))


def _named(activity: Activity, entries: tuple[str, ...], word: str) -> list[str]:
    return [f"{activity.label}: {one}" for one in entries if one.startswith(f"{word}:")]
