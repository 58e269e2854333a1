"""Whose verdict can change when an activity gains or loses its instruction.

The validators look at an instruction's own duplicates, at the closest mapped ancestor on both sides, at the instruction
of the event scope, at a gateway's flow scope, and from a multi-instance body at its inner activity. Turned round, that
is what is listed here; a validator that looks elsewhere must be added here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized

from tui_migrate.bpmn.model import BODY_SUFFIX, ProcessModel

Lookup = Callable[[str], Sized]


def source_dependents(activity_id: str, model: ProcessModel, by_source: Lookup) -> Iterator[str]:
    """Yield the source activities whose instructions see that `activity_id` is or isn't a source.

    Args:
        activity_id: The source activity whose instruction changed.
        model: The source model.
        by_source: The instructions of a source activity (only asked whether there are any).
    """
    yield activity_id
    yield from model.event_activities.get(activity_id, ())
    yield from _body(activity_id, model)
    yield from _inside(activity_id, model, by_source)


def target_dependents(activity_id: str, model: ProcessModel, by_target: Lookup) -> Iterator[str]:
    """Yield the target activities whose instructions see that `activity_id` is or isn't a target; see above."""
    yield activity_id
    yield from _body(activity_id, model)
    yield from _inside(activity_id, model, by_target)


def _body(activity_id: str, model: ProcessModel) -> Iterator[str]:
    body = activity_id + BODY_SUFFIX
    if body in model.activities:
        yield body


def _inside(activity_id: str, model: ProcessModel, lookup: Lookup) -> Iterator[str]:
    """Yield what lies inside, down to what has instructions: below that, walks upwards stop before `activity_id`."""
    pending = list(model.children.get(activity_id, ()))
    while pending:
        child = pending.pop()
        yield child
        if not lookup(child):
            pending.extend(model.children.get(child, ()))
