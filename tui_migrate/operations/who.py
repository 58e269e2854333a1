"""Who acts, as the journal names it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_migrate.operations.session import Session


def who_acts(session: Session) -> str:
    """Return the user at the engine, or the one at this computer where the engine is told none."""
    from tui_migrate.engine.settings import Basic

    authentication = session.engine.settings.authentication
    if isinstance(authentication, Basic):
        return authentication.user
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id that no password file knows, as in containers
        return "unknown"
