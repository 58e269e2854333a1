"""In which class of the account an instance is, from where it is and what is known of its wave."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.operations.failures import read_cause

if TYPE_CHECKING:
    from tui_migrate.operations.account_evidence import WaveEvidence
    from tui_migrate.operations.locate import Whereabouts
    from tui_migrate.operations.records import WaveRecord


class AccountClass(StrEnum):
    """What became of one selected instance."""

    MIGRATED = "migrated"
    """It runs on the target."""
    MIGRATED_AND_ENDED = "migrated and ended since"
    FAILED = "failed"
    """The engine named it, or it can only be the one; it is where it was."""
    ROLLED_BACK = "rolled back with a neighbour"
    """It was in one transaction with one that failed."""
    ENDED_BEFORE = "ended before"
    """It ended on the source, before its turn."""
    MOVED_ELSEWHERE = "moved elsewhere"
    """It is on a third definition: somebody else migrated it."""
    NOT_SENT = "not sent"
    """Its wave was never sent."""
    UNTOUCHED = "untouched"
    """It is on the source and nothing was done to it (yet)."""
    UNKNOWN = "unknown"
    """Nothing can be found out about it."""


MOVED = frozenset({AccountClass.MIGRATED, AccountClass.MIGRATED_AND_ENDED})
UNMOVED = frozenset({AccountClass.FAILED, AccountClass.ROLLED_BACK, AccountClass.NOT_SENT, AccountClass.UNTOUCHED})
"""Those that are still on the source, as far as it is known."""


class AccountEntry(Struct, frozen=True):
    """One instance in the account."""

    class_: AccountClass
    cause: str | None = None
    """Why, where there is something to say; one line."""


class WaveCase(Struct, frozen=True):
    """One wave with all that is known of it."""

    wave: WaveRecord
    evidence: WaveEvidence
    where: Whereabouts
    source_id: str
    target_id: str
    unnamed: int
    """Instances of the wave that are on the source and that no text of the engine names."""


def judge(case: WaveCase, instance_id: str) -> AccountEntry:
    """Return the class of one instance of a wave that was sent."""
    cause = case.evidence.causes.get(instance_id)
    definition_id = case.where.definition_of(instance_id)
    if definition_id is None:
        return _missing(case, cause)
    ended = instance_id in case.where.ended
    if definition_id == case.source_id:
        if ended:
            return _ended(cause)
        return _same(case, cause) if case.source_id == case.target_id else _on_source(case, cause)
    text = None if cause is None else read_cause(cause).text
    if definition_id == case.target_id:
        return AccountEntry(AccountClass.MIGRATED_AND_ENDED if ended else AccountClass.MIGRATED, text)
    words = f"it is on {definition_id}" + (", ended" if ended else "")
    return AccountEntry(AccountClass.MOVED_ELSEWHERE, words)


def _missing(case: WaveCase, cause: str | None) -> AccountEntry:
    if cause is not None and "ENGINE-23003" in cause:
        return AccountEntry(AccountClass.ENDED_BEFORE, read_cause(cause).text)
    if cause is not None:
        return AccountEntry(AccountClass.FAILED, f"{read_cause(cause).text} (it does not run any more)")
    why = "history does not know it" if case.where.history else "history is off or may not be read"
    return AccountEntry(AccountClass.UNKNOWN, f"it does not run any more, and {why}")


def _ended(cause: str | None) -> AccountEntry:
    if cause is None or "ENGINE-23003" in cause:
        return AccountEntry(AccountClass.ENDED_BEFORE)
    return AccountEntry(AccountClass.FAILED, f"{read_cause(cause).text} (it has ended since)")


def _same(case: WaveCase, cause: str | None) -> AccountEntry:
    """Source and target are one definition: where it is tells nothing, only what is known of its wave."""
    entry = _on_source(case, cause)
    whole = case.wave.status in ("over", "sent") and not case.evidence.working and not case.evidence.deleted
    return AccountEntry(AccountClass.MIGRATED) if whole and entry.class_ is AccountClass.UNTOUCHED else entry


def _on_source(case: WaveCase, cause: str | None) -> AccountEntry:
    if case.wave.status in ("sending", "unknown"):
        return AccountEntry(AccountClass.UNKNOWN, "it is on the source, and the answer to its request was not read")
    if cause is not None:
        return AccountEntry(AccountClass.FAILED, read_cause(cause).text)
    if case.wave.batch is None:
        return _not_in_batch(case)
    return _in_batch(case)


def _not_in_batch(case: WaveCase) -> AccountEntry:
    failure = case.wave.failure
    if failure is None:
        return AccountEntry(AccountClass.UNTOUCHED, "it is on the source again: somebody else has moved it since")
    text = read_cause(failure.message).text
    if failure.kind == "instance":
        return AccountEntry(AccountClass.ROLLED_BACK, f"with instance {failure.instance_id}")
    if failure.kind == "fault":
        if case.wave.size == 1:
            return AccountEntry(AccountClass.FAILED, text)
        return AccountEntry(AccountClass.ROLLED_BACK, f"the engine's error names no instance: {text}")
    return AccountEntry(AccountClass.UNTOUCHED, f"the engine did not begin: {text}")


def _in_batch(case: WaveCase) -> AccountEntry:
    evidence = case.evidence
    if evidence.working:
        return AccountEntry(AccountClass.UNTOUCHED, "its turn in the batch has not come yet")
    if evidence.deleted:
        return AccountEntry(AccountClass.UNTOUCHED, _deleted_words(evidence))
    anonymous = "; ".join(dict.fromkeys(read_cause(text).text for text in evidence.anonymous))
    if evidence.invocations_per_job == 1:
        if anonymous:
            return AccountEntry(AccountClass.FAILED, anonymous)
        return AccountEntry(AccountClass.UNTOUCHED, "it is on the source, and the engine knows of no failure")
    if not evidence.jobs_failed:
        return AccountEntry(AccountClass.UNTOUCHED, "it is on the source, and the engine knows of no failure")
    if not anonymous:
        return AccountEntry(AccountClass.ROLLED_BACK, "in one job with an instance that failed")
    if case.unnamed <= len(evidence.anonymous):
        return AccountEntry(AccountClass.FAILED, anonymous)
    return AccountEntry(
        AccountClass.ROLLED_BACK, f"its job failed, with no word at which of its instances: {anonymous}"
    )


def _deleted_words(evidence: WaveEvidence) -> str:
    if evidence.invocations_per_job > 1 and evidence.jobs_failed:
        return "the batch was deleted before its turn, or its job had failed with a neighbour"
    if evidence.anonymous:
        return "the batch was deleted before its turn, or its job had failed without naming it"
    return "the batch was deleted before its turn"
