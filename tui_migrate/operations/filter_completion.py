"""Which criteria can be used on an engine, and what a half-written one could become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.operations.filter_criteria import BY_WORD, CRITERIA, Criterion
from tui_migrate.operations.filter_text import quote

if TYPE_CHECKING:
    from tui_migrate.engine.features import Features, QueryKind


class Offer(Struct, frozen=True):
    """Whether a criterion can be used here."""

    criterion: Criterion
    reason: str | None = None
    """Why not; None where it can."""


def reason_against(criterion: Criterion, features: Features, *, history: bool) -> str | None:
    """Return why a criterion can't be used on an engine, or None where it can (or only a canary can tell).

    Args:
        criterion: The criterion.
        features: What the engine honours.
        history: Whether its history can be read.
    """
    if criterion.history and not history:
        return "This engine keeps no history that you may read; when an instance started is known there only."
    from tui_migrate.engine.members import member_name

    kind: QueryKind = "history" if criterion.history else "runtime"
    honoured = features.fields(kind)
    unsure = {field for one, field in features.unsure if one == kind}
    ignored = [field for field in map(member_name, criterion.fields) if field not in honoured and field not in unsure]
    if not ignored:
        return None
    return f"{features.label} ignores {', '.join(ignored)}; it would select more than asked for."


def offers(features: Features, *, history: bool) -> tuple[Offer, ...]:
    """Return every criterion with the reason why it can't be used on this engine, if there is one.

    Args:
        features: What this engine honours.
        history: Whether this engine's history can be read.
    """
    return tuple(Offer(criterion, reason_against(criterion, features, history=history)) for criterion in CRITERIA)


def complete(
    text: str,
    cursor: int,
    *,
    offered: Sequence[Offer] | None = None,
    values: Mapping[str, Sequence[str]] | None = None,
) -> tuple[str, ...]:
    """Return what the word at the cursor could become, best first; each replaces the word as a whole.

    Args:
        text: The filter.
        cursor: Where the cursor is, counted from 0.
        offered: The criteria of this engine; all without it.
        values: Known values by criterion word, such as the activities' ids for `activity`.
    """
    start = word_start(text, cursor)
    word = text[start:cursor]
    name, colon, rest = word.partition(":")
    usable = [offer.criterion for offer in offered if offer.reason is None] if offered is not None else list(CRITERIA)
    if not colon:
        found = [
            one
            for one in usable
            if any(alias.casefold().startswith(name.casefold()) for alias in (one.word, *one.aliases))
        ]
        return tuple(one.word if one.form in ("flag", "optional") else f"{one.word}:" for one in found)
    criterion = next((one for one in usable if one is BY_WORD.get(name.casefold())), None)
    if criterion is None:
        return ()
    head, comma, tail = rest.rpartition(",") if criterion.form == "list" else ("", "", rest)
    known = [value for value in (values or {}).get(criterion.word, ()) if value.casefold().startswith(tail.casefold())]
    return tuple(f"{criterion.word}:{head}{comma}{quote(value)}" for value in known if value != tail)


def word_start(text: str, cursor: int) -> int:
    """Return where the word at the cursor begins, white space in quotes not counted as an end."""
    start = 0
    quoted: str | None = None
    for position, value in enumerate(text[:cursor]):
        if quoted is not None:
            quoted = None if value == quoted else quoted
        elif value in "\"'":
            quoted = value
        elif value.isspace():
            start = position + 1
    return start
