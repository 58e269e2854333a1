"""The account of a run: every selected instance in exactly one class, found by asking the engine about the ids.

Counts of jobs are not counts of instances, and no job names its instance, so nothing is concluded from counts: the
runtime query tells each instance's definition, history that of the ended ones, and the engine's texts only say why.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from tui_migrate.operations.account_evidence import wave_evidence
from tui_migrate.operations.account_rules import (
    MOVED,
    UNMOVED,
    AccountClass,
    AccountEntry,
    WaveCase,
    judge,
)
from tui_migrate.operations.locate import Whereabouts, locate
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.operations.records import RunRecord, WaveRecord
    from tui_migrate.operations.session import Session

__all__ = ["Account", "AccountClass", "AccountEntry", "account", "kept_account"]


class Account(Struct, frozen=True):
    """What became of each selected instance."""

    run_id: str
    source_id: str
    target_id: str
    taken_at: datetime
    entries: Mapping[str, AccountEntry]
    """By instance id, in the order of the selection."""
    notes: tuple[str, ...] = ()
    waves: Mapping[str, int] = field(default_factory=dict)
    """Number of the wave by instance id, counted from 0."""

    @property
    def counts(self) -> Mapping[AccountClass, int]:
        """Number of instances by class, all nine of them; they add up to the selection."""
        found = Counter(entry.class_ for entry in self.entries.values())
        return {class_: found[class_] for class_ in AccountClass}

    @property
    def failed_ids(self) -> tuple[str, ...]:
        """The failed ones, and those rolled back with them: the next run's selection."""
        wanted = (AccountClass.FAILED, AccountClass.ROLLED_BACK)
        return tuple(one for one, entry in self.entries.items() if entry.class_ in wanted)

    @property
    def unmoved_ids(self) -> tuple[str, ...]:
        """All that are still on the source, for whatever reason."""
        return tuple(one for one, entry in self.entries.items() if entry.class_ in UNMOVED)

    @property
    def moved_ids(self) -> tuple[str, ...]:
        """Those that run on the target: what a return plan would take back."""
        return tuple(one for one, entry in self.entries.items() if entry.class_ is AccountClass.MIGRATED)

    @property
    def all_moved(self) -> bool:
        """Whether every one that could move did: none failed, was rolled back, left out, untouched or unknown."""
        fine = MOVED | {AccountClass.ENDED_BEFORE}
        return all(entry.class_ in fine for entry in self.entries.values())

    def groups(self) -> tuple[tuple[AccountEntry, tuple[str, ...]], ...]:
        """Return the ids by class and cause, in the order of the classes, the largest group of each first."""
        found: dict[AccountEntry, list[str]] = {}
        for one, entry in self.entries.items():
            found.setdefault(entry, []).append(one)
        order = list(AccountClass)
        groups = sorted(found.items(), key=lambda group: (order.index(group[0].class_), -len(group[1])))
        return tuple((entry, tuple(ids)) for entry, ids in groups)


async def account(session: Session, run_record: RunRecord | str) -> Account:
    """Ask the engine about each instance of a run, and keep the answer in the journal.

    One request for each 500 instances, one for each 500 that don't run, and a few for each wave.

    Args:
        session: The engine that the run went to.
        run_record: The run, or its id.

    Raises:
        EngineError: The engine can't be asked; the journal keeps the account before.
    """
    run_id = run_record if isinstance(run_record, str) else run_record.id
    run = await asyncio.to_thread(session.journal.run, run_id)
    by_wave = {
        wave.number: await asyncio.to_thread(session.journal.instance_ids, run.id, wave.number) for wave in run.waves
    }
    where = await locate(session, [one for ids in by_wave.values() for one in ids])
    async with round_trip() as trip:
        cases = {
            wave.number: trip.create_task(_case(session, run, wave, by_wave[wave.number], where))
            for wave in run.waves
            if wave.status != "unsent"
        }
        notes = trip.create_task(_notes(session, run, where))
    entries = {
        one: judge(cases[number].result(), one) if number in cases else AccountEntry(AccountClass.NOT_SENT)
        for number, ids in by_wave.items()
        for one in ids
    }
    waves = {one: number for number, ids in by_wave.items() for one in ids}
    taken = Account(run.id, run.source_id, run.target_id, session.clock.now(), entries, notes.result(), waves)
    await asyncio.to_thread(_keep, session, taken)
    return taken


def kept_account(session: Session, run_record: RunRecord) -> Account | None:
    """Return the last account that the journal has of a run, without asking the engine; None before the first."""
    if run_record.accounted_at is None:
        return None
    journal = session.journal
    entries = {
        one: AccountEntry(AccountClass(class_), cause)
        for one, (class_, cause) in journal.account_entries(run_record.id).items()
    }
    waves = {one: wave.number for wave in run_record.waves for one in journal.instance_ids(run_record.id, wave.number)}
    return Account(
        run_record.id,
        run_record.source_id,
        run_record.target_id,
        run_record.accounted_at,
        entries,
        journal.account_notes(run_record.id),
        waves,
    )


async def _case(
    session: Session, run: RunRecord, wave: WaveRecord, ids: tuple[str, ...], where: Whereabouts
) -> WaveCase:
    def on_source() -> list[str]:
        ended = where.ended
        return [one for one in ids if where.definition_of(one) == run.source_id and one not in ended]

    evidence = await wave_evidence(session, wave, on_source)
    unnamed = sum(one not in evidence.causes for one in on_source())
    return WaveCase(wave, evidence, where, run.source_id, run.target_id, unnamed)


async def _notes(session: Session, run: RunRecord, where: Whereabouts) -> tuple[str, ...]:
    from tui_migrate.engine.queries import InstanceQuery

    notes = []
    standing = await session.engine.count_instances(InstanceQuery(process_definition_id=run.source_id))
    ours = sum(definition_id == run.source_id for definition_id in where.running.values())
    if run.source_id != run.target_id:
        notes.append(f"{standing} instances stand on the source {run.source_id} now.")
        if standing > ours:
            notes.append(f"{standing - ours} of them were not selected, or started later.")
    if not where.history:
        notes.append("The engine's history is off or may not be read: of ended instances nothing is known.")
    return tuple(notes)


def _keep(session: Session, taken: Account) -> None:
    entries = {one: (entry.class_.value, entry.cause) for one, entry in taken.entries.items()}
    counts = {class_.value: number for class_, number in taken.counts.items()}
    session.journal.save_account(taken.run_id, entries, counts, taken.notes)
