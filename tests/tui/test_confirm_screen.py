"""Confirm: what is shown is what is sent, and nothing is sent unasked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, StillClock
from tests.tui.walking import (
    confirm_and_send,
    map_all,
    open_instances_desk,
    production,
    run_to_end,
    same_run_ids,
    sent,
    small_engine,
    spoil,
)
from tui_migrate.engine.wire import Reply, WireRequest
from tui_migrate.sandbox.carrier import SandboxCarrier

__all__ = ["same_run_ids"]


class Listening(SandboxCarrier):
    """Keeps the bodies of what was sent."""

    bodies: list[tuple[str, Any]]

    async def send(self, request: WireRequest) -> Reply:
        self.bodies = getattr(self, "bodies", [])
        if request.method == "POST":
            self.bodies.append((request.path, json.loads(request.content or b"null")))
        return await super().send(request)


async def to_confirm(desk: Desk) -> None:
    await desk.press("3")
    await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
    await desk.settled()


async def test_everything_that_is_about_to_be_sent_is_shown(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        plan = desk.app.state.open_plan
        assert plan is not None
        for text in ("Migrate 127 instances", plan.source.id, plan.target.id, "55 of 127 would migrate", "72 fail"):
            assert text in desk.text
        assert "No other migration batch runs on this engine." not in desk.text or desk.text
        await snap(desk, "confirm-80x24")


async def test_wide_terminals_show_ids_in_the_table(snap: Snap) -> None:
    async with open_instances_desk(size=(120, 40)) as desk:
        await to_confirm(desk)
        assert "Ask for papers (ask)" in desk.text
        await snap(desk, "confirm-120x40")


async def test_ascii_and_light(snap: Snap) -> None:
    async with open_instances_desk(ascii=True, theme="light") as desk:
        await to_confirm(desk)
        assert desk.text.isascii()
        await snap(desk, "confirm-ascii-light-80x24")


async def test_warnings_are_listed_with_what_to_do(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        await desk.press("i")
        await snap(desk, "confirm-warnings-80x24")


async def test_options_are_shown_as_they_are_set(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        await desk.press("l", "o")
        await desk.press("n")
        desk.app.screen.query_one(Input).value = "10"
        await desk.press("enter", "t")
        desk.app.screen.query_one(Input).value = "CHG-4711"
        await desk.press("enter", "w")
        desk.app.screen.query_one("#field-size", Input).value = "50"
        await desk.press("enter")
        prepared = desk.app.state.prepared
        assert prepared is not None
        assert [len(wave) for wave in prepared.waves] == [10, 50, 50, 17]
        assert (prepared.options.annotation, prepared.options.skip_io_mappings) == ("CHG-4711", True)
        await snap(desk, "confirm-options-80x24")


async def test_a_wave_of_nothing_is_refused() -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        await desk.press("w")
        desk.app.screen.query_one("#field-size", Input).value = "0"
        await desk.press("enter")
        assert "A wave takes at least 1 instance" in desk.text


async def test_the_payload_shown_is_what_is_sent(snap: Snap, tmp_path: Path) -> None:
    clock = StillClock()
    carrier = Listening(small_engine(clock))
    async with open_instances_desk(carrier.engine, clock=clock, carrier=carrier) as desk:
        map_all(desk)
        await to_confirm(desk)
        await desk.press("v")
        await snap(desk, "confirm-payload-80x24")
        saved = tmp_path / "payload.json"
        await desk.press("s")
        desk.app.screen.query_one(Input).value = str(saved)
        await desk.press("enter", "escape", "enter")
        await desk.until(lambda: "Migrate 11 instances?" in desk.text, "asked")
        await desk.press("y")
        await run_to_end(desk)
        bodies = [body for path, body in carrier.bodies if path.endswith("/executeAsync")]
        assert bodies == [json.loads(saved.read_text())]


async def test_the_payload_can_be_taken_along_as_curl_and_as_a_command(tmp_path: Path) -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        await desk.press("v", "u")
        desk.app.screen.query_one(Input).value = str(tmp_path / "payload.json")
        await desk.press("enter")
        assert "curl --fail-with-body" in desk.app.clipboard
        await desk.press("escape", "Y")
        desk.app.screen.query_one(Input).value = str(tmp_path / "claim.plan.json")
        await desk.press("enter")
        await desk.settled()
        assert desk.app.clipboard.startswith("tui-migrate run ")
        assert len((tmp_path / "claim.instances.txt").read_text().splitlines()) == 127
        assert json.loads((tmp_path / "claim.plan.json").read_text())["instructions"]


async def test_enter_alone_never_migrates(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        await desk.press("enter")
        await desk.settled()
        await snap(desk, "confirm-migrate-80x24")
        await desk.press("enter", "enter")
        assert not sent(desk)
        await desk.press("n")
        assert not sent(desk)
        assert desk.app.current_name == "confirm"


async def test_what_has_changed_since_the_review_is_shown_and_asked_about(snap: Snap) -> None:
    clock = StillClock()
    engine = small_engine(clock)
    async with open_instances_desk(engine, clock=clock) as desk:
        await to_confirm(desk)
        prepared = desk.app.state.prepared
        assert prepared is not None
        engine.end(prepared.ids[0])
        await desk.press("enter")
        await desk.settled()
        assert "1 of the 11 selected instances have ended meanwhile." in desk.text
        await snap(desk, "confirm-changed-80x24")


async def test_a_profile_may_want_the_key_to_be_typed(snap: Snap) -> None:
    async with open_instances_desk(profile=production(confirm="key")) as desk:
        await to_confirm(desk)
        await desk.press("enter")
        await desk.settled()
        await desk.type("claims")
        await desk.press("enter")
        assert "nothing was sent" in desk.text
        assert not sent(desk)
        await snap(desk, "confirm-key-80x24")
        desk.app.screen.query_one(Input).value = "claim"
        await desk.press("enter")
        await run_to_end(desk)
        assert sent(desk) == ["/migration/executeAsync"]


async def test_a_profile_may_want_nothing_if_nothing_has_changed() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock, profile=production(confirm="none")) as desk:
        await to_confirm(desk)
        await desk.press("enter")
        await desk.until(lambda: desk.app.current_name == "result", "result shown")
        await run_to_end(desk)
        assert sent(desk) == ["/migration/executeAsync"]


async def test_a_read_only_profile_sends_nothing(snap: Snap) -> None:
    async with open_instances_desk(profile=production(read_only=True)) as desk:
        await to_confirm(desk)
        await desk.press("enter")
        assert "read-only" in desk.text
        assert not sent(desk)
        await snap(desk, "confirm-read-only-80x24")


async def test_an_invalid_plan_may_be_taken_this_far_and_says_so(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        spoil(desk)
        await to_confirm(desk)
        assert "the engine will refuse it" in desk.text
        await snap(desk, "confirm-invalid-80x24")
        await desk.press("m")
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")


@pytest.mark.usefixtures("same_run_ids")
async def test_going_on_sends_nothing() -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        await desk.press("full_stop")
        assert desk.app.current_name == "confirm"
        assert not sent(desk)


async def test_variables_are_typed(snap: Snap) -> None:
    clock = StillClock()
    carrier = Listening(small_engine(clock))
    async with open_instances_desk(carrier.engine, clock=clock, carrier=carrier) as desk:
        map_all(desk)
        await to_confirm(desk)
        await desk.press("V", "a")
        await desk.type("limit")
        await desk.press("down", "tab")
        await desk.type("many")
        await desk.press("enter")
        assert "'many' is no Integer" in desk.text
        await snap(desk, "confirm-variable-80x24")
        desk.app.screen.query_one("#variable-value", Input).value = "42"
        await desk.press("enter")
        await snap(desk, "confirm-variables-80x24")
        await desk.press("escape")
        await desk.settled()
        prepared = desk.app.state.prepared
        assert prepared is not None
        assert list(prepared.options.variables) == ["limit"]
        await desk.press("enter")
        await desk.until(lambda: "Migrate 11 instances?" in desk.text, "asked")
        await desk.press("y")
        await run_to_end(desk)
        body = next(body for path, body in carrier.bodies if path.endswith("/executeAsync"))
        assert body["migrationPlan"]["variables"]["limit"]["value"] == 42
        assert body["migrationPlan"]["variables"]["limit"]["type"] == "Integer"


async def test_dialogs_do_not_freeze_anew() -> None:
    async with open_instances_desk() as desk:
        await to_confirm(desk)
        before = len(desk.carrier.requests)
        await desk.press("v", "escape", "n", "escape")
        await desk.settled()
        assert len(desk.carrier.requests) == before


async def test_sending_one_instance_uses_one_transaction() -> None:
    clock = StillClock()
    async with open_instances_desk(small_engine(clock), clock=clock) as desk:
        await desk.press("space")
        await confirm_and_send(desk)
        await run_to_end(desk)
        assert sent(desk) == ["/migration/execute"]
