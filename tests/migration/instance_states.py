"""States of instances as lists and trees show them, for the tests of forecasts."""

from __future__ import annotations

from tui_migrate.migration.forecast import ActivityState, InstanceState, JobState, TransitionState
from tui_migrate.migration.plan import Instruction

TASK = '<userTask id="u"/>'
MAPPED = (Instruction("u", "u"),)


def state(*open_activities: str, suspended: bool | None = False, jobs: tuple[JobState, ...] = ()) -> InstanceState:
    """An instance as lists show it."""
    return InstanceState(
        "i",
        open_activities=open_activities,
        at_handler=False,
        jobs=jobs,
        compensation=(),
        incidents=(),
        suspended=suspended,
        tasks=(),
    )


def after(activity_id: str, execution_id: str) -> JobState:
    """The job of a token that waits after an activity."""
    return JobState("j", execution_id, "d", "async-continuation", "async-after", activity_id)


def in_tree(*children: ActivityState, waiting: tuple[TransitionState, ...] = (), without: int = 0) -> ActivityState:
    """A tree with so many concurrent executions in which there is no activity."""
    executions = ("i", *(f"c{number}" for number in range(without)))
    return ActivityState("i", "definition", children, waiting, executions)
