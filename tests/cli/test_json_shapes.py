"""The shapes of all JSON on stdout, kept in the repository: a changed one is a breaking change and must be meant.

`pytest tests/cli/test_json_shapes.py --snapshot-update` writes them anew; SHAPE_VERSION goes up with it where a reader
of the old shape would break.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from tui_migrate.cli.output import SHAPE_VERSION

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.cli.conftest import CommandLine, Result

MODELS = Path(__file__).parent / "models"
DYNAMIC = ("variables", "options", "report", "instanceVariables")
"""Members whose keys are the user's own, or the engine's; their shape is not ours to promise."""


def shape(value: Any, name: str = "") -> Any:
    """Return what a reader relies on: names of members and kinds of values, no values."""
    if isinstance(value, dict):
        return "object" if name in DYNAMIC else {key: shape(one, key) for key, one in sorted(value.items())}
    if isinstance(value, list):
        return [merged([shape(one) for one in value])] if value else []
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}
    return kinds[type(value)]


def merged(shapes: list[Any]) -> Any:
    """Return the shape of all elements of a list: their members together, their kinds joined."""
    if all(isinstance(one, dict) for one in shapes):
        keys = sorted({key for one in shapes for key in one})
        return {key: merged([one[key] for one in shapes if key in one]) for key in keys}
    if all(isinstance(one, list) for one in shapes):
        inner = [element for one in shapes for element in one]
        return [merged(inner)] if inner else []
    words = sorted({word for one in shapes for word in (one.split("|") if isinstance(one, str) else [json.dumps(one)])})
    return "|".join(words)


def documents(cli: CommandLine) -> dict[str, Result]:
    """Return each command's JSON, from a story in which something migrates and something fails."""
    plan = cli.plan()
    made = {
        "definitions": cli("definitions", "--format", "json"),
        "instances": cli("instances", "order:1", "--format", "json"),
        "check": cli("check", str(MODELS / "before.bpmn"), str(MODELS / "after.bpmn"), "--format", "json"),
        "validate": cli("validate", plan, "--format", "json"),
        "forecast": cli("forecast", plan, "--all", "--format", "json"),
        "rehearse": cli("rehearse", plan, "--all", "--yes", "--format", "json"),
        "run-dry": cli("run", plan, "--all", "--dry-run", "--format", "json"),
        "run": cli("run", plan, "--all", "--yes", "--format", "json"),
        "run-nothing": cli("run", plan, "--filter", "bk:NONE", "--yes", "--format", "json"),
        "batches": cli("batches", "--format", "json"),
        "runs": cli("runs", "--format", "json"),
        "doctor": cli("doctor", "--format", "json"),
        "config-show": cli("config", "show", "--format", "json"),
    }
    made["watch"] = cli("watch", made["batches"].json["batches"][0]["id"], "--format", "json")
    run = made["runs"].json["runs"][0]["id"]
    made["runs-show"] = cli("runs", "show", run, "--format", "json")
    made["runs-export"] = cli("runs", "export", run, "--format", "json")
    return made


def test_the_shapes_are_those_of_the_repository(cli: CommandLine, snapshot: SnapshotAssertion) -> None:
    made = documents(cli)
    for name, result in made.items():
        assert result.json["version"] == SHAPE_VERSION, name
        assert result.json["kind"].startswith("tui-migrate."), name
        assert snapshot(name=name, extension_class=JSONSnapshotExtension) == shape(result.json), name


def test_the_plan_file_and_a_line_of_each_list(cli: CommandLine, snapshot: SnapshotAssertion) -> None:
    plan = json.loads(Path(cli.plan()).read_text(encoding="utf-8"))
    assert snapshot(name="plan-file", extension_class=JSONSnapshotExtension) == shape(plan)
    for command in (("definitions",), ("instances", "order:1"), ("runs",), ("batches",)):
        lines = cli(*command, "--format", "jsonl").out.splitlines()
        whole = cli(*command, "--format", "json").json[command[0]]
        assert [json.loads(line) for line in lines] == whole, "one object a line, the same as in the document"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None], ["null|number"]),
        ([{"a": 1}, {"b": "x"}], [{"a": "number", "b": "string"}]),
        ([[1], []], [["number"]]),
    ],
)
def test_shapes_of_lists_are_joined(values: list[Any], expected: Any) -> None:
    assert shape(values) == expected
