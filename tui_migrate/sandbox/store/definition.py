"""Process definitions, and what each of their activities declares at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar, cast

from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from tui_migrate.bpmn.document import parse_document
from tui_migrate.bpmn.model import ROOT, Activity, EngineFamily, ProcessModel

if TYPE_CHECKING:
    from tui_migrate.sandbox.store.instance import Instance

T = TypeVar("T")

TIMER_JOB_TYPES: Final[Mapping[str, str]] = {
    "boundaryTimer": "timer-transition",
    "intermediateTimer": "timer-intermediate-transition",
    "startTimerEvent": "timer-start-event-subprocess",
}
_PROCESS_START = "NoneStartEventActivityBehavior"


class JobDefinition(Struct):
    """A job definition of a process definition or, with no activity, of a batch."""

    id: str
    job_type: str
    configuration: str | None
    activity_id: str | None = None
    definition: Definition | None = None
    suspended: bool = False


class Definition:
    """One version of a process.

    Args:
        xml: The file's bytes as they were deployed.
        header: The process as the file's reader sees it; its definition id is replaced.
    """

    def __init__(
        self,
        *,
        id: str,
        version: int,
        xml: bytes,
        header: ProcessModel,
        resource: str,
        category: str | None,
        documentation: str | None,
        deployment_id: str,
        deployed: datetime,
        tenant_id: str | None,
        job_definition_numbers: int,
    ) -> None:
        self.id = id
        self.version = version
        self.xml = xml
        self.model = replace(header, definition_id=id)
        self.resource = resource
        self.category = category
        self.documentation = documentation
        self.deployment_id = deployment_id
        self.deployed = deployed
        self.tenant_id = tenant_id
        self.suspended = False
        self.running: dict[str, Instance] = {}
        self.historic: dict[str, Instance] = {}
        self.revision = 0
        """Grows with each change of its running instances."""
        self._remembered: dict[str, tuple[int, object]] = {}
        self.lost_listeners: set[tuple[str, str]] = set()
        """Timeout listeners, by task and listener, that the engine has forgotten: its migration takes a mapped one out
        of the definition that it holds in memory (seen on Camunda 7.17.0, 7.24.0 and Operaton 1.0.3). From then on no
        instance of the definition gets this timer."""
        self._first_job_definition = job_definition_numbers

    def remember(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` has made since the last change of the running instances, or make it now."""
        found = self._remembered.get(name)
        if found is None or found[0] != self.revision:
            found = (self.revision, make())
            self._remembered[name] = found
        return cast("T", found[1])

    @property
    def key(self) -> str:
        """The process id of the file."""
        return self.model.key

    @property
    def name(self) -> str | None:
        """The process name of the file."""
        return self.model.name

    @property
    def version_tag(self) -> str | None:
        """The version tag of the file."""
        return self.model.version_tag

    @property
    def history_time_to_live(self) -> int | None:
        """Days that history is kept; the attribute is a number or `P…D`."""
        text = self.model.details.get("history time to live", "").removeprefix("P").removesuffix("D")
        return int(text) if text.isdigit() else None

    @cached_property
    def triggers(self) -> Mapping[str, tuple[Activity, ...]]:
        """The timers, messages, signals and conditions that each scope listens to once it is entered."""
        found: dict[str, list[Activity]] = {}
        for activity in self.model.activities.values():
            if activity.trigger is not None and activity.event_scope and activity.behavior != _PROCESS_START:
                found.setdefault(activity.event_scope, []).append(activity)
            elif activity.timeout_listeners:
                found.setdefault(activity.id, []).append(activity)
        return {scope: tuple(activities) for scope, activities in found.items()}

    @cached_property
    def boundary_of_handler(self) -> Mapping[str, str]:
        """The compensation boundary event by the id of the handler that it leads to."""
        return {handler: boundary for boundary, handler in self.model.handlers.items()}

    @cached_property
    def job_definitions(self) -> tuple[JobDefinition, ...]:
        """Async continuations first, then timers, as an engine's parser makes them."""
        from tui_migrate.sandbox.identifiers import identifier

        wanted: list[tuple[str, str | None, str]] = []
        for activity in self.model.activities.values():
            if activity.async_before:
                wanted.append(("async-continuation", "async-before", activity.id))
            if activity.async_after:
                wanted.append(("async-continuation", "async-after", activity.id))
        for activity in self.model.activities.values():
            if activity.trigger == "timer" and activity.behavior != _PROCESS_START:
                timer = timer_configuration(activity.details.get("timer", ""))
                wanted.append((TIMER_JOB_TYPES[activity.type], timer, activity.id))
        for activity_id, listener in self.listener_timers:
            configuration = timer_configuration(self.listener_timers[activity_id, listener])
            wanted.append(("timer-task-listener", configuration, activity_id))
        return tuple(
            JobDefinition(identifier(self._first_job_definition + index), job_type, configuration, activity_id, self)
            for index, (job_type, configuration, activity_id) in enumerate(wanted)
        )

    @cached_property
    def listener_timers(self) -> Mapping[tuple[str, str], str]:
        """The timers of user tasks' timeout listeners, by the ids of task and listener."""
        listening = [activity for activity in self.model.activities.values() if activity.timeout_listeners]
        if not listening:
            return {}
        elements = {element.get("id"): element for element in parse_document(self.xml, file=self.resource).iter()}
        return {
            (activity.id, listener): _timer_of(elements[listener])
            for activity in listening
            for listener in activity.timeout_listeners
        }

    def job_definition(self, activity_id: str, configuration: str) -> JobDefinition | None:
        """Return the job definition of an asynchronous continuation, `async-before` or `async-after`."""
        return self._job_definition_by_place.get(("async-continuation", configuration, activity_id))

    def timer_job_definition(self, activity_id: str, listener: str | None) -> JobDefinition | None:
        """Return the job definition of an event's timer, or of a user task's timeout listener."""
        if listener is not None:
            timer = timer_configuration(self.listener_timers[activity_id, listener])
            return self._job_definition_by_place.get(("timer-task-listener", timer, activity_id))
        activity = self.model.activities[activity_id]
        timer = timer_configuration(activity.details.get("timer", ""))
        return self._job_definition_by_place.get((TIMER_JOB_TYPES.get(activity.type, ""), timer, activity_id))

    @cached_property
    def _job_definition_by_place(self) -> Mapping[tuple[str, str | None, str | None], JobDefinition]:
        return {(one.job_type, one.configuration, one.activity_id): one for one in self.job_definitions}

    def is_scope(self, activity_id: str) -> bool:
        """Return whether an instance of the activity (or of the process, `ROOT`) has an execution of its own."""
        return activity_id == ROOT or self.model.activities[activity_id].is_scope

    @property
    def start_activity_id(self) -> str | None:
        """The start event with which an instance begins."""
        for child in self.model.children.get(ROOT, ()):
            if self.model.activities[child].behavior == _PROCESS_START:
                return child
        return None


def timer_configuration(timer: str) -> str:
    """Return a timer as a job definition shows it, for example `DURATION: P3D` for `duration P3D`."""
    kind, _, text = timer.partition(" ")
    return f"{kind.upper()}: {text}"


def _timer_of(listener: etree._Element) -> str:
    for element in listener.iter("{*}timeDate", "{*}timeCycle", "{*}timeDuration"):
        return f"{etree.QName(element).localname.removeprefix('time').lower()} {(element.text or '').strip()}"
    return "duration "


JOB_DEFINITION_BLOCK: Final = 4096
"""Ids that a definition keeps for its job definitions, which are made when they are asked for."""


def engine_family(version: str) -> EngineFamily:
    """Return which engine a version number means: 1 and 2 are Operaton's."""
    return "camunda" if version.startswith("7") else "operaton"
