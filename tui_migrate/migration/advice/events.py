"""Rules about triggers: timers, messages, signals and conditions that instances wait for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tui_migrate.bpmn.model import ROOT, Activity
from tui_migrate.migration.advice.base import Advice, Context, Pair, shown
from tui_migrate.migration.likeness import changes_trigger
from tui_migrate.migration.validators import EVENT_START_BEHAVIORS, TYPED_EVENT_BEHAVIORS
from tui_migrate.migration.words import named


def catch_event_type_changed(context: Context) -> Iterator[Advice]:
    """The engine does not compare the types of intermediate catch events, and can't change a trigger's type."""
    for pair in context.pairs:
        if not changes_trigger(pair.source, pair.target):
            continue
        old, new = pair.names
        yield pair.say(
            "catch-event-type-changed",
            "danger",
            f"{old} waits for a {pair.source.trigger}, {new} for a {pair.target.trigger}: {_what_breaks(pair)}.",
            "Don't map it; let these instances pass the event first, or move them to another activity before.",
        )


def _what_breaks(pair: Pair) -> str:
    old, new = pair.source.trigger, pair.target.trigger
    if not pair.update:
        return f"the old {old} stays and the {new} is created beside it, so that the instance waits for both"
    if "timer" in (old, new):
        return "the migration ends in a NullPointerException"
    return f"it goes on waiting for a {old}, now with the name of the {new}"


def timer_restarts(context: Context) -> Iterator[Advice]:
    """With update-event-trigger a timer's due date is computed anew."""
    for pair in context.pairs_of_trigger("timer"):
        if pair.update:
            _, new = pair.detail("timer")
            yield pair.say(
                "timer-restarts",
                "note",
                f"The timer {named(pair.source)} starts anew at the migration, with {shown(new)}.",
                "To keep the due dates, take the update-event-trigger flag away.",
            )


def timer_keeps_due_date(context: Context) -> Iterator[Advice]:
    """Without update-event-trigger a timer keeps its due date, whatever the target says."""
    for pair in context.pairs_of_trigger("timer"):
        if not pair.update and pair.differing("timer"):
            old, new = pair.shown("timer")
            yield pair.say(
                "timer-keeps-due-date",
                "note",
                f"The timer {named(pair.source)} keeps its due date of {old}, though the target says {new}.",
                "To compute it anew from the target, at the time of the migration, set update-event-trigger.",
            )


def subscription_renamed(context: Context) -> Iterator[Advice]:
    """A subscription takes the target's name with update-event-trigger, and keeps its own without."""
    for kind in ("message", "signal"):
        for pair in context.pairs_of_trigger(kind):
            if pair.differing(kind):
                yield _renamed(pair, kind, *pair.shown(kind))


def _renamed(pair: Pair, kind: str, old: str, new: str) -> Advice:
    if pair.update:
        return pair.say(
            "subscription-renamed",
            "note",
            f"{named(pair.source)} waits for the {kind} {new} from now on, no longer for {old}.",
            "See that nothing is under way any more under the old name.",
        )
    return pair.say(
        "subscription-keeps-old-name",
        "danger",
        f"{named(pair.source)} goes on waiting for the {kind} {old}; "
        f"what is sent as {new} does not reach the instance.",
        "Set update-event-trigger, or go on sending under the old name.",
    )


def condition_changes(context: Context) -> Iterator[Advice]:
    """A conditional event always takes the target's condition, and the plan's variables can fire it."""
    for pair in context.pairs_of_trigger("conditional"):
        old, new = pair.shown("condition")
        differs = pair.differing("condition")
        changed = f" It waits for {new} from now on, no longer for {old}." if differs else ""
        yield pair.say(
            "condition-can-fire",
            "note",
            f"Variables that the plan sets can fire {named(pair.source)} right after the migration.{changed}",
            "Look at the condition before setting variables with the plan.",
        )


def trigger_dropped(context: Context) -> Iterator[Advice]:
    """An unmapped trigger of a scope that migrates is deleted; what the target declares there is created anew."""
    for activity in context.unmapped:
        if activity.trigger is None or activity.event_scope is None or activity.event_scope == activity.id:
            continue
        if _is_process_start(activity):
            continue
        scopes = context.scope_pair(activity.event_scope)
        if scopes is not None:
            yield _dropped(context, activity, scopes[1])


