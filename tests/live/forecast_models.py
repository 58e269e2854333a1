"""Processes in the states that decide whether an instance migrates: hand-written, each with a changed version.

A scene is a source, a target, and ways to bring an instance into a state. Job definitions are suspended before any
instance starts, so that nothing moves by itself; steps run jobs where they want them run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from tests.bpmn_pieces import (
    AFTER,
    BEFORE,
    FAIL,
    FORK,
    START,
    TIMER,
    boundary,
    caught,
    compensable,
    flows,
    looped,
    messaged,
    ordered,
    sub,
    user,
)
from tests.engines import rest
from tests.waiting import wait_until

NO_INSTRUCTION: Final = "There is no migration instruction for this instance's activity"
NOT_SUPPORTED: Final = "The type of the source activity is not supported"
NO_FLOW: Final = "is assigned to no sequence flow"
OTHER_FLOW: Final = "is assigned to a sequence flow that cannot be matched"
NOT_BEFORE: Final = "Target activity is not asyncBefore"
NOT_AFTER: Final = "Target activity is not asyncAfter"
NO_BOUNDARY: Final = "There is no migration instruction for the compensation boundary event"
NO_START: Final = "There is no migration instruction for the compensation start event"

Step = Callable[[str, str, str], None]
"""Takes the REST base, the instance id and the key of its process."""


@dataclass(frozen=True)
class Scene:
    """Two versions of a process, and the states in which instances are put."""

    name: str
    source: str
    targets: Mapping[str, str]
    states: Mapping[str, Sequence[Step]]
    variables: Mapping[str, object] = field(default_factory=dict)
    called: str | None = None
    """Another process, deployed with the source under the key `{key}-called`."""
    tenants: tuple[str | None, str | None] = (None, None)
    reaches: Sequence[str] = (NO_INSTRUCTION,)
    """Sentences, or parts of them, that the engine must have said, so that the scene shows what it is for."""
    also: Sequence[tuple[str, str]] = ()
    """Pairs that one of the plans maps in place of what has the same id."""
    unsure: frozenset[str] = frozenset()
    """States in which not everything can be told, though everything was read."""


# -- steps -------------------------------------------------------------------------------------------------------------


def complete(activity_id: str, number: int = 1) -> Step:
    """Complete so many of the open tasks of an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        tasks = rest.get(url, "/task", processInstanceId=instance_id, taskDefinitionKey=activity_id)
        assert len(tasks) >= number, (activity_id, rest.activities_of(url, instance_id))
        for task in tasks[:number]:
            rest.post(url, f"/task/{task['id']}/complete", {})

    return step


def run_jobs(rounds: int = 1) -> Step:
    """Run all jobs so many times; failing ones lose a retry each time."""

    def step(url: str, instance_id: str, key: str) -> None:
        for _ in range(rounds):
            rest.execute_jobs(url, instance_id)

    return step


def message(url: str, instance_id: str, key: str) -> None:
    """Send the message m1 to the instance."""
    rest.post(url, "/message", {"messageName": f"m1-{key}", "processInstanceId": instance_id})


def throw_signal(url: str, instance_id: str, key: str) -> None:
    """Throw the signal s1 asynchronously, by the called process; wait until its job has failed for good."""
    rest.post(url, f"/process-definition/key/{key}-called/start", {})
    wait_until(lambda: _failed_for_good(url, instance_id), "the signal's job failed for good")


def _failed_for_good(url: str, instance_id: str) -> bool:
    rest.execute_jobs(url, instance_id)
    jobs = rest.get(url, "/job", processInstanceId=instance_id)
    return bool(jobs) and all(job["retries"] == 0 for job in jobs)


def run_called_jobs(url: str, instance_id: str, key: str) -> None:
    """Let the jobs of the called instances fail for good."""
    for called in rest.get(url, "/process-instance", superProcessInstance=instance_id):
        wait_until(partial(_none_left, url, called["id"]), "the called instance's jobs have failed for good")


def _none_left(url: str, instance_id: str) -> bool:
    rest.execute_jobs(url, instance_id)
    return not rest.get(url, "/job", processInstanceId=instance_id, messages=True, withRetriesLeft=True)


def suspend(url: str, instance_id: str, key: str) -> None:
    rest.put(url, f"/process-instance/{instance_id}/suspended", {"suspended": True})


def custom_incident(activity_id: str) -> Step:
    """Create an incident of a custom type on the execution at an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        query = urlencode({"processInstanceId": instance_id, "activityId": activity_id})
        (execution, *_) = rest.get(url, f"/execution?{query}")
        rest.post(
            url, f"/execution/{execution['id']}/create-incident", {"incidentType": "custom", "configuration": "c"}
        )

    return step


def throw_error(activity_id: str) -> Step:
    """Report a BPMN error from the open task of an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        (task,) = rest.get(url, "/task", processInstanceId=instance_id, taskDefinitionKey=activity_id)
        rest.post(url, f"/task/{task['id']}/bpmnError", {"errorCode": "any"})

    return step


def local_variable(activity_id: str, name: str) -> Step:
    """Set a variable in the scope of an activity."""

    def step(url: str, instance_id: str, key: str) -> None:
        tree = rest.get(url, f"/process-instance/{instance_id}/activity-instances")
        node = next(one for one in _nodes(tree) if one["activityId"] == activity_id)
        execution_id = node["executionIds"][0]
        rest.put(url, f"/execution/{execution_id}/localVariables/{name}", {"value": 1, "type": "Integer"})

    return step


def variable_beside(name: str) -> Step:
    """Set a variable in every concurrent execution around the scopes of the process's activities."""

    def step(url: str, instance_id: str, key: str) -> None:
        tree = rest.get(url, f"/process-instance/{instance_id}/activity-instances")
        for execution_id in tree["executionIds"][1:]:
            rest.put(url, f"/execution/{execution_id}/localVariables/{name}", {"value": 1, "type": "Integer"})

    return step


def start_before(activity_id: str) -> Step:
    def step(url: str, instance_id: str, key: str) -> None:
        body = {"instructions": [{"type": "startBeforeActivity", "activityId": activity_id}]}
        rest.post(url, f"/process-instance/{instance_id}/modification", body)

    return step


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node["childActivityInstances"] for inner in _nodes(child))]


# -- scenes ------------------------------------------------------------------------------------------------------------


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


def _changed_triggers() -> Scene:
    source = START + caught("e", messaged("m1")) + user("a") + flows("start-e", "e-a")
    target = START + caught("e", TIMER) + user("a") + flows("start-e", "e-a")
    return Scene("changed triggers", source, {"timer": target}, {"waiting": ()}, unsure=frozenset({"waiting"}))


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
    _joins(),
    _asynchronous(),
    _single_flow(),
    _no_flow(),
    _failing(),
    _event_gateway(),
    _compensation(),
    _compensation_sub_process(),
    _compensation_sub_process_with_boundary(),
    _compensated_multi_instance(),
    _compensated_one_after_another(),
    _multi_instance(),
    _multi_instance_asynchronous(),
    _calls(),
    _scopes(),
    _interrupted(),
    _variables(),
    _process_start(),
    _signals(),
    _listening(),
    _tenants(None, "extras-one"),
    _tenants("extras-one", None),
    _transaction(),
    _changed_triggers(),
    _cancelled_scopes(),
    _moved_tokens(),
    _errors_beside(),
)
