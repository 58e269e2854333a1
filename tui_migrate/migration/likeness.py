"""How much two activities of two versions look like the same one, with the reasons in words.

Cheap signs first (ids, equal names, forms and topics, neighbours, place), the costly comparison of names only where it
is asked for. Nothing here knows whether a pair would be valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from msgspec import Struct

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, ProcessModel
from tui_migrate.migration.compare import place_of
from tui_migrate.migration.words import kind_words, quoted

Counterpart = Callable[[str], str | None]
"""The id of a source activity to the id that stands for it in the target, None where there is none."""

STRONG_WORDS: Final = (
    "topic",
    "class",
    "delegate expression",
    "expression",
    "called element",
    "called case",
    "decision",
    "connector",
    "form",
    "form fields",
    "message",
    "signal",
    "condition",
    "script",
    "script resource",
    "timer",
)
"""Details of which one in common tells a lot."""
_WEAK_WORDS: Final = ("assignee", "candidate groups", "candidate users")

_SAME_ID, _NAME, _STRONG, _WEAK, _NEIGHBOR, _HOST, _PLACE, _KIND = 0.35, 0.35, 0.25, 0.05, 0.12, 0.2, 0.1, 0.05
_ALIKE: Final = 0.6
"""Names below this ratio say nothing."""
_NEARLY: Final = 0.8
"""Ids above this ratio say something."""
_OTHER_TRIGGER: Final = 0.05
"""The most that a pair scores whose instance would wait for the wrong thing."""
_NAME_LENGTH: Final = 80
_SHORT: Final = 40
"""The most characters of a name or detail in a reason."""
_MADE_ID: Final = re.compile(r"(?:[A-Z][A-Za-z]*_)[0-9a-z]{6,}$")
_CATCH: Final = "IntermediateCatchEventActivityBehavior"


class Likeness(Struct, frozen=True):
    """How alike two activities are."""

    score: float
    """From 0 to 1."""
    reasons: tuple[str, ...]
    """In words, the strongest first."""


class Neighbors(Struct, frozen=True):
    """Which elements come before and after an element, by its id, over sequence flows."""

    before: Mapping[str, tuple[str, ...]]
    after: Mapping[str, tuple[str, ...]]


def neighbors(model: ProcessModel) -> Neighbors:
    """Return what the sequence flows of a model join."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for flow in model.flows:
        before.setdefault(flow.target, []).append(flow.source)
        after.setdefault(flow.source, []).append(flow.target)
    return Neighbors(
        {one: tuple(others) for one, others in before.items()}, {one: tuple(others) for one, others in after.items()}
    )


