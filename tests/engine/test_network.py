"""Lines to an engine, against real sockets: how many, how long they last, and what becomes of what is given up."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from tests.engine.support import CERTIFICATES, closed_port, read_request, serve, server_tls
from tests.waiting import until as until_answer
from tui_migrate.engine.network import Network
from tui_migrate.engine.proxies import proxy_of
from tui_migrate.engine.settings import EngineSettings
from tui_migrate.engine.wire import AddressUnusable, AnswerUnreadable, LineCut, NotConnected, WireRequest

CA = str(CERTIFICATES / "ca.pem")


class Server:
    """Answers each request when it is let go; keeps what came."""

    def __init__(self, body: bytes = b"{}", head: str = "") -> None:
        self.body = body
        self.head = head
        self.connections = 0
        self.ended = 0
        self.requests: list[bytes] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.closing = False
        """Whether it closes the connection after each answer, without saying so."""

    def has_ended(self, connections: int) -> bool:
        return self.ended == connections

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await read_request(reader):
                self.requests.append(head)
                wait, gone = asyncio.ensure_future(self.gate.wait()), asyncio.ensure_future(reader.read(1))
                await asyncio.wait((wait, gone), return_when=asyncio.FIRST_COMPLETED)
                wait.cancel()
                if gone.done():
                    return
                gone.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await gone
                writer.write(f"HTTP/1.1 200 OK\r\n{self.head}Content-Length: {len(self.body)}\r\n\r\n".encode())
                writer.write(self.body)
                await writer.drain()
                if self.closing:
                    return
        finally:
            self.ended += 1


def request(url: str, method: str = "GET", content: bytes | None = None, **headers: str) -> WireRequest:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return WireRequest(method, url, names, content, connect_seconds=5, read_seconds=30)


@contextlib.asynccontextmanager
async def network(url: str, **settings: object) -> AsyncIterator[Network]:
    told = EngineSettings(url, **settings)  # type: ignore[arg-type]
    one = Network(told, proxy_of(told))
    try:
        yield one
    finally:
        await one.aclose()


async def until(condition: Callable[[], bool], what: str) -> None:
    async def ask() -> bool:
        return condition()

    await until_answer(ask, what)


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "engine line"]


async def test_one_request_after_the_other_takes_one_connection_and_many_at_once_take_as_many() -> None:
    server = Server()
    async with serve(server) as port, network(f"http://127.0.0.1:{port}") as lines:
        url = f"http://127.0.0.1:{port}/x"
        for _ in range(4):
            assert (await lines.send(request(url))).status == 200
        assert server.connections == 1
        server.gate.clear()
        several = asyncio.gather(*(lines.send(request(url)) for _ in range(5)))
        await until(lambda: len(server.requests) == 9, "all five asked")
        server.gate.set()
        assert [one.content for one in await several] == [b"{}"] * 5
        assert server.connections == 5
    await until(lambda: server.ended == 5, "connections closed")
    await until(lambda: not threads(), "threads ended")


async def test_a_connection_that_the_server_has_closed_is_opened_anew() -> None:
    server = Server()
    server.closing = True
    async with serve(server) as port, network(f"http://127.0.0.1:{port}") as lines:
        for number in range(1, 4):
            await lines.send(request(f"http://127.0.0.1:{port}/x", "POST", b"{}"))
            await until(partial(server.has_ended, number), "closed")
        assert len(server.requests) == 3


@pytest.mark.parametrize("tls", [False, True])
async def test_what_is_cancelled_is_cut_at_once(tls: bool) -> None:
    server = Server()
    server.gate.clear()
    scheme = "https" if tls else "http"
    async with (
        serve(server, server_tls("server") if tls else None) as port,
        network(f"{scheme}://127.0.0.1:{port}", ca_file=CA) as lines,
    ):
        asked = asyncio.create_task(lines.send(request(f"{scheme}://127.0.0.1:{port}/x")))
        await until(lambda: len(server.requests) == 1, "asked")
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await until(lambda: server.ended == 1, "cut")
        await until(lambda: not threads(), "thread ended")
        server.gate.set()
        assert (await lines.send(request(f"{scheme}://127.0.0.1:{port}/x"))).status == 200


async def test_a_change_that_is_cancelled_while_it_connects_is_never_sent() -> None:
    connected, cancelled = threading.Event(), threading.Event()

    def shake_hands_late(listening: socket.socket) -> bytes:
        """What came over the line after the handshake, which ends after the request was given up."""
        raw, _ = listening.accept()
        connected.set()
        cancelled.wait()
        try:
            with server_tls("server").wrap_socket(raw, server_side=True) as line:
                return line.recv(100)
        except OSError:
            return b""

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        served = asyncio.create_task(asyncio.to_thread(shake_hands_late, listening))
        async with network(url, ca_file=CA) as lines:
            asked = asyncio.create_task(lines.send(request(f"{url}/migrate", "POST", b"{}")))
            await until(connected.is_set, "connected")
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            cancelled.set()
            assert await served == b""
            await until(lambda: not threads(), "thread ended")


async def test_closing_cuts_what_is_on_its_way() -> None:
    server = Server()
    server.gate.clear()
    async with serve(server) as port:
        async with network(f"http://127.0.0.1:{port}") as lines:
            asked = asyncio.create_task(lines.send(request(f"http://127.0.0.1:{port}/x")))
            await until(lambda: len(server.requests) == 1, "asked")
        with pytest.raises(LineCut):
            await asked
        await until(lambda: not threads(), "thread ended")


QUITTING = """
import asyncio, sys
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.proxies import proxy_of
from tui_migrate.engine.settings import EngineSettings

