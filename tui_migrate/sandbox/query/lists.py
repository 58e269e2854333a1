"""Sorting, paging and counting of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from tui_migrate.sandbox.errors import Refusal, invalid
from tui_migrate.sandbox.exchange import Request

T = TypeVar("T")
Key = Callable[[T], Any]
Sorting = Sequence[tuple[str, str]]


def url_sorting(request: Request, keys: Mapping[str, Any]) -> Sorting:
    """Return the sorting of a GET request.

    Raises:
        Refusal: It is incomplete or unknown.
    """
    by, order = request.query.get("sortBy"), request.query.get("sortOrder")
    if by is None and order is None:
        return ()
    if not by or not order:
        raise invalid("Only a single sorting parameter specified. sortBy and sortOrder required")
    if by not in keys:
        raise invalid(f"Cannot set query parameter 'sortBy' to value '{by}'")
    if order not in {"asc", "desc"}:
        raise invalid(f"Cannot set query parameter 'sortOrder' to value '{order}'")
    return ((by, order),)


def body_sorting(body: Mapping[str, Any], keys: Mapping[str, Any]) -> Sorting:
    """Return the sorting of a POST request.

    Raises:
        Refusal: It is incomplete or unknown.
    """
    found = []
    for one in body.get("sorting") or ():
        by, order = one.get("sortBy"), one.get("sortOrder")
        if by not in keys:
            raise Refusal(
                400,
                "NotValidException",
                "You should call any of the orderBy methods first before specifying a direction: "
                "currentOrderingProperty is null",
                code=0,
            )
        if order not in {"asc", "desc"}:
            raise Refusal(
                400,
                "NotValidException",
                "Invalid query: call asc() or desc() after using orderByXX(): direction is null",
                code=0,
            )
        found.append((by, order))
    return found


def ordered(items: Iterable[T], sorting: Sorting, keys: Mapping[str, Key[T]], default: Key[T] | None = None) -> list[T]:
    """Return the items sorted by several keys, the first the most important; nothing sorts before everything."""
    found = list(items)
    if default is not None:
        found.sort(key=default)
    for by, order in reversed(sorting):
        key = keys[by]
        found.sort(key=lambda item: _nothing_first(key(item)), reverse=order == "desc")
    return found


def _nothing_first(value: Any) -> tuple[bool, Any]:
    return (False, 0) if value is None else (True, value)


def page(request: Request, items: Sequence[T]) -> Sequence[T]:
    """Return the part of a list that `firstResult` and `maxResults` ask for.

    Raises:
        Refusal: The engine limits results and the request asks for more, or does not say how many.
    """
    first, most = request.number("firstResult"), request.number("maxResults")
    check_limit(request, most)
    if most is not None and (most <= 0 or (first or 0) < 0):
        return items[:0]
    start = max(first or 0, 0)
    return items[start:] if most is None else items[start : start + most]


def check_limit(request: Request, most: int | None) -> None:
    """Refuse an unlimited list where the engine has `queryMaxResultsLimit`; it counts for authenticated users only."""
    limit = request.engine.max_results_limit
    if limit is None or request.user is None:
        return
    if most is None:
        raise Refusal(400, "BadUserRequestException", "An unbound number of results is forbidden!", code=0)
    if most > limit:
        raise Refusal(400, "BadUserRequestException", f"Max results limit of {limit} exceeded!", code=0)
