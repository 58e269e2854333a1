"""Sentences for a request that got no answer: what happened, and what to do next."""

from __future__ import annotations

import socket
import ssl

from tui_migrate.engine import wire
from tui_migrate.engine.answer import outcome_unknown
from tui_migrate.engine.place import Place, Request
from tui_migrate.errors import (
    ConfigError,
    EngineError,
    EngineTimeout,
    EngineUnreachable,
    TuiMigrateError,
    UnexpectedReply,
)


def trouble(error: wire.NoAnswer, request: Request, place: Place, seconds: float) -> TuiMigrateError:
    """Return the error for a request that got no answer.

    Args:
        error: What the carrier says.
        request: The request.
        place: Where it went.
        seconds: The time-out that held for it.
    """
    if isinstance(error, wire.AddressUnusable):
        return ConfigError(
            f"The engine's address {place.url} can't be used ({_words(error)}). Check {place.where_to_change}."
        )
    if isinstance(error, wire.NotSent):
        return _told(EngineUnreachable, _connection_sentence(error, place), request)
    if request.changing:
        return outcome_unknown(f"its answer was not read ({_why_not_read(error, seconds)})", request, place)
    if isinstance(error, wire.NotAnsweredInTime):
        sentence = (
            f"The engine at {place.url} gave no answer to {request.method} {request.path} within {seconds:g} s. "
            f"Try again, or raise read_timeout in the profile.{place.proxy_hint}"
        )
        return _told(EngineTimeout, sentence, request)
    if isinstance(error, wire.AnswerUnreadable):
        sentence = (
            f"The answer of {place.url} to {request.method} {request.path} can't be read: {_words(error)}. "
            f"Check what stands between here and the engine.{place.proxy_hint}"
        )
        return _told(UnexpectedReply, sentence, request)
    return _told(EngineUnreachable, _cut_sentence(error, place), request)


def _told(kind: type[EngineError], sentence: str, request: Request) -> EngineError:
    return kind(sentence, method=request.method, path=request.path)


def _why_not_read(error: wire.NoAnswer, seconds: float) -> str:
    if isinstance(error, wire.NotAnsweredInTime):
        return f"no answer within {seconds:g} s"
    return _words(error) if isinstance(error, wire.AnswerUnreadable) else "the line was cut"


def _connection_sentence(error: wire.NoAnswer, place: Place) -> str:
    if isinstance(error, wire.ProxyRefused):
        return f"The proxy does not let the request through to {place.url} ({_words(error)}).{place.proxy_hint}"
    if isinstance(error, wire.NotConnectedInTime):
        return (
            f"Cannot reach the engine at {place.url}: no connection in time. Check {place.where_to_change} and "
            f"whether a firewall or a VPN is in the way.{place.proxy_hint}"
        )
    return f"Cannot reach the engine at {place.url}: {_cause(error, place)}{place.proxy_hint}"


def _cause(error: wire.NoAnswer, place: Place) -> str:
    reason = _innermost(error)
    words = _words(reason)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return _certificate_cause(reason, place)
    if isinstance(reason, ssl.SSLError):
        if reason.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"):
            return f"that port does not speak TLS. Use http:// in place of https://? Check {place.where_to_change}."
        return f"TLS failed ({words}). Does it want a client certificate? Check {place.where_to_change}."
    if isinstance(reason, ConnectionRefusedError):
        return f"connection refused. Is it running there? Check {place.where_to_change}."
    if isinstance(reason, socket.gaierror):
        if reason.errno == socket.EAI_AGAIN:
            return f"the host's name can't be resolved now. Check the network and {place.where_to_change}."
        return f"the host is unknown. Check {place.where_to_change}."
    return f"{words}. Check {place.where_to_change}."


def _innermost(error: BaseException) -> BaseException:
    """What failed first; httpcore and the carrier keep it as a cause."""
    while not isinstance(error, ssl.SSLError | socket.gaierror):
        cause = error.__cause__ or error.__context__
        if cause is None:
            break
        error = cause
    return error


def _certificate_cause(reason: ssl.SSLCertVerificationError, place: Place) -> str:
    words = reason.verify_message
    if "mismatch" in words or "doesn't match" in words or "not valid for" in words:
        return f"its certificate is for another name ({words}). Check {place.where_to_change}."
    if "expired" in words:
        return f"its certificate has expired ({words}). It has to be renewed on the server."
    return (
        f"its certificate is not trusted ({words}). If it is signed by an authority of your own, name that "
        "authority's PEM file as ca_file in the profile."
    )


def _cut_sentence(error: wire.NoAnswer, place: Place) -> str:
    tls = (
        " The server may want a client certificate."
        if place.url.startswith("https://")
        else " It may be a TLS port: use https:// in place of http://?"
    )
    return f"The connection to the engine at {place.url} was cut ({_words(error)}). Try again.{tls}{place.proxy_hint}"


def _words(error: BaseException) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
