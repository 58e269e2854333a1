"""Filters of process instances: every criterion that Cockpit has, as text, and as queries of the engine.

    bk:EU-* activity:ask_papers started:<2026-11-01 var:amount>=100 suspended incident:failedJob

Criteria are joined by *and*; a comma in a value means *or*. A criterion is sent or it is an error, never left out: the
engine ignores members that it doesn't know and would then select more than was asked for (REST reference, trap 1).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from tui_migrate.operations.filter_completion import Offer, complete, offers, word_start
from tui_migrate.operations.filter_criteria import BY_WORD, CRITERIA, Criterion
from tui_migrate.operations.filter_text import FilterError, Token, quote, span, tokens, typed_value

if TYPE_CHECKING:
    from tui_migrate.engine.features import Features
    from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery

__all__ = [
    "CRITERIA",
    "Criterion",
    "FilterError",
    "FilterQueries",
    "InstanceFilter",
    "Offer",
    "Term",
    "complete",
    "offers",
    "parse_filter",
    "word_start",
]

Fields = dict[str, Any]

_VARIABLE_OPERATORS: Final = {
    ">=": "gteq",
    "<=": "lteq",
    "!=": "neq",
    "=": "eq",
    ">": "gt",
    "<": "lt",
    "~": "like",
}
_MOMENT_OPERATORS: Final = (">=", "<=", ">", "<", "=")
_MILLISECOND: Final = timedelta(milliseconds=1)


class Term(Struct, frozen=True):
    """One criterion of a filter with its value, as it was written."""

    criterion: Criterion
    raw: str
    fields: Mapping[str, Any]
    """What it adds to the query, by the member's name in snake case; those of several terms of `var` are joined."""
    position: int = 0


class FilterQueries(Struct, frozen=True):
    """What a filter asks the engine for. Where both are there, an instance has to be in both answers."""

    runtime: InstanceQuery
    history: HistoricInstanceQuery | None = None


class InstanceFilter(Struct, frozen=True):
    """A filter of the instances of one definition; without terms it takes all of them."""

    terms: tuple[Term, ...] = ()

    @property
    def text(self) -> str:
        """The filter as text; reading it gives an equal filter."""
        return " ".join(term.raw for term in self.terms)

    @property
    def is_empty(self) -> bool:
        """Whether it takes all instances."""
        return not self.terms

    @property
    def needs_history(self) -> bool:
        """Whether a criterion is one of the history query."""
        return any(term.criterion.history for term in self.terms)

    def queries(self, definition_id: str, features: Features) -> FilterQueries:
        """Return the queries for the instances of one definition.

        Args:
            definition_id: The definition; always part of both queries, since one without it would select instances of
                all definitions.
            features: What this engine honours.

        Raises:
            UsageError: This engine would ignore one of the criteria and select more than asked for.
        """
        from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery

        for (
            kind,
            name,
        ) in features.unsure:  # of these the client asks the engine itself, by a canary, before it sends one
            features = features.decided(kind, name, honoured=True)
        runtime = InstanceQuery(process_definition_id=definition_id, **self._fields(history=False))
        runtime.to_body(features)
        if not self.needs_history:
            return FilterQueries(runtime)
        history = HistoricInstanceQuery(
            process_definition_id=definition_id, unfinished=True, **self._fields(history=True)
        )
        history.to_body(features)
        return FilterQueries(runtime, history)

    def _fields(self, *, history: bool) -> Fields:
        joined: Fields = {}
        for term in self.terms:
            if term.criterion.history == history:
                for name, value in term.fields.items():
                    joined[name] = (*joined[name], *value) if name == "variables" and name in joined else value
        return joined


_EXCLUSIVE: Final = (("active", "suspended"), ("tenant", "notenant"))
_FLAG_FIELDS: Final[Mapping[str, Fields]] = {
    criterion.word: {criterion.fields[0]: True} for criterion in CRITERIA if criterion.form == "flag"
}


def parse_filter(text: str, *, zone: tzinfo | None = None) -> InstanceFilter:
    """Read a filter.

    Args:
        text: Criteria between white space; values with white space, commas or operators in quotes; `\\*` is a star.
        zone: What dates without an offset are in; None stands for the zone of this machine.

    Raises:
        FilterError: With the position and, for an unknown word, the nearest known one.
    """
    terms = [_term(token, zone) for token in tokens(text)]
    _refuse_doubles(terms)
    return InstanceFilter(tuple(terms))


