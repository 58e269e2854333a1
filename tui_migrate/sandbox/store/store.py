"""All that one embedded engine holds, with the lookups that its queries need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from tui_migrate.bpmn.document import parse_document
from tui_migrate.bpmn.model import ROOT
from tui_migrate.bpmn.reader import models_of
from tui_migrate.sandbox.identifiers import Identifiers, identifier
from tui_migrate.sandbox.position import At, Position, position
from tui_migrate.sandbox.store.batch import BatchRecord, JobLogEntry
from tui_migrate.sandbox.store.blueprint import Blueprint, Summary
from tui_migrate.sandbox.store.definition import JOB_DEFINITION_BLOCK, Definition, engine_family
from tui_migrate.sandbox.store.entities import Incident, Job, Node, Subscription, Value
from tui_migrate.sandbox.store.instance import NUMBERS, Instance, scope_variables, summarize
from tui_migrate.sandbox.store.placing import finished_activity
from tui_migrate.sandbox.store.values import typed_values
from tui_migrate.sandbox.walk import walk_from_start


class Deployment(Struct, frozen=True):
    """One deployment."""

    id: str
    name: str | None
    time: datetime
    tenant_id: str | None


class UserOperation(Struct):
    """One property of one operation in the user operation log."""

    id: str
    operation_id: str
    operation_type: str
    entity_type: str
    property: str | None
    original_value: str | None
    new_value: str | None
    user_id: str
    timestamp: datetime
    category: str = "Operator"
    definition: Definition | None = None
    batch_id: str | None = None
    annotation: str | None = None


class Store(Struct):
    """Definitions, instances, batches and history of one engine.

    Args:
        version: The engine's version, which decides whose BPMN extensions count.
    """

    version: str
    ids: Identifiers = field(default_factory=Identifiers)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    """Running instances by id."""
    historic: dict[str, Instance] = field(default_factory=dict)
    """Running and ended instances by id."""
    batches: dict[str, BatchRecord] = field(default_factory=dict)
    historic_batches: dict[str, BatchRecord] = field(default_factory=dict)
    job_log: list[JobLogEntry] = field(default_factory=list)
    operations: list[UserOperation] = field(default_factory=list)
    _blueprints: dict[tuple[str, tuple[Position, ...], tuple[str, ...] | None], Blueprint] = field(default_factory=dict)
    _summaries: dict[Summary, Summary] = field(default_factory=dict)

    def deploy(
        self, xml: bytes, now: datetime, *, tenant_id: str | None = None, resource: str = "process.bpmn"
    ) -> list[Definition]:
        """Deploy a BPMN file and return the definitions of its executable processes.

        Raises:
            BpmnError: The file can't be read.
        """
        root = parse_document(xml, file=resource)
        deployment = Deployment(self.ids.new(), resource, now, tenant_id)
        self.deployments[deployment.id] = deployment
        category = root.get("targetNamespace")
        made = []
        for model in models_of(root, engine=engine_family(self.version), file=resource):
            if not model.executable:
                continue
            versions = [
                one.version for one in self.definitions.values() if one.key == model.key and one.tenant_id == tenant_id
            ]
            version = max(versions, default=0) + 1
            definition = Definition(
                id=_definition_id(model.key, version, self.ids.new()),
                version=version,
                xml=xml,
                header=model,
                resource=resource,
                category=category,
                documentation=model.details.get("documentation"),
                deployment_id=deployment.id,
                deployed=now,
                tenant_id=tenant_id,
                job_definition_numbers=self.ids.block(JOB_DEFINITION_BLOCK),
            )
            self.definitions[definition.id] = definition
            made.append(definition)
        return made

    def latest(self, key: str, tenant_id: str | None) -> Definition | None:
        """Return the newest version of a key for a tenant, or without tenant for None."""
        found = [one for one in self.definitions.values() if one.key == key and one.tenant_id == tenant_id]
        return max(found, key=lambda one: one.version, default=None)

    def blueprint(
        self, definition: Definition, at: Sequence[At], variables: Mapping[str, Value] | None = None
    ) -> Blueprint:
        """Return the blueprint of a definition's instances at some positions; equal ones are one object.

        Args:
            definition: The process.
            at: Where they stand; nothing for where new ones come to wait.
            variables: What decides the way to there.
        """
        positions, passed = tuple(position(one) for one in at), None
        if not positions:
            positions, passed = walk_from_start(definition, ROOT, variables or {})
        key = (definition.id, positions, passed)
        if key not in self._blueprints:
            self._blueprints[key] = Blueprint(definition, positions, passed=passed)
        return self._blueprints[key]

    def start(
        self,
        definition: Definition,
        blueprint: Blueprint,
        now: datetime,
        *,
        business_key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        suspended: bool = False,
        start_user: str | None = None,
        super_instance: Instance | None = None,
        super_node: Node | None = None,
    ) -> Instance:
        """Start an instance that stands where its blueprint says; called instances are started with it."""
        number = self.ids.block(NUMBERS)
        instance = Instance(
            identifier(number),
            number,
            definition,
            blueprint,
            now,
            business_key=business_key,
            tenant_id=definition.tenant_id,
            suspended=suspended,
            variables=typed_values(variables or {}),
            start_user=start_user,
            super_instance=super_instance,
            super_node=super_node,
            start_activity_id=definition.start_activity_id,
        )
        self._add(instance)
        if not blueprint.positions:
            self.end(instance, now)
        elif any(_calls(one) for one in blueprint.positions):
            self.call(instance)
        return instance

    def _add(self, instance: Instance) -> None:
        self.instances[instance.id] = instance
        self.historic[instance.id] = instance
        instance.definition.running[instance.id] = instance
        instance.definition.historic[instance.id] = instance
        instance.definition.revision += 1

    def call(self, instance: Instance) -> None:
        """Start the instances that an instance's call activities are about to call."""
        for node in list(instance.live.nodes())[1:]:
            if node.calls is None:
                continue
            at, node.calls = node.calls, None
            called = instance.definition.model.activities[node.activity_id].details.get("called element", "")
            definition = self.latest(called, instance.tenant_id) or self.latest(called, None)
            if definition is not None:
                node.called = self.start(
                    definition,
                    self.blueprint(definition, at, instance.variables),
                    node.started,
                    business_key=instance.business_key,
                    super_instance=instance,
                    super_node=node,
                )
                for incident in list(node.called.live.incidents):
                    self.propagate(incident)

    def propagate(self, incident: Incident) -> None:
        """Let the calling instances show an incident of a called one, as the engine does."""
        instance = incident.instance
        if instance is None or instance.super_instance is None or instance.super_node is None:
            return
        caller, node = instance.super_instance, instance.super_node
        shown = Incident(
            caller.new_id(),
            incident.incident_type,
            None,
            node.activity_id,
            incident.created,
            caller,
            node,
            failed_activity_id=node.activity_id,
            cause=incident,
        )
        caller.live.incidents.append(shown)
        caller.touch()
        self.propagate(shown)

    def summary(self, instance: Instance) -> Summary:
        """Return what lists and statistics need of an instance; equal summaries are one object."""
        if instance.summary is None:
            blueprint = instance.blueprint
            if instance.looked_at:
                instance.summary = self._shared(summarize(instance))
            else:
                if blueprint.summary is None:
                    sample = Instance(instance.id, instance.number, blueprint.definition, blueprint, instance.started)
                    blueprint.summary = self._shared(summarize(sample))
                    blueprint.scope_variables = tuple(scope_variables(sample))
                instance.summary = blueprint.summary
        return instance.summary

    def _shared(self, summary: Summary) -> Summary:
        return self._summaries.setdefault(summary, summary)

    def summaries(self, definition: Definition) -> list[tuple[Summary, int]]:
        """Return the distinct summaries of a definition's running instances with how many have each."""
        return definition.remember("summaries", lambda: self._count_summaries(definition))

    def _count_summaries(self, definition: Definition) -> list[tuple[Summary, int]]:
        by_identity: dict[int, Summary] = {}
        for one in definition.running.values():
            summary = one.summary or self.summary(one)
            by_identity[id(summary)] = summary
        counted = Counter(id(one.summary) for one in definition.running.values())
        return [(by_identity[key], number) for key, number in counted.items()]

    def end(self, instance: Instance, now: datetime, *, reason: str | None = None) -> None:
        """End a running instance, and those that it called; with a reason it counts as deleted from outside."""
        live = instance.live
        for node in list(live.nodes())[1:]:
            if node.called is not None and node.called.ended is None:
                self.end(node.called, now, reason=reason)
            live.finished.append(finished_activity(instance.definition, node, now, canceled=reason is not None))
        live.root.children.clear()
        live.root.transitions.clear()
        live.root.event_scopes.clear()
        live.jobs.clear()
        live.subscriptions.clear()
        live.incidents.clear()
        instance.ended = now
        instance.state = "COMPLETED" if reason is None else "EXTERNALLY_TERMINATED"
        instance.delete_reason = reason
        instance.touch()
        self.instances.pop(instance.id, None)
        instance.definition.running.pop(instance.id, None)

    def move(self, instance: Instance, definition: Definition) -> None:
        """Make another definition an instance's own, in the runtime and in history."""
        if instance.ended is None:
            instance.definition.running.pop(instance.id, None)
            definition.running[instance.id] = instance
            instance.definition.revision += 1
            definition.revision += 1
        instance.definition.historic.pop(instance.id, None)
        definition.historic[instance.id] = instance
        instance.definition = definition

    def jobs_of(self, instances: Iterable[Instance], activity_id: str | None = None) -> Iterator[Job]:
        """Yield the jobs of running instances, of one activity or all; where there are none no tree is made."""
        for instance in instances:
            jobs = self.summary(instance).jobs
            if jobs if activity_id is None else activity_id in jobs:
                yield from instance.live.jobs

    def variables_of(self, instance: Instance) -> Iterator[tuple[str, Value]]:
        """Yield the variables of an instance, those of its scopes included."""
        yield from instance.variables.items()
        if instance.looked_at:
            yield from scope_variables(instance)
        else:
            self.summary(instance)
            yield from instance.blueprint.scope_variables

    def subscriptions_of(self, instances: Iterable[Instance], event_type: str | None) -> Iterator[Subscription]:
        """Yield the event subscriptions of instances, of one type or all."""
        for instance in instances:
            types = self.summary(instance).subscriptions
            if types if event_type is None else event_type in types:
                yield from instance.live.subscriptions

    def all_jobs(self) -> Iterator[Job]:
        """Yield the jobs of batches and of instances."""
        for batch in self.batches.values():
            yield from batch.all_jobs()
        yield from self.jobs_of(self.instances.values())

    def incidents(self, definition: Definition | None = None) -> Iterator[Incident]:
        """Yield the open incidents of a definition's instances, or all, those of batches included."""
        running = self.instances if definition is None else definition.running
        for instance in running.values():
            if self.summary(instance).incidents:
                yield from instance.live.incidents
        if definition is None:
            for batch in self.batches.values():
                yield from batch.incidents.values()

    def find_job(self, job_id: str) -> Job | None:
        """Return the job with this id."""
        return next((job for job in self.all_jobs() if job.id == job_id), None)


def _calls(one: Position) -> bool:
    return one.calls is not None or any(_calls(inner) for inner in one.inside)


def _definition_id(key: str, version: int, uuid: str) -> str:
    # A definition id of more than 64 characters is the uuid alone (Camunda 7.24 `DefinitionEntity` deployers).
    composed = f"{key}:{version}:{uuid}"
    return composed if len(composed) <= 64 else uuid
