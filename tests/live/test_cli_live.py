"""The installed command on real engines, as a pipeline would call it: piped, stdin closed, TERM unset, LANG=C."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import MODEL
from tests.engines import rest
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

COMMAND = str(Path(sys.executable).parent / "tui-migrate")


def environment(url: str, folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C", "TUI_MIGRATE_URL": url, **more}


@dataclass
class Pipeline:
    url: str
    folder: Path
    more: dict[str, str]

    def __call__(self, *argv: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [COMMAND, *argv],
            env=environment(self.url, self.folder, **self.more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done


@dataclass
class Order:
    """Two versions of a process: three instances at `check`, one at `pack`, which became `pack_goods`."""

    key: str
    old: str
    new: str
    ids: list[str]


def deploy_order(engine: RunningEngine) -> Order:
    key = f"cli-{uuid.uuid4().hex[:8]}"
    model = MODEL.replace('"order"', f'"{key}"').replace("PACK", "pack")
    (old,) = rest.deploy(engine.url, {"old.bpmn": model}, user=engine.user)
    (new,) = rest.deploy(engine.url, {"new.bpmn": model.replace('"pack"', '"pack_goods"')}, user=engine.user)
    ids = [rest.start_instance(engine.url, old, user=engine.user) for _ in range(4)]
    (task,) = rest.get(engine.url, f"/task?processInstanceId={ids[-1]}", user=engine.user)
    rest.post(engine.url, f"/task/{task['id']}/complete", {}, user=engine.user)
    return Order(key, old, new, ids)


def on(engine: RunningEngine, definition: str) -> int:
    count: int = rest.get(engine.url, f"/process-instance/count?processDefinitionId={definition}", user=engine.user)[
        "count"
    ]
    return count


def test_run_moves_instances_and_accounts_for_all(live_engine: RunningEngine, tmp_path: Path) -> None:
    order = deploy_order(live_engine)
    cli = Pipeline(live_engine.url, tmp_path, {})
    plan = str(tmp_path / "plan.json")
    assert cli("plan", f"{order.key}:1", order.key, "-o", plan).returncode == 0
    done = cli("run", plan, "--all", "--yes", "--format", "json")
    assert done.returncode == 1, done.stderr
    counts = json.loads(done.stdout)["runs"][0]["counts"]
    assert (counts["migrated"], counts["failed"], sum(counts.values())) == (3, 1, 4)
    assert (on(live_engine, order.old), on(live_engine, order.new)) == (1, 3)


def test_exit_codes_of_refusals(camunda_724: RunningEngine, tmp_path: Path) -> None:
    order = deploy_order(camunda_724)
    cli = Pipeline(camunda_724.url, tmp_path, {})
    plan = tmp_path / "plan.json"
    cli("plan", f"{order.key}:1", order.key, "-o", str(plan))
    assert cli("run", str(plan), "--all", "--yes", "--sync").returncode == 1
    plan.write_text(plan.read_text(encoding="utf-8").replace('"target": "check"', '"target": "end"'), encoding="utf-8")
    invalid = cli("run", str(plan), "--all", "--yes")
    assert invalid.returncode == 1
    assert "incompatible types" in invalid.stderr
    assert on(camunda_724, order.old) == 4
    assert cli("plan", f"{order.key}:7", order.key).returncode == 2
    assert cli("plan", "no-such-key", order.key).returncode == 2
    assert cli("run", str(tmp_path / "none.json"), "--all", "--yes").returncode == 2
    assert cli("--read-only", "run", str(plan), "--all", "--yes").returncode == 3


def test_engine_down_is_3(tmp_path: Path) -> None:
    done = Pipeline("http://127.0.0.1:9/engine-rest", tmp_path, {})("definitions")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "127.0.0.1:9" in done.stderr


@contextmanager
def web_server(status: int, body: bytes, kind: str) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/engine-rest"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (200, b"<html>log in</html>", "text/html", 3),
        (404, b"<html>not here</html>", "text/html", 3),
        (502, b"<html>bad gateway</html>", "text/html", 3),
        (200, b'{"surprise": true}', "application/json", 3),
    ],
)
def test_no_engine_behind_the_address_is_3(status: int, body: bytes, kind: str, code: int, tmp_path: Path) -> None:
    with web_server(status, body, kind) as url:
        done = Pipeline(url, tmp_path, {})("definitions")
    assert done.returncode == code, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_no_terminal_says_which_command_to_use(tmp_path: Path) -> None:
    done = Pipeline("http://127.0.0.1:9/engine-rest", tmp_path, {})()
    assert done.returncode == 2
    assert "tui-migrate definitions" in done.stderr


def test_wrong_password_is_3_and_said_once(camunda_724_auth: RunningEngine, tmp_path: Path) -> None:
    cli = Pipeline(camunda_724_auth.url, tmp_path, {})
    missing = cli("definitions")
    assert missing.returncode == 3
    assert "TUI_MIGRATE_USER" in missing.stderr


def test_missing_rights_are_named_before_anything_is_sent(camunda_724_auth: RunningEngine, tmp_path: Path) -> None:
    order = deploy_order(camunda_724_auth)
    login = {"TUI_MIGRATE_USER": "operator", "TUI_MIGRATE_PASSWORD": "operator"}
    plan = str(tmp_path / "plan.json")
    cli = Pipeline(camunda_724_auth.url, tmp_path, login)
    assert cli("plan", f"{order.key}:1", order.key, "-o", plan).returncode == 0
    reader = Pipeline(camunda_724_auth.url, tmp_path, {"TUI_MIGRATE_USER": "reader", "TUI_MIGRATE_PASSWORD": "reader"})
    refused = reader("run", plan, "--all", "--yes")
    assert refused.returncode == 3, refused.stderr
    assert "MIGRATE_INSTANCE" in refused.stderr
    assert on(camunda_724_auth, order.old) == 4
    assert json.loads(reader("runs", "--format", "json").stdout)["runs"] == []
    moved = cli("run", plan, "--all", "--yes", "--annotation", "CHG-1", "--format", "json")
    assert json.loads(moved.stdout)["runs"][0]["counts"]["migrated"] == 3


def test_no_secret_appears_anywhere(camunda_724_auth: RunningEngine, tmp_path: Path) -> None:
    secret = "reader-secret-4711"
    order = deploy_order(camunda_724_auth)
    login = {"TUI_MIGRATE_USER": "admin", "TUI_MIGRATE_PASSWORD": "admin"}
    wrong = {"TUI_MIGRATE_USER": f"u{uuid.uuid4().hex[:6]}", "TUI_MIGRATE_PASSWORD": secret}
    outputs = []
    for more in (wrong, {"TUI_MIGRATE_TOKEN": secret}):
        cli = Pipeline(camunda_724_auth.url, tmp_path, more)
        outputs += [cli(*argv) for argv in (("definitions",), ("doctor",), ("config", "show"))]
        assert outputs[-3].returncode == 3
    cli = Pipeline(camunda_724_auth.url.replace("http://", f"http://someone:{secret}@"), tmp_path, {})
    outputs.append(cli("definitions"))
    file = tmp_path / "secret.toml"
    file.write_text(f'[profiles.p]\nurl = "{camunda_724_auth.url}"\n[profiles.p.headers]\nX-Key = "{secret}"\n')
    file.chmod(0o600)
    cli = Pipeline(camunda_724_auth.url, tmp_path, login)
    plan = str(tmp_path / "plan.json")
    outputs.append(cli("plan", f"{order.key}:1", order.key, "-o", plan))
    outputs.append(cli("run", plan, "--all", "--yes"))
    for done in outputs:
        assert secret not in done.stdout + done.stderr
    for path in tmp_path.rglob("*"):
        if path.is_file() and path != file:
            assert secret.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_leaves_the_journal_right(
    number: signal.Signals, code: int, camunda_724: RunningEngine, tmp_path: Path
) -> None:
    order = deploy_order(camunda_724)
    cli = Pipeline(camunda_724.url, tmp_path, {})
    plan = str(tmp_path / "plan.json")
    cli("plan", f"{order.key}:1", order.key, "-o", plan)
    process = subprocess.Popen(
        [COMMAND, "run", plan, "--all", "--yes", "--canary", "1", "--canary-wait", "600"],
        env=environment(camunda_724.url, tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            if "canary" in line:
                break
        process.send_signal(number)
        rest_of_it = process.stderr.read()
    assert process.returncode == code
    assert "Traceback" not in rest_of_it
    (run,) = json.loads(cli("runs", "--open", "--format", "json").stdout)["runs"]
    wait_until(lambda: on(camunda_724, order.new) == 1, "the canary is on the target")
    resumed = cli("runs", "resume", run["id"], "--yes", "--format", "json")
    assert sum(json.loads(resumed.stdout)["runs"][0]["counts"].values()) == 4


def test_one_plan_file_made_on_camunda_is_applied_on_operaton(
    camunda_724: RunningEngine, operaton: RunningEngine, tmp_path: Path
) -> None:
    key = f"travel-{uuid.uuid4().hex[:8]}"
    model = MODEL.replace('"order"', f'"{key}"').replace("PACK", "pack")
    for engine in (camunda_724, operaton):
        (old,) = rest.deploy(engine.url, {"old.bpmn": model})
        rest.deploy(engine.url, {"new.bpmn": model.replace('"pack"', '"pack_goods"')})
        rest.start_instance(engine.url, old)
    plan = str(tmp_path / "plan.json")
    assert Pipeline(camunda_724.url, tmp_path, {})("plan", f"{key}:1", f"{key}:2", "-o", plan).returncode == 0
    done = Pipeline(operaton.url, tmp_path, {})("run", plan, "--all", "--yes")
    assert done.returncode == 0, done.stderr