async def main():
    engine = EngineClient(EngineSettings(sys.argv[1], read_timeout=600))
    asked = asyncio.create_task(engine.version())
    await asyncio.to_thread(sys.stdin.readline)
    print("quits", flush=True)

asyncio.run(main())
"""


async def test_a_silent_engine_does_not_hold_a_process_that_ends() -> None:
    server = Server()
    server.gate.clear()
    async with serve(server) as port:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            QUITTING,
            f"http://127.0.0.1:{port}",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await until(lambda: len(server.requests) == 1, "asked")
        output, _ = await asyncio.wait_for(process.communicate(b"\n"), 30)
        assert (output, process.returncode) == (b"quits\n", 0)


async def test_packed_answers_are_unpacked() -> None:
    server = Server(gzip.compress(b'{"version":"7.24.0"}'), "Content-Encoding: gzip\r\n")
    async with serve(server) as port, network(f"http://127.0.0.1:{port}") as lines:
        assert (await lines.send(request(f"http://127.0.0.1:{port}/x"))).content == b'{"version":"7.24.0"}'
        assert b"accept-encoding: gzip" in server.requests[0].lower()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"no gzip", "gzip"), (gzip.compress(b"{}")[:-9], "gzip"), (b"{}", "br")],
    ids=["not packed", "cut off", "another packing"],  # a packed body has the time in it, and each worker another
)
async def test_what_can_not_be_unpacked_is_no_answer(body: bytes, encoding: str) -> None:
    server = Server(body, f"Content-Encoding: {encoding}\r\n")
    async with serve(server) as port, network(f"http://127.0.0.1:{port}") as lines:
        with pytest.raises(AnswerUnreadable):
            await lines.send(request(f"http://127.0.0.1:{port}/x"))


async def test_how_an_address_is_sent() -> None:
    server = Server()
    async with (
        serve(server) as port,
        network("http://engine.example", proxy=f"http://me:p%40ss@127.0.0.1:{port}") as lines,
    ):
        await lines.send(request("http://bücher.example:8080/ä b/engine-rest/version?x=%2C", x_team="öps"))
        await lines.send(request("http://[::1]:8080/x"))
        await lines.send(request("http://engine.example/x", "POST", b""))
    first, second, third = (one.decode() for one in server.requests)
    assert first.startswith("GET http://xn--bcher-kva.example:8080/%C3%A4%20b/engine-rest/version?x=%2C HTTP/1.1\r\n")
    assert "\r\nhost: xn--bcher-kva.example:8080\r\n" in first
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'me:p@ss').decode()}" in first
    assert "\r\nx-team: öps\r\n" in first
    assert "\r\nhost: [::1]:8080\r\n" in second
    assert "\r\ncontent-length: 0\r\n" in third.lower()


@pytest.mark.parametrize("host", [f"{'ä' * 70}.example", f"{'a' * 64}.example", "engine..example"])
async def test_a_host_that_is_none(host: str) -> None:
    async with network("http://engine.example") as lines:
        with pytest.raises(AddressUnusable):
            await lines.send(request(f"http://{host}/x"))


async def test_a_line_is_used_again_after_it_failed() -> None:
    port = closed_port()
    async with network(f"http://127.0.0.1:{port}") as lines:
        for _ in range(3):
            with pytest.raises(NotConnected):
                await lines.send(request(f"http://127.0.0.1:{port}/x"))
        assert len(threads()) == 1
