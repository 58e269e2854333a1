"""The engine's generation taken word for word: every pass over the whole set. Slow, and plainly right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_migrate.bpmn.model import ROOT, ProcessModel
from tui_migrate.migration.generate import is_generatable
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validators import (
    CONDITIONAL_BEHAVIORS,
    VALIDATORS,
    Resolved,
    Validator,
    cannot_add_inner,
    cannot_remove_inner,
)

Index = Mapping[str, tuple[str, ...]]


class LiteralGeneration:
    """One generation; `plan` holds what survives all passes, before the final validation.

    Args:
        source: Model of the source.
        target: Model of the target.
        update: Whether persistent triggers get the flag.
    """

    def __init__(self, source: ProcessModel, target: ProcessModel, update: bool) -> None:
        self.source_model = source
        self.target_model = target
        self._update = update
        self._set: list[Resolved] = []
        self._visit(ROOT, ROOT)
        self._filter(VALIDATORS)
        self.plan = {one.instruction for one in self._set}

    def by_source(self, activity_id: str) -> Sequence[Resolved]:
        return [one for one in self._set if one.source.id == activity_id]

    def by_target(self, activity_id: str) -> Sequence[Resolved]:
        return [one for one in self._set if one.target.id == activity_id]

    def _visit(self, source_scope: str, target_scope: str) -> None:
        flow = self._pairs(self.source_model.children, self.target_model.children, source_scope, target_scope)
        self._set += flow
        self._set += self._pairs(
            self.source_model.event_activities, self.target_model.event_activities, source_scope, target_scope
        )
        self._filter([one for one in VALIDATORS if one not in (cannot_add_inner, cannot_remove_inner)])
        for one in flow:
            if one in self._set:
                self._visit(one.source.id, one.target.id)

    def _pairs(self, sources: Index, targets: Index, source_scope: str, target_scope: str) -> list[Resolved]:
        found = []
        for source_id in sources.get(source_scope, ()):
            for target_id in targets.get(target_scope, ()):
                source, target = self.source_model.get(source_id), self.target_model.get(target_id)
                if source is None or target is None or self.by_source(source_id) or source_id != target_id:
                    continue
                if is_generatable(source) and is_generatable(target):
                    trigger = self._update and self.source_model.defines_persistent_trigger(source)
                    flag = trigger or source.behavior in CONDITIONAL_BEHAVIORS
                    found.append(Resolved(Instruction(source_id, target_id, flag), source, target))
        return found

    def _filter(self, validators: Sequence[Validator]) -> None:
        # All validators run, as in the engine: one of them can throw.
        failing = [one for one in self._set if sum(len(validator(one, self)) for validator in validators)]
        self._set = [one for one in self._set if one not in failing]
