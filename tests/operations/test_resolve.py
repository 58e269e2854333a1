from __future__ import annotations

import pytest

from tests.operations.planning import bpmn, planning
from tui_migrate.errors import UsageError
from tui_migrate.operations.overview import load_overview
from tui_migrate.operations.resolve import resolve_definition, resolve_instance
from tui_migrate.sandbox.engine import SandboxEngine


def simple(key: str, tag: str | None = None) -> bytes:
    return bpmn(key, '<startEvent id="s"/>', '<userTask id="u"/>', "s -> u", tag=tag)


def three_versions() -> tuple[SandboxEngine, list[str]]:
    engine = SandboxEngine()
    return engine, [engine.deploy(simple("order", tag)) for tag in ("2025.1", "a:b@c", "2025.1")]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("order", 3),
        ("order:latest", 3),
        ("order:1", 1),
        (" order:2 ", 2),
        ("order@2025.1", 3),
        ("order@a:b@c", 2),
    ],
)
async def test_each_way_to_name_a_definition(text: str, version: int) -> None:
    engine, ids = three_versions()
    async with planning(engine) as here:
        assert (await resolve_definition(here.session, text)).id == ids[version - 1]
        assert len(here.requests) == 2, "the version of the engine, and one for the definition"


async def test_an_id() -> None:
    engine, ids = three_versions()
    async with planning(engine) as here:
        assert (await resolve_definition(here.session, ids[0])).version == 1
        await load_overview(here.session)
        here.requests.clear()
        await resolve_definition(here.session, ids[2])
        assert len(here.requests) == 0, "the overview brought it along"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is missing"),
        ("order:*", "only --from can take several"),
        ("order:9", "'order' has the versions 3, 2, 1"),
        ("order@2024", r"the version tags '2025.1' \(version 3\)"),
        ("ordr", "Did you mean 'order'"),
        ("order:1:nope", "'order' has the versions"),
        ("zzz", "`tui-migrate definitions` lists"),
        ("order:x", "'order' has the versions"),
    ],
)
async def test_what_is_not_there_says_what_is(text: str, message: str) -> None:
    engine, _ = three_versions()
    async with planning(engine) as here:
        with pytest.raises(UsageError, match=message):
            await resolve_definition(here.session, text)


async def test_the_tenant_tells_equal_keys_apart() -> None:
    engine = SandboxEngine()
    ids = {tenant: engine.deploy(simple("p"), tenant=tenant) for tenant in ("north", "south")}
    async with planning(engine) as here:
        assert (await resolve_definition(here.session, "p:1", tenant="south")).id == ids["south"]
        with pytest.raises(UsageError, match=r"several definitions: .* of tenant 'north', .* of tenant 'south'"):
            await resolve_definition(here.session, "p")
        with pytest.raises(UsageError, match="no 'p' in tenant 'west'"):
            await resolve_definition(here.session, "p", tenant="west")


async def test_an_instance_brings_its_version() -> None:
    engine, ids = three_versions()
    instance = engine.start(ids[1])
    async with planning(engine) as here:
        assert (await resolve_instance(here.session, instance)).definition_id == ids[1]
        with pytest.raises(UsageError, match="No process instance 'nope' runs"):
            await resolve_instance(here.session, "nope")
