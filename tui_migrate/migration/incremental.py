"""The report of a plan that is being edited: after a change only what can depend on it is validated again."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.dependents import source_dependents, target_dependents
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.report import InstructionReport, ValidationReport
from tui_migrate.migration.validators import EngineWouldFail, Resolved, failures_of, resolution_failures


class _Entry(Struct, eq=False):
    """One instruction at its place in the plan, with its verdict."""

    place: int
    instruction: Instruction
    resolved: Resolved | None
    failures: tuple[str, ...] = ()
    fault: EngineWouldFail | None = None


class _Index(Struct):
    """Entries by activity id, in plan order."""

    entries: dict[str, list[_Entry]] = field(default_factory=dict)

    def add(self, activity_id: str, entry: _Entry) -> None:
        insort(self.entries.setdefault(activity_id, []), entry, key=lambda one: one.place)

    def remove(self, activity_id: str, entry: _Entry) -> None:
        remaining = self.entries[activity_id]
        remaining.remove(entry)
        if not remaining:
            del self.entries[activity_id]

    def resolved(self, activity_id: str) -> Sequence[Resolved]:
        return [one.resolved for one in self.entries.get(activity_id, ()) if one.resolved is not None]


class Validation:
    """A plan with its report, always equal to what `validate` says of the whole plan.

    Changing one instruction costs as much as what can depend on it: nothing but itself for a leaf, the contents for a
    scope. Instructions are told apart by value; of two equal ones the first in plan order is meant.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan, in its order.
    """

    def __init__(self, source: ProcessModel, target: ProcessModel, instructions: Iterable[Instruction] = ()) -> None:
        self.source_model = source
        self.target_model = target
        self._entries: dict[int, _Entry] = {}
        self._by_instruction: dict[Instruction, list[_Entry]] = {}
        self._sources = _Index()
        self._targets = _Index()
        self._named = _Index()  # by source activity id, resolved or not
        self._failing: dict[int, _Entry] = {}
        self._report: ValidationReport | None = None
        self._next_place = 0
        for instruction in instructions:
            self._insert(self._take_place(), instruction)
        for entry in self._entries.values():
            self._judge(entry)

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """The plan, in its order."""
        return tuple(entry.instruction for _, entry in sorted(self._entries.items()))

    @property
    def report(self) -> ValidationReport:
        """The engine's report, without variables.

        Raises:
            EngineWouldFail: The engine answers with an internal error in place of a report; see `fault`.
        """
        if self.fault is not None:
            raise self.fault
        if self._report is None:
            failing = [entry for _, entry in sorted(self._failing.items())]
            failing.sort(key=lambda entry: entry.resolved is not None)  # the unresolvable come first
            reports = tuple(InstructionReport(entry.instruction, entry.failures) for entry in failing)
            self._report = ValidationReport(reports)
        return self._report

    @property
    def fault(self) -> EngineWouldFail | None:
        """Why the engine would answer with an internal error, None where it would give a report."""
        return next((entry.fault for _, entry in sorted(self._failing.items()) if entry.fault is not None), None)

    def by_source(self, activity_id: str) -> Sequence[Resolved]:
        """Return the resolved instructions with this source activity, in plan order."""
        return self._sources.resolved(activity_id)

    def by_target(self, activity_id: str) -> Sequence[Resolved]:
        """Return the resolved instructions with this target activity, in plan order."""
        return self._targets.resolved(activity_id)

    def failures_of(self, source_activity_id: str) -> tuple[str, ...]:
        """Return the failures of all instructions that name this source activity, in plan order, each once."""
        named = self._named.entries.get(source_activity_id, ())
        return tuple(dict.fromkeys(failure for entry in named for failure in entry.failures))

    def replace(self, old: Instruction | None, new: Instruction | None) -> frozenset[str]:
        """Take `old` out and put `new` in its place; None adds at the end, or only removes.

        Args:
            old: An instruction of the plan.
            new: What comes in its place.

        Returns:
            The source activity ids whose failures may have changed.

        Raises:
            KeyError: `old` is not in the plan.
        """
        touched: dict[int, _Entry] = {}
        place = self._next_place
        if old is not None:
            entry = self._by_instruction[old][0]
            place = entry.place
            self._remove(entry)
            self._collect(entry, touched)
        if new is not None:
            if place == self._next_place:
                place = self._take_place()
            entry = self._insert(place, new)
            touched[place] = entry
            self._collect(entry, touched)
        for entry in touched.values():
            self._judge(entry)
        self._report = None
        changed = {entry.instruction.source_activity_id for entry in touched.values()}
        changed.update(one.source_activity_id for one in (old, new) if one is not None)
        return frozenset(activity_id for activity_id in changed if activity_id is not None)

    # -- bookkeeping ---------------------------------------------------------------------------------------------

    def _take_place(self) -> int:
        self._next_place += 1
        return self._next_place - 1

    def _insert(self, place: int, instruction: Instruction) -> _Entry:
        resolved = self._resolve(instruction)
        entry = _Entry(place, instruction, resolved)
        self._entries[place] = entry
        insort(self._by_instruction.setdefault(instruction, []), entry, key=lambda one: one.place)
        if instruction.source_activity_id is not None:
            self._named.add(instruction.source_activity_id, entry)
        if resolved is not None:
            self._sources.add(resolved.source.id, entry)
            self._targets.add(resolved.target.id, entry)
        return entry

    def _remove(self, entry: _Entry) -> None:
        del self._entries[entry.place]
        self._failing.pop(entry.place, None)
        same = self._by_instruction[entry.instruction]
        same.remove(entry)
        if not same:
            del self._by_instruction[entry.instruction]
        if entry.instruction.source_activity_id is not None:
            self._named.remove(entry.instruction.source_activity_id, entry)
        if entry.resolved is not None:
            self._sources.remove(entry.resolved.source.id, entry)
            self._targets.remove(entry.resolved.target.id, entry)

    def _resolve(self, instruction: Instruction) -> Resolved | None:
        source = self.source_model.get(instruction.source_activity_id)
        target = self.target_model.get(instruction.target_activity_id)
        return None if source is None or target is None else Resolved(instruction, source, target)

    def _collect(self, changed: _Entry, touched: dict[int, _Entry]) -> None:
        """Add the entries whose verdict can depend on the changed one being there or not."""
        if changed.resolved is None:
            return
        source, target = changed.resolved.source.id, changed.resolved.target.id
        for activity_id in source_dependents(source, self.source_model, self.by_source):
            for entry in self._sources.entries.get(activity_id, ()):
                touched[entry.place] = entry
        for activity_id in target_dependents(target, self.target_model, self.by_target):
            for entry in self._targets.entries.get(activity_id, ()):
                touched[entry.place] = entry

    def _judge(self, entry: _Entry) -> None:
        entry.fault = None
        if entry.resolved is None:
            entry.failures = resolution_failures(entry.instruction, self.source_model, self.target_model)
        else:
            try:
                entry.failures = failures_of(entry.resolved, self)
            except EngineWouldFail as fault:
                entry.failures, entry.fault = (), fault
        if entry.failures or entry.fault is not None:
            self._failing[entry.place] = entry
        else:
            self._failing.pop(entry.place, None)
