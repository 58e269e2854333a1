"""Building the runnable engines with Maven, once, whoever asks first."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
TARGET = HERE / "target"
JAVA = 17


@dataclass(frozen=True)
class EngineKind:
    """What is built and how it is started.

    Args:
        module: The Maven module, which is also the jar's name.
        properties: Application properties that make this kind what it is.
        user: Who may do everything, with an equal password; None where nobody has to log in.
    """

    module: str
    properties: Mapping[str, object] = field(default_factory=dict)
    user: str | None = None

    @property
    def jar(self) -> Path:
        return TARGET / self.module / f"{self.module}.jar"


KINDS: Mapping[str, EngineKind] = {
    "camunda-7.24": EngineKind("camunda-7.24"),
    "operaton": EngineKind("operaton"),
    "camunda-7.17": EngineKind("camunda-7.17"),
    "camunda-7.24-auth": EngineKind("camunda-7.24", {"test.authentication": True}, "admin"),
}


class EngineProblem(Exception):
    """An engine can't be built or started; the message says why and what to do."""


def missing_tools() -> str | None:
    """The reason why no engine can run on this machine, as one sentence; None when all is there."""
    hint = "install Java 17 or newer and Maven (Debian: apt install default-jdk-headless maven)"
    version = java_version()
    if version is None:
        return f"there is no Java on this machine; {hint}"
    if version < JAVA:
        return f"the Java on this machine is version {version}; {hint}"
    if not is_built() and shutil.which("mvn") is None:
        return f"there is no Maven (mvn) on this machine; {hint}"
    return None


def java_command() -> str | None:
    """The Java that JAVA_HOME names, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


def java_version() -> int | None:
    """The major version of the Java that would be used; None where there is none."""
    java = java_command()
    if java is None:
        return None
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(found.group(1)) if found else None


def is_built() -> bool:
    """Whether every jar is there and newer than everything that it is made of."""
    jars = {kind.jar for kind in KINDS.values()}
    if not all(jar.exists() for jar in jars):
        return False
    sources = [*HERE.glob("pom.xml"), *HERE.glob("*/pom.xml"), *(HERE / "src").rglob("*.*")]
    return min(jar.stat().st_mtime for jar in jars) >= max(source.stat().st_mtime for source in sources)


def build() -> None:
    """Builds all jars that are missing or out of date; several processes may ask at once.

    Raises:
        EngineProblem: Maven says no; the message ends with its last words.
    """
    with locked(TARGET / "build.lock"):
        if is_built():
            return
        maven = shutil.which("mvn")
        if maven is None:
            raise EngineProblem(str(missing_tools()))
        # `clean` is left out on purpose: an engine of another session may run from the other modules' jars.
        answer = subprocess.run(
            [maven, "-q", "-B", "package"],
            cwd=HERE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise EngineProblem(f"The test engines can't be built (mvn package in {HERE}):\n{answer.stdout[-3000:]}")
        for kind in KINDS.values():
            # Maven leaves a jar alone when only a comment of a pom changed.
            kind.jar.touch()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process at a time is inside, on this machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
