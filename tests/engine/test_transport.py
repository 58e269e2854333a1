"""How requests are sent: headers, credentials, paths, tries, how many at once, who is told."""

from __future__ import annotations

import asyncio
import base64
import json

import httpx
import pytest

from tests.engine.support import BASE, VERSION, Recorder, always, client, engine_error
from tests.over_httpx import Scripted
from tui_migrate.engine.models import ProcessInstance
from tui_migrate.engine.queries import InstanceQuery, JobQuery
from tui_migrate.engine.settings import Basic, Bearer, EngineSettings
from tui_migrate.engine.transport import CONCURRENT, RequestRecord
from tui_migrate.errors import (
    AuthFailed,
    ConfigError,
    EngineFault,
    EngineRefused,
    EngineUnreachable,
    NotFound,
    ReadOnly,
    UnexpectedReply,
)
from tui_migrate.migration.plan import MigrationPlan
from tui_migrate.secret import Secret

PLAN = MigrationPlan("a", "b")


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("http://h/engine-rest/", "http://h/engine-rest"),
        ("  http://h:8080/a/b//  ", "http://h:8080/a/b"),
        ("https://user:p%40ss@h/x", "https://h/x"),
        ("http://[::1]:8080/engine-rest", "http://[::1]:8080/engine-rest"),
    ],
)
def test_the_base(written: str, base: str) -> None:
    assert EngineSettings(written).url == base


@pytest.mark.parametrize(
    "written",
    ["localhost:8080/engine-rest", "ftp://h/x", "", "http://", "http://h/x?y=1", "http://h/x#y", "http://h:z/"],
)
def test_what_is_no_base(written: str) -> None:
    with pytest.raises(ConfigError):
        EngineSettings(written)


def test_a_bad_address_with_a_password_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        EngineSettings("user:hunter2@host/engine-rest")
    assert "hunter2" not in str(caught.value)


async def test_credentials_in_the_address_are_used_unless_others_are_given() -> None:
    for settings, expected in (
        ({}, "admin:p@ss"),
        ({"authentication": Basic("other", Secret("x"))}, "other:x"),
    ):
        recorder = always(json=VERSION)
        async with client(recorder, "http://admin:p%40ss@h/engine-rest", **settings) as engine:
            await engine.version()
        kind, _, value = recorder.requests[0].headers["authorization"].partition(" ")
        assert (kind, base64.b64decode(value).decode()) == ("Basic", expected)
        assert "@" not in str(recorder.requests[0].url)


async def test_a_401_is_never_tried_again() -> None:
    recorder = Recorder(lambda request: httpx.Response(401, headers={"www-authenticate": 'Basic realm="default"'}))
    async with client(recorder, authentication=Basic("öp", Secret("pä:ss"))) as engine:
        with pytest.raises(AuthFailed):
            await engine.definition_statistics()
    assert len(recorder.requests) == 1
    value = recorder.requests[0].headers["authorization"].partition(" ")[2]
    assert base64.b64decode(value).decode() == "öp:pä:ss"


async def test_the_first_request_goes_alone_and_the_others_wait_for_it() -> None:
    recorder = always(401)
    async with client(recorder) as engine:
        results = await asyncio.gather(
            *(engine.count_instances(InstanceQuery()) for _ in range(3)), return_exceptions=True
        )
    assert [type(one) for one in results] == [AuthFailed] * 3
    # Each asks for the version first, one after the other; none sends its query.
    assert set(recorder.paths) == {"GET /version"}


async def test_a_token_is_read_once_and_again_after_a_401() -> None:
    tokens = iter(("first", "second", "third"))
    statuses = iter((200, 200, 401, 200))
    recorder = Recorder(lambda request: httpx.Response(next(statuses), json=VERSION))
    bearer = Bearer(lambda: Secret(next(tokens)), lifetime=1000)
    async with client(recorder, authentication=bearer) as engine:
        await engine.version()
        await engine.version()
        with pytest.raises(AuthFailed, match="does not accept the token"):
            await engine.version()
        await engine.version()
    sent = [request.headers["authorization"] for request in recorder.requests]
    assert sent == ["Bearer first", "Bearer first", "Bearer first", "Bearer second"]


async def test_a_token_that_has_lived_its_time_is_read_again() -> None:
    tokens = iter(("first", "second"))
    recorder = always(json=VERSION)
    async with client(recorder, authentication=Bearer(lambda: Secret(next(tokens)), lifetime=-1)) as engine:
        await engine.version()
        await engine.version()
    assert [request.headers["authorization"] for request in recorder.requests] == ["Bearer first", "Bearer second"]


