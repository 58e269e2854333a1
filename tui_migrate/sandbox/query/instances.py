"""The two queries of process instances: of the runtime, and of history.

A filter is a test of one instance. Members that a query does not know do not reach it: they select nothing and exclude
nothing, as on a real engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from tui_migrate.sandbox.body import Kind, bind
from tui_migrate.sandbox.errors import engine_error, invalid
from tui_migrate.sandbox.exchange import Request
from tui_migrate.sandbox.query.lists import Key, Sorting, body_sorting, ordered
from tui_migrate.sandbox.query.matching import like, variable_tests
from tui_migrate.sandbox.store.entities import Incident
from tui_migrate.sandbox.store.instance import Instance
from tui_migrate.sandbox.store.store import Store
from tui_migrate.sandbox.times import parse_engine_time
from tui_migrate.sandbox.versions import version_number

Test = Callable[[Instance], bool]
Builder = Callable[[Store, Any], Test]

_COMMON: Final[Mapping[str, Kind]] = {
    "processDefinitionId": "text",
    "processDefinitionKey": "text",
    "processDefinitionKeyIn": "texts",
    "processDefinitionKeyNotIn": "texts",
    "processInstanceIds": "texts",
    "rootProcessInstances": "flag",
    "tenantIdIn": "texts",
    "withoutTenantId": "flag",
    "incidentType": "text",
    "incidentMessage": "text",
    "incidentMessageLike": "text",
    "variables": "objects",
    "variableNamesIgnoreCase": "flag",
    "variableValuesIgnoreCase": "flag",
    "active": "flag",
    "suspended": "flag",
    "orQueries": "objects",
    "sorting": "objects",
}
_RUNTIME: Final[Mapping[str, Kind]] = {
    **_COMMON,
    "businessKey": "text",
    "businessKeyLike": "text",
    "deploymentId": "text",
    "superProcessInstance": "text",
    "subProcessInstance": "text",
    "leafProcessInstances": "flag",
    "withIncident": "flag",
    "incidentId": "text",
    "activityIdIn": "texts",
    "processDefinitionWithoutTenantId": "flag",
}
_HISTORY: Final[Mapping[str, Kind]] = {
    **_COMMON,
    "processInstanceId": "text",
    "processDefinitionName": "text",
    "processDefinitionNameLike": "text",
    "processInstanceBusinessKey": "text",
    "processInstanceBusinessKeyLike": "text",
    "finished": "flag",
    "unfinished": "flag",
    "completed": "flag",
    "externallyTerminated": "flag",
    "withIncidents": "flag",
    "withRootIncidents": "flag",
    "incidentStatus": "text",
    "startedBefore": "time",
    "startedAfter": "time",
    "finishedBefore": "time",
    "finishedAfter": "time",
    "startedBy": "text",
    "superProcessInstanceId": "text",
    "subProcessInstanceId": "text",
    "executedActivityIdIn": "texts",
    "executedActivityBefore": "time",
    "executedActivityAfter": "time",
    "activeActivityIdIn": "texts",
}
# What older engines ignore, with the first version of each line that knows it.
_NEWER_RUNTIME: Final[Mapping[str, Kind]] = {"rootProcessInstanceId": "text"}
_NEWER_HISTORY: Final[Mapping[str, Kind]] = {
    "rootProcessInstanceId": "text",
    "activityIdIn": "texts",
    "incidentIdIn": "texts",
    "processInstanceIdNotIn": "texts",
}
_SINCE_7_17_HISTORY: Final[Mapping[str, Kind]] = {"processInstanceBusinessKeyIn": "texts"}


def runtime_members(version: str) -> Mapping[str, Kind]:
    """Return the members that the runtime query of this version knows."""
    return {**_RUNTIME, **(_NEWER_RUNTIME if version_number(version) >= (7, 24) else {})}


def history_members(version: str) -> Mapping[str, Kind]:
    """Return the members that the history query of this version knows."""
    number = version_number(version)
    members = dict(_HISTORY)
    if number >= (7, 17):
        members.update(_SINCE_7_17_HISTORY)
    if number >= (7, 24):
        members.update(_NEWER_HISTORY)
    return members


def select_running(request: Request, body: Mapping[str, Any], *, sort: bool = True) -> list[Instance]:
    """Return the running instances that a runtime query selects and the user may see; sorted, unless to count."""
    bound = bind(body, runtime_members(request.engine.version))
    sorting = body_sorting(bound, RUNTIME_SORT)
    found = _select(request, bound, request.store.instances, RUNTIME_TESTS, "READ_INSTANCE", running=True)
    return _sorted(found, sorting, RUNTIME_SORT) if sort else list(found)


def select_historic(request: Request, body: Mapping[str, Any], *, sort: bool = True) -> list[Instance]:
    """Return the instances that a history query selects and the user may see; sorted, unless to count."""
    bound = bind(body, history_members(request.engine.version))
    sorting = body_sorting(bound, HISTORY_SORT)
    if not request.engine.history:
        return []
    found = _select(request, bound, request.store.historic, HISTORY_TESTS, "READ_HISTORY", running=False)
    return _sorted(found, sorting, HISTORY_SORT) if sort else list(found)


def _sorted(found: Iterable[Instance], sorting: Sorting, keys: Mapping[str, Key[Instance]]) -> list[Instance]:
    return ordered(found, sorting, keys, default=attrgetter("id"))


def _select(
    request: Request,
    bound: Mapping[str, Any],
    everything: Mapping[str, Instance],
    builders: Mapping[str, Builder],
    permission: str,
    *,
    running: bool,
) -> Iterator[Instance]:
    store = request.store
    tests = list(_tests(store, bound, builders))
    for alternative in bound.get("orQueries", ()):
        kinds = runtime_members(request.engine.version) if running else history_members(request.engine.version)
        either = list(_tests(store, bind(alternative, kinds), builders))
        if either:
            tests.append(_any_of(either))
    if request.user is not None and request.user.grants is not None:
        tests.append(lambda one: request.may(permission, "ProcessDefinition", one.definition.key))
    candidates = _candidates(store, bound, everything, running=running)
    return (one for one in candidates if all(test(one) for test in tests)) if tests else iter(candidates)


def _candidates(
    store: Store, bound: Mapping[str, Any], everything: Mapping[str, Instance], *, running: bool
) -> Iterable[Instance]:
    """Return the fewest instances known to hold all that can be selected."""
    ids = bound.get("processInstanceIds")
    if ids is not None:
        return [everything[one] for one in dict.fromkeys(ids) if one in everything]
    definition_id = bound.get("processDefinitionId")
    if definition_id is not None:
        definition = store.definitions.get(definition_id)
        if definition is None:
            return ()
        if running:
            return definition.remember("running", lambda: sorted(definition.running.values(), key=attrgetter("id")))
        return list(definition.historic.values())
    return list(everything.values())


def _any_of(tests: list[Test]) -> Test:
    return lambda one: any(test(one) for test in tests)


def _tests(store: Store, bound: Mapping[str, Any], builders: Mapping[str, Builder]) -> Iterator[Test]:
    for name, value in bound.items():
        builder = builders.get(name)
        if builder is not None:
            if isinstance(value, list) and not value:
                if name == "processInstanceIds":
                    raise engine_error("Set of process instance ids is empty")
                continue
            yield builder(store, value)
    conditions = bound.get("variables")
    if conditions:
        tests = variable_tests(
            conditions,
            names_ignore_case=bool(bound.get("variableNamesIgnoreCase")),
            values_ignore_case=bool(bound.get("variableValuesIgnoreCase")),
        )
        yield lambda one: (lambda variables: all(test(variables) for test in tests))(tuple(store.variables_of(one)))


def _equal(attribute: str) -> Builder:
    get = attrgetter(attribute)
    return lambda store, value: lambda one: get(one) == value


def _among(attribute: str, *, negated: bool = False) -> Builder:
    get = attrgetter(attribute)

    def build(store: Store, value: Any) -> Test:
        wanted = frozenset(value)
        return lambda one: (get(one) in wanted) != negated

    return build


def _like(attribute: str, *, ignore_case: bool = False) -> Builder:
    get = attrgetter(attribute)

    def build(store: Store, value: Any) -> Test:
        matches = like(value, ignore_case=ignore_case)
        return lambda one: (text := get(one)) is not None and matches(text)

    return build


def _is(test: Test) -> Builder:
    return lambda store, value: test


def _time(attribute: str, *, before: bool) -> Builder:
    get = attrgetter(attribute)

    def build(store: Store, value: Any) -> Test:
        moment = _moment(value)

        def test(one: Instance) -> bool:
            stored: datetime | None = get(one)
            return stored is not None and (stored <= moment if before else stored >= moment)

        return test

    return build


def _moment(value: str) -> datetime:
    moment = parse_engine_time(value)
    if moment is None:
        raise invalid(f'Cannot convert value "{value}" to java type java.util.Date')
    return moment


def _at(store: Store, value: Any) -> Test:
    wanted = frozenset(value)
    return lambda one: one.ended is None and not wanted.isdisjoint(store.summary(one).at)


def _open_at(store: Store, value: Any) -> Test:
    wanted = frozenset(value)
    return lambda one: one.ended is None and not wanted.isdisjoint(store.summary(one).open)


def _executed(store: Store, value: Any) -> Test:
    wanted = frozenset(value)
    return lambda one: any(entry.activity_id in wanted for entry in one.live.finished if not entry.canceled)


def _executed_time(*, before: bool) -> Builder:
    def build(store: Store, value: Any) -> Test:
        moment = _moment(value)
        return lambda one: any(
            entry.ended <= moment if before else entry.ended >= moment for entry in one.live.finished
        )

    return build


def _with_incidents(*, root: bool = False) -> Builder:
    def build(store: Store, value: Any) -> Test:
        return lambda one: any(is_root or not root for _, _, is_root in store.summary(one).incidents)

    return build


def _incident(matches: Callable[[Incident, Any], bool]) -> Builder:
    def build(store: Store, value: Any) -> Test:
        return lambda one: (
            bool(store.summary(one).incidents) and any(matches(incident, value) for incident in one.live.incidents)
        )

    return build


def _super(store: Store, value: Any) -> Test:
    return lambda one: one.super_instance is not None and one.super_instance.id == value


def _sub(store: Store, value: Any) -> Test:
    called = store.historic.get(value)
    return lambda one: called is not None and called.super_instance is one


def _leaf(store: Store, value: Any) -> Test:
    callers = {id(one.super_instance) for one in store.instances.values() if one.super_instance is not None}
    return lambda one: id(one) not in callers


_COMMON_TESTS: Final[Mapping[str, Builder]] = {
    "processDefinitionId": _equal("definition.id"),
    "processDefinitionKey": _equal("definition.key"),
    "processDefinitionKeyIn": _among("definition.key"),
    "processDefinitionKeyNotIn": _among("definition.key", negated=True),
    "processInstanceIds": _among("id"),
    "rootProcessInstances": _is(lambda one: one.super_instance is None),
    "rootProcessInstanceId": _equal("root_instance.id"),
    "tenantIdIn": _among("tenant_id"),
    "withoutTenantId": _is(lambda one: one.tenant_id is None),
    "incidentType": _incident(lambda incident, value: incident.incident_type == value),
    "incidentMessage": _incident(lambda incident, value: incident.message == value),
    "incidentMessageLike": _incident(lambda incident, value: like(value)(incident.message or "")),
    "suspended": _is(lambda one: one.suspended and one.ended is None),
    "activityIdIn": _at,
}
RUNTIME_TESTS: Final[Mapping[str, Builder]] = {
    **_COMMON_TESTS,
    "businessKey": _equal("business_key"),
    "businessKeyLike": _like("business_key"),
    "deploymentId": _equal("definition.deployment_id"),
    "superProcessInstance": _super,
    "subProcessInstance": _sub,
    "leafProcessInstances": _leaf,
    "withIncident": _with_incidents(),
    "incidentId": _incident(lambda incident, value: incident.id == value),
    "processDefinitionWithoutTenantId": _is(lambda one: one.definition.tenant_id is None),
    "active": _is(lambda one: not one.suspended),
}
HISTORY_TESTS: Final[Mapping[str, Builder]] = {
    **_COMMON_TESTS,
    "processInstanceId": _equal("id"),
    "processInstanceIdNotIn": _among("id", negated=True),
    "processDefinitionName": _equal("definition.name"),
    "processDefinitionNameLike": _like("definition.name", ignore_case=True),
    "processInstanceBusinessKey": _equal("business_key"),
    "processInstanceBusinessKeyLike": _like("business_key"),
    "processInstanceBusinessKeyIn": _among("business_key"),
    "finished": _is(lambda one: one.ended is not None),
    "unfinished": _is(lambda one: one.ended is None),
    "completed": _is(lambda one: one.state == "COMPLETED"),
    "externallyTerminated": _is(lambda one: one.state == "EXTERNALLY_TERMINATED"),
    "active": _is(lambda one: one.ended is None and not one.suspended),
    "withIncidents": _with_incidents(),
    "withRootIncidents": _with_incidents(root=True),
    "incidentStatus": lambda store, value: lambda one: bool(store.summary(one).incidents) if value == "open" else False,
    "incidentIdIn": _incident(lambda incident, value: incident.id in value),
    "startedBefore": _time("started", before=True),
    "startedAfter": _time("started", before=False),
    "finishedBefore": _time("ended", before=True),
    "finishedAfter": _time("ended", before=False),
    "startedBy": _equal("start_user"),
    "superProcessInstanceId": _super,
    "subProcessInstanceId": _sub,
    "executedActivityIdIn": _executed,
    "executedActivityBefore": _executed_time(before=True),
    "executedActivityAfter": _executed_time(before=False),
    "activeActivityIdIn": _open_at,
}
RUNTIME_SORT: Final[Mapping[str, Key[Instance]]] = {
    "instanceId": attrgetter("id"),
    "definitionId": attrgetter("definition.id"),
    "definitionKey": attrgetter("definition.key"),
    "tenantId": attrgetter("tenant_id"),
    "businessKey": attrgetter("business_key"),
}
HISTORY_SORT: Final[Mapping[str, Key[Instance]]] = {
    **RUNTIME_SORT,
    "definitionName": attrgetter("definition.name"),
    "definitionVersion": attrgetter("definition.version"),
    "startTime": attrgetter("started"),
    "endTime": attrgetter("ended"),
    "duration": lambda one: one.ended - one.started if one.ended else None,
}
