"""Where a request went, in words for a message: never with headers, passwords or a query string."""

from __future__ import annotations

from msgspec import Struct

from tui_migrate.engine.proxies import Proxy
from tui_migrate.engine.settings import Basic, Bearer, EngineSettings


class Request(Struct, frozen=True):
    """One request as errors and logs tell it."""

    method: str
    path: str
    """Below the REST base, without query."""
    changing: bool = False
    """Whether it would change the engine, so that an answer that was not read leaves the outcome unknown."""


class Place(Struct, frozen=True):
    """The engine's address and the user's ways to change it."""

    url: str
    engine_name: str | None
    profile_name: str | None
    user: str | None
    has_credentials: bool
    proxy_named_by: str | None
    """What names the proxy that requests go through: `settings`, or a variable of the environment."""

    @classmethod
    def of(cls, settings: EngineSettings, proxy: Proxy | None) -> Place:
        """Return the place that these settings name, and the proxy on the way there."""
        authentication = settings.authentication
        return cls(
            url=settings.url,
            engine_name=settings.engine_name,
            profile_name=settings.profile_name,
            user=authentication.user if isinstance(authentication, Basic) else None,
            has_credentials=isinstance(authentication, Basic | Bearer),
            proxy_named_by=None if proxy is None else proxy.named_by,
        )

    @property
    def where_to_change(self) -> str:
        """How the user changes the address."""
        if self.profile_name:
            return f"the address in profile {self.profile_name!r}"
        return "the address (--url, TUI_MIGRATE_URL)"

    @property
    def where_to_log_in(self) -> str:
        """How the user gives credentials."""
        if self.profile_name:
            return f"the credentials of profile {self.profile_name!r}, or TUI_MIGRATE_USER and TUI_MIGRATE_PASSWORD"
        return "TUI_MIGRATE_USER and TUI_MIGRATE_PASSWORD, or a profile"

    @property
    def proxy_hint(self) -> str:
        """A sentence that names the proxy which requests to this address go through, or nothing."""
        if self.proxy_named_by is None:
            return ""
        if self.proxy_named_by == "settings":
            return " The request went through the proxy that the profile names."
        return (
            f" The request went through the proxy of {self.proxy_named_by}: add the engine's host to NO_PROXY to go "
            "directly."
        )
