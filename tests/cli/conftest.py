"""The command line in this process, on an embedded engine that stays between commands, with a clock that jumps."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.operations.running import JumpingClock
from tui_migrate.cli.entry import run
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://sandbox.invalid/engine-rest"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Runs commands; `engine` is what they talk to."""

    engine: SandboxEngine
    clock: JumpingClock
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    url: str = URL
    results: list[Result] = field(default_factory=list)

    def __call__(self, *argv: str, stdin: str = "") -> Result:
        out, err = io.StringIO(), io.StringIO()
        with self.monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.setenv("TUI_MIGRATE_URL", self.url)
            try:
                code = run(list(argv))
            except SystemExit as error:
                code = error.code if isinstance(error.code, int) else 2
        result = Result(code, out.getvalue(), err.getvalue())
        assert "Traceback" not in result.err
        self.results.append(result)
        return result

    def plan(self, source: str = "order:1", target: str = "order:2", *arguments: str) -> str:
        """Writes a generated plan file and returns its name."""
        file = str(self.folder / "plan.json")
        result = self("plan", source, target, "-o", file, *arguments)
        assert result.code == 0, result.err
        return file


MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
<process id="order" name="Order" isExecutable="true" camunda:historyTimeToLive="30">
  <startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
  <userTask id="check" name="Check order"/><sequenceFlow id="f2" sourceRef="check" targetRef="PACK"/>
  <userTask id="PACK" name="Pack goods"/><sequenceFlow id="f3" sourceRef="PACK" targetRef="end"/>
  <endEvent id="end"/>
</process></definitions>"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Two versions of an order process: `pack` became `pack_goods`; five instances at `check`, two at `pack`."""
    clock = JumpingClock()
    engine = SandboxEngine(clock)
    first = engine.deploy(MODEL.replace("PACK", "pack").encode())
    engine.deploy(MODEL.replace("PACK", "pack_goods").encode())
    for number in range(5):
        engine.start(first, at=("check",), business_key=f"EU-{number}", variables={"amount": number * 100})
    for number in range(2):
        engine.start(first, at=("pack",), business_key=f"US-{number}")
    for name in ("TUI_MIGRATE_PROFILE", "TUI_MIGRATE_USER", "TUI_MIGRATE_PASSWORD", "TUI_MIGRATE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TUI_MIGRATE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("tui_migrate.cli.connect.carrier_of", lambda arguments: SandboxCarrier(engine))
    monkeypatch.setattr("tui_migrate.operations.clock.SystemClock", lambda: clock)
    return CommandLine(engine, clock, tmp_path, monkeypatch)
