"""What trouble looks like when no answer comes, against real sockets: one clear sentence with what to do next."""

from __future__ import annotations

import asyncio
import json
import socket

import httpx
import pytest

from tests.engine.support import (
    CERTIFICATES,
    VERSION,
    answering,
    closed_port,
    no_wait,
    read_request,
    serve,
    server_tls,
)
from tests.over_httpx import Scripted
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import ClientCertificate, EngineSettings
from tui_migrate.engine.wire import NotConnected
from tui_migrate.errors import ConfigError, EngineTimeout, EngineUnreachable, OutcomeUnknown
from tui_migrate.secret import Secret

ENGINE = answering(json.dumps(VERSION).encode())


def client(url: str, **settings: object) -> EngineClient:
    return EngineClient(EngineSettings(url, **settings), sleep=no_wait)  # type: ignore[arg-type]


async def test_nothing_listens() -> None:
    port = closed_port()
    async with client(f"http://127.0.0.1:{port}/engine-rest") as engine:
        with pytest.raises(EngineUnreachable) as caught:
            await engine.connect()
    assert str(caught.value) == (
        f"Cannot reach the engine at http://127.0.0.1:{port}/engine-rest: connection refused. Is it running there? "
        "Check the address (--url, TUI_MIGRATE_URL)."
    )
    assert (caught.value.method, caught.value.path, caught.value.status) == ("GET", "/version", None)
    assert isinstance(caught.value.__cause__, NotConnected)


async def test_a_change_that_could_not_be_sent_is_not_of_unknown_outcome() -> None:
    async with client(f"http://127.0.0.1:{closed_port()}") as engine:
        with pytest.raises(EngineUnreachable, match="connection refused"):
            await engine.set_batch_suspended("b", True)


async def test_the_profile_is_named_where_there_is_one() -> None:
    async with client(f"http://127.0.0.1:{closed_port()}", profile_name="prod") as engine:
        with pytest.raises(EngineUnreachable, match=r"Check the address in profile 'prod'\."):
            await engine.connect()


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the host is unknown"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "can't be resolved now"),
        (OSError(113, "No route to host"), "No route to host"),
        (None, "All connection attempts failed"),
    ],
)
async def test_connection_errors_that_a_test_can_not_make_for_real(reason: Exception | None, expected: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("All connection attempts failed", request=request) from reason

    async with EngineClient(EngineSettings("http://x/engine-rest"), carrier=Scripted(fail)) as engine:
        with pytest.raises(EngineUnreachable, match=expected):
            await engine.connect()


async def test_https_to_a_plain_port_suggests_http() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with serve(plain) as port, client(f"https://127.0.0.1:{port}/engine-rest") as engine:
        with pytest.raises(EngineUnreachable, match=r"does not speak TLS\. Use http:// in place of https://\?"):
            await engine.connect()


async def test_http_to_a_tls_port_suggests_https() -> None:
    async with serve(ENGINE, server_tls("server")) as port, client(f"http://127.0.0.1:{port}/x") as engine:
        with pytest.raises(EngineUnreachable, match="use https:// in place of http://"):
            await engine.connect()


async def test_a_private_authority_is_refused_until_it_is_named() -> None:
    async with serve(ENGINE, server_tls("server")) as port:
        url = f"https://127.0.0.1:{port}/engine-rest"
        async with client(url) as engine:
            with pytest.raises(EngineUnreachable, match=r"certificate is not trusted .*ca_file"):
                await engine.connect()
        async with client(url, ca_file=str(CERTIFICATES / "ca.pem")) as engine:
            assert await engine.version() == "7.24.0"


async def test_a_certificate_for_another_name() -> None:
    ca = str(CERTIFICATES / "ca.pem")
    async with serve(ENGINE, server_tls("other")) as port, client(f"https://127.0.0.1:{port}", ca_file=ca) as engine:
        with pytest.raises(EngineUnreachable, match="certificate is for another name"):
            await engine.connect()


async def test_a_client_certificate_where_the_server_wants_one() -> None:
    ca = str(CERTIFICATES / "ca.pem")
    async with serve(ENGINE, server_tls("server", client_authority=True)) as port:
        url = f"https://127.0.0.1:{port}/engine-rest"
        async with client(url, ca_file=ca) as engine:
            with pytest.raises(EngineUnreachable, match="client certificate"):
                await engine.connect()
        certificate = ClientCertificate(str(CERTIFICATES / "client.pem"))
        async with client(url, ca_file=ca, client_certificate=certificate) as engine:
            assert await engine.version() == "7.24.0"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"ca_file": "/nowhere/ca.pem"}, r"CA file /nowhere/ca\.pem does not exist"),
        ({"ca_file": __file__}, r"can't be used .* PEM"),
        ({"client_certificate": ClientCertificate("/nowhere/me.pem")}, r"/nowhere/me\.pem does not exist"),
        ({"client_certificate": ClientCertificate(__file__)}, r"can't be used .* PEM"),
        ({"proxy": "nonsense"}, r"proxy's address can't be used"),
        ({"proxy": "http://a..b:3128"}, r"proxy's address can't be used"),
        ({"proxy": "socks5://h:1080"}, r"proxy's address can't be used"),
    ],
)
def test_files_and_proxies_that_can_not_be_used(settings: dict[str, object], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        client("https://127.0.0.1", **settings)


def test_an_http_address_pays_for_no_certificates() -> None:
    # The file does not exist, and nobody looks.
    client("http://127.0.0.1", ca_file="/nowhere/ca.pem")


async def test_an_answer_that_does_not_come_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()

    async with serve(silent) as port:
        url = f"http://127.0.0.1:{port}/engine-rest"
        async with client(url, read_timeout=0.05, execute_timeout=0.05) as engine:
            with pytest.raises(EngineTimeout, match=r"no answer to GET /version within 0\.05 s"):
                await engine.connect()
            with pytest.raises(OutcomeUnknown, match=r"no answer within 0\.05 s.*not sent again"):
                await engine.set_batch_suspended("b", True)


class Cutting:
    """A server that cuts the line on its first requests."""

    def __init__(self, cuts: int, part: bytes = b"") -> None:
        self.cuts = cuts
        self.part = part
        self.requests = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_request(reader):
            self.requests += 1
            if self.requests <= self.cuts:
                writer.write(self.part)
                await writer.drain()
                return
            body = json.dumps(VERSION).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
            writer.write(body)
            await writer.drain()


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
async def test_a_read_whose_line_is_cut_is_tried_again(part: bytes) -> None:
    server = Cutting(2, part)
    async with serve(server) as port, client(f"http://127.0.0.1:{port}") as engine:
        assert await engine.version() == "7.24.0"
    assert server.requests == 3


async def test_a_read_is_tried_three_times_and_no_more() -> None:
    server = Cutting(100)
    async with serve(server) as port, client(f"http://127.0.0.1:{port}") as engine:
        with pytest.raises(EngineUnreachable, match=r"was cut .*Try again"):
            await engine.version()
    assert server.requests == 3


async def test_a_change_whose_line_is_cut_is_never_sent_again() -> None:
    server = Cutting(100, b"HTTP/1.1 204 No")
    async with serve(server) as port, client(f"http://127.0.0.1:{port}") as engine:
        with pytest.raises(OutcomeUnknown, match="the line was cut"):
            await engine.delete_batch("b")
    assert server.requests == 1


async def test_the_proxy_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://user:hunter2@127.0.0.1:{closed_port()}")
    async with client("http://engine.example/engine-rest") as engine:
        with pytest.raises(
            EngineUnreachable, match=r"the proxy of HTTP_PROXY: add the engine's host to NO_PROXY"
        ) as caught:
            await engine.connect()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("proxy", "hinted"), [("", False), (None, True)])