async def test_a_token_source_that_fails_is_a_configuration_error() -> None:
    def fail() -> Secret:
        raise ConfigError("The command 'helper' failed.")

    recorder = always(json=VERSION)
    async with client(recorder, authentication=Bearer(fail)) as engine:
        with pytest.raises(ConfigError, match="helper"):
            await engine.version()
    assert recorder.requests == []


async def test_headers_of_a_request() -> None:
    recorder = always(json={"count": 3, **VERSION})
    headers = {"X-Team": "öps", "X-Api-Key": Secret("hunter2")}
    async with client(recorder, headers=headers) as engine:
        await engine.connect()
        await engine.count_instances(InstanceQuery(business_key_like="%ä_"))
        assert "hunter2" not in repr(engine.settings)
    request = recorder.requests[-1]
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"
    assert request.headers["x-api-key"] == "hunter2"
    assert request.headers["user-agent"].startswith("tui-migrate/")
    assert json.loads(request.content) == {"businessKeyLike": "%ä_"}
    assert "ä".encode() in request.content


@pytest.mark.parametrize("identity", ["", ".", "..", "a/b", "a\\b"])
async def test_what_can_not_be_an_id_is_not_sent(identity: str) -> None:
    recorder = always(json={})
    async with client(recorder) as engine:
        with pytest.raises(NotFound):
            await engine.definition(identity)
    assert recorder.requests == []


async def test_ids_are_one_segment_of_the_path() -> None:
    recorder = always(json={"id": "x", "bpmn20Xml": "<ä/>"})
    async with client(recorder) as engine:
        assert await engine.definition_xml("ä b?c#d:1:e;f%2F") == "<ä/>".encode()
    assert recorder.requests[0].url.raw_path == b"/engine-rest/process-definition/%C3%A4%20b%3Fc%23d:1:e%3Bf%252F/xml"


async def test_a_named_engine() -> None:
    recorder = Recorder(
        lambda request: (
            httpx.Response(200, json=[{"name": "blue sky"}, {"name": "default"}])
            if request.url.path.endswith("/engine")
            else httpx.Response(200, json=VERSION)
        )
    )
    async with client(recorder, engine_name="blue sky") as engine:
        await engine.connect()
        assert engine.base_url == f"{BASE}/engine/blue%20sky"
    assert recorder.paths == ["GET /engine", "GET /engine/blue sky/version"]


async def test_an_engine_name_that_is_not_there() -> None:
    recorder = always(json=[{"name": "default"}, {"name": "blue"}])
    async with client(recorder, engine_name="bleu") as engine:
        with pytest.raises(NotFound, match=r"no process engine 'bleu' at .*; it has: blue, default\."):
            await engine.connect()
    assert recorder.paths == ["GET /engine"]


async def test_connecting_twice_asks_once() -> None:
    recorder = always(json=VERSION)
    async with client(recorder) as engine:
        both = await asyncio.gather(engine.connect(), engine.features())
        assert both[0] == both[1] == await engine.features()
    assert recorder.paths == ["GET /version"]


@pytest.mark.parametrize("status", [429, 502, 503])
async def test_a_read_is_tried_again_when_a_proxy_has_no_answer(status: int) -> None:
    answers = iter((httpx.Response(status), httpx.Response(status), httpx.Response(200, json=VERSION)))
    async with client(lambda request: next(answers)) as engine:
        assert await engine.version() == "7.24.0"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("TransactionSystemException", "JDBC rollback failed; nested exception is … Connection is closed"),
        ("CannotCreateTransactionException", "Could not open JDBC Connection for transaction"),
    ],
)
async def test_a_read_is_tried_again_when_the_engine_lost_its_database(kind: str, message: str) -> None:
    answers = iter((engine_error(500, kind, message), httpx.Response(200, json=VERSION)))
    async with client(lambda request: next(answers)) as engine:
        assert await engine.version() == "7.24.0"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(504), Exception),
        (httpx.Response(404), UnexpectedReply),
        (engine_error(400, "InvalidRequestException", "no"), EngineRefused),
        (engine_error(500, "ProcessEngineException", "no"), EngineFault),
        (httpx.Response(200, html="<html>"), UnexpectedReply),
    ],
)
async def test_a_read_is_not_tried_again_when_that_would_not_help(
    answer: httpx.Response, kind: type[Exception]
) -> None:
    recorder = Recorder(lambda request: answer)
    async with client(recorder) as engine:
        with pytest.raises(kind):
            await engine.version()
    assert len(recorder.requests) == 1


