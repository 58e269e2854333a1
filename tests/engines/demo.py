"""The demo's processes on a real engine: every version deployed in its order, with instances in many states."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.engines import rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engines.launcher import RunningEngine

FOLDER = Path(__file__).parents[2] / "tui_migrate" / "sandbox" / "demo"
INSTANCES = 40
STEPS = 8
WITHDRAWN = "application-withdrawn"
WORKER = "demo"


def play(engine: RunningEngine) -> Iterator[tuple[str, int]]:
    """Deploys all processes, version by version, and moves instances of each version on before the next one comes.

    Yields:
        Each definition's id, with the number of instances that were started.
    """
    ordered = sorted(FOLDER.glob("*.bpmn"), key=lambda file: (_version(file), file.name))
    for _, files in groupby(ordered, key=_version):
        sources = {file.name: file.read_text("utf-8") for file in files}
        for definition_id in rest.deploy(engine.url, sources, user=engine.user):
            with ThreadPoolExecutor(4) as threads:
                list(threads.map(lambda number, of=definition_id: _one(engine, of, number), range(INSTANCES)))
            yield definition_id, INSTANCES


def _version(file: Path) -> int:
    """The number at the end of the name. All of one number are deployed together, since they call one another."""
    found = re.search(r"(\d+)$", file.stem)
    return int(found.group(1)) if found else 0


def _one(engine: RunningEngine, definition_id: str, number: int) -> None:
    """Starts one instance and takes it a few steps on; the number decides how far and which way."""
    variables = {
        "applicant": ("ann", "béla", "chen")[number % 3],
        "papers": "missing" if number % 7 == 3 else "complete",
        "decision": ("approved", "approved", "rejected", "unsure")[number % 4],
        "letters": "broken" if number % 5 == 0 else "fine",
        "labels": "broken" if number % 6 == 0 else "fine",
        "guarantors": 1 + number % 3,
        "items": 1 + number % 4,
    }
    key = f"{definition_id.split(':')[0]}-{definition_id.split(':')[1]}{number:03}"
    instance_id = rest.start_instance(
        engine.url, definition_id, business_key=key, variables=variables, user=engine.user
    )
    for _ in range(number % STEPS):
        if not _step(engine, instance_id, key):
            return


def _step(engine: RunningEngine, instance_id: str, business_key: str) -> bool:
    """Does what the instance waits for; False when it waits for a timer, a job or a called instance, or has ended."""
    return (
        _complete_user_task(engine, instance_id)
        or _complete_external_task(engine, instance_id, business_key)
        or _send_message(engine, instance_id)
    )


def _complete_user_task(engine: RunningEngine, instance_id: str) -> bool:
    tasks = rest.get(engine.url, "/task", processInstanceId=instance_id, maxResults=1, user=engine.user)
    for task in tasks:
        rest.post(engine.url, f"/task/{task['id']}/complete", {}, user=engine.user)
    return bool(tasks)


def _complete_external_task(engine: RunningEngine, instance_id: str, business_key: str) -> bool:
    tasks = rest.get(engine.url, "/external-task", processInstanceId=instance_id, maxResults=1, user=engine.user)
    for task in tasks:
        topic = {"topicName": task["topicName"], "lockDuration": 10_000, "businessKey": business_key}
        body = {"workerId": WORKER, "maxTasks": 1, "topics": [topic]}
        for fetched in rest.post(engine.url, "/external-task/fetchAndLock", body, user=engine.user):
            path = f"/external-task/{fetched['id']}/complete"
            rest.post(engine.url, path, {"workerId": WORKER}, user=engine.user)
    return bool(tasks)


def _send_message(engine: RunningEngine, instance_id: str) -> bool:
    waiting = [
        each
        for each in rest.get(
            engine.url, "/event-subscription", processInstanceId=instance_id, eventType="message", user=engine.user
        )
        if each["eventName"] != WITHDRAWN
    ]
    for each in waiting[:1]:
        path = f"/execution/{each['executionId']}/messageSubscriptions/{quote(each['eventName'], safe='')}/trigger"
        rest.post(engine.url, path, {}, user=engine.user)
    return bool(waiting)
