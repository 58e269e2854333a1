"""Where an instance's tokens wait between activities: its transition instances, told apart by their jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from tui_migrate.bpmn.model import BODY_SUFFIX, ROOT, Activity, ProcessModel
from tui_migrate.migration.instance_state import (
    ASYNC_CONTINUATION,
    ActivityState,
    InstanceState,
    JobState,
    TaskState,
    TransitionState,
    Waits,
)


class Token(Struct, frozen=True):
    """A transition instance that the engine migrates: one with an asynchronous continuation."""

    activity_id: str
    execution_id: str
    waits: Waits
    """`unknown` only where the jobs were not read."""
    alone: bool
    """Whether the instance has nothing else."""
    incident_ids: tuple[str, ...] | None = None
    at_home: bool = True
    """Whether the scope around its activity is there. A token that was started before an event sub process has the
    execution of a scope that nobody entered, with the variables of that scope."""


class Tokens(Struct, frozen=True):
    """The transition instances of one instance."""

    waiting: tuple[Token, ...]
    parents: Mapping[str | None, int]
    """By id of a tree node, how many children of this kind it has for sure."""
    unsure_parents: frozenset[str | None]
    """Ids of the tree nodes of which it can't be told whether they have such a child."""
    unknown: tuple[str, ...]
    """Why something can't be told, in sentences."""


def find_tokens(state: InstanceState, model: ProcessModel) -> Tokens:
    """Find the transition instances in the tree, or where there is none in the jobs.

    Args:
        state: The instance.
        model: The source model.
    """
    if state.tree is None:
        return _tokens_of_jobs(state, model)
    jobs = None if state.jobs is None else {job.execution_id: job for job in state.jobs if _continues(job)}
    waiting: list[Token] = []
    parents: dict[str | None, int] = {}
    unsure: set[str | None] = set()
    unknown: list[str] = []
    for parent, transition in _transitions(state.tree):
        found = _read(transition, jobs, model)
        if found is None:
            continue
        if isinstance(found, _Unsure):
            unsure.add(parent.id)
            unknown.append(found.reason)
            continue
        alone = parent is state.tree and not parent.children and len(parent.transitions) == 1
        ids = transition.incident_ids
        at_home = _scope_of(transition.activity_id, model) == (ROOT if parent is state.tree else parent.activity_id)
        waiting.append(Token(transition.activity_id, transition.execution_id, found, alone, ids, at_home))
        parents[parent.id] = parents.get(parent.id, 0) + 1
    return Tokens(tuple(waiting), parents, frozenset(unsure), tuple(dict.fromkeys(unknown)))


def waits_of(job: JobState) -> Waits:
    """Return on which side of its activity an asynchronous continuation waits."""
    return "after" if job.job_configuration == "async-after" else "before"


def _continues(job: JobState) -> bool:
    return job.job_type == ASYNC_CONTINUATION


def _tokens_of_jobs(state: InstanceState, model: ProcessModel) -> Tokens:
    if state.jobs is None:
        continuing = any(one.async_before or one.async_after for one in model.activities.values())
        unread = ("Its jobs were not read: it may wait in an asynchronous continuation.",) if continuing else ()
        return Tokens((), {}, frozenset(), unread)
    jobs = [job for job in state.jobs if _continues(job)]
    jobs = [job for job in jobs if not _may_be_lost(job, jobs, state, model)]
    alone = len(jobs) == 1 and state.open_activities == ()
    waiting = [
        Token(
            job.activity_id,
            job.execution_id,
            waits_of(job),
            alone,
            at_home=_scope_of(job.activity_id, model) in {ROOT, *(state.open_activities or ())},
        )
        for job in jobs
        if job.activity_id is not None and job.execution_id is not None
    ]
    unknown = [
        f"A job stands before the end event '{job.activity_id}' of a scope: only the tree shows if its token waits."
        for job in jobs
        if _may_have_begun(job, model)
    ]
    unknown += [
        f"The token before '{token.activity_id}' is alone and not in the process's own execution: only the tree shows "
        "where it is."
        for token in waiting
        if _may_be_in_a_lost_scope(token, state, model)
    ]
    if len(waiting) < len(jobs):
        unknown.append("The activity of an asynchronous continuation was not read.")
    return Tokens(tuple(waiting), {}, frozenset(), tuple(dict.fromkeys(unknown)))


def _may_be_in_a_lost_scope(token: Token, state: InstanceState, model: ProcessModel) -> bool:
    """Whether a token before an event behind an event-based gateway is alone, and not where it then should be.

    Seen on Camunda 7.17: a modification had started it beside the gateway, which was cancelled. The tree is empty, and
    the job is left over.
    """
    if not token.alone or token.waits != "before" or token.execution_id == state.instance_id:
        return False
    event = model.get(token.activity_id)
    listens_in = model.get(event.event_scope) if event is not None else None
    return listens_in is not None and listens_in.tag == "eventBasedGateway"


