"""What the screens take from the configuration file before it is validated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.config.screen import ScreenSettings, screen_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_what_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "light"\nascii = true\n[keymap]\nplan-map = "f2"\n', encoding="utf-8")
    assert screen_settings(file, {}) == ScreenSettings("light", True, None, {"plan-map": "f2"})
    assert screen_settings(None, {"TUI_MIGRATE_CONFIG": str(file)}).theme == "light"


def test_no_file_and_a_broken_one_say_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "config.toml"
    broken.write_text("theme = [", encoding="utf-8")
    assert screen_settings(broken, {}) == ScreenSettings()
    assert screen_settings(tmp_path / "none.toml", {}) == ScreenSettings()


def test_wrong_types_are_left_to_the_validation(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = 1\nascii = "yes"\nkeymap = 3\n', encoding="utf-8")
    assert screen_settings(file, {}) == ScreenSettings()
