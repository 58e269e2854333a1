"""Keys, clicks and sizes at random, on every screen and in every dialog: nothing may break, whatever is pressed."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from pathlib import Path

import pytest

from tests.tui.desk import Desk, StillClock, claim_engine, open_desk, plan_pair
from tests.tui.walking import confirm_and_send, hostile_engine, sent
from tests.waiting import PATIENCE
from tui_migrate.tui.bindings import SCOPES, scope

SIZES = ((80, 24), (120, 40), (60, 15), (200, 60), (59, 14))
LEFT_OUT = frozenset({"q", "ctrl+q", "ctrl+c", "ctrl+z"})
"""Keys that end the walk."""
OTHERS = ("enter", "escape", "tab", "shift+tab", "space", "backspace", "up", "down", "left", "right", "1", "%", "漢")
"""What is typed into fields, and what all dialogs and lists have."""


def keys_of(*names: str) -> list[str]:
    """Return the keys of scopes, each by its name in Textual."""
    keys = [key for name in names for one in scope(name).keys for key in one.keys.split(",") if key]
    return [key for key in keys if key not in LEFT_OUT]


EVERY = keys_of(*(one.name for one in SCOPES))


async def walk(seed: str, steps: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Do so many things at random, from the overview, a plan or a run on; a failure tells the seed and the keys."""
    monkeypatch.chdir(tmp_path)  # plans and pictures are saved there
    chance, clock = random.Random(seed), StillClock()
    engine = chance.choice((claim_engine, hostile_engine))(clock)
    begin, size = chance.choice(("overview", "plan", "run")), chance.choice(SIZES)
    source, target = (None, None) if begin == "overview" else plan_pair(engine)
    pressed: list[str] = []
    try:
        first = SIZES[0] if begin == "run" else size
        async with open_desk(engine, clock=clock, size=first, source=source, target=target) as desk:
            if begin == "run":
                await confirm_and_send(desk)
                await desk.pilot.resize_terminal(*size)
            for _ in range(steps):
                await asyncio.wait_for(_step(desk, chance, pressed), PATIENCE)
            session = desk.app.state.session
            assert session is not None
            assert session.journal.runs(kind=None) or not sent(desk), "sent, and not written down"
    except BaseException as error:
        error.add_note(f"It was seed {seed!r}; the last keys were {pressed[-30:]}.")
        raise


async def _step(desk: Desk, chance: random.Random, pressed: list[str]) -> None:
    here = keys_of(*getattr(desk.app.screen, "SCOPES", ()), "everywhere", "list")
    pressed.append(chance.choice(chance.choices((here, OTHERS, EVERY), (75, 15, 10))[0]))
    await desk.press(pressed[-1])
    too_small = "too-small" in getattr(desk.app.screen, "SCOPES", ())
    if chance.random() < (0.3 if too_small else 0.02):
        await desk.pilot.resize_terminal(*chance.choice(SIZES))
    if chance.random() < 0.05:
        await desk.pilot.click(offset=(chance.randrange(59), chance.randrange(14)))
    if chance.random() < 0.3:
        await desk.settled()


@pytest.mark.parametrize("seed", ["one", "two", "four"])
async def test_no_keys_break_anything(
    seed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await walk(seed, 100, monkeypatch, tmp_path)
    assert [one for one in caplog.records if one.exc_info and one.levelno >= logging.ERROR] == []


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(20))
async def test_no_keys_break_anything_for_long(
    number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await walk(f"{secrets.token_hex(8)}-{number}", 400, monkeypatch, tmp_path)
    assert [one for one in caplog.records if one.exc_info and one.levelno >= logging.ERROR] == []
