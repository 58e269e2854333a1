"""Servers on the loopback and clients for them, for tests of the transport."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from tests.over_httpx import Scripted
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import EngineSettings

CERTIFICATES = Path(__file__).parent / "certificates"
BASE = "http://engine.example/engine-rest"
VERSION = {"version": "7.24.0"}
HTML = "<!doctype html><html><head><title>Sign in</title></head><body><form>…</form></body></html>"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def no_wait(seconds: float) -> None:
    """Spends the pause before another try at once."""


class Recorder:
    """Answers requests by a function and keeps them."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)

    @property
    def paths(self) -> list[str]:
        return [f"{request.method} {request.url.path.removeprefix('/engine-rest')}" for request in self.requests]


def client(answer: Callable[[httpx.Request], httpx.Response], url: str = BASE, **settings: Any) -> EngineClient:
    """A client whose requests a function answers."""
    return EngineClient(EngineSettings(url, **settings), carrier=Scripted(answer), sleep=no_wait)


def always(status: int = 200, json: object = None, **more: Any) -> Recorder:
    """A recorder that gives the same answer to everything."""
    return Recorder(lambda request: httpx.Response(status, json=json, **more))


def engine_error(status: int, kind: str, message: str, **more: object) -> httpx.Response:
    """The engine's own error body."""
    return httpx.Response(status, json={"type": kind, "message": message, "code": 0, **more})


@contextlib.asynccontextmanager
async def serve(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on a free port of the loopback; its connections are ended with it."""
    tasks: set[asyncio.Task[None]] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def answering(body: bytes, content_type: str = "application/json", status: str = "200 OK") -> Handler:
    """A server that answers every request of a connection alike."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_request(reader):
            writer.write(head + body)
            await writer.drain()

    return handle


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request, its body read past; nothing at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    return head


def server_tls(name: str, *, client_authority: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    if client_authority:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(CERTIFICATES / "ca.pem")
    return context


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
