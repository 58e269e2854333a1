"""Where a request went, in words for a message: never with headers, passwords or a query string."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.request import getproxies, proxy_bypass

from tui_migrate.engine.settings import Basic, Bearer, EngineSettings


@dataclass(frozen=True, slots=True)
class Request:
    """One request as errors and logs tell it."""

    method: str
    path: str
    """Below the REST base, without query."""
    changing: bool = False
    """Whether it would change the engine, so that an answer that was not read leaves the outcome unknown."""


@dataclass(frozen=True, slots=True)
class Place:
    """The engine's address and the user's ways to change it."""

    url: str
    engine_name: str | None
    profile_name: str | None
    user: str | None
    has_credentials: bool
    explicit_proxy: bool

    @classmethod
    def of(cls, settings: EngineSettings) -> Place:
        """Return the place that these settings name."""
        authentication = settings.authentication
        return cls(
            url=settings.url,
            engine_name=settings.engine_name,
            profile_name=settings.profile_name,
            user=authentication.user if isinstance(authentication, Basic) else None,
            has_credentials=isinstance(authentication, Basic | Bearer),
            explicit_proxy=bool(settings.proxy),
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
        """A sentence naming the proxy variable that httpx obeys for this address, or nothing."""
        if self.explicit_proxy:
            return " The request went through the proxy of the settings."
        variable = _proxy_variable(self.url)
        if variable is None:
            return ""
        return f" The request went through the proxy of {variable}: add the engine's host to NO_PROXY to go directly."


def _proxy_variable(url: str) -> str | None:
    scheme, _, rest = url.partition("://")
    host = rest.split("/", 1)[0]
    proxies = getproxies()
    if proxy_bypass(host):
        return None
    for name in (scheme, "all"):
        if name in proxies:
            return f"{name.upper()}_PROXY"
    return None