def _term(token: Token, zone: tzinfo | None) -> Term:
    colon = token.find(":")
    name = token.part(0, colon if colon >= 0 else None).text
    criterion = BY_WORD.get(name.casefold())
    if criterion is None:
        raise token.error(_unknown(name))
    value = token.part(colon + 1) if colon >= 0 else None
    if criterion.form == "flag":
        if value is not None:
            raise token.error(f"'{criterion.word}' stands alone, without a value")
        return Term(criterion, criterion.word, _FLAG_FIELDS[criterion.word], token.start)
    if value is None and criterion.form == "optional":
        return Term(criterion, criterion.word, {"with_incident": True}, token.start)
    if value is None or not value.characters:
        raise token.error(f"'{criterion.word}' needs a value, for example {criterion.example}")
    fields = _READERS[criterion.form](criterion, value, zone)
    raw = criterion.word + token.raw[len(name) :] if token.raw.startswith(name) else token.raw
    return Term(criterion, raw, fields, token.start)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name.casefold(), list(BY_WORD), n=1, cutoff=0.5)
    if near:
        return f"No criterion '{name}'. Did you mean '{BY_WORD[near[0]].word}'?"
    known = ", ".join(criterion.word for criterion in CRITERIA)
    return f"No criterion '{name}'. There are: {known}. A business key is written bk:{quote(name)}"


def _read_text(criterion: Criterion, value: Token, zone: tzinfo | None) -> Fields:
    return {criterion.fields[0]: value.text}


def _read_optional(criterion: Criterion, value: Token, zone: tzinfo | None) -> Fields:
    return {criterion.fields[1]: value.text}


def _read_pattern(criterion: Criterion, value: Token, zone: tzinfo | None) -> Fields:
    exact, like = criterion.fields
    return {like: value.like} if value.is_pattern else {exact: value.text}


def _read_list(criterion: Criterion, value: Token, zone: tzinfo | None) -> Fields:
    parts = [part.text for part in value.split(",")]
    if not parts or not all(parts):
        raise value.error(f"'{criterion.word}' needs a value, for example {criterion.example}")
    if criterion.word != "ignorecase":
        return {criterion.fields[0]: tuple(dict.fromkeys(parts))}
    names = {"names": criterion.fields[0], "values": criterion.fields[1]}
    unknown = next((part for part in parts if part not in names), None)
    if unknown is not None:
        raise value.error(f"'ignorecase' takes names and values, not '{unknown}'")
    return {names[part]: True for part in parts}


def _read_moment(criterion: Criterion, value: Token, zone: tzinfo | None) -> Fields:
    """The engine's before and after include the moment itself, to the millisecond."""
    operator = next((one for one in _MOMENT_OPERATORS if value.text.startswith(one)), "")
    first, after = span(value.part(len(operator)), zone)
    before_field, after_field = criterion.fields
    return {
        "<": {before_field: first - _MILLISECOND},
        "<=": {before_field: after - _MILLISECOND},
        ">": {after_field: after},
        ">=": {after_field: first},
    }.get(operator, {after_field: first, before_field: after - _MILLISECOND})


def _read_variable(criterion: Criterion, value: Token, zone: tzinfo | None) -> Fields:
    at = value.find("=<>!~")
    operator = next((one for one in _VARIABLE_OPERATORS if _bare(value, at).startswith(one)), None) if at >= 0 else None
    if operator is None or at == 0:
        raise value.error(f"A variable is compared by one of = != > >= < <= ~, for example {criterion.example}")
    name, operand = value.part(0, at).text, value.part(at + len(operator))
    if operator == "~":
        return {"variables": ({"name": name, "operator": "like", "value": operand.like},)}
    if operand.is_pattern and not operand.quoted:
        raise value.error(f"A pattern is compared by ~ (var:{name}~…); quote the value if the star is part of it")
    operand_value = typed_value(operand, zone)
    if operator not in ("=", "!=") and (operand_value is None or isinstance(operand_value, bool)):
        raise value.error(f"{operand.text} can only be compared by = and !=")
    return {"variables": ({"name": name, "operator": _VARIABLE_OPERATORS[operator], "value": operand_value},)}


def _bare(token: Token, start: int) -> str:
    """Return up to two characters from `start` that are no literals."""
    pair = token.characters[start : start + 2]
    return "".join(character.value if not character.literal else " " for character in pair)


_READERS: Final[Mapping[str, Callable[[Criterion, Token, tzinfo | None], Fields]]] = {
    "text": _read_text,
    "optional": _read_optional,
    "pattern": _read_pattern,
    "list": _read_list,
    "moment": _read_moment,
    "variable": _read_variable,
}


def _refuse_doubles(terms: Sequence[Term]) -> None:
    """One query holds each member once: a second value would replace the first."""
    seen: dict[str, Term] = {}
    for term in terms:
        for name in term.fields:
            if name in seen and name != "variables":
                hint = "; several values are joined by commas" if term.criterion.form == "list" else ""
                raise FilterError(
                    f"'{term.criterion.word}' is there twice{hint}", position=term.position, length=len(term.raw)
                )
            seen[name] = term
        _refuse_contrary(term, seen.values())


def _refuse_contrary(term: Term, earlier: Any) -> None:
    for pair in _EXCLUSIVE:
        words = {one.criterion.word for one in earlier}
        if term.criterion.word in pair and words.issuperset(pair):
            raise FilterError(
                f"'{pair[0]}' and '{pair[1]}' exclude each other", position=term.position, length=len(term.raw)
            )
