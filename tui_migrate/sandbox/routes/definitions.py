"""`/process-definition`, `/deployment`, `/job-definition`, `/version`, `/engine`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

from tui_migrate.sandbox.errors import Refusal, invalid, not_found
from tui_migrate.sandbox.exchange import Answer, Request
from tui_migrate.sandbox.query.lists import Key, ordered, page, url_sorting
from tui_migrate.sandbox.query.matching import like
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import Grant
from tui_migrate.sandbox.store.definition import Definition, JobDefinition
from tui_migrate.sandbox.store.store import Store
from tui_migrate.sandbox.versions import is_since_7_18

_SORT: Final[Mapping[str, Key[Definition]]] = {
    "category": attrgetter("category"),
    "key": attrgetter("key"),
    "id": attrgetter("id"),
    "name": attrgetter("name"),
    "version": attrgetter("version"),
    "deploymentId": attrgetter("deployment_id"),
    "deployTime": attrgetter("deployed"),
    "tenantId": attrgetter("tenant_id"),
    "versionTag": attrgetter("version_tag"),
}
_JOB_DEFINITION_SORT: Final[Mapping[str, Key[JobDefinition]]] = {
    "jobDefinitionId": attrgetter("id"),
    "activityId": attrgetter("activity_id"),
    "jobType": attrgetter("job_type"),
    "jobConfiguration": attrgetter("configuration"),
    "processDefinitionId": lambda one: one.definition.id if one.definition else None,
    "processDefinitionKey": lambda one: one.definition.key if one.definition else None,
}


@ROUTER.on("GET", "/version")
def _get_version(request: Request) -> Answer:
    return Answer(body={"version": request.engine.version})


@ROUTER.on("GET", "/engine")
def _get_engines(request: Request) -> Answer:
    return Answer(body=[{"name": request.engine.name}])


@ROUTER.on("GET", "/process-definition")
def _get_definitions(request: Request) -> Answer:
    found = ordered(_selected(request), url_sorting(request, _SORT), _SORT)
    return Answer(body=[definition_body(one) for one in page(request, found)])


@ROUTER.on("GET", "/process-definition/count")
def _get_count_definitions(request: Request) -> Answer:
    return Answer(body={"count": len(_selected(request))})


def _selected(request: Request) -> list[Definition]:
    found = [one for one in request.store.definitions.values() if request.may("READ", "ProcessDefinition", one.key)]
    if request.flag("latestVersion"):
        newest: dict[tuple[str, str | None], Definition] = {}
        for one in found:
            newest[one.key, one.tenant_id] = one
        found = list(newest.values())
    for name, attribute in (("key", "key"), ("name", "name"), ("versionTag", "version_tag")):
        wanted, get = request.text(name), attrgetter(attribute)
        if wanted is not None:
            found = [one for one in found if get(one) == wanted]
        pattern = request.text(f"{name}Like")
        if pattern is not None:
            matches = like(pattern, ignore_case=name == "name")
            found = [one for one in found if get(one) is not None and matches(get(one))]
    for name, attribute in (("keysIn", "key"), ("processDefinitionIdIn", "id"), ("tenantIdIn", "tenant_id")):
        listed = request.texts(name)
        if listed is not None:
            found = [one for one in found if attrgetter(attribute)(one) in listed]
    number = request.number("version")
    if number is not None:
        found = [one for one in found if one.version == number]
    if request.flag("withoutTenantId"):
        found = [one for one in found if one.tenant_id is None]
    if request.flag("active") or request.flag("suspended"):
        found = [one for one in found if one.suspended == request.flag("suspended")]
    return found


def definition_body(one: Definition) -> dict[str, Any]:
    """Return a definition as REST shows it."""
    return {
        "id": one.id,
        "key": one.key,
        "category": one.category,
        "description": one.documentation,
        "name": one.name,
        "version": one.version,
        "resource": one.resource,
        "deploymentId": one.deployment_id,
        "diagram": None,
        "suspended": one.suspended,
        "tenantId": one.tenant_id,
        "versionTag": one.version_tag,
        "historyTimeToLive": one.history_time_to_live,
        "startableInTasklist": True,
    }


def _one(request: Request) -> Definition:
    """Return the definition of the path; one that the user may not read is as good as none."""
    definition = request.store.definitions.get(request.names["id"])
    if definition is None or not request.may("READ", "ProcessDefinition", definition.key):
        raise not_found(f"No matching definition with id {request.names['id']}", code=0)
    return definition


@ROUTER.on("GET", "/process-definition/{id}")
def _get_definition(request: Request) -> Answer:
    return Answer(body=definition_body(_one(request)))


@ROUTER.on("GET", "/process-definition/key/{key}")
def _get_definition_by_key(request: Request) -> Answer:
    return Answer(body=definition_body(_latest(request, None)))


@ROUTER.on("GET", "/process-definition/key/{key}/tenant-id/{tenant}")
def _get_definition_by_key_and_tenant(request: Request) -> Answer:
    return Answer(body=definition_body(_latest(request, request.names["tenant"])))


def _latest(request: Request, tenant_id: str | None) -> Definition:
    key = request.names["key"]
    found = request.store.latest(key, tenant_id)
    if found is None or not request.may("READ", "ProcessDefinition", key):
        tenant = "no tenant-id" if tenant_id is None else f"tenant-id: {tenant_id}"
        raise Refusal(404, "RestException", f"No matching process definition with key: {key} and {tenant}")
    return found


@ROUTER.on("GET", "/process-definition/{id}/xml")
def _get_definition_xml(request: Request) -> Answer:
    found = request.store.definitions.get(request.names["id"])
    if found is None:
        refusal = not_found if is_since_7_18(request.engine.version) else invalid
        raise refusal(f"No matching definition with id {request.names['id']}", code=0)
    request.require(Grant("READ", "ProcessDefinition", found.key))
    return Answer(body={"id": found.id, "bpmn20Xml": found.xml.decode("utf-8")})


@ROUTER.on("GET", "/process-definition/{id}/diagram")
def _get_definition_diagram(request: Request) -> Answer:
    _one(request)
    return Answer(204)


@ROUTER.on("GET", "/process-definition/statistics")
def _get_statistics(request: Request) -> Answer:
    with_incidents = request.flag("incidents") or request.flag("rootIncidents") or request.text("incidentsForType")
    if request.flag("incidents") and request.flag("rootIncidents"):
        raise Refusal(
            400,
            "InvalidRequestException",
            "Only one of the query parameter includeIncidents or includeRootIncidents can be set.",
        )
    found = [one for one in request.store.definitions.values() if request.may("READ", "ProcessDefinition", one.key)]
    return Answer(body=[_statistics_body(request, one, bool(with_incidents)) for one in found])


def _statistics_body(request: Request, one: Definition, with_incidents: bool) -> dict[str, Any]:
    incidents: Counter[str] = Counter()
    failed = 0
    for summary, number in request.store.summaries(one):
        failed += len(summary.failed_jobs) * number
        for _, incident_type, is_root in summary.incidents:
            if is_root or not request.flag("rootIncidents"):
                incidents[incident_type] += number
    # Statistics do not know these two members: they have no value whatever the truth is.
    inner = {**definition_body(one), "historyTimeToLive": None, "startableInTasklist": True}
    return {
        "@class": result_class(request, "ProcessDefinitionStatisticsResultDto"),
        "id": one.id,
        "instances": len(one.running),
        "failedJobs": failed if request.flag("failedJobs") else 0,
        "incidents": _incidents_body(request, incidents) if with_incidents else [],
        "definition": inner,
    }


def result_class(request: Request, name: str) -> str:
    """Return the class name in an answer of statistics, which tells the engine's family."""
    family = "camunda.bpm" if request.engine.version.startswith("7") else "operaton.bpm"
    return f"org.{family}.engine.rest.dto.repository.{name}"


