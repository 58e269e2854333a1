"""The parts that a draft is made of: entries with their origin, undoable steps, and the verdict of a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct

from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.report import ValidationReport
from tui_migrate.migration.validators import EngineWouldFail

Origin = Literal["generated", "manual", "suggested", "imported"]


class Entry(Struct, frozen=True):
    """An instruction of the draft and where it comes from."""

    instruction: Instruction
    origin: Origin


Entries = tuple[Entry, ...]
NO_ENTRIES: Final[Entries] = ()


class Step(Struct, frozen=True):
    """One undoable edit: the entries of each touched source before and after."""

    label: str
    before: Mapping[str | None, Entries]
    after: Mapping[str | None, Entries]


class Verdict(Struct, frozen=True):
    """The report and what is looked up in it."""

    report: ValidationReport
    fault: EngineWouldFail | None
    failures: Mapping[str | None, tuple[str, ...]]
    failing_targets: frozenset[str]


def make_verdict(report: ValidationReport, fault: EngineWouldFail | None) -> Verdict:
    """Return a report with its failures by source activity."""
    failures: dict[str | None, tuple[str, ...]] = {}
    for one in report.instruction_reports:
        source_id = one.instruction.source_activity_id
        failures[source_id] = failures.get(source_id, ()) + one.failures
    targets = (one.instruction.target_activity_id for one in report.instruction_reports)
    failing = frozenset(target for target in targets if target is not None)
    return Verdict(report, fault, failures, failing)


def by_source(instructions: Iterable[Instruction], origin: Origin) -> dict[str | None, Entries]:
    """Return entries for instructions, by their source; duplicates keep the order of the plan."""
    entries: dict[str | None, Entries] = {}
    for instruction in instructions:
        key = instruction.source_activity_id
        entries[key] = (*entries.get(key, NO_ENTRIES), Entry(instruction, origin))
    return entries


def sources_by_target(entries: Mapping[str | None, Entries]) -> dict[str | None, dict[str | None, None]]:
    """Return the sources of each target, as the keys of a dict."""
    sources: dict[str | None, dict[str | None, None]] = {}
    for key, those in entries.items():
        for entry in those:
            sources.setdefault(entry.instruction.target_activity_id, {})[key] = None
    return sources


def plain(entries: Entries) -> tuple[Instruction, ...]:
    """Return the instructions without their origins."""
    return tuple(entry.instruction for entry in entries)


def flagged(entry: Entry, value: bool) -> Entry:
    """Return an entry with another update-event-trigger flag."""
    one = entry.instruction
    return Entry(Instruction(one.source_activity_id, one.target_activity_id, value), entry.origin)
