"""Where a new instance of the embedded engine shall stand, said by the ids of its process.

The scopes and multi-instance bodies around an activity come by themselves. Positions are values, so that many instances
can share one.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Waits = Literal["before", "after"]


class Position(Struct, frozen=True):
    """One token, or one thing that is open in an instance."""

    activity_id: str
    waits: Waits | None = None
    """An asynchronous continuation that waits before or after the activity, in place of an activity instance."""
    flow: str | None = None
    """The sequence flow that an asynchronous continuation after the activity remembers."""
    failure: str | None = None
    """Message of the failure: the async job, the external task or the timer has no retries left, with an incident."""
    incident_type: str | None = None
    """A custom incident of this type on the activity, with `failure` as its message."""
    count: int = 1
    """How many inner instances of a multi-instance activity stand here."""
    inside: tuple[Position, ...] = ()
    """What stands inside, for a scope."""
    completed: bool = False
    """The activity has been completed and can be compensated."""
    calls: tuple[Position, ...] | None = None
    """Where the called instance stands; None where a call activity calls nothing."""
    passed: tuple[str, ...] | None = None
    """What a token has passed inside the scope; None for the shortest way to where it stands."""


At = str | Position


def position(at: At) -> Position:
    """Return `at` as a position; a plain id is an active activity."""
    return at if isinstance(at, Position) else Position(at)


def before(activity_id: str, *, failure: str | None = None) -> Position:
    """Return an asynchronous continuation before the activity, failed if there is a message."""
    return Position(activity_id, waits="before", failure=failure)


def after(activity_id: str, *, flow: str | None = None, failure: str | None = None) -> Position:
    """Return an asynchronous continuation after the activity, which remembers the flow that it will take."""
    return Position(activity_id, waits="after", flow=flow, failure=failure)


def failed(activity_id: str, message: str) -> Position:
    """Return an external task without retries, or the timer of an event that failed, with its incident."""
    return Position(activity_id, failure=message)


def incident(activity_id: str, incident_type: str, message: str) -> Position:
    """Return an active activity with an incident of a type of one's own."""
    return Position(activity_id, failure=message, incident_type=incident_type)


def many(activity_id: str, count: int, *inside: At) -> Position:
    """Return `count` inner instances of a multi-instance activity, each with the same inside."""
    return Position(activity_id, count=count, inside=tuple(position(at) for at in inside))


def within(activity_id: str, *inside: At) -> Position:
    """Return one new instance of a scope with what stands inside."""
    return Position(activity_id, inside=tuple(position(at) for at in inside))


def completed(activity_id: str, *inside: At) -> Position:
    """Return a completed activity that can be compensated; for a sub process with what in it can be."""
    return Position(activity_id, completed=True, inside=tuple(position(at) for at in inside))


def calling(activity_id: str, *at: At) -> Position:
    """Return a call activity whose called instance (of the latest version) stands at these positions."""
    return Position(activity_id, calls=tuple(position(one) for one in at))
