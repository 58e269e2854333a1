"""Where the configuration and the state live."""

from __future__ import annotations

import os
from pathlib import Path

APPLICATION = "tui-migrate"


def config_file() -> Path:
    """Return the user's configuration file, which need not exist. `TUI_MIGRATE_CONFIG` overrides it."""
    named = os.environ.get("TUI_MIGRATE_CONFIG")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_config_path(APPLICATION, appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Return the folder of the journal and the logs, which need not exist. `TUI_MIGRATE_STATE` overrides it."""
    named = os.environ.get("TUI_MIGRATE_STATE")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_state_path(APPLICATION, appauthor=False)


def journal_file() -> Path:
    """Return the journal's file, which need not exist."""
    return state_folder() / "journal.db"
