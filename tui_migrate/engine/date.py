"""Times in the one form that the engine reads."""

from __future__ import annotations

from datetime import UTC, datetime


def engine_time(moment: datetime) -> str:
    """Return an aware time as the engine takes it: milliseconds and an offset without a colon.

    `Z`, `+02:00` and a date alone are a 400 on every engine, so everything is sent in UTC as `…+0000`.

    Raises:
        ValueError: The time has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("A time for the engine needs a zone.")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"
