"""On every engine each criterion narrows as it says, or is an error: an engine ignores what it doesn't know."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import bpmn, planning
from tui_migrate.engine.wire import Reply, WireRequest
from tui_migrate.errors import UsageError
from tui_migrate.operations.filter import CRITERIA, parse_filter
from tui_migrate.operations.instances import InstanceList
from tui_migrate.operations.plan import open_plan
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine

KEY = rest.new_key("widen")
CHILD = f"{KEY}-child"
"""Of this worker: another one that deploys a newer child would be called in its place."""


@dataclass(frozen=True)
class World:
    """Five instances: a plain one, a suspended one, one with a failed job, one with variables, one that calls."""

    definition_id: str
    plain: str
    suspended: str
    troubled: str
    varied: str
    calling: str
    called: str
    called_definition_id: str

    def everything(self) -> set[str]:
        return {self.plain, self.suspended, self.troubled, self.varied, self.calling}


PROCESS = (
    '<startEvent id="s"/>',
    '<exclusiveGateway id="which" default="f_plain"/>',
    '<userTask id="ask"/>',
    '<callActivity id="call" calledElement="' + CHILD + '"/>',
    '<serviceTask id="broken" camunda:asyncBefore="true" camunda:expression="${nobody.knows}"/>',
    '<sequenceFlow id="f_plain" sourceRef="which" targetRef="ask"/>',
    '<sequenceFlow id="f_call" sourceRef="which" targetRef="call"><conditionExpression>${way == "call"}'
    "</conditionExpression></sequenceFlow>",
    '<sequenceFlow id="f_broken" sourceRef="which" targetRef="broken"><conditionExpression>${way == "broken"}'
    "</conditionExpression></sequenceFlow>",
    "s -> which",
)


def live_world(url: str) -> World:
    child = bpmn(CHILD, '<startEvent id="s"/>', '<userTask id="u"/>', "s -> u")
    [called_id] = rest.deploy(url, {"child.bpmn": child.decode()})
    [one] = rest.deploy(url, {"p.bpmn": bpmn(KEY, *PROCESS).decode()})

    def start(way: str, **more: object) -> str:
        return rest.start_instance(url, one, business_key=f"K-{way}", variables={"way": way, **more})

    plain, suspended, troubled, varied, calling = (
        start("plain"),
        start("suspended"),
        start("broken"),
        start("varied", amount=100, name="Éva O'Hara", flag=True),
        start("call"),
    )
    rest.put(url, f"/process-instance/{suspended}/suspended", {"suspended": True})
    rest.fail_jobs(url, troubled)
    [called] = rest.post(url, "/process-instance", {"superProcessInstance": calling})
    return World(one, plain, suspended, troubled, varied, calling, called["id"], called_id)


@pytest.fixture(scope="module")
def world(live_engine: RunningEngine) -> World:
    return live_world(live_engine.url)


def expectations(world: World) -> dict[str, set[str]]:
    """What each criterion finds, and that it finds nothing where nothing matches."""
    everything = world.everything()
    return {
        f"id:{world.plain},{world.varied}": {world.plain, world.varied},
        "id:nope": set(),
        "bk:K-plain": {world.plain},
        "bk:k-plain": set(),
        "bk:K-*": everything,
        "bk:K-%": set(),
        "bk:*-pl*n": {world.plain},
        "bk:K_plai*": set(),
        "activity:ask": {world.plain, world.suspended, world.varied},
        "activity:broken": {world.troubled},
        "activity:nope": set(),
        "var:amount>=100": {world.varied},
        "var:amount>100": set(),
        'var:amount="100"': set(),
        "var:flag=true": {world.varied},
        'var:flag="true"': set(),
        "var:way!=call": everything - {world.calling},
        'var:name~"Éva O\'*"': {world.varied},
        "var:name~%": set(),
        "var:WAY=call": set(),
        "var:WAY=call ignorecase:names": {world.calling},
        "var:way=CALL ignorecase:values": {world.calling},
        "active": everything - {world.suspended},
        "suspended": {world.suspended},
        "incident": {world.troubled},
        "incident:failedJob": {world.troubled},
        "incident:nope": set(),
        "message:*nobody*": {world.troubled},
        "message:nope": set(),
        "incidentId:nope": set(),
        "parent:nope": set(),
        f"sub:{world.called}": {world.calling},
        "sub:nope": set(),
        f"root:{world.plain}": {world.plain},
        "root:nope": set(),
        "top": everything,
        "leaf": everything - {world.calling},
        "tenant:nope": set(),
        "notenant": everything,
        "started:>2020-01-01": everything,
        "started:<2020-01-01": set(),
        "startedBy:nope": set(),
        "suspended started:>2020-01-01": {world.suspended},
        "suspended started:<2020-01-01": set(),
        "activity:ask var:way=plain started:>2020-01-01": {world.plain},
    }


def test_every_criterion_is_here() -> None:
    names = World(*(f"{number}" for number in range(8)))
    words = {term.criterion.word for text in expectations(names) for term in parse_filter(text).terms}
    assert words == {criterion.word for criterion in CRITERIA}


async def test_each_criterion_finds_what_it_says_on_every_engine(live_engine: RunningEngine, world: World) -> None:
    async with planning(live_engine) as here:
        plan = await open_plan(here.session, world.definition_id, world.definition_id)
        wrong = {}
        for text, expected in expectations(world).items():
            listed = InstanceList(here.session, plan, parse_filter(text))
            try:
                found = {row.id for row in await listed.rows(0, 100)}
            except UsageError as error:
                if live_engine.name != "camunda-7.17" or not text.startswith("root:"):
                    wrong[text] = str(error)
                continue
            if found != expected or await listed.count() != len(expected):
                wrong[text] = str(sorted(found))
        assert wrong == {}


async def test_called_instances_are_found_by_their_parent(live_engine: RunningEngine, world: World) -> None:
    async with planning(live_engine) as here:
        definition = world.called_definition_id
        plan = await open_plan(here.session, definition, definition)
        for text in (
            f"parent:{world.calling}",
            *([] if live_engine.name == "camunda-7.17" else [f"root:{world.calling}"]),
        ):
            rows = await InstanceList(here.session, plan, parse_filter(text)).rows(0, 100)
            assert [row.id for row in rows] == [world.called]
        assert [row.id for row in await InstanceList(here.session, plan, parse_filter("top")).rows(0, 100)] == []


async def test_what_is_sent_always_names_the_definition() -> None:
    """`"processInstanceQuery": {}` selects every instance of every definition."""
    import json

    bodies: list[dict[str, object]] = []
    engine = SandboxEngine()
    one = engine.deploy(bpmn("p", '<startEvent id="s"/>', '<userTask id="u"/>', "s -> u"))
    engine.start(one, at=("u",))
    handle = SandboxCarrier.send

    async def record(self: SandboxCarrier, request: WireRequest) -> Reply:
        if request.path.endswith(("/process-instance", "/process-instance/count")):
            bodies.append(json.loads(request.content or b""))
        return await handle(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SandboxCarrier, "send", record)
        async with planning(engine) as here:
            plan = await open_plan(here.session, one, one)
            for criterion in CRITERIA:
                listed = InstanceList(here.session, plan, parse_filter(criterion.example))
                await listed.count()
                await listed.rows(0, 10)
    queries = [body for body in bodies if body not in ({}, {"unfinished": True})]  # those two ask for history
    assert len(queries) > len(CRITERIA)
    assert all(body["processDefinitionId"] == one for body in queries)
