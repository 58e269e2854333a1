"""The check: causes in groups, the engine's own verdict, choosing by group."""

from __future__ import annotations

from tests.tui.conftest import Snap
from tests.tui.desk import Desk, StillClock, claim_engine
from tests.tui.walking import HeldClock, open_instances_desk, production, sent, small_engine, spoil
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.tui.screens.instances.check import CheckScreen


async def check(desk: Desk) -> CheckScreen:
    """Go to the check and wait for its causes."""
    await desk.press("c")
    await desk.until(lambda: desk.app.current_name == "check", "check shown")
    await desk.settled()
    screen = desk.app.screen
    assert isinstance(screen, CheckScreen)
    return screen


def definitions(engine: SandboxEngine) -> dict[str, str]:
    """Return on which definition each instance is."""
    return {one.id: one.definition.id for one in engine.store.instances.values()}


async def test_causes_come_in_groups_with_numbers_and_remedies(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await check(desk)
        assert "127 checked:  55 would migrate  72 fail" in desk.text
        assert "By forecast only." in desk.text
        await snap(desk, "check-80x24")


async def test_wide_and_light(snap: Snap) -> None:
    async with open_instances_desk(size=(120, 40), theme="light") as desk:
        await check(desk)
        await snap(desk, "check-120x40-light")


async def test_one_key_leaves_a_group_out_and_takes_it_in_again(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        screen = await check(desk)
        await desk.press("space")
        assert "Selected now: 69." in desk.text
        assert len(screen.selected_ids()) == 69
        await snap(desk, "check-left-out-80x24")
        await desk.press("space")
        assert "Selected now" not in desk.text


async def test_only_one_group_can_be_selected() -> None:
    async with open_instances_desk() as desk:
        await check(desk)
        await desk.press("end", "o", "full_stop")
        await desk.until(lambda: desk.app.state.prepared is not None, "frozen")
        assert desk.app.state.prepared is not None
        assert len(desk.app.state.prepared.ids) == 55


async def test_the_mapping_at_fault_is_one_key_away() -> None:
    async with open_instances_desk() as desk:
        await check(desk)
        await desk.press("m")
        await desk.until(lambda: desk.app.current_name == "plan", "plan shown")
        await desk.settled()
        assert "Ask for papers (user task ask)" in desk.text


async def test_the_whole_cause_with_its_instances(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await check(desk)
        await desk.press("down", "i")
        await desk.until(lambda: "C-visit-000" in desk.text, "business keys read")
        await snap(desk, "check-cause-80x24")


async def test_a_rehearsal_says_before_the_first_time_what_the_server_sees(snap: Snap) -> None:
    async with open_instances_desk() as desk:
        await check(desk)
        requests = len(sent(desk))
        await desk.press("t")
        assert len(sent(desk)) == requests, "nothing is sent unasked"
        await snap(desk, "check-rehearsal-asked-80x24")
        await desk.press("n")
        await desk.settled()
        assert len(sent(desk)) == requests


async def test_a_rehearsal_gives_the_engines_verdict_and_migrates_nothing(snap: Snap) -> None:
    clock = StillClock()
    engine = claim_engine(clock)
    async with open_instances_desk(engine, clock=clock) as desk:
        before = definitions(engine)
        await check(desk)
        await desk.press("t", "y")
        await desk.settled()
        assert "127 checked:  55 would migrate  72 fail" in desk.text
        assert "Rehearsed." in desk.text
        assert definitions(engine) == before
        session = desk.app.state.session
        assert session is not None
        assert [run.kind for run in session.journal.runs(kind="rehearsal")] == ["rehearsal"]
        await snap(desk, "check-rehearsed-80x24")
        await desk.press("escape")
        await desk.until(lambda: desk.app.current_name == "instances", "instances shown")
        await desk.settled()
        assert "✓ rehearsed" in desk.text
        await snap(desk, "instances-rehearsed-80x24")


async def test_the_second_rehearsal_does_not_ask_again() -> None:
    async with open_instances_desk() as desk:
        await check(desk)
        await desk.press("t", "y")
        await desk.settled()
        requests = len(sent(desk))
        await desk.press("t")
        await desk.settled()
        assert len(sent(desk)) > requests


async def test_a_rehearsal_can_be_cancelled_and_its_verdicts_stay() -> None:
    clock = HeldClock()
    engine = small_engine(clock)
    carrier = SandboxCarrier(engine, sleep=clock.sleep)
    async with open_instances_desk(engine, clock=clock, carrier=carrier) as desk:
        screen = await check(desk)
        engine.faults.slow(5, path="^/migration/execute$")
        await desk.press("t", "y")
        await desk.until(lambda: clock.sleepers > 0, "the engine takes its time")
        assert "Rehearsing 11 instances" in desk.text
        await desk.press("x")
        await desk.settled()
        assert "11 checked:" in desk.text
        assert "The rehearsal was cancelled" in desk.text
        session = desk.app.state.session
        assert session is not None
        assert [run.status for run in session.journal.runs(kind="rehearsal")] == ["cancelled"]
        assert screen.reason_against("cancel") == "No rehearsal is going on."


async def test_a_read_only_profile_refuses_to_rehearse() -> None:
    async with open_instances_desk(profile=production(read_only=True)) as desk:
        await check(desk)
        await desk.press("t")
        assert "read-only" in desk.text
        assert not sent(desk)


async def test_an_invalid_plan_is_not_rehearsed() -> None:
    async with open_instances_desk() as desk:
        spoil(desk)
        await check(desk)
        await desk.press("t")
        assert "The plan has errors" in desk.text
        assert not sent(desk)


async def test_verdicts_of_another_draft_do_not_hold() -> None:
    async with open_instances_desk() as desk:
        await check(desk)
        await desk.press("t", "y")
        await desk.settled()
        plan = desk.app.state.open_plan
        assert plan is not None
        plan.draft.map("ask", "request")
        await desk.press("2", "c")
        await desk.settled()
        assert "By forecast only." in desk.text
        assert "113 would migrate" in desk.text
