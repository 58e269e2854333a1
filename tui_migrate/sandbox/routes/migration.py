"""`/migration`: generate, validate, execute, executeAsync."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from tui_migrate.migration.generate import GenerationFailed, generate
from tui_migrate.migration.plan import MigrationPlan
from tui_migrate.migration.report import ValidationReport
from tui_migrate.migration.validate import rejection_message, variable_failures
from tui_migrate.sandbox.body import Kind, bind
from tui_migrate.sandbox.errors import Refusal, engine_error, invalid, null_pointer
from tui_migrate.sandbox.exchange import NOTHING, Answer, Request
from tui_migrate.sandbox.executor import migrate_all
from tui_migrate.sandbox.moving.plan import BoundPlan, definitions_of, read_plan, report_body
from tui_migrate.sandbox.query.instances import select_running
from tui_migrate.sandbox.query.lists import check_limit
from tui_migrate.sandbox.routes.batches import batch_body
from tui_migrate.sandbox.routes.operations import log_operation
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import Grant
from tui_migrate.sandbox.store.entities import Value
from tui_migrate.sandbox.store.values import read_variables
from tui_migrate.sandbox.versions import version_number

_PLAN: Final[Mapping[str, Kind]] = {
    "sourceProcessDefinitionId": "text",
    "targetProcessDefinitionId": "text",
    "instructions": "objects",
    "variables": "object",
}
_INSTRUCTION: Final[Mapping[str, Kind]] = {
    "sourceActivityIds": "texts",
    "targetActivityIds": "texts",
    "updateEventTrigger": "flag",
}
_GENERATION: Final[Mapping[str, Kind]] = {**_PLAN, "updateEventTriggers": "flag"}
_EXECUTION: Final[Mapping[str, Kind]] = {
    "migrationPlan": "object",
    "processInstanceIds": "texts",
    "processInstanceQuery": "object",
    "skipCustomListeners": "flag",
    "skipIoMappings": "flag",
}


def _with_variables(request: Request) -> bool:
    return version_number(request.engine.version) >= (7, 16)


def _plan(request: Request, given: Any) -> BoundPlan:
    if given is None:
        return read_plan(request.store, None)
    bound = bind(given, _PLAN)
    bound["instructions"] = [bind(one, _INSTRUCTION) for one in bound.get("instructions", ())]
    if not _with_variables(request):
        bound.pop("variables", None)
    plan = read_plan(request.store, bound)
    request.require(Grant("READ", "ProcessDefinition", plan.source.key))
    request.require(Grant("READ", "ProcessDefinition", plan.target.key))
    return plan


def _variables_body(variables: Mapping[str, Value], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the variables of a generated plan; those that came without a type have none here, either."""
    if not variables:
        return None
    return {
        name: {"type": one.type, "value": one.value, "valueInfo": one.info}
        if given[name].get("type")
        else {"type": None, "value": one.value, "valueInfo": None}
        for name, one in variables.items()
    }


@ROUTER.on("POST", "/migration/generate")
def _post_generate_plan(request: Request) -> Answer:
    if not request.content:
        raise null_pointer('Cannot invoke "getSourceProcessDefinitionId()" because "generationDto" is null')
    bound = bind(request.json(), _GENERATION)
    variables = read_variables(bound.get("variables")) if _with_variables(request) else {}
    source, target = definitions_of(request.store, bound)
    for one in (source, target):
        request.require(Grant("READ", "ProcessDefinition", one.key))
    try:
        instructions = list(
            generate(source.model, target.model, update_event_triggers=bool(bound.get("updateEventTriggers")))
        )
    except GenerationFailed as failure:
        raise (engine_error if failure.engine_fault else _refused)(failure.engine_message) from failure
    _shuffle(request, instructions)
    plan = BoundPlan(source, target, tuple(instructions), variables)
    prohibited = variable_failures(
        {name: {"type": one.type, "valueInfo": one.info, "value": one.value} for name, one in variables.items()}
    )
    if prohibited:
        report = ValidationReport(variable_reports=prohibited)
        raise _refused(rejection_message(report, MigrationPlan(source.id, target.id, plan.instructions)))
    body: dict[str, Any] = {
        "sourceProcessDefinitionId": source.id,
        "targetProcessDefinitionId": target.id,
        "instructions": [one.to_engine() for one in instructions],
    }
    if _with_variables(request):
        body["variables"] = _variables_body(variables, bound.get("variables") or {})
    return Answer(body=body)


