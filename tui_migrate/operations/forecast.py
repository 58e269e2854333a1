"""What instances would do with the draft as it stands, computed here; and the causes in groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_migrate.operations.causes import cause_of
from tui_migrate.operations.states import StateReader

if TYPE_CHECKING:
    from tui_migrate.migration.forecast import Forecast
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.session import Session

PAGE: Final = 1000
"""Instances of one round of requests: a list of ids that is good on any database."""

GONE: Final = "It has ended, or is on another version."


class CauseGroup(Struct, frozen=True):
    """Instances that would fail, or of which it can't be told, for one cause."""

    sentence: str
    """The engine's sentence without ids of left-over entities, or why it can't be told."""
    activity_id: str | None
    ids: tuple[str, ...]
    remedy: str | None = None
    fails: bool = True
    """False for a cause of 'cannot tell'."""


async def forecast_instances(
    session: Session,
    open_plan: OpenPlan,
    ids: Sequence[str],
    *,
    on_progress: Callable[[int], None] | None = None,
) -> dict[str, Forecast]:
    """Forecast what each of these instances would do.

    By a fixed number of requests for each `PAGE` of them, never one for an instance. An instance of which something
    can't be read, or that isn't on the source any more, gets the verdict 'cannot tell' with the reason.

    Args:
        session: The engine.
        open_plan: The plan; its draft as it stands now.
        ids: The instances.
        on_progress: Called with the number of instances done.
    """
    from tui_migrate.engine.queries import InstanceQuery
    from tui_migrate.migration.forecast import Forecast

    reader = StateReader(session, open_plan.source.id, open_plan.source_model, good_for=math.inf)
    forecaster = open_plan.forecaster()
    forecasts: dict[str, Forecast] = {}
    for start in range(0, len(ids), PAGE):
        page = tuple(ids[start : start + PAGE])
        query = InstanceQuery(process_definition_id=open_plan.source.id, process_instance_ids=page)
        running = {one.id: one for one in await session.engine.instances(query, limit=len(page))}
        here = [one for one in page if one in running]
        states = await reader.read(
            here, running, variables=forecaster.needs_variables, tasks=forecaster.needs_tasks, of=len(ids)
        )
        for one in page:
            gone = Forecast(one, "cannot tell", unknown=(GONE,))
            forecasts[one] = states.forecast(forecaster, one) if one in states.by_id else gone
        if on_progress is not None:
            on_progress(len(forecasts))
    return forecasts


def group_forecasts(
    forecasts: Mapping[str, Forecast] | Iterable[Forecast], open_plan: OpenPlan
) -> tuple[CauseGroup, ...]:
    """Return the causes, those of failures first, each by falling number of instances.

    An instance with several failures is in several groups.
    """
    values = forecasts.values() if isinstance(forecasts, Mapping) else forecasts
    failing: dict[tuple[str, str | None], list[str]] = {}
    unknown: dict[str, list[str]] = {}
    for forecast in values:
        for cause in dict.fromkeys((cause_of(failure.sentence), failure.activity_id) for failure in forecast.failures):
            failing.setdefault(cause, []).append(forecast.instance_id)
        if forecast.verdict == "cannot tell":
            for sentence in dict.fromkeys(forecast.unknown):
                unknown.setdefault(sentence, []).append(forecast.instance_id)
    groups = [
        CauseGroup(sentence, activity_id, tuple(ids), remedy_for(open_plan, sentence, activity_id))
        for (sentence, activity_id), ids in failing.items()
    ]
    unsure = [CauseGroup(sentence, None, tuple(ids), fails=False) for sentence, ids in unknown.items()]
    return (*sorted(groups, key=_order), *sorted(unsure, key=_order))


def remedy_for(open_plan: OpenPlan, sentence: str, activity_id: str | None) -> str | None:
    """Return what to do about an instance's failure, if anything is known."""
    from tui_migrate.migration.remedy import remedy

    draft = open_plan.draft
    instruction = draft.instruction_of(activity_id) if activity_id is not None else None
    source, target = open_plan.source_model, open_plan.target_model
    return remedy(sentence, source, target, draft.instructions, instruction, activity_id=activity_id)


def _order(group: CauseGroup) -> tuple[int, str, str]:
    return -len(group.ids), group.activity_id or "", group.sentence
