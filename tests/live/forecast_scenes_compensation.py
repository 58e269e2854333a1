"""Scenes of completed work that can be compensated."""

from __future__ import annotations

from typing import Final

from tests.bpmn_pieces import START, boundary, compensable, flows, looped, ordered, sub, user
from tests.live.forecast_scene import NO_BOUNDARY, NO_INSTRUCTION, NO_START, NOT_SUPPORTED, Scene
from tests.live.forecast_steps import complete, start_before


def _compensation() -> Scene:
    inner = '<startEvent id="is"/>' + user("paid") + compensable("paid") + user("sent") + flows("is-paid", "paid-sent")
    body = (
        START
        + user("booked")
        + compensable("booked")
        + sub("shop", inner)
        + user("wait")
        + '<intermediateThrowEvent id="undo"><compensateEventDefinition/></intermediateThrowEvent>'
        + user("last")
        + flows("start-booked", "booked-shop", "shop-wait", "wait-undo", "undo-last")
    )
    plain = START + user("booked") + user("wait") + user("last") + flows("start-booked", "booked-wait", "wait-last")
    return Scene(
        "compensation",
        body,
        {"same": body, "none": plain},
        {
            "nothing done": (),
            "booked": (complete("booked"),),
            "paid": (complete("booked"), complete("paid")),
            "shop done": (complete("booked"), complete("paid"), complete("sent")),
            "compensating": (complete("booked"), complete("paid"), complete("sent"), complete("wait")),
        },
        reaches=(NO_INSTRUCTION, NOT_SUPPORTED, NO_BOUNDARY),
    )


def _compensation_sub_process() -> Scene:
    def process(inner_compensation: str) -> str:
        handler = (
            '<startEvent id="ces"><compensateEventDefinition/></startEvent>' + user("undoing") + flows("ces-undoing")
        )
        inner = (
            '<startEvent id="is"/>'
            + user("paid")
            + inner_compensation
            + flows("is-paid")
            + sub("undo", handler, 'triggeredByEvent="true"')
        )
        return START + sub("shop", inner) + user("wait") + flows("start-shop", "shop-wait")

    return Scene(
        "compensation event sub process",
        process(""),
        {"same": process(""), "with boundary": process(compensable("paid"))},
        {"open": (), "done": (complete("paid"),)},
        reaches=(NO_INSTRUCTION, NO_START),
    )


def _compensation_sub_process_with_boundary() -> Scene:
    scene = _compensation_sub_process()
    source = scene.targets["with boundary"]
    return Scene(
        "compensation event sub process with inner",
        source,
        {"same": source, "without boundary": scene.source},
        {"open": (), "done": (complete("paid"),)},
        reaches=(NO_INSTRUCTION, NO_START, NO_BOUNDARY),
    )


def _compensated_multi_instance() -> Scene:
    body = (
        START
        + user("book", inside=looped())
        + compensable("book")
        + user("wait")
        + '<endEvent id="undo"><compensateEventDefinition/></endEvent>'
        + flows("start-book", "book-wait", "wait-undo")
    )
    plain = START + user("book", inside=looped()) + user("wait") + flows("start-book", "book-wait")
    return Scene(
        "compensated multi-instance",
        body,
        {"same": body, "none": plain},
        {
            "open": (),
            "one done": (complete("book"),),
            "done": (complete("book", 3),),
            "compensating": (complete("book", 3), complete("wait")),
            "in handler": (start_before("book_h"),),
            "past handler": (start_before("book_h"), complete("book_h")),
            "one done, past handler": (complete("book"), start_before("book_h"), complete("book_h")),
        },
        reaches=(NO_INSTRUCTION, NOT_SUPPORTED, NO_BOUNDARY, "contains not migrated variables"),
        unsure=frozenset({"past handler", "one done, past handler"}),
    )


def _compensated_one_after_another() -> Scene:
    body = (
        START
        + user("book", inside=looped('isSequential="true"'))
        + compensable("book")
        + user("wait")
        + flows("start-book", "book-wait")
    )
    damaged = (*(complete("book") for _ in range(3)), start_before("book_h"), complete("book_h"))
    return Scene(
        "compensated one after another",
        body,
        {"same": body},
        {
            "open": (),
            "one done": (complete("book"),),
            "past handler": damaged,
            "beside a sound one": (*damaged, start_before("book#multiInstanceBody")),
        },
        reaches=(NO_INSTRUCTION, NO_BOUNDARY),
        unsure=frozenset({"past handler", "beside a sound one"}),
    )


def _transaction() -> Scene:
    inner = (
        '<startEvent id="is"/>'
        + user("paid")
        + compensable("paid")
        + user("decide")
        + '<endEvent id="cancel"><cancelEventDefinition/></endEvent>'
        + flows("is-paid", "paid-decide", "decide-cancel")
    )
    body = (
        START
        + f'<transaction id="buy">{ordered(inner)}</transaction>'
        + boundary("cancelled", "buy", "<cancelEventDefinition/>")
        + user("after")
        + flows("start-buy", "cancelled-after")
    )
    return Scene(
        "transaction",
        body,
        {"same": body},
        {
            "open": (),
            "paid": (complete("paid"),),
            "cancelling": (complete("paid"), complete("decide")),
            "cancelled": (complete("paid"), complete("decide"), complete("paid_h")),
        },
        reaches=(NO_INSTRUCTION, NOT_SUPPORTED, NO_BOUNDARY),
    )


def _cancelled_scopes() -> Scene:
    def process(outer: bool) -> str:
        def booked(one: str) -> str:
            return sub(
                f"box{one}",
                f'<startEvent id="i{one}"/>' + user(f"u{one}") + compensable(f"u{one}") + flows(f"i{one}-u{one}"),
            )

        inside = booked("1") + booked("2") + user("wait") + flows("box1-box2", "box2-wait")
        if outer:
            return START + sub("outer", '<startEvent id="os"/>' + inside + flows("os-box1")) + flows("start-outer")
        return START + inside + flows("start-box1")

    return Scene(
        "cancelled scopes",
        process(True),
        {"same": process(True), "flat": process(False)},
        {"none done": (), "one done": (complete("u1"),), "two done": (complete("u1"), complete("u2"))},
        unsure=frozenset({"two done"}),
    )


SCENES: Final = (
    _compensation(),
    _compensation_sub_process(),
    _compensation_sub_process_with_boundary(),
    _compensated_multi_instance(),
    _compensated_one_after_another(),
    _transaction(),
    _cancelled_scopes(),
)
