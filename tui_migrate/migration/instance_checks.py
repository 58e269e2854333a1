"""The engine's checks of one instance: its activity instances, transition instances and compensation subscriptions.

Each check is one function that adds to the findings: failures with the engine's sentences where the data proves them,
else why it can't be told. Source: Camunda 7.24, package `impl.migration.validation.instance`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from tui_migrate.bpmn.model import ROOT, Activity
from tui_migrate.migration.generate import SUPPORTED_BEHAVIORS
from tui_migrate.migration.instance_case import COMPOSITE_BEHAVIORS, Case, Findings, elsewhere
from tui_migrate.migration.instance_kept_scopes import left_tasks
from tui_migrate.migration.instance_tokens import Token

NO_INSTRUCTION: Final = "There is no migration instruction for this instance's activity"
NOT_SUPPORTED: Final = "The type of the source activity is not supported for activity instance migration"
NO_FLOW: Final = (
    "Transition instance is assigned to no sequence flow and target activity has more than one outgoing sequence flow"
)
OTHER_FLOW: Final = "Transition instance is assigned to a sequence flow that cannot be matched in the target activity"
NOT_TOP_LEVEL: Final = (
    "A transition instance that instantiates the process can only be migrated to a process-level flow node"
)
NOT_ASYNC_AFTER: Final = "Target activity is not asyncAfter"
NOT_ASYNC_BEFORE: Final = "Target activity is not asyncBefore"

# -- A. activity instances ---------------------------------------------------------------------------------------------


def check_root(case: Case, findings: Findings) -> None:
    """The process itself has no instruction: without anything in it, the engine takes it for an unmapped leaf."""
    root = case.state.tree
    if root is None or root.children or case.tokens.parents.get(root.id) or case.state.compensation:
        return
    if root.id in case.tokens.unsure_parents or case.state.compensation is None:
        findings.unknown.append("The tree shows nothing in the instance: it may be about to end.")
    else:
        findings.fail("activity", NO_INSTRUCTION, None)
        if len(root.execution_ids) > 1:
            # Seen on Camunda 7.24 after a modification that started an event-based gateway: its subscriptions.
            findings.unknown.append("It has executions without an activity: what they wait for may be left over, too.")


def check_nodes(case: Case, findings: Findings) -> None:
    """Every node of the tree below the root, in the tree's order."""
    for node in case.nodes[1:]:
        activity = case.plan.source.get(node.activity_id)
        if activity is None:
            findings.unknown.append(elsewhere(node.activity_id))
            continue
        empty = not node.children and not case.tokens.parents.get(node.id)
        if empty and case.plan.target_of(activity.id) is None and node.id in case.tokens.unsure_parents:
            findings.unknown.append(f"It can't be told whether '{activity.id}' holds anything.")
            empty = False
        if node.id is None:
            findings.unknown.append(f"The engine shows '{activity.id}' without an id: it may have lost executions.")
            continue
        _check_activity(case, activity, empty, node.execution_ids, findings)
    for parent in case.nodes:
        around = ROOT if parent is case.state.tree else parent.activity_id
        for node in parent.children:
            activity = case.plan.source.get(node.activity_id)
            if activity is not None and activity.flow_scope != around:
                findings.unknown.append(_without_scope(activity.id))


def check_open_activities(case: Case, findings: Findings) -> None:
    """The open activities of the history, where there is no tree: only scopes that hold others are no leaves."""
    open_activities = case.state.open_activities
    if open_activities is None:
        findings.unknown.append("Where the instance is was not read.")
        return
    if not open_activities and not case.tokens.waiting:
        findings.unknown.append("The history shows nothing open in the instance.")
    around = {ROOT, *open_activities}
    for activity_id in open_activities:
        activity = case.plan.source.get(activity_id)
        if activity is None:
            findings.unknown.append(elsewhere(activity_id))
            continue
        _check_activity(case, activity, activity.behavior not in COMPOSITE_BEHAVIORS, None, findings)
        if activity.behavior == "EventSubProcessActivityBehavior" and case.plan.source.body_of(activity) is not None:
            # Camunda 7.17: its body's variables and the start event's subscription can be left at an old execution.
            findings.unknown.append(f"It is in one of several '{activity.id}': only the tree shows what was left over.")
        if activity.flow_scope not in around:
            findings.unknown.append(_without_scope(activity.id))
    _check_listed_scopes(case, open_activities, findings)
    _check_listed_handlers(case, findings)


