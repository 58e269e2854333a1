"""All old versions of a key at once: plans, one check, one confirmation, runs one after the other, one account."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import itertools
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest

from tests.replies import json_reply
from tests.tui.conftest import Snap
from tests.tui.desk import MODELS, Desk, StillClock, open_desk
from tests.tui.walking import HeldClock, production, sent
from tui_migrate.engine.wire import Reply, WireRequest
from tui_migrate.operations.journal import Journal
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.executor import ExecutorSettings
from tui_migrate.tui.screens.versions.question import VersionsModal
from tui_migrate.tui.screens.versions.screen import VersionsScreen
from tui_migrate.tui.shown_versions import ShownSeries, ShownVersions


@pytest.fixture(autouse=True)
def _counted_run_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs get the same ids each time, and the same person starts them."""
    numbers = itertools.count(1)
    monkeypatch.setattr("tui_migrate.operations.journal.secrets.token_hex", lambda _: f"{next(numbers):04x}")
    monkeypatch.setenv("LOGNAME", "mary")


def old_claim(tag: str) -> bytes:
    return (MODELS / "claim-1.bpmn").read_bytes().replace(b"2025.1", tag.encode())


def versions_engine(clock: StillClock | None = None, **executor: Any) -> SandboxEngine:
    """Return an engine with four old versions of a claim (one of them idle) and the newest."""
    engine = SandboxEngine((clock or StillClock()).now, executor=ExecutorSettings(**executor))
    ids = [engine.deploy(old_claim(f"2025.{number}"), resource="claim.bpmn") for number in range(1, 5)]
    engine.deploy((MODELS / "claim-2.bpmn").read_bytes(), resource="claim.bpmn")
    for version, activity, number in ((0, "check", 4), (1, "check", 3), (1, "ask", 2), (3, "decide", 5)):
        engine.bulk_start(ids[version], number, at=(activity,), business_key=f"C{version}-{activity}-{{:03}}")
    return engine


@contextlib.asynccontextmanager
async def versions_desk(**options: Any) -> AsyncIterator[Desk]:
    """Run the app on an engine with several versions; both read the same clock."""
    clock = StillClock()
    async with open_desk(versions_engine(clock), clock=clock, **options) as desk:
        yield desk


def on_versions(engine: SandboxEngine) -> list[int]:
    """Return how many instances run on each version, oldest first."""
    definitions = sorted(engine.store.definitions.values(), key=lambda one: one.version)
    where = [one.definition.id for one in engine.store.instances.values()]
    return [where.count(one.id) for one in definitions]


def versions_of(desk: Desk) -> ShownVersions:
    versions = desk.app.state.versions
    assert versions is not None
    return versions


def series_of(desk: Desk) -> ShownSeries:
    series = versions_of(desk).sent
    assert series is not None
    return series


async def bring_all(desk: Desk) -> None:
    await desk.press("B")
    await desk.until(lambda: desk.app.state.versions is not None and versions_of(desk).check() is not None, "checked")
    await desk.settled()


async def confirm(desk: Desk, *keys: str) -> None:
    """Go on to the confirmation, press keys there, ask for the migration."""
    await desk.press("full_stop")
    await desk.until(lambda: desk.app.current_name == "versions-confirm", "confirm shown")
    await desk.settled()
    await desk.press(*keys)
    await desk.press("enter")
    await desk.until(lambda: isinstance(desk.app.screen, VersionsModal), "asked")


async def send(desk: Desk, *keys: str) -> None:
    await confirm(desk, *keys)
    await desk.press("y")
    await desk.until(lambda: desk.app.current_name == "versions-result", "result shown")


async def to_the_end(desk: Desk) -> None:
    await desk.until(lambda: series_of(desk).over, "all runs over")
    await desk.settled()


def running_now(desk: Desk) -> dict[str, int]:
    """Return what the list of the runs says that runs on each version now."""
    found = (re.search(r"(v\d+) .* now (\d+)", line) for line in desk.lines)
    return {one[1]: int(one[2]) for one in found if one is not None}


def map_all(desk: Desk) -> None:
    """Map what waits without a mapping, in all plans."""
    for plan in versions_of(desk).open_plans:
        plan.draft.map("ask", "request")


