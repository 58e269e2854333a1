"""Queries with closed lists of fields: what an engine would ignore is never sent, since it widens the selection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Literal, get_args

from msgspec import Struct

from tui_migrate.engine.date import engine_time
from tui_migrate.engine.features import Features, QueryKind
from tui_migrate.engine.members import member_name
from tui_migrate.errors import UsageError

Operator = Literal["eq", "neq", "gt", "gteq", "lt", "lteq", "like"]
"""What the engine's variable filters know; `notLike` and `in` are a 400."""
Ids = tuple[str, ...] | None
"""None is no filter; an empty tuple matches nothing (and is never sent: the engine would take it for no filter)."""

_EMPTY_IS_NO_FILTER = frozenset(
    {"variables", "or_queries", "process_definition_key_not_in", "process_instance_id_not_in"}
)


class VariableCriterion(Struct, frozen=True):
    """A condition on one variable of the instance.

    Numbers match across numeric types, a string never matches a number or a boolean. `neq` does not match instances
    that lack the variable; null is for `eq` and `neq` only; `like` is for strings, case-sensitive, with % and _.
    """

    name: str
    operator: Operator = "eq"
    value: bool | int | float | str | datetime | None = None

    def __post_init__(self) -> None:
        if self.operator not in get_args(Operator):
            raise UsageError(f"No engine compares variables by {self.operator!r}.")


class Query(Struct, frozen=True, kw_only=True):
    """Base of the queries. `False` is no filter, as it is for the engine: not suspended is `active=True`."""

    kind: ClassVar[QueryKind]

    def _members(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in self.__struct_fields__)

    @property
    def matches_nothing(self) -> bool:
        """Whether an empty list of ids or keys was asked for, which no instance can be in."""
        return any(_is_empty(value) and name not in _EMPTY_IS_NO_FILTER for name, value in self._members())

    def used_fields(self) -> frozenset[str]:
        """Return the engine's names of the fields that this query sends, those inside `orQueries` too."""
        own = {member_name(name) for name, value in self._members() if _is_used(name, value)}
        inner = [query.used_fields() for query in getattr(self, "or_queries", None) or ()]
        return frozenset(own).union(*inner)

    def to_body(self, features: Features) -> dict[str, Any]:
        """Return the JSON body.

        Raises:
            UsageError: This engine ignores a field, or an empty list would select everything.
        """
        ignored = sorted(self.used_fields() - features.fields(self.kind))
        if ignored:
            raise UsageError(
                f"{features.label} does not honour the filter {', '.join(ignored)}: it would select more than asked "
                "for. Leave it out, or filter by another criterion."
            )
        if self.matches_nothing:
            raise UsageError("The filter holds an empty list, which the engine would take for no filter at all.")
        return {member_name(name): _wire(value, features) for name, value in self._members() if _is_used(name, value)}


class InstanceQuery(Query, frozen=True, kw_only=True):
    """Running instances: `POST /process-instance`. The truth of the runtime, without start times."""

    kind: ClassVar[QueryKind] = "runtime"

    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_definition_key_in: Ids = None
    process_definition_key_not_in: Ids = None
    process_instance_ids: Ids = None
    business_key: str | None = None
    business_key_like: str | None = None
    activity_id_in: Ids = None
    """Leaf activities, transition instances too; scopes and multi-instance bodies are never found."""
    suspended: bool = False
    active: bool = False
    with_incident: bool = False
    incident_type: str | None = None
    incident_message: str | None = None
    incident_message_like: str | None = None
    incident_id: str | None = None
    tenant_id_in: Ids = None
    without_tenant_id: bool = False
    root_process_instances: bool = False
    leaf_process_instances: bool = False
    super_process_instance: str | None = None
    sub_process_instance: str | None = None
    root_process_instance_id: str | None = None
    deployment_id: str | None = None
    variables: tuple[VariableCriterion, ...] | None = None
    variable_names_ignore_case: bool = False
    variable_values_ignore_case: bool = False
    or_queries: tuple[InstanceQuery, ...] | None = None


class HistoricInstanceQuery(Query, frozen=True, kw_only=True):
    """Instances in history: `POST /history/process-instance`. With start times; needs history and READ_HISTORY."""

    kind: ClassVar[QueryKind] = "history"

    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_definition_key_in: Ids = None
    process_instance_ids: Ids = None
    process_instance_id_not_in: Ids = None
    process_instance_business_key: str | None = None
    process_instance_business_key_like: str | None = None
    process_instance_business_key_in: Ids = None
    active_activity_id_in: Ids = None
    """Scopes and multi-instance bodies too, no transition instances."""
    activity_id_in: Ids = None
    """As in the runtime query (7.24 and Operaton)."""
    suspended: bool = False
    active: bool = False
    finished: bool = False
    unfinished: bool = False
    with_incidents: bool = False
    with_root_incidents: bool = False
    incident_type: str | None = None
    incident_status: Literal["open", "resolved"] | None = None
    incident_message: str | None = None
    incident_message_like: str | None = None
    incident_id_in: Ids = None
    tenant_id_in: Ids = None
    without_tenant_id: bool = False
    root_process_instances: bool = False
    super_process_instance_id: str | None = None
    sub_process_instance_id: str | None = None
    root_process_instance_id: str | None = None
    started_before: datetime | None = None
    started_after: datetime | None = None
    started_by: str | None = None
    executed_activity_id_in: Ids = None
    executed_activity_before: datetime | None = None
    executed_activity_after: datetime | None = None
    variables: tuple[VariableCriterion, ...] | None = None
    variable_names_ignore_case: bool = False
    variable_values_ignore_case: bool = False
    or_queries: tuple[HistoricInstanceQuery, ...] | None = None


class JobQuery(Query, frozen=True, kw_only=True):
    """Jobs: `POST /job`. There is no filter by batch: use the batch's `batch_job_definition_id`."""

    kind: ClassVar[QueryKind] = "job"

    job_id: str | None = None
    job_ids: Ids = None
    job_definition_id: str | None = None
    process_instance_id: str | None = None
    process_instance_ids: Ids = None
    execution_id: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    activity_id: str | None = None
    failed_activity_id: str | None = None
    no_retries_left: bool = False
    with_retries_left: bool = False
    with_exception: bool = False
    exception_message: str | None = None
    active: bool = False
    suspended: bool = False
    executable: bool = False
    timers: bool = False
    messages: bool = False
    tenant_id_in: Ids = None
    without_tenant_id: bool = False


def sorting(keys: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Return the member `sorting` of a query's body."""
    return [{"sortBy": key, "sortOrder": order} for key, order in keys]


def _is_used(name: str, value: object) -> bool:
    return value is not None and value is not False and not (_is_empty(value) and name in _EMPTY_IS_NO_FILTER)


def _is_empty(value: object) -> bool:
    return isinstance(value, tuple | list) and not value


def _wire(value: Any, features: Features) -> Any:
    if isinstance(value, datetime):
        return engine_time(value)
    if isinstance(value, VariableCriterion):
        return {"name": value.name, "operator": value.operator, "value": _wire(value.value, features)}
    if isinstance(value, Query):
        return value.to_body(features)
    if isinstance(value, tuple | list):
        return [_wire(one, features) for one in value]
    return value
