"""Which instances are chosen; and the moment when the choice becomes a list of ids that can't drift."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.operations.filter import FilterQueries, InstanceFilter
from tui_migrate.operations.matching import matching_ids

if TYPE_CHECKING:
    from datetime import datetime

    from tui_migrate.operations.session import Session

Mode = Literal["nothing", "ids", "matching"]
RowState = Literal["selected", "not selected", "unknown"]

PASSES_AT_MOST: Final = 10
"""Passes after which a list that keeps growing is taken as it is, with a note."""

_IDS_AT_ONCE: Final = 1000


class Selection:
    """The instances that are chosen: single ids, or all that match a filter but some. Mutable.

    It knows nothing of pages and of what is shown, so it survives both. What a filter matches is asked of the engine
    when the selection is settled or frozen, not before.
    """

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._matching: InstanceFilter | None = None
        self._excluded: set[str] = set()

    @property
    def mode(self) -> Mode:
        """`nothing` chosen (all instances are meant), single `ids`, or all `matching` a filter (but the excluded)."""
        if self._matching is not None:
            return "matching"
        return "ids" if self._ids else "nothing"

    @property
    def filter(self) -> InstanceFilter | None:
        """The filter whose matches are chosen, in mode `matching`."""
        return self._matching

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that were chosen one by one, in the order of choosing."""
        return tuple(self._ids)

    @property
    def excluded(self) -> frozenset[str]:
        """The ids that were taken out of what the filter matches."""
        return frozenset(self._excluded)

    @property
    def is_settled(self) -> bool:
        """Whether single ids and a filter are not mixed, so that `count` is exact."""
        return self._matching is None or not self._ids

    def state(self, instance_id: str, shown: InstanceFilter | None = None) -> RowState:
        """Return whether an instance is chosen.

        Args:
            instance_id: The instance.
            shown: The filter of the list that shows it. Under another filter than the chosen one it can't be told
                whether the chosen one matches; `settle` asks the engine.
        """
        if instance_id in self._ids:
            return "selected"
        if self._matching is None or instance_id in self._excluded:
            return "not selected"
        return "selected" if shown is None or self._covers(shown) else "unknown"

    def is_selected(self, instance_id: str, shown: InstanceFilter | None = None) -> bool:
        """Return whether an instance is known to be chosen; see `state`."""
        return self.state(instance_id, shown) == "selected"

    def count(self, total: int) -> int:
        """Return how many instances are chosen.

        Args:
            total: How many instances the chosen filter matches; in mode `nothing`, how many there are.
        """
        if self._matching is None:
            return len(self._ids) or total
        return max(0, total - len(self._excluded)) + len(self._ids)

    def toggle(self, instance_id: str, shown: InstanceFilter | None = None) -> None:
        """Choose an instance, or no longer."""
        if self.is_selected(instance_id, shown):
            self.remove((instance_id,))
        else:
            self.add((instance_id,), shown)

    def add(self, ids: Iterable[str], shown: InstanceFilter | None = None) -> None:
        """Choose instances.

        Args:
            ids: The instances.
            shown: The filter of the list that shows them.
        """
        for instance_id in ids:
            self._excluded.discard(instance_id)
            if self.state(instance_id, shown) != "selected":
                self._ids[instance_id] = None

    def remove(self, ids: Iterable[str]) -> None:
        """Take instances out."""
        for instance_id in ids:
            self._ids.pop(instance_id, None)
            if self._matching is not None:
                self._excluded.add(instance_id)

    def select_all_matching(self, filter: InstanceFilter) -> None:
        """Choose all that match a filter, now and when it is frozen. Nothing else is chosen then."""
        self.clear()
        self._matching = filter

    def clear(self) -> None:
        """Choose nothing."""
        self._ids.clear()
        self._excluded.clear()
        self._matching = None

    async def settle(
        self, session: Session, definition_id: str, *, on_progress: Callable[[int], None] | None = None
    ) -> None:
        """Turn the filter's matches into single ids: for a list that shows another filter from now on."""
        if self._matching is None:
            return
        queries = self._matching.queries(definition_id, await session.features())
        found = await matching_ids(session, queries, on_progress=on_progress)
        self._ids.update(dict.fromkeys(one for one in found if one not in self._excluded))
        self._excluded.clear()
        self._matching = None

    def _covers(self, shown: InstanceFilter) -> bool:
        return self._matching is not None and (self._matching.is_empty or shown.text == self._matching.text)