def _check_listed_scopes(case: Case, open_activities: Sequence[str], findings: Findings) -> None:
    """Where there is no tree, each open scope has to hold something that is open or waits directly inside.

    Seen on Camunda 7.17, 7.24 and Operaton 1.0.3: a modification had started the compensation handler of a sequential
    multi-instance activity beside something else. After it, the history has the body open with nothing inside, and the
    tree has the handler in the place of the body.
    """
    inside = [*open_activities, *(token.activity_id for token in case.tokens.waiting)]
    held = Counter(one.flow_scope for one in map(case.plan.source.get, inside) if one is not None)
    for activity_id, number in Counter(open_activities).items():
        activity = case.plan.source.get(activity_id)
        if activity is not None and activity.behavior in COMPOSITE_BEHAVIORS and held[activity_id] < number:
            findings.unknown.append(f"The history shows nothing open in '{activity_id}': only the tree shows what is.")


def _check_listed_handlers(case: Case, findings: Findings) -> None:
    """Where there is no tree, nothing may be at a compensation handler in the body of a multi-instance activity.

    Only a modification gets there while the body is open. After the handler its execution stays behind: in a parallel
    body beside the others, with a loop counter that the engine refuses ('not migrated variables'), in a sequential one
    in the place of the body. The history shows neither. Seen on Camunda 7.17, 7.24 and Operaton 1.0.3.
    """
    handlers = case.plan.handlers_in_bodies
    if not handlers or case.state.at_handler is False:
        return
    found = "It is, or was, at" if case.state.at_handler else "It was not read whether it is, or was, at"
    findings.unknown.append(
        f"{found} the compensation handler of a multi-instance activity ({', '.join(handlers)}): only the tree shows "
        "what is left of it."
    )


def _without_scope(activity_id: str) -> str:
    return f"It is at '{activity_id}' without the scope around it: the engine may have lost executions."


def _check_activity(
    case: Case, activity: Activity, leaf: bool, execution_ids: Sequence[str] | None, findings: Findings
) -> None:
    if leaf and case.plan.target_of(activity.id) is None:
        findings.fail("activity", NO_INSTRUCTION, activity.id)
    if case.plan.becomes_non_scope(activity):
        _check_variables(case, activity, execution_ids, findings)
    if activity.behavior not in SUPPORTED_BEHAVIORS:
        findings.fail("activity", NOT_SUPPORTED, activity.id)


def _check_variables(case: Case, activity: Activity, execution_ids: Sequence[str] | None, findings: Findings) -> None:
    """A scope becomes none: of two variables of one name, in it and concurrent around it, one would be overwritten.

    REST does not show which variable is concurrent; only where no name occurs twice it is sure that nothing clashes.
    """
    if case.state.variables is None:
        findings.unknown.append(f"Its variables were not read: those at '{activity.id}' may clash in the target.")
        return
    own: set[str] = set()
    others: set[str] = set()
    for variable in case.state.variables:
        inside = execution_ids is None or variable.execution_id in execution_ids
        if execution_ids is None and variable.name in own:
            others.add(variable.name)
        (own if inside else others).add(variable.name)
    for name in sorted(own & others):
        findings.unknown.append(f"The variable '{name}' exists twice: at '{activity.id}' one may overwrite the other.")


# -- B. transition instances -------------------------------------------------------------------------------------------


def check_tokens(case: Case, findings: Findings) -> None:
    """Every token in an asynchronous continuation."""
    findings.unknown += case.tokens.unknown
    for token in case.tokens.waiting:
        activity = case.plan.source.get(token.activity_id)
        if activity is None:
            findings.unknown.append(elsewhere(token.activity_id))
            continue
        target = case.plan.target_of(activity.id)
        if target is None:
            findings.fail("transition", NO_INSTRUCTION, activity.id)
        elif token.waits == "unknown":
            _check_either_side(activity, target, findings)
        else:
            ended_by_error = any(one.execution_id == token.execution_id for one in left_tasks(case))
            _check_side(token, activity, target, findings, by_flow=not ended_by_error)
        if activity.is_compensation_handler:
            findings.unknown.append(
                f"It waits at the compensation handler '{activity.id}': the engine can end in a fault."
            )
        if not token.at_home:
            findings.unknown.append(
                f"It waits at '{activity.id}' without the scope around it: the engine ends in one fault or another."
            )


