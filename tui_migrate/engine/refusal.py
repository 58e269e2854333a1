"""From the status and body of an answer that is no success to the one error that fits.

Error statuses are not semantic on these engines (a wrong instance id is 500, a failing job's execution 404), so the
body's `type` and the `ENGINE-nnnnn` code of its `message` decide first, then the status. The code is the same on
Camunda 7.13 to 7.24 and Operaton; texts without a code are compared by their beginning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tui_migrate import errors
from tui_migrate.engine.place import Place, Request
from tui_migrate.engine.wire import Reply
from tui_migrate.text import safe

_CODE = re.compile(r"\bENGINE-(\d+)")

_REFUSALS = frozenset({"23001", "23002", "23003", "23004", "23008", "23010", "2309", "13053", "13054"})
"""Codes that say no to what was asked, whatever the status: nothing is broken and nothing was done."""

_DATABASE_LOST = frozenset({"TransactionSystemException", "CannotCreateTransactionException"})
"""Types of Spring's transactions: the connection to the database broke, or none was to be had. Nothing is wrong with
the question (seen on 7.17: 'JDBC rollback failed; nested exception is java.sql.SQLException: Connection is closed')."""

_LOGIN_NEXT = "Log in where it points, then give a token or user by"


def engine_code(message: str | None) -> str | None:
    """Return the digits of the `ENGINE-nnnnn` in an engine's message, such as `23003`, or None."""
    found = _CODE.search(message or "")
    return found[1] if found else None


def lost_database(reply: Reply) -> bool:
    """Whether the engine lost its connection to the database, so that asking once more may well be answered."""
    return reply.status >= 500 and reply.error_body().get("type") in _DATABASE_LOST


def lost_while_committing(reply: Reply) -> bool:
    """Whether it lost it in the act of committing: then nobody but the database knows if the change was made."""
    return lost_database(reply) and "commit" in str(reply.error_body().get("message")).lower()


def refusal(reply: Reply, request: Request, place: Place) -> errors.EngineError:
    """Return the error for an answer that is no success."""
    body = reply.error_body()
    kind, message = _text(body.get("type")), _text(body.get("message"))
    if not reply.is_html and not reply.is_json:
        message = reply.content[:2000].decode("utf-8", "replace").strip() or None
    error = _error(reply, body, kind, message, request, place)
    error.method, error.path, error.status = request.method, request.path, reply.status
    error.engine_type, error.engine_message = kind, message
    return error


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _error(
    reply: Reply, body: Mapping[str, Any], kind: str | None, message: str | None, request: Request, place: Place
) -> errors.EngineError:
    if 300 <= reply.status < 400:
        return _redirected(reply, place)
    if reply.status == 401:
        return _unauthorised(place)
    if reply.status == 407:
        return errors.EngineUnreachable(f"The proxy wants a login (407).{place.proxy_hint}")
    if kind is None:
        # Every error of an engine's REST API has a type; Spring Boot's own 404 is JSON, too, and has none.
        return _foreign(reply, message, request, place)
    if reply.status in (502, 503, 504):
        return _gateway(reply, request, place)
    return _engine_said(reply.status, body, kind, message, request, place)


def _engine_said(
    status: int, body: Mapping[str, Any], kind: str | None, message: str | None, request: Request, place: Place
) -> errors.EngineError:
    report = body.get("validationReport")
    if kind == "MigrationPlanValidationException":
        rejected = errors.PlanRejected(
            "The engine rejects the plan: some instructions are not valid. Nothing was migrated."
        )
        rejected.report = report if isinstance(report, dict) else {}
        return rejected
    if kind == "MigratingProcessInstanceValidationException":
        return _instance_rejected(report if isinstance(report, dict) else {}, message)
    if status == 403 or kind == "AuthorizationException":
        return _forbidden(body, message, request, place)
    words = _sentence(message)
    if kind == "OptimisticLockingException":
        return errors.EngineFault(
            f"Something else changed the same data in the engine at the same time: {words} Try again."
        )
    if engine_code(message) in _REFUSALS:
        return errors.EngineRefused(f"The engine refuses: {words}")
    # The XML of an unknown definition is a 400 on 7.17 and older, the definition itself a 404.
    if status == 404 or (message or "").startswith("No matching definition with id"):
        return _not_found(kind, words, request, place)
    if message and message.startswith("No process engine available"):
        return errors.NotFound(
            f"There is no process engine {place.engine_name!r} at {place.url}. Check the engine's name."
        )
    if status >= 500 and kind != "InvalidRequestException":
        return errors.EngineFault(
            f"The engine failed at {request.method} {request.path}: {words} Its log says more. ({kind or status})"
        )
    if not message:
        return errors.EngineRefused(
            f"The engine refuses {request.method} {request.path} ({status}) and gives no reason."
        )
    return errors.EngineRefused(f"The engine refuses: {words}")