def _incidents_body(request: Request, counted: Mapping[str, int]) -> list[dict[str, Any]]:
    wanted = request.text("incidentsForType")
    return [
        {"incidentType": incident_type, "incidentCount": number}
        for incident_type, number in counted.items()
        if wanted is None or incident_type == wanted
    ]


@ROUTER.on("GET", "/process-definition/{id}/statistics")
def _get_activity_statistics(request: Request) -> Answer:
    found = request.store.definitions.get(request.names["id"])
    if found is None:
        return Answer(body=[])
    request.require(Grant("READ", "ProcessDefinition", found.key))
    return Answer(body=_activity_statistics(request, found))


@ROUTER.on("GET", "/process-definition/key/{key}/statistics")
def _get_activity_statistics_by_key(request: Request) -> Answer:
    return Answer(body=_activity_statistics(request, _latest(request, None)))


def _activity_statistics(request: Request, found: Definition) -> list[dict[str, Any]]:
    instances: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    incidents: dict[str, Counter[str]] = {}
    for summary, number in request.store.summaries(found):
        for activity_id, each in summary.active:
            instances[activity_id] += each * number
        if request.flag("failedJobs"):
            failed.update(dict.fromkeys(summary.failed_jobs, number))
        if request.flag("incidents"):
            for activity, incident_type, _ in summary.incidents:
                incidents.setdefault(activity or "", Counter())[incident_type] += number
    return [
        {
            "@class": result_class(request, "ActivityStatisticsResultDto"),
            "id": activity_id,
            "instances": instances[activity_id],
            "failedJobs": failed[activity_id],
            "incidents": _incidents_body(request, incidents.get(activity_id, Counter())),
        }
        for activity_id in sorted({*instances, *failed, *incidents})
    ]


