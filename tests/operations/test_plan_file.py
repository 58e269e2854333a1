from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import order_1, order_2, planning
from tui_migrate.errors import PlanError, UsageError
from tui_migrate.migration.plan import Instruction
from tui_migrate.operations.plan import open_plan
from tui_migrate.operations.plan_file import (
    Made,
    PlanFile,
    PlanOptions,
    bind_plan_file,
    make_plan_file,
    parse_plan_file,
    plan_file_schema,
    read_plan_file,
    write_plan_file,
)
from tui_migrate.sandbox.engine import SandboxEngine

SCHEMA = Path(__file__).parents[2] / "docs" / "plan-file.schema.json"


def file_of(**members: Any) -> dict[str, Any]:
    return {
        "tui-migrate-plan": 1,
        "source": {"key": "order", "version": 1},
        "target": {"key": "order"},
        "instructions": [{"source": "check", "target": "check"}],
        **members,
    }


def parse(content: Any) -> PlanFile:
    return parse_plan_file(json.dumps(content))


async def made_plan(engine: SandboxEngine | RunningEngine, one: str, two: str) -> PlanFile:
    async with planning(engine) as here:
        plan = await open_plan(here.session, one, two)
        plan.draft.map("ask", "request")
        return make_plan_file(
            plan,
            comment="Für „später“\nCHG-4711",
            variables={"n": {"value": 1, "type": "Integer"}, "free": {"value": None}},
            options=PlanOptions(asynchronous=True, canary=10),
            made=Made(at=here.session.clock.now(), engine=here.session.engine_label),
        )


def two_versions(engine: SandboxEngine | None = None, tenant: str | None = None) -> tuple[SandboxEngine, str, str]:
    engine = engine or SandboxEngine()
    return engine, engine.deploy(order_1(), tenant=tenant), engine.deploy(order_2(), tenant=tenant)


# -- the format --------------------------------------------------------------------------------------------------------


def test_the_schema_in_the_documentation_is_the_models() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == plan_file_schema(), "run python -m scripts.plan_file_schema"


async def test_a_plan_file_is_written_and_read_back(tmp_path: Path) -> None:
    file = await made_plan(*two_versions())
    path = tmp_path / "plan.json"
    write_plan_file(file, path)
    again = read_plan_file(path)
    assert again == file
    assert again.to_instructions() == file.to_instructions()
    assert again.to_variables() == {"n": {"value": 1, "type": "Integer"}, "free": {"value": None}}
    assert again.notices == ()
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert '\n    {"source": "check", "target": "check"},\n' in text, "one line for each instruction"
    jsonschema.validate(json.loads(text), json.loads(SCHEMA.read_text(encoding="utf-8")))


