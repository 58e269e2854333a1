"""The embedded engine in place of a network: a client can't tell it from one at the end of a line."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from tui_migrate.engine.wire import LineCut, NotAnsweredInTime, NotConnected, Reply, WireRequest
from tui_migrate.sandbox import routes
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.errors import PlainRefusal, Refusal
from tui_migrate.sandbox.exchange import Answer, Request, basic_credentials
from tui_migrate.sandbox.faults import HTML_PAGE, Fault
from tui_migrate.sandbox.routes import definitions as _definitions  # noqa: F401  # registers itself
from tui_migrate.sandbox.routing import ROUTER
from tui_migrate.sandbox.security import User
from tui_migrate.sandbox.versions import is_since_7_18

DEFAULT_BASE: Final = "/engine-rest"
_HTML = {"content-type": "text/html;charset=utf-8"}
_JSON = "application/json"


class SandboxCarrier:
    """Answers requests below `base` by an embedded engine, and all others as the web server around it would.

    Args:
        engine: The default engine.
        others: Further engines by name, for `{base}/engine/{name}/…`.
        base: Path of the REST API.
        sleep: Waits for a slow answer.
    """

    def __init__(
        self,
        engine: SandboxEngine,
        *,
        others: Mapping[str, SandboxEngine] | None = None,
        base: str = DEFAULT_BASE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.engine = engine
        self.engines = {engine.name: engine, **(others or {})}
        self.base = base.rstrip("/")
        self.sleep = sleep
        self.requests: list[tuple[str, str]] = []
        """Method and path (below the base, with its query) of every request, for tests that count round trips."""

    async def send(self, request: WireRequest) -> Reply:
        """Answer one request."""
        path = request.path
        if path != self.base and not path.startswith(self.base + "/"):
            return Reply(404, _HTML, HTML_PAGE.format(title="HTTP Status 404 – Not Found").encode())
        below = path[len(self.base) :]
        self.requests.append((request.method, f"{below}?{request.query}" if request.query else below))
        if not self._is_known(request.method, below):
            await asyncio.to_thread(import_all_routes)
        fault = self.engine.faults.take(request.method, below)
        if fault is None:
            return _reply(self._answer(request, below))
        return await self._trouble(fault, request, below)

    async def aclose(self) -> None:
        """Do nothing: the engine outlives its clients."""

    async def _trouble(self, fault: Fault, request: WireRequest, below: str) -> Reply:
        if fault.kind == "connection":
            raise NotConnected("[Errno 111] Connection refused")
        answer = self._answer(request, below) if fault.does_it else Answer()
        if fault.kind == "answer":
            return Reply(fault.status, fault.headers, fault.content.encode())
        if fault.kind == "broken":
            raise LineCut("Server disconnected without sending a response.")
        if fault.kind == "timeout" or fault.seconds > request.read_seconds:
            raise NotAnsweredInTime("")
        await self.sleep(fault.seconds)
        return _reply(answer)

    def _answer(self, request: WireRequest, below: str) -> Answer:
        engine = self.engine
        try:
            user = _authenticate(engine, request)
            if isinstance(user, Answer):
                return user
            engine, below = self._engine_of(below)
            engine.advance()
            accepted = request.headers.get("accept", "*/*")
            handler, names = ROUTER.find(request.method, below)
            if not any(kind in accepted for kind in (_JSON, "*/*", "application/*", "text/plain")):
                raise Refusal(406, "NotAcceptableException", "HTTP 406 Not Acceptable")
            return handler(
                Request(
                    engine,
                    request.method,
                    below,
                    dict(parse_qsl(request.query, keep_blank_values=True)),
                    request.headers,
                    request.content or b"",
                    user,
                    names,
                )
            )
        except PlainRefusal as refusal:
            return Answer(refusal.status, text=refusal.text, content_type="text/plain")
        except Refusal as refusal:
            return _error_answer(engine, refusal)

    def _is_known(self, method: str, below: str) -> bool:
        """Return whether what answers is imported; also where the answer is that there is no such engine."""
        try:
            return ROUTER.knows(method, self._engine_of(below)[1])
        except Refusal:
            return True

    def _engine_of(self, below: str) -> tuple[SandboxEngine, str]:
        """Return the engine that a path names, and the path below it."""
        parts = below.split("/", 3)
        if len(parts) < 4 or parts[1] != "engine":
            return self.engine, below
        engine = self.engines.get(parts[2])
        if engine is None:
            if parts[3].strip("/") == "version":  # a real engine answers this for any name
                return self.engine, "/version"
            raise Refusal(400, "InvalidRequestException", "No process engine available")
        return engine, "/" + parts[3]


def _reply(answer: Answer) -> Reply:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    content = answer.content()
    if content or answer.status == 200:
        headers["content-type"] = answer.content_type
    return Reply(answer.status, headers, content)


def import_all_routes() -> None:
    """Import what the first request that needs it would import."""
    for name in routes.OTHERS:
        importlib.import_module(f"{routes.__name__}.{name}")


def _authenticate(engine: SandboxEngine, request: WireRequest) -> User | Answer | None:
    """Return the user, None where an engine knows none, or the answer to wrong credentials: empty, with a challenge."""
    if engine.security is None:
        return None
    credentials = basic_credentials(request.headers.get("authorization"))
    if credentials is not None and engine.security.verify(*credentials, engine.now()):
        return engine.security.users[credentials[0]]
    return Answer(401, text="", headers={"www-authenticate": f'Basic realm="{engine.name}"'})


def _error_answer(engine: SandboxEngine, refusal: Refusal) -> Answer:
    body = {"type": refusal.error_type, "message": refusal.message, **refusal.extra}
    if is_since_7_18(engine.version):
        body["code"] = refusal.code
    return Answer(refusal.status, body=body)
