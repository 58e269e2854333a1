"""Carries requests over the network: a few lines to one engine, each request sent once. Alone in knowing httpcore.

httpcore's own asynchronous side needs anyio, whose import takes 18 ms of each start. Its blocking side does not: each
line has a thread that blocks, and is awaited here.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import threading
import zlib
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NamedTuple, NoReturn
from urllib.parse import SplitResult, quote, unquote, urlsplit

import httpcore

from tui_migrate.engine import wire
from tui_migrate.engine.proxies import Proxy
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.engine.tls import proxy_tls_context, tls_context
from tui_migrate.engine.wire import Reply, WireRequest
from tui_migrate.errors import ConfigError
from tui_migrate.text import safe

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
    """The way to one engine. As many lines are opened as there are requests at once.

    Args:
        settings: Address and certificates.
        proxy: What requests go through; None for directly.

    Raises:
        ConfigError: A certificate file or the proxy can't be used.
    """

    def __init__(self, settings: EngineSettings, proxy: Proxy | None) -> None:
        context = tls_context(settings)
        through = _proxy(proxy)
        self._open: Callable[[], _Line] = lambda: _Line(
            httpcore.ConnectionPool(
                ssl_context=context, proxy=through, max_connections=1, keepalive_expiry=IDLE_SECONDS, retries=0
            )
        )
        self._idle: list[_Line] = []
        self._busy: set[_Line] = set()

    async def send(self, request: WireRequest) -> Reply:
        """Send it and read the whole answer. Where this is cancelled, the line is cut and nothing is waited for."""
        # The last one that was used: its connection is the least likely to be closed by now.
        line = self._idle.pop() if self._idle else self._open()
        self._busy.add(line)
        try:
            response = await line.ask(request)
        except (*_FAILURES, _CutError) as error:
            self._give_back(line)
            _raise(error)
        except BaseException:
            line.cut()
            raise
        finally:
            self._busy.discard(line)
        self._give_back(line)
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Reply(response.status, told, _unpacked(response.content, told.get("content-encoding", "").lower()))

    def _give_back(self, line: _Line) -> None:
        if not line.is_cut:
            self._idle.append(line)

    async def aclose(self) -> None:
        """Close the connections; what is still on its way is cut."""
        for line in self._busy:
            line.cut()
        for line in self._idle:
            line.close()
        self._idle.clear()


class _CutError(Exception):
    """The line was cut by ourselves."""


class _Asked(NamedTuple):
    """A request in httpcore's words, and where its answer goes."""

    method: str
    url: httpcore.URL
    headers: list[tuple[bytes, bytes]]
    content: bytes | None
    seconds: dict[str, float]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[httpcore.Response]


class _Line:
    """One connection, opened anew where need be, and the thread that waits at it."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool
        self._stream: httpcore.NetworkStream | None = None
        self.is_cut = False
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        # A daemon: an engine that never answers must not hold the process after the user has quit.
        threading.Thread(target=self._work, name="engine line", daemon=True).start()

    async def ask(self, request: WireRequest) -> httpcore.Response:
        """Send a request and await its answer."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[httpcore.Response] = loop.create_future()
        self._asked.put(_asked(request, loop, answer))
        return await answer

    def close(self) -> None:
        """Close the connection once nothing is on its way any more."""
        self._asked.put(None)

    def cut(self) -> None:
        """Close it at once: nothing more is sent, and what is on its way is dead."""
        self.is_cut = True
        self._asked.put(None)
        handle = None if self._stream is None else self._stream.get_extra_info("socket")
        if handle is not None:
            with contextlib.suppress(OSError):
                # Not the method of a TLS socket, which would first take its session away from the thread that reads.
                socket.socket.shutdown(handle, socket.SHUT_RDWR)

    def _work(self) -> None:
        """In the thread: one request after the other."""
        while (asked := self._asked.get()) is not None:
            settle: Callable[[Any], None] = asked.answer.set_result
            result: object
            try:
                result = self._pool.request(
                    asked.method,
                    asked.url,
                    headers=asked.headers,
                    content=asked.content,
                    extensions={"timeout": asked.seconds, "trace": self._trace},
                )
            except Exception as error:
                # Whatever it is, it is raised where the answer is awaited.
                settle, result = asked.answer.set_exception, error
            # A loop that is closed has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                asked.loop.call_soon_threadsafe(_settle, asked.answer, settle, result)
        self._pool.close()

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpcore in the thread, at each step of a request."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info["return_value"]
        if self.is_cut:
            if self._stream is not None:
                # httpcore does not know it yet where it has just come about, and would leave it open.
                self._stream.close()
            raise _CutError


def _settle(answer: asyncio.Future[Any], settle: Callable[[Any], None], result: object) -> None:
    if not answer.done():
        settle(result)


def _asked(request: WireRequest, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[httpcore.Response]) -> _Asked:
    address = urlsplit(request.url)
    headers = {"host": _host_header(address), "accept-encoding": "gzip", **request.headers}
    return _Asked(
        request.method,
        _url(address),
        [(name.encode(), value.encode()) for name, value in headers.items()],
        request.content,
        {"connect": request.connect_seconds, "read": request.read_seconds, "write": request.read_seconds},
        loop,
        answer,
    )


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
    try:
        return host.encode("idna")
    except UnicodeError as error:
        raise wire.AddressUnusable(f"{host!r} is no name of a host") from error


def _proxy(proxy: Proxy | None) -> httpcore.Proxy | None:
    if proxy is None:
        return None
    try:
        address = urlsplit(proxy.address)
        host, port = _ascii(address.hostname or ""), address.port
    except (ValueError, wire.AddressUnusable):
        raise _unusable_proxy() from None
    if address.scheme not in ("http", "https") or not host:
        raise _unusable_proxy()
    credentials = None
    if address.username is not None:
        credentials = unquote(address.username).encode(), unquote(address.password or "").encode()
    return httpcore.Proxy(
        httpcore.URL(scheme=address.scheme.encode(), host=host, port=port, target=b"/"),
        auth=credentials,
        ssl_context=proxy_tls_context() if address.scheme == "https" else None,
    )


def _unusable_proxy() -> ConfigError:
    return ConfigError("The proxy's address can't be used: it looks like http://host:3128. Check proxy, or HTTP_PROXY.")


def _unpacked(content: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity") or not content:
        return content
    if encoding not in ("gzip", "x-gzip"):
        raise wire.AnswerUnreadable(f"its content is packed as {safe(encoding, limit=40)!r}, which was not asked for")
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
    if isinstance(error, _CutError):
        raise wire.LineCut("the session was closed") from error
    if isinstance(error, httpcore.NetworkError | httpcore.RemoteProtocolError):
        raise wire.LineCut(words) from error
    raise wire.NoAnswer(words) from error