async def test_a_refused_connection_is_tried_again_only_once_the_engine_had_answered() -> None:
    calls = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        if calls in (1, 3, 4):
            raise httpx.ConnectError("[Errno 111] Connection refused", request=request)
        return httpx.Response(200, json=VERSION)

    async with client(answer) as engine:
        with pytest.raises(EngineUnreachable):
            await engine.version()
        assert calls == 1
        await engine.version()
        await engine.version()
    assert calls == 5


async def test_the_pauses_between_tries_grow_and_stay_short() -> None:
    from tui_migrate.engine.client import EngineClient

    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    carrier = Scripted(lambda request: httpx.Response(503))
    async with EngineClient(EngineSettings(BASE), carrier=carrier, sleep=sleep) as engine:
        with pytest.raises(EngineUnreachable):
            await engine.version()
    assert len(pauses) == 2
    assert all(0 <= pause <= 4 for pause in pauses)


CHANGES = {
    "execute": lambda engine: engine.execute(PLAN, ["i"]),
    "rehearse": lambda engine: engine.rehearse_call(PLAN, ["i"]),
    "execute_async": lambda engine: engine.execute_async(PLAN, ["i"]),
    "suspend": lambda engine: engine.set_batch_suspended("b", True),
    "delete_batch": lambda engine: engine.delete_batch("b"),
    "retries": lambda engine: engine.set_job_retries("j", 1),
    "definition retries": lambda engine: engine.set_job_definition_retries("j", 1),
    "delete_job": lambda engine: engine.delete_job("j"),
    "annotate": lambda engine: engine.annotate_operation("o", "text"),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_read_only_session_sends_no_change(name: str) -> None:
    recorder = always(204)
    async with client(recorder, read_only=True, profile_name="prod") as engine:
        with pytest.raises(ReadOnly, match="Profile 'prod' is read-only"):
            await CHANGES[name](engine)
    assert recorder.requests == []


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "execute_async"])
async def test_a_change_is_sent_once_and_answered_with_nothing(name: str) -> None:
    recorder = always(204)
    async with client(recorder) as engine:
        assert await CHANGES[name](engine) is None
    assert len(recorder.requests) == 1


async def test_a_cancelled_change_is_not_sent_again_and_gives_its_place_back() -> None:
    arrived: list[str] = []
    first = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        arrived.append(request.url.path)
        if request.url.path.endswith("/execute"):
            first.set()
            await asyncio.Event().wait()
        return httpx.Response(200, json=VERSION)

    async with client(answer) as engine:  # type: ignore[arg-type]
        changes = [asyncio.create_task(engine.execute(PLAN, ["i"])) for _ in range(CONCURRENT)]
        await first.wait()
        for change in changes:
            change.cancel()
        results = await asyncio.gather(*changes, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in results)
        assert await engine.version() == "7.24.0"
    assert arrived.count("/engine-rest/migration/execute") <= CONCURRENT


async def test_no_more_than_five_requests_at_once() -> None:
    running, most = 0, 0
    arrived = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == CONCURRENT:
            arrived.set()
        await arrived.wait()
        await asyncio.sleep(0)
        running -= 1
        return httpx.Response(200, json=VERSION)

    async with client(answer) as engine:  # type: ignore[arg-type]
        await asyncio.gather(*(engine.version() for _ in range(20)))
    assert most == CONCURRENT == 5


async def test_listeners_are_told_of_each_request_without_secrets() -> None:
    records: list[RequestRecord] = []
    recorder = Recorder(lambda request: engine_error(404, "InvalidRequestException", "no"))
    async with client(recorder, authentication=Basic("u", Secret("hunter2"))) as engine:
        engine.on_request.append(records.append)
        with pytest.raises(NotFound):
            await engine.definition("loan:1:t1")
        with pytest.raises(NotFound):
            await engine.set_batch_suspended("b", True)
    assert [(one.method, one.path, one.status) for one in records] == [
        ("GET", "/process-definition/loan:1:t1", 404),
        ("PUT", "/batch/b/suspended", 404),
    ]
    assert records[1].bytes_sent == len('{"suspended":true}')
    assert records[0].bytes_received > 0
    assert records[0].seconds > 0
    assert "hunter2" not in repr(records)


async def test_listeners_are_told_of_requests_without_an_answer() -> None:
    records: list[RequestRecord] = []

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with client(fail) as engine:
        engine.on_request.append(records.append)
        with pytest.raises(EngineUnreachable):
            await engine.version()
    assert [(one.status, one.bytes_received) for one in records] == [(None, 0)]


