"""Candidates for unmapped activities, ranked, with reasons: only those that can become valid. Never applied unasked.

'Can become valid' means: once what it needs is mapped in the same step (`along`), no new failure appears in the plan.
That is worked out by rule and then really validated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.bpmn.model import Activity, ProcessModel
from tui_migrate.migration.candidates import TargetIndex
from tui_migrate.migration.fitting import Fitting
from tui_migrate.migration.generate import is_generatable
from tui_migrate.migration.likeness import Likeness, Resemblance, changes_trigger
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.words import named

_THREE_STARS: Final = 0.6
_TWO_STARS: Final = 0.35
_ENOUGH: Final = 0.4
"""What the best candidate must score to be offered without being asked for."""
_CLOSELY: Final = 40
"""How many candidates of one activity have their names compared letter by letter, and of each of many (below)."""
_LESS_CLOSELY: Final = 5
_SMALL: Final = 300
"""Up to so many activities of a kind all are ranked by their signs; of more, those that an index finds."""
_NEEDS_OTHERWISE: Final = "What belongs to this pair is mapped to something else"
_TAKEN: Final = 0.3
"""What it costs to be the target of another activity already."""


class Suggestion(Struct, frozen=True):
    """A target for a source activity."""

    source_id: str
    target_id: str
    score: float
    """From 0 to 1."""
    stars: int
    """From 1 to 3."""
    reasons: tuple[str, ...]
    """Why this one, in words, the strongest first."""
    along: tuple[Instruction, ...] = ()
    """What has to be mapped in the same step, outermost first."""


class Suggester:
    """A plan prepared for many suggestions.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan as it stands.
    """

    def __init__(self, source: ProcessModel, target: ProcessModel, instructions: Iterable[Instruction]) -> None:
        self.source = source
        self.target = target
        self._instructions = tuple(instructions)
        self._fitting = Fitting(source, target, self._instructions)
        self._resemblance = Resemblance(source, target, self._counterpart)

    @cached_property
    def _index(self) -> TargetIndex:
        return TargetIndex(self.target)

    # -- one activity --------------------------------------------------------------------------------------------

    def suggest(self, source_id: str, *, limit: int | None = None) -> tuple[Suggestion, ...]:
        """Return the possible targets of a source activity, best first; see `suggest`."""
        activity = self.source.get(source_id)
        if activity is None or (limit is not None and limit <= 0):
            return ()
        found: list[Suggestion] = []
        for target, likeness in self._all_ranked(activity):
            along = self._fit(source_id, target.id)
            if along is not None:
                found.append(_suggestion(activity, target, likeness, along))
                if limit is not None and len(found) >= limit:
                    break
        return tuple(sorted(found, key=lambda one: -one.score))

    def why_not(self, source_id: str, target_id: str) -> tuple[str, ...]:
        """Return the engine's sentences against a pair; see `why_not`."""
        if self.source.get(source_id) is None or self.target.get(target_id) is None:
            pair = Instruction(source_id, target_id)
            return tuple(failure for _, failure in self._fitting.try_on([pair]))
        pair = self._fitting.instruction(source_id, target_id)
        along = self._fitting.along(source_id, target_id)
        failures = self._fitting.try_on([pair, *(along or ())])
        if along is None and not failures:
            return (_NEEDS_OTHERWISE,)
        own = [failure for one, failure in failures if one == pair]
        others = [
            f"{one.source_activity_id} → {one.target_activity_id}: {failure}"
            for one, failure in failures
            if one != pair
        ]
        return tuple(own + others)

    # -- all of them ---------------------------------------------------------------------------------------------

    def suggest_all(self, *, only: Collection[str] | None = None) -> tuple[Suggestion, ...]:
        """Return the best target of each unmapped activity that needs one; see `suggest_all`."""
        accepted: dict[str, Suggestion] = {}
        working = Suggester(self.source, self.target, self._instructions)
        while True:  # each round sees the neighbours that the round before mapped
            found = list(working._round(only))
            if not found:
                break
            accepted.update((one.source_id, one) for one in found)
        mapped = {one.source_id: one.target_id for one in accepted.values()}
        mapped |= {
            str(pair.source_activity_id): str(pair.target_activity_id)
            for one in accepted.values()
            for pair in one.along
        }
        order = (activity_id for activity_id in self.source.activities if activity_id in accepted)
        return tuple(self._alone(accepted[activity_id], mapped) for activity_id in order)

    def _round(self, only: Collection[str] | None) -> Iterator[Suggestion]:
        """Accept the best pairs, best first, each source and each target once."""
        offers = [
            (likeness.score, activity, target, likeness)
            for activity in self._open(only)
            for target, likeness in self._best(activity)
        ]
        offers.sort(key=lambda offer: -offer[0])
        for _, activity, target, likeness in offers:
            if self._fitting.target_of(activity.id) is not None or self._fitting.sources_of(target.id):
                continue
            along = self._fit(activity.id, target.id)
            if along is None or any(self._fitting.sources_of(str(one.target_activity_id)) for one in along):
                continue
            self._fitting.keep([*along, self._fitting.instruction(activity.id, target.id)])
            yield _suggestion(activity, target, likeness, along)

    def _open(self, only: Collection[str] | None) -> Iterator[Activity]:
        """Yield the unmapped activities that need a mapping. Bodies come along with their inner activities."""
        for activity in self.source.activities.values():
            if only is not None and activity.id not in only:
                continue
            if activity.is_body or not is_generatable(activity) or self._fitting.target_of(activity.id) is not None:
                continue
            yield activity

    def _best(self, activity: Activity) -> Iterator[tuple[Activity, Likeness]]:
        free = [one for one in self._index.likely(activity, self._resemblance) if not self._fitting.sources_of(one)]
        for target, likeness in islice(self._ranked(activity, free, _LESS_CLOSELY), 3):
            if likeness.score >= _ENOUGH and not changes_trigger(activity, target):
                yield target, likeness

    def _alone(self, one: Suggestion, mapped: dict[str, str]) -> Suggestion:
        """Return a suggestion with all it needs in the plan as it stands, whatever else is accepted."""
        along = self._fitting.along(one.source_id, one.target_id, mapped)
        if along is None or any(mapped.get(str(two.source_activity_id)) != two.target_activity_id for two in along):
            along = one.along
        pair = self._fitting.instruction(one.source_id, one.target_id)
        if not self._fitting.fits([pair, *along]):
            along = tuple(dict.fromkeys((*self._accepted_around(one, mapped), *along)))
        return replace(one, along=along)

    def _accepted_around(self, one: Suggestion, mapped: dict[str, str]) -> list[Instruction]:
        """Return the accepted mappings that a suggestion leans on, and those that these lean on, outermost first."""
        found: set[str] = set()
        pending = [one.source_id]
        while pending:
            near = self._leans_on(pending.pop(), mapped) - found - {one.source_id}
            found |= near
            pending.extend(near)
        ordered = sorted(found, key=lambda scope: (len(self.source.flow_scopes(self.source[scope])), scope))
        return [self._fitting.instruction(scope, mapped[scope]) for scope in ordered]

    def _leans_on(self, source_id: str, mapped: dict[str, str]) -> set[str]:
        """Return the accepted sources whose mappings validators look at with this one.

        These are its event scope, the scopes around it, the inner activity of a multi-instance body, and what becomes a
        scope around its target: a body there only lets in what stands in a scope that is mapped itself.
        """
        activity = self.source[source_id]
        inside = set(self.target.flow_scopes(self.target[mapped[source_id]]))
        near = {activity.event_scope, *self.source.flow_scopes(activity)}
        inner = self.source.inner_of(activity) if activity.is_body else None
        return {one for one, to in mapped.items() if one in near or to in inside or (inner and one == inner.id)}

    # -- shared --------------------------------------------------------------------------------------------------

    def _counterpart(self, source_id: str) -> str | None:
        """What stands for a source activity: its target, else an activity of the same id and kind."""
        mapped = self._fitting.target_of(source_id)
        if mapped is not None:
            return mapped
        old, new = self.source.get(source_id), self.target.get(source_id)
        return source_id if old is not None and new is not None and old.tag == new.tag else None

    def _all_ranked(self, activity: Activity) -> Iterator[tuple[Activity, Likeness]]:
        """Yield all targets of the right kind, best first; far from it, those in the same scope come first."""
        same_class = self._index.all_of_class(activity)
        likely = same_class
        if len(same_class) > _SMALL:
            likely = list(self._index.likely(activity, self._resemblance))
        yield from self._ranked(activity, likely, _CLOSELY)
        rest = set(same_class).difference(likely)
        places = (
            (self.target[one], self._resemblance.place(activity, self.target[one])) for one in same_class if one in rest
        )
        yield from sorted(places, key=lambda pair: -pair[1].score)

    def _ranked(
        self, activity: Activity, target_ids: Iterable[str], closely: int
    ) -> Iterator[tuple[Activity, Likeness]]:
        """Yield targets, best first: all ranked by their signs, the best of them by their names letter by letter."""
        targets = [self.target[one] for one in target_ids]
        targets.sort(key=lambda target: -self._resemblance.quick(activity, target))
        compared = [(target, self._likeness(activity, target)) for target in targets[:closely]]
        compared.sort(key=lambda pair: -pair[1].score)
        yield from compared
        for target in targets[closely:]:
            yield target, self._likeness(activity, target, closely=False)

    def _likeness(self, activity: Activity, target: Activity, *, closely: bool = True) -> Likeness:
        likeness = self._resemblance.likeness(activity, target, closely=closely)
        taken = [one for one in self._fitting.sources_of(target.id) if one != activity.id]
        if not taken:
            return likeness
        reason = f"already the target of {named(self.source[taken[0]])}"
        return Likeness(round(max(0.0, likeness.score - _TAKEN), 4), (*likeness.reasons, reason))

    def _fit(self, source_id: str, target_id: str) -> tuple[Instruction, ...] | None:
        along = self._fitting.along(source_id, target_id)
        if along is None or not self._fitting.fits([*along, self._fitting.instruction(source_id, target_id)]):
            return None
        return along


