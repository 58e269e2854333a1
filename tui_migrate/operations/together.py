"""Requests that don't wait for each other, sent as one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def round_trip() -> AsyncIterator[asyncio.TaskGroup]:
    """Run the tasks of a group together; the first error ends the others and is raised as it is, not as a group.

    Yields:
        The group whose tasks are sent together; their results are there when the block is left.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as error:
        raise _first(error) from error


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
