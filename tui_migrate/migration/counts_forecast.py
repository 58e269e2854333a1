"""How many instances would not migrate, from statistics and counts alone: bounds, and what these numbers don't show.

Activity statistics count tokens, not instances: one instance can have several at one activity. They don't show tokens
at joins, compensation, variables, nor jobs that belong to nothing. What is not shown widens the bounds; it is never
guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct, field

from tui_migrate.bpmn.model import Activity, ProcessModel
from tui_migrate.migration.generate import SUPPORTED_BEHAVIORS
from tui_migrate.migration.instance_case import COMPOSITE_BEHAVIORS, PlanLookup
from tui_migrate.migration.instance_checks import (
    NO_FLOW,
    NO_INSTRUCTION,
    NOT_ASYNC_AFTER,
    NOT_ASYNC_BEFORE,
    NOT_SUPPORTED,
    OTHER_FLOW,
    missing_boundary,
    missing_start,
)
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validators import JOINING_BEHAVIORS

_NONE: Mapping[str, int] = MappingProxyType({})


class StatisticsCounts(Struct, frozen=True):
    """What was counted on the source definition. None means *not read*."""

    running: int
    """Process instances."""
    tokens: Mapping[str, int] = field(default_factory=lambda: _NONE)
    """`instances` of `GET /process-definition/{id}/statistics` by activity id."""
    before: Mapping[str, int] | None = None
    """Jobs of type `async-continuation` that wait before an activity, by its id; the statistics have them too."""
    after: Mapping[str, int] | None = None
    """The same, after an activity."""
    joins: Mapping[str, int] | None = None
    """Process instances with a token at a join (`activityIdIn`), by its id."""
    compensation: Mapping[str, int] | None = None
    """Compensation subscriptions by the compensation boundary or start event that they need."""
    instances: Mapping[str, int] = field(default_factory=lambda: _NONE)
    """Process instances with a token at an activity (`activityIdIn`), where counted."""


class CountsCause(Struct, frozen=True):
    """Why instances at one activity would not migrate."""

    sentence: str
    """The engine's sentence."""
    activity_id: str
    tokens: int
    """Tokens (or subscriptions) that are concerned."""
    at_least: int
    """Process instances that fail for this for sure."""
    at_most: int
    """Process instances that can fail for this."""


class CountsForecast(Struct, frozen=True):
    """How many process instances would not migrate."""

    running: int
    at_least: int
    at_most: int
    """All of the running ones where something that the counts don't show can make any of them fail."""
    seen: int
    """The upper bound by what the counts do show."""
    causes: tuple[CountsCause, ...]
    """Most tokens first."""
    blind: tuple[str, ...]
    """What the counts don't show and what could make instances fail, in sentences."""


def forecast_counts(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    counts: StatisticsCounts,
) -> CountsForecast:
    """Return how many instances would not migrate, by counts alone; the plan is taken to be valid.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan.
        counts: What was counted.
    """
    plan = PlanLookup(source, target, tuple(instructions))
    causes = [*_token_causes(plan, counts), *_join_causes(plan, counts), *_compensation_causes(plan, counts)]
    causes.sort(key=lambda cause: -cause.tokens)
    at_least = max((cause.at_least for cause in causes), default=0)
    seen = min(counts.running, sum(cause.at_most for cause in causes))
    blind = tuple(_blind_spots(plan, counts))
    at_most = counts.running if blind else seen
    return CountsForecast(counts.running, min(at_least, at_most), at_most, seen, tuple(causes), blind)


def _token_causes(plan: PlanLookup, counts: StatisticsCounts) -> Iterator[CountsCause]:
    for activity_id, tokens in counts.tokens.items():
        activity = plan.source.get(activity_id)
        if activity is None or tokens <= 0:
            continue
        target = plan.target_of(activity_id)
        if target is None:
            if activity.behavior not in COMPOSITE_BEHAVIORS or activity.async_before or activity.async_after:
                yield _sure(NO_INSTRUCTION, activity_id, tokens, counts)
            continue
        yield from _mapped_causes(activity, target, tokens, counts)