async def test_xml_is_read_once_even_by_many_at_the_same_time() -> None:
    recorder = always(json={"id": "x", "bpmn20Xml": "<a/>"})
    async with client(recorder) as engine:
        assert set(await asyncio.gather(*(engine.definition_xml("x") for _ in range(5)))) == {b"<a/>"}
    assert len(recorder.requests) == 1


async def test_xml_that_could_not_be_read_is_asked_for_again() -> None:
    answers = iter((httpx.Response(500), httpx.Response(200, json={"id": "x", "bpmn20Xml": "<a/>"})))
    async with client(lambda request: next(answers)) as engine:
        with pytest.raises(EngineFault):
            await engine.definition_xml("x")
        assert await engine.definition_xml("x") == b"<a/>"


async def test_xml_survives_that_the_one_who_asked_first_goes_away() -> None:
    release, asked = asyncio.Event(), asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.set()
        await release.wait()
        return httpx.Response(200, json={"id": "x", "bpmn20Xml": "<a/>"})

    async with client(answer) as engine:  # type: ignore[arg-type]
        first = asyncio.create_task(engine.definition_xml("x"))
        await asked.wait()
        second = asyncio.create_task(engine.definition_xml("x"))
        await asyncio.sleep(0)
        first.cancel()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await second == b"<a/>"


def limited(limit: int, rows: int) -> Recorder:
    """An engine with `queryMaxResultsLimit` and that many instances."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/version"):
            return httpx.Response(200, json=VERSION)
        first, size = (int(request.url.params[name]) for name in ("firstResult", "maxResults"))
        if size > limit:
            return engine_error(400, "BadUserRequestException", f"Max results limit of {limit} exceeded!")
        ids = range(first, min(first + size, rows))
        return httpx.Response(200, json=[{"id": str(one), "definitionId": "d"} for one in ids])

    return Recorder(answer)


@pytest.mark.parametrize("rows", [0, 99, 100, 250, 1000])
async def test_pages_shrink_to_the_engines_limit_and_it_is_remembered(rows: int) -> None:
    recorder = limited(100, rows)
    async with client(recorder) as engine:
        found = await engine.instances(InstanceQuery(), limit=None)
        assert [one.id for one in found] == [str(number) for number in range(rows)]
        requests = len(recorder.requests)
        assert requests == 1 + 1 + rows // 100 + 1
        await engine.instances(InstanceQuery(), first=5, limit=120)
    sizes = [request.url.params["maxResults"] for request in recorder.requests[requests:]]
    assert sizes == (["100", "20"] if rows > 105 else ["100"])


async def test_a_limit_below_the_engines_takes_one_request() -> None:
    recorder = limited(1000, 500)
    async with client(recorder) as engine:
        found = await engine.instances(InstanceQuery(), first=10, limit=50)
    assert [one.id for one in found][:2] == ["10", "11"]
    assert isinstance(found[0], ProcessInstance)
    assert len(recorder.requests) == 2


async def test_a_limit_that_makes_no_sense_is_an_error_and_no_endless_loop() -> None:
    for message in ("Max results limit of 0 exceeded!", "Max results limit of 5000 exceeded!", "An unbound number"):
        recorder = Recorder(
            lambda request, message=message: (
                httpx.Response(200, json=VERSION)  # type: ignore[misc]
                if request.url.path.endswith("/version")
                else engine_error(400, "BadUserRequestException", message)
            )
        )
        async with client(recorder) as engine:
            with pytest.raises(EngineRefused):
                await engine.instances(InstanceQuery(), limit=None)
        assert len(recorder.requests) == 2


async def test_nothing_is_asked_for_no_rows() -> None:
    recorder = always(json=VERSION)
    async with client(recorder) as engine:
        await engine.connect()
        assert await engine.instances(InstanceQuery(), limit=0) == []
        assert await engine.instances(InstanceQuery(process_instance_ids=())) == []
        assert await engine.count_instances(InstanceQuery(activity_id_in=())) == 0
        assert await engine.jobs(JobQuery(job_ids=())) == []
        assert await engine.variables([]) == []
        assert await engine.incidents(job_definition_ids=[]) == []
        assert await engine.definitions(ids=[]) == []
    assert recorder.paths == ["GET /version"]


async def test_an_activity_without_an_id_is_no_foreign_answer() -> None:
    """Operaton 1.0.3, once in some ten thousand random instances: the details of such an instance must open."""
    node = {"activityId": "a", "processInstanceId": "i", "processDefinitionId": "d"}
    tree = {**node, "id": "i", "childActivityInstances": [{**node, "id": None}]}
    async with client(lambda _: httpx.Response(200, json=tree)) as engine:
        assert (await engine.activity_tree("i")).child_activity_instances[0].id is None