async def test_the_documented_example_is_read() -> None:
    documentation = (SCHEMA.parent / "plan-file.md").read_text(encoding="utf-8")
    example = documentation.split("```json\n", 1)[1].split("```", 1)[0]
    content = json.loads(example.replace("41dc…", "4" * 64).replace("ae3f…", "a" * 64))
    jsonschema.validate(content, json.loads(SCHEMA.read_text(encoding="utf-8")))
    file = parse(content)
    assert file.options.canary == 10
    assert file.to_instructions()[1] == Instruction("three_days", "five_days", True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tui-migrate-plan": 2}, "format 2, this tui-migrate knows up to 1; update it"),
        ({"tui-migrate-plan": "1"}, "tui-migrate-plan: "),
        ({"comments": "x"}, r'comments is not known \(did you mean "comment"\?\)'),
        (
            {"options": {"skipIoMapping": True}},
            r'options.skipIoMapping is not known \(did you mean "skipIoMappings"\?\)',
        ),
        ({"options": {"canary": -1}}, "options.canary: "),
        ({"options": {"canary": True}}, "options.canary: "),
        ({"options": {"asynchronous": 1}}, "options.asynchronous: "),
        ({"source": {}}, "source: .*needs a key"),
        ({"source": {"key": "p", "version": 0}}, "source.version: "),
        ({"source": {"key": "p", "version": "3"}}, "source.version: "),
        ({"source": {"key": "p", "tag": "x"}}, "source.tag is not known"),
        ({"source": {"key": "p", "hashes": {"text": "x", "rules": "y"}}}, "source.hashes.text: "),
        ({"instructions": [{"source": "a"}]}, r"instructions\[0\].target is missing"),
        ({"instructions": [{"source": ["a", "b"], "target": "c"}]}, "of several the engine reads only the first"),
        (
            {"instructions": [{"source": "a", "target": "b", "updateEventTriggers": True}]},
            'did you mean "updateEventTrigger"',
        ),
        ({"instructions": [{"source": "a", "target": "b", "updateEventTrigger": "yes"}]}, r"instructions\[0\]"),
        ({"instructions": {"a": "b"}}, "instructions: "),
        ({"variables": {"n": 1}}, "variables.n: "),
        ({"variables": {"n": {"value": 1, "typ": "Integer"}}}, 'variables.n.typ is not known .*"type"'),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        parse(file_of(**change))


def test_a_null_activity_is_kept_for_validation_to_report() -> None:
    file = parse(file_of(instructions=[{"source": None, "target": "b"}]))
    assert file.to_instructions() == (Instruction(None, "b"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no JSON: .*\(line 1, column 1\)"),
        ("{", r"no JSON"),
        ("[]", "no plan"),
        ("{}", "no plan"),
        ('{"tui-migrate-plan": 1, "source": {"key": "a", "key": "b"}}', '"key" is there twice'),
        ('{"tui-migrate-plan": NaN}', "NaN is no JSON value"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_plan_says_so(text: str, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        parse_plan_file(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"nope\.json can't be read: No such file"):
        read_plan_file(tmp_path / "nope.json")
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{"tui-migrate-plan": 1, "comment": "\xfc"}')
    with pytest.raises(PlanError, match="not UTF-8 \\(byte 36\\)"):
        read_plan_file(latin)
    wrong = tmp_path / "wrong.json"
    wrong.write_text("\ufeff{}", encoding="utf-8")
    with pytest.raises(PlanError, match=r"wrong\.json: This is no plan"):
        read_plan_file(wrong)


# -- writing -----------------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    write_plan_file(parse(file_of()), link)
    assert read_plan_file(path) == parse(file_of())
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link.json", "plan.json"]


def test_when_writing_fails_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PlanError, match="can't be written: No space left"):
        write_plan_file(parse(file_of()), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="can't be written: No such file"):
        write_plan_file(parse(file_of()), tmp_path / "nope" / "plan.json")


# -- the engine's own JSON ---------------------------------------------------------------------------------------------


def engine_plan(**members: Any) -> dict[str, Any]:
    return {
        "sourceProcessDefinitionId": "order:1:x",
        "targetProcessDefinitionId": "order:2:y",
        "instructions": [{"sourceActivityIds": ["a"], "targetActivityIds": ["b"], "updateEventTrigger": True}],
        **members,
    }


def test_the_engines_own_plan_is_read() -> None:
    file = parse(engine_plan(variables={"n": {"value": 1, "type": "Integer", "valueInfo": {}}}))
    assert (file.source.id, file.target.id) == ("order:1:x", "order:2:y")
    assert file.to_instructions() == (Instruction("a", "b", True),)
    assert file.to_variables() == {"n": {"value": 1, "type": "Integer"}}
    assert len(file.notices) == 1
    assert "no hashes" in file.notices[0]
    assert parse(engine_plan(instructions=None, variables=None)).instructions == ()


def test_the_body_of_an_execution_is_read() -> None:
    body = {"migrationPlan": engine_plan(), "processInstanceIds": ["1"], "skipCustomListeners": True}
    file = parse(body)
    assert file.options.skip_custom_listeners is True
    assert file.options.skip_io_mappings is None
    assert "selection of instances is not part of a plan" in file.notices[0]


@pytest.mark.parametrize(
    ("members", "notice"),
    [
        ({"instruction": []}, 'ignores the member "instruction" of the plan.* Did you mean "instructions"'),
        (
            {"instructions": [{"sourceActivityIds": ["a", "x"], "targetActivityIds": ["b"]}]},
            'Of sourceActivityIds of instruction 1 the engine reads only the first, "a"; not read: "x"',
        ),
        (
            {"instructions": [{"sourceActivityIds": ["a"], "targetActivityIds": [None]}]},
            "targetActivityIds of instruction 1 holds null; the engine calls the plan invalid",
        ),
        (
            {"instructions": [{"sourceActivityIds": ["a"], "targetActivityIds": ["b"], "updateEventTriggers": True}]},
            'ignores the member "updateEventTriggers" of instruction 1.*"updateEventTrigger"',
        ),
        ({"variables": {"n": {"value": 1, "typ": "x"}}}, 'ignores the member "typ" of variable "n"'),
    ],
)
def test_what_the_engine_would_make_of_odd_members_is_said(members: dict[str, Any], notice: str) -> None:
    import re

    notices = parse(engine_plan(**members)).notices
    assert any(re.search(notice, one) for one in notices), notices


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"sourceProcessDefinitionId": None}, "sourceProcessDefinitionId must be the id"),
        ({"instructions": [{"sourceActivityIds": [], "targetActivityIds": ["b"]}]}, "internal error"),
        ({"instructions": [{"sourceActivityIds": "a", "targetActivityIds": ["b"]}]}, "internal error"),
        ({"instructions": [{"targetActivityIds": ["b"]}]}, "sourceActivityIds of instruction 1 must be a list"),
        ({"instructions": [{"sourceActivityIds": [1], "targetActivityIds": ["b"]}]}, "no activity id"),
        ({"instructions": ["x"]}, "instruction 1 must be an object"),
        ({"instructions": {"a": 1}}, "instructions of the plan must be a list"),
        ({"variables": []}, "variables of the plan must be an object"),
        ({"variables": {"n": 1}}, 'variable "n" must be an object'),
        (
            {"instructions": [{"sourceActivityIds": ["a"], "targetActivityIds": ["b"], "updateEventTrigger": "x"}]},
            "updateEventTrigger of instruction 1 must be true or false",
        ),
    ],
)
def test_what_the_engine_would_refuse_is_refused(members: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        parse(engine_plan(**members))


# -- binding -----------------------------------------------------------------------------------------------------------


async def test_a_plan_is_bound_to_the_definitions_of_another_engine() -> None:
    file = await made_plan(*two_versions())
    other = SandboxEngine(version="1.0.3")
    other.deploy(order_1("something-else"))
    _, one, two = two_versions(other)
    async with planning(other) as here:
        bound = await bind_plan_file(here.session, file)
        assert (bound.open_plan.source.id, bound.open_plan.target.id) == (one, two)
        assert set(bound.open_plan.draft.instructions) == set(file.to_instructions())
        assert bound.open_plan.draft.origin_of("ask") == "imported"
        assert not bound.open_plan.draft.changed
        assert (bound.notices, bound.changes, bound.verdict) == ((), (), None)
        assert len(here.requests) == 8, "the engine's version, two definitions, five to open"


async def bound_to(
    source: bytes, target: bytes, *, change: Callable[[dict[str, Any]], None] | None = None, revalidate: bool = False
) -> Any:
    """Binds the plan of `order_1` and `order_2` to other models."""
    file = await made_plan(*two_versions())
    content = json.loads(file.to_json())
    if change is not None:
        change(content)
    engine = SandboxEngine()
    engine.deploy(source)
    engine.deploy(target)
    async with planning(engine) as here:
        return await bind_plan_file(here.session, parse(content), revalidate=revalidate)


async def test_another_text_alone_is_a_notice() -> None:
    bound = await bound_to(order_1().replace(b"Check documents", b"Check papers"), order_2())
    assert bound.notices == (
        "The source's XML has another text than the plan's, with nothing in it that the rules read.",
    )


async def test_other_rules_are_refused_and_it_is_said_what_changed() -> None:
    changed = (
        order_2()
        .replace(b'<userTask id="request"', b'<receiveTask id="request"')
        .replace(b'<userTask id="check"', b'<userTask id="check" camunda:asyncBefore="true"')
    )
    with pytest.raises(PlanError) as caught:
        await bound_to(order_1(), changed)
    message = str(caught.value)
    assert "In the target order:2:" in message
    assert "activity 'check' changed: now async before." in message
    assert "activity 'request' changed: no longer userTask, UserTaskActivityBehavior; now receiveTask" in message
    assert "--revalidate" in message


async def test_revalidating_takes_it_and_asks_the_engine() -> None:
    changed = order_2().replace(b'<userTask id="request"', b'<receiveTask id="request"')
    bound = await bound_to(order_1(), changed, revalidate=True)
    assert "'request' changed" in bound.changes[0]
    assert not bound.open_plan.draft.report.valid
    assert bound.verdict is not None
    assert not bound.verdict.report.valid


async def test_without_the_list_of_activities_it_still_refuses() -> None:
    def change(content: dict[str, Any]) -> None:
        del content["target"]["activities"]

    with pytest.raises(PlanError, match="in what can't be told"):
        await bound_to(
            order_1(), order_2().replace(b'<userTask id="request"', b'<receiveTask id="request"'), change=change
        )


async def test_without_hashes_nothing_is_checked_and_it_is_said() -> None:
    def change(content: dict[str, Any]) -> None:
        del content["target"]["hashes"]

    bound = await bound_to(
        order_1(), order_2().replace(b'<userTask id="request"', b'<receiveTask id="request"'), change=change
    )
    assert bound.notices == ("The plan has no hashes of its target: whether the model is the same can't be told.",)


async def test_an_edited_list_of_activities_is_noticed() -> None:
    def change(content: dict[str, Any]) -> None:
        content["source"]["activities"]["check"] = "edited"

    bound = await bound_to(order_1(), order_2(), change=change)
    assert bound.notices == ("The plan's list of the source's activities was edited: it doesn't fit its hash.",)


async def test_the_version_tag_decides_and_the_models_tell_equal_tags_apart() -> None:
    file = await made_plan(*two_versions())
    engine = SandboxEngine()
    one = engine.deploy(order_1())
    two = engine.deploy(order_2())
    other = order_2().replace(b'<userTask id="request"', b'<receiveTask id="request"')
    engine.deploy(other)
    async with planning(engine) as here:
        bound = await bind_plan_file(here.session, file)
        assert (bound.open_plan.source.id, bound.open_plan.target.id) == (one, two), "version 3 has the tag too"
        assert bound.notices == ()


async def test_another_version_number_with_the_tag_is_a_notice() -> None:
    file = await made_plan(*two_versions())
    engine = SandboxEngine()
    engine.deploy(order_1())
    engine.deploy(order_1())
    engine.deploy(order_2())
    async with planning(engine) as here:
        bound = await bind_plan_file(here.session, file)
        assert bound.notices == (
            "The source is version 2 here; the plan was made with version 1.",
            "The target is version 3 here; the plan was made with version 2.",
        )


async def test_the_tenant_is_part_of_the_reference() -> None:
    file = await made_plan(*two_versions())
    engine, _, two = two_versions(tenant="north")
    async with planning(engine) as here:
        with pytest.raises(
            UsageError, match=r"without a tenant, which is not on this engine\. It is there for the tenants: north"
        ):
            await bind_plan_file(here.session, file)
        bound = await bind_plan_file(here.session, file, tenant="north")
        assert bound.open_plan.target.id == two


async def test_definitions_can_be_named_in_place_of_the_files() -> None:
    engine, one, two = two_versions()
    file = parse(engine_plan(instructions=[{"sourceActivityIds": ["ask"], "targetActivityIds": ["request"]}]))
    async with planning(engine) as here:
        with pytest.raises(UsageError, match="say which are meant here"):
            await bind_plan_file(here.session, file)
        bound = await bind_plan_file(here.session, file, source="order:1", target="order")
        assert (bound.open_plan.source.id, bound.open_plan.target.id) == (one, two)
        assert bound.open_plan.draft.instructions == (Instruction("ask", "request"),)


async def test_made_on_camunda_and_applied_on_operaton_unchanged(
    camunda_724: RunningEngine, operaton: RunningEngine, tmp_path: Path
) -> None:
    key = rest.new_key("travels")
    ids = {}
    for engine in (camunda_724, operaton):
        ids[engine.name] = [
            rest.deploy(engine.url, {"p.bpmn": xml.decode()})[0] for xml in (order_1(key), order_2(key))
        ]
    path = tmp_path / "plan.json"
    write_plan_file(await made_plan(camunda_724, *ids[camunda_724.name]), path)
    async with planning(operaton) as here:
        bound = await bind_plan_file(here.session, read_plan_file(path))
        assert [bound.open_plan.source.id, bound.open_plan.target.id] == ids[operaton.name]
        assert bound.changes == ()
        assert (await here.session.engine.validate(bound.open_plan.plan())).valid
