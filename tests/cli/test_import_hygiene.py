"""What each entry path must not import: start-up is paid on every call in a pipeline, and over SSH."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"textual", "httpcore", "msgspec", "pydantic", "lxml", "rich"}
MODELS = Path(__file__).parent / "models"

REPORT = """
import json, sys
from tui_migrate.cli.entry import run
try:
    code = run({argv!r})
except SystemExit as error:
    code = error.code
print("\\n@" + json.dumps([code, sorted({{name.partition(".")[0] for name in sys.modules}})]))
"""


def modules_after(*argv: str) -> tuple[int, set[str]]:
    process = subprocess.run(
        [sys.executable, "-c", REPORT.format(argv=list(argv))], capture_output=True, text=True, check=True
    )
    code, names = json.loads(process.stdout.rpartition("\n@")[2])
    return code, set(names)


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(argument: str) -> None:
    code, names = modules_after(argument)
    assert code == 0
    assert names.isdisjoint(
        {"textual", "httpcore", "msgspec", "pydantic", "lxml", "rich", "asyncio", "tenacity", "platformdirs"}
    )


def test_help_of_a_command_imports_nothing_heavy() -> None:
    code, names = modules_after("run", "--help")
    assert code == 0
    assert names.isdisjoint(HEAVY)


@pytest.mark.parametrize("command", [("config", "show"), ("definitions", "--demo")], ids=" ".join)
def test_a_configuration_file_is_read_without_pydantic(command: tuple[str, ...], tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        "[profiles.prod]\nurl = 'http://prod.example/engine-rest'\n"
        "authentication = { type = 'basic', user = 'op', password = { prompt = true } }\n",
        encoding="utf-8",
    )
    code, names = modules_after(*command, "--config", str(config))
    assert code == 0
    assert "tomllib" in names
    assert "pydantic" not in names


def test_check_imports_neither_textual_nor_httpcore() -> None:
    code, names = modules_after("check", str(MODELS / "before.bpmn"), str(MODELS / "after.bpmn"))
    assert code == 1
    assert names.isdisjoint({"textual", "httpcore"})
    assert "lxml" in names
