"""Where to look for the target of a source activity: few of thousands, found by indexes instead of one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tui_migrate.bpmn.model import Activity, ProcessModel
from tui_migrate.migration.compare import place_of
from tui_migrate.migration.fitting import mapping_class
from tui_migrate.migration.likeness import STRONG_WORDS, Resemblance, element_id, name_key, words_of

_POSTINGS = 40
"""An index entry with more activities than this tells nothing and is passed over."""


class TargetIndex:
    """The target's activities by all that a likely counterpart has in common.

    Args:
        target: Model of the target process definition.
    """

    def __init__(self, target: ProcessModel) -> None:
        self.target = target
        self.by_class: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        self._by_word: dict[str, list[str]] = {}
        self._by_detail: dict[tuple[str, str], list[str]] = {}
        self._by_host: dict[str, list[str]] = {}
        self._by_place: dict[tuple[str, str], list[str]] = {}
        for activity in target.activities.values():
            self._add(activity)

    def _add(self, activity: Activity) -> None:
        kind = mapping_class(activity)
        self.by_class.setdefault(kind, []).append(activity.id)
        self._by_place.setdefault((place_of(activity, self.target), kind), []).append(activity.id)
        if name_key(activity.name):
            self._by_name.setdefault(name_key(activity.name), []).append(activity.id)
        for word in words_of(activity.name):
            self._by_word.setdefault(word, []).append(activity.id)
        for word, value in _strong_details(activity.details):
            self._by_detail.setdefault((word, value), []).append(activity.id)
        if activity.attached_to:
            self._by_host.setdefault(activity.attached_to, []).append(activity.id)

    def all_of_class(self, source: Activity) -> list[str]:
        """Return all target activities to which this one can be mapped by its kind."""
        return self.by_class.get(mapping_class(source), [])

    def likely(self, source: Activity, resemblance: Resemblance) -> Iterator[str]:
        """Yield target activities of the right kind that have something in common with this one, each once."""
        kind = mapping_class(source)
        seen: set[str] = set()
        for found in self._lists(source, kind, resemblance):
            for one in found:
                if one not in seen:
                    seen.add(one)
                    activity = self.target.get(one)  # flows also lead to elements that are no activities
                    if activity is not None and mapping_class(activity) == kind:
                        yield one

    def _lists(self, source: Activity, kind: str, resemblance: Resemblance) -> Iterator[Iterable[str]]:
        if source.id in self.target.activities:
            yield (source.id,)
        yield _few(self._by_name.get(name_key(source.name), ()))
        for detail in _strong_details(source.details):
            yield _few(self._by_detail.get(detail, ()))
        rare = sorted((self._by_word.get(word, []) for word in words_of(source.name)), key=len)
        for posting in [one for one in rare if one][:3]:
            yield _few(posting)
        yield from self._around(source, resemblance)
        place = place_of(source, resemblance.source)
        counterpart = place if place not in resemblance.source.activities else resemblance.counterpart(place)
        if counterpart is not None:
            yield _few(self._by_place.get((counterpart, kind), ()))

    def _around(self, source: Activity, resemblance: Resemblance) -> Iterator[Iterable[str]]:
        if source.attached_to:
            host = resemblance.counterpart(source.attached_to)
            yield _few(self._by_host.get(host, ()) if host else ())
        own, theirs = resemblance.source_neighbors, resemblance.target_neighbors
        element = element_id(source)
        for neighbor in own.before.get(element, ())[:_POSTINGS]:
            counterpart = resemblance.counterpart(neighbor)
            yield _few(theirs.after.get(counterpart, ()) if counterpart else ())
        for neighbor in own.after.get(element, ())[:_POSTINGS]:
            counterpart = resemblance.counterpart(neighbor)
            yield _few(theirs.before.get(counterpart, ()) if counterpart else ())


def _strong_details(details: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for word in STRONG_WORDS:
        value = details.get(word)
        if value:
            yield word, value


def _few(found: Iterable[str]) -> Iterable[str]:
    listed = list(found)
    return listed if len(listed) <= _POSTINGS else ()
