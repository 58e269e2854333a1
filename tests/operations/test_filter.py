from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tui_migrate.engine.features import features_of
from tui_migrate.operations.filter import (
    CRITERIA,
    FilterError,
    InstanceFilter,
    complete,
    offers,
    parse_filter,
    word_start,
)
from tui_migrate.operations.filter_text import quote, tokens

NEW = features_of("7.24.0")
OLD = features_of("7.17.0")
BETWEEN = features_of("7.20.0")


def runtime_body(text: str) -> dict[str, object]:
    body = parse_filter(text, zone=UTC).queries("PD", NEW).runtime.to_body(NEW)
    assert body.pop("processDefinitionId") == "PD"
    return body


def history_body(text: str) -> dict[str, object]:
    history = parse_filter(text, zone=UTC).queries("PD", NEW).history
    assert history is not None
    body = history.to_body(NEW)
    assert body.pop("processDefinitionId") == "PD"
    assert body.pop("unfinished") is True
    return body


EXAMPLES = {
    "id:1,2": {"processInstanceIds": ["1", "2"]},
    "bk:EU-1": {"businessKey": "EU-1"},
    "bk:EU-*": {"businessKeyLike": "EU-%"},
    "businessKey:EU-1": {"businessKey": "EU-1"},
    "activity:ask,decide": {"activityIdIn": ["ask", "decide"]},
    "ACTIVITY:ask": {"activityIdIn": ["ask"]},
    "var:a=1": {"variables": [{"name": "a", "operator": "eq", "value": 1}]},
    "ignorecase:names,values": {"variableNamesIgnoreCase": True, "variableValuesIgnoreCase": True},
    "active": {"active": True},
    "suspended": {"suspended": True},
    "incident": {"withIncident": True},
    "incident:failedJob": {"incidentType": "failedJob"},
    "message:boom": {"incidentMessage": "boom"},
    'message:"*timed out*"': {"incidentMessageLike": "%timed out%"},
    "incidentId:7": {"incidentId": "7"},
    "parent:7": {"superProcessInstance": "7"},
    "sub:7": {"subProcessInstance": "7"},
    "root:7": {"rootProcessInstanceId": "7"},
    "top": {"rootProcessInstances": True},
    "leaf": {"leafProcessInstances": True},
    "tenant:a,b": {"tenantIdIn": ["a", "b"]},
    "notenant": {"withoutTenantId": True},
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_criterion_becomes_the_member_of_the_runtime_query(text: str) -> None:
    assert runtime_body(text) == EXAMPLES[text]


def test_the_examples_cover_every_criterion() -> None:
    covered = {term.criterion.word for text in EXAMPLES for term in parse_filter(text).terms}
    assert covered == {criterion.word for criterion in CRITERIA if not criterion.history}


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.word)
def test_the_example_of_each_criterion_can_be_read_and_is_sent(criterion: object) -> None:
    queries = parse_filter(criterion.example).queries("PD", NEW)  # type: ignore[attr-defined]
    sent = queries.runtime.used_fields() | (queries.history.used_fields() if queries.history else frozenset())
    assert len(sent - {"processDefinitionId", "unfinished"}) >= 1


def test_criteria_are_joined() -> None:
    assert runtime_body("bk:EU-* activity:ask suspended var:a=1 var:b=2") == {
        "businessKeyLike": "EU-%",
        "activityIdIn": ["ask"],
        "suspended": True,
        "variables": [
            {"name": "a", "operator": "eq", "value": 1},
            {"name": "b", "operator": "eq", "value": 2},
        ],
    }