async def test_a_plan_for_each_old_version_and_one_check(snap: Snap) -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        assert "Bring claim to v5" in desk.text
        assert "14 of 14 instances of 3 versions would be sent" in desk.flat
        assert "12 would migrate" in desk.flat
        assert "2 fail" in desk.text
        rows = [line for line in desk.lines if "[x] v" in line]
        assert [line.split("v", 1)[1].split()[0] for line in rows] == ["1", "2", "4"], "oldest first"
        assert "v3: nothing runs there" in desk.text
        assert sent(desk) == []
        await snap(desk, "versions-80x24")
        await desk.press("down", "down")
        await desk.until(lambda: "no migration instruction" in desk.flat, "the cause is told")
        await snap(desk, "versions-cause-80x24")


async def test_the_check_on_a_wide_light_screen_and_with_plain_characters(snap: Snap) -> None:
    async with versions_desk(size=(120, 40), theme="light") as desk:
        await bring_all(desk)
        await snap(desk, "versions-120x40-light")
    async with versions_desk(ascii=True) as desk:
        await bring_all(desk)
        assert desk.text.isascii()
        await snap(desk, "versions-ascii-80x24")


async def test_a_version_is_opened_edited_and_checked_again() -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        await desk.press("down", "down", "enter")
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")
        await desk.settled()
        plan = desk.app.state.open_plan
        assert plan is not None
        assert plan.source.version == 2
        assert desk.app.state.plan_view.source.cursor == "ask", "the cause's activity has the cursor"
        plan.draft.map("ask", "request")
        await desk.press("escape")
        await desk.until(lambda: desk.app.current_name == "versions", "back on the versions")
        await desk.until(lambda: versions_of(desk).check() is not None, "checked again")
        await desk.settled()
        assert "14 would migrate" in desk.flat
        assert "edited" in desk.text
        await desk.press("q")
        await desk.until(lambda: "have edits that are in no file" in desk.flat, "asked before edits are lost")


async def test_suggestions_are_taken_into_all_plans_at_once() -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        await desk.press("s")
        await desk.until(lambda: "1 mapped by suggestion (v2 1)" in desk.flat, "taken")
        await desk.until(lambda: versions_of(desk).check() is not None, "checked again")
        await desk.settled()
        assert "14 would migrate" in desk.flat
        plan = versions_of(desk).open_plans[1]
        assert plan.draft.target_of("ask") == "request"
        assert plan.draft.can_undo
        await desk.press("s")
        await desk.until(lambda: "There is nothing to suggest" in desk.flat, "said so")


async def test_all_versions_are_rehearsed_with_nothing_migrated() -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        await desk.press("t")
        await desk.until(lambda: "Rehearse all of these versions?" in desk.flat, "asked")
        await desk.press("y")
        await desk.until(lambda: "rehearsed; nothing is sent here" in desk.flat, "rehearsed")
        assert "12 would migrate" in desk.flat
        assert "2 fail" in desk.flat
        assert on_versions(desk.engine) == [4, 5, 0, 5, 0]
        await desk.press("t")
        await desk.settled()
        assert "Rehearse all" not in desk.flat, "asked only once"


async def test_a_rehearsal_is_cancelled_by_escape_and_refused_on_a_read_only_profile() -> None:
    clock = HeldClock()
    engine = versions_engine(clock)
    carrier = HeldMigrations(engine)
    async with open_desk(engine, clock=clock, carrier=carrier) as desk:
        await bring_all(desk)
        await desk.press("t")
        await desk.until(lambda: "Rehearse all of these versions?" in desk.flat, "asked")
        await desk.press("y")
        await desk.until(lambda: carrier.waiting > 0, "the engine is asked")
        await desk.press("full_stop")
        await desk.until(lambda: "The rehearsal goes on; esc cancels it." in desk.flat, "refused")
        await desk.press("escape")
        await desk.until(lambda: "The rehearsal was cancelled" in desk.flat, "cancelled")
        assert desk.app.current_name == "versions"
    async with versions_desk(profile=production(read_only=True)) as desk:
        await bring_all(desk)
        await desk.press("t")
        await desk.until(lambda: "This profile is read-only" in desk.flat, "refused")


async def test_versions_and_instances_are_left_out() -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        await desk.press("space")
        await desk.until(lambda: "10 of 14 instances of 2 versions" in desk.flat, "v1 left out")
        await desk.press("x")
        await desk.until(lambda: "8 of 14 instances of 2 versions" in desk.flat, "the failing left out as well")
        await desk.press("full_stop")
        await desk.until(lambda: desk.app.current_name == "versions-confirm", "confirm shown")
        await desk.settled()
        assert "Migrate 8 instances of 2 versions" in desk.text
        assert "v1: left out on the check" in desk.text
        assert "v2: left out on the check" in desk.text
        await desk.press("comma")
        await desk.until(lambda: desk.app.current_name == "versions", "back")
        await desk.press("x", "space")
        await desk.until(lambda: "14 of 14 instances" in desk.flat, "all again")