async def test_only_a_proxy_that_is_used_is_named(
    monkeypatch: pytest.MonkeyPatch, proxy: str | None, hinted: bool
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    async with client(f"http://127.0.0.1:{closed_port()}", proxy=proxy) as engine:
        with pytest.raises(EngineUnreachable) as caught:
            await engine.connect()
    assert ("HTTP_PROXY" in str(caught.value)) is hinted


async def test_the_proxy_of_the_settings_is_named_without_its_password() -> None:
    proxy = f"http://user:hunter2@127.0.0.1:{closed_port()}"
    async with client("http://engine.example", proxy=Secret(proxy)) as engine:
        with pytest.raises(EngineUnreachable, match="through the proxy that the profile names") as caught:
            await engine.connect()
    assert "hunter2" not in f"{caught.value}{engine.settings!r}"


async def test_a_proxy_that_refuses() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with serve(refuse) as port:
        for url in ("https://engine.example", "http://engine.example"):
            async with client(url, proxy=f"http://127.0.0.1:{port}") as engine:
                with pytest.raises(EngineUnreachable, match=r"407.*the proxy that the profile names"):
                    await engine.connect()


async def test_no_proxy_is_obeyed_and_an_empty_proxy_ignores_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    async with serve(ENGINE) as port:
        async with client(f"http://127.0.0.1:{port}", proxy="") as engine:
            assert await engine.version() == "7.24.0"
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        async with client(f"http://127.0.0.1:{port}") as engine:
            assert await engine.version() == "7.24.0"


async def test_the_configured_proxy_is_used() -> None:
    async with serve(ENGINE) as port, client("http://engine.example/x", proxy=f"http://127.0.0.1:{port}") as engine:
        assert await engine.version() == "7.24.0"
