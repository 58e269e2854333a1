from __future__ import annotations

import asyncio

import pytest

from tests.operations.planning import bpmn, order_1, planning
from tui_migrate.errors import NotFound, UsageError
from tui_migrate.operations.outline import text_hash
from tui_migrate.operations.session import LARGE_XML
from tui_migrate.operations.together import round_trip
from tui_migrate.sandbox.engine import SandboxEngine


async def test_a_model_is_read_once_however_many_ask_for_it_together() -> None:
    engine = SandboxEngine()
    pd = engine.deploy(order_1())
    async with planning(engine) as here:
        models = await asyncio.gather(*[here.session.model(pd) for _ in range(5)])
        assert all(model is models[0] for model in models)
        assert sorted(here.requests.sent) == sorted(
            ["GET /version", f"GET /process-definition/{pd}/xml", f"GET /process-definition/{pd}"]
        )
        assert models[0].definition_id == pd
        assert here.session.text_hash(pd) == text_hash(order_1())


async def test_a_known_definition_costs_no_request_of_its_own() -> None:
    engine = SandboxEngine()
    pd = engine.deploy(order_1())
    async with planning(engine) as here:
        definition = await here.session.definition(pd)
        here.requests.clear()
        await here.session.definition(pd)
        assert len(here.requests) == 0
        await here.session.model(definition)
        assert here.requests.sent == ["GET /version", f"GET /process-definition/{pd}/xml"]


async def test_the_first_request_goes_alone() -> None:
    engine = SandboxEngine()
    async with planning(engine) as here:
        assert here.session.engine_label == "engine"
        await here.session.features()
        assert here.session.engine_label == "Camunda 7.24.0"
        assert here.requests.sent == ["GET /version"]


async def test_a_large_model_is_parsed_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SandboxEngine()
    xml = bpmn(
        "large", '<startEvent id="s"/>', *[f'<userTask id="u{number}" name="{"x" * 90}"/>' for number in range(1000)]
    )
    assert len(xml) > LARGE_XML
    pd = engine.deploy(xml)
    threads = []
    in_thread = asyncio.to_thread

    async def to_thread(function: object, *arguments: object) -> object:
        threads.append(function)
        return await in_thread(function, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    async with planning(engine) as here:
        assert len((await here.session.model(pd)).activities) == 1001
    assert len(threads) == 1


async def test_what_is_not_there_is_not_kept() -> None:
    async with planning(SandboxEngine()) as here:
        for _ in range(2):
            with pytest.raises(NotFound):
                await here.session.definition("nope:1:1")
        assert here.session.known_definition("nope:1:1") is None


async def test_a_round_trip_raises_the_first_error_as_it_is_and_ends_the_others() -> None:
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fail() -> None:
        raise UsageError("no")

    async def both() -> None:
        async with round_trip() as trip:
            trip.create_task(wait())
            trip.create_task(fail())

    with pytest.raises(UsageError, match="no"):
        await both()
    assert ended.is_set()


async def test_a_round_trip_is_cancelled_as_one() -> None:
    started = asyncio.Event()

    async def wait() -> None:
        started.set()
        await asyncio.Event().wait()

    async def both() -> None:
        async with round_trip() as trip:
            trip.create_task(wait())
            trip.create_task(wait())

    task = asyncio.create_task(both())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
