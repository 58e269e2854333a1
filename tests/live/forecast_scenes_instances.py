"""Scenes of several instances: multi-instance activities, called processes, tenants."""

from __future__ import annotations

from typing import Final

from tests.bpmn_pieces import AFTER, BEFORE, FAIL, FORK, START, TIMER, boundary, flows, looped, sub, user
from tests.live.forecast_scene import NO_INSTRUCTION, NOT_AFTER, NOT_BEFORE, Scene
from tests.live.forecast_steps import complete, run_called_jobs, run_jobs


def _multi_instance() -> Scene:
    def process(first: str, second: str, third: str) -> str:
        inner = '<startEvent id="is"/>' + user("im") + flows("is-im")
        return (
            START
            + FORK
            + user("par", inside=first)
            + boundary("par_t", "par", TIMER)
            + user("seq", inside=second)
            + sub("subs", third + inner)
            + flows("start-fork", "fork-par", "fork-seq", "fork-subs")
        )

    source = process(looped(), looped('isSequential="true"'), looped())
    return Scene(
        "multi-instance",
        source,
        {
            "same": source,
            "removed": process("", "", ""),
            "exchanged": process(looped('isSequential="true"'), looped(), looped()),
        },
        {
            "all open": (),
            "some done": (complete("par", 2), complete("seq"), complete("im")),
            "nearly done": (complete("par", 2), complete("seq"), complete("seq"), complete("im", 2)),
        },
    )


def _multi_instance_asynchronous() -> Scene:
    def process(inner: str, outer: str) -> str:
        return START + user("m", outer, inside=looped(inner)) + user("last") + flows("start-m", "m-last")

    source = process(f"{BEFORE} {AFTER}", f"{BEFORE} {AFTER}")
    return Scene(
        "asynchronous multi-instance",
        source,
        {"same": source, "inner only": process(BEFORE, ""), "outer only": process("", BEFORE)},
        {
            "before body": (),
            "before inner": (run_jobs(),),
            "inner open": (run_jobs(), run_jobs()),
            "inner mixed": (run_jobs(), run_jobs(), complete("m")),
            "inner one ended": (run_jobs(), run_jobs(), complete("m"), run_jobs()),
            "after body": (run_jobs(), run_jobs(), complete("m", 3), run_jobs()),
        },
        reaches=(NO_INSTRUCTION, NOT_BEFORE, NOT_AFTER),
    )


def _calls() -> Scene:
    def process(before: str = "") -> str:
        return (
            START
            + FORK
            + '<callActivity id="call" calledElement="{key}-called"/>'
            + f'<callActivity id="calls" calledElement="{{key}}-called">{looped()}</callActivity>'
            + boundary("call_t", "call", TIMER)
            + flows("start-fork", "fork-call", "fork-calls")
            + before
        )

    gone = START + user("other") + flows("start-other")
    called = START + f'<serviceTask id="fails" {FAIL} camunda:asyncBefore="true"/>' + flows("start-fails")
    return Scene(
        "calls",
        process(),
        {"same": process(), "gone": gone},
        {"called": (), "called failed": (run_called_jobs,)},
        called=called,
    )


def _tenants(source: str | None, target: str | None) -> Scene:
    body = START + user("a") + flows("start-a")
    return Scene(
        f"tenants {source or 'none'} to {target or 'none'}",
        body,
        {"same": body},
        {"a": ()},
        tenants=(source, target),
        reaches=(NO_INSTRUCTION if target is None else "ENGINE-23010",),
    )


SCENES: Final = (
    _multi_instance(),
    _multi_instance_asynchronous(),
    _calls(),
    _tenants(None, "extras-one"),
    _tenants("extras-one", None),
)