def _scope_of(activity_id: str, model: ProcessModel) -> str:
    activity = model.get(activity_id)
    return ROOT if activity is None else activity.flow_scope


def ends_by_force(activity: Activity) -> bool:
    """Whether tokens wait before an event that ends all else in its scope: they may be none that the engine migrates.

    Such an end event, of terminate or cancel, does so when it is reached, before its job is made. If anything else was
    there, the engine has no transition instance for the token, and the job is left over: the tree of the process is
    empty, and that of a sub process has the event as an activity in the sub process's place. Reached alone it is a
    token like any other. Seen on Camunda 7.17, 7.24 and Operaton 1.0.3.
    """
    return activity.async_before and activity.type in {"terminateEndEvent", "cancelEndEvent"}


def _may_have_begun(job: JobState, model: ProcessModel) -> bool:
    """Whether the activity of a job may have an activity instance already, so that the job is left over.

    Seen on Camunda 7.17, 7.24 and Operaton 1.0.3: the job before an error end event of a transaction had failed, and
    the tree showed the end event as an activity, not as a transition. Why is not known, so the tree has to be asked.
    """
    activity = model.get(job.activity_id)
    return (
        activity is not None
        and activity.tag == "endEvent"
        and activity.flow_scope != ROOT
        and waits_of(job) == "before"
    )


def _may_be_lost(job: JobState, jobs: Sequence[JobState], state: InstanceState, model: ProcessModel) -> bool:
    """Whether no token may wait with a job, so that the job is left over.

    Before an event that ends all else; or where the next of several instances has begun in the same execution, by a
    modification (Camunda 7.24); or its execution has children. Seen on Camunda 7.17, 7.24 and Operaton 1.0.3: a token
    waits after an end event, and something else begins in its scope, as a non-interrupting event sub process does. The
    job stays at the execution of the scope.
    """
    open_activities = state.open_activities or ()
    activity = model.get(job.activity_id)
    if activity is not None and waits_of(job) == "before" and ends_by_force(activity):
        return True
    if any(one.execution_id == job.execution_id and _may_be_open(one, state) for one in state.tasks or ()):
        return True
    if job.execution_id == state.instance_id:
        return len(jobs) > 1 or bool(open_activities)
    if activity is None or activity.outgoing or waits_of(job) == "before" or activity.flow_scope == ROOT:
        return False
    if model.body_of(activity) is not None:
        return False  # nothing begins in a multi-instance body but its own instances
    others = [one.activity_id for one in jobs if one is not job]
    beside = (model.get(one) for one in (*open_activities, *others))
    return any(one is not None and activity.flow_scope in model.flow_scopes(one) for one in beside)


def _may_be_open(task: TaskState, state: InstanceState) -> bool:
    """Whether the history may show the activity of a task as open, and not one that has ended and left the task."""
    opened = (state.open_activities or ()).count(task.activity_id or "")
    tasks = sum(1 for one in state.tasks or () if one.activity_id == task.activity_id)
    return opened > 0 and (not state.open_counted or tasks <= opened)


def _transitions(root: ActivityState) -> Iterator[tuple[ActivityState, TransitionState]]:
    pending = [root]
    while pending:
        node = pending.pop()
        for transition in node.transitions:
            yield node, transition
        pending.extend(reversed(node.children))


class _Unsure(Struct, frozen=True):
    """It can't be told what a transition instance is."""

    reason: str


def _read(
    transition: TransitionState, jobs: Mapping[str | None, JobState] | None, model: ProcessModel
) -> Waits | _Unsure | None:
    """Return where a token waits; None for a remainder of a multi-instance activity: the migration passes it over.

    It does not pass over that of a compensation handler in the body, the loop counter of which belongs to nothing.
    """
    if transition.waits != "unknown":
        return transition.waits
    activity = model.get(transition.activity_id)
    inner = activity is not None and model.body_of(activity) is not None
    handler = activity is not None and not inner and activity.flow_scope.endswith(BODY_SUFFIX)
    if jobs is not None:
        job = jobs.get(transition.execution_id)
        if job is not None:
            return waits_of(job)
        if inner:
            return None
        if handler:
            return _Unsure(
                f"The engine may refuse what is left of the compensation handler '{transition.activity_id}'."
            )
        return _Unsure(f"The job of the token at '{transition.activity_id}' is not there: the instance moved on.")
    if not inner and not handler:
        return _waits_by_model(activity)
    if handler or (activity is not None and (activity.async_before or activity.async_after)):
        return _Unsure(f"The jobs were not read: the token at '{transition.activity_id}' may wait, or be a remainder.")
    return None


def _waits_by_model(activity: Activity | None) -> Waits:
    if activity is None or activity.async_before == activity.async_after:
        return "unknown"
    return "before" if activity.async_before else "after"
