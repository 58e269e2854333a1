"""The pipeline of the documentation, as it stands, on every engine, with no terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from tests.cli.conftest import MODEL
from tests.engines import rest

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

SCRIPT = Path(__file__).parents[2] / "docs" / "pipeline.sh"


def run_pipeline(engine: RunningEngine, folder: Path, key: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C",
        "TUI_MIGRATE_URL": engine.url,
        "TUI_MIGRATE_STATE": str(folder / "state"),
        "OLD": str(folder / "old.bpmn"),
        "NEW": str(folder / "new.bpmn"),
        "KEY": key,
        "OUT": str(folder / "out"),
    }
    return subprocess.run(
        ["sh", str(SCRIPT)], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def test_the_pipeline_of_the_documentation(live_engine: RunningEngine, tmp_path: Path) -> None:
    key = f"pipeline-{uuid.uuid4().hex[:8]}"
    old = MODEL.replace('"order"', f'"{key}"').replace("PACK", "pack")
    (tmp_path / "old.bpmn").write_text(old, encoding="utf-8")
    (tmp_path / "new.bpmn").write_text(old.replace('"pack"', '"pack_goods"'), encoding="utf-8")
    (first,) = rest.deploy(live_engine.url, {"old.bpmn": old})
    ids = [rest.start_instance(live_engine.url, first) for _ in range(6)]

    done = run_pipeline(live_engine, tmp_path, key)

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for instance_id in ids:
        assert rest.definition_of(live_engine.url, instance_id) != first
    suite = ElementTree.parse(tmp_path / "out" / "account.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("6", "0")
    assert {case.get("name") for case in suite.iter("testcase")} == set(ids)
