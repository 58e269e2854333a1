"""Fixtures for all tests: the live engines, started when the first test needs one, stopped with the session."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.engines.build import EngineProblem, build, missing_tools
from tests.engines.shared import RUNNING, SharedEngines, running_engines, why_no_engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.terminal import TerminalReporter

    from tests.engines.launcher import RunningEngine

LIVE_ENGINES = ("camunda-7.24", "operaton", "camunda-7.17")
"""What every live contract is checked against."""

LIVE_FIXTURES = {"live_engine", "camunda_724", "operaton", "camunda_717", "camunda_724_auth", "engine_tools"}

ENGINES = pytest.StashKey[SharedEngines]()
SKIPPED = "no live engine: "


def pytest_configure(config: pytest.Config) -> None:
    _fix_examples(config)
    worker = getattr(config, "workerinput", None)
    if worker is None:
        folder, pid = Path(tempfile.mkdtemp(prefix="tui-migrate-engines-")), os.getpid()
    else:
        folder, pid = Path(worker["engines_folder"]), worker["session_pid"]
    config.stash[ENGINES] = SharedEngines(folder, pid)


def _fix_examples(config: pytest.Config) -> None:
    """The same examples in each short run, new ones in each long run; how long one takes says nothing here."""
    slow = [HealthCheck.too_slow]
    settings.register_profile("short", derandomize=True, deadline=None, suppress_health_check=slow)
    settings.register_profile("long", print_blob=True, deadline=None, suppress_health_check=slow)
    settings.load_profile("short" if "not long" in config.option.markexpr else "long")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tells a worker of pytest-xdist where the session's engines are."""
    engines = node.config.stash[ENGINES]  # type: ignore[attr-defined]
    node.workerinput |= {"engines_folder": str(engines.folder), "session_pid": engines.session_pid}  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Comes also after failures and Ctrl+C; after a kill -9 the engines end by themselves."""
    if not hasattr(config, "workerinput") and ENGINES in config.stash:
        config.stash[ENGINES].stop_all()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Marks each test that uses an engine, before `-m` chooses."""
    for item in items:
        if LIVE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("live")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Builds the engines before the first test, whose time-out a first build would not fit in."""
    live = any(item.get_closest_marker("live") for item in session.items)
    if not live or session.config.option.collectonly or running_engines() or why_no_engine():
        return
    # A failure is told by each live test when it asks for its engine; here it would end the worker.
    with contextlib.suppress(EngineProblem):
        build()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Says what was skipped, and the figures that tests want to be seen: workers of pytest-xdist can't print."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == "figures" and report.when == "call":
                terminalreporter.section(report.nodeid.rpartition("::")[2], sep="-")
                terminalreporter.write_line(str(value))
    skipped = sum(SKIPPED in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    if skipped:
        terminalreporter.section("live engines", yellow=True)
        reason = why_no_engine() or missing_tools()
        terminalreporter.write_line(f"{skipped} live tests were skipped: {reason}; or name running ones in {RUNNING}.")


def _require(reason: str | None) -> None:
    """Skips the test if there is a reason; with CI=true that is a failure, since there nobody would notice."""
    if reason is None:
        return
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{SKIPPED}{reason}", pytrace=False)
    pytest.skip(f"{SKIPPED}{reason}")


@pytest.fixture(scope="session")
def engine_tools() -> None:
    """Java and Maven are here: for tests that start engines of their own."""
    _require(missing_tools())


def _engine(request: pytest.FixtureRequest, name: str) -> RunningEngine:
    _require(why_no_engine())
    return request.config.stash[ENGINES].get(name)


@pytest.fixture(scope="session", params=LIVE_ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The name of each engine that a live contract is checked against."""
    return str(request.param)


@pytest.fixture(scope="session")
def live_engine(request: pytest.FixtureRequest, engine_name: str) -> RunningEngine:
    """Each of Camunda 7.24, Operaton and Camunda 7.17, without authentication."""
    return _engine(request, engine_name)


@pytest.fixture(scope="session")
def camunda_724(request: pytest.FixtureRequest) -> RunningEngine:
    return _engine(request, "camunda-7.24")


@pytest.fixture(scope="session")
def operaton(request: pytest.FixtureRequest) -> RunningEngine:
    return _engine(request, "operaton")


@pytest.fixture(scope="session")
def camunda_717(request: pytest.FixtureRequest) -> RunningEngine:
    return _engine(request, "camunda-7.17")


@pytest.fixture(scope="session")
def camunda_724_auth(request: pytest.FixtureRequest) -> RunningEngine:
    """Camunda 7.24 with basic authentication and authorizations; its users are in tests/engines/README.md."""
    return _engine(request, "camunda-7.24-auth")