def _dropped(context: Context, activity: Activity, target_scope: str) -> Advice:
    created = [one for one in _triggers(context, target_scope) if one.type == activity.type and _is_new(context, one)]
    successor = min(created, key=lambda one: one.id != activity.id, default=None)
    place = _place(activity)
    if successor is None:
        return Advice(
            "trigger-removed",
            activity.id,
            None,
            f"{named(activity)} ({activity.trigger}) {place} is not mapped: what instances wait for there is removed.",
            "Map it if the target still has a place for it; else nothing need be done.",
            "note",
        )
    if activity.trigger == "timer" and activity.interrupting is False and successor.interrupting is False:
        return Advice(
            "non-interrupting-timer-fires-again",
            activity.id,
            successor.id,
            f"The timer {named(activity)} {place} is not mapped: it is created again as {named(successor)}, "
            "also where it has already fired, and fires once more.",
            f"Map it to {named(successor)}: what has fired is then not created again, what waits keeps its date.",
            "danger",
        )
    what = "its due date is computed anew" if activity.trigger == "timer" else "it is subscribed anew"
    rule = "event-sub-process-start-unmapped" if activity.behavior in EVENT_START_BEHAVIORS else "trigger-created-anew"
    return Advice(
        rule,
        activity.id,
        successor.id,
        f"{named(activity)} ({activity.trigger}) {place} is not mapped: it is removed and created anew as "
        f"{named(successor)}, {what} at the migration.",
        f"Map it to {named(successor)} to keep what instances wait for.",
        "danger" if activity.trigger == "timer" else "note",
    )


def trigger_added(context: Context) -> Iterator[Advice]:
    """A trigger of the target that no source event becomes is created with the migration."""
    for pair in context.pairs:
        for trigger in _triggers(context, pair.target.id):
            if not _is_new(context, trigger) or _counterpart_is_dropped(context, pair.source.id, trigger):
                continue
            counting = " Its time counts from the migration, not from the start of the activity."
            yield pair.say(
                "trigger-added",
                "note",
                f"Instances at {named(pair.source)} get {named(trigger)} ({trigger.trigger}), which is new."
                + (counting if trigger.trigger == "timer" else ""),
                "Nothing need be done if that is what is wanted.",
            )


def interrupting_changed(context: Context) -> Iterator[Advice]:
    """Interrupting or not is free to change."""
    for pair in context.pairs:
        before, after = pair.source.interrupting, pair.target.interrupting
        if pair.source.behavior in TYPED_EVENT_BEHAVIORS and None not in (before, after) and before != after:
            now = "cancels what it is attached to" if after else "no longer cancels what it is attached to"
            yield pair.say(
                "interrupting-changed",
                "note",
                f"When {named(pair.source)} fires after the migration, it {now}.",
                "Nothing need be done if that is what is wanted.",
            )


def timeout_listeners_changed(context: Context) -> Iterator[Advice]:
    """The timers of timeout task listeners are matched by the listener's id."""
    for pair in context.pairs:
        old, new = set(pair.source.timeout_listeners), set(pair.target.timeout_listeners)
        gone, added = sorted(old - new), sorted(new - old)
        if old and gone:
            yield pair.say(
                "timeout-listener-removed",
                "note",
                f"The timeout listeners {', '.join(map(shown, gone))} of {named(pair.source)} have no counterpart "
                "with their id: their timers are removed.",
                "Give the target's listener the same id to keep its timer.",
            )
        if added:
            yield pair.say(
                "timeout-listener-added",
                "note",
                f"The timeout listeners {', '.join(map(shown, added))} of {named(pair.target)} are new: "
                "their time counts from the migration.",
                "Nothing need be done if that is what is wanted.",
            )


def _triggers(context: Context, target_scope: str) -> Iterator[Activity]:
    """Yield what listens in a target scope and would be created there."""
    for one in context.target.event_activities.get(target_scope, ()):
        activity = context.target[one]
        if activity.trigger is not None and not _is_process_start(activity):
            yield activity


def _is_process_start(activity: Activity) -> bool:
    """Whether it listens for new instances, not in running ones."""
    return activity.flow_scope == ROOT and activity.tag == "startEvent"


def _is_new(context: Context, trigger: Activity) -> bool:
    """Whether no source event becomes this trigger."""
    return not context.pairs_to(trigger.id)


def _counterpart_is_dropped(context: Context, source_scope: str, trigger: Activity) -> bool:
    """Whether a source trigger of the same type is dropped there, which is told by its own rule."""
    for one in context.source.event_activities.get(source_scope, ()):
        activity = context.source[one]
        if activity.type == trigger.type and activity.id != source_scope and context.pair_of(one) is None:
            return True
    return False


def _place(activity: Activity) -> str:
    return f"at {shown(activity.attached_to)}" if activity.attached_to else "in its scope"


RULES: Final = (
    catch_event_type_changed,
    subscription_renamed,
    trigger_dropped,
    timer_restarts,
    timer_keeps_due_date,
    condition_changes,
    trigger_added,
    interrupting_changed,
    timeout_listeners_changed,
)
