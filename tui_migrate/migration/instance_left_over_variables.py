"""Local variables in executions that no activity instance has: the engine refuses what belongs to nothing.

REST shows no tree of executions, only which of them the activity instances have. What can't be placed is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tui_migrate.bpmn.model import BODY_SUFFIX
from tui_migrate.migration.instance_case import COMPOSITE_BEHAVIORS, Case, Findings
from tui_migrate.migration.instance_left_over import unmapped_tokens
from tui_migrate.migration.instance_state import ActivityState, VariableState

_LOOP: Final = frozenset({"nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances", "loopCounter"})
"""Variables that the engine keeps in and around every instance of a multi-instance activity."""


def check_left_over_variables(case: Case, findings: Findings) -> None:
    """Local variables around an unmapped token belong to nothing. The instance fails anyway, by one sentence more.

    So do those in an execution without an activity. One is left where an instance was started or modified to begin
    before a catch event behind an event-based gateway (Camunda 7.17, 7.24, Operaton 1.0.3). Camunda 7.17 keeps the
    variables of such a start there, 7.24 and Operaton in the root.
    """
    variables = case.state.variables
    if unmapped_tokens(case):
        if variables is None or any(one.execution_id != case.state.instance_id for one in variables):
            findings.unknown.append("Local variables around a token without an instruction may be left over, too.")
        return
    if case.state.tree is None:
        possible = case.plan.has_hidden_scopes or any(not token.at_home for token in case.tokens.waiting)
        local = _unplaced_of_list(case, variables or ()) if possible else None
    else:
        possible = bool(_without_activity(case))
        placed = _placed_of_tree(case)
        unplaced = (one for one in variables or () if one.execution_id not in placed)
        local = next((one for one in unplaced if not _is_of_a_completed_body(case, one)), None)
    if local is not None:
        findings.unknown.append(f"The variable '{local.name}' is local to an execution without an activity.")
    elif possible and variables is None:
        findings.unknown.append("Its variables were not read: one may be local to an execution without an activity.")


def _waiting_at_home(case: Case) -> set[str]:
    return {token.execution_id for token in case.tokens.waiting if token.at_home}


def _unplaced_of_list(case: Case, variables: Sequence[VariableState]) -> VariableState | None:
    """A variable of which only the tree would show that it belongs to an activity instance."""
    known = {case.state.instance_id, *_waiting_at_home(case)}
    return next((one for one in variables if one.execution_id not in known and not _is_of_a_leaf(case, one)), None)


def _is_of_a_leaf(case: Case, variable: VariableState) -> bool:
    """Whether it is in the one execution that an activity without others inside has, or a counter of a loop."""
    if variable.name in _LOOP:
        return True
    activity = case.plan.source.get((variable.activity_instance_id or "").rpartition(":")[0])
    return activity is not None and activity.behavior not in COMPOSITE_BEHAVIORS


def _is_of_a_completed_body(case: Case, variable: VariableState) -> bool:
    """Whether it can be a counter in what is kept of a completed multi-instance body for its compensation."""
    return variable.name in _LOOP and any(one.endswith(BODY_SUFFIX) for one in case.state.compensation or ())


def _placed_of_tree(case: Case) -> set[str | None]:
    placed: set[str | None] = {case.state.instance_id, *_waiting_at_home(case)}
    without = {node.id for node in _without_activity(case)}
    waiting = {token.execution_id for token in case.tokens.waiting}
    for node in case.nodes:
        placed.update(node.execution_ids[:1] if node.id in without else node.execution_ids)
        placed.update(one.execution_id for one in node.transitions if one.execution_id not in waiting)
    return placed


def _without_activity(case: Case) -> list[ActivityState]:
    """The nodes that have concurrent executions with no activity in them, more than they have scopes inside.

    Such an execution stands between a scope and each concurrent scope inside it.
    """
    return [node for node in case.nodes if len(node.execution_ids) - 1 > sum(1 for _ in _scopes(case, node))]


def _scopes(case: Case, node: ActivityState) -> Iterator[ActivityState]:
    for child in node.children:
        activity = case.plan.source.get(child.activity_id)
        if activity is not None and activity.is_scope:
            yield child
