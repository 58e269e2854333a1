"""What the configuration file says about the screens, read without validation: the first frame doesn't wait for it.

The whole file is validated when the profile is resolved, right after the first frame; what is wrong here is told then.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from tui_migrate.config.paths import config_file


class ScreenSettings(Struct, frozen=True):
    """How the screens look and which keys they take; None where the file doesn't say."""

    theme: str | None = None
    ascii: bool | None = None
    mouse: bool | None = None
    keymap: Mapping[str, str] = field(default_factory=dict)


def screen_settings(path: Path | None, environ: Mapping[str, str]) -> ScreenSettings:
    """Return what the file says; nothing where there is none, or where it can't be read.

    Args:
        path: File named by an option; None takes `TUI_MIGRATE_CONFIG`, else the user's.
        environ: The environment.
    """
    named = environ.get("TUI_MIGRATE_CONFIG")
    file = path or (Path(named) if named else config_file())
    try:
        text = file.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ScreenSettings()
    # Only where there is a file: without one, the first frame doesn't wait for the reader of TOML.
    import tomllib

    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ScreenSettings()
    theme, keymap = content.get("theme"), content.get("keymap")
    return ScreenSettings(
        theme=theme if isinstance(theme, str) else None,
        ascii=_flag(content.get("ascii")),
        mouse=_flag(content.get("mouse")),
        keymap={name: keys for name, keys in keymap.items() if isinstance(keys, str)}
        if isinstance(keymap, dict)
        else {},
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
