"""The little of Java that shows through the REST API: the order in which a `HashSet` of strings is visited."""

from __future__ import annotations

from collections.abc import Iterable

_FIRST_CAPACITY = 16
_LOAD = 0.75


def string_hash(text: str) -> int:
    """Return `String.hashCode` as an unsigned 32-bit number; it counts UTF-16 code units."""
    value = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for index in range(0, len(units), 2):
        value = (31 * value + (units[index] << 8 | units[index + 1])) & 0xFFFFFFFF
    return value


def hash_set_order(texts: Iterable[str]) -> list[str]:
    """Return distinct texts in the order in which a Java `HashSet`, filled one by one, is visited.

    Bins that the set would turn into trees (8 and more entries) are kept in the order of insertion, too.
    """
    distinct = dict.fromkeys(texts)
    capacity = _FIRST_CAPACITY
    while len(distinct) > capacity * _LOAD:
        capacity *= 2
    bins: dict[int, list[str]] = {}
    for text in distinct:
        value = string_hash(text)
        bins.setdefault((value ^ value >> 16) & capacity - 1, []).append(text)
    return [text for index in sorted(bins) for text in bins[index]]
