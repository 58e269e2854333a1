"""Ids as an engine makes them: time-based uuids, many of which share their last digits."""

from __future__ import annotations

_SUFFIX = "11f0-9d2b-0242ac120002"
_STEP = 0x2F1
_LONGEST_ACTIVITY_INSTANCE_ID = 64


def identifier(number: int) -> str:
    """Return the uuid with this number; greater numbers sort later, as those of time-based uuids mostly do."""
    ticks = number * _STEP + 0x5A10_0000_0000
    return f"{ticks & 0xFFFFFFFF:08x}-{ticks >> 32 & 0xFFFF:04x}-{_SUFFIX}"


def activity_instance_id(activity_id: str, uuid: str) -> str:
    """Return the id of an activity instance: the uuid alone where both would exceed 64 characters."""
    composed = f"{activity_id}:{uuid}"
    return composed if len(composed) <= _LONGEST_ACTIVITY_INSTANCE_ID else uuid


class Identifiers:
    """Hands out uuids, one or a block of consecutive numbers at a time."""

    def __init__(self, first: int = 1) -> None:
        self._next = first

    def new(self) -> str:
        """Return a new uuid."""
        self._next += 1
        return identifier(self._next - 1)

    def block(self, size: int) -> int:
        """Reserve `size` numbers and return the first; `identifier` turns each into its uuid."""
        self._next += size
        return self._next - size
