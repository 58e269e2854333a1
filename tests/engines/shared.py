"""The engines of one test session: the first worker that needs one starts it, the end of the session stops them all."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING

from tests.engines.build import KINDS, EngineProblem, locked, missing_tools
from tests.engines.launcher import RunningEngine, answers, start, stop

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = "TUI_MIGRATE_TEST_ENGINES"
"""Engines that run already, as `name=url,name=url`; with it none is started."""

PROPERTIES = {"test.batch-poll-time": 1, "test.job-executor-wait": 100, "test.job-executor-max-wait": 1000}
"""Tests wait for batches to go (30 s by default) and for retries (up to 60 s by default) no longer than this."""

MEMORY = "1g"


class SharedEngines:
    """The engines of one session.

    Args:
        folder: Where all workers of the session keep what they know.
        session_pid: The process whose end is the end of the session, and of every engine.
    """

    def __init__(self, folder: Path, session_pid: int) -> None:
        self.folder = folder
        self.session_pid = session_pid

    def get(self, name: str) -> RunningEngine:
        """The engine of this name, started if none of the workers did before.

        Raises:
            EngineProblem: There is none, and there will be none in this session.
        """
        given = running_engines()
        if given:
            return _given(name, given)
        record = self.folder / f"{name}.json"
        with locked(self.folder / f"{name}.lock"):
            if not record.exists():
                record.write_text(json.dumps(self._start(name)))
        values = json.loads(record.read_text())
        if "problem" in values:
            raise EngineProblem(values["problem"])
        return RunningEngine(**values)

    def _start(self, name: str) -> dict[str, object]:
        """What the other workers need to know: the engine, or why there is none."""
        try:
            engine = start(name, self.folder, parent_pid=self.session_pid, properties=PROPERTIES, memory=MEMORY)
        except (EngineProblem, TimeoutError) as problem:
            return {"problem": str(problem)}
        return asdict(engine) | {"log": None}

    def stop_all(self) -> None:
        """Stops what the session started, and nothing else."""
        for record in sorted(self.folder.glob("*.json")):
            pid = json.loads(record.read_text()).get("pid")
            if pid is not None:
                stop(pid)
        shutil.rmtree(self.folder, ignore_errors=True)


def running_engines() -> dict[str, str]:
    """The engines that TUI_MIGRATE_TEST_ENGINES names, with their REST bases.

    Raises:
        EngineProblem: It can't be read, or names an unknown engine.
    """
    engines: dict[str, str] = {}
    for item in filter(None, os.environ.get(RUNNING, "").split(",")):
        name, equals, url = item.strip().partition("=")
        if not equals or name not in KINDS:
            raise EngineProblem(f"{RUNNING} has {item!r}; write name=url with one of the names {', '.join(KINDS)}.")
        engines[name] = url.rstrip("/")
    return engines


def _given(name: str, given: dict[str, str]) -> RunningEngine:
    if name not in given:
        raise EngineProblem(f"{RUNNING} is set and does not name {name}.")
    url, user = given[name], KINDS[name].user
    version = answers(url, user)
    if version is None:
        raise EngineProblem(f"{RUNNING} says that {name} runs at {url}, where no engine answers.")
    return RunningEngine(name, url, version, user=user)


def why_no_engine() -> str | None:
    """The reason why live tests can't run here; None when they can."""
    return None if running_engines() else missing_tools()
