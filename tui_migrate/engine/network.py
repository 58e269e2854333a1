"""Carries requests over the network: one pool of connections, each request sent once. Alone in knowing httpcore."""

from __future__ import annotations

import gzip
import sys
import zlib
from typing import NoReturn
from urllib.parse import SplitResult, quote, unquote, urlsplit

import httpcore

from tui_migrate.engine import wire
from tui_migrate.engine.proxies import Proxy, proxy_of
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.engine.tls import proxy_tls_context, tls_context
from tui_migrate.engine.wire import Reply, WireRequest
from tui_migrate.errors import ConfigError

# httpcore imports sniffio anew four times in each request. Where it isn't installed the whole path is searched for it
# each time, which takes as long as half of a small request; None says at once that it is not there.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

IDLE_SECONDS = 20
"""Tomcat closes an idle connection after 60 s: ours goes first, so that a change is not sent into a closing one."""

_FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


class Network:
    """Connections to one engine.

    Args:
        settings: Address, certificates, proxy.
        connections: How many may be open at once.

    Raises:
        ConfigError: A certificate file or the proxy can't be used.
    """

    def __init__(self, settings: EngineSettings, connections: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls_context(settings),
            proxy=_proxy(proxy_of(settings)),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=IDLE_SECONDS,
        )

    async def send(self, request: WireRequest) -> Reply:
        """Send it and read the whole answer."""
        address = urlsplit(request.url)
        headers = {"host": _host_header(address), "accept-encoding": "gzip", **request.headers}
        extensions = {"timeout": {"connect": request.connect_seconds, "read": request.read_seconds}}
        extensions["timeout"]["write"] = request.read_seconds
        try:
            response = await self._pool.request(
                request.method,
                _url(address),
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                content=request.content,
                extensions=extensions,
            )
        except _FAILURES as error:
            _raise(error)
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Reply(response.status, told, _unpacked(response.content, told.get("content-encoding", "")))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


def _url(address: SplitResult) -> httpcore.URL:
    target = quote(address.path or "/", safe="/%:@!$&'()*+,;=~")
    if address.query:
        target = f"{target}?{address.query}"
    return httpcore.URL(
        scheme=address.scheme.encode(), host=_ascii(address.hostname or ""), port=address.port, target=target.encode()
    )


def _host_header(address: SplitResult) -> str:
    host = address.hostname or ""
    name = f"[{host}]" if ":" in host else _ascii(host).decode()
    return name if address.port is None else f"{name}:{address.port}"


def _ascii(host: str) -> bytes:
    if host.isascii():
        return host.encode()
    try:
        return host.encode("idna")
    except UnicodeError as error:
        raise wire.AddressUnusable(f"{host!r} is no name of a host") from error


def _proxy(proxy: Proxy | None) -> httpcore.Proxy | None:
    if proxy is None:
        return None
    try:
        address = urlsplit(proxy.address)
        port = address.port
    except ValueError:
        raise _unusable_proxy() from None
    if address.scheme not in ("http", "https") or not address.hostname:
        raise _unusable_proxy()
    credentials = None
    if address.username is not None:
        credentials = unquote(address.username).encode(), unquote(address.password or "").encode()
    return httpcore.Proxy(
        httpcore.URL(scheme=address.scheme.encode(), host=_ascii(address.hostname), port=port, target=b"/"),
        auth=credentials,
        ssl_context=proxy_tls_context() if address.scheme == "https" else None,
    )


def _unusable_proxy() -> ConfigError:
    return ConfigError("The proxy's address can't be used: it looks like http://host:3128. Check proxy, or HTTP_PROXY.")


def _unpacked(content: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity") or not content:
        return content
    if encoding not in ("gzip", "x-gzip"):
        raise wire.AnswerUnreadable(f"its content is packed as {encoding!r}, which was not asked for")
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise wire.AnswerUnreadable(f"its content can't be unpacked: {error}") from error


def _raise(error: Exception) -> NoReturn:
    words = str(error)
    if isinstance(error, httpcore.ConnectTimeout | httpcore.PoolTimeout):
        raise wire.NotConnectedInTime(words) from error
    if isinstance(error, httpcore.TimeoutException):
        raise wire.NotAnsweredInTime(words) from error
    if isinstance(error, httpcore.ConnectError):
        raise wire.NotConnected(words) from error
    if isinstance(error, httpcore.ProxyError):
        raise wire.ProxyRefused(words) from error
    if isinstance(error, httpcore.UnsupportedProtocol):
        raise wire.AddressUnusable(words) from error
    if isinstance(error, httpcore.NetworkError | httpcore.RemoteProtocolError):
        raise wire.LineCut(words) from error
    raise wire.NoAnswer(words) from error
