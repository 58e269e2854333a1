"""Build wheel, sdist, and one single-file archive for each Python and glibc x86-64.

lxml and pydantic are compiled, so an archive fits one Python version; its preamble says so on a wrong one.

Usage: python -m scripts.dist [3.11 3.12 3.13]
"""

from __future__ import annotations

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
wanted = {version!r}
found = "%d.%d" % sys.version_info[:2]
machine = platform.machine()
if found != wanted or machine not in ("x86_64", "AMD64") or sys.platform != "linux":
    sys.stderr.write(
        "tui-migrate: this archive is for Python %s on Linux x86-64, and this is Python %s on %s %s."
        " Take the archive named for it, or start this one by python%s.\\n"
        % (wanted, found, sys.platform, machine, wanted)
    )
    sys.exit(2)
"""


def run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def build_packages() -> Path:
    """Build wheel and sdist into dist/ and return the wheel."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel")
    return DIST / f"tui_migrate-{__version__}-py3-none-any.whl"


def build_archive(wheel: Path, version: str) -> Path:
    """Build the single-file archive for one Python version and return it."""
    archive = DIST / f"tui-migrate-{__version__}-py{version.replace('.', '')}-linux-x86_64.pyz"
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site-packages"
        preamble = Path(folder) / "preamble.py"
        preamble.write_text(PREAMBLE.format(version=version), encoding="utf-8")
        fetch = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(site), "--only-binary=:all:"]
        fetch += ["--implementation", "cp", "--python-version", version]
        fetch += [word for platform in PLATFORMS for word in ("--platform", platform)]
        run(*fetch, "--require-hashes", "-r", "requirements/run.txt")
        run(*fetch, "--no-deps", str(wheel))
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
