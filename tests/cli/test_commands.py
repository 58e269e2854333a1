"""Every command, on the embedded engine: what it prints, what it changes, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import MODEL

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine


def on_version(cli: CommandLine, version: int) -> int:
    row = next(one for one in cli("definitions", "--format", "json").json["definitions"] if one["version"] == version)
    number: int = row["instances"]
    return number


def test_definitions(cli: CommandLine) -> None:
    result = cli("definitions")
    assert result.code == 0
    assert "Order" in result.out
    assert cli("definitions", "--format", "json").json["kind"] == "tui-migrate.definitions"
    assert [json.loads(line)["version"] for line in cli("definitions", "--format", "jsonl").out.splitlines()] == [2, 1]
    assert len(cli("definitions", "--running", "--format", "json").json["definitions"]) == 1
    assert cli("definitions", "nothing-like-this").code == 0


def test_instances_with_filters(cli: CommandLine) -> None:
    assert cli("instances", "order:1", "--format", "json").json["total"] == 7
    assert cli("instances", "order:1", "--filter", "bk:EU-*", "--format", "json").json["total"] == 5
    assert cli("instances", "order:1", "--filter", "activity:pack", "--format", "json").json["total"] == 2
    assert cli("instances", "order:1", "--filter", "var:amount>=300", "--format", "json").json["total"] == 2
    assert len(cli("instances", "order:1", "--ids").out.split()) == 7
    limited = cli("instances", "order:1", "--limit", "3")
    assert "3 of 7 instances shown" in limited.err


def test_a_filter_that_can_not_be_read_lists_nothing(cli: CommandLine) -> None:
    result = cli("instances", "order:1", "--filter", "bussiness:EU-*")
    assert result.code == 2
    assert result.out == ""
    assert "bussiness" in result.err


def test_the_filters_that_this_engine_honours(cli: CommandLine) -> None:
    rows = cli("instances", "--list-filters", "--format", "json").json["filters"]
    assert {"bk", "activity", "started", "var"} <= {row["name"] for row in rows}


def test_plan_says_what_is_missing(cli: CommandLine) -> None:
    result = cli("plan", "order:1", "order")
    assert result.code == 0
    plan = json.loads(result.out)
    assert [one["source"] for one in plan["instructions"]] == ["check"]
    assert "unmapped pack" in result.err


def test_plan_with_suggestions_maps_the_renamed_one(cli: CommandLine) -> None:
    plan = json.loads(cli("plan", "order:1", "order", "--suggestions").out)
    assert {(one["source"], one["target"]) for one in plan["instructions"]} == {
        ("check", "check"),
        ("pack", "pack_goods"),
    }


def test_plan_in_the_form_of_the_engine(cli: CommandLine) -> None:
    plan = json.loads(cli("plan", "order:1", "order", "--engine-format").out)
    assert plan["instructions"] == [
        {"sourceActivityIds": ["check"], "targetActivityIds": ["check"], "updateEventTrigger": False}
    ]


def test_validate_a_valid_and_an_invalid_plan(cli: CommandLine) -> None:
    file = cli.plan()
    assert cli("validate", file).code == 0
    text = Path(file).read_text(encoding="utf-8").replace('"target": "check"', '"target": "nowhere"')
    Path(file).write_text(text, encoding="utf-8")
    result = cli("validate", file, "--format", "json")
    assert result.code == 1
    assert result.json["engine"]["instructions"][0]["failures"] == ["Target activity 'nowhere' does not exist"]
    assert result.json["differences"] == []


def test_forecast_and_rehearse_agree(cli: CommandLine) -> None:
    file = cli.plan()
    forecast = cli("forecast", file, "--all", "--format", "json")
    assert (forecast.code, forecast.json["migrates"], forecast.json["fails"]) == (1, 5, 2)
    rehearsal = cli("rehearse", file, "--all", "--every", "--yes", "--format", "json")
    assert (rehearsal.code, rehearsal.json["migrates"], rehearsal.json["fails"]) == (1, 5, 2)
    assert rehearsal.json["rehearsed"] == 7
    assert on_version(cli, 1) == 7
    good = cli("rehearse", file, "--filter", "bk:EU-*", "--yes")
    assert good.code == 0


def test_rehearse_asks_first(cli: CommandLine) -> None:
    result = cli("rehearse", cli.plan(), "--all")
    assert result.code == 2
    assert "--yes" in result.err


def test_run_a_batch_and_account_for_all(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--all", "--yes", "--format", "json")
    assert result.code == 1, result.err
    (run,) = result.json["runs"]
    assert run["selected"] == 7
    assert (run["counts"]["migrated"], run["counts"]["failed"]) == (5, 2)
    assert sum(run["counts"].values()) == 7
    assert (on_version(cli, 1), on_version(cli, 2)) == (2, 5)


def test_run_the_good_ones_is_done(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--filter", "activity:check", "--yes")
    assert result.code == 0, result.err
    assert "5  migrated" in result.out


def test_run_in_one_transaction_moves_all_or_none(cli: CommandLine) -> None:
    file = cli.plan()
    refused = cli("run", file, "--all", "--yes", "--sync")
    assert refused.code == 1
    assert "There is no migration instruction for this instance's activity" in refused.err
    assert on_version(cli, 1) == 7
    assert cli("run", file, "--filter", "bk:EU-*", "--yes", "--sync").code == 0
    assert on_version(cli, 2) == 5


def test_run_without_a_terminal_needs_a_yes(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--all")
    assert result.code == 2
    assert "--yes" in result.err
    assert on_version(cli, 1) == 7


def test_run_refuses_another_number_than_expected(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--all", "--expect", "6", "--yes")
    assert result.code == 1
    assert "7 instances are selected and 6 were expected" in result.err
    assert on_version(cli, 1) == 7


def test_dry_run_sends_nothing_and_shows_the_requests(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--all", "--dry-run", "--format", "json", "--variable", "ticket=42:Integer")
    assert result.code == 0
    (request,) = result.json["requests"]
    assert request["path"] == "/migration/executeAsync"
    assert len(request["body"]["processInstanceIds"]) == 7
    assert "processInstanceQuery" not in request["body"]
    assert request["body"]["migrationPlan"]["variables"]["ticket"]["value"] == 42
    assert on_version(cli, 1) == 7


def test_nothing_to_migrate_is_a_result(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--filter", "bk:nobody", "--yes")
    assert result.code == 0
    assert "nothing to migrate" in result.out


def test_an_empty_instances_file_never_means_all(cli: CommandLine) -> None:
    empty = cli.folder / "none.txt"
    empty.write_text("\n", encoding="utf-8")
    result = cli("run", cli.plan(), "--instances-file", str(empty), "--yes")
    assert result.code == 2
    assert on_version(cli, 1) == 7


def test_instances_from_stdin(cli: CommandLine) -> None:
    file = cli.plan()
    ids = cli("instances", "order:1", "--filter", "bk:EU-1", "--ids").out
    assert cli("run", file, "--instances-file", "-", "--yes", stdin=ids).code == 0
    assert on_version(cli, 2) == 1


def test_canary_stops_and_can_be_taken_up(cli: CommandLine) -> None:
    file = cli.plan()
    stopped = cli("run", file, "--filter", "bk:EU-*", "--canary", "1", "--yes")
    assert stopped.code == 1
    assert "4 instances stay unsent" in stopped.err
    assert on_version(cli, 2) == 1
    (row,) = cli("runs", "--open", "--format", "json").json["runs"]
    resumed = cli("runs", "resume", row["id"], "--yes")
    assert on_version(cli, 2) == 5, resumed.err
    assert resumed.code == 0


def test_canary_that_does_well_lets_the_rest_follow(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--filter", "bk:EU-*", "--canary", "2", "--canary-wait", "60", "--yes")
    assert result.code == 0, result.err
    assert on_version(cli, 2) == 5


def test_waves_stop_when_one_has_failures(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--all", "--wave", "3", "--yes", "--format", "json")
    assert result.code == 1


def test_waves_go_on_within_the_allowed_failures(cli: CommandLine) -> None:
    result = cli("run", cli.plan(), "--all", "--wave", "3", "--allowed-failures", "2", "--yes", "--format", "json")
    assert result.code == 1
    assert result.json["runs"][0]["counts"]["migrated"] == 5


def test_all_old_versions_at_once(cli: CommandLine) -> None:
    result = cli("run", "--from", "order:*", "--filter", "bk:EU-*", "--yes")
    assert result.code == 0, result.err
    assert on_version(cli, 2) == 5


def several_versions(cli: CommandLine) -> None:
    """Two more versions, so that three old ones have instances: 7 on v1 (2 of them fail), 2 on v2, 1 on v3."""
    ids = sorted((one.version, one.id) for one in cli.engine.store.definitions.values() if one.key == "order")
    cli.engine.bulk_start(ids[-1][1], 2, at=("check",), business_key="US-{}")
    for extra in (1, 2):
        cli.engine.deploy(MODEL.replace("Check order", f"Check order {extra}").replace("PACK", "pack_goods").encode())
    third = max((one.version, one.id) for one in cli.engine.store.definitions.values() if one.version == 3)[1]
    cli.engine.bulk_start(third, 1, at=("check",), business_key="US-{}")


def test_all_old_versions_are_checked_together_and_one_that_fails_leaves_the_others_to_be_taken_up(
    cli: CommandLine,
) -> None:
    several_versions(cli)
    result = cli("run", "--from", "order:*", "--all", "--yes", "--format", "json")
    assert result.code == 1
    assert "7 selected: 5 would migrate, 2 fail, by forecast." in result.err
    assert "2 at pack: There is no migration instruction" in result.err
    assert "Version 1: 2 of 7 instances were not migrated." in result.err
    assert "3 instances were not sent; their runs are in the journal." in result.err
    assert [run["counts"]["migrated"] for run in result.json["runs"]] == [5]
    assert on_version(cli, 4) == 5
    waiting = result.json["unaccounted"]
    assert len(waiting) == 2
    for run in waiting:
        assert cli("runs", "resume", run, "--yes").code == 0
    assert on_version(cli, 4) == 8


def test_between_versions_it_is_told_once_where_other_instances_run_now(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_versions(cli)
    third = next(one.id for one in cli.engine.store.definitions.values() if one.version == 3)

    def one_more() -> None:
        monkeypatch.setattr(cli.clock, "at_sleep", None)
        cli.engine.bulk_start(third, 1, at=("check",))

    monkeypatch.setattr(cli.clock, "at_sleep", one_more)
    result = cli("run", "--from", "order:*", "--all", "--yes", "--allowed-failures", "2")
    assert result.err.count("Version 3: 2 instances run on the source now; there were 1 when it was reviewed.") == 1
    assert on_version(cli, 3) == 1


def test_suggestions_map_what_was_renamed_in_each_version(cli: CommandLine) -> None:
    several_versions(cli)
    result = cli("run", "--from", "order:*", "--all", "--suggestions", "--yes", "--format", "json")
    assert result.code == 0, result.err
    assert "Mapped pack to pack_goods" in result.err
    assert [run["counts"]["migrated"] for run in result.json["runs"]] == [7, 2, 1]
    assert cli("run", cli.plan(), "--all", "--suggestions", "--yes").code == 2


def test_failures_that_are_allowed_let_the_next_version_follow_to_one_account(cli: CommandLine) -> None:
    several_versions(cli)
    result = cli("run", "--from", "order:*", "--all", "--yes", "--allowed-failures", "2", "--format", "junit")
    assert result.code == 1, "some instances say no, whoever allows it"
    suites = ElementTree.fromstring(result.out.encode())
    assert [(suite.get("tests"), suite.get("failures")) for suite in suites] == [("7", "2"), ("2", "0"), ("1", "0")]
    assert on_version(cli, 4) == 8


def test_one_table_of_several_versions(cli: CommandLine) -> None:
    several_versions(cli)
    result = cli("run", "--from", "order:*", "--all", "--yes", "--allowed-failures", "2", "--format", "csv")
    header, *rows = result.out.splitlines()
    assert header == "run,source,instance,class,cause,wave,batch"
    assert len(rows) == 10


def test_nothing_to_migrate_is_an_empty_document(cli: CommandLine) -> None:
    result = cli("run", "--from", "order:*", "--filter", "bk:NONE", "--yes", "--format", "junit")
    assert result.code == 0
    assert ElementTree.fromstring(result.out.encode()).get("tests") == "0"


def test_watch_and_batches(cli: CommandLine) -> None:
    cli("run", cli.plan(), "--all", "--yes")
    rows = cli("batches", "--format", "json").json["batches"]
    batch = rows[0]["id"]
    watched = cli("watch", batch, "--format", "json")
    assert watched.code == 1
    assert watched.json["failedJobs"] == 2
    assert watched.json["failures"][0]["instances"]
    assert cli("batches", "suspend", batch).code == 2
    assert cli("batches", "suspend", batch, "--yes").code == 0
    assert cli("watch", batch).code == 1
    assert cli("batches", "resume", batch, "--yes").code == 0
    assert cli("batches", "retry", batch, "--yes").code == 0
    assert cli("batches", "cancel", batch, "--yes").code == 0
    assert cli("watch", "no-such-batch").code == 2


def test_runs_show_export_and_return_plan(cli: CommandLine) -> None:
    cli("run", cli.plan(), "--all", "--yes")
    (row,) = cli("runs", "--format", "json").json["runs"]
    run = row["id"]
    shown = cli("runs", "show", run, "--format", "json")
    assert shown.json["requests"][0]["outcome"]
    assert len(cli("runs", "export", run, "--failed-ids").out.split()) == 2
    suite = ElementTree.fromstring(cli("runs", "export", run, "--format", "junit").out.encode())
    assert suite.find("testsuite").get("failures") == "2"  # type: ignore[union-attr]
    assert cli("runs", "export", run, "--format", "csv").out.count("\n") == 8
    back = cli("runs", "return-plan", run)
    assert back.code == 0
    assert [one["target"] for one in json.loads(back.out)["instructions"]] == ["check"]
    assert cli("runs", "show", "nothing").code == 2


def test_check_names_the_file_that_no_engine_would_deploy(cli: CommandLine) -> None:
    old, new = cli.folder / "old.bpmn", cli.folder / "new.bpmn"
    old.write_text(MODEL, encoding="utf-8")
    new.write_text(MODEL.replace(' targetNamespace="t"', ""), encoding="utf-8")
    result = cli("check", str(old), str(new), "--format", "json")
    sentence = "definitions has no targetNamespace, which it needs; the engine refuses to deploy this."
    assert result.json["warnings"] == [f"Line 3: {sentence}"]
    assert result.err == f"warning: {new}: Line 3: {sentence}\n"


def test_doctor_and_config(cli: CommandLine) -> None:
    doctor = cli("doctor", "--format", "json")
    assert doctor.code == 0
    assert any(one["what"] == "engine" and one["state"] == "ok" for one in doctor.json["findings"])
    shown = cli("config", "show", "--format", "json").json["settings"]
    assert next(one for one in shown if one["name"] == "url")["origin"].endswith("TUI_MIGRATE_URL")
    assert cli("config", "validate").code == 0
    assert cli("config", "path").out.strip().endswith("config.toml")


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion(cli: CommandLine, shell: str) -> None:
    result = cli("completion", shell)
    assert result.code == 0
    assert "return-plan" in result.out


@pytest.mark.parametrize(
    ("text", "name", "typed"),
    [
        ("a=1", "a", {"value": "1", "type": "String"}),
        ("a=1:Integer", "a", {"value": 1, "type": "Integer"}),
        ("a=1.5:double", "a", {"value": 1.5, "type": "Double"}),
        ("a=true:Boolean", "a", {"value": True, "type": "Boolean"}),
        ("a=:Null", "a", {"value": None, "type": "Null"}),
        ("a=12:30", "a", {"value": "12:30", "type": "String"}),
        ("a=http://x/y", "a", {"value": "http://x/y", "type": "String"}),
        ("a=b=c", "a", {"value": "b=c", "type": "String"}),
    ],
)
def test_variables(text: str, name: str, typed: dict[str, object]) -> None:
    from tui_migrate.cli.run_preparation import read_variable

    assert read_variable(text) == (name, typed)
