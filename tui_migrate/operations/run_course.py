"""The course of a run: its state from step to step, those who are told of each, and the question that waits.

What carries a run out (`Runner`) sets the state and tells; screens and commands listen and answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from msgspec.structs import replace

from tui_migrate.errors import UsageError
from tui_migrate.operations.run_state import EventKind, Leaving, Question, RunEvent, RunPhase, RunState


class RunCourse:
    """A run as others see it.

    Args:
        state: At its beginning.
    """

    def __init__(self, state: RunState) -> None:
        self.state = state
        self._task: asyncio.Task[None] | None = None
        """Carries the run out; None before it is begun."""
        self._answer: asyncio.Future[bool] | None = None
        self._queues: list[asyncio.Queue[RunEvent | None]] = []

    @property
    def run_id(self) -> str:
        """The run's id in the journal; empty before `start`."""
        return self.state.run_id

    async def events(self) -> AsyncIterator[RunEvent]:
        """Yield what happens, from the state as it is now to the end. There may be several readers."""
        queue: asyncio.Queue[RunEvent | None] = asyncio.Queue()
        self._queues.append(queue)
        try:
            yield RunEvent("changed", self.state)
            while self._task is None or not self._task.done() or not queue.empty():
                event = await queue.get()
                if event is None:
                    break
                yield event
        finally:
            self._queues.remove(queue)
        if self._task is not None and self._task.done() and not self._task.cancelled():
            self._task.result()

    async def wait(self) -> RunState:
        """Wait until nothing more comes, and return the last state."""
        async for _ in self.events():
            pass
        return self.state

    def confirm_next_wave(self) -> None:
        """Answer the question: go on with the next wave."""
        self._decide(True)

    def stop(self) -> None:
        """Answer the question: leave the other waves unsent and account for what was sent."""
        self._decide(False)

    def leaving(self) -> Leaving:
        """Return what would go on, and what would not, if nobody waited any more."""
        going = [
            wave.batch.id
            for wave in self.state.waves
            if wave.batch is not None and wave.status == "sent" and not (wave.reading and wave.reading.over)
        ]
        unsent = [wave for wave in self.state.waves if wave.status == "unsent"]
        return Leaving(tuple(going), len(unsent), sum(wave.size for wave in unsent))

    async def _answer_to(self, question: Question) -> bool:
        """Put a question and wait until somebody answers whether to go on."""
        self._answer = asyncio.get_running_loop().create_future()
        self._set(phase="asking", question=question)
        self._tell("asking", question.sentence)
        try:
            answer = await self._answer
        finally:
            self._answer = None
        self._set(question=None)
        return answer

    def _decide(self, answer: bool) -> None:
        if self._answer is None or self._answer.done():
            raise UsageError("The run asks nothing just now.")
        self._answer.set_result(answer)

    def _set(
        self,
        *,
        phase: RunPhase | None = None,
        **changes: object,
    ) -> None:
        if phase is not None:
            changes["phase"] = phase
        self.state = replace(self.state, **changes)

    def _set_wave(self, number: int, **changes: object) -> None:
        waves = list(self.state.waves)
        waves[number] = replace(waves[number], **changes)
        self.state = replace(self.state, waves=tuple(waves))

    def _tell(self, kind: EventKind, text: str = "") -> None:
        event = RunEvent(kind, self.state, text)
        for queue in self._queues:
            queue.put_nowait(event)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del task
        for queue in self._queues:
            queue.put_nowait(None)
