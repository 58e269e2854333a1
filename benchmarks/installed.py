"""`tui-migrate` as a user installs it, in a folder of its own for as long as the benchmarks run.

The development environment's start script goes through an editable install, which makes ours start more slowly.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
import venv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent


@cache
def installed() -> Path:
    """The folder with `python` and `tui-migrate`; the one of the running environment where there is no network."""
    folder = Path(tempfile.mkdtemp(prefix="tui-migrate-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        _install(folder)
    except subprocess.CalledProcessError as error:
        print(f"note: measured in the development environment, since installing failed: {error}", file=sys.stderr)
        return Path(sys.executable).parent
    return folder / "venv" / "bin"


def _install(folder: Path) -> None:
    venv.create(folder / "venv")
    requirements = ROOT / "requirements" / "run.txt"
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    there = ("--python", str(folder / "venv" / "bin" / "python"))
    _pip(*there, "install", "--require-hashes", "-r", str(requirements))
    _pip(*there, "install", "--no-deps", *(str(wheel) for wheel in folder.glob("*.whl")))


def _pip(*arguments: str) -> None:
    argv = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(argv, check=True, cwd=ROOT)


@cache
def environment() -> dict[str, str | None]:
    """Settings and a state folder that are nobody's, so that a user's own don't count."""
    folder = tempfile.mkdtemp(prefix="tui-migrate-bench-state-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    own = dict.fromkeys(("URL", "ENGINE", "PROFILE", "USER", "PASSWORD", "TOKEN", "CONFIG", "TENANT", "READ_ONLY"))
    return {f"TUI_MIGRATE_{name}": None for name in own} | {
        "TUI_MIGRATE_STATE": f"{folder}/state",
        "XDG_CONFIG_HOME": f"{folder}/config",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }
