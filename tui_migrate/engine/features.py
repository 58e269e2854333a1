"""What this engine's version can do, and the closed lists of query fields that it honours.

Every engine ignores a field that it does not know, which *widens* a selection. So a field is sent only to an engine
whose version is known to honour it. The lists were probed on Camunda 7.13.0, 7.17.0, 7.24.0 and Operaton 1.0.3; the
versions between 7.17 and 7.24 are asked by a canary when a field of the newer list is used for the first time.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Family = Literal["camunda", "operaton"]
QueryKind = Literal["runtime", "history", "job"]

RUNTIME_FIELDS = frozenset(
    {
        "processDefinitionId", "processDefinitionKey", "processDefinitionKeyIn", "processDefinitionKeyNotIn",
        "processInstanceIds", "businessKey", "businessKeyLike", "activityIdIn", "suspended", "active", "withIncident",
        "incidentType", "incidentMessage", "incidentMessageLike", "incidentId", "tenantIdIn", "withoutTenantId",
        "rootProcessInstances", "leafProcessInstances", "superProcessInstance", "subProcessInstance", "variables",
        "variableNamesIgnoreCase", "variableValuesIgnoreCase", "orQueries", "deploymentId",
    }
)  # fmt: skip
HISTORY_FIELDS = frozenset(
    {
        "processDefinitionId", "processDefinitionKey", "processDefinitionKeyIn", "processInstanceIds",
        "processInstanceBusinessKey", "processInstanceBusinessKeyLike", "processInstanceBusinessKeyIn",
        "activeActivityIdIn", "suspended", "active", "finished", "unfinished", "withIncidents", "withRootIncidents",
        "incidentType", "incidentStatus", "incidentMessage", "incidentMessageLike", "tenantIdIn", "withoutTenantId",
        "rootProcessInstances", "superProcessInstanceId", "subProcessInstanceId", "startedBefore", "startedAfter",
        "startedBy", "executedActivityIdIn", "executedActivityBefore", "executedActivityAfter", "variables",
        "variableNamesIgnoreCase", "variableValuesIgnoreCase", "orQueries",
    }
)  # fmt: skip
JOB_FIELDS = frozenset(
    {
        "jobId", "jobIds", "jobDefinitionId", "processInstanceId", "processInstanceIds", "executionId",
        "processDefinitionId", "processDefinitionKey", "activityId", "failedActivityId", "noRetriesLeft",
        "withRetriesLeft", "withException", "exceptionMessage", "active", "suspended", "executable", "timers",
        "messages", "tenantIdIn", "withoutTenantId",
    }
)  # fmt: skip
NEWER: dict[QueryKind, frozenset[str]] = {
    "runtime": frozenset({"rootProcessInstanceId"}),
    "history": frozenset({"rootProcessInstanceId", "activityIdIn", "incidentIdIn", "processInstanceIdNotIn"}),
    "job": frozenset(),
}
"""Ignored by 7.17.0, honoured by 7.24.0 and Operaton 1.0.3."""
OLDEST_MISSING: dict[QueryKind, frozenset[str]] = {
    "runtime": frozenset(),
    "history": frozenset({"processInstanceBusinessKeyIn"}),
    "job": frozenset(),
}
"""Ignored by 7.13.0, honoured by 7.17.0."""

IMPOSSIBLE: dict[str, object] = {
    "rootProcessInstanceId": "-",
    "activityIdIn": ["-"],
    "incidentIdIn": ["-"],
    "processInstanceBusinessKeyIn": ["-"],
}
"""Values that no instance has; there is none for a negation."""
MISTYPED: dict[str, object] = {"-": {}}
"""A value of a type that no field takes: an engine that knows the field answers 400, one that ignores it does not."""


class Features(Struct, frozen=True):
    """What is known of an engine."""

    version_text: str
    """As the engine says it, such as `7.24.0`."""
    version: tuple[int, ...]
    family: Family
    product: str
    """The name for people; from the answers' class names where they were seen, else from the version."""
    runtime_fields: frozenset[str]
    history_fields: frozenset[str]
    job_fields: frozenset[str]
    unsure: frozenset[tuple[QueryKind, str]]
    """Fields of which only a canary can tell."""
    has_batch_start_time: bool
    """`startTime` of a batch, and sorting batches by it."""

    def fields(self, kind: QueryKind) -> frozenset[str]:
        """Return the fields of this kind of query that the engine is known to honour."""
        return {"runtime": self.runtime_fields, "history": self.history_fields, "job": self.job_fields}[kind]

    def decided(self, kind: QueryKind, field: str, *, honoured: bool) -> Features:
        """Return the features with one unsure field decided."""
        unsure = self.unsure - {(kind, field)}
        if not honoured:
            return replace(self, unsure=unsure)
        if kind == "runtime":
            return replace(self, unsure=unsure, runtime_fields=self.runtime_fields | {field})
        if kind == "history":
            return replace(self, unsure=unsure, history_fields=self.history_fields | {field})
        return replace(self, unsure=unsure, job_fields=self.job_fields | {field})

    @property
    def label(self) -> str:
        """Product and version, such as `Camunda 7.24.0`."""
        return f"{self.product} {self.version_text}"


def features_of(version_text: str) -> Features:
    """Return the features of an engine version, such as `7.24.0` or `1.0.3`.

    Every major version but 7 is one of Operaton's family (Operaton, CIB seven), which started from 7.24 and 7.22.
    """
    version = tuple(int(number) for number in re.findall(r"\d+", version_text)[:3])
    camunda = version[:1] == (7,)
    new = not camunda or version >= (7, 24)
    between = camunda and (7, 17) < version[:2] < (7, 24)
    too_old = camunda and version < (7, 17)
    return Features(
        version_text=version_text,
        version=version,
        family="camunda" if camunda else "operaton",
        product="Camunda" if camunda else "Operaton",
        runtime_fields=_fields("runtime", RUNTIME_FIELDS, new=new, too_old=too_old),
        history_fields=_fields("history", HISTORY_FIELDS, new=new, too_old=too_old),
        job_fields=_fields("job", JOB_FIELDS, new=new, too_old=too_old),
        unsure=_unsure(between=between, too_old=too_old),
        has_batch_start_time=new,
    )


def _fields(kind: QueryKind, base: frozenset[str], *, new: bool, too_old: bool) -> frozenset[str]:
    if new:
        return base | NEWER[kind]
    return base - OLDEST_MISSING[kind] if too_old else base


def _unsure(*, between: bool, too_old: bool) -> frozenset[tuple[QueryKind, str]]:
    asked = NEWER if between else OLDEST_MISSING if too_old else {}
    return frozenset((kind, field) for kind, fields in asked.items() for field in fields)


PRODUCTS = {"org.camunda.": "Camunda", "org.operaton.": "Operaton", "org.cibseven.": "CIB seven"}


def product_of(class_name: str) -> str | None:
    """Return the product whose Java class an answer names, or None."""
    return next((name for prefix, name in PRODUCTS.items() if class_name.startswith(prefix)), None)
