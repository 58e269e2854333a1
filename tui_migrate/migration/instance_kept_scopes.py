"""What an activity leaves behind while its token waits after it: its scope, and even its task, may still be there.

After an activity with outgoing flows the engine destroys the scope before it makes the job. The scope stays where the
token leaves by no flow: at the end of a path, in a multi-instance body, and where an error that nothing caught ended
the activity; then its task stays, too. Timers, subscriptions, variables and tasks of it belong to nothing that
migrates, and the instance is refused. Seen on Camunda 7.17, 7.24 and Operaton 1.0.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tui_migrate.bpmn.model import Activity
from tui_migrate.migration.instance_case import Case, Findings, left_over
from tui_migrate.migration.instance_state import TaskState
from tui_migrate.migration.instance_tokens import Token


def check_left_over_tasks(case: Case, findings: Findings) -> None:
    """Tasks of activities that an uncaught error ended. First in the engine's list, as in its message.

    Of an instance of a parallel multi-instance activity no job waits: only a remainder in the tree shows that it ended.
    """
    if case.state.tasks is None:
        for token, activity in _after(case):
            if case.plan.has_tasks(activity):
                findings.unknown.append(f"Its tasks were not read: that of '{token.activity_id}' may be left over.")
        return
    left = left_tasks(case)
    unsure = unsure_tasks(case)
    findings.unknown += unsure
    for what, external in (("tasks", False), ("externalTask", True)):
        ids = [one.id for one in left if one.external is external]
        if ids and unsure:
            findings.unknown.append(f"Task '{ids[0]}' is left over, perhaps not alone.")
        elif ids:
            findings.fail("process", left_over(what, ids), None)


def check_kept_scopes(case: Case, findings: Findings) -> None:
    """Subscriptions and variables of scopes that outlived their activity; ids of subscriptions are not read."""
    ended_by_error = {one.execution_id for one in left_tasks(case)}
    for token, activity in _after(case):
        if activity.behavior == "EventSubProcessActivityBehavior":
            findings.unknown.append(
                f"It waits after the event sub process '{activity.id}': the engine may have lost its executions, or "
                "end in a NullPointerException."
            )
        if activity.is_scope and (case.plan.keeps_scope(activity) or token.execution_id in ended_by_error):
            _check_subscriptions(case, activity, findings)
            _check_variables(case, token, activity, findings)
            _check_completed_work(case, activity, findings)


def _after(case: Case) -> Iterator[tuple[Token, Activity]]:
    """Yield the tokens that wait after an activity, or may."""
    for token in case.tokens.waiting:
        activity = case.plan.source.get(token.activity_id)
        if activity is not None and activity.async_after and token.waits != "before":
            yield token, activity


def left_tasks(case: Case) -> list[TaskState]:
    """Return the tasks that outlived their activity, as far as they can be told."""
    ended = {token.execution_id for token in case.tokens.waiting}
    ended |= {one.execution_id for node in case.nodes for one in node.transitions}
    return [one for one in case.state.tasks or () if one.execution_id in ended]


def unsure_tasks(case: Case) -> list[str]:
    """Return why more tasks than `left_tasks` may have outlived their activity, in sentences.

    Where there is no tree, the history has to show an open activity for each task.
    """
    if case.state.tree is not None or not case.state.tasks:
        return []
    left = left_tasks(case)
    return list(_unsure_listed_tasks(case, [one for one in case.state.tasks if one not in left]))


def _unsure_listed_tasks(case: Case, tasks: Sequence[TaskState]) -> Iterator[str]:
    opened = Counter(case.state.open_activities or ())
    for activity_id, number in Counter(one.activity_id for one in tasks).items():
        activity = case.plan.source.get(activity_id)
        several = activity is not None and case.plan.source.body_of(activity) is not None
        if number <= opened[activity_id or ""] or (opened[activity_id or ""] and not several):
            continue
        if case.state.open_counted or not opened[activity_id or ""]:
            why = "more tasks than the history shows activities: one may be left over."
        else:
            why = "several tasks, and it was not read how often the activity is open."
        yield f"At '{activity_id}' it has {why}"


def _check_completed_work(case: Case, activity: Activity, findings: Findings) -> None:
    if case.plan.source.children.get(activity.id) and case.state.compensation != ():
        findings.unknown.append(
            f"It waits after '{activity.id}', which left by no sequence flow: compensation subscriptions inside may be "
            "left over."
        )


def _check_subscriptions(case: Case, activity: Activity, findings: Findings) -> None:
    for event_id in case.plan.source.event_activities.get(activity.id, ()):
        if case.plan.source[event_id].trigger in {"message", "signal", "conditional"}:
            findings.unknown.append(
                f"It waits after '{activity.id}', which left by no sequence flow: the engine still has the "
                f"subscription of '{event_id}', and refuses what is left over."
            )


def _check_variables(case: Case, token: Token, activity: Activity, findings: Findings) -> None:
    body = case.plan.source.body_of(activity)
    counted = body is not None and body.behavior == "ParallelMultiInstanceActivityBehavior"
    variables = case.state.variables
    local = "loopCounter" if counted else None
    if local is None and variables is not None:
        local = next((one.name for one in variables if one.execution_id == token.execution_id), None)
    if local is not None and token.execution_id != case.state.instance_id:
        findings.unknown.append(
            f"It waits after '{activity.id}', which left by no sequence flow: the engine still has its local variable "
            f"'{local}', and refuses what is left over."
        )
    elif variables is None:
        findings.unknown.append(f"Its variables were not read: those at '{activity.id}' may be left over.")
