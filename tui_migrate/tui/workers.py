"""Work beside the event loop's keys: one group per kind, the newest wins, and one place that catches everything.

A worker awaits an operation and posts a message; only the message's handler changes what is shown.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from tui_migrate.errors import TuiMigrateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.dom import DOMNode
    from textual.worker import Worker

Result = TypeVar("Result")
_LOG = logging.getLogger("tui_migrate")


class WorkFailed(Message):
    """A piece of work ended in an error.

    Args:
        group: The kind of work.
        error: What happened; `sentence` tells it.
    """

    def __init__(self, group: str, error: Exception) -> None:
        self.group = group
        self.error = error
        super().__init__()

    @property
    def sentence(self) -> str:
        """What to tell the user."""
        if isinstance(self.error, TuiMigrateError):
            return str(self.error)
        kind = type(self.error).__name__
        return f"A fault of tui-migrate itself ({kind}); the log file has the details. Please report it."


def start(
    node: DOMNode,
    group: str,
    work: Callable[[], Awaitable[Result]],
    done: Callable[[Result], Message | None],
    *,
    exclusive: bool = True,
) -> Worker[None]:
    """Run `work` beside the keys and post what `done` makes of its result to `node`.

    Args:
        node: The screen or the app that the work belongs to; a screen's work ends when the screen is left.
        group: The kind of work; a newer piece of the same kind on the same node replaces an older one.
        work: Awaits an operation.
        done: Makes the message for the node's handler; None posts nothing.
        exclusive: False for what must never be replaced, such as sending a migration.

    Returns:
        The worker, named after its group.
    """
    # Not a coroutine yet: a worker that is replaced before its first step would leave one that nobody awaits.
    return node.run_worker(
        partial(_guarded, node, group, work, done), name=group, group=group, exclusive=exclusive, exit_on_error=False
    )


async def _guarded(
    node: MessagePump,
    group: str,
    work: Callable[[], Awaitable[Result]],
    done: Callable[[Result], Message | None],
) -> None:
    try:
        message = done(await work())
    except TuiMigrateError as error:
        _LOG.info("%s: %s", group, error)
        message = WorkFailed(group, error)
    except Exception as error:
        _LOG.exception("%s failed", group)
        message = WorkFailed(group, error)
    if message is not None:
        node.post_message(message)
