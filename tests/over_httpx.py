"""httpx on either side of a carrier: as a plain client of the embedded engine, and as the words of scripted answers."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import NoReturn

import httpx

from tui_migrate.engine import wire
from tui_migrate.engine.wire import Carrier, Reply, WireRequest

Answer = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]

_AS_CARRIERS_SAY: tuple[tuple[type[httpx.HTTPError], type[wire.NoAnswer]], ...] = (
    (httpx.ConnectTimeout, wire.NotConnectedInTime),
    (httpx.TimeoutException, wire.NotAnsweredInTime),
    (httpx.ConnectError, wire.NotConnected),
    (httpx.NetworkError, wire.LineCut),
    (httpx.RemoteProtocolError, wire.LineCut),
)


class Scripted:
    """A carrier whose answers a function gives in httpx's words."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def send(self, request: WireRequest) -> Reply:
        timeout = {"connect": request.connect_seconds, "read": request.read_seconds}
        sent = httpx.Request(
            request.method,
            request.url,
            headers=[(name.encode(), value.encode()) for name, value in request.headers.items()],
            content=request.content,
            extensions={"timeout": timeout},
        )
        try:
            response = self.answer(sent)
            if inspect.isawaitable(response):
                response = await response
        except httpx.HTTPError as error:
            _raise(error)
        assert isinstance(response, httpx.Response)
        return Reply(response.status_code, dict(response.headers), response.content)

    async def aclose(self) -> None:
        """Nothing is held."""


def _raise(error: httpx.HTTPError) -> NoReturn:
    said = next(said for kind, said in _AS_CARRIERS_SAY if isinstance(error, kind))
    raise said(str(error)) from error.__cause__


class OverCarrier(httpx.AsyncBaseTransport):
    """Lets a plain httpx client ask what a carrier leads to."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
        sent = WireRequest(
            request.method,
            str(request.url),
            {name.lower(): value for name, value in request.headers.items()},
            await request.aread(),
            connect_seconds=timeout.get("connect") or float("inf"),
            read_seconds=timeout.get("read") or float("inf"),
        )
        reply = await self.carrier.send(sent)
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.content)
