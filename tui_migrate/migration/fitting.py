"""Which pairs can be mapped, and what has to be mapped along with them: worked out by rule, then really validated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tui_migrate.bpmn.model import ROOT, Activity, ProcessModel
from tui_migrate.migration.incremental import Validation
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.report import ValidationReport
from tui_migrate.migration.validators import (
    CONDITIONAL_BEHAVIORS,
    EQUIVALENT_BEHAVIORS,
    JOINING_BEHAVIORS,
    TYPED_EVENT_BEHAVIORS,
    EngineWouldFail,
    Resolved,
)


def mapping_class(activity: Activity) -> str:
    """Return a key that two activities share exactly if they can be mapped to each other at all.

    Source: `SameBehaviorInstructionValidator`, `SameEventTypeValidator`.
    """
    behavior = EQUIVALENT_BEHAVIORS.get(activity.behavior, activity.behavior)
    return f"{behavior} {activity.type}" if activity.behavior in TYPED_EVENT_BEHAVIORS else behavior


class Fitting:
    """A plan to which pairs are tried on.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan. It may have failures; a pair fits if it brings no new one.
    """

    def __init__(self, source: ProcessModel, target: ProcessModel, instructions: Iterable[Instruction]) -> None:
        self.source = source
        self.target = target
        self._validation = Validation(source, target, instructions)
        self._failures: frozenset[tuple[Instruction, str]] | None = None

    def target_of(self, source_id: str) -> str | None:
        """Return the id to which a source activity is mapped in the plan."""
        resolved = self._validation.by_source(source_id)
        return resolved[0].target.id if resolved else None

    def sources_of(self, target_id: str) -> tuple[str, ...]:
        """Return the ids of the activities that are mapped to a target in the plan."""
        return tuple(one.source.id for one in self._validation.by_target(target_id))

    def along(
        self, source_id: str, target_id: str, preferred: Mapping[str, str] | None = None
    ) -> tuple[Instruction, ...] | None:
        """Return what has to be mapped with a pair, outermost first; None where no addition can make it valid.

        Args:
            source_id: Id of the source activity; its own present mapping is not looked at.
            target_id: Id of the target activity.
            preferred: Pairs to choose where the engine leaves a choice (the scope of a gateway).
        """
        pairs: dict[str, str] = {}
        if not self._require(source_id, target_id, pairs, preferred or {}, mapped=False):
            return None
        del pairs[source_id]
        depths = {one: len(self.source.flow_scopes(self.source[one])) for one in pairs}
        return tuple(self.instruction(one, pairs[one]) for one in sorted(pairs, key=depths.__getitem__))

    def fits(self, pairs: Sequence[Instruction]) -> bool:
        """Return whether these instructions, in place of those of the same sources, bring no new failure."""
        return not self.try_on(pairs)

    def try_on(self, pairs: Sequence[Instruction]) -> tuple[tuple[Instruction, str], ...]:
        """Return the failures of these instructions, put in place of those of the same sources, and what others get."""
        before = self._known_failures()
        taken = [one.instruction for pair in pairs for one in self._resolved_of(pair.source_activity_id)]
        self._change(taken, pairs)
        after = self._present_failures()
        self._change(pairs, taken)
        own = frozenset(pairs)
        return tuple(sorted((one for one in after if one[0] in own or one not in before), key=str))

    def keep(self, pairs: Sequence[Instruction]) -> None:
        """Put these instructions into the plan."""
        self._change((), pairs)
        self._failures = None

    def instruction(self, source_id: str, target_id: str) -> Instruction:
        """Return the instruction for a pair, with the update-event-trigger flag where the engine demands it."""
        return Instruction(source_id, target_id, self.source[source_id].behavior in CONDITIONAL_BEHAVIORS)

    # -- trying on -----------------------------------------------------------------------------------------------

    def _resolved_of(self, source_id: str | None) -> Sequence[Resolved]:
        return () if source_id is None else self._validation.by_source(source_id)

    def _change(self, out: Sequence[Instruction], into: Sequence[Instruction]) -> None:
        for one in out:
            self._validation.replace(one, None)
        for one in into:
            self._validation.replace(None, one)

    def _known_failures(self) -> frozenset[tuple[Instruction, str]]:
        if self._failures is None:
            self._failures = self._present_failures()
        return self._failures

    def _present_failures(self) -> frozenset[tuple[Instruction, str]]:
        try:
            report = self._validation.report
        except EngineWouldFail as fault:
            return frozenset({(Instruction(None, None), fault.engine_message)})
        return _flat(report)

    # -- what a pair needs ---------------------------------------------------------------------------------------

    def _require(
        self, source_id: str, target_id: str, pairs: dict[str, str], preferred: Mapping[str, str], mapped: bool = True
    ) -> bool:
        """Add a pair and all that it needs to `pairs`; False where that can't be."""
        if source_id in pairs:
            return pairs[source_id] == target_id
        present = self.target_of(source_id) if mapped else None
        if present is not None:
            return present == target_id
        source, target = self.source.get(source_id), self.target.get(target_id)
        if source is None or target is None or mapping_class(source) != mapping_class(target):
            return False
        pairs[source_id] = target_id
        return (
            self._require_inner(source, target, pairs, preferred)
            and self._require_bodies(source, target, pairs, preferred)
            and self._require_event_scope(source, target, pairs, preferred)
            and self._require_gateway_scope(source, target, pairs, preferred)
        )

    def _require_inner(
        self, source: Activity, target: Activity, pairs: dict[str, str], preferred: Mapping[str, str]
    ) -> bool:
        if not source.is_body:
            return True
        inner, inner_target = self.source.inner_of(source), self.target.inner_of(target)
        if inner is None or inner_target is None:
            return False
        return self._require(inner.id, inner_target.id, pairs, preferred)

    def _require_bodies(
        self, source: Activity, target: Activity, pairs: dict[str, str], preferred: Mapping[str, str]
    ) -> bool:
        """Bodies around the target, up to the closest scope that is a target, have to be targets themselves."""
        for scope in self.target.flow_scopes(target):
            if scope in pairs.values() or self.sources_of(scope):
                return True
            if not self.target[scope].is_body:
                continue
            around = [one for one in self.source.flow_scopes(source) if self.source[one].is_body]
            if not any(self._try(one, scope, pairs, preferred) for one in around):
                return False
        return True

    def _require_event_scope(
        self, source: Activity, target: Activity, pairs: dict[str, str], preferred: Mapping[str, str]
    ) -> bool:
        event_scope = source.event_scope
        if event_scope is None or event_scope == source.flow_scope or source.type == "compensationBoundaryCatch":
            return True
        if target.event_scope is None:
            return source.type == "userTask" and event_scope == source.id
        if event_scope == ROOT or target.event_scope == ROOT:
            return event_scope == target.event_scope
        return self._require(event_scope, target.event_scope, pairs, preferred)

    def _require_gateway_scope(
        self, source: Activity, target: Activity, pairs: dict[str, str], preferred: Mapping[str, str]
    ) -> bool:
        if target.behavior not in JOINING_BEHAVIORS:
            return True
        others = [one for one, to in pairs.items() if to == target.id and one != source.id]
        others += [one for one in self.sources_of(target.id) if one != source.id]
        if others or source.incoming > target.incoming:
            return False
        scope = source.flow_scope
        if scope == ROOT or scope in pairs or self.target_of(scope) is not None:
            return True
        choices = self.target.flow_scopes(target)
        if preferred.get(scope) in choices:
            choices = (preferred[scope], *choices)
        return any(self._try(scope, choice, pairs, preferred) for choice in choices)

    def _try(self, source_id: str, target_id: str, pairs: dict[str, str], preferred: Mapping[str, str]) -> bool:
        trial = dict(pairs)
        if not self._require(source_id, target_id, trial, preferred):
            return False
        pairs.update(trial)
        return True


def _flat(report: ValidationReport) -> frozenset[tuple[Instruction, str]]:
    return frozenset((one.instruction, failure) for one in report.instruction_reports for failure in one.failures)