@pytest.mark.parametrize(
    ("text", "operator", "value"),
    [
        ("var:n=1", "eq", 1),
        ("var:n!=1", "neq", 1),
        ("var:n>1", "gt", 1),
        ("var:n>=1", "gteq", 1),
        ("var:n<-1.5", "lt", -1.5),
        ("var:n<=1e3", "lteq", 1000.0),
        ("var:n~EU*", "like", "EU%"),
        ('var:n~"100% *"', "like", "100\\% %"),
        ("var:n=true", "eq", True),
        ("var:n!=null", "neq", None),
        ('var:n="true"', "eq", "true"),
        ('var:n="1"', "eq", "1"),
        ('var:n=""', "eq", ""),
        ("var:n=EU", "eq", "EU"),
        ('var:n="a*b"', "eq", "a*b"),
        ("var:n=2026-11-01", "eq", "2026-11-01T00:00:00.000+0000"),
        ("var:n<2026-11-01T09:30:15.250+02:00", "lt", "2026-11-01T07:30:15.250+0000"),
        ('var:n="2026-11-01"', "eq", "2026-11-01"),
        ('var:"a b"=x', "eq", "x"),
        ("var:n=a=b", "eq", "a=b"),
        ("var:n=x:y", "eq", "x:y"),
    ],
)
def test_a_variable_is_compared_in_the_type_that_its_form_shows(text: str, operator: str, value: object) -> None:
    variables: Any = runtime_body(text)["variables"]
    [criterion] = variables
    assert (criterion["operator"], criterion["value"]) == (operator, value)
    assert type(criterion["value"]) is type(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("started:<2026-11-01", {"startedBefore": "2026-10-31T23:59:59.999+0000"}),
        ("started:<=2026-11-01", {"startedBefore": "2026-11-01T23:59:59.999+0000"}),
        ("started:>2026-11-01", {"startedAfter": "2026-11-02T00:00:00.000+0000"}),
        ("started:>=2026-11-01", {"startedAfter": "2026-11-01T00:00:00.000+0000"}),
        (
            "started:2026-11-01",
            {"startedAfter": "2026-11-01T00:00:00.000+0000", "startedBefore": "2026-11-01T23:59:59.999+0000"},
        ),
        (
            "started:2026-11-01T09:30",
            {"startedAfter": "2026-11-01T09:30:00.000+0000", "startedBefore": "2026-11-01T09:30:59.999+0000"},
        ),
        ("started:>=2026-11-01T09:30:00.250Z", {"startedAfter": "2026-11-01T09:30:00.250+0000"}),
        (
            "started:>=2026-11-01 started:<2026-11-03",
            {"startedAfter": "2026-11-01T00:00:00.000+0000", "startedBefore": "2026-11-02T23:59:59.999+0000"},
        ),
        ("startedBy:mary", {"startedBy": "mary"}),
    ],
)
def test_the_start_is_a_criterion_of_history(text: str, expected: dict[str, object]) -> None:
    assert parse_filter(text).needs_history
    assert history_body(text) == expected
    assert runtime_body(text) == {}


def test_a_date_without_an_offset_is_in_the_zone_of_the_reader() -> None:
    zone = timezone(timedelta(hours=2))
    history = parse_filter("started:>=2026-11-01", zone=zone).queries("PD", NEW).history
    assert history is not None
    assert history.started_after == datetime(2026, 10, 31, 22, tzinfo=UTC)


def test_mixed_criteria_become_two_queries_each_with_its_own() -> None:
    assert runtime_body("suspended started:<2026-11-01") == {"suspended": True}
    assert history_body("suspended started:<2026-11-01") == {"startedBefore": "2026-10-31T23:59:59.999+0000"}


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("bk:a bq:x", "Did you mean 'bk'", 5),
        ("suspendet", "Did you mean 'suspended'", 0),
        ("EU-10023", "A business key is written bk:EU-10023", 0),
        ("bk:", "needs a value", 0),
        ("  bk", "needs a value", 2),
        ("id:,", "needs a value", 0),
        ("active:yes", "stands alone", 0),
        ("active suspended", "exclude each other", 7),
        ("notenant tenant:a", "exclude each other", 9),
        ("bk:a bk:b", "is there twice", 5),
        ("activity:a activity:b", "joined by commas", 11),
        ("var:a", "compared by one of", 0),
        ("var:=1", "compared by one of", 0),
        ("var:a=x*", "A pattern is compared by ~", 0),
        ("var:a>true", "only be compared by = and !=", 0),
        ("var:a>=null", "only be compared by = and !=", 0),
        ("var:a=99999999999999999999", "beyond the engine's largest integer", 0),
        ("var:a=1e999", "beyond the engine's largest number", 0),
        ("var:a=2026-02-30", "no date", 0),
        ("started:yesterday", "no date", 0),
        ("started:<0001-01-01T00:00+05:00", "no date", 0),
        ("ignorecase:all", "takes names and values", 0),
        ('bk:a "x', "not closed", 5),
        ("bk:a\\", "backslash", 4),
    ],
)
def test_what_cannot_be_sent_is_an_error_with_its_position(text: str, message: str, position: int) -> None:
    with pytest.raises(FilterError, match=message) as caught:
        parse_filter(text)
    assert caught.value.position == position


