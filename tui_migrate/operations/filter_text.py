"""The text of a filter: tokens with quotes, patterns, values with types, moments.

Everything here is about characters; what a criterion means is in `filter.py`.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from msgspec import Struct

from tui_migrate.engine.date import engine_time
from tui_migrate.errors import UsageError
from tui_migrate.text import safe

WILDCARD: Final = "*"
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_MILLISECOND = timedelta(milliseconds=1)
_LONGEST_INTEGER = 2**63


class FilterError(UsageError):
    """A filter can't be used as it is written.

    Args:
        message: What is wrong, with the nearest known word where there is one.
        position: Where in the text it is wrong, counted from 0.
        length: How many characters are meant.
    """

    def __init__(self, message: str, *, position: int = 0, length: int = 0) -> None:
        self.position = position
        self.length = length
        super().__init__(f"{safe(message, limit=500)} (at character {position + 1} of the filter)")


class Character(Struct, frozen=True):
    """One character of a token, after quotes and backslashes were understood."""

    value: str
    literal: bool
    """It stood in quotes or behind a backslash: it separates nothing and is no operator."""
    escaped: bool = False
    """It stood behind a backslash: a `*` then is a star."""


class Token(Struct, frozen=True):
    """A part of the text between white space."""

    characters: tuple[Character, ...]
    raw: str
    start: int

    @property
    def text(self) -> str:
        """The characters without quotes and backslashes."""
        return "".join(character.value for character in self.characters)

    @property
    def quoted(self) -> bool:
        """Whether any of it stood in quotes."""
        return any(character.literal and not character.escaped for character in self.characters)

    def find(self, separators: str) -> int:
        """Return the index of the first bare character that is one of `separators`, or -1."""
        for index, character in enumerate(self.characters):
            if not character.literal and character.value in separators:
                return index
        return -1

    def part(self, start: int, end: int | None = None) -> Token:
        """Return the token of some of the characters."""
        return Token(self.characters[start:end], self.raw, self.start)

    def split(self, separator: str) -> tuple[Token, ...]:
        """Return the parts between bare separators; empty ones are left out."""
        parts: list[list[Character]] = [[]]
        for character in self.characters:
            if not character.literal and character.value == separator:
                parts.append([])
            else:
                parts[-1].append(character)
        return tuple(Token(tuple(part), self.raw, self.start) for part in parts if part)

    @property
    def is_pattern(self) -> bool:
        """Whether it holds a `*` that isn't escaped."""
        return any(character.value == WILDCARD and not character.escaped for character in self.characters)

    @property
    def like(self) -> str:
        """The pattern as the engine's *like* takes it: `*` becomes `%`; `%`, `_` and backslash are escaped."""
        return "".join(_like(character) for character in self.characters)

    def error(self, message: str) -> FilterError:
        """Return an error that points at the token."""
        return FilterError(message, position=self.start, length=len(self.raw))


def _like(character: Character) -> str:
    if character.value == WILDCARD and not character.escaped:
        return "%"
    return "\\" + character.value if character.value in "%_\\" else character.value


def tokens(text: str) -> tuple[Token, ...]:
    """Split a filter at white space outside of quotes.

    Raises:
        FilterError: A quote isn't closed, or a backslash is the last character.
    """
    found = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        token = _token(text, position)
        found.append(token)
        position += len(token.raw)
    return tuple(found)


def _token(text: str, start: int) -> Token:
    characters: list[Character] = []
    quote: str | None = None
    opened = position = start
    while position < len(text) and (quote is not None or not text[position].isspace()):
        value = text[position]
        if value == "\\":
            position += 1
            if position == len(text):
                raise FilterError("A backslash needs a character behind it", position=position - 1, length=1)
            characters.append(Character(text[position], literal=True, escaped=True))
        elif quote is None and value in "\"'":
            quote, opened = value, position
        elif value == quote:
            quote = None
        else:
            characters.append(Character(value, literal=quote is not None))
        position += 1
    if quote is not None:
        raise FilterError(f"The quote {quote} is not closed", position=opened, length=1)
    return Token(tuple(characters), text[start:position], start)


def quote(value: str) -> str:
    """Return `value` as it has to be written to be read back as it is."""
    escaped = value.replace("\\", "\\\\").replace(WILDCARD, "\\" + WILDCARD)
    if value and not re.search(r"[\s\"',:=<>!~]", value):
        return escaped
    return '"' + escaped.replace('"', '\\"') + '"'


def typed_value(token: Token, zone: tzinfo | None) -> str | int | float | bool | None:
    """Return the value of a variable in the type that its form shows.

    In quotes it is a string. Bare `true`, `false` and `null`, numbers, and dates in ISO 8601 are what they look like;
    everything else is a string. A date is returned in the one form that the engine takes for a date (any other text is
    compared as a string: no match, no error; REST reference 5).

    Raises:
        FilterError: An integer beyond what the engine's Long can hold, or an impossible date.
    """
    text = token.text
    if any(character.literal for character in token.characters):
        return text
    constants: dict[str, bool | None] = {"true": True, "false": False, "null": None}
    if text in constants:
        return constants[text]
    if _NUMBER.fullmatch(text):
        return _number(token)
    if _DAY.fullmatch(text) or _MOMENT.fullmatch(text):
        return engine_time(span(token, zone)[0])
    return text


def _number(token: Token) -> int | float:
    text = token.text
    if not re.fullmatch(r"-?\d+", text):
        if math.isinf(float(text)):
            raise token.error(f"{text} is beyond the engine's largest number")
        return float(text)
    number = int(text)
    if not -_LONGEST_INTEGER <= number < _LONGEST_INTEGER:
        raise token.error(f"{text} is beyond the engine's largest integer; quote it if the variable is a string")
    return number


def span(token: Token, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Return the first moment of a day or moment and the first one after it.

    Args:
        token: `2026-11-01`, or a moment such as `2026-11-01T09:30`, `2026-11-01T09:30:15.250+01:00`.
        zone: For text without an offset; None stands for the zone of this machine.

    Returns:
        Two aware moments: the whole day, the whole minute or second, or one millisecond, as exact as the text is.

    Raises:
        FilterError: It is neither.
    """
    text = token.text
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            next_day = day + timedelta(days=1)
            return _aware(datetime.combine(day, time()), zone), _aware(datetime.combine(next_day, time()), zone)
        moment = _aware(datetime.fromisoformat(text), zone)
        return moment, moment + _precision(text)
    except (ValueError, OverflowError) as error:
        raise token.error(f"'{text}' is no date such as 2026-11-01 or 2026-11-01T09:30+01:00") from error


def _precision(text: str) -> timedelta:
    clock = re.split(r"[T ]", text, maxsplit=1)[1]
    if "." in clock:
        return _MILLISECOND
    return timedelta(seconds=1) if re.match(r"\d\d:\d\d:\d\d", clock) else timedelta(minutes=1)


def _aware(moment: datetime, zone: tzinfo | None) -> datetime:
    placed = moment if moment.tzinfo is not None or zone is None else moment.replace(tzinfo=zone)
    return placed.astimezone(UTC)
