"""Which proxy requests go through: the settings' own, or by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from msgspec import Struct

from tui_migrate.engine.settings import EngineSettings, proxy_address


class Proxy(Struct, frozen=True):
    """A proxy that requests to the engine go through."""

    address: str
    """May hold a user and password: never shown."""
    named_by: str
    """`settings`, or a variable of the environment."""

    def __repr__(self) -> str:
        return f"Proxy(named_by={self.named_by!r})"


def proxy_of(settings: EngineSettings) -> Proxy | None:
    """Return the proxy between here and the engine; None where requests go directly."""
    address = proxy_address(settings)
    if address is None:
        return _of_environment(settings.url)
    return Proxy(address, "settings") if address else None


def _of_environment(url: str) -> Proxy | None:
    # Windows and macOS keep proxies outside of the environment, too. Elsewhere nothing is imported for what isn't set.
    if sys.platform not in ("win32", "darwin") and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies()
    scheme = next((name for name in (parts.scheme, "all") if proxies.get(name)), None)
    if scheme is None or proxy_bypass(parts.netloc):
        return None
    address = proxies[scheme]
    return Proxy(address if "://" in address else f"http://{address}", f"{scheme.upper()}_PROXY")