def test_quotes_and_backslashes() -> None:
    assert runtime_body('bk:"a b"') == {"businessKey": "a b"}
    assert runtime_body("bk:'a \"b'") == {"businessKey": 'a "b'}
    assert runtime_body(r"bk:a\*b") == {"businessKey": "a*b"}
    assert runtime_body(r"bk:a\*b*") == {"businessKeyLike": "a*b%"}
    assert runtime_body("bk:50%_*") == {"businessKeyLike": "50\\%\\_%"}
    assert runtime_body('id:"a,b",c') == {"processInstanceIds": ["a,b", "c"]}


@pytest.mark.parametrize("value", ["plain", "a b", 'a"b', "a'b", "a\\b", "EU-*", "x,y", "a:b", "50%", "", "ü 中"])
def test_a_quoted_value_is_read_back(value: str) -> None:
    [token] = tokens("bk:" + quote(value))
    assert token.part(3).text == value
    assert not token.part(3).is_pattern


def test_the_text_of_a_filter_reads_back_to_the_same_filter() -> None:
    text = 'businessKey:"EU 1*"   ACTIVE var:a>=1 started:<2026-11-01'
    read = parse_filter(text)
    again = parse_filter(read.text)
    assert again.text == read.text == 'bk:"EU 1*" active var:a>=1 started:<2026-11-01'
    assert [term.fields for term in again.terms] == [term.fields for term in read.terms]


def test_no_text_is_no_filter() -> None:
    assert parse_filter("  ").is_empty
    assert InstanceFilter().queries("PD", NEW).runtime.to_body(NEW) == {"processDefinitionId": "PD"}


def test_what_the_engine_ignores_is_refused_and_not_left_out() -> None:
    from tui_migrate.errors import UsageError

    with pytest.raises(UsageError, match="rootProcessInstanceId"):
        parse_filter("root:7").queries("PD", OLD)
    assert parse_filter("root:7").queries("PD", BETWEEN).runtime.root_process_instance_id == "7"


def test_offers_tell_why_a_criterion_is_missing() -> None:
    reasons = {offer.criterion.word: offer.reason for offer in offers(OLD, history=False)}
    assert "7.17.0 ignores rootProcessInstanceId" in (reasons["root"] or "")
    assert "no history" in (reasons["started"] or "")
    assert reasons["bk"] is None
    assert all(offer.reason is None for offer in offers(NEW, history=True))
    assert {offer.criterion.word for offer in offers(BETWEEN, history=True) if offer.reason} == set()


def test_completion() -> None:
    assert complete("a", 1) == ("activity:", "active")
    assert complete("bk:x sus", 8) == ("suspended",)
    assert complete("bk:x sus", 4) == ()
    assert complete("", 0)[:3] == ("id:", "bk:", "activity:")
    values = {"activity": ["ask_papers", "ask again", "decide"]}
    assert complete("activity:as", 11, values=values) == ("activity:ask_papers", 'activity:"ask again"')
    assert complete("at:decide,as", 12, values=values) == ("activity:decide,ask_papers", 'activity:decide,"ask again"')
    assert complete("root", 4, offered=offers(OLD, history=True)) == ()
    assert word_start('bk:"a b" x', 7) == 0
    assert word_start("bk:a x", 6) == 5