class FrozenSelection(Struct, frozen=True):
    """Instances that will be migrated, fixed."""

    ids: tuple[str, ...]
    """Sorted, each once; all of them ran on the source definition when it was taken."""
    taken_at: datetime
    passes: int
    """How often the engine's list was read until nothing new was in it; 0 for single ids."""
    mode: Mode = "ids"
    """What was chosen; `nothing` means all instances of the version."""
    filter_text: str = ""
    gone: tuple[str, ...] = ()
    """Chosen ids that don't run on the source definition (any more)."""
    notes: tuple[str, ...] = ()


async def freeze(
    session: Session,
    definition_id: str,
    selection: Selection,
    *,
    on_progress: Callable[[int], None] | None = None,
) -> FrozenSelection:
    """Turn a selection into ids.

    Lists are read in the largest pages that the engine allows, sorted by id, again and again until a pass finds nothing
    new: instances that end while paging shift the pages, and others start. What an earlier pass found and the last did
    not is asked for by id.

    Args:
        session: The engine.
        definition_id: The source definition.
        selection: What is chosen; nothing means all instances of the definition.
        on_progress: Called with the number of ids found.
    """
    features = await session.features()
    mode = selection.mode
    chosen = frozenset(selection.ids)
    running = await _running(session, InstanceFilter().queries(definition_id, features), sorted(chosen))
    found = set(running)
    passes = 0
    notes: tuple[str, ...] = ()
    if mode != "ids":
        queries = (selection.filter or InstanceFilter()).queries(definition_id, features)
        matched, passes, notes = await _repeat(session, queries, on_progress)
        found |= matched - selection.excluded
    return FrozenSelection(
        ids=tuple(sorted(found)),
        taken_at=session.clock.now(),
        passes=passes,
        mode=mode,
        filter_text=selection.filter.text if selection.filter is not None else "",
        gone=tuple(sorted(chosen - running)),
        notes=notes,
    )


async def _repeat(
    session: Session, queries: FilterQueries, on_progress: Callable[[int], None] | None
) -> tuple[set[str], int, tuple[str, ...]]:
    everything: set[str] = set()
    last: set[str] = set()
    notes: tuple[str, ...] = ()
    passes = 0
    while True:
        passes += 1
        last = set(await matching_ids(session, queries, on_progress=on_progress))
        is_new = not last <= everything
        everything |= last
        if not is_new:
            break
        if passes == PASSES_AT_MOST:
            notes = (
                f"Instances keep starting: after {passes} looks there were still new ones. Later ones are not in.",
            )
            break
    missing = sorted(everything - last)
    return last | set(await _running(session, queries, missing)), passes, notes


async def _running(session: Session, queries: FilterQueries, ids: Sequence[str]) -> frozenset[str]:
    """Return those of the ids that the queries still find."""
    found: set[str] = set()
    for start in range(0, len(ids), _IDS_AT_ONCE):
        found.update(await matching_ids(session, _narrowed(queries, ids[start : start + _IDS_AT_ONCE])))
    return frozenset(found)


def _narrowed(queries: FilterQueries, ids: Sequence[str]) -> FilterQueries:
    own = queries.runtime.process_instance_ids
    wanted = tuple(ids) if own is None else tuple(set(ids).intersection(own))
    runtime = replace(queries.runtime, process_instance_ids=wanted)
    if queries.history is None:
        return FilterQueries(runtime)
    return FilterQueries(runtime, replace(queries.history, process_instance_ids=wanted))