async def test_one_confirmation_says_what_is_sent_in_which_order(snap: Snap) -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        await desk.press("full_stop")
        await desk.until(lambda: desk.app.current_name == "versions-confirm", "confirm shown")
        await desk.settled()
        await snap(desk, "versions-confirm-80x24")
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.app.screen, VersionsModal), "asked")
        text = desk.flat
        ids = sorted((one.version, one.id) for one in desk.engine.store.definitions.values())
        places = [text.index(f"{number}. {count} from {ids[version - 1][1]}") for number, count, version in
                  ((1, 4, 1), (2, 5, 2), (3, 5, 4))]  # fmt: skip
        assert places == sorted(places)
        assert "Migrate 14 instances of 3 versions?" in text
        assert f"to {ids[-1][1]}" in text
        assert "2 of them would fail" in text
        await snap(desk, "versions-question-80x24")
        await desk.press("enter")
        assert isinstance(desk.app.screen, VersionsModal), "enter alone never migrates"
        await desk.press("n")
        await desk.until(lambda: desk.app.current_name == "versions-confirm", "not now")
        assert sent(desk) == []


async def test_the_key_has_to_be_typed_where_the_profile_wants_it() -> None:
    async with versions_desk(profile=production(confirm="key")) as desk:
        await bring_all(desk)
        await desk.press("x")
        await confirm(desk)
        await desk.press("y", "enter")
        await desk.until(lambda: "That is not the key claim" in desk.flat, "refused")
        assert sent(desk) == []
        await desk.press("backspace")
        await desk.type("claim")
        await desk.press("enter")
        await to_the_end(desk)
        assert len(sent(desk)) == 3


async def test_nothing_is_sent_on_a_read_only_profile() -> None:
    async with versions_desk(profile=production(read_only=True)) as desk:
        await bring_all(desk)
        await desk.press("full_stop")
        await desk.until(lambda: desk.app.current_name == "versions-confirm", "confirm shown")
        await desk.press("enter")
        await desk.until(lambda: "This profile is read-only" in desk.flat, "said so")
        assert sent(desk) == []


async def test_all_go_one_after_the_other_to_one_account(snap: Snap, tmp_path: Path) -> None:
    async with versions_desk() as desk:
        engine = desk.engine
        await bring_all(desk)
        map_all(desk)
        await desk.press("r")
        await desk.until(lambda: versions_of(desk).check() is not None, "checked again")
        await send(desk)
        await to_the_end(desk)
        assert "Success: all 14 were migrated" in desk.text
        assert "migrated 14" in desk.text
        assert on_versions(engine) == [0, 0, 0, 0, 14]
        assert len(sent(desk)) == 3
        await snap(desk, "versions-result-80x24")
        for ending in ("csv", "json", "xml"):
            await desk.press("e")
            field = desk.app.screen.query_one("Input")
            field.value = str(tmp_path / f"account.{ending}")  # type: ignore[attr-defined]
            await desk.press("enter")
            await desk.until((tmp_path / f"account.{ending}").exists, "exported")
    rows = list(csv.DictReader((tmp_path / "account.csv").read_text().splitlines()))
    assert len(rows) == 14
    assert {row["class"] for row in rows} == {"migrated"}
    assert len({row["run"] for row in rows}) == 3
    document = json.loads((tmp_path / "account.json").read_text())
    assert (document["format"], document["selected"], document["counts"]["migrated"]) == (
        "tui-migrate accounts",
        14,
        14,
    )
    suites = ElementTree.parse(tmp_path / "account.xml").getroot()
    assert [suite.get("tests") for suite in suites] == ["4", "5", "5"]


async def test_a_version_that_fails_asks_before_the_next_and_hides_none(snap: Snap) -> None:
    async with versions_desk() as desk:
        engine = desk.engine
        await bring_all(desk)
        await send(desk)
        await desk.until(lambda: series_of(desk).question is not None, "asked")
        await desk.settled()
        assert "Version 2: 2 of 5 instances were not migrated." in desk.flat
        assert "W begins v4 (5 instances), E leaves 5 unsent." in desk.flat
        assert running_now(desk) == {"v1": 0, "v2": 2, "v4": 5}
        assert len(sent(desk)) == 2
        await snap(desk, "versions-result-asking-80x24")
        await desk.press("W")
        await to_the_end(desk)
        assert len(sent(desk)) == 3
        assert on_versions(engine) == [0, 2, 0, 0, 12]
        assert "12 of 14 were migrated" in desk.text
        assert "failed 2" in desk.text
        await snap(desk, "versions-result-failed-80x24")
        await desk.press("down", "enter")
        await desk.until(lambda: desk.app.current_name == "result", "one run opened")
        await desk.settled()
        assert "2 of 5 failed" in desk.text
        await desk.press("escape")
        await desk.until(lambda: desk.app.current_name == "versions-result", "back to all")


