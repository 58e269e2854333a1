"""Queries: closed fields, nothing that an engine would ignore or take for no filter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from tests.engine.support import Recorder, client, engine_error
from tui_migrate.engine.date import engine_time
from tui_migrate.engine.features import NEWER, Features, QueryKind, features_of, product_of
from tui_migrate.engine.queries import HistoricInstanceQuery, InstanceQuery, JobQuery, Query, VariableCriterion
from tui_migrate.errors import UsageError

NEW = features_of("7.24.0")
OLD = features_of("7.17.0")


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(TypeError):
        InstanceQuery(business_key_in=("a",))  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        InstanceQuery(businessKey="a")  # type: ignore[call-arg]


def test_only_what_is_used_is_sent() -> None:
    query = InstanceQuery(process_definition_id="d", suspended=False, active=True, activity_id_in=("b", "a"))
    assert query.to_body(NEW) == {"processDefinitionId": "d", "active": True, "activityIdIn": ["b", "a"]}
    assert InstanceQuery().to_body(NEW) == {}


@pytest.mark.parametrize(
    "query",
    [
        InstanceQuery(process_instance_ids=()),
        InstanceQuery(process_definition_id="d", activity_id_in=()),
        HistoricInstanceQuery(tenant_id_in=()),
        JobQuery(job_ids=()),
    ],
)
def test_an_empty_list_matches_nothing_and_is_never_sent(query: Query) -> None:
    assert query.matches_nothing
    with pytest.raises(UsageError, match="empty list"):
        query.to_body(NEW)


@pytest.mark.parametrize(
    "query",
    [
        InstanceQuery(variables=()),
        InstanceQuery(or_queries=()),
        InstanceQuery(process_definition_key_not_in=()),
        HistoricInstanceQuery(process_instance_id_not_in=()),
    ],
)
def test_an_empty_list_of_conditions_or_exceptions_is_no_filter(query: Query) -> None:
    assert not query.matches_nothing
    assert query.to_body(NEW) == {}


@pytest.mark.parametrize(
    "query",
    [
        InstanceQuery(root_process_instance_id="x"),
        InstanceQuery(or_queries=(InstanceQuery(business_key="a"), InstanceQuery(root_process_instance_id="x"))),
        HistoricInstanceQuery(activity_id_in=("a",)),
        HistoricInstanceQuery(incident_id_in=("a",)),
        HistoricInstanceQuery(process_instance_id_not_in=("a",)),
        HistoricInstanceQuery(root_process_instance_id="x"),
    ],
)
def test_a_field_that_the_engine_ignores_is_refused(query: Query) -> None:
    with pytest.raises(UsageError, match=r"Camunda 7\.17\.0 does not honour the filter .*select more"):
        query.to_body(OLD)
    assert query.to_body(NEW)


def test_variables_keep_their_types() -> None:
    values = (True, 1, 1.5, "1", "2026-01-01T00:00:00.000+0000", None)
    query = InstanceQuery(
        variables=tuple(VariableCriterion(name="v", operator="gteq", value=value) for value in values)
    )
    sent = [one["value"] for one in query.to_body(NEW)["variables"]]
    assert sent == list(values)
    assert [type(one) for one in sent] == [type(value) for value in values]
    when = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    query = InstanceQuery(variables=(VariableCriterion(name="v", value=when),))
    assert query.to_body(NEW)["variables"] == [{"name": "v", "operator": "eq", "value": "2026-01-02T03:04:05.678+0000"}]


def test_an_empty_list_is_no_filter_whatever_holds_it() -> None:
    nothing: tuple[Any, Any] = ((), [])
    for empty in nothing:
        query = InstanceQuery(process_instance_ids=empty)
        assert query.matches_nothing
        with pytest.raises(UsageError, match="empty list"):
            query.to_body(NEW)


def test_operators_that_the_engine_does_not_know_are_refused() -> None:
    for operator in ("notLike", "in", "nope", None):
        with pytest.raises(UsageError, match="compares variables"):
            VariableCriterion(name="v", operator=operator, value="x")  # type: ignore[arg-type]


def test_times_have_the_one_form_that_engines_read() -> None:
    zone = timezone(timedelta(hours=2))
    assert engine_time(datetime(2026, 11, 24, 0, 30, 0, 999_999, tzinfo=zone)) == "2026-11-23T22:30:00.999+0000"
    with pytest.raises(ValueError, match="zone"):
        engine_time(datetime(2026, 11, 24))  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        HistoricInstanceQuery(started_before=datetime(2026, 11, 24)).to_body(NEW)  # noqa: DTZ001
    query = HistoricInstanceQuery(started_before=datetime(2026, 11, 24, tzinfo=UTC))
    assert query.to_body(NEW) == {"startedBefore": "2026-11-24T00:00:00.000+0000"}


@pytest.mark.parametrize(
    ("version", "family", "label", "newer"),
    [
        ("7.24.0", "camunda", "Camunda 7.24.0", True),
        ("7.25.1-SNAPSHOT", "camunda", "Camunda 7.25.1-SNAPSHOT", True),
        ("7.20.3", "camunda", "Camunda 7.20.3", False),
        ("7.17.0", "camunda", "Camunda 7.17.0", False),
        ("7.13.0", "camunda", "Camunda 7.13.0", False),
        ("1.0.3", "operaton", "Operaton 1.0.3", True),
        ("2.0.0", "operaton", "Operaton 2.0.0", True),
    ],
)
def test_features_by_version(version: str, family: str, label: str, newer: bool) -> None:
    features = features_of(version)
    assert (features.family, features.label) == (family, label)
    assert ("rootProcessInstanceId" in features.runtime_fields) is newer
    assert features.has_batch_start_time is newer
    assert bool(features.unsure) is (version in ("7.20.3", "7.13.0"))


def test_products() -> None:
    assert product_of("org.operaton.bpm.engine.rest.X") == "Operaton"
    assert product_of("org.cibseven.bpm.engine.rest.X") == "CIB seven"
    assert product_of("") is None


class Between(Recorder):
    """An engine of a version between the probed ones, which knows and honours what it is told."""

    def __init__(self, *, knows: set[str], honours: set[str], instances: int = 5) -> None:
        self.knows, self.honours, self.instances = knows, honours, instances
        super().__init__(self.reply)

    def reply(self, request: httpx.Request) -> httpx.Response:
        import json

        if request.url.path.endswith("/version"):
            return httpx.Response(200, json={"version": "7.20.0"})
        body = json.loads(request.content)
        mistyped = any(isinstance(value, dict) for name, value in body.items() if name in self.knows)
        if mistyped:
            return engine_error(400, "InvalidRequestException", "")
        return httpx.Response(200, json={"count": 0 if self.honours & set(body) else self.instances})


FIELDS: tuple[tuple[QueryKind, str], ...] = tuple(
    (kind, name) for kind, names in NEWER.items() for name in sorted(names)
)


@pytest.mark.parametrize(("kind", "field"), FIELDS)
@pytest.mark.parametrize("instances", [0, 5])
async def test_a_canary_decides_where_the_version_does_not(kind: QueryKind, field: str, instances: int) -> None:
    engine_that_does = Between(knows={field}, honours={field}, instances=instances)
    async with client(engine_that_does) as engine:
        assert await engine.honours(kind, field)
        asked = len(engine_that_does.requests)
        assert await engine.honours(kind, field)
        assert field in (await engine.features()).fields(kind)
    assert len(engine_that_does.requests) == asked

    engine_that_does_not = Between(knows=set(), honours=set(), instances=instances)
    async with client(engine_that_does_not) as engine:
        assert not await engine.honours(kind, field)
        asked = len(engine_that_does_not.requests)
        assert not await engine.honours(kind, field)
    assert len(engine_that_does_not.requests) == asked


async def test_a_field_that_is_known_but_finds_everything_is_not_honoured() -> None:
    recorder = Between(knows={"rootProcessInstanceId"}, honours=set())
    async with client(recorder) as engine:
        assert not await engine.honours("runtime", "rootProcessInstanceId")


async def test_a_query_asks_the_canary_by_itself_and_only_when_needed() -> None:
    ignorant = Between(knows=set(), honours=set())
    async with client(ignorant) as engine:
        with pytest.raises(UsageError, match="does not honour the filter activityIdIn"):
            await engine.count_historic_instances(HistoricInstanceQuery(activity_id_in=("a",)))
        await engine.count_historic_instances(HistoricInstanceQuery(unfinished=True))
    bodies = [request.content for request in ignorant.requests]
    assert bodies == [b"", b'{"activityIdIn":{"-":{}}}', b'{"unfinished":true}']


async def test_a_field_of_no_list_is_never_honoured() -> None:
    recorder = Between(knows={"businessKeyIn"}, honours={"businessKeyIn"})
    async with client(recorder) as engine:
        assert not await engine.honours("runtime", "businessKeyIn")
        assert await engine.honours("runtime", "businessKey")
    assert len(recorder.requests) == 1


def test_every_field_of_the_lists_is_a_field_of_the_query_and_the_other_way() -> None:
    kinds: dict[type[Query], Features] = {InstanceQuery: NEW, HistoricInstanceQuery: NEW, JobQuery: NEW}
    from tui_migrate.engine.members import member_name

    for kind, features in kinds.items():
        assert {member_name(name) for name in kind.__struct_fields__} == features.fields(kind.kind)
