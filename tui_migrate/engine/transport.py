"""Sends requests: one connection pool, few at once, reads tried again, changes sent once. Alone in catching httpx."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote

import httpx
from msgspec import Struct

from tui_migrate import __version__
from tui_migrate.engine import trouble as troubles
from tui_migrate.engine.answer import expect_nothing, outcome_unknown, parse
from tui_migrate.engine.authentication import authentication_of
from tui_migrate.engine.place import Place, Request
from tui_migrate.engine.refusal import Reply, lost_database, lost_while_committing, refusal
from tui_migrate.engine.settings import EngineSettings, proxy_address
from tui_migrate.engine.tls import tls_context
from tui_migrate.errors import AuthFailed, ConfigError, NotFound, ReadOnly, TuiMigrateError
from tui_migrate.secret import Secret

# httpcore imports sniffio anew four times in each request. Where it isn't installed the whole path is searched for it
# each time, which takes as long as half of a small request; None says at once that it is not there.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

T = TypeVar("T")

CONCURRENT = 5
"""Requests in flight at once: what opening a plan asks for, in one round trip. More would be slower by httpx's own
measure, and an engine's pool has 10 connections and 10 to 20 threads for everybody."""
TRIES = 3
"""Of a read, the first one counted."""
PASSING_STATUSES = frozenset({429, 502, 503})
"""Statuses of a proxy that are worth another try of a read."""
UNREAD_STATUSES = frozenset({408, 429, 502, 503, 504})

Parameters = Mapping[str, str | int | bool | Sequence[str] | None]


class RequestRecord(Struct, frozen=True):
    """One request that was made, for counting and logging: nothing secret and no query string."""

    method: str
    path: str
    """Below the REST base, without query."""
    status: int | None
    """None where no answer came."""
    seconds: float
    bytes_sent: int
    bytes_received: int


class _Passing(Exception):
    """An error that may be gone at the next try."""

    def __init__(self, error: TuiMigrateError) -> None:
        self.error = error


def segment(value: str) -> str:
    """Return an id or key as one segment of a path.

    Raises:
        NotFound: It can't be one; a server would read it as another path.
    """
    if value in ("", ".", "..") or "/" in value or "\\" in value:
        raise NotFound(f"There is nothing with the id {value!r} on the engine: it can't be an id.")
    return quote(value, safe=":")