async def test_between_the_runs_the_numbers_are_those_of_now() -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        await send(desk)
        await desk.until(lambda: series_of(desk).question is not None, "asked")
        await desk.until(lambda: running_now(desk) == {"v1": 0, "v2": 2, "v4": 5}, "read after the runs")
        engine, ids = desk.engine, series_of(desk).runs[2].runner.prepared.ids  # type: ignore[union-attr]
        engine.end(ids[0])
        await desk.press("r")
        await desk.until(lambda: running_now(desk)["v4"] == 4, "read again while it is asked")
        await desk.press("end")
        await desk.until(lambda: "4 instances run there now" in desk.flat, "told in words")
        desk.app.go("versions")
        await desk.until(lambda: "4 run there now" in desk.flat, "in place of the forecast")
        assert "2 run there now" in desk.flat
        series_of(desk).decide(True)
        await to_the_end(desk)
        await desk.until(lambda: desk.flat.count("0 run there now") == 2, "the check shows what is left")
        engine.faults.answer(500, '{"type": "Broken", "message": "no"}', path="/process-instance/count")
        desk.app.go("versions-result")
        await desk.until(lambda: running_now(desk) == {"v1": 0, "v2": 2, "v4": 0}, "read after the last")
        await desk.press("r")
        await desk.until(lambda: running_now(desk) == {}, "numbers that can't be read are not shown")


async def test_stopping_leaves_the_rest_unsent_and_accounts_for_it() -> None:
    async with versions_desk() as desk:
        engine = desk.engine
        await bring_all(desk)
        await send(desk)
        await desk.until(lambda: series_of(desk).question is not None, "asked")
        await desk.press("E")
        await desk.until(lambda: "5 instances stay on their versions" in desk.flat, "asked once more")
        await desk.press("y")
        await to_the_end(desk)
        assert len(sent(desk)) == 2
        assert on_versions(engine) == [0, 2, 0, 5, 7]
        assert "not sent 5" in desk.text
        assert "= 14 of 14 accounted for" in desk.text


async def test_failures_that_are_allowed_ask_nothing() -> None:
    async with versions_desk() as desk:
        await bring_all(desk)
        await desk.press("full_stop")
        await desk.until(lambda: desk.app.current_name == "versions-confirm", "confirm shown")
        screen = desk.app.screen
        screen.with_options(allowed_failures=2)  # type: ignore[attr-defined]
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.app.screen, VersionsModal), "asked")
        await desk.press("y")
        await desk.until(lambda: desk.app.current_name == "versions-result", "result shown")
        await to_the_end(desk)
        assert len(sent(desk)) == 3


async def test_a_plan_that_the_engine_refuses_stops_nothing_else() -> None:
    async with versions_desk() as desk:
        engine = desk.engine
        await bring_all(desk)
        versions_of(desk).open_plans[0].draft.map("decide", "bureau")
        await desk.press("r")
        await desk.until(lambda: versions_of(desk).check() is not None, "checked again")
        await desk.settled()
        assert "1 error" in desk.text
        await confirm(desk)
        assert "The plan of v1 has errors" in desk.flat
        await desk.press("y")
        await desk.until(lambda: desk.app.current_name == "versions-result", "result shown")
        await desk.until(lambda: series_of(desk).question is not None, "asked")
        assert "Version 1: the engine refused the plan" in desk.flat
        await desk.press("W")
        await desk.until(lambda: series_of(desk).series.number == 1 and series_of(desk).question is not None, "v2 over")
        await desk.press("W")
        await to_the_end(desk)
        assert on_versions(engine) == [4, 2, 0, 0, 8]


async def test_what_changed_since_the_check_is_said_before_anything_is_sent() -> None:
    async with versions_desk() as desk:
        engine = desk.engine
        await bring_all(desk)
        first = next(one for one in engine.store.definitions.values() if one.version == 1)
        engine.bulk_start(first.id, 1, at=("check",))
        await confirm(desk)
        assert "Version 1: 5 instances run on the source now; there were 4" in desk.flat
        assert sent(desk) == []


