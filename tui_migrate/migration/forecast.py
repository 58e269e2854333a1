"""What would become of one process instance: the engine's verdict on it, from what REST shows of its state.

The engine parses an instance (tree, jobs, subscriptions, incidents, variables), matches it with the plan, and runs
its validators. Here the same is done with what a client can read. A verdict is only spoken where the data proves it;
everything else is 'cannot tell', with the reason. The plan itself is taken to be valid, and the state to be of one
moment: an instance that moved on in between is another one.

Source: Camunda 7.24 `MigrateProcessInstanceCmd`, packages `impl.migration.instance.parser` and
`impl.migration.validation.instance`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final, Literal

from msgspec import Struct

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.counts_forecast import CountsCause, CountsForecast, StatisticsCounts, forecast_counts
from tui_migrate.migration.instance_case import Case, FailureKind, Findings, ForecastFailure, PlanLookup
from tui_migrate.migration.instance_checks import (
    check_compensation,
    check_nodes,
    check_open_activities,
    check_root,
    check_tokens,
)
from tui_migrate.migration.instance_faults import (
    check_cancelled_scopes,
    check_errors_beside,
    check_moved_tokens,
    check_suspension,
    check_trigger_updates,
)
from tui_migrate.migration.instance_kept_scopes import check_kept_scopes, check_left_over_tasks
from tui_migrate.migration.instance_left_over import check_left_over_incidents, check_left_over_jobs
from tui_migrate.migration.instance_left_over_variables import check_left_over_variables
from tui_migrate.migration.instance_state import (
    ActivityState,
    IncidentState,
    InstanceState,
    JobState,
    TaskState,
    TransitionState,
    VariableState,
    Waits,
)
from tui_migrate.migration.instance_tokens import find_tokens
from tui_migrate.migration.plan import Instruction

__all__ = [
    "ActivityState",
    "CountsCause",
    "CountsForecast",
    "FailureKind",
    "Forecast",
    "ForecastFailure",
    "Forecaster",
    "IncidentState",
    "InstanceState",
    "JobState",
    "StatisticsCounts",
    "TaskState",
    "TransitionState",
    "VariableState",
    "Verdict",
    "Waits",
    "forecast",
    "forecast_counts",
]

Verdict = Literal["migrates", "fails", "cannot tell"]

_LEFT_OVER: Final = (
    check_left_over_tasks,
    check_left_over_incidents,
    check_left_over_jobs,
    check_left_over_variables,
    check_kept_scopes,
)
_FAULTS: Final = (
    check_trigger_updates,
    check_suspension,
    check_cancelled_scopes,
    check_moved_tokens,
    check_errors_beside,
)
_TREE_CHECKS: Final = (*_LEFT_OVER, check_root, check_compensation, check_nodes, check_tokens, *_FAULTS)
"""In the order of the engine's message: the instance, its activity instances, its transition instances. Compensation
is reported at the closest activity instance around, which is nearly always the root."""
_HISTORY_CHECKS: Final = (*_LEFT_OVER, check_compensation, check_open_activities, check_tokens, *_FAULTS)


class Forecast(Struct, frozen=True):
    """What the engine would say about one instance."""

    instance_id: str
    verdict: Verdict
    failures: tuple[ForecastFailure, ...] = ()
    """The engine's sentences, in its order; all of them where `unknown` is empty."""
    unknown: tuple[str, ...] = ()
    """Why something can't be told, in sentences."""


class Forecaster:
    """A plan prepared for the forecasts of many instances.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan; it is taken to be valid.
        target_tenant_id: Tenant of the target definition.
    """

    def __init__(
        self,
        source: ProcessModel,
        target: ProcessModel,
        instructions: Iterable[Instruction],
        *,
        target_tenant_id: str | None = None,
    ) -> None:
        self._plan = PlanLookup(source, target, tuple(instructions))
        self._target_tenant_id = target_tenant_id

    @cached_property
    def needs_variables(self) -> bool:
        """Whether a verdict can depend on variables.

        A scope becomes none, is hidden, or outlives its activity; or a token leaves a scope that is cancelled.
        """
        if self._plan.has_hidden_scopes or self._plan.keeps_scopes:
            return True
        activities = self._plan.source.activities.values()
        return any(self._plan.becomes_non_scope(one) or self._plan.leaves_scope(one) for one in activities)

    @cached_property
    def needs_tasks(self) -> bool:
        """Whether a verdict can depend on open tasks: one may outlive its activity."""
        return self._plan.may_leave_tasks

    @cached_property
    def needs_compensation(self) -> bool:
        """Whether a verdict can depend on compensation subscriptions: an event of theirs, or a scope, is not mapped."""
        unmapped = any(self._plan.target_of(event) is None for event in self._plan.compensation_triggers())
        return unmapped or bool(self._plan.kept_scopes_inside)

    def forecast(self, state: InstanceState) -> Forecast:
        """Return what the engine would say about this instance."""
        refused = self._tenant_failure(state)
        if refused is not None:
            return Forecast(state.instance_id, "fails", (ForecastFailure(refused, None, "process"),))
        case = Case(self._plan, state, find_tokens(state, self._plan.source), _nodes(state.tree))
        findings = Findings()
        for check in _HISTORY_CHECKS if state.tree is None else _TREE_CHECKS:
            check(case, findings)
        verdict: Verdict = "fails" if findings.failures else "cannot tell" if findings.unknown else "migrates"
        unknown = tuple(dict.fromkeys(findings.unknown))
        return Forecast(state.instance_id, verdict, tuple(findings.failures), unknown)

    def _tenant_failure(self, state: InstanceState) -> str | None:
        """An instance goes to its own tenant's definition, or to one without tenant. Checked before all else."""
        own, other = state.tenant_id, self._target_tenant_id
        if other is None or own == other:
            return None
        instance = f"ENGINE-23010 Cannot migrate process instance '{state.instance_id}'"
        if own is None:
            return f"{instance} without tenant to a process definition with a tenant ('{other}')"
        return f"{instance} to a process definition of a different tenant ('{own}' != '{other}')"


def forecast(
    source: ProcessModel,
    target: ProcessModel,
    instructions: Iterable[Instruction],
    state: InstanceState,
    *,
    target_tenant_id: str | None = None,
) -> Forecast:
    """Return what the engine would say about one instance; see `Forecaster` for many."""
    forecaster = Forecaster(source, target, instructions, target_tenant_id=target_tenant_id)
    return forecaster.forecast(state)


def _nodes(root: ActivityState | None) -> tuple[ActivityState, ...]:
    nodes: list[ActivityState] = []
    pending = [] if root is None else [root]
    while pending:
        node = pending.pop()
        nodes.append(node)
        pending.extend(reversed(node.children))
    return tuple(nodes)