def suggest(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    source_id: str,
    *,
    limit: int | None = None,
) -> tuple[Suggestion, ...]:
    """Return the possible targets of a source activity, best first.

    Possible are those that bring no new failure once what they need is mapped along. A catch event of another type is
    possible for the engine and breaks the instance: it comes last, with that reason.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan as it stands; a present mapping of the source activity would be replaced.
        source_id: Id of the source activity, or of a multi-instance body.
        limit: How many are wanted at most.
    """
    return Suggester(source, target, instructions).suggest(source_id, limit=limit)


def suggest_all(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    *,
    only: Collection[str] | None = None,
) -> tuple[Suggestion, ...]:
    """Return the best target of each unmapped activity that needs one, in document order of the source.

    Each is valid alone with what it brings along, and all are valid together. No target is used twice, and only what
    is fairly like its target is suggested at all.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan as it stands.
        only: Ids of the source activities that are asked for (those with instances, for example); None asks for all.
    """
    return Suggester(source, target, instructions).suggest_all(only=only)


def why_not(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    source_id: str,
    target_id: str,
) -> tuple[str, ...]:
    """Return the engine's sentences against mapping one activity to another, none where it is possible.

    What the pair needs is mapped along where that helps. Failures that the pair would bring to other instructions come
    last, with these in front.
    """
    return Suggester(source, target, instructions).why_not(source_id, target_id)


def _suggestion(source: Activity, target: Activity, likeness: Likeness, along: tuple[Instruction, ...]) -> Suggestion:
    stars = 3 if likeness.score >= _THREE_STARS else 2 if likeness.score >= _TWO_STARS else 1
    reasons = likeness.reasons or (f"the same kind: {target.tag}",)
    return Suggestion(source.id, target.id, likeness.score, stars, reasons, along)
