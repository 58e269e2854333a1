"""The draft: a migration plan that is being edited, with undo, redo and an instant verdict.

A draft holds no more than the plan's instructions, where each comes from, and the steps that led there. It knows the
two models and nothing of an engine. Every edit validates what it touched and no more, so that a plan of 5,000
activities answers like one of 50.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from tui_migrate.bpmn.model import Activity, ProcessModel
from tui_migrate.errors import PlanError
from tui_migrate.migration.draft_parts import (
    NO_ENTRIES,
    Entries,
    Entry,
    Origin,
    Step,
    Verdict,
    by_source,
    flagged,
    make_verdict,
    plain,
    sources_by_target,
)
from tui_migrate.migration.incremental import Validation
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.report import InstructionReport, ValidationReport
from tui_migrate.migration.validate import validate
from tui_migrate.migration.validators import CONDITIONAL_BEHAVIORS, EngineWouldFail
from tui_migrate.migration.words import NAME_LIMIT, labels_apart
from tui_migrate.text import safe

__all__ = ["Draft", "DraftDifference", "Origin", "TriggerUpdate"]

TriggerUpdate = Literal["no", "allowed", "forced"]

_WHOLE: Final = 0.25
"""From this share of all instructions on, a change validates the plan anew: that is cheaper than one by one."""


class DraftDifference(Struct, frozen=True):
    """What another set of instructions would change in a draft."""

    added: tuple[Instruction, ...] = ()
    """Pairs that the draft does not have."""
    removed: tuple[Instruction, ...] = ()
    """Pairs that only the draft has."""
    flag_changed: tuple[Instruction, ...] = ()
    """Pairs that both have, as the others would be: with another update-event-trigger flag."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.removed or self.flag_changed)


