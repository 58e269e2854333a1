"""Fixtures of the screens' tests: a plain surrounding, and snapshots."""

from __future__ import annotations

import inspect
import pickle
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pytest_textual_snapshot import PseudoApp, PseudoConsole, node_to_report_path
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from tests.tui.desk import Desk
from tests.tui.snapshots import USED, ScreenSvg, ScreenText

Snap = Callable[[Desk, str], Awaitable[None]]


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No user configuration, no colours or locale of the machine, no animation."""
    for name, value in (
        ("HOME", str(tmp_path)),
        ("XDG_CONFIG_HOME", str(tmp_path / "config")),
        ("TUI_MIGRATE_STATE", str(tmp_path / "state")),
        ("TZ", "UTC"),
        ("LC_ALL", "C.UTF-8"),
        ("TERM", "xterm-256color"),
        ("COLORTERM", "truecolor"),
        ("TEXTUAL_ANIMATIONS", "none"),
    ):
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "TUI_MIGRATE_URL", "TUI_MIGRATE_PROFILE", "TUI_MIGRATE_CONFIG", "TEXTUAL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def snap(snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> Snap:
    """Compares the screen with the one in `snapshots/NAME.svg` and `NAME.txt`; `--snapshot-update` writes them."""

    async def compare(desk: Desk, name: str) -> None:
        await desk.settled()
        svg = desk.app.export_screenshot(title="tui-migrate", simplify=True)
        text = desk.text
        USED.add(name)
        with warnings.catch_warnings():
            # Syrupy wants a test's name in a snapshot's; ours are the names of screens.
            warnings.filterwarnings("ignore", message=r"\s*Can not relate snapshot")
            same_picture = snapshot(name=name, extension_class=ScreenSvg) == svg
            expected = str(snapshot.executions[snapshot.num_executions - 1].recalled_data or "")
            same_text = snapshot(name=name, extension_class=ScreenText) == text
        _for_the_report(request, name, svg, expected, same=same_picture)
        assert same_text, f"the text of screen {name} differs from snapshots/{name}.txt; it is now:\n{text}"
        assert same_picture, f"the colours of screen {name} differ from snapshots/{name}.svg (see the report)"

    return compare


def _for_the_report(request: pytest.FixtureRequest, name: str, svg: str, expected: str, *, same: bool) -> None:
    """Hand the pictures to the plugin's side-by-side page."""
    console = Console(legacy_windows=False, force_terminal=True)
    app = PseudoApp(PseudoConsole(console.legacy_windows, console.size))
    path, line, test = request.node.reportinfo()
    data = (
        same,
        expected,
        svg,
        app,
        path,
        line,
        f"{test}: {name}",
        inspect.getdoc(request.function) or "",
        "",
        bool(expected),
    )
    place = node_to_report_path(request.node)
    place.with_name(f"{place.name}_{name}").write_bytes(pickle.dumps(data))
