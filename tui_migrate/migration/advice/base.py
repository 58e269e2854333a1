"""What a rule of advice gets to see, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal

from msgspec import Struct

from tui_migrate.bpmn.model import ROOT, Activity, ProcessModel
from tui_migrate.migration.instance_case import PlanLookup
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.words import DETAIL_LIMIT, named_apart, quoted, shown_apart

Severity = Literal["danger", "note"]


class Advice(Struct, frozen=True):
    """One thing to know before the plan is executed."""

    rule: str
    """Name of the rule, kebab-case."""
    source_id: str | None
    target_id: str | None
    sentence: str
    """What will happen."""
    remedy: str
    """What to do about it, or that nothing need be done."""
    severity: Severity
    """`danger`: instances fail, stand still or do something unforeseen; `note`: as one would want it, or nearly."""


class Pair(Struct, frozen=True):
    """A mapping whose two activities exist."""

    source: Activity
    target: Activity
    update: bool
    """The update-event-trigger flag."""

    @property
    def names(self) -> tuple[str, str]:
        """How a sentence names source and target beside each other."""
        return named_apart(self.source, self.target)

    def detail(self, word: str) -> tuple[str | None, str | None]:
        """Return one detail of source and target."""
        return self.source.details.get(word), self.target.details.get(word)

    def shown(self, word: str) -> tuple[str, str]:
        """Return one detail of source and target that differs as a sentence shows it, never both alike."""
        values = self.detail(word)
        old, new = map(shown, values)
        if old == new:
            old, new = map(quoted, shown_apart(*values))
        return old, new

    def differing(self, *words: str) -> list[str]:
        """Return those of the words whose details differ."""
        return [word for word in words if self.source.details.get(word) != self.target.details.get(word)]

    def say(self, rule: str, severity: Severity, sentence: str, remedy: str) -> Advice:
        """Return advice about this mapping."""
        return Advice(rule, self.source.id, self.target.id, sentence, remedy, severity)


class Context:
    """A plan with its models, and what rules look up in them.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan; of several instructions with one source the first counts, as at execution.
    """

    def __init__(self, source: ProcessModel, target: ProcessModel, instructions: Iterable[Instruction]) -> None:
        self.source = source
        self.target = target
        self._instructions = tuple(instructions)
        self._pairs: dict[str, Pair] = {}
        self._by_target: dict[str, list[Pair]] = {}
        for one in self._instructions:
            old, new = source.get(one.source_activity_id), target.get(one.target_activity_id)
            if old is not None and new is not None and old.id not in self._pairs:
                pair = Pair(old, new, one.update_event_trigger)
                self._pairs[old.id] = pair
                self._by_target.setdefault(new.id, []).append(pair)

    @property
    def pairs(self) -> Iterable[Pair]:
        """The mappings, in plan order."""
        return self._pairs.values()

    def pair_of(self, source_id: str) -> Pair | None:
        """Return the mapping of a source activity."""
        return self._pairs.get(source_id)

    def pairs_of_behavior(self, behavior: str) -> Iterator[Pair]:
        """Yield the mappings of source activities with one behaviour, in plan order."""
        return (pair for pair in self.pairs if pair.source.behavior == behavior)

    def pairs_of_trigger(self, trigger: str) -> Iterator[Pair]:
        """Yield the mappings whose activities both wait for one kind of trigger, in plan order."""
        return (pair for pair in self.pairs if pair.source.trigger == pair.target.trigger == trigger)

    def pairs_to(self, target_id: str) -> Sequence[Pair]:
        """Return the mappings to a target activity."""
        return self._by_target.get(target_id, ())

    @cached_property
    def lookup(self) -> PlanLookup:
        """What the forecast of an instance looks up in the plan."""
        return PlanLookup(self.source, self.target, self._instructions)

    @cached_property
    def unmapped(self) -> tuple[Activity, ...]:
        """The source activities without a mapping, in document order."""
        return tuple(one for one in self.source.activities.values() if one.id not in self._pairs)

    def scope_pair(self, scope: str) -> tuple[str, str] | None:
        """Return a source scope with the target scope that it becomes; the process always becomes the process."""
        if scope == ROOT:
            return ROOT, ROOT
        pair = self._pairs.get(scope)
        return None if pair is None else (scope, pair.target.id)

    @cached_property
    def scopes_with_mapped_content(self) -> frozenset[str]:
        """Ids of the source scopes in which something is mapped: their instances can be cancelled and not fail."""
        return frozenset(scope for pair in self.pairs for scope in self.source.flow_scopes(pair.source))


Rule = Callable[[Context], Iterator[Advice]]


def shown(value: str | None) -> str:
    """Return a detail as a sentence shows it."""
    return quoted(value, DETAIL_LIMIT) if value else "nothing"
