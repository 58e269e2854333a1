"""The state of one process instance, as far as REST shows it: what a forecast is made from.

None always means *not read*, never *nothing there*: a forecast does not take one for the other.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

Waits = Literal["before", "after", "unknown"]

ASYNC_CONTINUATION: Final = "async-continuation"
"""`jobType` of the job definitions of asynchronous continuations."""


class TransitionState(Struct, frozen=True):
    """A token between two activities: an entry of `childTransitionInstances`.

    With a job it waits in an asynchronous continuation. Without one it is what is left of an ended instance of a
    parallel multi-instance activity (known to the engine as CAM-5609), which the migration passes over.
    """

    id: str
    activity_id: str
    """The activity that it waits before or after; the body's id where the multi-instance element itself is meant."""
    execution_id: str
    waits: Waits = "unknown"
    """`unknown` leaves it to the jobs, or to the model where those were not read."""
    incident_ids: tuple[str, ...] | None = None


class ActivityState(Struct, frozen=True):
    """A node of `GET /process-instance/{id}/activity-instances`. The root stands for the process itself."""

    id: str | None
    """None, unlike elsewhere, where the engine shows none."""
    activity_id: str
    """The activity's id; for the root the process definition id."""
    children: tuple[ActivityState, ...] = ()
    transitions: tuple[TransitionState, ...] = ()
    execution_ids: tuple[str, ...] = ()
    incident_ids: tuple[str, ...] | None = None


class JobState(Struct, frozen=True):
    """A job of the instance, joined with its job definition."""

    id: str
    execution_id: str | None = None
    job_definition_id: str | None = None
    """None where the job has none (a signal that was thrown asynchronously)."""
    job_type: str | None = None
    """Of the definition: `async-continuation`, `timer-transition` …; None where the definition was not read."""
    job_configuration: str | None = None
    """Of the definition: `async-before`, `async-after`, or the timer's text."""
    activity_id: str | None = None
    """Of the definition."""


class IncidentState(Struct, frozen=True):
    """An open incident of the instance."""

    id: str
    incident_type: str
    """`failedJob`, `failedExternalTask`, or a custom type."""
    configuration: str | None = None
    """Id of the failed job or external task; None for one that was passed up from a called instance."""
    execution_id: str | None = None
    activity_id: str | None = None


class VariableState(Struct, frozen=True):
    """A variable of the instance."""

    name: str
    execution_id: str | None = None
    activity_instance_id: str | None = None
    """Of the closest activity instance around, such as `task:4711`; the instance's own id for the process."""


class TaskState(Struct, frozen=True):
    """An open task of the instance: a user task's or an external one."""

    id: str
    execution_id: str | None
    activity_id: str | None
    external: bool = False


class InstanceState(Struct, frozen=True):
    """All that was read of one process instance."""

    instance_id: str
    tree: ActivityState | None = None
    open_activities: tuple[str, ...] | None = None
    """Ids of the unfinished activities in the history, scopes and duplicates included; used where there is no tree."""
    open_counted: bool = True
    """Whether an activity that is open several times is in `open_activities` as often."""
    at_handler: bool | None = None
    """Whether an execution, even one that ended, is at a compensation handler of a multi-instance activity; used where
    there is no tree."""
    jobs: tuple[JobState, ...] | None = None
    compensation: tuple[str, ...] | None = None
    """`activityId` of each event subscription of type `compensate`, duplicates included."""
    incidents: tuple[IncidentState, ...] | None = None
    tenant_id: str | None = None
    suspended: bool | None = None
    variables: tuple[VariableState, ...] | None = None
    """Only needed where `Forecaster.needs_variables` says so."""
    tasks: tuple[TaskState, ...] | None = None
    """Only needed where `Forecaster.needs_tasks` says so."""
