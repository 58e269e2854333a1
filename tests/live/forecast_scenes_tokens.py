"""Scenes of tokens: at joins, in asynchronous continuations, with failing jobs, moved from scope to scope."""

from __future__ import annotations

from typing import Final

from tests.bpmn_pieces import AFTER, BEFORE, FAIL, FORK, START, TIMER, boundary, flows, looped, sub, user
from tests.live.forecast_scene import NO_FLOW, NO_INSTRUCTION, NOT_AFTER, NOT_BEFORE, OTHER_FLOW, Scene
from tests.live.forecast_steps import (
    complete,
    custom_incident,
    local_variable,
    run_jobs,
    start_before,
    suspend,
    throw_error,
    variable_of_tokens,
)


def _joins() -> Scene:
    forked = (
        START
        + FORK
        + user("a", inside="")
        + user("b")
        + boundary("bt", "b", TIMER, 'cancelActivity="false"')
        + user("c")
        + '<parallelGateway id="join"/>'
        + user("last")
        + flows("start-fork", "fork-a", "fork-b", "fork-c", "a-join", "b-join", "c-join", "join-last")
    )
    fewer = (
        START
        + FORK
        + user("a")
        + user("b")
        + '<parallelGateway id="join2"/>'
        + user("last")
        + flows("start-fork", "fork-a", "fork-b", "a-join2", "b-join2", "join2-last")
    )
    return Scene(
        "joins",
        forked,
        {"same": forked, "fewer": fewer},
        {
            "all three": (),
            "one waits": (complete("a"),),
            "two wait": (complete("a"), complete("b")),
            "past": (complete("a"), complete("b"), complete("c")),
            "suspended": (complete("a"), suspend),
        },
    )


def _asynchronous() -> Scene:
    def process(work: str, review: str, choose: str, inner: str, *after: str) -> str:
        return (
            START
            + f'<serviceTask id="work" camunda:expression="${{1}}" {work}/>'
            + user("review", review)
            + f'<task id="choose" {choose}/>'
            + sub("inner", f'<startEvent id="is"/>{user("in", inner)}' + flows("is-in"), inner)
            + user("x")
            + user("y")
            + flows("start-work", "work-review", *after)
        )

    both = ("review-choose", "review-inner")
    source = process(BEFORE, AFTER, AFTER, BEFORE, *both)
    chosen = ("choose-x", "choose-y")
    return Scene(
        "asynchronous",
        source,
        {
            "same": source,
            "not asynchronous": process("", "", "", "", *both),
            "other side": process(AFTER, BEFORE, "", AFTER, "review-choose"),
            "other flows": process(BEFORE, AFTER, AFTER, BEFORE, "review-choose=o1", "review-inner=o2", *chosen),
            "one kept": process(BEFORE, AFTER, AFTER, BEFORE, "review-choose", "review-inner=o2", *chosen),
        },
        {
            "before work": (),
            "at review": (run_jobs(),),
            "after review": (run_jobs(), complete("review")),
            "after choice": (run_jobs(), complete("review"), run_jobs()),
            "in sub process": (run_jobs(), complete("review"), run_jobs(), run_jobs()),
        },
        reaches=(NO_INSTRUCTION, NOT_BEFORE, NOT_AFTER, OTHER_FLOW, NO_FLOW),
        unsure=frozenset({"after review"}),
    )


def _single_flow() -> Scene:
    def process(*after: str, attributes: str = 'camunda:asyncAfter="true"') -> str:
        return START + user("review", attributes) + user("x") + user("y") + flows("start-review", *after)

    return Scene(
        "asynchronous after",
        process("review-x"),
        {
            "same flow": process("review-x"),
            "renamed flow": process("review-x=other"),
            "two flows, kept": process("review-x", "review-y"),
            "two flows, lost": process("review-x=other", "review-y"),
            "no flow": process(),
            "not asynchronous": process("review-x=other", "review-y", attributes=""),
        },
        {"after review": (complete("review"),)},
        reaches=(NO_INSTRUCTION, NOT_AFTER, OTHER_FLOW),
    )


def _no_flow() -> Scene:
    def process(*after: str) -> str:
        return (
            START
            + FORK
            + user("review", 'camunda:asyncAfter="true"')
            + user("x")
            + user("y")
            + flows("start-fork", "fork-review", "fork-x", *after)
        )

    return Scene(
        "asynchronous end",
        process(),
        {"same": process(), "one flow": process("review-x"), "two flows": process("review-x", "review-y")},
        {"after review": (complete("review"),)},
        reaches=(NO_INSTRUCTION, NO_FLOW),
    )


