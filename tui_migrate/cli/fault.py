"""A fault of ours leaves its traceback in a file, never on the user's terminal."""

from __future__ import annotations

import os
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path


def write_fault(error: BaseException) -> str:
    """Append the traceback to `faults.log` in the state folder (or the temporary one) and return its path."""
    text = "".join(traceback.format_exception(error))
    entry = f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{text}\n"
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / "faults.log"
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as log:
                log.write(entry)
        except OSError:
            continue
        return str(file)
    return "no file (none could be written)"


def _folders() -> list[Path]:
    from tui_migrate.config.paths import state_folder

    return [state_folder(), Path(tempfile.gettempdir())]
