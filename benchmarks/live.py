"""Against a live engine: the first that TUI_MIGRATE_TEST_ENGINES names. Nothing is left behind on it.

Freezing starts an engine of its own: a database in memory takes longer than anybody waits to delete 20,000 instances.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Callable
from statistics import median
from urllib.parse import urlsplit

from benchmarks.figures import BenchmarkError, Report, paired
from benchmarks.models import flat
from tests.engines import rest
from tests.engines.build import missing_tools
from tests.engines.launcher import RunningEngine, started
from tests.engines.rest import new_key
from tests.engines.shared import RUNNING, running_engines
from tests.operations.running import Running, running
from tui_migrate.bpmn.reader import read_model
from tui_migrate.migration.plan import MigrationPlan
from tui_migrate.migration.validate import validate
from tui_migrate.operations.matching import IDS_AT_ONCE
from tui_migrate.operations.rehearse import rehearse
from tui_migrate.operations.selection import Selection, freeze

FIGURES = (
    "validating a plan of 50, times as fast as the engine's REST call",
    "rehearsing 200 good instances, against executing 200 like them",
    "freezing 20,000 ids, against the same requests by http.client",
)
MANY = 20_000


def measure(report: Report) -> None:
    engines = running_engines()
    if engines:
        name, url = next(iter(engines.items()))
        _on_named(report, RunningEngine(name, url, ""))
    else:
        for figure in FIGURES[:2]:
            report.skip(figure, f"no engine is named in {RUNNING}")
    lacking = missing_tools()
    if lacking is not None:
        report.skip(FIGURES[2], lacking)
        return
    with started("camunda-7.24", memory="1g") as engine:
        source, _ = _deploy(engine, new_key("bench"))
        asyncio.run(_freezing(report, engine, source))


def _on_named(report: Report, engine: RunningEngine) -> None:
    key = new_key("bench")
    try:
        source, target = _deploy(engine, key)
        asyncio.run(_measure(report, engine, source, target))
    finally:
        _forget(engine, key)


def _deploy(engine: RunningEngine, key: str) -> tuple[str, str]:
    found = [rest.deploy(engine.url, {f"{key}.bpmn": flat(key, 50, version=version).decode()}) for version in (1, 2)]
    return found[0][0], found[1][0]


def _forget(engine: RunningEngine, key: str) -> None:
    """Remove both versions with all of their instances and history: the engine may be shared."""
    for definition in rest.get(engine.url, "/process-definition", key=key):
        rest.delete(engine.url, f"/process-definition/{definition['id']}?cascade=true&skipCustomListeners=true")


async def _measure(report: Report, engine: RunningEngine, source: str, target: str) -> None:
    async with running(engine) as it:
        plan = await it.session.engine.generate(source, target)
        await asyncio.to_thread(_validating, report, engine, plan)
        await _rehearsing(report, engine, it, plan)


def _validating(report: Report, engine: RunningEngine, plan: MigrationPlan) -> None:
    source, target = read_model(flat("plan", 50)), read_model(flat("plan", 50, version=2))
    connection = _connection(engine)
    body = json.dumps(plan.to_engine())

    def ask() -> float:
        return _timed(lambda: _post(connection, "/engine-rest/migration/validate", body))

    fast = paired(ask, lambda: _timed(lambda: validate(source, target, plan.instructions)), 21)
    report.add(FIGURES[0], fast.ratio, 5, least=True, note=fast.note(scale=1000))


async def _rehearsing(report: Report, engine: RunningEngine, it: Running, plan: MigrationPlan) -> None:
    ratios, notes = [], []
    for _ in range(5):
        ids = rest.start_instances(engine.url, plan.source_definition_id, 200)
        begun = time.perf_counter()
        rehearsal = await rehearse(it.session, plan, ids)
        rehearsed = time.perf_counter() - begun
        if rehearsal.failing:
            raise BenchmarkError("a good instance failed")
        begun = time.perf_counter()
        await it.session.engine.execute(plan, ids)
        executed = time.perf_counter() - begun
        ratios.append(rehearsed / executed)
        notes.append(f"{rehearsed * 1000:.0f}/{executed * 1000:.0f}")
    report.add(FIGURES[1], median(ratios), 1.3, note=f"{', '.join(notes)} ms")


async def _freezing(report: Report, engine: RunningEngine, source: str) -> None:
    rest.start_instances(engine.url, source, MANY)
    ratios, notes, asked = [], [], 0
    async with running(engine) as it:
        await it.session.features()  # the version is asked for once, and is not part of the figure
        for _ in range(4):
            it.requests.clear()
            begun = time.perf_counter()
            frozen = await freeze(it.session, source, Selection())
            ours = time.perf_counter() - begun
            if len(frozen.ids) != MANY:
                raise BenchmarkError(f"{len(frozen.ids)} instances were frozen")
            asked = len(it.requests)
            plain = await asyncio.to_thread(_pages, engine, source, frozen.passes, asked)
            ratios.append(ours / plain)
            notes.append(f"{ours * 1000:.0f}/{plain * 1000:.0f}")
    note = f"{', '.join(notes[1:])} ms, {asked} requests"
    report.add(FIGURES[2], median(ratios[1:]), 2, note=note)  # the first round warms the engine up


def _pages(engine: RunningEngine, source: str, passes: int, requests: int) -> float:
    """Seconds for reading the same pages as often, one after the other."""
    connection = _connection(engine)
    body = json.dumps({"processDefinitionId": source, "sorting": [{"sortBy": "instanceId", "sortOrder": "asc"}]})
    pages = [first for _ in range(passes) for first in range(0, MANY + 1, IDS_AT_ONCE)]
    if len(pages) != requests:
        raise BenchmarkError(f"freezing took {requests} requests; {len(pages)} were thought to be the same")
    begun = time.perf_counter()
    for first in pages:
        _post(connection, f"/engine-rest/process-instance?firstResult={first}&maxResults={IDS_AT_ONCE}", body)
    return time.perf_counter() - begun


def _connection(engine: RunningEngine) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(engine.url).netloc, timeout=120)


def _post(connection: http.client.HTTPConnection, path: str, body: str) -> object:
    connection.request("POST", path, body, {"Content-Type": "application/json", "Accept": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise BenchmarkError(f"{path}: {answer.status} {content[:200]!r}")
    return json.loads(content)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
