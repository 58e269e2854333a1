"""What is done to both engines; each returns what must be the same afterwards."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from tests.sandbox.twin import Side, process, scope

Scenario = Callable[[Side], Awaitable[Any]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    SCENARIOS[function.__name__] = function
    return function


START = '<startEvent id="start"/>'
END = '<endEvent id="end"/>'
MESSAGES = '<message id="m1" name="one"/><message id="m2" name="two"/><signal id="s1" name="sig"/>'
MESSAGE = '<messageEventDefinition messageRef="m{}"/>'
DURATION = '<timeDuration xsi:type="tFormalExpression">P{}D</timeDuration>'
TIMER = f"<timerEventDefinition>{DURATION}</timerEventDefinition>"
CARDINALITY = '<loopCardinality xsi:type="tFormalExpression">{}</loopCardinality>'
PARALLEL = f"<multiInstanceLoopCharacteristics>{CARDINALITY}</multiInstanceLoopCharacteristics>"
SEQUENTIAL = PARALLEL.replace(
    "<multiInstanceLoopCharacteristics>", '<multiInstanceLoopCharacteristics isSequential="true">'
)
FAILING = '<serviceTask id="{0}" camunda:asyncBefore="true" camunda:expression="${{nowhere.run()}}"/>'


def task(name: str, inside: str = "") -> str:
    return f'<userTask id="{name}">{inside}</userTask>'


def line(*elements: str, flows: str) -> str:
    return process("\n".join([START, *elements, END, flows]), roots=MESSAGES)


@scenario
async def a_renamed_task(side: Side) -> Any:
    await side.deploy(line(task("a"), flows="start>a>end"), line(task("b"), flows="start>b>end"))
    one, other = await side.start(x=1), await side.start()
    before = await side.state(one)
    unmapped = await side.migrate(await side.plan(), one)
    moved = await side.migrate(await side.plan(("a", "b")), one)
    again = await side.migrate(await side.plan(("a", "b")), one, other)
    return before, unmapped, moved, again, await side.state(one), await side.state(other), await side.statistics(2)


FORK = line(
    '<parallelGateway id="fork"/>', '<parallelGateway id="join"/>', task("a"), task("b"),
    flows="start>fork>a>join>end\nfork>b>join",
)  # fmt: skip


@scenario
async def tokens_at_a_join(side: Side) -> Any:
    await side.deploy(FORK, FORK)
    one, other = await side.start(), await side.start()
    await side.do(one, "a")
    await side.do(other, "a", "b")
    before = await side.state(one), await side.statistics(), await side.found_at(1, "a", "b", "join", "fork")
    refused = await side.migrate(await side.plan(("b", "b")), one)
    moved = await side.migrate(await side.plan(), one)
    await side.do(one, "b")
    return before, refused, moved, await side.state(one), await side.state(other)


def sub(inner: str, name: str = "sub", attributes: str = "", before: str = "") -> str:
    flows = "".join(re.findall("<sequenceFlow.*?/>", inner))
    artifacts = "".join(re.findall("<association.*?/>", inner))
    inner = re.sub("<(sequenceFlow|association).*?/>", "", inner)
    inside = scope(f'{before}<startEvent id="in"/>{inner}<endEvent id="out"/>{flows}{artifacts}')
    return f'<subProcess id="{name}" {attributes}>{inside}</subProcess>'


def flows_inside(name: str) -> str:
    return (
        f'{task(name)}<sequenceFlow id="f_in" sourceRef="in" targetRef="{name}"/>'
        f'<sequenceFlow id="f_out" sourceRef="{name}" targetRef="out"/>'
    )


@scenario
async def into_a_new_sub_process_and_out_again(side: Side) -> Any:
    plain = line(task("a"), flows="start>a>end")
    await side.deploy(plain, line(sub(flows_inside("a")), flows="start>sub>end"), plain)
    one = await side.start(v="outer")
    into = await side.migrate(await side.plan(("a", "a")), one)
    inside = await side.state(one), await side.statistics(2), await side.found_at(2, "a", "sub")
    out = await side.migrate(await side.plan(("a", "a"), source=2, target=3), one)
    return into, inside, out, await side.state(one)


@scenario
async def two_tokens_into_one_new_sub_process(side: Side) -> Any:
    both = sub(
        '<parallelGateway id="fork"/>'
        + task("a")
        + task("b")
        + '<sequenceFlow id="f1" sourceRef="in" targetRef="fork"/>'
        '<sequenceFlow id="f2" sourceRef="fork" targetRef="a"/><sequenceFlow id="f3" sourceRef="fork" targetRef="b"/>'
        '<sequenceFlow id="f4" sourceRef="a" targetRef="out"/><sequenceFlow id="f5" sourceRef="b" targetRef="out"/>'
    )
    await side.deploy(FORK, line(both, flows="start>sub>end"))
    one = await side.start()
    moved = await side.migrate(await side.plan(("a", "a"), ("b", "b")), one)
    state = await side.state(one)
    await side.do(one, "a")
    return moved, state, await side.state(one)


@scenario
async def parallel_multi_instance(side: Side) -> Any:
    many = line(task("a", PARALLEL.format(3)), flows="start>a>end")
    await side.deploy(many, many, line(task("a"), flows="start>a>end"))
    one, other = await side.start(), await side.start()
    await side.do(other, "a")
    before = await side.state(one), await side.state(other), await side.statistics()
    found = await side.found_at(1, "a", "a#multiInstanceBody")
    without_body = await side.migrate(await side.plan(("a", "a")), one)
    kept = await side.migrate(await side.plan(), one)
    removed = await side.migrate(await side.plan(("a", "a"), target=3), other)
    return before, found, without_body, kept, removed, await side.state(one), await side.state(other)


@scenario
async def sequential_multi_instance(side: Side) -> Any:
    many = line(task("a", SEQUENTIAL.format(3)), flows="start>a>end")
    await side.deploy(many, many)
    one = await side.start()
    first = await side.state(one)
    await side.do(one, "a")
    second = await side.state(one)
    moved = await side.migrate(await side.plan(), one)
    await side.do(one, "a")
    third = await side.state(one)
    await side.do(one, "a")
    return first, second, moved, third, await side.state(one)


@scenario
async def multi_instance_sub_process(side: Side) -> Any:
    many = line(sub(flows_inside("a"), before=PARALLEL.format(2)), flows="start>sub>end")
    await side.deploy(many, many)
    one = await side.start()
    before = await side.state(one), await side.statistics(), await side.found_at(1, "a", "sub", "sub#multiInstanceBody")
    refused = await side.migrate(await side.plan(("sub#multiInstanceBody",) * 2, ("sub", "sub")), one)
    moved = await side.migrate(await side.plan(), one)
    state = await side.state(one)
    await side.do(one, "a")
    return before, refused, moved, state, await side.state(one)


@scenario
async def boundary_events(side: Side) -> Any:
    def host(days: int, message: int, names: str = "") -> str:
        return line(
            task("a"),
            f'<boundaryEvent id="timer{names}" cancelActivity="false" attachedToRef="a">{TIMER.format(days)}'
            "</boundaryEvent>",
            f'<boundaryEvent id="letter{names}" attachedToRef="a">{MESSAGE.format(message)}</boundaryEvent>',
            '<endEvent id="e1"/><endEvent id="e2"/>',
            flows=f"start>a>end\ntimer{names}>e1\nletter{names}>e2",
        )

    await side.deploy(host(1, 1), host(5, 2), host(5, 2, "_new"))
    kept, updated, dropped, alone = [await side.start() for _ in range(4)]
    pairs = (("a", "a"), ("timer", "timer"), ("letter", "letter"))
    results = [
        await side.migrate(await side.plan(*pairs), kept),
        await side.migrate(await side.plan(*pairs, updates=("timer", "letter")), updated),
        await side.migrate(await side.plan(("a", "a"), target=3), dropped),
    ]
    await side.message(alone, "one")
    return results, [await side.state(one) for one in (kept, updated, dropped, alone)]


@scenario
async def a_fired_timer_and_the_message_after(side: Side) -> Any:
    host = line(
        task("a"), task("b"),
        f'<boundaryEvent id="timer" cancelActivity="false" attachedToRef="a">{TIMER.format(1)}</boundaryEvent>',
        flows="start>a>end\ntimer>b>end",
    )  # fmt: skip
    await side.deploy(host, host)
    mapped, unmapped = await side.start(), await side.start()
    for one in (mapped, unmapped):
        job = (await side.get("/job", processInstanceId=one))[0]
        await side.post(f"/job/{job['id']}/execute", {})
    fired = await side.state(mapped)
    results = [
        await side.migrate(await side.plan(), mapped),
        await side.migrate(await side.plan(("a", "a"), ("b", "b")), unmapped),
    ]
    return fired, results, await side.state(mapped), await side.state(unmapped)


@scenario
async def an_event_sub_process(side: Side) -> Any:
    def with_event(message: int, *, interrupting: bool = True) -> str:
        event = (
            '<subProcess id="ev" triggeredByEvent="true">'
            f'<startEvent id="es" isInterrupting="{str(interrupting).lower()}">{MESSAGE.format(message)}</startEvent>'
            f'{task("et")}<endEvent id="ee"/><sequenceFlow id="f_es" sourceRef="es" targetRef="et"/>'
            '<sequenceFlow id="f_ee" sourceRef="et" targetRef="ee"/></subProcess>'
        )
        return line(task("a"), event, flows="start>a>end")

    await side.deploy(with_event(1), with_event(2), with_event(1, interrupting=False))
    waiting, inside, beside = await side.start(), await side.start(), await side.start(3)
    await side.message(inside, "one")
    await side.message(beside, "one")
    before = [await side.state(one) for one in (waiting, inside, beside)]
    results = [
        await side.migrate(await side.plan(("a", "a")), waiting),
        await side.migrate(await side.plan(), inside),
        await side.migrate(await side.plan(source=3, target=2), beside),
    ]
    after = [await side.state(one) for one in (waiting, inside, beside)]
    await side.do(inside, "et")
    return before, results, after, await side.state(inside), await side.statistics(2)


@scenario
async def an_event_based_gateway(side: Side) -> Any:
    def choice(message: int, days: int, gateway: str) -> str:
        return line(
            f'<eventBasedGateway id="{gateway}"/>',
            f'<intermediateCatchEvent id="letter">{MESSAGE.format(message)}</intermediateCatchEvent>',
            f'<intermediateCatchEvent id="timer">{TIMER.format(days)}</intermediateCatchEvent>',
            task("a"),
            flows=f"start>{gateway}>letter>a>end\n{gateway}>timer>a",
        )

    await side.deploy(choice(1, 1, "gate"), choice(2, 2, "gate2"))
    one, other, third = [await side.start() for _ in range(3)]
    before = await side.state(one), await side.statistics(), await side.found_at(1, "gate", "letter", "timer")
    results = [
        await side.migrate(await side.plan(("gate", "gate2"), ("letter", "letter")), one),
        await side.migrate(await side.plan(("gate", "gate2"), ("letter", "letter"), updates=("letter",)), other),
    ]
    await side.message(third, "one")
    return before, results, [await side.state(each) for each in (one, other, third)]


@scenario
async def a_catch_event_of_another_kind(side: Side) -> Any:
    def catch(definition: str) -> str:
        return line(f'<intermediateCatchEvent id="c">{definition}</intermediateCatchEvent>', flows="start>c>end")

    await side.deploy(
        catch(MESSAGE.format(1)), catch(TIMER.format(1)), catch('<signalEventDefinition signalRef="s1"/>')
    )
    one, signal = await side.start(), await side.start()
    moved = await side.migrate(await side.plan(("c", "c")), one)
    renamed = await side.migrate(await side.plan(("c", "c"), target=3, updates=("c",)), signal)
    return moved, renamed, await side.state(one), await side.state(signal)


@scenario
async def asynchronous_continuations(side: Side) -> Any:
    broken = line(FAILING.format("s"), flows="start>s>end")
    plain = line('<serviceTask id="s" camunda:expression="${nowhere.run()}"/>', flows="start>s>end")
    renamed = line(FAILING.format("s2"), flows="start>s2>end")
    await side.deploy(broken, plain, renamed)
    one, other = await side.start(), await side.start()
    await side.jobs_failed(one)
    await side.jobs_failed(other)
    before = await side.state(one), await side.statistics(), await side.found_at(1, "s")
    results = [
        await side.migrate(await side.plan(("s", "s")), one),
        await side.migrate(await side.plan(("start", "start"), target=3), one),
        await side.migrate(await side.plan(("s", "s2"), target=3), one),
    ]
    return before, results, await side.state(one), await side.state(other), await side.statistics(3)


@scenario
async def a_fork_with_a_failed_job(side: Side) -> Any:
    fork = line('<parallelGateway id="fork"/>', FAILING.format("s"), task("a"), flows="start>fork>a>end\nfork>s>end")
    await side.deploy(fork, fork)
    one = await side.start()
    await side.jobs_failed(one)
    before = await side.state(one)
    moved = await side.migrate(await side.plan(), one)
    return before, moved, await side.state(one), await side.statistics(2)


def compensable(boundary: str, handler: str) -> str:
    return line(
        '<serviceTask id="book" camunda:expression="${true}"/>', task("a"),
        f'<boundaryEvent id="{boundary}" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>',
        f'<serviceTask id="{handler}" isForCompensation="true" camunda:expression="${{true}}"/>',
        f'<association associationDirection="One" id="as" sourceRef="{boundary}" targetRef="{handler}"/>',
        flows="start>book>a>end",
    )  # fmt: skip


@scenario
async def compensation_of_a_completed_task(side: Side) -> Any:
    await side.deploy(compensable("undo", "cancel"), compensable("undo2", "cancel2"))
    one = await side.start()
    before = await side.state(one)
    refused = await side.migrate(await side.plan(("a", "a")), one)
    moved = await side.migrate(await side.plan(("a", "a"), ("undo", "undo2")), one)
    return before, refused, moved, await side.state(one)


def compensable_sub(name: str) -> str:
    inner = (
        '<serviceTask id="book" camunda:expression="${true}"/>'
        '<boundaryEvent id="undo" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>'
        '<serviceTask id="cancel" isForCompensation="true" camunda:expression="${true}"/>'
        '<association associationDirection="One" id="as" sourceRef="undo" targetRef="cancel"/>'
        '<sequenceFlow id="f_in" sourceRef="in" targetRef="book"/>'
        '<sequenceFlow id="f_out" sourceRef="book" targetRef="out"/>'
    )
    return line(sub(inner, name), task("a"), flows=f"start>{name}>a>end")


@scenario
async def compensation_of_a_completed_sub_process(side: Side) -> Any:
    await side.deploy(compensable_sub("sp"), compensable_sub("sp"), compensable_sub("sp2"))
    kept, lifted, refused = [await side.start() for _ in range(3)]
    before = await side.state(kept)
    results = [
        await side.migrate(await side.plan(("a", "a")), refused),
        await side.migrate(await side.plan(("a", "a"), ("sp", "sp")), refused),
        await side.migrate(await side.plan(("a", "a"), ("sp", "sp"), ("undo", "undo")), kept),
        await side.migrate(await side.plan(("a", "a"), ("undo", "undo"), target=3), lifted),
    ]
    return before, results, await side.state(kept), await side.state(lifted)


@scenario
async def compensation_of_a_task_that_is_in_a_sub_process_later(side: Side) -> Any:
    await side.deploy(compensable("undo", "cancel"), compensable_sub("sp"))
    one = await side.start()
    moved = await side.migrate(await side.plan(("a", "a"), ("undo", "undo")), one)
    return moved, await side.state(one)


@scenario
async def a_call_activity(side: Side) -> Any:
    caller = line('<callActivity id="c" calledElement="KEY-called"/>', flows="start>c>end")
    called = line(FAILING.format("s"), flows="start>s>end").replace('id="KEY"', 'id="KEY-called"')
    await side.deploy(called, caller, caller)
    one = await side.start(2)
    inner = (await side.post("/process-instance", {"superProcessInstance": one}))[0]["id"]
    await side.jobs_failed(inner)
    before = await side.state(one), await side.state(inner), await side.statistics(2)
    moved = await side.migrate(await side.plan(source=2, target=3), one)
    return before, moved, await side.state(one), await side.state(inner), await side.statistics(3)


@scenario
async def external_tasks_with_a_failure(side: Side) -> Any:
    def external(topic: str) -> str:
        element = f'<serviceTask id="x" camunda:type="external" camunda:topic="{topic}"/>'
        return line(element, flows="start>x>end")

    await side.deploy(external("KEY-one"), external("KEY-two"))
    one = await side.start()
    fetch = {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": f"{side.key}-one", "lockDuration": 10000}]}
    fetched = (await side.post("/external-task/fetchAndLock", fetch))[0]
    body = {"workerId": "w", "errorMessage": "broken", "retries": 0, "retryTimeout": 0}
    await side.post(f"/external-task/{fetched['id']}/failure", body)
    before = await side.state(one), await side.statistics()
    moved = await side.migrate(await side.plan(), one)
    return before, moved, await side.state(one)


@scenario
async def a_receive_task_and_variables_of_the_plan(side: Side) -> Any:
    def receive(name: str, message: int) -> str:
        return line(f'<receiveTask id="{name}" messageRef="m{message}"/>', flows=f"start>{name}>end")

    await side.deploy(receive("r", 1), receive("r2", 2))
    one = await side.start(x=1)
    plan = {**await side.plan(("r", "r2")), "variables": {"y": {"value": "z", "type": "String"}, "x": {"value": 2}}}
    moved = await side.migrate(plan, one)
    state = await side.state(one)
    await side.message(one, "one")
    return moved, state, await side.state(one)


@scenario
async def suspended_instances(side: Side) -> Any:
    host = line(
        task("a"), f'<boundaryEvent id="t" attachedToRef="a">{TIMER.format(1)}</boundaryEvent>',
        flows="start>a>end\nt>end",
    )  # fmt: skip
    await side.deploy(line(task("a"), flows="start>a>end"), host)
    one = await side.start()
    await side.call("PUT", f"/process-instance/{one}/suspended", {"suspended": True})
    moved = await side.migrate(await side.plan(), one)
    return moved, await side.state(one)