def _mapped_causes(
    activity: Activity, target: Activity, tokens: int, counts: StatisticsCounts
) -> Iterator[CountsCause]:
    before, after = _continuations(activity, tokens, counts)
    if before and not target.async_before:
        yield _cause(NOT_ASYNC_BEFORE, activity.id, before, counts, sure=counts.before is not None)
    if after and not target.async_after:
        yield _cause(NOT_ASYNC_AFTER, activity.id, after, counts, sure=counts.after is not None)
    if after and len(target.outgoing) > 1:
        lost = [flow for flow in activity.outgoing if flow not in target.outgoing]
        if lost or not activity.outgoing:
            sure = counts.after is not None and len(lost) == len(activity.outgoing)
            yield _cause(OTHER_FLOW if activity.outgoing else NO_FLOW, activity.id, after, counts, sure=sure)
    known = counts.before is not None and counts.after is not None
    inside = tokens - before - after if known else tokens
    if activity.behavior not in SUPPORTED_BEHAVIORS and inside > 0:
        continuing = activity.async_before or activity.async_after
        yield _cause(NOT_SUPPORTED, activity.id, inside, counts, sure=known or not continuing)
    if activity.is_scope and not target.is_scope and inside > 0:
        yield _cause(_clash(activity), activity.id, inside, counts, sure=False)


def _continuations(activity: Activity, tokens: int, counts: StatisticsCounts) -> tuple[int, int]:
    """Return how many tokens wait before and after; where that was not read, how many may."""
    before = counts.before.get(activity.id, 0) if counts.before is not None else tokens * activity.async_before
    after = counts.after.get(activity.id, 0) if counts.after is not None else tokens * activity.async_after
    return before, after


def _join_causes(plan: PlanLookup, counts: StatisticsCounts) -> Iterator[CountsCause]:
    for activity_id, instances in (counts.joins or {}).items():
        if instances > 0 and plan.source.get(activity_id) is not None and plan.target_of(activity_id) is None:
            at_most = min(instances, counts.running)
            yield CountsCause(NO_INSTRUCTION, activity_id, instances, at_most, at_most)


def _compensation_causes(plan: PlanLookup, counts: StatisticsCounts) -> Iterator[CountsCause]:
    for activity_id, subscriptions in (counts.compensation or {}).items():
        event = plan.source.get(activity_id)
        if event is None or subscriptions <= 0 or plan.target_of(activity_id) is not None:
            continue
        handler = plan.source.handlers.get(activity_id)
        sentence = missing_start(event.flow_scope) if handler is None else missing_boundary(handler)
        yield _sure(sentence, activity_id, subscriptions, counts)


def _sure(sentence: str, activity_id: str, tokens: int, counts: StatisticsCounts) -> CountsCause:
    return _cause(sentence, activity_id, tokens, counts, sure=True)


def _cause(sentence: str, activity_id: str, tokens: int, counts: StatisticsCounts, *, sure: bool) -> CountsCause:
    """All tokens can be of one instance, or each of another; a count of the instances there is better."""
    instances = counts.instances.get(activity_id)
    at_most = min(tokens, counts.running) if instances is None else min(instances, tokens, counts.running)
    at_least = 1 if instances is None or tokens < counts.tokens.get(activity_id, 0) else at_most
    return CountsCause(sentence, activity_id, tokens, min(at_least, at_most) if sure else 0, at_most)


def _clash(activity: Activity) -> str:
    return (
        f"A variable at '{activity.id}' may exist in both, this scope and concurrent local in the parent scope. "
        "Migrating to a non-scope activity would overwrite one of them."
    )


def _blind_spots(plan: PlanLookup, counts: StatisticsCounts) -> Iterator[str]:
    activities = plan.source.activities.values()
    unmapped = [one for one in activities if plan.target_of(one.id) is None]
    joins = [one.id for one in unmapped if one.incoming > 1 and one.behavior in JOINING_BEHAVIORS]
    if joins and counts.joins is None:
        yield f"Tokens that wait at unmapped joins are not counted: {', '.join(joins)}."
    events = [event for event in plan.compensation_triggers() if plan.target_of(event) is None]
    if events and counts.compensation is None:
        yield f"Completed work whose compensation is not mapped is not counted: {', '.join(events)}."
    if any(one.async_after for one in activities) and counts.after is None:
        yield "Tokens that wait after an activity are not counted."
    if any(one.trigger in {"signal", "message"} for one in activities):
        yield "Jobs of asynchronously thrown signals are not counted; an instance with one can't migrate."
    if any(one.async_before or one.async_after for one in activities):
        yield "Custom incidents of waiting tokens are not counted; an instance with one can't migrate."
