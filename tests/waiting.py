"""Waiting for a condition, with patience for a machine that is slow or busy; never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

PATIENCE: Final = 120.0
"""Seconds after which a condition will not come true any more, however slow the machine is."""
_PAUSE: Final = 0.05
"""Seconds between two looks: this only keeps their number down."""

Found = TypeVar("Found")


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Returns as soon as the condition holds.

    Raises:
        TimeoutError: It did not hold within that time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise _too_late(what, seconds)
        time.sleep(_PAUSE)


async def pause() -> None:
    """Lets a moment pass between two questions."""
    await asyncio.sleep(_PAUSE)


async def until(
    ask: Callable[[], Awaitable[Found]], what: str, *, pause: Callable[[], Awaitable[object]] = pause
) -> Found:
    """Asks again until the answer is true, and returns it.

    Args:
        ask: Gives something false for as long as there is to wait.
        what: What is waited for, for the message.
        pause: Lets time pass between two questions, where that is not the machine's own.

    Raises:
        TimeoutError: The answer was not true in time.
    """
    deadline = time.monotonic() + PATIENCE
    while not (found := await ask()):
        if time.monotonic() > deadline:
            raise _too_late(what, PATIENCE)
        await pause()
    return found


def _too_late(what: str, seconds: float) -> TimeoutError:
    return TimeoutError(f"Waited {seconds:.0f} seconds, and not: {what}.")
