"""Starting one engine, waiting until it answers, and stopping exactly that one."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import urllib.error
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engines import rest
from tests.engines.build import KINDS, EngineProblem, build, java_command, missing_tools
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START_SECONDS = 240.0
STOP_SECONDS = 15.0

_KEPT: list[subprocess.Popen[bytes]] = []
"""Engines outlive the worker that started them: their handles must not be collected while they run."""


@dataclass(frozen=True)
class RunningEngine:
    """An engine that answers.

    Args:
        name: One of `KINDS`.
        url: The REST base, without a slash at the end.
        version: What `GET /version` answered.
        pid: Its process; None when somebody else started it, who also stops it.
        user: Who may do everything, with an equal password; None where nobody has to log in.
        log: Where its output goes.
    """

    name: str
    url: str
    version: str
    pid: int | None = None
    user: str | None = None
    log: Path | None = field(default=None, compare=False)

    def stop(self) -> None:
        """Ends the process, if it is ours, and waits until it is gone."""
        if self.pid is not None and alive(self.pid):
            stop(self.pid)


def start(
    name: str,
    folder: Path,
    *,
    port: int | None = None,
    properties: Mapping[str, object] | None = None,
    parent_pid: int | None = None,
    memory: str = "512m",
) -> RunningEngine:
    """Starts an engine, built before if need be, and returns when it answers.

    Args:
        name: One of `KINDS`.
        folder: Where its log and all else that it writes goes; whoever made the folder removes it.
        port: Where it listens; None lets the system choose.
        properties: Application properties; README.md lists those of the tests.
        parent_pid: The engine ends when this process does; None means this one.
        memory: The largest heap, as Java's -Xmx takes it.

    Raises:
        EngineProblem: Java or Maven is missing, or the engine ends or says nothing for 150 seconds.
    """
    problem = missing_tools()
    if problem is not None:
        raise EngineProblem(f"{name} can't start: {problem}")
    build()
    kind = KINDS[name]
    port_file, log = folder / f"{name}.port", folder / f"{name}.log"
    port_file.unlink(missing_ok=True)
    settings: dict[str, object] = {
        **kind.properties,
        "server.port": port or 0,
        "test.port-file": port_file,
        "test.parent-pid": parent_pid or os.getpid(),
        **(properties or {}),
    }
    process = _spawn(kind.jar, settings, memory, log)
    try:
        url = f"http://127.0.0.1:{_port(process, port_file, name, log)}/engine-rest"
        version = str(rest.get(url, "/version", user=kind.user)["version"])
    except BaseException:
        stop(process.pid)
        raise
    return RunningEngine(name, url, version, process.pid, kind.user, log)


@contextmanager
def started(
    name: str, *, port: int | None = None, properties: Mapping[str, object] | None = None, memory: str = "512m"
) -> Iterator[RunningEngine]:
    """An engine for as long as the block lasts, as `start` starts it; nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="tui-migrate-engine-") as folder:
        engine = start(name, Path(folder), port=port, properties=properties, memory=memory)
        try:
            yield engine
        finally:
            engine.stop()


def _spawn(jar: Path, settings: Mapping[str, object], memory: str, log: Path) -> subprocess.Popen[bytes]:
    java = java_command()
    assert java is not None, "missing_tools() has looked"
    arguments = [
        f"--{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in settings.items()
    ]
    # Tomcat makes a folder for temporary files and leaves it behind when the engine is stopped.
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Xmx{memory}", f"-Djava.io.tmpdir={log.parent}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [java, *options, "-jar", str(jar), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl+C is for the tests, which then stop their engines
        )
    _KEPT.append(process)
    return process


def _port(process: subprocess.Popen[bytes], port_file: Path, name: str, log: Path) -> int:
    """The port that the engine wrote down, which it does when it listens."""
    wait_until(lambda: port_file.exists() or process.poll() is not None, f"{name} listens", START_SECONDS)
    if not port_file.exists():
        raise EngineProblem(f"{name} ended while it started:\n{log_end(log)}")
    return int(port_file.read_text())


def log_end(log: Path | None) -> str:
    """The last words of an engine."""
    return log.read_text(errors="replace")[-3000:] if log else ""


def stop(pid: int) -> None:
    """Ends this process, by force if it does not want to, and waits until it is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
            wait_until(lambda: not alive(pid), f"process {pid} ends", STOP_SECONDS)
        except ProcessLookupError:
            return
        except TimeoutError:
            continue
        return
    raise TimeoutError(f"Process {pid} does not end, not even by force.")


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not yet fetched by its parent does not."""
    for process in _KEPT:
        if process.pid == pid:
            return process.poll() is None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists()


def answers(url: str, user: str | None = None) -> str | None:
    """The version of the engine at this REST base; None when none answers."""
    try:
        return str(rest.get(url, "/version", user=user)["version"])
    except (urllib.error.URLError, ConnectionError, rest.RestError):
        return None
