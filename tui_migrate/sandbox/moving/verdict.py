"""Whether one instance can migrate: the engine's validators of migrating instances.

Source: Camunda 7.24 `MigrateProcessInstanceCmd`, `impl.migration.instance.parser`,
`impl.migration.validation.instance`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from tui_migrate.bpmn.model import ROOT
from tui_migrate.migration.generate import SUPPORTED_BEHAVIORS
from tui_migrate.sandbox.errors import Refusal, engine_error, null_pointer
from tui_migrate.sandbox.moving.plan import BoundPlan
from tui_migrate.sandbox.store.entities import Incident, Node, Subscription, Transition
from tui_migrate.sandbox.store.instance import Instance, Live

NO_INSTRUCTION = "There is no migration instruction for this instance's activity"
_JOB_INCIDENTS = frozenset({"failedJob", "failedExternalTask"})


class Failures(Struct, frozen=True):
    """The failures of one activity or transition instance."""

    kind: str
    """`activity` or `transition`."""
    instance_id: str
    activity_id: str
    failures: tuple[str, ...]


def check_instance(plan: BoundPlan, instance: Instance | None, instance_id: str) -> None:
    """Refuse an instance that can't migrate, with the engine's own words.

    Args:
        instance: The running instance, or None where there is none of this id.

    Raises:
        Refusal: It can't.
    """
    if instance is None:
        raise engine_error(
            f"ENGINE-23003 Process instance '{instance_id}' cannot be migrated. The process instance does not exist"
        )
    _check_tenant(plan, instance)
    if instance.definition is not plan.source:
        raise engine_error(
            f"ENGINE-23002 Process instance '{instance.id}' cannot be migrated. Its process definition "
            f"'{instance.definition.id}' does not match the source process definition of the migration plan "
            f"'{plan.source.id}'"
        )
    process = tuple(_left_over(plan, instance.live))
    reports = [*_activity_reports(plan, instance), *_transition_reports(plan, instance.live)]
    if process or reports:
        raise _rejection(plan, instance, process, reports)
    _check_trigger_updates(plan, instance.live)
    if instance.suspended and _adds_scopes(plan, instance.live.root, ROOT):
        # Seen on Camunda 7.17.0, 7.24.0 and Operaton 1.0.3: the new execution is begun, which suspension forbids.
        raise Refusal(
            400,
            "SuspendedEntityInteractionException",
            f"ENGINE-03043 Execution with id '{instance.new_id()}' is suspended.",
            code=0,
        )


def _adds_scopes(plan: BoundPlan, node: Node, ancestor: str) -> bool:
    """Return whether anything below a node moves into a scope that is new in the target.

    Args:
        plan: The plan.
        node: An activity instance.
        ancestor: The target scope of the closest activity instance that migrates, from `node` upwards.
    """
    targets = [(child, plan.target_of(child.activity_id)) for child in node.children]
    moving = [target for _, target in targets if target is not None]
    moving += [target for one in node.transitions if (target := plan.target_of(one.activity_id)) is not None]
    if any(plan.target_model.activities[target].flow_scope != ancestor for target in moving):
        return True
    return any(_adds_scopes(plan, child, ancestor if target is None else target) for child, target in targets)


def _check_tenant(plan: BoundPlan, instance: Instance) -> None:
    target = plan.target.tenant_id
    if target is None or instance.tenant_id == target:
        return
    if instance.tenant_id is None:
        raise engine_error(
            f"ENGINE-23010 Cannot migrate process instance '{instance.id}' without tenant to a process definition "
            f"with a tenant ('{target}')"
        )
    raise engine_error(
        f"ENGINE-23010 Cannot migrate process instance '{instance.id}' to a process definition of a different tenant "
        f"('{instance.tenant_id}' != '{target}')"
    )


def _left_over(plan: BoundPlan, live: Live) -> Iterator[str]:
    incidents = [one.id for one in live.incidents if _is_left_over(plan, one)]
    if incidents:
        yield f"Process instance contains not migrated incidents: [{', '.join(incidents)}]"


def _is_left_over(plan: BoundPlan, incident: Incident) -> bool:
    if not isinstance(incident.owner, Transition):
        return False
    if incident.configuration is not None and incident.incident_type in _JOB_INCIDENTS:
        return plan.target_of(incident.owner.activity_id) is None
    return True


def _activity_reports(plan: BoundPlan, instance: Instance) -> Iterator[Failures]:
    live = instance.live
    for node in live.nodes():
        found = (*_node_failures(plan, live, node), *_compensation_failures(plan, live, node))
        if found:
            yield Failures("activity", node.id, node.activity_id or instance.definition.id, found)


def _node_failures(plan: BoundPlan, live: Live, node: Node) -> Iterator[str]:
    if node.parent is None:
        return
    target = plan.target_of(node.activity_id)
    if target is None and not _has_children(live, node):
        yield NO_INSTRUCTION
    if target is not None and plan.source.is_scope(node.activity_id) and not plan.target.is_scope(target):
        for name in sorted(node.variables.keys() & node.outer_variables.keys()):
            yield (
                f"The variable '{name}' exists in both, this scope and concurrent local in the parent scope. "
                "Migrating to a non-scope activity would overwrite one of them."
            )
    if plan.source_model.activities[node.activity_id].behavior not in SUPPORTED_BEHAVIORS:
        yield "The type of the source activity is not supported for activity instance migration"


def _has_children(live: Live, node: Node) -> bool:
    if node.children or node.transitions or node.event_scopes:
        return True
    return any(one.owner is node and one.event_type == "compensate" for one in live.subscriptions)


def _compensation_failures(plan: BoundPlan, live: Live, node: Node) -> Iterator[str]:
    """Yield the failures of compensation that the closest activity instance above it reports."""
    owners = [node, *(inner for scope in node.event_scopes for inner in _with_inner(scope))]
    for owner in owners:
        for one in live.subscriptions:
            if one.owner is not owner or one.event_type != "compensate":
                continue
            if one.event_scope is None:
                if _boundary_target(plan, one) is None:
                    yield (
                        f"Cannot migrate subscription for compensation handler '{one.activity_id}'. There is no "
                        "migration instruction for the compensation boundary event"
                    )
            elif _event_scope_fails(plan, live, one):
                yield (
                    f"Cannot migrate subscription for compensation handler '{one.activity_id}'. There is no "
                    "migration instruction for the compensation start event"
                )


def _with_inner(event_scope: Node) -> Iterator[Node]:
    yield event_scope
    for inner in event_scope.event_scopes:
        yield from _with_inner(inner)


def _boundary_target(plan: BoundPlan, one: Subscription) -> str | None:
    boundary = plan.source.boundary_of_handler.get(one.activity_id)
    return plan.target_of(boundary) if boundary else None


def compensation_start(plan: BoundPlan, handler: str) -> str | None:
    """Return the start event of a compensation event sub process, or None where the handler is none."""
    for child in plan.source_model.children.get(handler, ()):
        if plan.source_model.activities[child].type == "compensationStartEvent":
            return child
    return None


def _event_scope_fails(plan: BoundPlan, live: Live, one: Subscription) -> bool:
    start = compensation_start(plan, one.activity_id)
    if start is not None:
        return plan.target_of(start) is None
    inside = any(other.owner is one.event_scope for other in live.subscriptions)
    if inside:
        return False
    boundary = plan.source.boundary_of_handler.get(one.activity_id)
    return plan.target_of(boundary or one.activity_id) is None


def _transition_reports(plan: BoundPlan, live: Live) -> Iterator[Failures]:
    for one in live.transitions():
        if one.waits == "siblings":
            continue
        target_id = plan.target_of(one.activity_id)
        found = (NO_INSTRUCTION,) if target_id is None else tuple(_transition_failures(plan, one, target_id))
        if found:
            yield Failures("transition", one.id, one.activity_id, found)


def _transition_failures(plan: BoundPlan, one: Transition, target_id: str) -> Iterator[str]:
    target = plan.target_model.activities[target_id]
    if one.waits == "after" and len(target.outgoing) > 1:
        if one.flow is None:
            yield (
                "Transition instance is assigned to no sequence flow and target activity has more than one outgoing "
                "sequence flow"
            )
        elif one.flow not in target.outgoing:
            yield ("Transition instance is assigned to a sequence flow that cannot be matched in the target activity")
    source = plan.source_model.activities[one.activity_id]
    starts = one.waits == "before" and source.flow_scope == ROOT and source.id == plan.source.start_activity_id
    if starts and target.flow_scope != ROOT:
        yield "A transition instance that instantiates the process can only be migrated to a process-level flow node"
    if one.waits == "after" and not target.async_after:
        yield "Target activity is not asyncAfter"
    if one.waits == "before" and not target.async_before:
        yield "Target activity is not asyncBefore"


def _check_trigger_updates(plan: BoundPlan, live: Live) -> None:
    """Fail as the engine does where a catch event changes between timer and message and shall be updated."""
    triggers = [(job.activity_id, job.owner) for job in live.jobs]
    triggers += [(one.activity_id, one.owner) for one in live.subscriptions if one.event_type != "compensate"]
    for activity_id, owner in triggers:
        instruction = plan.by_source.get(activity_id or "")
        if instruction is None or not instruction.update_event_trigger or not isinstance(owner, Node):
            continue
        source = plan.source_model.get(activity_id)
        target = plan.target_model.get(instruction.target_activity_id)
        if source and target and (source.trigger == "timer") != (target.trigger == "timer") and target.trigger:
            # Seen on Camunda 7.24.0; the engine looks for a declaration of the other kind.
            raise null_pointer('Cannot invoke "resolve" because the target declares no trigger of this kind')


def _rejection(plan: BoundPlan, instance: Instance, process: tuple[str, ...], reports: list[Failures]) -> Refusal:
    lines = [f"ENGINE-23004 Cannot migrate process instance '{instance.id}':"]
    lines += [f"\t{failure}" for failure in process]
    for one in reports:
        lines.append(f"\tCannot migrate {one.kind} instance '{one.instance_id}':")
        lines += [f"\t\t{failure}" for failure in one.failures]
    return Refusal(
        400,
        "MigratingProcessInstanceValidationException",
        "\n".join(lines) + "\n",
        code=0,
        validationReport={
            "processInstanceId": instance.id,
            "failures": list(process),
            "activityInstanceValidationReports": [_body(plan, one) for one in reports if one.kind == "activity"],
            "transitionInstanceValidationReports": [_body(plan, one) for one in reports if one.kind == "transition"],
        },
    )


def _body(plan: BoundPlan, one: Failures) -> dict[str, Any]:
    instruction = plan.by_source.get(one.activity_id)
    return {
        "migrationInstruction": instruction.to_engine() if instruction else None,
        f"{one.kind}InstanceId": one.instance_id,
        "sourceScopeId": one.activity_id,
        "failures": list(one.failures),
    }
