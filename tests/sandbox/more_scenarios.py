"""More states that instances can be in when they are migrated."""

from __future__ import annotations

from typing import Any

from tests.sandbox.answers import answer
from tests.sandbox.scenarios import FAILING, MESSAGE, PARALLEL, TIMER, flows_inside, line, scenario, sub, task
from tests.sandbox.twin import Side

BROKEN = '<serviceTask id="{}" camunda:expression="${{nowhere.run()}}"/>'
QUIET = '<serviceTask id="{}" camunda:asyncAfter="true" camunda:expression="${{true}}"/>'


@scenario
async def the_order_in_which_ids_are_visited(side: Side) -> Any:
    """Of ids that nobody has, the first that is visited is named."""
    await side.deploy(line(task("a"), flows="start>a>end"), line(task("a"), flows="start>a>end"))
    plan = await side.plan()
    found = []
    for size in (1, 2, 5, 11, 12, 13, 24, 25, 60, 200):
        ids = [f"made-up-{size}-{number}-ÿ€𝄞" for number in range(size)]
        for order in (ids, ids[::-1], ids + ids):
            body = {"migrationPlan": plan, "processInstanceIds": order}
            found.append(await answer(side, "POST", "/migration/execute", body))
    return found


@scenario
async def waiting_after_an_activity(side: Side) -> Any:
    one_way = line(QUIET.format("s"), BROKEN.format("next"), flows="start>s>next>end")
    renamed = line(QUIET.format("s2"), BROKEN.format("next"), flows="start>s2>next>end")
    plain = line('<serviceTask id="s" camunda:expression="${true}"/>', BROKEN.format("next"), flows="start>s>next>end")
    split = line(QUIET.format("s"), BROKEN.format("next"), task("b"), flows="start>s>next>end\ns>b>end")
    await side.deploy(one_way, renamed, plain, split)
    one = await side.start()
    await side.jobs_failed(one, "next")
    before = await side.state(one), await side.statistics(), await side.found_at(1, "s", "next")
    results = [
        await side.migrate(await side.plan(("s", "s"), target=3), one),
        await side.migrate(await side.plan(("s", "s"), target=4), one),
        await side.migrate(await side.plan(("s", "s2")), one),
    ]
    return before, results, await side.state(one)


@scenario
async def waiting_before_the_start_event(side: Side) -> Any:
    def starting(inner: str, flows: str) -> str:
        asynchronous = line(inner, flows=flows)
        return asynchronous.replace('<startEvent id="start"/>', '<startEvent id="start" camunda:asyncBefore="true"/>')

    inside = '<serviceTask id="x" camunda:asyncBefore="true" camunda:expression="${true}"/>'
    edges = (
        '<sequenceFlow id="f_in" sourceRef="in" targetRef="x"/><sequenceFlow id="f_out" sourceRef="x" targetRef="out"/>'
    )
    await side.deploy(
        starting(BROKEN.format("s"), "start>s>end"),
        starting(task("s"), "start>s>end"),
        line(sub(inside + edges), flows="start>sub>end"),
    )
    one = await side.start()
    await side.jobs_failed(one, "s")
    before = await side.state(one), await side.statistics(), await side.found_at(1, "start")
    results = [
        await side.migrate(await side.plan(("start", "x"), target=3), one),
        await side.migrate(await side.plan(("start", "start")), one),
    ]
    return before, results, await side.state(one)


@scenario
async def timeout_listeners(side: Side) -> Any:
    def listening(name: str, listener: str | None, days: int) -> str:
        inside = (
            f'<extensionElements><camunda:taskListener event="timeout" id="{listener}" expression="${{true}}">'
            f"{TIMER.format(days)}</camunda:taskListener></extensionElements>"
            if listener
            else ""
        )
        return line(task(name, inside), flows=f"start>{name}>end")

    await side.deploy(
        listening("a", "l1", 1), listening("b", "l1", 2), listening("b", "l2", 2), listening("a", None, 1)
    )
    same, again, other, without, added = [await side.start() for _ in range(4)] + [await side.start(4)]
    before = await side.state(same)
    results = [
        await side.migrate(await side.plan(("a", "b"), source=4, target=2), added),
        await side.migrate(await side.plan(("a", "b"), target=2, updates=("a",)), same),
        await side.migrate(await side.plan(("a", "b"), target=2), again),
        await side.migrate(await side.plan(("a", "b"), target=3), other),
        await side.migrate(await side.plan(("a", "a"), target=4), without),
    ]
    later = await side.start(2)
    return before, results, [await side.state(one) for one in (same, again, other, without, added, later)]


def conditional(name: str, condition: str) -> str:
    condition = f'<condition xsi:type="tFormalExpression">{condition}</condition>'
    event = f"<conditionalEventDefinition>{condition}</conditionalEventDefinition>"
    return line(
        task("a"),
        f'<boundaryEvent id="{name}" attachedToRef="a">{event}</boundaryEvent>',
        flows=f"start>a>end\n{name}>end",
    )


