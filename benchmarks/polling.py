"""Requests that watching a batch costs, on the embedded engine with a clock that jumps."""

from __future__ import annotations

import asyncio

from benchmarks.figures import BenchmarkError, Report
from tests.operations.running import JumpingClock, mixed_sandbox, running, sandbox
from tui_migrate.operations.watch import watch_batch


def measure(report: Report) -> None:
    ticks, requests, slowest = asyncio.run(_watched())
    report.add("requests for each look at a running batch", requests / ticks, 1, "", note=f"{ticks} looks")
    report.add("the shortest pause where nothing changes, against the first", slowest, 1, least=True)


async def _watched() -> tuple[int, int, float]:
    """Looks at a batch until it is done: their number, their requests, how the pauses grew."""
    clock = JumpingClock()
    engine = sandbox(clock=clock)
    mixed = mixed_sandbox(engine, good=500)
    async with running(engine, clock=clock) as it:
        batch = await it.session.engine.execute_async(mixed.plan, mixed.ids)
        it.requests.clear()
        readings = [reading async for reading in watch_batch(it.session, batch.id)]
        if readings[-1].failed or not readings[-1].over:
            raise BenchmarkError("the batch did not end well")
        looks = sum("/batch" in one.path for one in it.requests)
        if looks != len(it.requests):
            raise BenchmarkError("something else than batches was asked")
    return len(readings), looks, clock.slept[-1] / clock.slept[0]
