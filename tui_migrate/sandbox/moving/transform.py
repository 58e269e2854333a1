"""Moving one instance onto the target definition; what `verdict` lets pass can be moved.

Source: Camunda 7.24 `MigrateProcessInstanceCmd`, `impl.migration.instance`.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from tui_migrate.bpmn.model import ROOT, Activity
from tui_migrate.sandbox.identifiers import activity_instance_id
from tui_migrate.sandbox.moving.plan import BoundPlan
from tui_migrate.sandbox.moving.verdict import compensation_start
from tui_migrate.sandbox.store.entities import Incident, Job, Node, Subscription, Transition
from tui_migrate.sandbox.store.instance import Instance, Live
from tui_migrate.sandbox.store.placing import add_trigger, finished_activity, scope_id, subscription_of
from tui_migrate.sandbox.store.store import Store
from tui_migrate.sandbox.times import due_date
from tui_migrate.sandbox.versions import version_number


def migrate_instance(store: Store, plan: BoundPlan, instance: Instance, now: datetime) -> None:
    """Move an instance that passed `check_instance`."""
    _Move(store, plan, instance, now).run()


class _Move:
    def __init__(self, store: Store, plan: BoundPlan, instance: Instance, now: datetime) -> None:
        self.store = store
        self.plan = plan
        self.instance = instance
        self.live: Live = instance.live
        self.now = now
        self.source_of: dict[Node, str] = {}
        """The former activity of each node that migrates."""
        self.removed: dict[Node, Node] = {}
        """For each cancelled node the migrating node that its content went to."""
        self.emerging: dict[tuple[Node, str], Node] = {}
        self.taken_listeners: set[tuple[str, str]] = set()

    def run(self) -> None:
        self.store.move(self.instance, self.plan.target)
        root = self.live.root
        self.source_of[root] = ROOT
        self._descend(root, root)
        self._move_jobs()
        self._move_subscriptions()
        for node in list(self.live.nodes()):
            self._add_triggers(node)
        self.plan.target.lost_listeners |= self.taken_listeners
        self._arrange(root)
        self._move_incidents()
        self._set_variables()
        self.instance.touch()

    def _descend(self, old: Node, new: Node) -> None:
        """Move what is below `old` to its place below `new`, the closest migrating node."""
        children, transitions, event_scopes = old.children[:], old.transitions[:], old.event_scopes[:]
        old.children.clear()
        old.transitions.clear()
        old.event_scopes.clear()
        for child in children:
            target = self.plan.target_of(child.activity_id)
            if target is None:
                self._cancel(child, new)
            else:
                self.source_of[child] = child.activity_id
                child.activity_id = target
                self._attach(child, new, target)
                self._descend(child, child)
        for transition in transitions:
            if transition.waits == "siblings" and old is not new:
                continue  # it goes with the body
            transition.activity_id = self.plan.target_of(transition.activity_id) or transition.activity_id
            transition.parent = self._scope_for(new, transition.activity_id)
            transition.parent.transitions.append(transition)
        for event_scope in event_scopes:
            self._move_event_scope(event_scope, new)

    def _attach(self, node: Node, ancestor: Node, target: str) -> None:
        node.parent = self._scope_for(ancestor, target)
        node.parent.children.append(node)

    def _cancel(self, node: Node, new: Node) -> None:
        self.removed[node] = new
        self._descend(node, new)
        self.live.finished.append(finished_activity(self.plan.source, node, self.now, canceled=True))

    def _scope_for(self, ancestor: Node, target: str) -> Node:
        """Return the node that the target activity lies in directly; scopes that are new in the target begin now."""
        parent = ancestor
        for scope in self._missing_scopes(ancestor, target):
            key = (parent, scope)
            if key not in self.emerging:
                uuid = self.instance.new_id()
                node = Node(scope, activity_instance_id(scope, uuid), self.now, parent)
                parent.children.append(node)
                self.emerging[key] = node
            parent = self.emerging[key]
        return parent

    def _move_event_scope(self, event_scope: Node, new: Node) -> None:
        target = self.plan.target_of(event_scope.activity_id)
        if target is None:
            self.removed[event_scope] = new
            for inner in event_scope.event_scopes:
                self._move_event_scope(inner, new)
            return
        self.source_of[event_scope] = event_scope.activity_id
        event_scope.activity_id = target
        event_scope.parent = self._scope_for(new, target)
        event_scope.parent.event_scopes.append(event_scope)
        inner_scopes, event_scope.event_scopes = event_scope.event_scopes, []
        for inner in inner_scopes:
            self._move_event_scope(inner, event_scope)

    def _move_jobs(self) -> None:
        kept = []
        for job in self.live.jobs:
            if isinstance(job.owner, Transition):
                self._move_async_job(job, job.owner)
                kept.append(job)
            elif isinstance(job.owner, Node) and self._move_timer(job, job.owner):
                kept.append(job)
        self.live.jobs[:] = kept

    def _move_async_job(self, job: Job, transition: Transition) -> None:
        job.activity_id = transition.activity_id
        job.job_definition = self.plan.target.job_definition(transition.activity_id, f"async-{transition.waits}")
        outgoing = self.plan.target_model.activities[transition.activity_id].outgoing
        if transition.waits == "after":
            transition.flow = transition.flow if transition.flow in outgoing else next(iter(outgoing), None)

    def _move_timer(self, job: Job, owner: Node) -> bool:
        target = self._trigger_target(job.activity_id, owner)
        if target is None or (job.listener_id is not None and not self._keeps_listener(target, job.listener_id)):
            return False
        instruction = self.plan.by_source[job.activity_id or ""]
        job.activity_id = target.id
        if target.trigger == "timer" or job.listener_id is not None:
            job.job_definition = self.plan.target.timer_job_definition(target.id, job.listener_id)
        if instruction.update_event_trigger:
            timers = self.plan.target.listener_timers
            timer = timers[target.id, job.listener_id] if job.listener_id else target.details.get("timer", "")
            job.due = due_date(timer, self.now)
        return True

    def _keeps_listener(self, target: Activity, listener: str) -> bool:
        """Return whether the target still has a timeout listener of this id; it has it once only."""
        definition, key = self.plan.target, (target.id, listener)
        if listener not in target.timeout_listeners or key in definition.lost_listeners:
            return False
        self.taken_listeners.add(key)
        return True

    def _trigger_target(self, activity_id: str | None, owner: Node) -> Activity | None:
        """Return where a trigger goes: only along with the scope that listens for it."""
        target = self.plan.target_model.get(self.plan.target_of(activity_id or ""))
        if target is None or owner not in self.source_of:
            return None
        listening = target.event_scope or (target.id if target.timeout_listeners else None)
        return target if listening == scope_id(owner) else None

    def _move_subscriptions(self) -> None:
        kept, before = [], len(self.live.subscriptions)
        for one in self.live.subscriptions[:]:
            if one.event_type == "compensate":
                self._move_compensation(one)
                kept.append(one)
            else:
                target = self._trigger_target(one.activity_id, one.owner)
                if target is not None:
                    if self.plan.by_source[one.activity_id].update_event_trigger:
                        # The type stays, even where the target's is another one.
                        one.event_name = target.details.get(str(target.trigger))
                    one.activity_id = target.id
                    kept.append(one)
        new = self.live.subscriptions[before:]
        self.live.subscriptions[:] = [one for one in kept + new if one.event_scope not in self.removed]

    def _move_compensation(self, one: Subscription) -> None:
        one.owner = self.removed.get(one.owner, one.owner)
        boundary = self.plan.source.boundary_of_handler.get(one.activity_id)
        target_boundary = self.plan.target_model.get(self.plan.target_of(boundary or ""))
        if target_boundary is not None and one.event_scope is None:
            one.owner = self._event_scope_for(one.owner, target_boundary.id)
        start = compensation_start(self.plan, one.activity_id)
        if start is not None:
            target = self.plan.target_model.get(self.plan.target_of(start))
            one.activity_id = target.flow_scope if target else one.activity_id
        elif one.activity_id in self.plan.source.boundary_of_handler:
            boundary = self.plan.target_of(self.plan.source.boundary_of_handler[one.activity_id])
            one.activity_id = self.plan.target_model.handlers.get(boundary or "", one.activity_id)
        else:
            one.activity_id = self.plan.target_of(one.activity_id) or one.activity_id

    def _event_scope_for(self, ancestor: Node, target: str) -> Node:
        """Return where the subscription for a completed activity goes; sub processes around it have completed, too."""
        parent = ancestor
        for scope in self._missing_scopes(ancestor, target):
            key = (parent, scope + " completed")
            if key not in self.emerging:
                node = Node(
                    scope, activity_instance_id(scope, self.instance.new_id()), self.now, parent, completed=True
                )
                node.execution_id = self.instance.new_id()
                parent.event_scopes.append(node)
                self.emerging[key] = node
                handler = subscription_of(self.instance, scope)
                self.live.subscriptions.append(
                    Subscription(self.instance.new_id(), "compensate", None, handler, parent, self.now, node)
                )
            parent = self.emerging[key]
        return parent

    def _missing_scopes(self, ancestor: Node, target: str) -> list[str]:
        """Return the scopes of the target between a node and one of its future descendants, outer ones first."""
        model = self.plan.target_model
        scopes = list(model.flow_scopes(model.activities[target]))
        if ancestor.activity_id in scopes:
            scopes = scopes[: scopes.index(ancestor.activity_id)]
        return scopes[::-1]

    def _add_triggers(self, node: Node) -> None:
        # Jobs that a migration makes for a suspended instance are suspended since Camunda 7.19 only.
        suspended = self.instance.suspended and version_number(self.store.version) >= (7, 19)
        taken = {(job.activity_id, "timer") for job in self.live.jobs if job.owner is node}
        taken |= {(one.activity_id, "event") for one in self.live.subscriptions if one.owner is node}
        for activity in self.plan.target.triggers.get(scope_id(node), ()):
            timer = activity.trigger == "timer" or bool(activity.timeout_listeners)
            if (activity.id, "timer" if timer else "event") not in taken and not self._fired(node, activity):
                add_trigger(self.instance, self.live, node, activity, self.now, suspended=suspended)

    def _fired(self, node: Node, target: Activity) -> bool:
        """Return whether a non-interrupting timer that is mapped here has fired already: it does not start anew."""
        for source in self.plan.source.triggers.get(self.source_of.get(node, ""), ()):
            if source.trigger == "timer" and not source.interrupting and self.plan.target_of(source.id) == target.id:
                return source.attached_to is not None
        return False

    def _arrange(self, node: Node) -> None:
        """Give each node the executions that its place asks for; those that fit stay."""
        crowd = len(node.children) + len(node.transitions) > 1
        for transition in node.transitions:
            if not crowd:
                transition.id = node.execution_id
            elif transition.id == node.execution_id:
                transition.id = self.instance.new_id()
        body = self.plan.target_model.get(node.activity_id)
        parallel = body is not None and body.behavior == "ParallelMultiInstanceActivityBehavior"
        for child in node.children:
            # In a body that begins with the migration even an inner instance that stands alone has none.
            if not (crowd or (parallel and child in self.source_of)):
                child.concurrent_id = None
            elif child.concurrent_id is None:
                child.concurrent_id = self.instance.new_id()
            above = child.concurrent_id or node.execution_id
            if not self.plan.target.is_scope(child.activity_id):
                if child.concurrent_id is None:
                    self._lift_variables(child, node)
                child.execution_id = above
            elif child.execution_id in {"", above, node.execution_id}:
                child.execution_id = self.instance.new_id()
            self._arrange(child)

    def _lift_variables(self, child: Node, parent: Node) -> None:
        """Move the variables of what is no scope any more and stands alone: its execution is that above it now."""
        if not child.variables:
            return
        variables, child.variables = child.variables, {}
        if parent.parent is None:
            self.instance.variables = {**self.instance.variables, **variables}
        else:
            parent.variables.update(variables)

    def _move_incidents(self) -> None:
        jobs = set(map(id, self.live.jobs))
        kept = []
        for one in self.live.incidents:
            if one.job is not None and id(one.job) not in jobs:
                self._resolve(one)
                continue
            if isinstance(one.owner, Node):
                one.owner = self.removed.get(one.owner, one.owner)
            if one.job is not None:
                one.activity_id = one.job.activity_id
                one.job_definition = one.job.job_definition
            elif one.owner is not None:
                one.activity_id = one.owner.activity_id or self.instance.definition.id
            kept.append(one)
        self.live.incidents[:] = kept

    def _resolve(self, incident: Incident) -> None:
        """Close what the calling instances show of an incident that is gone."""
        caller = self.instance.super_instance
        while caller is not None:
            shown = next((one for one in caller.live.incidents if one.cause is incident), None)
            if shown is None:
                return
            caller.live.incidents.remove(shown)
            caller.touch()
            incident, caller = shown, caller.super_instance

    def _set_variables(self) -> None:
        variables = dict(self.instance.variables)
        for name, value in self.plan.variables.items():
            if not value.info.get("transient"):
                # One that is there already goes on naming the definition that it was made under.
                names = variables[name].definition_id if name in variables else self.plan.target.id
                variables[name] = replace(value, definition_id=names)
        self.instance.variables = variables