def _sentence(message: str | None) -> str:
    """The engine's message on one line, ended like a sentence."""
    words = re.sub(r"\s+", " ", safe(message)).strip()
    if not words:
        return "it gives no reason."
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _instance_rejected(report: Mapping[str, Any], message: str | None) -> errors.InstanceRejected:
    instance = report.get("processInstanceId")
    name = f"process instance {safe(instance)}" if isinstance(instance, str) else "an instance"
    rejected = errors.InstanceRejected(
        f"The plan can't be applied to {name}, so nothing of this request was migrated: {_sentence(message)}"
    )
    rejected.report = report
    return rejected


def _forbidden(body: Mapping[str, Any], message: str | None, request: Request, place: Place) -> errors.Forbidden:
    given = body.get("missingAuthorizations") or ()
    # The same one twice where source and target have one key.
    missing = tuple(dict.fromkeys(_permission(one) for one in given if isinstance(one, dict)))
    who = f"user {safe(place.user)!r}" if place.user else "this user"
    if missing:
        what = f"{who} lacks {' or '.join(missing)}. Ask the engine's administrator to grant it."
    elif message:
        what = f"{_sentence(message)} Ask the engine's administrator for the permission."
    else:
        what = f"something between here and the engine forbids it for {who}."
    error = errors.Forbidden(f"Not allowed: {request.method} {request.path}: {what}")
    error.missing = missing
    return error


def _permission(one: Mapping[str, Any]) -> str:
    resource = safe(str(one.get("resourceName")))
    identity = one.get("resourceId")
    suffix = f" {safe(str(identity))!r}" if identity else ""
    return f"{safe(str(one.get('permissionName')))} on {resource}{suffix}"


def _not_found(kind: str | None, words: str, request: Request, place: Place) -> errors.EngineError:
    if kind == "NotFoundException":
        return errors.NotFound(
            f"The engine at {place.url} knows no {request.path}: the address is not its REST base (too long or too "
            f"short a path), or the engine is too old for it. Check {place.where_to_change}."
        )
    if kind == "QueryParamException":
        return errors.EngineRefused(f"The engine can't read the query: {words}")
    return errors.NotFound(f"Not found: {words}")


def _redirected(reply: Reply, place: Place) -> errors.EngineError:
    goal = reply.location.split("?", 1)[0].split("#", 1)[0]
    goal = safe(re.sub(r"//[^/@]*@", "//", goal), limit=200)
    if goal.startswith("https://") and place.url.startswith("http://") and goal[8:].startswith(place.url[7:]):
        return errors.EngineUnreachable(
            f"The server at {place.url} wants https:// in place of http://. Change {place.where_to_change}."
        )
    return errors.AuthFailed(
        f"The server at {place.url} redirects to {goal or 'another page'} instead of answering: it looks like a login. "
        f"{_LOGIN_NEXT} {place.where_to_log_in}."
    )


def _unauthorised(place: Place) -> errors.AuthFailed:
    if not place.has_credentials:
        return errors.AuthFailed(f"The engine at {place.url} wants a login (401). Give it by {place.where_to_log_in}.")
    who = f"user {safe(place.user)!r}" if place.user else "the token"
    wait = " The engine refuses a user for some seconds after each wrong password: wait before the next try."
    return errors.AuthFailed(
        f"The engine at {place.url} does not accept {who} (401). Check {place.where_to_log_in}."
        f"{wait if place.user else ''}"
    )


def _foreign(reply: Reply, message: str | None, request: Request, place: Place) -> errors.EngineError:
    """Something that is not the engine's own error body: a proxy, another server, or Jackson's plain text."""
    status = reply.status
    if status in (408, 429, 502, 503, 504):
        return _gateway(reply, request, place)
    if status == 413:
        return errors.EngineRefused(
            f"A proxy in front of {place.url} says that the request is too large (413). Send fewer instances at once."
        )
    if status == 403:
        return _forbidden({}, None, request, place)
    if status == 404:
        return errors.UnexpectedReply(
            f"A web server answers at {place.url}, but not the engine's REST API (404). Check the path in "
            f"{place.where_to_change}: it often ends in /engine-rest."
        )
    if status >= 500:
        return errors.EngineFault(f"The server at {place.url} failed at {request.method} {request.path} ({status}).")
    if message:
        return errors.EngineRefused(f"The engine refuses: {_sentence(message)}")
    return errors.UnexpectedReply(
        f"The server at {place.url} answers {status} to {request.method} {request.path}, and not in the engine's form. "
        f"Check {place.where_to_change}."
    )


def _gateway(reply: Reply, request: Request, place: Place) -> errors.EngineError:
    if reply.status in (408, 504):
        return errors.EngineTimeout(
            f"A proxy in front of {place.url} gave up waiting for the engine ({reply.status}). The engine may still be "
            f"working on {request.method} {request.path}."
        )
    if reply.status == 429:
        return errors.EngineUnreachable(
            f"A proxy in front of {place.url} says that there are too many requests (429). Wait."
        )
    return errors.EngineUnreachable(
        f"A proxy in front of {place.url} can't get an answer from the engine ({reply.status}). Is the engine "
        f"up?{place.proxy_hint}"
    )