class Transport:
    """The way to one engine.

    Args:
        settings: Address, authentication, time-outs.
        transport: What carries the requests in place of a network (the embedded engine, tests).
        sleep: How the pause before another try is spent.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.settings = settings
        self.place = Place.of(settings, network=transport is None)
        self.on_request: list[Callable[[RequestRecord], None]] = []
        self.largest_page: int | None = None
        """The engine's `queryMaxResultsLimit`, once it was met."""
        self._root = settings.url
        self.base_url = settings.url
        if settings.engine_name is not None:
            self.base_url = f"{settings.url}/engine/{quote(settings.engine_name, safe='')}"
        self._sleep = sleep
        self._places = asyncio.Semaphore(CONCURRENT)
        self._client = _client(settings, transport)
        self._authentication = authentication_of(settings.authentication)
        self._answered = False

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def read(
        self,
        method: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: object = None,
        accept: str = "application/json",
        seconds: float | None = None,
        root: bool = False,
    ) -> Reply:
        """Make a request that changes nothing; it is tried again when the line was cut.

        Args:
            method: GET, or POST for a query.
            path: Below the REST base, each id made safe by `segment`.
            parameters: Of the query string; None values are left out.
            body: Sent as JSON where it is not None.
            accept: The content type asked for.
            seconds: Time-out in place of the settings' for reads.
            root: Address the REST base itself and not the named engine.

        Raises:
            EngineError: One of the family, for every other answer than a success.
        """
        request = Request(method, path)
        wire = self._wire(request, parameters, body, accept, seconds or self.settings.read_timeout, root=root)
        try:
            return await self._send(wire, request)
        except _Passing:
            return await self._again(wire, request)

    async def change(
        self,
        method: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: object = None,
        seconds: float | None = None,
    ) -> Reply:
        """Make a request that changes the engine, exactly once.

        If the task is cancelled while the answer is awaited, the outcome is as unknown as after `OutcomeUnknown`.

        Raises:
            ReadOnly: The settings forbid changes; nothing was sent.
            OutcomeUnknown: It was sent and its answer was not read.
            EngineError: Another one of the family: the engine did not do it.
        """
        self.refuse_if_read_only(method, path)
        request = Request(method, path, changing=True)
        wire = self._wire(request, parameters, body, "application/json", seconds or self.settings.read_timeout)
        try:
            return await self._send(wire, request)
        except _Passing as passing:
            raise passing.error from passing.__cause__

    async def read_as(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: object = None,
        root: bool = False,
    ) -> T:
        """Make a read and return its JSON as `kind`."""
        reply = await self.read(method, path, parameters=parameters, body=body, root=root)
        return parse(kind, reply, Request(method, path), self.place)

    async def read_text(self, path: str) -> str:
        """Make a read that answers plain text (stack traces)."""
        reply = await self.read("GET", path, accept="text/plain")
        return reply.content.decode("utf-8", "replace")

    async def change_as(
        self, kind: type[T], method: str, path: str, *, body: object, seconds: float | None = None
    ) -> T:
        """Make a change and return its JSON as `kind`; another answer is `OutcomeUnknown`."""
        reply = await self.change(method, path, body=body, seconds=seconds)
        return parse(kind, reply, Request(method, path, changing=True), self.place)

    async def change_silently(
        self,
        method: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: object = None,
        seconds: float | None = None,
    ) -> None:
        """Make a change that the engine answers with 204; another answer is `OutcomeUnknown`."""
        reply = await self.change(method, path, parameters=parameters, body=body, seconds=seconds)
        expect_nothing(reply, Request(method, path, changing=True), self.place)

    def refuse_if_read_only(self, method: str, path: str) -> None:
        """Raise ReadOnly where the settings forbid changes."""
        if self.settings.read_only:
            name = f"profile {self.settings.profile_name!r}" if self.settings.profile_name else "this session"
            raise ReadOnly(f"{name[0].upper()}{name[1:]} is read-only: {method} {path} was not sent.")

    def _wire(
        self,
        request: Request,
        parameters: Parameters | None,
        body: object,
        accept: str,
        seconds: float,
        *,
        root: bool = False,
    ) -> httpx.Request:
        headers = {"Accept": accept}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        elif request.method in ("POST", "PUT"):
            headers["Content-Type"] = "application/json"
        timeout = httpx.Timeout(seconds, connect=self.settings.connect_timeout, pool=None)
        try:
            return self._client.build_request(
                request.method,
                (self._root if root else self.base_url) + request.path,
                params=_query(parameters),
                content=content,
                headers=headers,
                timeout=timeout,
            )
        except httpx.InvalidURL as error:
            raise troubles.trouble(error, request, self.place, seconds) from error

    async def _again(self, wire: httpx.Request, request: Request) -> Reply:
        """Try a read again, after growing waits with some chance in them."""
        # Imported here, since hardly any session needs it.
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        await self._sleep(random.uniform(0.05, 0.25))
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(TRIES - 1),
            wait=wait_random_exponential(multiplier=0.5, max=4),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return await retrying(self._send, wire, request)
        except _Passing as passing:
            raise passing.error from passing.__cause__

    async def _send(self, wire: httpx.Request, request: Request) -> Reply:
        async with self._places:
            started = time.perf_counter()
            response: httpx.Response | None = None
            try:
                response = await self._client.send(wire, auth=self._authentication, follow_redirects=False)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise self._no_answer(error, wire, request) from error
            finally:
                self._tell(request, wire, response, time.perf_counter() - started)
        return self._judge(response, request)

    def _no_answer(self, error: httpx.HTTPError | httpx.InvalidURL, wire: httpx.Request, request: Request) -> Exception:
        seconds = wire.extensions["timeout"]["read"]
        found = troubles.trouble(error, request, self.place, seconds)
        again = isinstance(error, troubles.PASSING) or (isinstance(error, httpx.ConnectError) and self._answered)
        return _Passing(found) if again and not request.changing else found

    def _judge(self, response: httpx.Response, request: Request) -> Reply:
        reply = Reply(
            status=response.status_code,
            content_type=response.headers.get("content-type", "").lower(),
            content=response.content,
            location=response.headers.get("location", ""),
        )
        if 200 <= reply.status < 300:
            self._answered = True
            return reply
        error = refusal(reply, request, self.place)
        if isinstance(error, AuthFailed) and reply.status == 401:
            self._authentication.forget()
        reason = _outcome_left_open(reply) if request.changing else None
        if reason is not None:
            raise outcome_unknown(reason, request, self.place, reply.status) from error
        if (reply.status in PASSING_STATUSES or lost_database(reply)) and not request.changing:
            raise _Passing(error)
        raise error

    def _tell(self, request: Request, wire: httpx.Request, response: httpx.Response | None, seconds: float) -> None:
        if not self.on_request:
            return
        sent = len(wire.content)
        received = 0 if response is None else len(response.content)
        status = None if response is None else response.status_code
        record = RequestRecord(request.method, request.path, status, seconds, sent, received)
        for listener in self.on_request:
            listener(record)


def _outcome_left_open(reply: Reply) -> str | None:
    """Why an answer to a change leaves open if the engine has done it; None where the answer tells."""
    if reply.status in UNREAD_STATUSES or (reply.status >= 500 and "type" not in reply.error_body()):
        return f"a proxy answered {reply.status} in the engine's place"
    if lost_while_committing(reply):
        return "the engine lost its connection to the database while it committed"
    return None


def _query(parameters: Parameters | None) -> dict[str, str] | None:
    """The query string's values as the engine reads them; None, False and empty lists are left out: they mean
    nothing."""
    if not parameters:
        return None
    return {name: _value(value) for name, value in parameters.items() if value is not None and value is not False}


def _value(value: str | int | bool | Sequence[str] | None) -> str:
    if value is True:
        return "true"
    if isinstance(value, str | int):
        return str(value)
    return ",".join(value or ())


def _client(settings: EngineSettings, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    headers = {name.encode(): _plain(value).encode() for name, value in settings.headers.items()}
    headers[b"user-agent"] = f"tui-migrate/{__version__}".encode()
    # Tomcat closes an idle connection after 60 s: ours goes first, so that a change is not sent into a closing one.
    limits = httpx.Limits(max_connections=CONCURRENT, max_keepalive_connections=CONCURRENT, keepalive_expiry=20)
    if transport is not None:
        return httpx.AsyncClient(transport=transport, headers=list(headers.items()), trust_env=False)
    proxy = proxy_address(settings)
    try:
        return httpx.AsyncClient(
            # False loads no certificates; it is only used where nothing speaks TLS.
            verify=tls_context(settings) or False,
            headers=list(headers.items()),
            limits=limits,
            proxy=proxy or None,
            trust_env=proxy is None,
        )
    except ValueError as error:
        raise ConfigError(
            "The proxy's address can't be used: it looks like http://host:3128. Check proxy, or HTTP_PROXY."
        ) from error


def _plain(value: Secret | str) -> str:
    return value.reveal() if isinstance(value, Secret) else value