class Draft:
    """A plan from one model to another while it is edited. Mutable; not for several threads.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The first state.
        origin: Where the first state comes from.
    """

    def __init__(
        self,
        source: ProcessModel,
        target: ProcessModel,
        instructions: Iterable[Instruction] = (),
        *,
        origin: Origin = "generated",
    ) -> None:
        self.source = source
        self.target = target
        self.revision = 0
        self._entries = by_source(instructions, origin)
        self._sources = sources_by_target(self._entries)
        self._saved = dict(self._entries)
        self._unsaved: set[str | None] = set()
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._position = {activity_id: place for place, activity_id in enumerate(source.activities)}
        self._validation: Validation | None = None
        self._instructions: tuple[Instruction, ...] | None = None
        self._verdict: Verdict | None = None

    # -- reading -------------------------------------------------------------------------------------------------

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """The plan's instructions in document order of the source; those of unknown sources come last."""
        if self._instructions is None:
            ordered = sorted(self._entries, key=self._place)
            self._instructions = tuple(entry.instruction for key in ordered for entry in self._entries[key])
        return self._instructions

    @property
    def report(self) -> ValidationReport:
        """What the engine would say about the plan, from the local rules.

        Where the engine would answer with an internal error (see `fault`), its message stands as the failure of the
        instructions that cause it.
        """
        return self._judged().report

    @property
    def fault(self) -> EngineWouldFail | None:
        """Why the engine would answer with an internal error in place of a report, None where it would not."""
        return self._judged().fault

    @property
    def failing_targets(self) -> frozenset[str]:
        """Ids of the target activities of instructions in error."""
        return self._judged().failing_targets

    def instruction_of(self, source_id: str) -> Instruction | None:
        """Return the instruction of a source activity (the first one, which is the one the engine takes)."""
        entries = self._entries.get(source_id, NO_ENTRIES)
        return entries[0].instruction if entries else None

    def instructions_of(self, source_id: str) -> tuple[Instruction, ...]:
        """Return all instructions of a source activity: more than one only in an imported plan."""
        return tuple(entry.instruction for entry in self._entries.get(source_id, NO_ENTRIES))

    def target_of(self, source_id: str) -> str | None:
        """Return the id to which a source activity is mapped."""
        instruction = self.instruction_of(source_id)
        return instruction.target_activity_id if instruction else None

    def sources_of(self, target_id: str) -> tuple[str, ...]:
        """Return the ids of the activities that are mapped to a target, in document order."""
        found = (source for source in self._sources.get(target_id, {}) if source is not None)
        return tuple(sorted(found, key=self._place))

    def failures_of(self, source_id: str) -> tuple[str, ...]:
        """Return the failures of the instructions of a source activity."""
        return self._judged().failures.get(source_id, ())

    def origin_of(self, source_id: str) -> Origin | None:
        """Return where the instruction of a source activity comes from."""
        entries = self._entries.get(source_id, NO_ENTRIES)
        return entries[0].origin if entries else None

    def can_update_trigger(self, source_id: str) -> TriggerUpdate:
        """Return whether the update-event-trigger flag of a source activity can be set, or has to be.

        Source: `UpdateEventTriggersValidator`, `ConditionalEventUpdateEventTriggerValidator`.
        """
        activity = self.source.get(source_id)
        if activity is None:
            return "no"
        if activity.behavior in CONDITIONAL_BEHAVIORS:
            return "forced"
        return "allowed" if self.source.defines_persistent_trigger(activity) else "no"

    # -- editing -------------------------------------------------------------------------------------------------

    def map(
        self,
        source_id: str,
        target_id: str,
        *,
        update_event_trigger: bool | None = None,
        along: Sequence[Instruction] = (),
        origin: Origin = "manual",
    ) -> None:
        """Map a source activity, in place of its mapping if it has one. One undoable step.

        Args:
            source_id: Id of the source activity, or of a multi-instance body.
            target_id: Id of the target activity.
            update_event_trigger: The flag; None sets it where the engine demands it and nowhere else.
            along: Further instructions that belong to the same step.
            origin: Where the mapping comes from.

        Raises:
            PlanError: One of the ids is not in its model.
        """
        source, target = self._find(self.source, source_id, "source"), self._find(self.target, target_id, "target")
        flag = self.can_update_trigger(source_id) == "forced" if update_event_trigger is None else update_event_trigger
        changes = {one.source_activity_id: (Entry(one, origin),) for one in along}
        changes[source_id] = (Entry(Instruction(source_id, target_id, flag), origin),)
        self._do("map {} to {}".format(*labels_apart(source, target)), changes)

    def map_all(self, instructions: Iterable[Instruction], *, origin: Origin = "suggested") -> None:
        """Map several source activities, each in place of its mapping if it has one. One undoable step."""
        changes = by_source(instructions, origin)
        self._do(f"map {_counted(len(changes), 'activity', 'activities')}", changes)

    def remove(self, source_ids: Iterable[str]) -> int:
        """Remove the mappings of source activities and return how many were removed. One undoable step, or none."""
        touched = [source_id for source_id in dict.fromkeys(source_ids) if source_id in self._entries]
        removed = sum(len(self._entries[source_id]) for source_id in touched)
        if removed:
            only = self.source.get(touched[0]) if len(touched) == 1 else None
            what = (
                f"mapping of {safe(only.label, limit=NAME_LIMIT)}" if only else _counted(removed, "mapping", "mappings")
            )
            self._do(f"remove {what}", dict.fromkeys(touched, NO_ENTRIES))
        return removed

    def set_update_event_trigger(self, source_ids: Iterable[str], value: bool) -> int:
        """Set the update-event-trigger flag where the engine leaves the choice. One undoable step, or none.

        Returns:
            How many instructions changed. The flag is never taken from a conditional event, nor given to an activity
            without a persistent trigger.
        """
        changes: dict[str | None, Entries] = {}
        for source_id in dict.fromkeys(source_ids):
            entries = self._entries.get(source_id, NO_ENTRIES)
            if not self._flag_is_possible(source_id, value):
                continue
            if any(entry.instruction.update_event_trigger != value for entry in entries):
                changes[source_id] = tuple(flagged(entry, value) for entry in entries)
        if changes:
            verb = "update" if value else "keep"
            self._do(f"{verb} {_counted(len(changes), 'event trigger', 'event triggers')}", changes)
        return len(changes)

    def reset(self, instructions: Iterable[Instruction], *, label: str, origin: Origin) -> None:
        """Put another set of instructions in place of all. One undoable step.

        Args:
            instructions: The new instructions, in plan order.
            label: What is done, in words, for undo.
            origin: Where they come from.
        """
        changes: dict[str | None, Entries] = dict.fromkeys(self._entries, NO_ENTRIES)
        changes.update(by_source(instructions, origin))
        self._do(label, changes)

    # -- undo and redo -------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone step."""
        return bool(self._undone)

    @property
    def changed(self) -> bool:
        """Whether the instructions differ from the first state, or from that at the last `mark_saved`."""
        return bool(self._unsaved)

    def undo(self) -> str | None:
        """Undo the last step and return its label, or None if there is none."""
        if not self._done:
            return None
        step = self._done.pop()
        self._undone.append(step)
        self._apply(step.before)
        return step.label

    def redo(self) -> str | None:
        """Do the step again that was undone last and return its label, or None if there is none."""
        if not self._undone:
            return None
        step = self._undone.pop()
        self._done.append(step)
        self._apply(step.after)
        return step.label

    def mark_saved(self) -> None:
        """Take the present state as the one that `changed` compares with."""
        self._saved = dict(self._entries)
        self._unsaved.clear()

    def difference(self, instructions: Iterable[Instruction]) -> DraftDifference:
        """Return what `reset(instructions, …)` would change."""
        others = {_pair(one): one for one in instructions}
        own = {_pair(one): one for one in self.instructions}
        return DraftDifference(
            added=tuple(one for pair, one in others.items() if pair not in own),
            removed=tuple(one for pair, one in own.items() if pair not in others),
            flag_changed=tuple(one for pair, one in others.items() if pair in own and own[pair] != one),
        )

    # -- inside --------------------------------------------------------------------------------------------------

    def _do(self, label: str, changes: Mapping[str | None, Entries]) -> None:
        after = {key: new for key, new in changes.items() if new != self._entries.get(key, NO_ENTRIES)}
        if not after:
            return
        step = Step(label, {key: self._entries.get(key, NO_ENTRIES) for key in after}, after)
        self._done.append(step)
        self._undone.clear()
        self._apply(step.after)

    def _apply(self, changes: Mapping[str | None, Entries]) -> None:
        if len(changes) > 16 and len(changes) > _WHOLE * len(self._entries):
            self._validation = None
        for key, new in changes.items():
            old = self._entries.get(key, NO_ENTRIES)
            self._validate_change(old, new)
            self._store(key, old, new)
        self._instructions = None
        self._verdict = None
        self.revision += 1

    def _store(self, key: str | None, old: Entries, new: Entries) -> None:
        for entry in old:
            self._sources[entry.instruction.target_activity_id].pop(key, None)
        for entry in new:
            self._sources.setdefault(entry.instruction.target_activity_id, {})[key] = None
        if new:
            self._entries[key] = new
        else:
            self._entries.pop(key, None)
        same = plain(new) == plain(self._saved.get(key, NO_ENTRIES))
        (self._unsaved.discard if same else self._unsaved.add)(key)

    def _validate_change(self, old: Entries, new: Entries) -> None:
        if self._validation is None or plain(old) == plain(new):
            return
        if len(old) == len(new) == 1:
            self._validation.replace(old[0].instruction, new[0].instruction)
            return
        for entry in old:
            self._validation.replace(entry.instruction, None)
        for entry in new:
            self._validation.replace(None, entry.instruction)

    def _judged(self) -> Verdict:
        if self._verdict is None:
            if self._validation is None:
                self._validation = Validation(self.source, self.target, self.instructions)
            fault = self._validation.fault
            report = self._validation.report if fault is None else self._report_with(fault)
            self._verdict = make_verdict(report, fault)
        return self._verdict

    def _report_with(self, fault: EngineWouldFail) -> ValidationReport:
        culprits = [one for one in self.instructions if self._breaks_engine(one)]
        others = [one for one in self.instructions if not self._breaks_engine(one)]
        reports = [InstructionReport(one, (fault.engine_message,)) for one in culprits]
        return ValidationReport((*reports, *validate(self.source, self.target, others).instruction_reports))

    def _breaks_engine(self, one: Instruction) -> bool:
        """Whether it maps a multi-instance body whose only content is a compensation handler."""
        sides = (
            (self.source, self.source.get(one.source_activity_id)),
            (self.target, self.target.get(one.target_activity_id)),
        )
        return any(body is not None and body.is_body and model.inner_of(body) is None for model, body in sides)

    def _place(self, source_id: str | None) -> int:
        return len(self._position) if source_id is None else self._position.get(source_id, len(self._position))

    def _flag_is_possible(self, source_id: str, value: bool) -> bool:
        update = self.can_update_trigger(source_id)
        return update == "allowed" or (update == "forced" and value) or (update == "no" and not value)

    @staticmethod
    def _find(model: ProcessModel, activity_id: str, side: str) -> Activity:
        activity = model.get(activity_id)
        if activity is None:
            raise PlanError(
                f"The {side} process {safe(model.definition_id)} has no activity '{safe(activity_id)}'; choose another."
            )
        return activity


def _pair(instruction: Instruction) -> tuple[str | None, str | None]:
    return instruction.source_activity_id, instruction.target_activity_id


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
