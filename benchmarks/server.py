"""The embedded engine as a server of its own on loopback, so that its work and memory are not the client's.

`python -m benchmarks.server SCENARIO` prints its port. It notes each request with the seconds that the answer took;
`GET /log` tells them, `DELETE /log` forgets them, `PUT /delay` lets each answer take longer, as a long line would.
With the REST base of an engine in place of a scenario, requests are handed on to that engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from benchmarks.models import flat
from tui_migrate.engine.wire import WireRequest
from tui_migrate.sandbox.carrier import SandboxCarrier, import_all_routes
from tui_migrate.sandbox.engine import SandboxEngine

_lock = threading.Lock()
_log: list[dict[str, Any]] = []
_delay = 0.0


def plans() -> SandboxEngine:
    """Two versions each of a process of 50, 1,000 and 5,000 activities, with a few instances."""
    engine = SandboxEngine()
    for size in (50, 1000, 5000):
        source, _ = (engine.deploy(flat(f"plan{size}", size, version=version)) for version in (1, 2))
        engine.bulk_start(source, 40, at=("step_0",))
    return engine


def crowd() -> SandboxEngine:
    """A process with a hundred thousand instances, and the same without any."""
    engine = SandboxEngine()
    for key, count in (("crowd", 100_000), ("nobody", 0)):
        source, _ = (engine.deploy(flat(key, 50, version=version)) for version in (1, 2))
        engine.bulk_start(source, count, at=("step_0",), business_key="case-{:06}")
    return engine


SCENARIOS = {"plans": plans, "crowd": crowd}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet
    carrier: SandboxCarrier
    loop: asyncio.AbstractEventLoop

    def _serve(self) -> None:
        global _delay
        arrived = time.monotonic()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/log":
            content = json.dumps(_log).encode()
            if self.command == "DELETE":
                _log.clear()
            self._answer(200, {"content-type": "application/json"}, content)
        elif self.path == "/delay":
            _delay = float(body)
            self._answer(204, {}, b"")
        else:
            self._engine(arrived, body)

    def _engine(self, arrived: float, body: bytes) -> None:
        if _delay:
            time.sleep(_delay)  # the line, not the engine: outside of the lock
        status, headers, content, seconds = self._ask(body)
        self._answer(status, headers, content)
        entry = {"method": self.command, "path": self.path, "arrived": arrived, "seconds": seconds}
        _log.append(entry | {"answered": time.monotonic()})

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes, float]:
        """Status, headers and content, and the seconds that the engine took."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = WireRequest(self.command, f"http://sandbox{self.path}", headers, body, 60, 60)
        with _lock:
            begun = time.perf_counter()
            reply = self.loop.run_until_complete(self.carrier.send(request))
            seconds = time.perf_counter() - begun
        return reply.status, dict(reply.headers), reply.content, seconds

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = _serve

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


class _Forwarding(_Handler):
    """Hands requests on, each by a connection of its own, so that what comes together goes together."""

    place: str

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes, float]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_LINE}
        begun = time.perf_counter()
        with contextlib.closing(http.client.HTTPConnection(self.place, timeout=600)) as engine:
            engine.request(self.command, self.path, body or None, headers)
            answer = engine.getresponse()
            content = answer.read()
        seconds = time.perf_counter() - begun
        told = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_LINE}
        return answer.status, told, content, seconds


_OF_THE_LINE = ("host", "connection", "keep-alive", "accept-encoding", "content-length", "date", "server")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of apps that were closed while they were answered; a fault of ours is told as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main() -> None:
    handler: type[_Handler] = _Handler
    if sys.argv[1] in SCENARIOS:
        import_all_routes()  # or the first answers would count as slow ones of the engine
        _Handler.carrier = SandboxCarrier(SCENARIOS[sys.argv[1]]())
        _Handler.loop = asyncio.new_event_loop()
    else:
        handler = _Forwarding
        _Forwarding.place = urlsplit(sys.argv[1]).netloc
    server = _Server(("127.0.0.1", 0), handler)
    print(server.server_address[1], flush=True)
    # The benchmark holds our standard input: when it is gone, so are we.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