class NoRights(SandboxCarrier):
    """An engine whose user may read, and not migrate."""

    async def send(self, request: WireRequest) -> Reply:
        if request.path.endswith("/authorization/check"):
            asked = dict(parse_qsl(request.query))
            body = {
                "permissionName": asked["permissionName"],
                "resourceName": asked["resourceName"],
                "resourceId": asked.get("resourceId"),
                "authorized": asked["permissionName"] != "MIGRATE_INSTANCE",
            }
            self.requests.append(("GET", "/authorization/check"))
            return json_reply(body)
        return await super().send(request)


@pytest.mark.parametrize("key", ["B", "enter"])
async def test_a_missing_right_is_named_before_anything_is_sent(key: str) -> None:
    """Of several versions together, and of one version on its own confirm screen."""
    clock = StillClock()
    carrier = NoRights(versions_engine(clock))
    async with open_desk(carrier.engine, clock=clock, carrier=carrier) as desk:
        if key == "B":
            await bring_all(desk)
            await desk.press("full_stop")
            await desk.until(lambda: desk.app.current_name == "versions-confirm", "confirm shown")
        else:
            await desk.press("enter")
            await desk.until(lambda: desk.app.state.open_plan is not None, "plan open")
            await desk.press("3")
            await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        await desk.settled()
        await desk.press("enter")
        await desk.until(lambda: "MIGRATE_INSTANCE on ProcessDefinition 'claim'" in desk.flat, "named")
        assert "Nothing was sent" in desk.flat
        assert sent(desk) == []
        checks = [path for _, path in carrier.requests if path == "/authorization/check"]
        assert len(checks) == 3, "asked once for all versions"


class HeldMigrations(SandboxCarrier):
    """An engine that never answers what could migrate."""

    waiting = 0

    async def send(self, request: WireRequest) -> Reply:
        if request.path.endswith("/migration/execute"):
            self.waiting += 1
            await asyncio.Event().wait()
        return await super().send(request)


class NoModel(SandboxCarrier):
    """An engine that does not let the user see one version's model."""

    refused = ""

    async def send(self, request: WireRequest) -> Reply:
        if request.path.endswith(f"{self.refused}/xml"):
            body = {"type": "AuthorizationException", "message": "The user may not READ this definition"}
            return json_reply(body, 403)
        return await super().send(request)


async def test_a_version_that_can_not_be_opened_does_not_hide_the_others() -> None:
    clock = StillClock()
    engine = versions_engine(clock)
    carrier = NoModel(engine)
    carrier.refused = sorted((one.version, one.id) for one in engine.store.definitions.values())[1][1]
    async with open_desk(engine, clock=clock, carrier=carrier) as desk:
        await bring_all(desk)
        assert "v2 is skipped" in desk.text
        assert "9 of 9 instances of 2 versions" in desk.flat
        await send(desk)
        await to_the_end(desk)
        assert on_versions(engine) == [0, 5, 0, 0, 9]


async def test_progress_is_live_and_quitting_in_between_is_guarded(snap: Snap, tmp_path: Path) -> None:
    clock = HeldClock()
    engine = versions_engine(clock)
    path = tmp_path / "journal.db"
    async with open_desk(engine, clock=clock, journal=lambda: Journal(path, clock=clock)) as desk:
        await bring_all(desk)
        await send(desk)
        await desk.until(lambda: clock.sleepers > 0 and series_of(desk).current.state.phase == "watching", "watching")
        await desk.until(lambda: "waits for its turn" in desk.text, "the others wait")
        await snap(desk, "versions-result-running-80x24")
        await desk.press("escape")
        await desk.until(lambda: desk.app.current_name == "overview", "left")
        await desk.press("B")
        await desk.until(lambda: desk.app.current_name == "versions-result", "the runs at work again")
        await desk.press("q")
        await desk.until(lambda: "2 runs with 10 instances would stay unsent" in desk.flat, "guarded")
        await desk.press("y")
        await desk.until(lambda: not desk.app.is_running, "left")
    assert len(sent(desk)) == 1
    clock.let_go()
    with Journal(path) as journal:
        runs = journal.open_runs()
        assert sorted(run.unsent for run in runs) == [0, 5, 5], "all three can be taken up"


def test_keys_of_the_list_name_only_what_there_is() -> None:
    """Each action that a key names exists."""
    for scope in VersionsScreen.SCOPES:
        from tui_migrate.tui.bindings import scope as found

        for key in found(scope).keys:
            assert hasattr(VersionsScreen, f"action_{key.action}")
