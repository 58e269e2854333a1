"""How a sentence names an activity and its kind, and how it sets an old and a new thing beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tui_migrate.bpmn.model import Activity
from tui_migrate.text import safe

NAME_LIMIT: Final = 60
"""The most characters of a name in a sentence."""
DETAIL_LIMIT: Final = 80
"""The most characters of a detail in a sentence: a class, a timer's definition, a condition."""
_LEAD: Final = 20
"""Characters shown before the first difference of two long texts."""

_KIND_WORDS: Final[Mapping[str, str]] = {
    "boundaryTimer": "boundary timer",
    "boundaryMessage": "boundary message",
    "boundarySignal": "boundary signal",
    "boundaryError": "boundary error",
    "boundaryEscalation": "boundary escalation",
    "boundaryConditional": "boundary condition",
    "cancelBoundaryCatch": "boundary cancel",
    "compensationBoundaryCatch": "boundary compensation",
    "intermediateMessageCatch": "message catch event",
    "intermediateTimer": "timer catch event",
    "intermediateSignalCatch": "signal catch event",
    "intermediateConditional": "condition catch event",
    "intermediateLinkCatch": "link catch event",
    "startTimerEvent": "timer start event",
    "messageStartEvent": "message start event",
    "signalStartEvent": "signal start event",
    "conditionalStartEvent": "condition start event",
    "errorStartEvent": "error start event",
    "escalationStartEvent": "escalation start event",
    "compensationStartEvent": "compensation start event",
}
_TAG_WORDS: Final[Mapping[str, str]] = {
    "userTask": "user task",
    "serviceTask": "service task",
    "sendTask": "send task",
    "receiveTask": "receive task",
    "manualTask": "manual task",
    "scriptTask": "script task",
    "businessRuleTask": "business rule task",
    "callActivity": "call activity",
    "subProcess": "sub process",
    "transaction": "transaction",
    "exclusiveGateway": "exclusive gateway",
    "parallelGateway": "parallel gateway",
    "inclusiveGateway": "inclusive gateway",
    "eventBasedGateway": "event-based gateway",
    "startEvent": "start event",
    "endEvent": "end event",
    "intermediateThrowEvent": "throw event",
}


def kind_words(activity: Activity) -> str:
    """Return what kind of thing an activity is, in words: `user task`, `boundary timer`, `event sub process`."""
    if activity.is_body:
        order = "sequential" if activity.behavior.startswith("Sequential") else "parallel"
        return f"{order} multi-instance {_TAG_WORDS.get(activity.tag, activity.tag)}"
    if activity.behavior == "EventSubProcessActivityBehavior":
        return "event sub process"
    return _KIND_WORDS.get(activity.type) or _TAG_WORDS.get(activity.tag, activity.tag)


def quoted(value: str, limit: int = NAME_LIMIT) -> str:
    """Return text from outside as a sentence quotes it."""
    return f"'{safe(value, limit=limit)}'"


def named(activity: Activity) -> str:
    """Return how a sentence names an activity: by its name, by its id where it has none."""
    return quoted(activity.label)


def labels_apart(source: Activity, target: Activity) -> tuple[str, str]:
    """Return the names of a source and a target activity to stand beside each other, with ids where both have one."""
    ids = _ids_apart(source, target)
    old, new = (safe(one.label, limit=NAME_LIMIT) + added for one, added in zip((source, target), ids, strict=True))
    return old, new


def named_apart(source: Activity, target: Activity) -> tuple[str, str]:
    """Return how a sentence names a source and a target activity beside each other: never both alike.

    Ids follow where both have one name; where the ids are the same, too, the sides of the plan tell them apart.
    """
    old, new = named(source), named(target)
    if old == new and source.id == target.id:
        return f"{old} of the source", f"{new} of the target"
    added = _ids_apart(source, target)
    return old + added[0], new + added[1]


def _ids_apart(source: Activity, target: Activity) -> tuple[str, str]:
    if named(source) != named(target) or source.id == target.id:
        return "", ""
    return f" ({safe(source.id)})", f" ({safe(target.id)})"


def shown_apart(before: str | None, after: str | None) -> tuple[str, str]:
    """Return two different values as a sentence shows them, never both alike; `none` where there is nothing.

    Values that differ only behind the limit are shown from there on, those that differ only in what can't be seen
    (white space, controls) as a program would write them.
    """
    if _shown(before) == _shown(after) and before and after:
        start = max(0, _first_difference(before, after) - _LEAD)
        lead = "…" if start else ""
        before, after = (lead + value[start : start + DETAIL_LIMIT] for value in (before, after))
    old, new = _shown(before), _shown(after)
    return (old, new) if old != new else (_written(before), _written(after))


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _written(value: str | None) -> str:
    return "none" if value is None else ascii(value)


def _shown(value: str | None) -> str:
    return safe(value, limit=DETAIL_LIMIT) if value else "none"
