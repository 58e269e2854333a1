"""Sentences for a request that got no answer: what httpx raised, told as what happened and what to do next."""

from __future__ import annotations

import httpx

from tui_migrate.engine.place import Place, Request
from tui_migrate.errors import (
    ConfigError,
    EngineError,
    EngineTimeout,
    EngineUnreachable,
    OutcomeUnknown,
    TuiMigrateError,
)

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""What httpx raises before anything of the request has reached the engine."""

PASSING = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
"""A line that was cut: worth another try of a read. A time-out is not, since the engine is still busy with it."""

_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"


def trouble(
    error: httpx.HTTPError | httpx.InvalidURL, request: Request, place: Place, seconds: float
) -> TuiMigrateError:
    """Return the error for a request that got no answer.

    Args:
        error: What httpx raised.
        request: The request.
        place: Where it went.
        seconds: The time-out that held for it.
    """
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return ConfigError(
            f"The engine's address {place.url} can't be used ({_words(error)}). Check {place.where_to_change}."
        )
    if isinstance(error, NOT_SENT):
        return _unreachable(_connection_sentence(error, place), request)
    if request.changing:
        return _unknown(error, request, place, seconds)
    if isinstance(error, httpx.TimeoutException):
        return EngineTimeout(
            f"The engine at {place.url} gave no answer to {request.method} {request.path} within {seconds:g} s. "
            f"Try again, or raise the read time-out.{place.proxy_hint}",
            method=request.method,
            path=request.path,
        )
    return _unreachable(_cut_sentence(error, place), request)


def _unreachable(sentence: str, request: Request) -> EngineUnreachable:
    return EngineUnreachable(sentence, method=request.method, path=request.path)


def _unknown(error: httpx.HTTPError, request: Request, place: Place, seconds: float) -> EngineError:
    reason = f"no answer within {seconds:g} s" if isinstance(error, httpx.TimeoutException) else "the line was cut"
    return OutcomeUnknown(
        f"{request.method} {request.path} was sent to {place.url}, but its answer was not read ({reason}). "
        "The engine may have done it, or may still be doing it. It is not sent again: ask the engine what happened.",
        method=request.method,
        path=request.path,
    )


def _connection_sentence(error: httpx.HTTPError, place: Place) -> str:
    words = _words(error)
    if isinstance(error, httpx.ProxyError):
        return f"The proxy does not let the request through to {place.url} ({words}).{place.proxy_hint}"
    if isinstance(error, httpx.TimeoutException):
        return (
            f"Cannot reach the engine at {place.url}: no connection in time. Check {place.where_to_change} and "
            f"whether a firewall or a VPN is in the way.{place.proxy_hint}"
        )
    return f"Cannot reach the engine at {place.url}: {_connection_cause(words, place)}{place.proxy_hint}"


def _connection_cause(words: str, place: Place) -> str:
    lower = words.lower()
    if "wrong_version_number" in lower or "record layer failure" in lower:
        return f"that port does not speak TLS. Use http:// in place of https://? Check {place.where_to_change}."
    if _CERTIFICATE.lower() in lower:
        return _certificate_cause(words, place)
    if "ssl" in lower:
        return f"TLS failed ({words}). Does it want a client certificate? Check {place.where_to_change}."
    if "refused" in lower:
        return f"connection refused. Is it running there? Check {place.where_to_change}."
    if "name or service not known" in lower or "nodename nor servname" in lower or "getaddrinfo" in lower:
        return f"the host is unknown. Check {place.where_to_change}."
    if "name resolution" in lower:
        return f"the host's name can't be resolved now ({words}). Check the network and {place.where_to_change}."
    return f"{words}. Check {place.where_to_change}."


def _certificate_cause(words: str, place: Place) -> str:
    reason = words.partition("certificate verify failed: ")[2].split(" (_ssl")[0].rstrip(")") or words
    if "mismatch" in words or "doesn't match" in words or "not valid for" in words:
        return f"its certificate is for another name ({reason}). Check {place.where_to_change}."
    if "expired" in words:
        return f"its certificate has expired ({reason}). It has to be renewed on the server."
    return (
        f"its certificate is not trusted ({reason}). If it is signed by an authority of your own, name that "
        f"authority's PEM file as ca_file in the profile."
    )


def _cut_sentence(error: httpx.HTTPError, place: Place) -> str:
    words = _words(error)
    tls = (
        " It may be a TLS port: use https:// in place of http://?"
        if place.url.startswith("http://") and isinstance(error, httpx.ReadError | httpx.RemoteProtocolError)
        else ""
    )
    return f"The connection to the engine at {place.url} was cut ({words}). Try again.{tls}{place.proxy_hint}"


def _words(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
