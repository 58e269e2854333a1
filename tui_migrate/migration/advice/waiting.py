"""Rules about where tokens wait without being seen: joins, asynchronous continuations, compensation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tui_migrate.bpmn.model import Activity
from tui_migrate.migration.advice.base import Advice, Context, Pair, shown
from tui_migrate.migration.generate import SUPPORTED_BEHAVIORS
from tui_migrate.migration.validators import JOINING_BEHAVIORS
from tui_migrate.migration.words import named

_BLOCKING_TYPES: Final = frozenset({"intermediateCompensationThrowEvent", "compensationEndEvent", "cancelEndEvent"})


def join_unmapped(context: Context) -> Iterator[Advice]:
    """Tokens that wait at a join are instances of the gateway, and statistics do not count them."""
    for activity in context.unmapped:
        if not _is_join(activity):
            continue
        same = context.target.get(activity.id)
        gone = "" if same is not None else " The target has no such gateway."
        yield Advice(
            "join-unmapped",
            activity.id,
            None if same is None else same.id,
            f"Instances with tokens waiting at the join {named(activity)} can't migrate: it is not mapped, "
            f"and the engine's statistics don't show them.{gone}",
            "Map it to a gateway of its kind with at least as many incoming flows, or wait until nothing waits there.",
            "danger",
        )


def join_removed(context: Context) -> Iterator[Advice]:
    """Where a join is gone, tokens that it would have merged go on one by one."""
    for activity in context.unmapped:
        if _is_join(activity) and activity.id not in context.target.activities:
            yield Advice(
                "join-removed",
                activity.id,
                None,
                f"The target has no join {named(activity)}: instances with several tokens before it keep them apart, "
                "and what follows can run several times.",
                "Let instances pass the join first, unless the target merges the tokens elsewhere.",
                "danger",
            )


def join_waits_for_more(context: Context) -> Iterator[Advice]:
    """A join is not looked at again by the migration; with more flows it waits for tokens that may never come."""
    for pair in context.pairs:
        if pair.target.behavior in JOINING_BEHAVIORS and 1 <= pair.source.incoming < pair.target.incoming:
            old, new = pair.names
            yield pair.say(
                "join-waits-for-more",
                "danger",
                f"{new} joins {pair.target.incoming} flows, {old} joins {pair.source.incoming}: "
                "instances that are past the fork lack tokens for the new flows and wait for ever.",
                "Look at instances between fork and join; add the missing tokens by modification after the migration.",
            )


def join_added(context: Context) -> Iterator[Advice]:
    """A join that the source does not have, on the way of tokens that were never forked for it."""
    for activity in context.target.activities.values():
        if not _is_join(activity) or activity.behavior != "ParallelGatewayActivityBehavior":
            continue
        if activity.id in context.source.activities or context.pairs_to(activity.id):
            continue
        yield Advice(
            "join-added",
            None,
            activity.id,
            f"The target has a new parallel join {named(activity)}: instances that get there without having been "
            "forked in the target wait for ever.",
            "Look which activities lie between its fork and the join, and add missing tokens by modification.",
            "danger",
        )


def async_kind_differs(context: Context) -> Iterator[Advice]:
    """A waiting token needs the same kind of asynchronous continuation in the target."""
    for pair in context.pairs:
        for word, old, new in (
            ("asyncBefore", pair.source.async_before, pair.target.async_before),
            ("asyncAfter", pair.source.async_after, pair.target.async_after),
        ):
            if old and not new:
                when = word.removeprefix("async").lower()
                yield pair.say(
                    "async-kind-differs",
                    "danger",
                    f"{named(pair.target)} is not {word}: instances whose job waits {when} {named(pair.source)} "
                    "can't migrate.",
                    "Let these jobs run (or be retried) before, or make the target's activity asynchronous as well.",
                )


def async_unmapped(context: Context) -> Iterator[Advice]:
    """A token in an asynchronous continuation needs an instruction for its activity."""
    for activity in context.unmapped:
        if activity.async_before or activity.async_after:
            yield Advice(
                "async-unmapped",
                activity.id,
                None,
                f"Instances whose job waits at {named(activity)} can't migrate: it is not mapped.",
                "Map it to an activity with the same asynchronous continuation, or let the jobs run before.",
                "danger",
            )


def async_after_flow(context: Context) -> Iterator[Advice]:
    """A token that waits after an activity remembers the sequence flow that it is about to take."""
    for pair in context.pairs:
        if not pair.source.async_after or not pair.target.async_after or len(pair.target.outgoing) < 2:
            continue
        lost = [flow for flow in pair.source.outgoing if flow not in pair.target.outgoing]
        if lost or not pair.source.outgoing:
            flows = f"the sequence flow {' or '.join(map(shown, lost))}" if lost else "no sequence flow"
            yield pair.say(
                "async-after-flow-lost",
                "danger",
                f"Instances whose job waits after {named(pair.source)} for {flows} can't migrate: "
                f"{named(pair.target)} has several flows, and not that one.",
                "Keep the ids of the sequence flows in the target, or let these jobs run before.",
            )


def compensation_unmapped(context: Context) -> Iterator[Advice]:
    """Completed work that can be compensated holds subscriptions, which neither the tree nor statistics show."""
    for activity in context.unmapped:
        if activity.type not in {"compensationBoundaryCatch", "compensationStartEvent"}:
            continue
        boundary = activity.type == "compensationBoundaryCatch"
        host = context.source.get(activity.attached_to) if boundary else None
        what = f"have completed {named(host)}" if host is not None else "have completed its scope"
        yield Advice(
            "compensation-unmapped",
            activity.id,
            None,
            f"Instances that {what} can't migrate: {named(activity)} is not mapped, and its subscriptions are "
            "invisible in tree and statistics.",
            "Map it to a compensation event of the target; the activity that it belongs to need not be mapped.",
            "danger",
        )


def compensation_added(context: Context) -> Iterator[Advice]:
    """Compensation that is new in the target does not apply to what is done already."""
    for activity in context.target.activities.values():
        if activity.type != "compensationBoundaryCatch" or activity.attached_to is None:
            continue
        if context.pairs_to(activity.id):
            continue
        if activity.attached_to in context.source.activities:
            yield Advice(
                "compensation-added",
                activity.attached_to,
                activity.id,
                f"{named(activity)} is new: it compensates nothing that was completed before the migration.",
                "Nothing need be done if that is what is wanted.",
                "note",
            )


def compensation_blocks(context: Context) -> Iterator[Advice]:
    """An event that waits for its compensation handlers is of a type that can't migrate."""
    for activity in context.source.activities.values():
        if activity.type in _BLOCKING_TYPES:
            yield Advice(
                "compensation-blocks",
                activity.id,
                None,
                f"Instances that are compensating at {named(activity)} can't migrate, mapped or not.",
                "Let the compensation end first.",
                "note",
            )


