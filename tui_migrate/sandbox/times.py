"""Times in the engine's one form, and the durations of its timers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")
_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_ONE_DAY = timedelta(days=1)


def system_clock() -> datetime:
    """Return the time of the machine."""
    return datetime.now(UTC)


def engine_time(moment: datetime | None) -> str | None:
    """Return a time as the engine writes it: milliseconds, and an offset without a colon."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def parse_engine_time(text: str) -> datetime | None:
    """Return the time, or None where the text has not exactly the engine's form."""
    if not _FORM.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return None


def due_date(timer: str, now: datetime) -> datetime:
    """Return when a timer is due.

    Args:
        timer: `duration …`, `date …` or `cycle …` followed by the text of the BPMN file.
        now: The time of its creation.

    Returns:
        The due date; a day later for what only a real engine can evaluate (expressions, cron texts).
    """
    kind, _, text = timer.partition(" ")
    if kind == "date":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return now + _ONE_DAY
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    match = _DURATION.fullmatch(text.rpartition("/")[2])
    if match is None or not any(match.groups()):
        return now + _ONE_DAY
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    days = part["years"] * 365 + part["months"] * 30 + part["weeks"] * 7 + part["days"]
    return now + timedelta(days=days, hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"])
