"""Instances of the demo's loan process, taken some random steps on, and migrated by a random valid plan."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tests.sandbox.twin import Side
from tui_migrate.bpmn.model import Activity
from tui_migrate.bpmn.reader import read_model
from tui_migrate.migration.generate import SUPPORTED_BEHAVIORS
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validate import validate
from tui_migrate.sandbox.demo import demo_files
from tui_migrate.sandbox.store.placing import fail_job
from tui_migrate.sandbox.tokens import Tokens

FILES = {name: xml.decode() for name, xml in demo_files()}
CALLED = FILES["loan-payout-2.bpmn"].replace('"loan-payout"', '"KEY-payout"')
# Without the result variable: the embedded engine runs no code.
LOANS = [
    FILES[f"loan-approval-{version}.bpmn"]
    .replace('"loan-approval"', '"KEY"')
    .replace('"loan-payout"', '"KEY-payout"')
    .replace(' camunda:resultVariable="scored"', "")
    for version in (1, 2, 3)
]
MODELS = [read_model(xml.encode()) for xml in LOANS]
PAIRS = ((1, 2), (1, 3), (2, 3), (3, 2), (2, 2), (2, 1), (3, 1))
BROKEN = (
    "Unknown property used in expression: ${execution.getVariable('letters') == 'broken' ? "
    "letterService.send(execution) : true}. Cause: Cannot resolve identifier 'letterService'"
)
ANSWERS = {"ask_papers": {"papers": "ok"}, "request_papers": {"papers": "ok"}, "second_opinion": {"decision": "yes"}}
"""What tasks answer that would otherwise lead round in a circle."""
WITHDRAWN = "application-withdrawn"
MOST_ROUNDS = 100
"""Of jobs of an embedded instance: each may lead to the next, but not for ever."""


@dataclass(frozen=True)
class Course:
    """What is done, decided by a seed alone."""

    source: int
    target: int
    instructions: tuple[Instruction, ...]
    variables: dict[str, Any]
    before: tuple[float, ...]
    """One number for each step before the migration: which of the things that can be done is done."""
    after: tuple[float, ...]


def course(seed: int) -> Course:
    numbers = random.Random(seed)
    source, target = numbers.choice(PAIRS)
    return Course(
        source,
        target,
        random_plan(numbers, source, target),
        {
            "papers": numbers.choice(("ok", "ok", "missing")),
            "applicant": "x",
            "guarantors": numbers.choice((1, 2, 3)),
            "decision": numbers.choice(("yes", "yes", "unsure")),
            "letters": numbers.choice(("fine", "broken")) if source != 3 and target != 3 else "fine",
        },
        tuple(numbers.random() for _ in range(numbers.randint(0, 6))),
        tuple(numbers.random() for _ in range(2)),
    )


def random_plan(numbers: random.Random, source: int, target: int) -> tuple[Instruction, ...]:
    """Instructions between activities of one behaviour, without those that are not valid together."""
    models = MODELS[source - 1], MODELS[target - 1]
    chosen = []
    for activity in models[0].activities.values():
        fitting = [one for one in models[1].activities.values() if one.behavior == activity.behavior]
        if not _can_migrate(activity) or not fitting or numbers.random() < 0.12:
            continue
        same = [one for one in fitting if one.id == activity.id]
        other = same[0] if same and numbers.random() < 0.8 else numbers.choice(fitting)
        chosen.append(Instruction(activity.id, other.id, bool(activity.trigger) and numbers.random() < 0.3))
    while not (report := validate(*models, chosen)).valid:
        bad = {one.instruction for one in report.instruction_reports}
        chosen = [one for one in chosen if one not in bad]
    return tuple(chosen)


def _can_migrate(activity: Activity) -> bool:
    return activity.behavior in SUPPORTED_BEHAVIORS or activity.async_before


async def run(side: Side, what: Course) -> Any:
    await side.deploy(CALLED, *LOANS)
    side.definitions = side.definitions[1:]
    instance = await side.start(what.source, "random", **what.variables)
    steps = await _go_on(side, instance, what, what.before)
    before = await _state(side, instance)
    plan = {
        "sourceProcessDefinitionId": side.definitions[what.source - 1],
        "targetProcessDefinitionId": side.definitions[what.target - 1],
        "instructions": [one.to_engine() for one in what.instructions],
    }
    status, answer = await side.migrate(plan, instance)
    if status == 400:
        answer["message"] = sorted(answer["message"].split("\n"))
    elif status == 500 and answer["type"] == "NullPointerException":
        answer = None
    after = await _state(side, instance), await side.statistics(what.target)
    if status == 204:
        steps += await _go_on(side, instance, what, what.after)
    return steps, before, status, answer, after, await _state(side, instance)


async def _state(side: Side, instance: str) -> Any:
    state = await side.state(instance)
    # Which of several alike inner instances was taken on is a matter of chance.
    state["variables"] = sorted(
        (name, *rest, "" if name == "loopCounter" else owner, definition)
        for name, *rest, owner, definition in state["variables"]
    )
    return state


async def _go_on(side: Side, instance: str, what: Course, choices: tuple[float, ...]) -> list[tuple[str, str]]:
    done = []
    for choice in choices:
        await _settle(side, instance, broken=what.variables["letters"] == "broken")
        possible = [one for one in await _possible(side, instance) if one[1] != WITHDRAWN or choice > 0.9]
        if possible:
            kind, name, thing = possible[int(choice * len(possible))]
            done.append((kind, name))
            await _do(side, instance, kind, name, thing)
    await _settle(side, instance, broken=what.variables["letters"] == "broken")
    return done


async def _possible(side: Side, instance: str) -> list[tuple[str, str, Any]]:
    """What can be done with an instance, in an order that both engines have."""
    of = {"processInstanceId": instance}
    found = [("task", one["taskDefinitionKey"], one) for one in await side.get("/task", **of)]
    found += [("external", one["activityId"], one) for one in await side.get("/external-task", **of)]
    subscriptions = await side.get("/event-subscription", **of, eventType="message")
    found += [("message", one["eventName"], one) for one in subscriptions]
    for job in await side.get("/job", **of, timers="true"):
        definition = await side.get(f"/job-definition/{job['jobDefinitionId']}")
        found.append(("timer", definition["activityId"], job))
    return sorted(found, key=lambda one: one[:2])


async def _do(side: Side, instance: str, kind: str, name: str, thing: Any) -> None:
    if kind == "task":
        variables = {key: {"value": value} for key, value in ANSWERS.get(name, {}).items()}
        await side.post(f"/task/{thing['id']}/complete", {"variables": variables})
    elif kind == "external":
        topic = {name: thing[name] for name in ("topicName", "processDefinitionId")} | {"lockDuration": 1000}
        await side.post("/external-task/fetchAndLock", {"workerId": "w", "maxTasks": 50, "topics": [topic]})
        await side.post(f"/external-task/{thing['id']}/complete", {"workerId": "w"})
    elif kind == "message":
        await side.message(instance, name)
    else:
        await side.post(f"/job/{thing['id']}/execute", {})


async def _settle(side: Side, instance: str, *, broken: bool) -> None:
    """Let the job executor do its work: a real engine's by itself, the embedded one's here."""
    of = {"processInstanceId": instance, "messages": "true", "withRetriesLeft": "true"}
    if side.embedded is None:
        await side.until("/job", lambda jobs: not jobs, **of)
        return
    for _ in range(MOST_ROUNDS):
        jobs = await side.get("/job", **of)
        if not jobs:
            return
        found, store = side.embedded.instance(instance), side.embedded.store
        for job in [one for one in found.live.jobs if one.id in {each["id"] for each in jobs}]:
            if broken:
                store.propagate(fail_job(found, found.live, job, BROKEN))
                found.touch()
            else:
                Tokens(store, found, side.embedded.now()).continue_job(job)
    raise AssertionError("the jobs have not been done")