def _check_side(
    token: Token, activity: Activity, target: Activity, findings: Findings, *, by_flow: bool = True
) -> None:
    if token.waits == "after":
        sentence = _flow_failure(activity, target, findings, by_flow=by_flow)
        if sentence:
            findings.fail("transition", sentence, activity.id)
        if not target.async_after:
            findings.fail("transition", NOT_ASYNC_AFTER, activity.id)
        return
    # Only a token that is alone can be the start of the process: with others about, the process has begun.
    starts = activity.flow_scope == ROOT and activity.tag == "startEvent" and token.alone
    if starts and target.flow_scope != ROOT:
        findings.fail("transition", NOT_TOP_LEVEL, activity.id)
    if not target.async_before:
        findings.fail("transition", NOT_ASYNC_BEFORE, activity.id)


def _check_either_side(activity: Activity, target: Activity, findings: Findings) -> None:
    trial = Findings()
    _check_side(Token(activity.id, "", "before", True), activity, target, trial)
    _check_side(Token(activity.id, "", "after", True), activity, target, trial)
    if trial.failures or trial.unknown:
        findings.unknown.append(f"The jobs were not read: the token waits before or after '{activity.id}'.")


def _flow_failure(activity: Activity, target: Activity, findings: Findings, *, by_flow: bool) -> str | None:
    """What the flow says that the job remembers. REST does not show it; a single one is known from the model."""
    if len(target.outgoing) <= 1:
        return None
    if not activity.outgoing or not by_flow:
        return NO_FLOW
    kept = [flow for flow in activity.outgoing if flow in target.outgoing]
    if not kept:
        return OTHER_FLOW
    if len(kept) < len(activity.outgoing):
        findings.unknown.append(
            f"The token waits after '{activity.id}' for one of {len(activity.outgoing)} sequence flows, "
            "not all of which are in the target; which one can't be read."
        )
    return None


# -- C. compensation ---------------------------------------------------------------------------------------------------


def check_compensation(case: Case, findings: Findings) -> None:
    """Subscriptions of completed work. Those of event sub processes come first, as in the engine's report."""
    plan, subscriptions = case.plan, case.state.compensation
    if subscriptions is None:
        if any(plan.target_of(event) is None for event in plan.compensation_triggers()):
            findings.unknown.append("Its compensation subscriptions were not read.")
        return
    handlers: list[Activity] = []
    for activity_id in sorted(subscriptions):
        activity = plan.source.get(activity_id)
        if activity is None:
            findings.unknown.append(elsewhere(activity_id))
        elif activity.behavior == "EventSubProcessActivityBehavior":
            _check_event_sub_process(case, activity, findings)
        elif activity.is_compensation_handler:
            handlers.append(activity)
        elif activity.behavior not in COMPOSITE_BEHAVIORS:
            findings.unknown.append(f"It can't be told what compensates '{activity_id}'.")
    for handler in handlers:
        _check_handler(case, handler, findings)


def _check_event_sub_process(case: Case, activity: Activity, findings: Findings) -> None:
    starts = [
        child
        for child in case.plan.source.children.get(activity.id, ())
        if case.plan.source[child].type == "compensationStartEvent"
    ]
    if not starts:
        findings.unknown.append(f"It can't be told what compensates with '{activity.id}'.")
    elif case.plan.target_of(starts[0]) is None:
        # Operaton after 1.0.3 ends the sentence with a full stop where the completed scope holds subscriptions.
        findings.fail("activity", missing_start(activity.id), starts[0])


def _check_handler(case: Case, handler: Activity, findings: Findings) -> None:
    boundaries = case.plan.boundaries.get(handler.id, ())
    mapped = [target.id for event in boundaries if (target := case.plan.target_of(event)) is not None]
    if boundaries and not mapped:
        findings.fail("activity", missing_boundary(handler.id), boundaries[0])
    elif len(mapped) < len(boundaries) or not boundaries:
        findings.unknown.append(f"It can't be told which event leads to the compensation handler '{handler.id}'.")
    elif any(event not in case.plan.target.handlers for event in mapped):
        findings.unknown.append(
            f"Completed work is compensated by '{handler.id}', and in the target by nothing: the engine ends in a "
            "NullPointerException."
        )


def missing_boundary(handler: str) -> str:
    """Return the sentence about a subscription of a handler whose boundary event is not mapped."""
    return (
        f"Cannot migrate subscription for compensation handler '{handler}'. "
        "There is no migration instruction for the compensation boundary event"
    )


def missing_start(handler: str) -> str:
    """Return the sentence about a subscription of an event sub process whose start event is not mapped."""
    return (
        f"Cannot migrate subscription for compensation handler '{handler}'. "
        "There is no migration instruction for the compensation start event"
    )
