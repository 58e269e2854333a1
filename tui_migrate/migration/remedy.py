"""What to do about a failure: from the engine's sentence, the models and the plan to a next step in words.

One small function for each sentence that the engine has, in one list, found by the sentence's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, ProcessModel
from tui_migrate.migration.fitting import mapping_class
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.words import named
from tui_migrate.text import safe


class Failure(Struct, frozen=True):
    """A failure with what it is about."""

    match: re.Match[str]
    source: ProcessModel
    target: ProcessModel
    old: Activity | None
    """The source activity of the instruction, or at which the instance is."""
    new: Activity | None
    """The target activity of the instruction."""

    def id(self, name: str) -> str:
        """Return an id out of the sentence."""
        return self.match.group(name)


Advise = Callable[[Failure], str | None]


def remedy(
    failure: str,
    source: ProcessModel,
    target: ProcessModel,
    instructions: Sequence[Instruction],
    instruction: Instruction | None,
    *,
    activity_id: str | None = None,
) -> str | None:
    """Return what to do about a failure, None where nothing better than the sentence itself is known.

    Args:
        failure: The engine's sentence, of a plan's report or of an instance's.
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan.
        instruction: The instruction that the failure is about; None for an instance's failure.
        activity_id: The source activity that an instance's failure is about.
    """
    old = source.get(instruction.source_activity_id if instruction else activity_id)
    new = target.get(instruction.target_activity_id) if instruction else None
    for pattern, advise in _REMEDIES:
        match = pattern.search(failure)
        if match is not None:
            return advise(Failure(match, source, target, old, new))
    return None


# -- sentences about instructions --------------------------------------------------------------------------------------


def _unknown_source(failure: Failure) -> str:
    return "Take the instruction out, or choose the source version for which the plan was made."


def _unknown_target(failure: Failure) -> str:
    return "Choose another target activity, or take the instruction out."


def _missing_id(failure: Failure) -> str:
    return "Write the id into the plan, or take the instruction out."


def _incompatible(failure: Failure) -> str:
    old, new = failure.old, failure.new
    if old is None or new is None:
        return "Map it to an activity of the same kind, or take the mapping out."
    if old.is_body and new.is_body:
        return (
            "Parallel and sequential multi-instance can't follow each other: take both mappings, of the body and of "
            "its inner activity, out and let these instances end first."
        )
    if old.is_body or new.is_body:
        return "A multi-instance body can only be mapped to another body; take the mapping out."
    if "external" in (old.details.get("type"), new.details.get("type")):
        return "An external task can only become an external task; let waiting tasks be done first."
    same_kind = [one for one in failure.target.activities.values() if mapping_class(one) == mapping_class(old)]
    named = next((one for one in same_kind if one.id == old.id or (one.name and one.name == old.name)), None)
    hint = f", {_name(named)} for example" if named is not None else ""
    return f"Map it to an activity with the same implementation{hint}, or take the mapping out."


def _other_event_type(failure: Failure) -> str:
    return (
        "Map it to an event of the same type, or take the mapping out: what waits is then removed, "
        "and the target's event is created anew."
    )


def _mapped_twice(failure: Failure) -> str:
    return "Keep one of the mappings and take the others out."


def _inside_body(failure: Failure) -> str:
    body = failure.id("body")
    around = failure.old and next((one for one in _scopes(failure.source, failure.old) if one.is_body), None)
    if around is not None and failure.target.activities[body].behavior == around.behavior:
        return f"Map the multi-instance body '{safe(around.id)}' to '{safe(body)}' as well."
    return (
        f"A running activity can't become multi-instance: choose a target outside "
        f"{_label(failure.target, body.removesuffix(BODY_SUFFIX))}, or let these instances end first."
    )


def _inner_needed(failure: Failure) -> str:
    old, new = failure.old, failure.new
    inner = failure.source.inner_of(old) if old is not None and old.is_body else None
    inner_target = failure.target.inner_of(new) if new is not None and new.is_body else None
    if inner is None or inner_target is None or mapping_class(inner) != mapping_class(inner_target):
        return "Take the mapping of the multi-instance body out."
    return f"Map its inner activity {_name(inner)} to {_name(inner_target)} as well, or take the body's mapping out."


def _fewer_flows(failure: Failure) -> str:
    return "Map it to a gateway with as many incoming flows, or take the mapping out and let waiting tokens pass first."


def _gateway_scope(failure: Failure) -> str:
    scope = failure.id("scope")
    around = _scopes(failure.target, failure.new) if failure.new is not None else []
    old = failure.source.get(scope)
    fitting = next((one for one in around if old is not None and mapping_class(one) == mapping_class(old)), None)
    if fitting is None:
        return "Map the scope around the gateway too, and the gateway to one inside that scope's target."
    return f"Map {_label(failure.source, scope)} to {_name(fitting)} as well."


def _shared_gateway(failure: Failure) -> str:
    return "Map each gateway to one of its own, and take the other mappings to this one out."


def _no_event_scope(failure: Failure) -> str:
    if failure.old is not None and failure.old.tag == "receiveTask":
        return "A receive task that waits for a message can only become one that does; let these instances pass it."
    return "Map it to an event that listens in a scope, or take the mapping out."


def _event_scope(failure: Failure) -> str:
    scope, expected = failure.id("scope"), failure.id("expected")
    old, new = failure.source.get(scope), failure.target.get(expected)
    if old is not None and new is not None and mapping_class(old) == mapping_class(new):
        if failure.old is not None and old.id == failure.old.id:
            return f"Map it to an event that listens by itself, as {_name(failure.old)} does."
        return f"Map {_name(old)} to {_name(new)} as well, or take this mapping out."
    return "Map it to an event of the scope to which its own scope is mapped, or take the mapping out."


def _no_trigger(failure: Failure) -> str:
    return "Take the update-event-trigger flag away."


def _hierarchy(failure: Failure) -> str:
    return (
        f"Choose a target inside {_label(failure.target, failure.id('inside'))}, or take the mapping of "
        f"{_label(failure.source, failure.id('ancestor'))} out."
    )


def _conditional(failure: Failure) -> str:
    return "Set the update-event-trigger flag."


def _java_serialization(failure: Failure) -> str:
    return "Send the variable as JSON or XML, or allow Java serialization on the engine."


# -- sentences about instances -----------------------------------------------------------------------------------------


def _unmapped(failure: Failure) -> str:
    if failure.old is None:
        return "Map the activity at which the instance is, or leave the instance out."
    same = failure.target.get(failure.old.id)
    if same is not None and mapping_class(same) == mapping_class(failure.old):
        return f"Map {_name(failure.old)} to {_name(same)}, which has the same id, or leave these instances out."
    return f"Map {_name(failure.old)}, let these instances leave it first, or leave them out."


def _not_supported(failure: Failure) -> str:
    where = _name(failure.old) if failure.old is not None else "the activity"
    return f"Let these instances leave {where} first: what waits there can't migrate, mapped or not."


def _flow_lost(failure: Failure) -> str:
    return (
        "Let the waiting jobs run (or be retried) before, or keep the ids of the sequence flows behind the target's "
        "activity."
    )


def _process_start(failure: Failure) -> str:
    return "Map the start event to one of the process itself, or let the waiting jobs run before."


def _not_async(failure: Failure) -> str:
    return f"Let the waiting jobs run (or be retried) before, or map to an activity that is {failure.id('kind')}."


def _variable_clash(failure: Failure) -> str:
    return (
        f"Remove or rename one of the two variables '{safe(failure.id('variable'))}', or map to an activity with a "
        "scope of its own."
    )


def _compensation_boundary(failure: Failure) -> str:
    handler = failure.id("handler")
    boundaries = [event for event, other in failure.source.handlers.items() if other == handler]
    event = _label(failure.source, boundaries[0]) if boundaries else "the compensation boundary event"
    return f"Map {event} to a compensation boundary event of the target; its handler follows by itself."


def _compensation_start(failure: Failure) -> str:
    handler = failure.id("handler")
    starts = [one for one in failure.source.children.get(handler, ()) if failure.source[one].tag == "startEvent"]
    event = _label(failure.source, starts[0]) if starts else "the compensation start event"
    return f"Map {event} to a compensation start event of the target."


def _left_over(failure: Failure) -> str | None:
    if failure.id("what") == "jobs":
        return "Let these jobs run first, or remove them."
    if failure.id("what") == "incidents":
        return "Resolve these incidents first: retry or remove their jobs, or map the activity at which they wait."
    if failure.id("what") in {"tasks", "externalTask", "event subscriptions", "variables"}:
        return "Let the waiting token go on first: it left these behind. Or leave these instances out."
    return None


def _other_tenant(failure: Failure) -> str:
    return "Choose a target of the instance's own tenant, or one without tenant; or leave these instances out."


def _moved(failure: Failure) -> str:
    return "The instance is on another definition by now: leave it out, or open a plan from that definition."


def _ended(failure: Failure) -> str:
    return "The instance has ended: leave it out."


def _changed_meanwhile(failure: Failure) -> str:
    return "The instance was worked on at the same moment: migrate it once more."


def _broken_trigger(failure: Failure) -> str:
    return "Look at mappings between catch events of different types: with update-event-trigger they end like this."


# -- words -------------------------------------------------------------------------------------------------------------


def _scopes(model: ProcessModel, activity: Activity) -> list[Activity]:
    return [model[scope] for scope in model.flow_scopes(activity)]


def _name(activity: Activity) -> str:
    kind = "the multi-instance body of " if activity.is_body else ""
    return kind + named(activity)


def _label(model: ProcessModel, activity_id: str) -> str:
    activity = model.get(activity_id)
    if activity_id in (ROOT, model.definition_id):
        return "the process"
    return f"'{safe(activity_id)}'" if activity is None else _name(activity)


_PATTERNS: Final[tuple[tuple[str, Advise], ...]] = (
    (r"^Source activity '.*' does not exist$", _unknown_source),
    (r"^Target activity '.*' does not exist$", _unknown_target),
    (r"^(?:Source|Target) activity id is null$", _missing_id),
    (r"^Activities have incompatible types ", _incompatible),
    (r"^Events are not of the same type ", _other_event_type),
    (r"^There are multiple mappings for source activity id ", _mapped_twice),
    (r"is a descendant of multi-instance body '(?P<body>.*)' that is not mapped", _inside_body),
    (r"^(?:Must map|Cannot remove) the inner activity of a multi-instance body", _inner_needed),
    (r"^The target gateway must have at least the same number of incoming", _fewer_flows),
    (r"^The gateway's flow scope '(?P<scope>.*)' must be mapped$", _gateway_scope),
    (r"^Only one gateway can be mapped to gateway ", _shared_gateway),
    (r"event scope \(.*\) must be mapped but the target activity has no event scope$", _no_event_scope),
    (
        r"event scope \((?P<scope>.*)\) must be mapped to the target activity's event scope \((?P<expected>.*)\)$",
        _event_scope,
    ),
    (r"^Cannot update event trigger because ", _no_trigger),
    (
        r"^The closest mapped ancestor '(?P<ancestor>.*)' is mapped to scope '(?P<inside>.*)' which is not an ancestor",
        _hierarchy,
    ),
    (r"^Conditional event has to migrate with update event trigger", _conditional),
    (r"Java serialization format is prohibited$", _java_serialization),
    (r"^There is no migration instruction for this instance's activity$", _unmapped),
    (r"^The type of the source activity is not supported for activity instance migration$", _not_supported),
    (r"^Transition instance is assigned to ", _flow_lost),
    (r"^A transition instance that instantiates the process ", _process_start),
    (r"^Target activity is not (?P<kind>async\w+)$", _not_async),
    (r"^The variable '(?P<variable>.*)' exists in both, this scope and ", _variable_clash),
    (
        r"for compensation handler '(?P<handler>.*)'\. There is no .* for the compensation boundary event",
        _compensation_boundary,
    ),
    (
        r"for compensation handler '(?P<handler>.*)'\. There is no .* for the compensation start event",
        _compensation_start,
    ),
    (r"^Process instance contains not migrated (?P<what>[^:]*)(?:: \[|$)", _left_over),
    (r"ENGINE-23010 ", _other_tenant),
    (r"ENGINE-23002 ", _moved),
    (r"ENGINE-23003 ", _ended),
    (r"OptimisticLockingException|ENGINE-03005", _changed_meanwhile),
    (r"NullPointerException", _broken_trigger),
)
_REMEDIES: Final = tuple((re.compile(pattern, re.DOTALL), advise) for pattern, advise in _PATTERNS)
