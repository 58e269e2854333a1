"""Whatever is typed or read from a file: it is understood, or it is one of our errors."""

from __future__ import annotations

import json
from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from tui_migrate.engine.features import features_of
from tui_migrate.errors import PlanError
from tui_migrate.operations.filter import CRITERIA, FilterError, complete, parse_filter, word_start
from tui_migrate.operations.filter_text import quote
from tui_migrate.operations.plan_file import PlanFile, parse_plan_file

WORDS = st.sampled_from([criterion.word for criterion in CRITERIA])
PIECES = st.one_of(
    st.text(max_size=8),
    WORDS,
    st.sampled_from([":", ",", '"', "'", "\\", "*", "=", ">=", "<", "~", " ", "2026-11-01", "1e999", "null", "-5"]),
)
NAMES = st.sampled_from(
    [
        "tui-migrate-plan", "source", "target", "instructions", "variables", "options", "comment", "key", "version",
        "versionTag", "hashes", "activities", "sourceProcessDefinitionId", "targetProcessDefinitionId", "migrationPlan",
        "sourceActivityIds", "targetActivityIds", "updateEventTrigger", "value", "type", "valueInfo", "made", "at", "x",
    ]
)  # fmt: skip
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 2**70), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(NAMES, st.text(max_size=3)), inner)),
    max_leaves=12,
)
DEFINITION = st.fixed_dictionaries({"key": st.just("p")}, optional={"version": JSON, "tenant": JSON, "hashes": JSON})
OWN = st.fixed_dictionaries(
    {"tui-migrate-plan": st.just(1), "source": DEFINITION, "target": DEFINITION},
    optional={"instructions": JSON, "variables": JSON, "options": JSON, "made": JSON, "comment": JSON},
)
INSTRUCTION = st.fixed_dictionaries({"sourceActivityIds": JSON, "targetActivityIds": JSON}, optional={"x": JSON})
ENGINES = st.fixed_dictionaries(
    {"sourceProcessDefinitionId": st.just("p:1:x"), "targetProcessDefinitionId": st.just("p:2:y")},
    optional={"instructions": st.one_of(JSON, st.lists(INSTRUCTION, max_size=2)), "variables": JSON},
)
NEW = features_of("7.24.0")


@given(st.lists(PIECES, max_size=8).map("".join))
def test_any_text_is_a_filter_or_an_error_that_points_into_it(text: str) -> None:
    problem = None
    try:
        read = parse_filter(text, zone=UTC)
    except FilterError as error:
        problem = error
    if problem is not None:
        assert 0 <= problem.position <= len(text)
        assert str(problem).isprintable()
        return
    assert [term.fields for term in parse_filter(read.text, zone=UTC).terms] == [term.fields for term in read.terms]
    queries = read.queries("PD", NEW)
    sent = queries.runtime.used_fields() | (queries.history.used_fields() if queries.history else set())
    wanted = {name for term in read.terms for name in term.fields}
    assert len(sent - {"processDefinitionId", "unfinished"}) == len(wanted), "each criterion is sent"


@given(st.text(max_size=20))
def test_any_value_can_be_quoted(value: str) -> None:
    if not value:
        return
    [term] = parse_filter(f"bk:{quote(value)}").terms
    assert term.fields == {"business_key": value}


@given(st.lists(PIECES, max_size=6).map("".join), st.integers(0, 40))
def test_completion_never_fails(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    assert 0 <= word_start(text, cursor) <= cursor
    complete(text, cursor, values={"activity": ["a b", "c"]})


@settings(max_examples=200)
@given(st.one_of(JSON, OWN, ENGINES))
def test_any_json_is_a_plan_or_a_plan_error(content: object) -> None:
    problem = None
    try:
        file = parse_plan_file(json.dumps(content))
    except PlanError as error:
        problem = str(error)
    if problem is not None:
        assert problem.isprintable(), "one line, with nothing that a terminal obeys"
        return
    assert isinstance(file, PlanFile)
    assert parse_plan_file(file.to_json()).model_dump() == file.model_dump(), "nothing is lost in our own form"
