"""Why jobs of a batch failed: the engine's texts read, grouped by cause, with the instance that each names.

No engine gives a migration job an instance id. It is in the text only, and with several instances in a job the text
names the first bad one. The text of a job is cut at 666 characters; the whole stands in its stack trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.operations.causes import cause_of
from tui_migrate.operations.instance_report import named_instance

if TYPE_CHECKING:
    from tui_migrate.engine.models import Job
    from tui_migrate.operations.session import Session
    from tui_migrate.operations.watch import BatchReading

CUT_AT: Final = 666
"""Characters that the engine keeps of a job's text."""

READ_AT_MOST: Final = 5000
"""Failed jobs that are read for the groups of one batch; the batch's own number is shown beside."""

_PLACE: Final = re.compile(r"^Cannot migrate (activity|transition) instance '([^']*)':?$")
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ACTIVITY: Final = re.compile(rf"^(.+):({_UUID}|\d+)$")


class Cause(Struct, frozen=True):
    """A reason without what is particular to one instance. Sentences and activity ids belong together."""

    sentences: tuple[str, ...]
    activity_ids: tuple[str, ...]
    """Empty text where the engine's text names only an activity instance's id, or the whole process."""

    @property
    def text(self) -> str:
        """The reason on one line."""
        parts = zip(self.activity_ids, self.sentences, strict=True)
        return "; ".join(f"{place}: {sentence}" if place else sentence for place, sentence in parts)


class FailedJob(Struct, frozen=True):
    """One failed job of a batch."""

    job_id: str
    instance_id: str | None
    """The instance that the engine's text names; with several instances in a job the first bad one."""
    message: str
    """The engine's text, cut at 666 characters by the engine."""

    @property
    def is_cut(self) -> bool:
        """Whether the whole text is only in the stack trace."""
        return len(self.message) >= CUT_AT


class FailureGroup(Struct, frozen=True):
    """The failed jobs of one cause."""

    cause: Cause
    jobs: tuple[FailedJob, ...]

    @property
    def instance_ids(self) -> tuple[str, ...]:
        """The instances that the texts name."""
        return tuple(job.instance_id for job in self.jobs if job.instance_id is not None)


async def failures(session: Session, reading: BatchReading) -> tuple[FailureGroup, ...]:
    """Return the failed jobs of a batch by cause, the largest group first; one request for each 1,000 jobs.

    Args:
        session: The engine.
        reading: The batch. Ask again only when its `failed` has changed.
    """
    jobs = await failed_jobs(session, reading.batch_job_definition_id)
    return group_failures(_failed(job) for job in jobs)


async def failed_jobs(session: Session, batch_job_definition_id: str, *, limit: int = READ_AT_MOST) -> list[Job]:
    """Return the jobs of a batch that have no retries left."""
    from tui_migrate.engine.queries import JobQuery

    query = JobQuery(job_definition_id=batch_job_definition_id, no_retries_left=True)
    jobs: list[Job] = []
    while len(jobs) < limit:
        page = await session.engine.jobs(query, first=len(jobs), limit=min(1000, limit - len(jobs)))
        jobs += page
        if len(page) < 1000:
            break
    return jobs


def group_failures(jobs: Iterable[FailedJob]) -> tuple[FailureGroup, ...]:
    """Return failed jobs by cause, the largest group first."""
    found: dict[Cause, list[FailedJob]] = {}
    for job in jobs:
        found.setdefault(read_cause(job.message), []).append(job)
    groups = (FailureGroup(cause, tuple(members)) for cause, members in found.items())
    return tuple(sorted(groups, key=lambda group: (-len(group.jobs), group.cause.text)))


def read_cause(message: str) -> Cause:
    """Read an engine's text into a cause: what is wrong, at which activities, without the instance's id.

    An activity instance is named `activity:uuid`; where that is longer than 64 characters, and for transition instances
    always, by the bare uuid, so that the activity is not known from the text (seen on 7.24.0 and Operaton 1.0.3).
    What is left over is named by its ids, which `cause_of` leaves out.
    """
    if "ENGINE-23004" not in message:
        instance_id = named_instance(message)
        text = message.replace(f" '{instance_id}'", "") if instance_id else message
        return Cause((" ".join(text.split()) or "The engine gives no reason.",), ("",))
    found: set[tuple[str, str]] = set()
    place = ""
    for line in message.splitlines()[1:]:
        text = line.strip()
        opened = _PLACE.match(text)
        if opened:
            place = _activity(opened[2])
        elif text:
            found.add((place if line.startswith("\t\t") else "", cause_of(text)))
    pairs = sorted(found) or [("", "Cannot migrate process instance")]
    return Cause(tuple(pair[1] for pair in pairs), tuple(pair[0] for pair in pairs))


async def stack_trace(session: Session, job_id: str) -> str:
    """Return the whole stack trace of a failed job.

    Raises:
        NotFound: The job is gone: it ran, or was dropped.
    """
    return await session.engine.job_stacktrace(job_id)


def full_message(trace: str) -> str:
    """Return the engine's whole text from a stack trace: what stands before the first Java frame, without the class."""
    text = trace.split("\n\tat ", 1)[0].strip()
    start = text.find("ENGINE-")
    return text[start:] if start > 0 else text


def _failed(job: Job) -> FailedJob:
    message = job.exception_message or ""
    return FailedJob(job.id, named_instance(message), message)


def _activity(instance_id: str) -> str:
    found = _ACTIVITY.match(instance_id)
    return found[1] if found else ""
