"""Where Cockpit shows a batch: a link for people who want to look there too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from tui_migrate.operations.session import Session


async def batch_link(session: Session, batch_id: str, *, ended: bool = False) -> str:
    """Return the usual address of Cockpit's page of a batch: beside the REST API, below the family's name.

    Whether Cockpit is installed there can't be asked by REST. (The runnable engine has it at `/camunda` or `/operaton`;
    the application servers as well.)

    Args:
        session: The engine.
        batch_id: The batch.
        ended: Whether it is in history only.
    """
    features = await session.features()
    parts = urlsplit(session.engine.settings.url)
    root = parts.path.partition("/engine-rest")[0]
    host = parts.hostname or ""
    where = f"[{host}]" if ":" in host else host
    place = f"{where}:{parts.port}" if parts.port else where
    engine = quote(session.engine.settings.engine_name or "default", safe="")
    kind = "history" if ended else "runtime"
    fragment = f"/batch?details={quote(batch_id, safe='')}&type={kind}"
    return urlunsplit((parts.scheme, place, f"{root}/{features.family}/app/cockpit/{engine}/", "", fragment))