@scenario
async def conditional_events(side: Side) -> Any:
    await side.deploy(conditional("c", "${x == 1}"), conditional("c2", "${x == 2}"))
    mapped, dropped = await side.start(x=0), await side.start(x=0)
    results = [
        await side.migrate(await side.plan(("a", "a"), ("c", "c2")), mapped),
        await side.migrate(await side.plan(("a", "a"), ("c", "c2"), updates=("c",)), mapped),
        await side.migrate(await side.plan(("a", "a")), dropped),
    ]
    return results, await side.state(mapped), await side.state(dropped)


@scenario
async def a_new_scope_with_triggers(side: Side) -> Any:
    event = (
        f'<subProcess id="ev" triggeredByEvent="true"><startEvent id="es">{MESSAGE.format(1)}</startEvent>'
        '<endEvent id="ee"/><sequenceFlow id="f_es" sourceRef="es" targetRef="ee"/></subProcess>'
    )
    target = line(
        sub(flows_inside("a"), before=event),
        f'<boundaryEvent id="late" attachedToRef="sub">{TIMER.format(2)}</boundaryEvent>',
        flows="start>sub>end\nlate>end",
    )
    await side.deploy(line(task("a"), flows="start>a>end"), target)
    one = await side.start()
    moved = await side.migrate(await side.plan(("a", "a")), one)
    inside = await side.state(one)
    back = await side.migrate(await side.plan(("a", "a"), source=2, target=1), one)
    return moved, inside, back, await side.state(one)


@scenario
async def nested_scopes(side: Side) -> Any:
    await side.deploy(line(_nested("inner"), flows="start>outer>end"), line(_nested("inner2"), flows="start>outer>end"))
    both, swapped = await side.start(), await side.start()
    before = await side.state(both), await side.statistics(), await side.found_at(1, "a", "inner", "outer")
    results = [
        await side.migrate(await side.plan(("outer", "outer"), ("inner", "inner2"), ("a", "a")), both),
        await side.migrate(await side.plan(("inner", "inner2"), ("a", "a")), swapped),
    ]
    return before, results, await side.state(both), await side.state(swapped)


def _nested(name: str) -> str:
    edges = (
        f'<sequenceFlow id="g_in" sourceRef="in" targetRef="{name}"/>'
        f'<sequenceFlow id="g_out" sourceRef="{name}" targetRef="out"/>'
    )
    deepest = (
        f'<subProcess id="{name}"><startEvent id="in2"/>{task("a")}<endEvent id="out2"/>'
        '<sequenceFlow id="h_in" sourceRef="in2" targetRef="a"/>'
        '<sequenceFlow id="h_out" sourceRef="a" targetRef="out2"/>'
        "</subProcess>"
    )
    return f'<subProcess id="outer"><startEvent id="in"/>{deepest}<endEvent id="out"/>{edges}</subProcess>'


@scenario
async def variables_of_scopes(side: Side) -> Any:
    host = line(
        task("a"),
        f'<boundaryEvent id="t" attachedToRef="a">{TIMER.format(1)}</boundaryEvent>',
        flows="start>a>end\nt>end",
    )
    fork = line(
        '<parallelGateway id="fork"/>', task("a"), task("b"),
        f'<boundaryEvent id="t" attachedToRef="a">{TIMER.format(1)}</boundaryEvent>',
        flows="start>fork>a>end\nfork>b>end\nt>end",
    )  # fmt: skip
    plain = line('<parallelGateway id="fork"/>', task("a"), task("b"), flows="start>fork>a>end\nfork>b>end")
    await side.deploy(host, line(task("a"), flows="start>a>end"), fork, plain)
    one, forked = await side.start(v="outer"), await side.start(3)
    await side.local_variable(one, "a", "v", "inner")
    await side.local_variable(forked, "a", "w", "inner")
    before = await side.state(one), await side.state(forked)
    results = [
        await side.migrate(await side.plan(("a", "a")), one),
        await side.migrate(await side.plan(("a", "a"), ("b", "b"), source=3, target=4), forked),
    ]
    return before, results, await side.state(one), await side.state(forked)


@scenario
async def multi_instance_with_ended_ones_and_boundary_events(side: Side) -> Any:
    def many(days: int) -> str:
        return line(
            task("a", PARALLEL.format("${n}")),
            f'<boundaryEvent id="t" cancelActivity="false" attachedToRef="a">{TIMER.format(days)}</boundaryEvent>',
            flows="start>a>end\nt>end",
        )

    await side.deploy(many(1), many(2), line(task("a"), flows="start>a>end"))
    one, other = await side.start(n=4), await side.start(n=3)
    await side.do(one, "a", "a")
    await side.do(other, "a")
    results = [
        await side.migrate(await side.plan(), one),
        await side.migrate(await side.plan(("a", "a"), target=3), other),
    ]
    states = await side.state(one), await side.state(other), await side.statistics(2), await side.found_at(2, "a")
    await side.do(one, "a", "a")
    return results, states, await side.state(one)


