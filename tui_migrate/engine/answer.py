"""From the body of a success to a typed value."""

from __future__ import annotations

from typing import TypeVar

from msgspec import DecodeError, ValidationError

from tui_migrate.engine.models import decoder
from tui_migrate.engine.place import Place, Request
from tui_migrate.engine.wire import Reply
from tui_migrate.errors import EngineError, OutcomeUnknown, UnexpectedReply
from tui_migrate.text import safe

T = TypeVar("T")


def parse(kind: type[T], reply: Reply, request: Request, place: Place) -> T:
    """Return the body as `kind`.

    Raises:
        UnexpectedReply: The body is HTML, no JSON, or JSON of another shape.
        OutcomeUnknown: The same for a request that changes: something else than the engine may have answered it.
    """
    if not reply.is_json:
        raise _unexpected(_foreign_sentence(reply, request, place), reply, request, place)
    try:
        return decoder(kind).decode(reply.content)
    except DecodeError as error:
        raise _unexpected(_shape_sentence(error, request, place), reply, request, place) from None


def expect_nothing(reply: Reply, request: Request, place: Place) -> None:
    """Check that a change was answered by the engine, which says 204 and nothing else.

    Raises:
        OutcomeUnknown: Another success, such as a login page with status 200.
    """
    if reply.status != 204 and reply.content:
        raise _unexpected(_foreign_sentence(reply, request, place), reply, request, place)


def outcome_unknown(reason: str, request: Request, place: Place, status: int | None = None) -> OutcomeUnknown:
    """Return the error for a change whose answer says nothing about it."""
    return OutcomeUnknown(
        f"{request.method} {request.path} was sent to {place.url}, but {reason}. The engine may have done it, or may "
        "still be doing it. It is not sent again: ask the engine what happened.",
        method=request.method,
        path=request.path,
        status=status,
    )


def _unexpected(sentence: str, reply: Reply, request: Request, place: Place) -> EngineError:
    if request.changing:
        return outcome_unknown("the answer is not the engine's", request, place, reply.status)
    return UnexpectedReply(sentence, method=request.method, path=request.path, status=reply.status)


def _foreign_sentence(reply: Reply, request: Request, place: Place) -> str:
    if reply.is_html:
        return (
            f"A web page came from {place.url} where the engine's JSON was expected ({request.method} "
            f"{request.path}). It may be "
            f"a login page of a gateway, or the address is not the REST base. Check {place.where_to_change}; it often "
            "ends in /engine-rest."
        )
    what = safe(reply.content_type) or "no content type"
    return (
        f"The answer of {place.url} to {request.method} {request.path} is not JSON ({what}). "
        f"Check {place.where_to_change}."
    )


def _shape_sentence(error: DecodeError, request: Request, place: Place) -> str:
    what = "not of the known shape" if isinstance(error, ValidationError) else "no JSON that can be read"
    return (
        f"The answer of {place.url} to {request.method} {request.path} is {what} ({safe(str(error))}). "
        f"Is it a Camunda 7 compatible engine? Check {place.where_to_change}."
    )
