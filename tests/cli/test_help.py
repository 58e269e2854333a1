"""The help that stands in a file is the help that the parser would print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tui_migrate
from tui_migrate.cli.arguments import build_parser

HELP = Path(tui_migrate.__file__).parent / "cli" / "help.txt"


def test_the_help_file_is_what_the_parser_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert HELP.read_text(encoding="utf-8") == build_parser(()).format_help(), "run `make docs`"


def test_help_and_version_as_a_module() -> None:
    def out(argument: str) -> str:
        command = [sys.executable, "-m", "tui_migrate", argument]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert out("--help") == HELP.read_text(encoding="utf-8")
    assert out("--version") == f"tui-migrate {tui_migrate.__version__}\n"