@scenario
async def several_instances_of_which_one_refuses(side: Side) -> Any:
    source = line('<exclusiveGateway id="x" default="x_to_a"/>', task("a"), task("b"), flows="start>x>a>end\nx>b>end")
    source = source.replace(
        'sourceRef="x" targetRef="b"/>',
        'sourceRef="x" targetRef="b"><conditionExpression xsi:type="tFormalExpression">${b == true}'
        "</conditionExpression></sequenceFlow>",
    )
    await side.deploy(source, source)
    good = [await side.start(b=False) for _ in range(3)]
    bad = await side.start(b=True)
    plan = await side.plan(("a", "a"))
    refused = await side.migrate(plan, *good, bad)
    where = [(await side.state(one))["history"] for one in (*good, bad)]
    moved = await side.migrate(plan, *good)
    return refused, where, moved, [(await side.state(one))["history"] for one in (*good, bad)]


@scenario
async def an_async_job_inside_a_scope(side: Side) -> Any:
    def inside(name: str, sub_name: str) -> str:
        edges = (
            f'<sequenceFlow id="f_in" sourceRef="in" targetRef="{name}"/>'
            f'<sequenceFlow id="f_out" sourceRef="{name}" targetRef="out"/>'
        )
        return line(sub(FAILING.format(name) + edges, sub_name), flows=f"start>{sub_name}>end")

    await side.deploy(inside("s", "sub"), inside("s2", "sub2"))
    kept, lifted = await side.start(), await side.start()
    for one in (kept, lifted):
        await side.jobs_failed(one)
    before = await side.state(kept)
    results = [
        await side.migrate(await side.plan(("sub", "sub2"), ("s", "s2")), kept),
        await side.migrate(await side.plan(("s", "s2")), lifted),
        await side.migrate(await side.plan(), lifted),
    ]
    return before, results, await side.state(kept), await side.state(lifted)


@scenario
async def a_failed_timer(side: Side) -> Any:
    def host(timer: str) -> str:
        return line(
            task("a"), BROKEN.format("s"),
            f'<boundaryEvent id="{timer}" attachedToRef="a">{TIMER.format(1)}</boundaryEvent>',
            flows=f"start>a>end\n{timer}>s>end",
        )  # fmt: skip

    await side.deploy(host("t"), host("t2"))
    mapped, dropped = await side.start(), await side.start()
    for one in (mapped, dropped):
        await side.timers_failed(one, "s")
    before = await side.state(mapped), await side.statistics(), await side.found_at(1, "a", "t", "s")
    results = [
        await side.migrate(await side.plan(("a", "a"), ("t", "t2")), mapped),
        await side.migrate(await side.plan(("a", "a")), dropped),
    ]
    return before, results, await side.state(mapped), await side.state(dropped), await side.statistics(2)


@scenario
async def what_statistics_of_definitions_count(side: Side) -> Any:
    caller = line('<callActivity id="c" calledElement="KEY-called"/>', flows="start>c>end")
    called = line(FAILING.format("s"), flows="start>s>end").replace('id="KEY"', 'id="KEY-called"')
    await side.deploy(called, caller)
    for _ in range(2):
        one = await side.start(2)
        inner = (await side.post("/process-instance", {"superProcessInstance": one}))[0]["id"]
        await side.jobs_failed(inner)
    found = []
    for query in (
        {},
        {"failedJobs": "true"},
        {"incidents": "true"},
        {"rootIncidents": "true"},
        {"incidentsForType": "x"},
    ):
        rows = await side.get("/process-definition/statistics", **query)
        found.append(
            sorted(
                (side.neutral(one["id"]), one["instances"], one["failedJobs"], str(one["incidents"]), one["@class"])
                for one in rows
                if one["id"] in side.definitions
            )
        )
    return found


@scenario
async def a_suspended_instance_and_a_new_scope(side: Side) -> Any:
    host = line(
        task("a"),
        f'<boundaryEvent id="t" attachedToRef="a">{TIMER.format(1)}</boundaryEvent>',
        flows="start>a>end\nt>end",
    )
    await side.deploy(line(task("a"), flows="start>a>end"), line(sub(flows_inside("a")), flows="start>sub>end"), host)
    one, other = await side.start(), await side.start()
    for each in (one, other):
        await side.call("PUT", f"/process-instance/{each}/suspended", {"suspended": True})
    into = await side.migrate(await side.plan(("a", "a")), one)
    becoming = await side.migrate(await side.plan(("a", "a"), target=3), other)
    states = await side.state(one), await side.state(other)
    await side.call("PUT", f"/process-instance/{one}/suspended", {"suspended": False})
    return into, becoming, states, await side.migrate(await side.plan(("a", "a")), one), await side.state(one)
