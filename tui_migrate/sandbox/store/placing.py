"""Nodes, transitions, jobs, subscriptions and incidents of an instance, made from its blueprint."""

from __future__ import annotations

from datetime import datetime, timedelta

from tui_migrate.bpmn.model import ROOT, Activity
from tui_migrate.sandbox.expressions import number_of
from tui_migrate.sandbox.identifiers import activity_instance_id, identifier
from tui_migrate.sandbox.position import Position
from tui_migrate.sandbox.store.blueprint import Spot
from tui_migrate.sandbox.store.definition import Definition
from tui_migrate.sandbox.store.entities import FinishedActivity, Incident, Job, Node, Subscription, Transition, Value
from tui_migrate.sandbox.store.instance import Instance, Live
from tui_migrate.sandbox.times import due_date

_STEP = timedelta(seconds=40)
"""How long a passed activity took, as the history of a new instance has it."""


def materialize(instance: Instance) -> Live:
    """Return the tree of an instance, with everything on it, and the history of the way there."""
    live = Live(Node("", instance.id, instance.started, execution_id=instance.id))
    place_triggers(instance, live, live.root)
    place(instance, live, live.root, instance.blueprint.root, instance.started)
    return live


def passed_activity(
    instance: Instance, activity_id: str, parent: Node, started: datetime, ended: datetime
) -> FinishedActivity:
    """Return the history of an activity that was entered and left."""
    activity = instance.definition.model.activities[activity_id]
    return FinishedActivity(
        activity_id,
        activity.type,
        None if activity.is_body else activity.name,
        activity_instance_id(activity_id, instance.new_id()),
        instance.definition.id,
        parent.id,
        parent.execution_id,
        started,
        ended,
    )


def finished_activity(definition: Definition, node: Node, now: datetime, *, canceled: bool) -> FinishedActivity:
    """Return the history of an activity instance that has ended."""
    activity = definition.model.activities[node.activity_id]
    return FinishedActivity(
        node.activity_id,
        activity.type,
        None if activity.is_body else activity.name,
        node.id,
        definition.id,
        node.parent.id if node.parent else "",
        node.execution_id,
        node.started,
        now,
        canceled,
    )


def place(instance: Instance, live: Live, parent: Node, spot: Spot, now: datetime) -> None:
    """Make what stands below a spot; the spot itself is there already as `parent`."""
    for activity_id in spot.passed:
        live.finished.append(passed_activity(instance, activity_id, parent, now, now + _STEP))
        now += _STEP
    nodes = [child for child in spot.children if child.is_node]
    waiting = [child for child in spot.children if child.position is not None and child.position.waits]
    crowd = len(nodes) + len(waiting) + len(parent.children) + len(parent.transitions) > 1
    for child in spot.children:
        if child.is_node:
            concurrent = crowd or _is_parallel_body(instance, parent)
            node = add_node(instance, parent, child.activity_id, now, concurrent=concurrent, number=child.number)
            node.calls = child.position.calls if child.position else None
            _loop_variables(instance, parent, node, child)
            place_triggers(instance, live, node)
            place(instance, live, node, child, now)
            _place_extras(instance, live, node, child.position)
        elif child.position is not None and child.position.completed:
            _place_completed(instance, live, parent, child.position)
        elif child.position is not None:
            _place_transition(instance, live, parent, child.position, crowd)


def add_node(
    instance: Instance, parent: Node, activity_id: str, now: datetime, *, concurrent: bool, number: int | None = None
) -> Node:
    """Append an activity instance to a parent, with its executions."""
    uuid = identifier(instance.number + number) if number else instance.new_id()
    node = Node(activity_id, activity_instance_id(activity_id, uuid), now, parent)
    node.concurrent_id = instance.new_id() if concurrent else None
    if instance.definition.is_scope(activity_id):
        node.execution_id = instance.new_id()
    else:
        node.execution_id = node.concurrent_id or parent.execution_id
    parent.children.append(node)
    return node


def scope_id(node: Node) -> str:
    """Return the id of the model's scope that a node is an instance of."""
    return node.activity_id or ROOT


def place_triggers(instance: Instance, live: Live, node: Node) -> None:
    """Make the timers and subscriptions that a scope listens to."""
    for activity in instance.definition.triggers.get(scope_id(node), ()):
        add_trigger(instance, live, node, activity, node.started, suspended=instance.suspended)


def add_trigger(
    instance: Instance, live: Live, node: Node, activity: Activity, now: datetime, *, suspended: bool = False
) -> None:
    """Make the timer job or the event subscription of one triggering activity."""
    definition = instance.definition
    timers: list[tuple[str | None, str]] = []
    if activity.trigger == "timer":
        timers.append((None, activity.details.get("timer", "")))
    timers += [
        (listener, definition.listener_timers[activity.id, listener])
        for listener in activity.timeout_listeners
        if (activity.id, listener) not in definition.lost_listeners
    ]
    for listener, timer in timers:
        add_timer(instance, live, node, activity, now, timer=timer, listener=listener, suspended=suspended)
    if activity.trigger in {"message", "signal", "conditional"}:
        live.subscriptions.append(
            Subscription(
                instance.new_id(),
                str(activity.trigger),
                activity.details.get(str(activity.trigger)),
                activity.id,
                node,
                now,
            )
        )


