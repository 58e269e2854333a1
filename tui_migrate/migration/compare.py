"""What changed between two versions of a process, activity by activity, in words.

Activities are told to be the same by their id, as the engine does. What is compared is what a person would want to
know before a migration: name, place, kind, implementation, trigger, asynchronous continuations and multi-instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, ProcessModel
from tui_migrate.migration.words import kind_words, labels_apart, named, shown_apart

DifferenceKind = Literal[
    "added",
    "removed",
    "renamed",
    "moved",
    "kind",
    "implementation",
    "trigger",
    "async",
    "multi-instance",
    "unchanged",
]

_TRIGGER_WORDS: Final = ("timer", "message", "signal", "condition", "error", "escalation", "link")
"""Details that say what an event waits for."""


class ActivityDifference(Struct, frozen=True):
    """What became of one activity. Exactly one id is None where it was added or removed."""

    source_id: str | None
    target_id: str | None
    kinds: tuple[DifferenceKind, ...]
    sentences: tuple[str, ...] = ()
    """What changed, each as old → new; empty where nothing did."""


class Comparison(Struct, frozen=True):
    """Two models side by side."""

    by_source: Mapping[str, ActivityDifference]
    """Every activity of the source, multi-instance bodies included."""
    by_target: Mapping[str, ActivityDifference]
    """Every activity of the target, multi-instance bodies included."""
    differences: tuple[ActivityDifference, ...]
    """The real ones: those of the source in its document order, then what was added, in the target's. A multi-instance
    body is told with its inner activity, not on its own."""


def compare(source: ProcessModel, target: ProcessModel) -> Comparison:
    """Compare two models by activity id.

    Args:
        source: The old model.
        target: The new model.
    """
    by_source = {one.id: _difference(one, source, target) for one in source.activities.values()}
    by_target = {one.id: by_source.get(one.id) or _added(one, source) for one in target.activities.values()}
    real = [one for one in by_source.values() if _is_real(one)]
    real += [one for one in by_target.values() if one.source_id is None and _is_real(one)]
    return Comparison(MappingProxyType(by_source), MappingProxyType(by_target), tuple(real))


def place_of(activity: Activity, model: ProcessModel) -> str:
    """Return the scope in which a person sees the activity: its own multi-instance body is none."""
    body = model.body_of(activity)
    scope = activity.flow_scope if body is None else body.flow_scope
    return scope.removesuffix(BODY_SUFFIX)


def _is_real(difference: ActivityDifference) -> bool:
    shown = difference.source_id or difference.target_id or ""
    return difference.kinds != ("unchanged",) and not shown.endswith(BODY_SUFFIX)


def _difference(old: Activity, source: ProcessModel, target: ProcessModel) -> ActivityDifference:
    new = target.get(old.id)
    if new is None:
        return _removed(old, target)
    if old.is_body:
        found = list(_multi_instance_of_bodies(old, new))
    else:
        found = [(kind, text) for aspect in _ASPECTS for kind, text in aspect(old, new, source, target)]
    if not found:
        return ActivityDifference(old.id, new.id, ("unchanged",))
    kinds = tuple(dict.fromkeys(kind for kind, _ in found))
    return ActivityDifference(old.id, new.id, kinds, tuple(text for _, text in found))


def _removed(old: Activity, target: ProcessModel) -> ActivityDifference:
    if old.is_body and old.id.removesuffix(BODY_SUFFIX) in target.activities:
        return ActivityDifference(old.id, None, ("multi-instance",), (f"{kind_words(old)} → once",))
    return ActivityDifference(old.id, None, ("removed",), (f"removed: {kind_words(old)} {named(old)}",))


def _added(new: Activity, source: ProcessModel) -> ActivityDifference:
    if new.is_body and new.id.removesuffix(BODY_SUFFIX) in source.activities:
        return ActivityDifference(None, new.id, ("multi-instance",), (f"once → {kind_words(new)}",))
    return ActivityDifference(None, new.id, ("added",), (f"added: {kind_words(new)} {named(new)}",))


Found = Iterator[tuple[DifferenceKind, str]]
Aspect = Callable[[Activity, Activity, ProcessModel, ProcessModel], Found]


def _kind(old: Activity, new: Activity, source: ProcessModel, target: ProcessModel) -> Found:
    if kind_words(old) != kind_words(new):
        yield "kind", _change("kind", kind_words(old), kind_words(new))
    if old.is_compensation_handler != new.is_compensation_handler:
        words = ("ordinary", "compensation handler")
        yield "kind", _change("role", words[old.is_compensation_handler], words[new.is_compensation_handler])


def _name(old: Activity, new: Activity, source: ProcessModel, target: ProcessModel) -> Found:
    if (old.name or "") != (new.name or ""):
        yield "renamed", _change("name", old.name, new.name)


def _place(old: Activity, new: Activity, source: ProcessModel, target: ProcessModel) -> Found:
    if old.attached_to != new.attached_to and old.attached_to and new.attached_to:
        yield "moved", _change("attached to", *_labels(source, old.attached_to, target, new.attached_to))
    before, after = place_of(old, source), place_of(new, target)
    if before != after:
        yield "moved", _change("inside", *_labels(source, before, target, after))


def _trigger(old: Activity, new: Activity, source: ProcessModel, target: ProcessModel) -> Found:
    for word in _words(old, new):
        if word in _TRIGGER_WORDS or word.startswith("timeout "):
            yield "trigger", _change(word, old.details.get(word), new.details.get(word))
    if old.interrupting != new.interrupting and None not in (old.interrupting, new.interrupting):
        yield "trigger", _change("interrupts", _yes(old.interrupting), _yes(new.interrupting))


def _implementation(old: Activity, new: Activity, source: ProcessModel, target: ProcessModel) -> Found:
    for word in _words(old, new):
        if word not in _TRIGGER_WORDS and not word.startswith("timeout "):
            yield "implementation", _change(word, old.details.get(word), new.details.get(word))
    for word, before, after in (
        ("listeners", old.listeners, new.listeners),
        ("mappings", old.mappings, new.mappings),
    ):
        if before != after:
            yield "implementation", _change(word, ", ".join(before), ", ".join(after))


def _async(old: Activity, new: Activity, source: ProcessModel, target: ProcessModel) -> Found:
    before, after = _waits(old, source), _waits(new, target)
    for word in dict.fromkeys((*before, *after)):
        if before.get(word, False) != after.get(word, False):
            yield "async", _change(word, _yes(before.get(word)), _yes(after.get(word)))


def _waits(activity: Activity, model: ProcessModel) -> dict[str, bool]:
    """Where tokens wait. What a multi-instance element says itself stands at its body, as the engine has it."""
    body = model.body_of(activity)
    outer = activity if body is None else body
    flags = {"asyncBefore": outer.async_before, "asyncAfter": outer.async_after}
    if body is not None:
        flags["asyncBefore of each instance"] = activity.async_before
        flags["asyncAfter of each instance"] = activity.async_after
    return flags


def _multi_instance(old: Activity, new: Activity, source: ProcessModel, target: ProcessModel) -> Found:
    before, after = source.body_of(old), target.body_of(new)
    if before is not None and after is not None:
        yield from _multi_instance_of_bodies(before, after)
    elif before is not None:
        yield "multi-instance", _change("runs", kind_words(before), "once")
    elif after is not None:
        yield "multi-instance", _change("runs", "once", kind_words(after))


def _multi_instance_of_bodies(old: Activity, new: Activity) -> Found:
    if old.behavior != new.behavior:
        yield "multi-instance", _change("runs", kind_words(old), kind_words(new))
    for word in _words(old, new):
        yield "multi-instance", _change(word, old.details.get(word), new.details.get(word))


_ASPECTS: Final[tuple[Aspect, ...]] = (_kind, _name, _place, _trigger, _implementation, _async, _multi_instance)
"""What is looked at, most telling first."""


def _words(old: Activity, new: Activity) -> Iterator[str]:
    """Yield the words of the details that differ, in the order of the old, then of the new."""
    for word in dict.fromkeys((*old.details, *new.details)):
        if old.details.get(word) != new.details.get(word):
            yield word


def _labels(source: ProcessModel, before: str, target: ProcessModel, after: str) -> tuple[str, str]:
    """Return how a host or scope of the source and another one of the target are named beside each other."""
    old, new = source.get(before), target.get(after)
    if old is not None and new is not None:
        return labels_apart(old, new)
    return _label(old, before), _label(new, after)


def _label(activity: Activity | None, activity_id: str) -> str:
    if activity_id == ROOT:
        return "the process"
    return activity_id if activity is None else activity.label


def _change(word: str, before: str | None, after: str | None) -> str:
    old, new = shown_apart(before, after)
    return f"{word}: {old} → {new}"


def _yes(value: bool | None) -> str:
    return "yes" if value else "no"
