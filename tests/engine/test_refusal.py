"""Every status and body that is no success becomes the one error that fits, with a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.engine.support import BASE, HTML, Recorder, client, engine_error
from tui_migrate import errors
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.plan_answer import instance_report, validation_report
from tui_migrate.engine.refusal import engine_code
from tui_migrate.errors import EngineError
from tui_migrate.migration.plan import Instruction, MigrationPlan

PLAN = MigrationPlan("a:1:x", "a:2:y", (Instruction("u", "u"),))


def html(status: int) -> httpx.Response:
    return httpx.Response(status, html=HTML)


def text(status: int, words: str) -> httpx.Response:
    return httpx.Response(status, text=words)


READS = {
    "another web server's page": (html(404), errors.UnexpectedReply, "not the engine's REST API (404)"),
    "Spring Boot's own 404": (
        httpx.Response(404, json={"timestamp": "…", "status": 404, "error": "Not Found", "path": "/version"}),
        errors.UnexpectedReply,
        "it often ends in /engine-rest",
    ),
    "a path beyond the base": (
        engine_error(404, "NotFoundException", "HTTP 404 Not Found"),
        errors.NotFound,
        "is not its REST base",
    ),
    "a login page with 200": (html(200), errors.UnexpectedReply, "A web page came from"),
    "text with 200": (text(200, "hello"), errors.UnexpectedReply, "is not JSON (text/plain"),
    "JSON of something else": (
        httpx.Response(200, json={"status": "UP"}),
        errors.UnexpectedReply,
        "missing required field `version`",
    ),
    "a list instead": (httpx.Response(200, json=[]), errors.UnexpectedReply, "not of the known shape"),
    "broken JSON": (
        httpx.Response(200, text='{"version":', headers={"content-type": "application/json"}),
        errors.UnexpectedReply,
        "no JSON that can be read",
    ),
    "a redirect to a login": (
        httpx.Response(302, headers={"location": "https://sso.example/login?state=s3cret"}),
        errors.AuthFailed,
        "redirects to https://sso.example/login instead of answering",
    ),
    "a redirect to https": (
        httpx.Response(301, headers={"location": "https://engine.example/engine-rest/version"}),
        errors.EngineUnreachable,
        "wants https:// in place of http://",
    ),
    "no credentials": (httpx.Response(401), errors.AuthFailed, "wants a login (401)"),
    "a proxy's login": (httpx.Response(407), errors.EngineUnreachable, "The proxy wants a login (407)"),
    "a gateway forbids": (html(403), errors.Forbidden, "something between here and the engine forbids it"),
    "too large for a proxy": (html(413), errors.EngineRefused, "too large (413). Send fewer instances"),
    "too many requests": (html(429), errors.EngineUnreachable, "too many requests (429)"),
    "bad gateway": (html(502), errors.EngineUnreachable, "can't get an answer from the engine (502)"),
    "unavailable": (html(503), errors.EngineUnreachable, "(503). Is the engine up?"),
    "gateway time-out": (html(504), errors.EngineTimeout, "gave up waiting for the engine (504)"),
    "a server's own failure": (html(500), errors.EngineFault, "failed at GET /version (500)"),
    "a server's own refusal": (html(400), errors.UnexpectedReply, "answers 400 to GET /version"),
    "Jackson's plain text": (
        text(400, "Cannot construct instance of `X`\n at [1]"),
        errors.EngineRefused,
        "Cannot construct",
    ),
    "an empty message": (engine_error(400, "InvalidRequestException", ""), errors.EngineRefused, "gives no reason"),
    "an unreadable query": (
        engine_error(404, "QueryParamException", "Cannot set query parameter 'maxResults'"),
        errors.EngineRefused,
        "Cannot set query parameter",
    ),
    "a thing that is not there": (
        engine_error(404, "InvalidRequestException", "No matching definition with id nope"),
        errors.NotFound,
        "Not found: No matching definition with id nope.",
    ),
    "an unknown engine": (
        engine_error(400, "InvalidRequestException", "No process engine available"),
        errors.NotFound,
        "no process engine 'blue'",
    ),
    "a NullPointerException": (
        engine_error(500, "NullPointerException", "Cannot invoke x"),
        errors.EngineFault,
        "Its log says more. (NullPointerException)",
    ),
    "a concurrent change": (
        engine_error(500, "OptimisticLockingException", "ENGINE-03005 Execution of 'DELETE …' failed."),
        errors.EngineFault,
        "Try again.",
    ),
    "different tenants": (
        engine_error(500, "ProcessEngineException", "ENGINE-2309 Cannot migrate process instances between …"),
        errors.EngineRefused,
        "ENGINE-2309",
    ),
    "job retries of an unknown job": (
        engine_error(500, "InvalidRequestException", "No job found with id 'x'."),
        errors.EngineRefused,
        "No job found",
    ),
    "an unknown definition": (
        engine_error(
            400, "BadUserRequestException", "ENGINE-23008 Source process definition with id 'x' does not exist"
        ),
        errors.EngineRefused,
        "ENGINE-23008",
    ),
}


Ask = Callable[[EngineClient], Awaitable[object]]


async def asked(engine: EngineClient) -> None:
    await engine.version()


async def executed(engine: EngineClient) -> None:
    await engine.execute(PLAN, ["i"])


async def sent(engine: EngineClient) -> None:
    await engine.execute_async(PLAN, ["i"])


async def error_of(answer: httpx.Response, ask: Ask = asked, **settings: Any) -> EngineError:
    """The error that an answer becomes; a change is sent once, whatever comes back."""
    recorder = Recorder(lambda request: answer)
    async with client(recorder, **settings) as engine:
        with pytest.raises(errors.EngineError) as caught:
            await ask(engine)
    assert len(recorder.requests) == 1 or recorder.requests[0].method == "GET"
    return caught.value


@pytest.mark.parametrize("name", READS)
async def test_a_read(name: str) -> None:
    answer, kind, words = READS[name]
    engine_name = "blue" if "unknown engine" in name else None
    error = await error_of(answer, engine_name=engine_name)
    assert type(error) is kind
    assert words in str(error)
    assert "\n" not in str(error)
    assert "s3cret" not in str(error)
    assert (error.method, error.path, error.status) == ("GET", "/version", answer.status_code)


@pytest.mark.parametrize(
    "answer",
    [html(502), html(503), html(504), html(500), html(200), httpx.Response(200, json={"nothing": "known"}), html(408)],
    ids=["502", "503", "504", "500 without the engine's body", "login page", "other JSON", "408"],
)
async def test_a_change_that_something_else_answered_is_of_unknown_outcome(answer: httpx.Response) -> None:
    for change in (sent, executed):
        error = await error_of(answer, change)
        assert type(error) is errors.OutcomeUnknown
        assert "It is not sent again: ask the engine" in str(error)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), errors.AuthFailed),
        (html(403), errors.Forbidden),
        (html(413), errors.EngineRefused),
        (httpx.Response(302, headers={"location": "/login"}), errors.AuthFailed),
        (engine_error(500, "ProcessEngineException", "something inside"), errors.EngineFault),
        (engine_error(500, "ProcessEngineException", "ENGINE-23003 Process instance 'x' …"), errors.EngineRefused),
        (engine_error(500, "OptimisticLockingException", "ENGINE-03005 …"), errors.EngineFault),
        (html(404), errors.UnexpectedReply),
    ],
    ids=["401", "403", "413", "302", "500", "ended", "locking", "404"],
)
async def test_a_change_that_was_certainly_not_done(answer: httpx.Response, kind: type[EngineError]) -> None:
    assert type(await error_of(answer, executed)) is kind


async def test_a_rejected_plan_holds_the_engines_report() -> None:
    report = {
        "instructionReports": [
            {
                "instruction": {"sourceActivityIds": ["u"], "targetActivityIds": ["gone"], "updateEventTrigger": False},
                "failures": ["Target activity 'gone' does not exist"],
            }
        ],
        "variableReports": {"f": {"value": 1, "failures": ["no"]}},
    }
    answer = engine_error(400, "MigrationPlanValidationException", "ENGINE-23001 …", validationReport=report)
    error = await error_of(answer, executed)
    assert isinstance(error, errors.PlanRejected)
    assert "Nothing was migrated" in str(error)
    assert error.report == report
    assert engine_code(error.engine_message) == "23001"
    read = validation_report(error.report)
    assert read.instruction_reports[0].instruction == Instruction("u", "gone")
    assert read.instruction_reports[0].failures == ("Target activity 'gone' does not exist",)
    assert read.variable_reports == {"f": ("no",)}


async def test_a_rejected_instance_says_which_and_where() -> None:
    activity = {
        "migrationInstruction": None,
        "activityInstanceId": "y:1",
        "sourceScopeId": "y",
        "failures": ["no instruction"],
    }
    transition = {
        "migrationInstruction": None,
        "transitionInstanceId": "t",
        "sourceScopeId": "s",
        "failures": ["not asyncBefore"],
    }
    report = {
        "processInstanceId": "PI",
        "failures": ["whole"],
        "activityInstanceValidationReports": [activity],
        "transitionInstanceValidationReports": [transition],
    }
    message = "ENGINE-23004 Cannot migrate process instance 'PI':\n\tCannot migrate activity instance 'y:1':\n"
    answer = engine_error(400, "MigratingProcessInstanceValidationException", message, validationReport=report)
    error = await error_of(answer, executed)
    assert isinstance(error, errors.InstanceRejected)
    assert "can't be applied to process instance PI" in str(error)
    assert error.engine_message == message
    read = instance_report(error)
    assert read is not None
    assert (read.instance_id, read.failures) == ("PI", ("whole",))
    assert [(one.activity_id, one.transition, one.failures) for one in read.activities] == [
        ("s", True, ("not asyncBefore",)),
        ("y", False, ("no instruction",)),
    ]


@pytest.mark.parametrize("report", [{"instructionReports": "nonsense"}, "nonsense", None])
async def test_a_report_that_can_not_be_read_is_not_an_error_of_its_own(report: object) -> None:
    answer = engine_error(400, "MigrationPlanValidationException", "ENGINE-23001", validationReport=report)
    error = await error_of(answer, executed)
    assert isinstance(error, errors.PlanRejected)
    assert validation_report(error.report).valid


async def test_missing_permissions_are_named() -> None:
    answer = engine_error(
        403,
        "AuthorizationException",
        "The user with id 'op1' does not have …",
        missingAuthorizations=[
            {"permissionName": "CREATE_BATCH_MIGRATE_PROCESS_INSTANCES", "resourceName": "Batch", "resourceId": None},
            {"permissionName": "MIGRATE_INSTANCE", "resourceName": "ProcessDefinition", "resourceId": "loan"},
        ],
    )
    error = await error_of(answer, sent)
    assert isinstance(error, errors.Forbidden)
    assert error.missing == (
        "CREATE_BATCH_MIGRATE_PROCESS_INSTANCES on Batch",
        "MIGRATE_INSTANCE on ProcessDefinition 'loan'",
    )
    assert "CREATE_BATCH_MIGRATE_PROCESS_INSTANCES on Batch or MIGRATE_INSTANCE" in str(error)


@pytest.mark.parametrize("more", [{"missingAuthorizations": None}, {"missingAuthorizations": ["x", 1]}, {}])
async def test_an_older_authorization_error(more: dict[str, object]) -> None:
    error = await error_of(engine_error(403, "AuthorizationException", "The user with id 'x' may not.", **more))
    assert isinstance(error, errors.Forbidden)
    assert "may not" in str(error)
    assert error.missing == ()


async def test_the_engines_words_never_reach_the_terminal_as_escape_codes() -> None:
    answer = engine_error(404, "InvalidRequestException", "\x1b[31mred\nand more\u202e")
    error = await error_of(answer, lambda engine: engine.definition("x"))
    assert isinstance(error, errors.NotFound)
    assert str(error).isprintable()
    assert error.engine_message == "\x1b[31mred\nand more\u202e"


async def test_the_address_is_shown_without_credentials() -> None:
    async with client(
        lambda request: httpx.Response(401), url="http://admin:hunter2@engine.example/engine-rest"
    ) as engine:
        assert engine.base_url == BASE
        assert "hunter2" not in repr(engine.settings)
        with pytest.raises(errors.AuthFailed, match=r"does not accept user 'admin' \(401\).*wait before") as caught:
            await engine.connect()
    assert "hunter2" not in f"{caught.value!s}{caught.value!r}{caught.value.__dict__}"
