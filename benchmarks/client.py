"""What the engine client adds to a request, against `http.client`: processor time on the client's side."""

from __future__ import annotations

import asyncio
import http.client
import json
import time

from benchmarks.figures import Report, paired
from benchmarks.serving import served
from tui_migrate.engine.client import EngineClient
from tui_migrate.engine.settings import EngineSettings

REQUESTS = 100
ROUNDS = 9


def measure(report: Report) -> None:
    with served("plans") as server, asyncio.Runner() as runner:
        engine = EngineClient(EngineSettings(server.url))
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        try:
            runner.run(engine.features())

            def client() -> float:
                return runner.run(_client(engine))

            one = paired(client, lambda: _plain(connection), ROUNDS)
            report.add("a small request, processor time, against http.client", one.ratio, 3, note=one.note(scale=1000))
        finally:
            connection.close()
            runner.run(engine.aclose())


async def _client(engine: EngineClient) -> float:
    """Seconds of processor time for each request by ours."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        await engine.version()
    return (time.process_time() - begun) / REQUESTS


def _plain(connection: http.client.HTTPConnection) -> float:
    """The same with the standard library, answers read as JSON too."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        connection.request("GET", "/engine-rest/version", headers={"Accept": "application/json"})
        json.loads(connection.getresponse().read())["version"]
    return (time.process_time() - begun) / REQUESTS
