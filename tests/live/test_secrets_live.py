"""A password that is really used, by several ways in, appears nowhere: outputs, log, journal, files, process list."""

from __future__ import annotations

import os
import stat
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engines import rest
from tests.live.test_cli_live import COMMAND, Pipeline, deploy_order, environment
from tests.terminal import Probe
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

PROCESS_DEFINITION, PROCESS_INSTANCE, BATCH = 6, 8, 13
"""Numbers of the engine's resources."""

pytestmark = pytest.mark.pty


@pytest.fixture
def login(camunda_724_auth: RunningEngine) -> Iterator[tuple[str, str]]:
    """A user of the engine who may migrate, with a password that occurs nowhere else."""
    url, admin = camunda_724_auth.url, "admin"
    name, password = f"u{uuid.uuid4().hex[:8]}", f"pass-{uuid.uuid4().hex}"
    user = {"profile": {"id": name, "firstName": "A", "lastName": "B"}, "credentials": {"password": password}}
    rest.request("POST", url, "/user/create", user, user=admin)
    granted = [
        rest.request(
            "POST",
            url,
            "/authorization/create",
            {"type": 1, "permissions": ["ALL"], "userId": name, "resourceType": resource, "resourceId": "*"},
            user=admin,
        )["id"]
        for resource in (PROCESS_DEFINITION, PROCESS_INSTANCE, BATCH)
    ]
    yield name, password
    for one in granted:
        rest.request("DELETE", url, f"/authorization/{one}", user=admin)
    rest.request("DELETE", url, f"/user/{name}", user=admin)


def process_list() -> str:
    """Return the command lines of all processes, as `ps` shows them to every user of a host."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)


def test_a_password_that_is_used_appears_nowhere(
    camunda_724_auth: RunningEngine, login: tuple[str, str], tmp_path: Path
) -> None:
    name, password = login
    url = camunda_724_auth.url
    order = deploy_order(camunda_724_auth)
    secret_file, helper, configuration = (tmp_path / one for one in ("secret", "helper.sh", "config.toml"))
    secret_file.write_text(password + "\n", encoding="utf-8")
    secret_file.chmod(0o600)
    helper.write_text(f"#!/bin/sh\ncat {secret_file}\n", encoding="utf-8")
    helper.chmod(stat.S_IRWXU)
    configuration.write_text(
        "".join(
            f'[profiles.{kind}]\nurl = "{url}"\n[profiles.{kind}.authentication]\ntype = "basic"\n'
            f'user = "{name}"\npassword = {{ {kind} = {value} }}\n'
            for kind, value in (("file", f'"{secret_file}"'), ("command", f'["{helper}"]'))
        ),
        encoding="utf-8",
    )
    configuration.chmod(0o600)
    by_environment = Pipeline(url, tmp_path, {"TUI_MIGRATE_USER": name, "TUI_MIGRATE_PASSWORD": password})
    by_profile = Pipeline(url, tmp_path, {"TUI_MIGRATE_CONFIG": str(configuration)})
    plan = str(tmp_path / "plan.json")
    outputs = [
        by_environment("plan", f"{order.key}:1", order.key, "-o", plan),
        by_environment("run", plan, "--all", "--dry-run", "--format", "json"),
        by_environment("doctor"),
        by_environment("config", "show", "--format", "json"),
        *(by_profile("--profile", one, *argv) for one in ("file", "command") for argv in (("definitions", order.key),)),
        by_profile("--profile", "command", "config", "show"),
        by_profile("--profile", "file", "config", "validate"),
    ]
    assert [done.returncode for done in outputs[:2]] == [0, 0], outputs[0].stderr
    assert [order.key in done.stdout for done in outputs[4:6]] == [True, True], outputs[4].stderr + outputs[5].stderr

    process = subprocess.Popen(
        [COMMAND, "run", plan, "--all", "--yes", "--canary", "1", "--canary-wait", "600"],
        env=environment(url, tmp_path, TUI_MIGRATE_USER=name, TUI_MIGRATE_PASSWORD=password),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        assert process.stderr is not None
        assert process.stdout is not None
        told = ""
        while "canary" not in told:
            line = process.stderr.readline()
            assert line, told
            told += line
        listed = process_list()
        assert f"{COMMAND}\0run\0{plan}" in listed, "the process list is really read"
        assert password not in listed
        process.terminate()
        told += process.stderr.read() + process.stdout.read()
    outputs.append(by_environment("runs", "show", "--format", "json"))

    # The screens, with their log file, up to the payload that can be copied.
    with Probe(
        [COMMAND, "--source", f"{order.key}:1", "--target", f"{order.key}:2"],
        env=environment(url, tmp_path, TUI_MIGRATE_USER=name, TUI_MIGRATE_PASSWORD=password, TERM="xterm-256color"),
        window=PATIENCE,
    ) as terminal:
        terminal.wait_for("Check order")
        terminal.settle()
        assert password not in process_list()
        assert password not in terminal.text()
        os.kill(terminal.pid, 15)
        terminal.wait_exit()

    for done in outputs:
        assert password not in done.stdout + done.stderr
    assert password not in told
    searched = [path for path in tmp_path.rglob("*") if path.is_file() and path != secret_file]
    assert any(path.suffix == ".db" for path in searched), "the journal is among what is searched"
    for path in searched:
        assert password.encode() not in path.read_bytes(), path