@ROUTER.on("GET", "/process-definition/{id}/static-called-process-definitions")
def _get_static_called(request: Request) -> Answer:
    found = _one(request)
    callers: dict[str, list[str]] = {}
    for activity in found.model.activities.values():
        called = request.store.latest(activity.details.get("called element", ""), found.tenant_id)
        if activity.type == "callActivity" and called is not None:
            callers.setdefault(called.id, []).append(activity.id)
    return Answer(
        body=[
            {
                **definition_body(request.store.definitions[called_id]),
                "calledFromActivityIds": activities,
                "callingProcessDefinitionId": found.id,
            }
            for called_id, activities in callers.items()
        ]
    )


def all_job_definitions(store: Store, definition_id: str | None = None) -> Iterable[JobDefinition]:
    """Yield the job definitions of a process definition, or all with those of batches."""
    for one in store.definitions.values():
        if definition_id is None or one.id == definition_id:
            yield from one.job_definitions
    if definition_id is None:
        for batch in store.batches.values():
            yield from (batch.seed, batch.monitor, batch.batch)


@ROUTER.on("GET", "/job-definition")
def _get_job_definitions(request: Request) -> Answer:
    known = all_job_definitions(request.store, request.text("processDefinitionId"))
    fitting = [one for one in known if _fits(request, one)]
    found = ordered(fitting, url_sorting(request, _JOB_DEFINITION_SORT), _JOB_DEFINITION_SORT)
    return Answer(body=[_job_definition_body(request, one, in_list=True) for one in page(request, found)])


@ROUTER.on("GET", "/job-definition/count")
def _get_count_job_definitions(request: Request) -> Answer:
    found = all_job_definitions(request.store, request.text("processDefinitionId"))
    return Answer(body={"count": sum(1 for one in found if _fits(request, one))})


def _fits(request: Request, one: JobDefinition) -> bool:
    key = one.definition.key if one.definition else None
    if key is not None and not request.may("READ", "ProcessDefinition", key):
        return False
    wanted = {
        "jobDefinitionId": one.id,
        "jobType": one.job_type,
        "jobConfiguration": one.configuration,
        "processDefinitionKey": key,
    }
    if any(request.text(name) not in {None, value} for name, value in wanted.items()):
        return False
    activities = request.texts("activityIdIn")
    return activities is None or one.activity_id in activities


@ROUTER.on("GET", "/job-definition/{id}")
def _get_job_definition(request: Request) -> Answer:
    for one in all_job_definitions(request.store):
        if one.id == request.names["id"]:
            return Answer(body=_job_definition_body(request, one, in_list=False))
    raise not_found(f"Job Definition with id {request.names['id']} does not exist")


def _job_definition_body(request: Request, one: JobDefinition, *, in_list: bool) -> dict[str, Any]:
    definition = one.definition
    body = {
        "id": one.id,
        "processDefinitionId": definition.id if definition else None,
        "processDefinitionKey": definition.key if definition else None,
        "jobType": one.job_type,
        "jobConfiguration": one.configuration,
        "activityId": one.activity_id,
        "suspended": one.suspended,
        "overridingJobPriority": None,
        "tenantId": definition.tenant_id if definition else None,
    }
    if is_since_7_18(request.engine.version):
        # Seen on 7.24.0: lists hold no deployment, not even where there is one.
        body["deploymentId"] = None if in_list or definition is None else definition.deployment_id
    return body
