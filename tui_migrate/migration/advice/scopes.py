"""Rules about scopes that are cancelled or opened by the migration, and about multi-instance activities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tui_migrate.bpmn.model import Activity
from tui_migrate.migration.advice.base import Advice, Context, Pair, shown
from tui_migrate.migration.words import kind_words, named

_SUB_PROCESSES: Final = frozenset({"SubProcessActivityBehavior", "EventSubProcessActivityBehavior"})


def scope_cancelled(context: Context) -> Iterator[Advice]:
    """An unmapped scope around something mapped is cancelled: end listeners, output mappings, loss of its variables."""
    for activity in context.unmapped:
        if activity.id not in context.scopes_with_mapped_content or activity.is_body:
            continue
        runs = _runs(activity, "end", "output")
        yield Advice(
            "scope-cancelled",
            activity.id,
            None,
            f"The scope {named(activity)} is cancelled while what is in it migrates: "
            f"its local variables, timers and subscriptions are deleted{runs}.",
            "Map it to a scope of the target to keep it"
            + (", or skip listeners and IO mappings when executing." if runs else "."),
            "danger" if runs else "note",
        )


def scope_opened(context: Context) -> Iterator[Advice]:
    """A target scope that no source scope becomes is created: start listeners, input mappings, one for all."""
    for scope, sources in _opened(context).items():
        activity = context.target[scope]
        runs = _runs(activity, "start", "input")
        inside = _listed([named(context.source[one]) for one in sources])
        shared = " All that moves into it from one parent shares one new instance." if len(sources) > 1 else ""
        yield Advice(
            "scope-opened",
            sources[0],
            scope,
            f"The scope {named(activity)} is opened anew around {inside}{runs}.{shared}",
            "Nothing need be done if that is what is wanted"
            + ("; listeners and IO mappings can be skipped when executing." if runs else "."),
            "danger" if runs else "note",
        )


def multi_instance_removed(context: Context) -> Iterator[Advice]:
    """Without its body an inner activity goes on as an ordinary one; there may be several of it."""
    for pair in context.pairs:
        body = context.source.body_of(pair.source)
        if body is None or context.pair_of(body.id) is not None:
            continue
        yield pair.say(
            "multi-instance-removed",
            "danger",
            f"The multi-instance around {named(pair.source)} ends: each open instance goes on by itself and takes "
            "its own way through the process. The variables nrOfInstances and the like vanish, loopCounter and the "
            "element variable stay.",
            "See that what follows may run once for each; instances with one open instance left are safe.",
        )


def tokens_of_removed_multi_instance(context: Context) -> Iterator[Advice]:
    """Tokens with one variable's name each that move twice: `check_moved_tokens` tells of which instances.

    Any activity's local variables can clash like that; those of several instances always do, by their loop counters.
    """
    for pair in context.pairs:
        body = context.source.body_of(pair.source)
        if body is None or body.behavior != "ParallelMultiInstanceActivityBehavior":
            continue
        waits = _waits(context, pair)
        if waits and context.lookup.moves_token(pair.source):
            yield pair.say(
                "multi-instance-tokens-clash",
                "danger",
                f"Instances with several jobs waiting {waits} {named(pair.source)} fail with a NullPointerException: "
                "the engine moves each of these tokens twice, out of the cancelled multi-instance and on "
                f"{_moved_on(context, pair)}, and they all have a variable loopCounter.",
                "Let these jobs run (or be retried) before, or map the multi-instance as well to one of the target.",
            )


def _waits(context: Context, pair: Pair) -> str:
    """Return where tokens of an activity wait that are not refused: as the target does, and not in its own scope."""
    before = pair.source.async_before and pair.target.async_before
    after = pair.source.async_after and pair.target.async_after and not context.lookup.keeps_scope(pair.source)
    return " or ".join(word for word, waits in (("before", before), ("after", after)) if waits)


def _moved_on(context: Context, pair: Pair) -> str:
    scope = context.lookup.new_scopes.get(pair.source.id)
    if scope is not None:
        return f"into the new scope {named(context.target[scope])}"
    return f"out of the cancelled scope {named(context.source[context.source.flow_scopes(pair.source)[1]])}"


def multi_instance_not_evaluated_again(context: Context) -> Iterator[Advice]:
    """A multi-instance body keeps its counters: neither cardinality nor collection are evaluated again."""
    for pair in context.pairs:
        if not pair.source.is_body:
            continue
        changed = pair.differing("cardinality", "collection", "element variable")
        if changed:
            yield pair.say(
                "multi-instance-keeps-counters",
                "note",
                f"Running instances of {named(pair.source)} keep their number: the target's "
                f"{' and '.join(changed)} {'is' if len(changed) == 1 else 'are'} not evaluated again.",
                "Nothing need be done if the running ones may end as they began.",
            )


def completion_condition_changes(context: Context) -> Iterator[Advice]:
    """A changed completion condition counts from the next completed instance on."""
    for pair in context.pairs:
        if not pair.source.is_body:
            continue
        if pair.differing("completion condition"):
            old, new = pair.shown("completion condition")
            yield pair.say(
                "completion-condition-changes",
                "note",
                f"{named(pair.source)} completes by {new} from the next completed instance on, no longer by {old}.",
                "See that the condition does not hold already: it is not looked at during the migration.",
            )


def sub_process_kind_changed(context: Context) -> Iterator[Advice]:
    """Sub process, event sub process and transaction are compatible, though they are not the same."""
    for pair in context.pairs:
        if pair.source.behavior not in _SUB_PROCESSES or pair.target.behavior not in _SUB_PROCESSES:
            continue
        old, new = kind_words(pair.source), kind_words(pair.target)
        if old != new:
            before, after = pair.names
            yield pair.say(
                "sub-process-kind-changed",
                "note",
                f"{before} is a {old}, {after} a {new}: when it ends, the instance goes on as the target's kind does.",
                "See where the target goes on from there.",
            )


def variables_may_clash(context: Context) -> Iterator[Advice]:
    """A scope that becomes none gives its local variables to the scope around it."""
    for pair in context.pairs:
        if pair.source.is_scope and not pair.target.is_scope:
            old, new = pair.names
            yield pair.say(
                "variables-may-clash",
                "note",
                f"{old} has a scope of its own, {new} has none: instances with a local "
                "variable in both, it and a concurrent one around it, can't migrate.",
                "Nothing need be done where local variables are not used.",
            )


def _opened(context: Context) -> dict[str, list[str]]:
    """Return the target scopes that come into being, each with the source activities that move into them."""
    opened: dict[str, list[str]] = {}
    for pair in context.pairs:
        if pair.source.attached_to is not None or pair.source.type.endswith("StartEvent"):
            continue  # events hold nothing by themselves: what listens goes with its scope
        for scope in context.target.flow_scopes(pair.target):
            if context.pairs_to(scope):
                break
            opened.setdefault(scope, []).append(pair.source.id)
    return opened


def _runs(activity: Activity, event: str, direction: str) -> str:
    """Return what is run when a scope is cancelled or opened, as a part of a sentence."""
    listeners = [one for one in activity.listeners if one.startswith(f"{event}:")]
    mappings = [one for one in activity.mappings if one.startswith(f"{direction}:")]
    parts = []
    if listeners:
        parts.append(f"its {event} listeners run ({', '.join(shown(one.split(': ', 1)[1]) for one in listeners)})")
    if mappings:
        parts.append(f"its {direction} mappings run ({', '.join(one.split(': ', 1)[1] for one in mappings)})")
    return "".join(f"; {part}" for part in parts)


def _listed(names: Sequence[str]) -> str:
    shown_names = ", ".join(names[:3])
    return shown_names if len(names) <= 3 else f"{shown_names} and {len(names) - 3} more"


RULES: Final = (
    scope_cancelled,
    scope_opened,
    multi_instance_removed,
    tokens_of_removed_multi_instance,
    multi_instance_not_evaluated_again,
    completion_condition_changes,
    sub_process_kind_changed,
    variables_may_clash,
)
