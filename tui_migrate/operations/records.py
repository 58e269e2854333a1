"""What the journal knows about a run: frozen values, as they were written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

RunKind = Literal["migration", "rehearsal"]
RunStatus = Literal["open", "done", "stopped", "cancelled"]
"""`open`: something is still to be sent, read or decided. `stopped`: over, with waves that were never sent."""

WaveStatus = Literal["unsent", "sending", "sent", "over", "refused", "unknown"]
"""`sending`: written down before the request, no answer yet. `sent`: the batch goes on. `over`: nothing more will move.
`refused`: the engine said no, nothing moved. `unknown`: the answer was lost and the engine could not tell."""

RequestOutcome = Literal["done", "refused", "not sent"]


class SentBatch(Struct, frozen=True):
    """What has to be remembered of a batch, since the engine forgets it."""

    id: str
    total_jobs: int
    invocations_per_batch_job: int
    seed_job_definition_id: str
    monitor_job_definition_id: str
    batch_job_definition_id: str


class WaveFailure(Struct, frozen=True):
    """Why a wave was refused, or what went wrong while it was watched."""

    kind: Literal["plan", "instance", "fault", "refused", "not sent"]
    """`plan`: the plan is invalid. `instance`: one instance can't be migrated. `fault`: something failed inside the
    engine, which rolled all back. `refused`: the engine did not begin (permission, bad request). `not sent`: no
    connection."""
    message: str
    instance_id: str | None = None
    failures: tuple[str, ...] = ()
    """The engine's sentences about that instance."""
    activity_ids: tuple[str, ...] = ()
    report: Mapping[str, Any] | None = None
    """The body's `validationReport`, as it came."""


class WaveRecord(Struct, frozen=True):
    """One wave of a run: the instances of one request."""

    number: int
    """Counted from 0."""
    size: int
    status: WaveStatus
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    batch: SentBatch | None = None
    batches_before: tuple[str, ...] = ()
    """Ids of the batches that were there before it was sent, so that a lost one can be told from others."""
    failure: WaveFailure | None = None
    deleted: bool = False
    """Whether somebody deleted the batch before all of its jobs had run."""


class RequestRecord(Struct, frozen=True):
    """One changing request. Without `answered_at` its outcome is unknown."""

    id: int
    run_id: str | None
    wave: int | None
    action: str
    """What was asked for, such as `execute batch`, `rehearse`, `suspend batch`."""
    subject: str
    """What it was about, for example a batch id."""
    sent_at: datetime
    answered_at: datetime | None
    outcome: RequestOutcome | None
    message: str | None
    """The engine's words, or ours, when it was refused."""


class EventRecord(Struct, frozen=True):
    """Something that happened in a run and is worth reading later."""

    at: datetime
    kind: str
    text: str


class RunRecord(Struct, frozen=True):
    """One run as the journal has it; its ids are read apart, since there may be many."""

    id: str
    kind: RunKind
    status: RunStatus
    started_at: datetime
    ended_at: datetime | None
    who: str
    """The user at the engine, or at this computer where the engine knows none."""
    process: str
    """`host:pid` of the process that runs it, or that last did."""
    engine_url: str
    engine_label: str
    profile: str
    source_id: str
    target_id: str
    plan: Mapping[str, Any]
    """In the engine's form, as it was sent, variables included."""
    options: Mapping[str, Any]
    total: int
    """Number of selected instances."""
    waves: tuple[WaveRecord, ...]
    counts: Mapping[str, int]
    """The last account's number of instances by class; empty before the first."""
    accounted_at: datetime | None = None

    @property
    def unsent_waves(self) -> tuple[WaveRecord, ...]:
        """The waves that were never sent."""
        return tuple(wave for wave in self.waves if wave.status == "unsent")

    @property
    def unsent(self) -> int:
        """Number of instances that were never sent."""
        return sum(wave.size for wave in self.unsent_waves)


class NewRun(Struct, frozen=True):
    """What is written down before a run's first request. It holds no secret."""

    kind: RunKind
    who: str
    engine_url: str
    engine_label: str
    profile: str
    source_id: str
    target_id: str
    plan: Mapping[str, Any]
    options: Mapping[str, Any]
    waves: tuple[tuple[str, ...], ...]
    """The ids of each wave, or of each chunk of a rehearsal."""
