"""Build wheel, sdist, and one single-file archive for each Python and glibc x86-64.

lxml, msgspec and pydantic are compiled, so an archive fits one Python version; its preamble says so on a wrong one.

Usage: python -m scripts.dist [3.11 3.12 3.13]
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tui_migrate import __version__

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_26_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64")

PREAMBLE = """\
import platform, sys
wanted, needed = {version!r}, {glibc!r}
found = "%d.%d" % sys.version_info[:2]
machine, (libc, libc_version) = platform.machine(), platform.libc_ver()
if found != wanted or machine not in ("x86_64", "AMD64") or sys.platform != "linux":
    sys.stderr.write(
        "tui-migrate: this archive is for Python %s on Linux x86-64, and this is Python %s on %s %s."
        " Take the archive named for it, or start this one by python%s.\\n"
        % (wanted, found, sys.platform, machine, wanted)
    )
    sys.exit(2)
if libc != "glibc" or tuple(map(int, libc_version.split(".")[:2])) < needed:
    sys.stderr.write(
        "tui-migrate: this archive needs glibc %d.%d or newer, and this system has %s %s. Install by pip instead.\\n"
        % (needed + (libc or "another C library", libc_version))
    )
    sys.exit(2)
"""
"""Shiv runs it before anything of ours is imported; written so that an older Python 3 can read it as well."""


def run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def build_packages(folder: Path = DIST) -> Path:
    """Build wheel and sdist into a folder and return the wheel."""
    run(sys.executable, "-m", "hatchling", "build", "-d", str(folder), "-t", "sdist", "-t", "wheel")
    return folder / f"tui_migrate-{__version__}-py3-none-any.whl"


def needed_glibc(site: Path) -> tuple[int, int]:
    """Return the oldest glibc that all compiled packages of a folder run on, as their wheels' tags say."""
    needed = (2, 17)
    for file in site.glob("*.dist-info/WHEEL"):
        tags = re.findall(r"^Tag: .*$", file.read_text(encoding="utf-8"), re.MULTILINE)
        named = [(int(one), int(two)) for tag in tags for one, two in re.findall(r"manylinux_(\d+)_(\d+)", tag)]
        if named and not any("manylinux2014" in tag or "-none-any" in tag for tag in tags):
            needed = max(needed, min(named))
    return needed


def build_archive(wheel: Path, version: str, folder: Path = DIST) -> Path:
    """Build the single-file archive for one Python version and return it; that Python need not be here."""
    archive = folder / f"tui-migrate-{__version__}-py{version.replace('.', '')}-linux-x86_64.pyz"
    with tempfile.TemporaryDirectory() as work:
        site = Path(work) / "site-packages"
        preamble = Path(work) / "preamble.py"
        fetch = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(site), "--only-binary=:all:"]
        fetch += ["--implementation", "cp", "--python-version", version]
        fetch += [word for platform in PLATFORMS for word in ("--platform", platform)]
        run(*fetch, "--require-hashes", "-r", "requirements/run.txt")
        run(*fetch, "--no-deps", str(wheel))
        preamble.write_text(PREAMBLE.format(version=version, glibc=needed_glibc(site)), encoding="utf-8")
        shiv = [
            str(Path(sys.executable).parent / "shiv"),
            "--site-packages",
            str(site),
            "--compressed",
            "--reproducible",
        ]
        shiv += ["--python", f"/usr/bin/env python{version}", "--preamble", str(preamble)]
        run(*shiv, "--entry-point", "tui_migrate.__main__:main", "--output-file", str(archive))
    return archive


def main(versions: list[str]) -> None:
    wheel = build_packages()
    print(wheel.relative_to(ROOT))
    for version in versions or PYTHONS:
        print(build_archive(wheel, version).relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
