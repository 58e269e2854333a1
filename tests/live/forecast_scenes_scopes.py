"""Scenes of scopes that change, and of their variables."""

from __future__ import annotations

from typing import Final

from tests.bpmn_pieces import FORK, START, TIMER, boundary, flows, messaged, sub, user
from tests.live.forecast_scene import NO_INSTRUCTION, Scene
from tests.live.forecast_steps import complete, local_variable, message, variable_beside


def _scopes() -> Scene:
    def process(outer: bool, listening: str) -> str:
        inner = '<startEvent id="is"/>' + user("in") + boundary("in_t", "in", TIMER) + flows("is-in") + listening
        deep = sub("inner", inner)
        held = sub("outer", '<startEvent id="os"/>' + deep + user("beside") + flows("os-inner", "os-beside"))
        flat = deep + user("beside") + flows("start-inner", "start-beside")
        return START + (held + flows("start-outer") if outer else flat)

    interrupting = sub(
        "esp",
        f'<startEvent id="es">{messaged("m1")}</startEvent>' + user("handled") + flows("es-handled"),
        'triggeredByEvent="true"',
    )
    not_interrupting = interrupting.replace('<startEvent id="es">', '<startEvent id="es" isInterrupting="false">')
    source = process(True, not_interrupting)
    return Scene(
        "scopes",
        source,
        {
            "same": source,
            "interrupting": process(True, interrupting),
            "flat": process(False, interrupting),
            "without event": process(True, ""),
        },
        {
            "inside": (),
            "event": (message,),
            "event twice": (message, message),
            "inner left": (complete("in"),),
        },
    )


def _interrupted() -> Scene:
    scene = _scopes()
    return Scene(
        "interrupted",
        scene.targets["interrupting"],
        {"same": scene.targets["interrupting"], "not interrupting": scene.source},
        {"event": (message,)},
    )


def _variables() -> Scene:
    source = (
        START + FORK + user("a") + boundary("a_t", "a", TIMER) + user("b") + flows("start-fork", "fork-a", "fork-b")
    )
    target = START + FORK + user("a") + user("b") + flows("start-fork", "fork-a", "fork-b")
    return Scene(
        "variables",
        source,
        {"same": source, "no scope": target},
        {
            "none": (),
            "local": (local_variable("a", "own"),),
            "same name": (local_variable("a", "v"),),
            "clashing": (local_variable("a", "w"), variable_beside("w")),
        },
        variables={"v": 1},
        reaches=(NO_INSTRUCTION, "exists in both, this scope and concurrent local"),
        unsure=frozenset({"same name", "clashing"}),
    )


SCENES: Final = (
    _scopes(),
    _interrupted(),
    _variables(),
)
