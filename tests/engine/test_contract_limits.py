"""The contract with `queryMaxResultsLimit` and without history: an engine of its own, and its embedded twin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.engine import processes
from tests.engine.test_contract_users import Users
from tests.engines import rest
from tests.engines.launcher import started
from tests.engines.rest import new_key
from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery, JobQuery

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

LIMIT = 7
INSTANCES = 3 * LIMIT + 2


@pytest.fixture(scope="module")
def limited_engine(engine_tools: None) -> Iterator[RunningEngine]:
    properties = {"test.query-max-results-limit": LIMIT, "test.history-level": "none"}
    with started("camunda-7.24-auth", properties=properties) as engine:
        yield engine


@pytest.fixture(params=["sandbox", pytest.param("live", marks=pytest.mark.live)])
async def limited(request: pytest.FixtureRequest) -> AsyncIterator[Users]:
    if request.param == "live":
        users = Users(request.getfixturevalue("limited_engine"))
    else:
        users = Users(None, max_results_limit=LIMIT, history=False)
    yield users
    for client in users.clients:
        await client.aclose()


def start_many(users: Users) -> tuple[str, list[str]]:
    definition = users.deploy(processes.simple(new_key("contract-limit"), "wait"))
    if users.engine is not None:
        return definition, rest.start_instances(users.engine.url, definition, INSTANCES, business_key_prefix="k")
    return definition, [users.start(definition) for _ in range(INSTANCES)]


async def test_lists_are_read_in_pages_of_the_engines_size(limited: Users) -> None:
    definition, ids = start_many(limited)
    client = limited.client("admin")
    query = InstanceQuery(process_definition_id=definition)
    found = await client.instances(query, limit=None)
    assert [one.id for one in found] == sorted(ids)
    assert [one.id for one in await client.instances(query, first=3, limit=10)] == sorted(ids)[3:13]
    assert await client.count_instances(query) == INSTANCES
    # Joins of a page of ids have no size of their own to ask for.
    assert {one.process_instance_id for one in await client.variables(ids)} <= set(ids)
    assert len(await client.instances(InstanceQuery(process_instance_ids=tuple(ids)), limit=INSTANCES)) == INSTANCES


async def test_every_list_works_within_the_limit(limited: Users) -> None:
    definition, ids = start_many(limited)
    client = limited.client("admin")
    await client.definition_statistics()
    assert definition in {one.id for one in await client.definitions()}
    await client.job_definitions(definition)
    await client.incidents()
    await client.event_subscriptions()
    await client.open_activities(definition)
    await client.jobs(JobQuery(), limit=1000)
    await client.list_batch_statistics(limit=1000)
    await client.historic_batches(limit=1000)
    await client.job_log(job_definition_id="x", limit=1000)
    await client.user_operations(limit=1000)
    assert (await client.activity_statistics(definition))[0].instances == len(ids)


async def test_without_history_there_is_none_and_it_is_known(limited: Users) -> None:
    definition, ids = start_many(limited)
    client = limited.client("admin")
    assert not await client.history_available()
    query = HistoricInstanceQuery(process_definition_id=definition)
    assert await client.historic_instances(query) == []
    assert await client.count_historic_instances(query) == 0
    assert await client.open_activities(definition) == []
    assert await client.count_open_activities(definition) == 0
    assert await client.historic_batch("nope") is None
    assert len(ids) == INSTANCES
