"""Faults inside the engine that no validator of it foresees, where a client can see them coming.

They end the migration of an instance with an internal error (HTTP 500) and no report. Nothing is said to migrate that
could end like that; other faults (listeners, expressions, optimistic locking) can't be seen beforehand.
"""

from __future__ import annotations

from tui_migrate.bpmn.model import ROOT
from tui_migrate.migration.instance_case import COMPOSITE_BEHAVIORS, Case, Findings
from tui_migrate.migration.instance_state import VariableState


def check_trigger_updates(case: Case, findings: Findings) -> None:
    """A catch event whose type changes from or to a timer ends in a NullPointerException if its trigger is updated."""
    plan = case.plan
    for activity_id in dict.fromkeys(case.active_ids()):
        for event_id in plan.source.event_activities.get(activity_id, ()):
            event, target = plan.source[event_id], plan.target_of(event_id)
            if target is None or not plan.updates(event_id) or event.type == target.type:
                continue
            if "timer" in (event.trigger, target.trigger):
                findings.unknown.append(
                    f"'{event_id}' changes from a {event.trigger} to a {target.trigger} and updates its trigger: "
                    "the engine ends in a NullPointerException."
                )


def check_suspension(case: Case, findings: Findings) -> None:
    """A suspended instance migrates, but no scope can be added to it: the engine would have to begin its execution.

    Seen on Camunda 7.17, 7.24 and Operaton 1.0.3: ENGINE-03043, with the id of the new execution.
    """
    if case.state.suspended is False:
        return
    tokens = (token.activity_id for token in case.tokens.waiting)
    for activity_id in dict.fromkeys((*case.active_ids(), *tokens)):
        scope = case.plan.new_scopes.get(activity_id)
        if scope is None:
            continue
        if case.state.suspended is None:
            findings.unknown.append(f"It was not read whether it is suspended: then '{scope}' can't be added to it.")
        else:
            findings.unknown.append(
                f"It is suspended, and the engine can't add '{scope}' around '{activity_id}' to a suspended instance "
                "(ENGINE-03043). Activate it first."
            )


def check_cancelled_scopes(case: Case, findings: Findings) -> None:
    """A cancelled scope that holds several completed scopes, which migrate, ends in a ConcurrentModificationException.

    Seen on Camunda 7.24: `MigratingActivityInstance.remove` takes the children out of the set that it walks through.
    Which instance of a scope holds which completed one can't be read, so two in all may be too many.
    """
    plan, subscriptions = case.plan, case.state.compensation
    for activity_id in dict.fromkeys(case.active_ids()):
        kept = plan.kept_scopes_inside.get(activity_id)
        if not kept or plan.source[activity_id].behavior not in COMPOSITE_BEHAVIORS:
            continue
        held = [one for one in subscriptions or () if _completed_scope(case, one) in kept]
        if subscriptions is None or len(held) > 1:
            findings.unknown.append(
                f"'{activity_id}' is cancelled and may hold several completed scopes that can be compensated: "
                "the engine can end in a ConcurrentModificationException."
            )


def check_moved_tokens(case: Case, findings: Findings) -> None:
    """A token that leaves a cancelled scope, with a variable of which there is another of that name.

    Any other where it moves on, into a new scope or out of a second cancelled one; else that of an activity instance,
    such as the scope itself.

    It ends in a NullPointerException, beside another token always, beside an activity instance sometimes, and of a
    lone token of several instances where the process has a variable of that name; several instances of an asynchronous
    activity have a `loopCounter` each. Seen on Camunda 7.17, 7.24 and Operaton 1.0.3.
    """
    for token in case.tokens.waiting:
        activity = case.plan.source.get(token.activity_id)
        if activity is None or not case.plan.leaves_scope(activity):
            continue
        moves_on = case.plan.moves_token(activity)
        moved = f"the token before or after '{activity.id}', which leaves '{activity.flow_scope}'"
        moved += " and moves on" if moves_on else ""
        if case.state.variables is None:
            findings.unknown.append(f"Its variables were not read: they may clash with those of {moved}.")
            continue
        local = {one.name for one in case.state.variables if one.execution_id == token.execution_id}
        others = (one for one in case.state.variables if one.execution_id != token.execution_id)
        twice = local & {one.name for one in others if moves_on or _of_activity_instance(one, case)}
        findings.unknown += [
            f"There is another variable '{name}' beside that of {moved}: the engine can end in a NullPointerException."
            for name in sorted(twice)
        ]


def _of_activity_instance(variable: VariableState, case: Case) -> bool:
    return variable.activity_instance_id not in (None, case.state.instance_id)


def check_errors_beside(case: Case, findings: Findings) -> None:
    """A boundary error event that does not interrupt, which BPMN does not know, may have cost the engine an execution.

    What it caught leaves the host's old execution behind with its subscriptions ('not migrated event subscriptions'),
    also when the host is over. Seen on Camunda 7.17, 7.24 and Operaton 1.0.3; an escalation does no such thing.
    """
    events = case.plan.errors_beside
    scopes = {ROOT, *case.active_ids()} if events else set()
    findings.unknown += [
        f"If '{event.id}', an error event that does not interrupt, has caught an error, the engine may have lost "
        "executions and refuse what is left over."
        for event in events
        if event.flow_scope in scopes
    ]


def _completed_scope(case: Case, activity_id: str) -> str | None:
    """Return the completed scope that a compensation subscription stands for, None where it stands for a task."""
    activity = case.plan.source.get(activity_id)
    if activity is None or activity.behavior not in COMPOSITE_BEHAVIORS:
        return None
    return activity.flow_scope if activity.behavior == "EventSubProcessActivityBehavior" else activity.id