def never_waits(context: Context) -> Iterator[Advice]:
    """A mapping of what never holds a token, or can't migrate with one, has no effect."""
    for pair in context.pairs:
        if _is_pointless_event(pair.source):
            yield _pointless(pair, "has nothing at run time that could migrate")
        elif not _can_wait(pair.source):
            yield _pointless(pair, "never holds an instance that could migrate")


def _pointless(pair: Pair, why: str) -> Advice:
    return pair.say(
        "pointless-mapping",
        "note",
        f"The mapping of {named(pair.source)} has no effect: it {why}.",
        "Nothing need be done; it can be taken out.",
    )


def _is_pointless_event(activity: Activity) -> bool:
    """Errors, escalations and cancellations are looked up when they are thrown: nothing waits for them."""
    return activity.type in {
        "boundaryError",
        "boundaryEscalation",
        "cancelBoundaryCatch",
        "errorStartEvent",
        "escalationStartEvent",
    }


def _can_wait(activity: Activity) -> bool:
    return activity.behavior in SUPPORTED_BEHAVIORS or activity.async_before or activity.async_after


def _is_join(activity: Activity) -> bool:
    return activity.behavior in JOINING_BEHAVIORS and activity.incoming > 1


RULES: Final = (
    join_unmapped,
    join_removed,
    join_waits_for_more,
    join_added,
    async_kind_differs,
    async_unmapped,
    async_after_flow,
    compensation_unmapped,
    compensation_added,
    compensation_blocks,
    never_waits,
)
