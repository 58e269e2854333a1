"""Scenes of what waits for an event: gateways, signals, listeners, changed triggers, errors that do not interrupt."""

from __future__ import annotations

from typing import Final

from tests.bpmn_pieces import FAIL, FORK, START, TIMER, boundary, caught, flows, messaged, user
from tests.live.forecast_scene import NO_INSTRUCTION, Scene
from tests.live.forecast_steps import complete, message, throw_error, throw_signal


def _event_gateway() -> Scene:
    def process(first: str) -> str:
        return (
            START
            + '<eventBasedGateway id="which"/>'
            + caught("m", messaged("m1"))
            + caught("t", TIMER)
            + user("a")
            + user("b")
            + flows("start-which", "which-m", "which-t", "m-a", "t-b")
            + first
        )

    more = caught("s", '<signalEventDefinition signalRef="s1"/>') + user("d") + flows("which-s", "s-d")
    alone = START + caught("m", messaged("m1")) + user("a") + flows("start-m", "m-a")
    return Scene(
        "event-based gateway",
        process(""),
        {"same": process(""), "more": process(more), "alone": alone},
        {"waiting": (), "past": (message,)},
    )


def _signals() -> Scene:
    def process(after: str) -> str:
        return (
            START
            + caught("s", '<signalEventDefinition signalRef="s1"/>')
            + f'<serviceTask id="fails" {FAIL}/>'
            + flows("start-s", "s-fails")
            + after
        )

    throwing = (
        START + '<intermediateThrowEvent id="throw"><signalEventDefinition signalRef="s1" camunda:async="true"/>'
        "</intermediateThrowEvent>" + flows("start-throw")
    )
    return Scene(
        "asynchronous signals",
        process(""),
        {"same": process("")},
        {"waiting": (), "thrown": (throw_signal,)},
        called=throwing,
        reaches=(NO_INSTRUCTION, "contains not migrated jobs", "contains not migrated incidents"),
    )


def _listening() -> Scene:
    def process(received: str, condition: str) -> str:
        return (
            START
            + FORK
            + f'<receiveTask id="receive" {received}/>'
            + caught("caught", messaged("m1"))
            + caught(
                "conditional",
                f'<conditionalEventDefinition><condition xsi:type="tFormalExpression">{condition}</condition>'
                "</conditionalEventDefinition>",
            )
            + user("listened", inside="{timeout}")
            + flows("start-fork", "fork-receive", "fork-caught", "fork-conditional", "fork-listened")
        )

    timeout = (
        '<extensionElements><camunda:taskListener event="timeout" id="late" class="testengine.CountingListener">'
        f"{TIMER}</camunda:taskListener></extensionElements>"
    )
    source = process('messageRef="m1"', "${x == 1}").replace("{timeout}", timeout)
    return Scene(
        "listening",
        source,
        {
            "same": source,
            "no message": process("", "${x == 2}").replace("{timeout}", ""),
        },
        {"waiting": ()},
        variables={"x": 0},
    )


def _changed_triggers() -> Scene:
    source = START + caught("e", messaged("m1")) + user("a") + flows("start-e", "e-a")
    target = START + caught("e", TIMER) + user("a") + flows("start-e", "e-a")
    return Scene("changed triggers", source, {"timer": target}, {"waiting": ()}, unsure=frozenset({"waiting"}))


def _errors_beside() -> Scene:
    body = (
        START
        + user("a")
        + boundary("a_m", "a", messaged("m1"))
        + boundary("a_e", "a", "<errorEventDefinition/>", 'cancelActivity="false"')
        + user("b")
        + user("c")
        + flows("start-a", "a-b", "a_e-c")
    )
    return Scene(
        "errors beside",
        body,
        {"same": body},
        {"open": (), "caught": (throw_error("a"),), "past": (throw_error("a"), complete("a"))},
        reaches=(NO_INSTRUCTION, "contains not migrated event subscriptions"),
        unsure=frozenset({"open", "caught", "past"}),
    )


SCENES: Final = (
    _event_gateway(),
    _signals(),
    _listening(),
    _changed_triggers(),
    _errors_beside(),
)
