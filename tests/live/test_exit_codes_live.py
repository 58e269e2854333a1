"""Time limits and lost answers on real engines: exit codes 4, 5 and 70, and that nothing is sent twice by us."""

from __future__ import annotations

import http.client
import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.engines import rest
from tests.live.test_cli_live import COMMAND, Pipeline, deploy_order, environment, on
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine


@contextmanager
def gateway(engine: RunningEngine, *, forwards: int) -> Iterator[str]:
    """Run a gateway that loses the answers to migrations, and forwards each so many times before.

    Yields:
        The address of the engine behind it.
    """
    place = urlsplit(engine.url)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            lost = "/migration/execute" in self.path
            for _ in range(forwards if lost else 1):
                connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
                kind = {"Content-Type": "application/json"} if body else {}
                connection.request(self.command, self.path, body or None, kind)
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
            if lost:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Disposition"):
                if answer.getheader(name):
                    self.send_header(name, answer.getheader(name) or "")
            if answer.status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_OPTIONS = do_PUT = do_DELETE = forward

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{place.path}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


EACH = pytest.mark.parametrize(
    "engine_fixture", ["camunda_724", "operaton", pytest.param("camunda_717", marks=pytest.mark.long)]
)


@pytest.fixture
def an_engine(engine_fixture: str, request: pytest.FixtureRequest) -> RunningEngine:
    """The engine that a test is about."""
    found: RunningEngine = request.getfixturevalue(engine_fixture)
    return found


@EACH
def test_a_time_limit_is_4_and_the_run_is_taken_up_again(an_engine: RunningEngine, tmp_path: Path) -> None:
    order = deploy_order(an_engine)
    cli = Pipeline(an_engine.url, tmp_path, {})
    plan = str(tmp_path / "plan.json")
    assert cli("plan", f"{order.key}:1", order.key, "-o", plan).returncode == 0
    # The time is over before any batch can be: its jobs are made by a job of their own.
    done = cli("run", plan, "--instance-id", *order.ids[:3], "--yes", "--timeout", "0.001")
    assert done.returncode == 4, done.stderr
    assert "stopped waiting" in done.stderr
    (run,) = json.loads(cli("runs", "--open", "--format", "json").stdout)["runs"]
    resumed = cli("runs", "resume", run["id"], "--yes", "--format", "json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["runs"][0]["counts"]["migrated"] == 3
    assert on(an_engine, order.new) == 3


@EACH
def test_an_answer_that_got_lost_is_5_if_the_engine_can_not_tell(an_engine: RunningEngine, tmp_path: Path) -> None:
    """A gateway sent the migration twice and lost the answer: which of two batches is ours, nobody can tell."""
    order = deploy_order(an_engine)
    plan = str(tmp_path / "plan.json")
    with gateway(an_engine, forwards=2) as url:
        cli = Pipeline(url, tmp_path, {})
        assert cli("plan", f"{order.key}:1", order.key, "-o", plan).returncode == 0
        done = cli("run", plan, "--instance-id", *order.ids[:3], "--yes")
    assert done.returncode == 5, done.stderr
    assert "it is not sent again" in done.stderr
    wait_until(lambda: on(an_engine, order.new) == 3, "the engine has done it all the same")


def test_an_answer_that_got_lost_is_found_again(camunda_724: RunningEngine, tmp_path: Path) -> None:
    """The batch is one of its own size, so that it can't be taken for one of a test beside this one."""
    order = deploy_order(camunda_724)
    ids = [*order.ids[:3], *(rest.start_instance(camunda_724.url, order.old) for _ in range(14))]
    plan = str(tmp_path / "plan.json")
    with gateway(camunda_724, forwards=1) as url:
        cli = Pipeline(url, tmp_path, {})
        assert cli("plan", f"{order.key}:1", order.key, "-o", plan).returncode == 0
        done = cli("run", plan, "--instance-id", *ids, "--yes", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["runs"][0]["counts"]["migrated"] == 17


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_output_that_can_not_be_written_is_70_and_leaves_a_trace(camunda_724: RunningEngine, tmp_path: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [COMMAND, "definitions"],
            env=environment(camunda_724.url, tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    assert "faults.log" in done.stderr
    assert "OSError" in next(tmp_path.rglob("faults.log")).read_text(encoding="utf-8")
