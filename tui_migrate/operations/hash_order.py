"""The order in which the engine visits the instances of one execution: that of a `java.util.HashSet<String>`.

A rehearsal stands and falls with it, so it is worked out exactly as Java does it. Iteration goes by table index, and
within one index by insertion, as long as no table bin turns into a tree (`bins_stay_lists`).

Source: OpenJDK `java.util.HashMap`; proven on Camunda 7.13 to 7.24 and Operaton 1.0.3.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tui_migrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

_SMALLEST_TABLE = 16
_LONGEST_LIST = 8
"""A bin that gets one more entry is turned into a tree, or the table is doubled before its time."""
_TRIES = 100_000


def java_hash(text: str) -> int:
    """Return Java's `String.hashCode` as an unsigned 32-bit number.

    Java counts UTF-16 code units, so a character beyond the basic plane counts as its two surrogates.
    """
    value = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for position in range(0, len(units), 2):
        value = (31 * value + (units[position] << 8 | units[position + 1])) & 0xFFFFFFFF
    return value


def table_size(count: int) -> int:
    """Return the number of bins that a `HashSet` of `count` strings has grown to."""
    size = _SMALLEST_TABLE
    while count > size * 3 // 4:
        size *= 2
    return size


def visit_order(ids: Iterable[str]) -> tuple[str, ...]:
    """Return distinct `ids`, given in the order in which they are sent, in the order of the engine's visit."""
    distinct = tuple(dict.fromkeys(ids))
    size = table_size(len(distinct))
    return tuple(sorted(distinct, key=lambda one: _index(one, size)))


def bins_stay_lists(ids: Iterable[str]) -> bool:
    """Return whether no table bin gets so full that Java would order it otherwise than by insertion."""
    distinct = dict.fromkeys(ids)
    size = table_size(len(distinct))
    counts = Counter(_index(one, size) for one in distinct)
    return max(counts.values(), default=0) < _LONGEST_LIST


def find_stopper(ids: Sequence[str], make_id: Callable[[], str] | None = None) -> str:
    """Return a made-up id that the engine visits after all of `ids` when it is sent as the last.

    Args:
        ids: Distinct ids of instances that are sent before it.
        make_id: Makes an id that no instance has; by default a random UUID.

    Raises:
        UsageError: No id was found (only with a `make_id` that gives too few).
    """
    return find_stopper_for(len(ids), make_id, without=frozenset(ids))


def find_stopper_for(
    count: int, make_id: Callable[[], str] | None = None, *, without: Collection[str] = frozenset()
) -> str:
    """Return a made-up id that the engine visits after any `count` or fewer others when it is sent as the last.

    The last index of a table is, cut to fewer bits, also that of each smaller table.

    Args:
        count: The largest number of ids that are sent before it.
        make_id: Makes an id that no instance has; by default a random UUID.
        without: Ids that it must not be.

    Raises:
        UsageError: No id was found (only with a `make_id` that gives too few).
    """
    make = make_id or random_id
    size = table_size(count + 1)
    for _ in range(max(_TRIES, size * 20)):
        candidate = make()
        if candidate not in without and _index(candidate, size) == size - 1:
            return candidate
    raise UsageError(f"No made-up id was found that the engine visits after {count} others. Use smaller chunks.")


def random_id() -> str:
    """Return an id that no instance has: a random UUID."""
    from uuid import uuid4

    return str(uuid4())


def _index(text: str, size: int) -> int:
    value = java_hash(text)
    return (value ^ value >> 16) & (size - 1)
