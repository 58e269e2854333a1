"""The single-file archives: complete for each Python, started by those that are here, refused by a wrong one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts.dist import PREAMBLE, PYTHONS, ROOT, build_archive, build_packages
from tests.cli.conftest import MODEL

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
PINNED = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.MULTILINE))
COMPILED = ("lxml/etree", "msgspec/_core", "pydantic_core/_pydantic_core")


def start(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Start a program with nothing of this environment: no packages of the venv, no user's ones."""
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "SHIV_ROOT": str(folder / "shiv"), "LANG": "C"}
    return subprocess.run(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One archive for each Python, built from what pip gets for it."""
    folder = tmp_path_factory.mktemp("dist")
    wheel = build_packages(folder)
    return {version: build_archive(wheel, version, folder) for version in PYTHONS}


@pytest.mark.long
@pytest.mark.parametrize("version", PYTHONS)
def test_an_archive_holds_everything_for_its_python(version: str, archives: dict[str, Path]) -> None:
    with zipfile.ZipFile(archives[version]) as archive:
        names = archive.namelist()
        site = [name.removeprefix("site-packages/") for name in names if name.startswith("site-packages/")]
        infos = {name.split("/")[0] for name in site if ".dist-info/" in name}
        ours = {name for name in site if name.startswith("tui_migrate/")}
    found = {info.removesuffix(".dist-info").rpartition("-")[0].replace("_", "-").lower() for info in infos}
    assert found == {*PINNED, "tui-migrate"}
    for name, pinned in PINNED.items():
        assert any(info.replace("_", "-").lower().startswith(f"{name}-{pinned}") for info in infos), name
    digits = version.replace(".", "")
    for module in COMPILED:
        (file,) = [name for name in site if re.fullmatch(rf"{module}\.[^/]*\.so", name)]
        assert f"cpython-{digits}-x86_64-linux-gnu" in file
    assert not [name for name in site if name.endswith(".so") and "cpython-3" in name and f"-{digits}-" not in name]
    wanted = {str(path.relative_to(ROOT)) for path in (ROOT / "tui_migrate").rglob("*") if path.is_file()}
    assert {name for name in wanted if "__pycache__" not in name} <= ours


def python_of(version: str) -> str | None:
    """This machine's Python of a version; None where there is none that starts."""
    if version == HERE:
        return os.path.realpath(sys.executable)
    found = shutil.which(f"python{version}")
    # A version manager's stand-in is there for every version, and starts only the chosen ones.
    works = found is not None and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0
    return found if works else None


@pytest.mark.long
@pytest.mark.parametrize("version", PYTHONS)
def test_an_archive_works_with_nothing_but_its_python(version: str, archives: dict[str, Path], tmp_path: Path) -> None:
    python = python_of(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    archive = str(archives[version])
    assert "tui-migrate" in start(python, "-I", archive, "--version", folder=tmp_path).stdout
    (tmp_path / "old.bpmn").write_text(MODEL, encoding="utf-8")
    (tmp_path / "new.bpmn").write_text(MODEL.replace('"PACK"', '"GOODS"'), encoding="utf-8")
    checked = start(python, "-I", archive, "check", "old.bpmn", "new.bpmn", "--format", "json", folder=tmp_path)
    assert checked.returncode == 1, checked.stderr
    assert json.loads(checked.stdout)["kind"] == "tui-migrate.check"
    doctor = start(python, "-I", archive, "--url", "http://127.0.0.1:9/engine-rest", "doctor", folder=tmp_path)
    assert doctor.returncode == 3, doctor.stderr


@pytest.mark.long
@pytest.mark.parametrize("version", [one for one in PYTHONS if one != HERE])
def test_an_archive_says_that_this_is_the_wrong_python(version: str, archives: dict[str, Path], tmp_path: Path) -> None:
    done = start(os.path.realpath(sys.executable), "-I", str(archives[version]), "--version", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"this archive is for Python {version} on Linux x86-64, and this is Python {HERE}" in done.stderr
    assert f"start this one by python{version}" in done.stderr


@pytest.mark.parametrize(
    ("version", "glibc", "words"),
    [("3.99", (2, 17), "this archive is for Python 3.99"), (HERE, (2, 99), "needs glibc 2.99 or newer")],
)
def test_the_preamble_tells_what_does_not_fit(version: str, glibc: tuple[int, int], words: str, tmp_path: Path) -> None:
    file = tmp_path / "preamble.py"
    file.write_text(PREAMBLE.format(version=version, glibc=glibc), encoding="utf-8")
    done = start(sys.executable, "-I", str(file), folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_the_preamble_lets_the_right_python_pass(tmp_path: Path) -> None:
    file = tmp_path / "preamble.py"
    file.write_text(PREAMBLE.format(version=HERE, glibc=(2, 17)), encoding="utf-8")
    done = start(sys.executable, "-I", str(file), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