def add_timer(
    instance: Instance,
    live: Live,
    node: Node,
    activity: Activity,
    now: datetime,
    *,
    timer: str,
    listener: str | None,
    suspended: bool,
) -> None:
    """Make the job of a timer, or of a user task's timeout listener."""
    job = Job(
        instance.new_id(),
        now,
        instance.definition.timer_job_definition(activity.id, listener),
        instance,
        node,
        activity.id,
        listener,
        due=due_date(timer, now),
        suspended=suspended,
    )
    live.jobs.append(job)
    failure = instance.blueprint.failed_timers.get(activity.id)
    if failure is not None:
        fail_job(instance, live, job, failure)


def fail_job(instance: Instance, live: Live, job: Job, message: str, failing: str | None = None) -> Incident:
    """Let a job have failed for good: no retries, and an incident; `failing` is where if not in its own activity."""
    job.retries = 0
    job.exception = message
    job.stacktrace = (
        f"org.camunda.bpm.engine.ProcessEngineException: {message}\n\tat embedded.Engine.run(Engine.java)\n"
    )
    job.failed_activity_id = failing or job.activity_id
    incident = Incident(
        instance.new_id(),
        "failedJob",
        message,
        job.activity_id,
        job.created,
        instance,
        job.owner,
        job,
        job.id,
        job.job_definition,
        job.failed_activity_id,
    )
    live.incidents.append(incident)
    return incident


def _is_parallel_body(instance: Instance, node: Node) -> bool:
    activity = instance.definition.model.activities.get(node.activity_id)
    return activity is not None and activity.behavior == "ParallelMultiInstanceActivityBehavior"


def integer(instance: Instance, number: int) -> Value:
    """Return a variable that the engine makes; after a migration it names the definition that is current then."""
    moved = instance.definition is not instance.blueprint.definition
    return Value("Integer", number, definition_id=instance.definition.id if moved else None)


def _loop_variables(instance: Instance, parent: Node, node: Node, spot: Spot) -> None:
    if spot.loop_counter is not None:
        outer = node.concurrent_id is not None and node.execution_id != node.concurrent_id
        scope = parent if not _is_parallel_body(instance, parent) else node
        variables = scope.outer_variables if scope is node and outer else scope.variables
        variables.setdefault("loopCounter", integer(instance, spot.loop_counter))
    body = instance.definition.model.activities[spot.activity_id]
    if body.is_body:
        inner = len(spot.children)
        if body.behavior == "SequentialMultiInstanceActivityBehavior":
            cardinality = body.details.get("cardinality") or body.details.get("collection")
            inner = max(inner, number_of(cardinality, instance.variables))
        node.variables["nrOfInstances"] = integer(instance, inner)
        node.variables["nrOfCompletedInstances"] = integer(instance, 0)
        node.variables["nrOfActiveInstances"] = integer(instance, len(spot.children))


def _place_transition(instance: Instance, live: Live, parent: Node, one: Position, crowd: bool) -> None:
    assert one.waits is not None
    execution = instance.new_id() if crowd else parent.execution_id
    flow = one.flow
    outgoing = instance.definition.model.activities[one.activity_id].outgoing
    if one.waits == "after" and flow is None and len(outgoing) == 1:
        flow = outgoing[0]
    transition = Transition(one.activity_id, execution, one.waits, parent, flow)
    parent.transitions.append(transition)
    definition = instance.definition.job_definition(one.activity_id, f"async-{one.waits}")
    now = live.finished[-1].ended if live.finished else instance.started
    job = Job(instance.new_id(), now, definition, instance, transition, one.activity_id, suspended=instance.suspended)
    live.jobs.append(job)
    if one.failure is not None:
        fail_job(instance, live, job, one.failure)


def _place_extras(instance: Instance, live: Live, node: Node, one: Position | None) -> None:
    if one is None or one.failure is None:
        return
    live.incidents.append(
        Incident(
            instance.new_id(),
            one.incident_type or "failedExternalTask",
            one.failure,
            node.activity_id,
            node.started,
            instance,
            node,
            configuration=instance.new_id(),
        )
    )


def subscription_of(instance: Instance, activity_id: str) -> str:
    """Return what the compensation of a completed sub process refers to: its handler, or itself where it has none."""
    model = instance.definition.model
    for boundary, handler in model.handlers.items():
        if model.activities[boundary].attached_to == activity_id:
            return handler
    return _compensation_sub_process(instance, activity_id) or activity_id


def _place_completed(instance: Instance, live: Live, parent: Node, one: Position) -> None:
    """Subscribe to the compensation of a completed activity; for a sub process, of those inside it, too."""
    model = instance.definition.model
    activity = model.activities[one.activity_id]
    handler = next(
        (
            handler
            for boundary, handler in model.handlers.items()
            if model.activities[boundary].attached_to == activity.id
        ),
        None,
    )
    if activity.type in {"subProcess", "transaction"}:
        scope = Node(
            activity.id, activity_instance_id(activity.id, instance.new_id()), parent.started, parent, completed=True
        )
        scope.execution_id = instance.new_id()
        parent.event_scopes.append(scope)
        _subscribe(instance, live, parent, subscription_of(instance, activity.id), scope)
        for inner in one.inside:
            _place_completed(instance, live, scope, inner)
    elif handler is not None:
        _subscribe(instance, live, parent, handler)


def _compensation_sub_process(instance: Instance, scope: str) -> str | None:
    model = instance.definition.model
    for child in model.children.get(scope, ()):
        if model.activities[child].type == "subProcess" and model.activities[child].is_compensation_handler:
            return child
    return None


def _subscribe(instance: Instance, live: Live, owner: Node, handler: str, event_scope: Node | None = None) -> None:
    live.subscriptions.append(
        Subscription(instance.new_id(), "compensate", None, handler, owner, owner.started, event_scope)
    )
