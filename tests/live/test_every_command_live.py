"""Each command on a real engine as a bare host calls it: stdout piped, stdin closed, TERM unset, LANG=C."""

from __future__ import annotations

import json
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import MODEL
from tests.engines import rest
from tests.live.test_cli_live import COMMAND, environment
from tui_migrate.cli.commands import COMMANDS

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine


class Bare:
    """Calls commands with stdin closed, not just empty, and notes which."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = environment(url, folder)
        self.folder = folder
        self.called: set[str] = set()

    def __call__(self, *argv: str, code: int = 0) -> str:
        self.called.add(argv[0])
        assert "TERM" not in self.environment
        # Python's subprocess has no way to close stdin; the shell has.
        done = subprocess.run(
            ["/bin/sh", "-c", 'exec "$@" <&-', "sh", COMMAND, *argv],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert done.returncode == code, (argv, err)
        assert "Traceback" not in err
        assert "\x1b" not in out + err, "no escape codes where there is no terminal"
        return out


@pytest.mark.parametrize("engine_fixture", ["camunda_724", pytest.param("operaton", marks=pytest.mark.long)])
def test_each_command_piped_with_stdin_closed(
    engine_fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine: RunningEngine = request.getfixturevalue(engine_fixture)
    key = f"bare-{uuid.uuid4().hex[:8]}"
    old = MODEL.replace('"order"', f'"{key}"').replace("PACK", "pack").replace("Check order", "Prüfen – 検査")
    new = old.replace('"pack"', '"pack_goods"')
    for name, model in (("old", old), ("new", new)):
        (tmp_path / f"{name}.bpmn").write_text(model, encoding="utf-8")
        (definition,) = rest.deploy(engine.url, {f"{name}.bpmn": model})
        if name == "old":
            ids = [rest.start_instance(engine.url, definition, business_key=f"Nº-{number}") for number in range(3)]
    bare = Bare(engine.url, tmp_path)

    assert key in bare("definitions", key)
    assert [row["id"] for row in json.loads(bare("instances", f"{key}:1", "--format", "json"))["instances"]] == sorted(
        ids
    )
    bare("plan", f"{key}:1", key, "--output", "plan.json")
    bare("check", "old.bpmn", "new.bpmn", code=1)
    assert "valid" in bare("validate", "plan.json")
    bare("forecast", "plan.json", "--all")
    assert json.loads(bare("rehearse", "plan.json", "--all", "--yes", "--format", "json"))
    assert bare("rehearse", "plan.json", "--all", code=2) == "", "it asks nobody where there is nobody"
    assert bare("run", "plan.json", "--all", code=2) == ""
    done = json.loads(bare("run", "plan.json", "--instance-id", ids[0], ids[1], "--yes", "--format", "json"))
    assert done["runs"][0]["counts"]["migrated"] == 2
    (batch,) = done["runs"][0]["run"]["batches"]
    assert json.loads(bare("apply", "plan.json", "--all", "--yes", "--format", "json"))["runs"][0]["selected"] == 1
    assert batch in bare("watch", batch, "--timeout", "60")
    bare("batches")
    (_, run) = [row["id"] for row in json.loads(bare("runs", "--format", "json"))["runs"]]
    assert run in bare("runs", "show", run)
    assert bare("runs", "export", run, "--format", "csv").count("\n") == 3
    assert "utf-8" in bare("doctor")
    bare("config", "show")
    bare("config", "validate")
    assert "tui-migrate" in bare("completion", "bash")
    assert bare.called == set(COMMANDS), "a new command belongs here"
    assert subprocess.run([COMMAND], env=bare.environment, stdin=subprocess.DEVNULL, check=False).returncode == 2