def _refused(message: str) -> Refusal:
    return invalid(message, code=0)


def _shuffle(request: Request, items: list[Any]) -> None:
    """Give a list another order with each call: on an engine it is that of an identity hash set."""
    request.engine.calls += 1
    random.Random(request.engine.calls).shuffle(items)


@ROUTER.on("POST", "/migration/validate")
def _post_validate_plan(request: Request) -> Answer:
    plan = _plan(request, request.json() if request.content else None)
    report = plan.report()
    reports = list(report.instruction_reports)
    _shuffle(request, reports)
    return Answer(body=_report_body(request, replace(report, instruction_reports=tuple(reports)), plan))


def _report_body(request: Request, report: ValidationReport, plan: BoundPlan) -> dict[str, Any]:
    body = report_body(report, plan.variables)
    if not _with_variables(request):
        del body["variableReports"]
    return body


@ROUTER.on("POST", "/migration/execute")
def _post_execute(request: Request) -> Answer:
    plan, ids = _execution(request)
    migrate_all(request.store, plan, ids, request.engine.now())
    _log(request, plan, ids, asynchronous=False)
    return NOTHING


@ROUTER.on("POST", "/migration/executeAsync")
def _post_execute_async(request: Request) -> Answer:
    plan, ids = _execution(request, asynchronous=True)
    user = request.user.name if request.user else None
    batch = request.engine.executor.new_batch(plan, ids, request.engine.now(), user)
    _log(request, plan, ids, asynchronous=True)
    return Answer(body=batch_body(request, batch))


def _execution(request: Request, *, asynchronous: bool = False) -> tuple[BoundPlan, list[str]]:
    """Return the plan and the ids of an execution; ids and query are united."""
    if not request.content:
        raise null_pointer('Cannot invoke "getMigrationPlan()" because "migrationExecution" is null')
    bound = bind(request.json(), _EXECUTION)
    plan = _plan(request, bound.get("migrationPlan"))
    if asynchronous:
        request.require(Grant("CREATE_BATCH_MIGRATE_PROCESS_INSTANCES", "Batch"), Grant("CREATE", "Batch"))
    for one in (plan.source, plan.target):
        request.require(Grant("MIGRATE_INSTANCE", "ProcessDefinition", one.key))
    ids = bound.get("processInstanceIds") or []
    if None in ids:
        raise Refusal(
            400,
            "BadUserRequestException",
            "Process instance ids cannot be null: process instance ids contains null value",
            code=0,
        )
    query = bound.get("processInstanceQuery")
    if query is not None:
        selected = select_running(request, query)
        if request.engine.max_results_limit is not None:
            check_limit(request, len(selected))
        ids = [*ids, *(one.id for one in selected)]
    if not ids:
        raise Refusal(
            400,
            "BadUserRequestException",
            "Process instance ids cannot empty: process instance ids is empty",
            code=0,
        )
    plan.ensure_valid()
    return plan, list(dict.fromkeys(ids))


def _log(request: Request, plan: BoundPlan, ids: list[str], *, asynchronous: bool) -> None:
    properties: list[tuple[str, str | None, str]] = [
        ("processDefinitionId", plan.source.id, plan.target.id),
        ("nrOfInstances", None, str(len(ids))),
        ("async", None, "true" if asynchronous else "false"),
    ]
    if plan.variables:
        properties.append(("nrOfSetVariables", None, str(len(plan.variables))))
    log_operation(request, "Migrate", "ProcessInstance", properties, definition=plan.source)