def _failing() -> Scene:
    def process(attributes: str) -> str:
        return (
            START
            + FORK
            + user("a")
            + f'<serviceTask id="fails" {FAIL} {attributes}/>'
            + '<serviceTask id="external" camunda:type="external" camunda:topic="extras-{key}"/>'
            + boundary("external_t", "external", TIMER)
            + flows("start-fork", "fork-a", "fork-fails", "fork-external")
        )

    return Scene(
        "failing",
        process('camunda:asyncBefore="true"'),
        {"same": process('camunda:asyncBefore="true"'), "not asynchronous": process("")},
        {
            "with retries": (),
            "one retry less": (run_jobs(),),
            "with incident": (run_jobs(3),),
            "custom incident at a": (custom_incident("a"),),
            "custom incident of a waiting token": (custom_incident("fails"),),
            "both": (run_jobs(3), custom_incident("fails"), custom_incident("a")),
        },
        reaches=(NO_INSTRUCTION, NOT_BEFORE, "contains not migrated incidents"),
    )


def _process_start() -> Scene:
    asynchronous = '<startEvent id="start" camunda:asyncBefore="true"/>'
    source = asynchronous + user("a") + flows("start-a")
    nested = (
        START
        + sub("inner", '<startEvent id="is" camunda:asyncBefore="true"/>' + user("in") + flows("is-in"))
        + user("a")
        + flows("start-inner", "inner-a")
    )
    return Scene(
        "process start",
        source,
        {"same": source, "not asynchronous": START + user("a") + flows("start-a"), "nested": nested},
        {"at start": (), "started": (run_jobs(),), "twice": (run_jobs(), start_before("start"))},
        reaches=(NO_INSTRUCTION, NOT_BEFORE, "A transition instance that instantiates the process"),
        also=(("start", "is"),),
    )


def _moved_tokens() -> Scene:
    several = START + user("a", inside=looped(BEFORE)) + flows("start-a")
    inside = sub("sub", '<startEvent id="is"/>' + user("a", BEFORE) + flows("is-a"))
    return Scene(
        "moved tokens",
        several,
        {"same": several, "in a sub process": START + inside + flows("start-sub")},
        {"waiting": (), "open": (run_jobs(),)},
        unsure=frozenset({"waiting"}),
    )


def _tokens_moved_out() -> Scene:
    inside = sub("sub", '<startEvent id="is"/>' + user("a", inside=looped(BEFORE)) + flows("is-a"))
    source = START + inside + flows("start-sub")
    return Scene(
        "tokens moved out of two scopes",
        source,
        {"same": source, "flat": START + user("a", BEFORE) + flows("start-a")},
        {"waiting": (), "open": (run_jobs(),)},
        unsure=frozenset({"waiting"}),
    )


def _tokens_of_a_scope() -> Scene:
    work = FORK + user("a", BEFORE) + user("b", BEFORE)
    inside = '<startEvent id="is"/>' + work + flows("is-fork", "fork-a", "fork-b")
    shared, own = variable_of_tokens("x"), local_variable("box", "x")
    return Scene(
        "tokens moved out of a scope",
        START + sub("box", inside) + flows("start-box"),
        {"flat": START + work + flows("start-fork", "fork-a", "fork-b")},
        {"waiting": (), "one name": (shared,), "also of the scope": (shared, own)},
        unsure=frozenset({"also of the scope"}),
    )


def _ending_by_force() -> Scene:
    end = f'<endEvent id="end" {BEFORE}><terminateEventDefinition/></endEvent>'
    source = START + FORK + user("a") + user("b") + end + flows("start-fork", "fork-a", "fork-b", "b-end")
    return Scene(
        "asynchronous terminate end event",
        source,
        {"same": source, "not asynchronous": source.replace(BEFORE, "")},
        {"both": (), "alone": (complete("a"), complete("b")), "beside another": (complete("b"),)},
        reaches=(NO_INSTRUCTION, NOT_BEFORE, "contains not migrated jobs"),
        unsure=frozenset({"beside another"}),
    )


def _errors_in_loops() -> Scene:
    loop = looped('isSequential="true" camunda:asyncAfter="true"')
    source = START + sub("inner", f'{loop}<startEvent id="is"/>' + user("a") + flows("is-a")) + flows("start-inner")
    return Scene(
        "uncaught error in one of several",
        source,
        {"same": source},
        {"open": (), "completed": (complete("a"),), "ended": (throw_error("a"),)},
        reaches=(NO_INSTRUCTION, "contains not migrated tasks"),
    )


SCENES: Final = (
    _joins(),
    _asynchronous(),
    _single_flow(),
    _no_flow(),
    _failing(),
    _process_start(),
    _moved_tokens(),
    _tokens_moved_out(),
    _tokens_of_a_scope(),
    _ending_by_force(),
    _errors_in_loops(),
)