class Resemblance:
    """Compares activities of two models.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        counterpart: What stands for a source activity in the target, by the plan so far.
    """

    def __init__(self, source: ProcessModel, target: ProcessModel, counterpart: Counterpart) -> None:
        self.source = source
        self.target = target
        self.counterpart = counterpart
        self.source_neighbors = neighbors(source)
        self.target_neighbors = neighbors(target)

    def quick(self, source: Activity, target: Activity) -> float:
        """Return a score that needs no comparison letter by letter."""
        score = sum(weight for weight, _ in self._signs(source, target))
        return score + _NAME * _common_words(source.name, target.name)

    def likeness(self, source: Activity, target: Activity, *, closely: bool = True) -> Likeness:
        """Return how alike two activities are, and why.

        Args:
            source: The source activity.
            target: The target activity.
            closely: Whether ids and names are compared letter by letter.
        """
        signs = [*self._signs(source, target), *(_letters(source, target) if closely else ())]
        signs.sort(key=lambda sign: -sign[0])
        reasons = [reason for _, reason in signs if reason]
        return self._limited(source, target, sum(weight for weight, _ in signs), reasons)

    def place(self, source: Activity, target: Activity) -> Likeness:
        """Return a likeness that looks at the places of the two and nothing else."""
        same = self._same_place(source, target)
        return self._limited(source, target, _PLACE if same else 0.0, ["in the same scope"] if same else [])

    @staticmethod
    def _limited(source: Activity, target: Activity, score: float, reasons: list[str]) -> Likeness:
        if changes_trigger(source, target):
            reasons = [f"waits for another trigger ({kind_words(target)}): the instance would break", *reasons]
            score = min(score, _OTHER_TRIGGER)
        return Likeness(round(min(1.0, max(0.0, score)), 4), tuple(reasons))

    def _signs(self, source: Activity, target: Activity) -> Iterator[tuple[float, str]]:
        """Yield weights with reasons; without a reason where it only tips the scales."""
        if source.id == target.id:
            yield _SAME_ID, "same id"
        if source.name and name_key(source.name) == name_key(target.name):
            yield _NAME, "same name"
        if source.details and target.details:
            yield from self._details(source, target)
        yield from self._neighborhood(source, target)
        if self._same_place(source, target):
            yield _PLACE, "in the same scope" if place_of(target, self.target) != ROOT else ""
        if source.tag == target.tag:
            yield _KIND, ""
        elif source.behavior != target.behavior or source.tag.endswith("Task"):
            yield 0.0, f"was a {kind_words(source)}, is a {kind_words(target)}"

    @staticmethod
    def _details(source: Activity, target: Activity) -> Iterator[tuple[float, str]]:
        shared = [word for word in STRONG_WORDS if _same_detail(source, target, word)]
        for place, word in enumerate(shared[:3]):
            yield _STRONG if place == 0 else _WEAK, f"same {word} {quoted(source.details[word], _SHORT)}"
        for word in _WEAK_WORDS:
            if _same_detail(source, target, word):
                yield _WEAK, f"same {word}"

    def _neighborhood(self, source: Activity, target: Activity) -> Iterator[tuple[float, str]]:
        if source.attached_to and target.attached_to and self.counterpart(source.attached_to) == target.attached_to:
            yield _HOST, f"attached to {self._name(target.attached_to)} as before"
        before = self._shared(source, target, self.source_neighbors.before, self.target_neighbors.before)
        if before is not None:
            yield _NEIGHBOR, f"follows {self._name(before)} as before"
        after = self._shared(source, target, self.source_neighbors.after, self.target_neighbors.after)
        if after is not None:
            yield _NEIGHBOR, f"leads to {self._name(after)} as before"

    def _shared(
        self,
        source: Activity,
        target: Activity,
        of_source: Mapping[str, tuple[str, ...]],
        of_target: Mapping[str, tuple[str, ...]],
    ) -> str | None:
        theirs = of_target.get(element_id(target), ())
        if not theirs:
            return None
        own = (self.counterpart(one) for one in of_source.get(element_id(source), ()))
        return next((one for one in own if one is not None and one in theirs), None)

    def _same_place(self, source: Activity, target: Activity) -> bool:
        before, after = place_of(source, self.source), place_of(target, self.target)
        return before == after == ROOT or (before != ROOT and self.counterpart(before) == after)

    def _name(self, target_id: str) -> str:
        activity = self.target.get(target_id)
        return quoted(activity.label if activity else target_id, _SHORT)


def element_id(activity: Activity) -> str:
    """Return the id of the BPMN element: a multi-instance body is the same element as its inner activity."""
    return activity.id.removesuffix(BODY_SUFFIX)


def changes_trigger(source: Activity, target: Activity) -> bool:
    """Return whether a catch event would become one of another type: valid for the engine, and broken at run time."""
    return source.behavior == target.behavior == _CATCH and source.type != target.type


@lru_cache(maxsize=65536)
def name_key(name: str | None) -> str:
    """Return a name in the form in which names are compared: case and white space do not count."""
    return " ".join((name or "").casefold().split())[:_NAME_LENGTH]


@lru_cache(maxsize=65536)
def words_of(name: str | None) -> frozenset[str]:
    """Return the words of a name, without case."""
    return frozenset(re.findall(r"\w+", (name or "")[:_NAME_LENGTH].casefold()))


def _common_words(one: str | None, other: str | None) -> float:
    mine, theirs = words_of(one), words_of(other)
    both = len(mine | theirs)
    return len(mine & theirs) / both if both else 0.0


def _letters(source: Activity, target: Activity) -> Iterator[tuple[float, str]]:
    """Yield what is nearly equal: names, and ids that people chose where there is a name missing."""
    before, after = name_key(source.name), name_key(target.name)
    if not (before and after) and source.id != target.id:
        made = _MADE_ID.match(source.id) or _MADE_ID.match(target.id)
        if not made and _ratio(source.id, target.id) > _NEARLY:
            yield _SAME_ID / 3, "nearly the same id"
    ratio = _ratio(before, after) if before and after and before != after else 0.0
    if ratio >= _ALIKE:
        # From 0.6 to 1 the weight grows from a third to nearly all: half alike is little, three quarters is a lot.
        weight = _NAME * (1 / 3 + 2 / 3 * (ratio - _ALIKE) / (1 - _ALIKE))
        yield weight, f"name {round(ratio * 100)} % alike"


@lru_cache(maxsize=16384)
def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one[:_NAME_LENGTH], other[:_NAME_LENGTH], autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    return matcher.ratio()


def _same_detail(source: Activity, target: Activity, word: str) -> bool:
    value = source.details.get(word)
    return bool(value) and value == target.details.get(word)
