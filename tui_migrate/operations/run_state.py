"""How far a run is: what the screens and commands show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from tui_migrate.errors import TuiMigrateError
    from tui_migrate.operations.account import Account
    from tui_migrate.operations.canary import CanaryReport
    from tui_migrate.operations.records import SentBatch, WaveFailure, WaveStatus
    from tui_migrate.operations.watch import BatchReading

RunPhase = Literal["ready", "sending", "reconciling", "watching", "asking", "accounting", "over", "left", "interrupted"]
"""`asking`: it waits for `confirm_next_wave` or `stop`. `left`: nobody waits any more, what was sent goes on.
`interrupted`: it could not go on (`error`), the journal has it, and it can be taken up."""

RunOutcome = Literal["nothing", "done", "plan invalid", "instance refused", "failed", "unknown", "stopped"]
"""`nothing`: no instance was selected. `done`: all waves are over; the account tells of each instance. `instance
refused`: one instance refused and none of its wave moved. `failed`: the engine's own words are in `failure`. `unknown`:
the answer to a request was lost and the engine could not tell. `stopped`: waves were left unsent."""

QuestionKind = Literal["canary", "failures", "deleted", "unknown", "not sent", "taken up"]


class Question(Struct, frozen=True):
    """What has to be decided before the next wave is sent."""

    kind: QuestionKind
    sentence: str
    next_wave: int
    """Number of the wave that would be sent, from 0."""
    unsent: int
    """Instances that were not sent yet."""
    canary: CanaryReport | None = None


class WaveState(Struct, frozen=True):
    """One wave."""

    number: int
    size: int
    status: WaveStatus
    batch: SentBatch | None = None
    reading: BatchReading | None = None
    failure: WaveFailure | None = None
    deleted: bool = False

    @property
    def failed(self) -> int:
        """The most instances that can have failed: with several in a job, neighbours are rolled back with one."""
        if self.status == "refused":
            return self.size
        if self.reading is None:
            return 0
        return min(self.size, self.reading.failed * self.reading.invocations_per_job)


class RunState(Struct, frozen=True):
    """A run at one moment."""

    run_id: str
    phase: RunPhase
    waves: tuple[WaveState, ...]
    wave: int = 0
    """The wave that it is at, from 0."""
    question: Question | None = None
    outcome: RunOutcome | None = None
    """How it ended; None as long as it hasn't."""
    account: Account | None = None
    error: TuiMigrateError | None = None
    notes: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.phase in ("over", "left", "interrupted")

    @property
    def failure(self) -> WaveFailure | None:
        """Why the last wave that was refused was refused."""
        return next((wave.failure for wave in reversed(self.waves) if wave.failure is not None), None)

    @property
    def unsent(self) -> int:
        """Instances that were not sent."""
        return sum(wave.size for wave in self.waves if wave.status == "unsent")


EventKind = Literal["changed", "sending", "sent", "reading", "wave over", "refused", "asking", "note", "ended"]


class RunEvent(Struct, frozen=True):
    """Something happened in a run."""

    kind: EventKind
    state: RunState
    text: str = ""
    """A sentence for a log."""


class Leaving(Struct, frozen=True):
    """What goes on, and what does not, when nobody waits any more."""

    batches: tuple[str, ...]
    """Batches that go on in the engine."""
    unsent_waves: int
    unsent_instances: int

    @property
    def sentence(self) -> str:
        """What to say to somebody who leaves."""
        parts = []
        if self.batches:
            verb = "goes" if len(self.batches) == 1 else "go"
            noun = "batch" if len(self.batches) == 1 else "batches"
            parts.append(f"{len(self.batches)} {noun} {verb} on in the engine.")
        if self.unsent_waves:
            noun = "wave" if self.unsent_waves == 1 else "waves"
            parts.append(f"{self.unsent_waves} {noun} with {self.unsent_instances} instances stay unsent.")
        if parts:
            parts.append("The run is in the journal and can be taken up.")
        return " ".join(parts)
