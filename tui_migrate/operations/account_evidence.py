"""What the engine can still tell about a wave's failures: its failed jobs, and the log of those that are gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.operations.failures import failed_jobs
from tui_migrate.operations.instance_report import named_instance
from tui_migrate.operations.watch import read_ending

if TYPE_CHECKING:
    from tui_migrate.operations.records import SentBatch, WaveRecord
    from tui_migrate.operations.session import Session

LOG_PAGE: Final = 1000
LOG_AT_MOST: Final = 20_000
"""Entries of the job log that are read for causes; a failed job has three."""

JOBS_AT_MOST: Final = 100_000
"""Failed jobs that are read for causes."""


class WaveEvidence(Struct, frozen=True):
    """What is known about the failures of one wave."""

    causes: Mapping[str, str]
    """The engine's text by the id of each instance that it names."""
    anonymous: tuple[str, ...] = ()
    """Texts of failed jobs that name no instance, one a job."""
    working: bool = False
    """Whether jobs are still to run."""
    deleted: bool = False
    """Whether the batch went before all of its jobs had run."""
    jobs_failed: int = 0
    invocations_per_job: int = 1


async def wave_evidence(session: Session, wave: WaveRecord, unmoved: Callable[[], Sequence[str]]) -> WaveEvidence:
    """Collect what is known about a wave that was sent as a batch: one request, and more only where something failed.

    Args:
        session: The engine.
        wave: The wave, with its batch.
        unmoved: Gives the wave's instances that have not moved.
    """
    batch = wave.batch
    if batch is None:
        return _without_batch(wave)
    statistics = await session.engine.batch_statistics(batch.id)
    texts: dict[str, str] = {}
    if statistics is not None and statistics.failed_jobs:
        jobs = await failed_jobs(session, batch.batch_job_definition_id, limit=JOBS_AT_MOST)
        texts = {job.id: job.exception_message or "" for job in jobs}
    working = statistics is not None and statistics.remaining_jobs > statistics.failed_jobs
    deleted = wave.deleted or (statistics is None and await _was_deleted(session, batch))
    named = {named_instance(text) for text in texts.values()}
    if not working and any(one not in named for one in unmoved()):
        texts |= await _logged(session, batch, without=texts)
    return _evidence(texts, batch, working=working, deleted=deleted)


def _without_batch(wave: WaveRecord) -> WaveEvidence:
    failure = wave.failure
    if failure is None or failure.instance_id is None:
        return WaveEvidence({})
    return WaveEvidence({failure.instance_id: failure.message})


async def _was_deleted(session: Session, batch: SentBatch) -> bool:
    ending = await read_ending(session, batch.id, None)
    return ending is not None and ending.phase == "deleted"


async def _logged(session: Session, batch: SentBatch, *, without: Mapping[str, str]) -> dict[str, str]:
    """The last text of each failed job that the engine has dropped, by job id."""
    texts: dict[str, str] = {}
    read = 0
    while read < LOG_AT_MOST:
        page = await session.engine.job_log(
            job_definition_id=batch.batch_job_definition_id, failure=True, first=read, limit=LOG_PAGE
        )
        for entry in page:  # newest first
            if entry.job_id not in without:
                texts.setdefault(entry.job_id, entry.job_exception_message or "")
        read += len(page)
        if len(page) < LOG_PAGE:
            break
    return texts


def _evidence(texts: Mapping[str, str], batch: SentBatch, *, working: bool, deleted: bool) -> WaveEvidence:
    named: dict[str, str] = {}
    anonymous = []
    for text in texts.values():
        instance_id = named_instance(text)
        if instance_id is None:
            anonymous.append(text)
        else:
            named[instance_id] = text
    return WaveEvidence(
        causes=named,
        anonymous=tuple(anonymous),
        working=working,
        deleted=deleted,
        jobs_failed=len(texts),
        invocations_per_job=batch.invocations_per_batch_job,
    )
