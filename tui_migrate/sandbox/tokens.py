"""Letting instances go on: completing what they wait for, triggering events, continuing asynchronously, ending."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from msgspec.structs import replace

from tui_migrate.bpmn.model import BODY_SUFFIX, Activity
from tui_migrate.sandbox.position import Position, completed
from tui_migrate.sandbox.store.blueprint import JOINS, Blueprint
from tui_migrate.sandbox.store.entities import Job, Node, Subscription, Transition
from tui_migrate.sandbox.store.instance import Instance
from tui_migrate.sandbox.store.placing import add_trigger, finished_activity, integer, passed_activity, place, scope_id
from tui_migrate.sandbox.store.store import Store
from tui_migrate.sandbox.walk import Walk, walk_from_start


class Tokens:
    """Moves the tokens of one running instance."""

    def __init__(self, store: Store, instance: Instance, now: datetime) -> None:
        self.store = store
        self.instance = instance
        self.live = instance.live
        self.now = now

    def complete(self, node: Node) -> None:
        """Complete an activity instance and let its token go on."""
        activity = self._activity(node)
        parent = node.parent
        assert parent is not None
        self._finish(node, canceled=False)
        self._remember_compensation(activity, parent, node)
        if parent.activity_id.endswith(BODY_SUFFIX):
            self._inner_completed(activity, node, parent)
        else:
            self._go_on(activity, parent)

    def _inner_completed(self, activity: Activity, node: Node, body: Node) -> None:
        done = self._loop_number(body, "nrOfCompletedInstances", 0) + 1
        total = self._loop_number(body, "nrOfInstances", 1)
        self._count(body, "nrOfCompletedInstances", done)
        if body.children:
            self._count(body, "nrOfActiveInstances", total - done)
            ended = Transition(activity.id, node.concurrent_id or node.execution_id, "siblings", body)
            ended.activity_instance_id = node.id
            ended.variables = node.outer_variables or node.variables
            body.transitions.append(ended)
            self.instance.touch()
        elif done < total and self._activity(body).behavior.startswith("Sequential"):
            self._place(body, (self._begun(activity.id),))
            self._count(body, "loopCounter", done)
        else:
            body.transitions.clear()
            self.complete(body)

    def _loop_number(self, body: Node, name: str, default: int) -> int:
        return int(body.variables[name].value) if name in body.variables else default

    def _count(self, body: Node, name: str, number: int) -> None:
        old = body.variables.get(name)
        body.variables[name] = replace(old, value=number) if old else integer(self.instance, number)

    def _begun(self, scope: str) -> Position:
        inside, passed = walk_from_start(self.instance.definition, scope, self.instance.variables)
        return Position(scope, inside=inside, passed=passed)

    def _go_on(self, activity: Activity, parent: Node) -> None:
        walk = self._walk(parent)
        walk.leave(activity)
        self._arrive(walk, parent)

    def _walk(self, parent: Node) -> Walk:
        joining = Counter(child.activity_id for child in parent.children if self._activity(child).type in JOINS)
        return Walk(self.instance.definition, self.instance.variables, joining)

    def _arrive(self, walk: Walk, parent: Node) -> None:
        for gateway in walk.joined:
            for child in [one for one in parent.children if one.activity_id == gateway]:
                self._finish(child, canceled=False)
        if walk.compensated:
            self._compensate(parent)
        for activity_id in walk.passed:
            self._note(activity_id, parent)
        self._place(parent, tuple(walk.waits))
        self.instance.touch()
        if not parent.children and not parent.transitions:
            self._scope_completed(parent)
        elif len(parent.children) == 1 and not parent.transitions:
            self._prune(parent, parent.children[0])

    def _prune(self, parent: Node, last: Node) -> None:
        """Take away the concurrent execution above what is left alone in a scope."""
        if parent.activity_id.endswith(BODY_SUFFIX):
            return
        last.concurrent_id = None
        if not self.instance.definition.is_scope(last.activity_id):
            last.execution_id = parent.execution_id

    def _compensate(self, scope: Node) -> None:
        """Use up what of a scope can be compensated; the handlers count as run at once."""
        used = [one for one in self.live.subscriptions if one.owner is scope and one.event_type == "compensate"]
        self.live.subscriptions[:] = [one for one in self.live.subscriptions if one not in used]
        scope.event_scopes.clear()
        for one in used:
            self._note(one.activity_id, scope)

    def _scope_completed(self, scope: Node) -> None:
        if scope.parent is not None:
            self.complete(scope)
            return
        caller, calling = self.instance.super_instance, self.instance.super_node
        self.store.end(self.instance, self.now)
        if caller is not None and calling is not None and caller.ended is None:
            Tokens(self.store, caller, self.now).complete(calling)

    def _place(self, parent: Node, positions: tuple[Position, ...]) -> None:
        blueprint = Blueprint(self.instance.definition, positions, base=scope_id(parent))
        place(self.instance, self.live, parent, blueprint.root, self.now)
        self._arrange(parent)
        self.store.call(self.instance)

    def _arrange(self, parent: Node) -> None:
        """Give what has stood alone in a scope an execution of its own, now that it has company."""
        if len(parent.children) + len(parent.transitions) < 2:
            return
        for child in parent.children:
            if child.concurrent_id is None:
                child.concurrent_id = self.instance.new_id()
                if not self.instance.definition.is_scope(child.activity_id):
                    child.execution_id = child.concurrent_id

    def continue_job(self, job: Job) -> None:
        """Run an asynchronous continuation, or let a timer fire."""
        self.live.jobs.remove(job)
        self.live.incidents[:] = [one for one in self.live.incidents if one.job is not job]
        if isinstance(job.owner, Transition):
            self._continue(job.owner)
        elif isinstance(job.owner, Node) and job.activity_id is not None:
            self.trigger(job.activity_id, job.owner)
        self.instance.touch()

    def _continue(self, transition: Transition) -> None:
        parent = transition.parent
        parent.transitions.remove(transition)
        activity = self.instance.definition.model.activities[transition.activity_id]
        walk = self._walk(parent)
        if transition.waits == "after":
            walk.leave_now(activity)
        else:
            inner = self.instance.definition.model.inner_of(activity) if activity.is_body else activity
            walk.enter_now(inner or activity)
        self._arrive(walk, parent)

    def trigger_subscription(self, subscription: Subscription) -> None:
        """Let the message, signal or condition of a subscription arrive."""
        self.live.subscriptions.remove(subscription)
        self.trigger(subscription.activity_id, subscription.owner)
        self.instance.touch()

    def trigger(self, activity_id: str, owner: Node) -> None:
        """Let an event happen that a scope listens to."""
        event = self.instance.definition.model.activities[activity_id]
        if event.id == owner.activity_id:
            self.complete(owner)
        elif event.attached_to is not None:
            self._boundary(event, owner)
        elif event.behavior.startswith("EventSubProcessStart"):
            self._event_sub_process(event, owner)
        else:  # behind an event-based gateway
            parent = owner.parent
            assert parent is not None
            self._finish(owner, canceled=True)
            self._note(event.id, parent)
            self._go_on(event, parent)

    def _boundary(self, event: Activity, host: Node) -> None:
        parent = host.parent
        assert parent is not None
        if event.interrupting is not False:
            self.cancel(host)
        self._note(event.id, parent)
        self._go_on(event, parent)

    def _event_sub_process(self, event: Activity, scope: Node) -> None:
        if event.interrupting is not False:
            for child in scope.children[:]:
                self.cancel(child)
            for transition in scope.transitions[:]:
                self._drop(transition)
                scope.transitions.remove(transition)
            self._drop_triggers(scope)
        elif event.trigger in {"message", "signal", "conditional"}:
            add_trigger(self.instance, self.live, scope, event, self.now)  # it listens on
        self._place(scope, (self._begun(event.flow_scope),))

    def cancel(self, node: Node) -> None:
        """End an activity instance with all inside it, unfinished."""
        for child in node.children[:]:
            self.cancel(child)
        for transition in node.transitions:
            self._drop(transition)
        if node.called is not None and node.called.ended is None:
            self.store.end(node.called, self.now, reason="cancelled")
        self._finish(node, canceled=True)

    def _finish(self, node: Node, *, canceled: bool) -> None:
        assert node.parent is not None
        node.parent.children.remove(node)
        self._drop(node, keep_compensation=not canceled)
        self.live.finished.append(finished_activity(self.instance.definition, node, self.now, canceled=canceled))
        self.instance.touch()

    def _drop(self, owner: Node | Transition, *, keep_compensation: bool = False) -> None:
        self.live.jobs[:] = [one for one in self.live.jobs if one.owner is not owner]
        self.live.incidents[:] = [one for one in self.live.incidents if one.owner is not owner]
        self.live.subscriptions[:] = [
            one
            for one in self.live.subscriptions
            if one.owner is not owner or (keep_compensation and one.event_type == "compensate")
        ]

    def _drop_triggers(self, scope: Node) -> None:
        starts = self.instance.definition.triggers.get(scope_id(scope), ())
        interrupting = {one.id for one in starts if one.interrupting is not False}
        self.live.jobs[:] = [
            one for one in self.live.jobs if one.owner is not scope or one.activity_id not in interrupting
        ]
        self.live.subscriptions[:] = [
            one for one in self.live.subscriptions if one.owner is not scope or one.activity_id not in interrupting
        ]

    def _remember_compensation(self, activity: Activity, parent: Node, node: Node) -> None:
        """Subscribe to the compensation of what has completed; a sub process leaves what in it can be compensated."""
        inner = [one for one in self.live.subscriptions if one.owner is node and one.event_type == "compensate"]
        model = self.instance.definition.model
        handled = any(model.activities[boundary].attached_to == activity.id for boundary in model.handlers)
        if not inner and not node.event_scopes and not handled:
            return
        blueprint = Blueprint(self.instance.definition, (completed(activity.id),), base=scope_id(parent))
        place(self.instance, self.live, parent, blueprint.root, self.now)
        is_scope = activity.type in {"subProcess", "transaction"}
        for one in inner:
            one.owner = parent.event_scopes[-1] if is_scope else parent
        (parent.event_scopes[-1] if is_scope else parent).event_scopes.extend(node.event_scopes)

    def _note(self, activity_id: str, parent: Node) -> None:
        self.live.finished.append(passed_activity(self.instance, activity_id, parent, self.now, self.now))

    def _activity(self, node: Node) -> Activity:
        return self.instance.definition.model.activities[node.activity_id]


def waiting_node(instance: Instance, activity_id: str) -> Node | None:
    """Return the first activity instance of an activity."""
    return next((node for node in instance.live.nodes() if node.activity_id == activity_id), None)
