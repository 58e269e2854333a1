"""Sends requests: one connection pool, few at once, reads tried again, changes sent once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode

from msgspec import Struct, json
from msgspec.structs import replace

from tui_migrate import __version__
from tui_migrate.engine.answer import expect_nothing, outcome_unknown, parse
from tui_migrate.engine.authentication import authentication_of
from tui_migrate.engine.place import Place, Request
from tui_migrate.engine.proxies import Proxy, proxy_of
from tui_migrate.engine.refusal import lost_database, lost_while_committing, refusal
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.engine.trouble import trouble
from tui_migrate.engine.wire import Carrier, LineCut, NoAnswer, NotConnected, Reply, WireRequest
from tui_migrate.errors import AuthFailed, NotFound, ReadOnly, TuiMigrateError
from tui_migrate.secret import Secret

T = TypeVar("T")

CONCURRENT = 5
"""Requests in flight at once: what opening a plan asks for, in one round trip. More would be slower, and an
engine's pool has 10 connections and 10 to 20 threads for everybody."""
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
        carrier: What carries the requests in place of a network (the embedded engine, tests).
        sleep: How the pause before another try is spent.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        carrier: Carrier | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.settings = settings
        proxy = proxy_of(settings) if carrier is None else None
        self.place = Place.of(settings, proxy)
        self.on_request: list[Callable[[RequestRecord], None]] = []
        self.largest_page: int | None = None
        """The engine's `queryMaxResultsLimit`, once it was met."""
        self._root = settings.url
        self.base_url = settings.url
        if settings.engine_name is not None:
            self.base_url = f"{settings.url}/engine/{quote(settings.engine_name, safe='')}"
        self._sleep = sleep
        self._places = asyncio.Semaphore(CONCURRENT)
        self._carrier = carrier if carrier is not None else _network(settings, proxy)
        self._headers = _session_headers(settings)
        self._authentication = authentication_of(settings.authentication)
        self._answered = False

    async def aclose(self) -> None:
        """Close the connections."""
        await self._carrier.aclose()

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
    ) -> WireRequest:
        headers = {**self._headers, "accept": accept}
        content = None
        if body is not None:
            content = json.encode(body)
        elif request.method in ("POST", "PUT"):
            content = b""
        if content is not None:
            headers["content-type"] = "application/json"
        query = _query(parameters)
        return WireRequest(
            request.method,
            (self._root if root else self.base_url) + request.path + (f"?{query}" if query else ""),
            headers,
            content,
            connect_seconds=self.settings.connect_timeout,
            read_seconds=seconds,
        )

    async def _again(self, wire: WireRequest, request: Request) -> Reply:
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

    async def _send(self, wire: WireRequest, request: Request) -> Reply:
        async with self._places:
            wire = await self._with_credentials(wire)
            started = time.perf_counter()
            reply: Reply | None = None
            try:
                reply = await self._carrier.send(wire)
            except NoAnswer as error:
                raise self._no_answer(error, wire, request) from error
            finally:
                self._tell(request, wire, reply, time.perf_counter() - started)
        return self._judge(reply, request)

    async def _with_credentials(self, wire: WireRequest) -> WireRequest:
        header = await self._authentication.header()
        return wire if header is None else replace(wire, headers={**wire.headers, "authorization": header})

    def _no_answer(self, error: NoAnswer, wire: WireRequest, request: Request) -> Exception:
        found = trouble(error, request, self.place, wire.read_seconds)
        again = isinstance(error, LineCut) or (isinstance(error, NotConnected) and self._answered)
        return _Passing(found) if again and not request.changing else found

    def _judge(self, reply: Reply, request: Request) -> Reply:
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

    def _tell(self, request: Request, wire: WireRequest, reply: Reply | None, seconds: float) -> None:
        if not self.on_request:
            return
        sent = len(wire.content or b"")
        received = 0 if reply is None else len(reply.content)
        status = None if reply is None else reply.status
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


def _query(parameters: Parameters | None) -> str:
    """The query string as the engine reads it; None, False and empty lists are left out: they mean nothing."""
    if not parameters:
        return ""
    said = {name: _value(value) for name, value in parameters.items() if value is not None and value is not False}
    return urlencode(said, quote_via=quote)


def _value(value: str | int | bool | Sequence[str] | None) -> str:
    if value is True:
        return "true"
    if isinstance(value, str | int):
        return str(value)
    return ",".join(value or ())


def _session_headers(settings: EngineSettings) -> dict[str, str]:
    headers = {name.lower(): _plain(value) for name, value in settings.headers.items()}
    return {"user-agent": f"tui-migrate/{__version__}", **headers}


def _network(settings: EngineSettings, proxy: Proxy | None) -> Carrier:
    # Imported here, since the embedded engine needs none of it.
    from tui_migrate.engine.network import Network

    return Network(settings, proxy)


def _plain(value: Secret | str) -> str:
    return value.reveal() if isinstance(value, Secret) else value
