"""What the client needs to know to talk to one engine. No value here is ever printed with its secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import unquote, urlsplit, urlunsplit

from msgspec import Struct, field
from msgspec.structs import force_setattr

from tui_migrate.errors import ConfigError
from tui_migrate.secret import Secret

_NO_HEADERS: Mapping[str, Secret] = MappingProxyType({})


class NoAuthentication(Struct, frozen=True):
    """No credentials are sent."""


class Basic(Struct, frozen=True):
    """User and password, sent with each request as HTTP Basic."""

    user: str
    password: Secret


class Bearer(Struct, frozen=True):
    """A token for a gateway in front of the engine; the engine's own filter knows Basic only.

    A token helper's tokens are short-lived, so the source is asked again after `lifetime` seconds, and after a 401.
    """

    token_source: Callable[[], Secret]
    """Gives the token; may block (a file, a command), so it is called in a thread. Raises ConfigError."""
    lifetime: float = 60.0
    """Seconds for which a token is used before the source is asked again."""


Authentication = NoAuthentication | Basic | Bearer


class ClientCertificate(Struct, frozen=True):
    """A certificate that the client shows to the server."""

    certificate_file: str
    """PEM file with the certificate, and the key where `key_file` is None."""
    key_file: str | None = None
    password: Secret | None = None


class EngineSettings(Struct, frozen=True):
    """Address of an engine and how to talk to it.

    `url` is the whole REST base (`https://host/engine-rest`). A trailing slash is dropped; a user and password in it
    are moved to `authentication`, so that the address may be shown anywhere.

    Raises:
        ConfigError: `url` is no http or https address.
    """

    url: str
    engine_name: str | None = None
    """Name of the process engine below the base; None is the default engine."""
    authentication: Authentication = NoAuthentication()
    ca_file: str | None = None
    """PEM file with the certificates to trust in place of the system's store."""
    client_certificate: ClientCertificate | None = None
    proxy: Secret | str | None = field(default=None)
    """Address of the proxy to use in place of the environment's (HTTP_PROXY …); an empty string is 'no proxy'."""
    connect_timeout: float = 10.0
    """Seconds until a connection stands."""
    read_timeout: float = 30.0
    """Seconds without a byte of the answer to a read."""
    execute_timeout: float = 600.0
    """The same for a migration: a synchronous one of 5,000 instances takes 20 s and more, and goes on after a
    time-out."""
    headers: Mapping[str, Secret | str] = field(default_factory=lambda: _NO_HEADERS)
    """Extra headers of each request."""
    profile_name: str | None = None
    """For messages: where the user may change all this."""
    read_only: bool = False
    """Refuse every request that would change the engine."""

    def __post_init__(self) -> None:
        url, credentials = clean_url(self.url)
        force_setattr(self, "url", url)
        if credentials is not None and isinstance(self.authentication, NoAuthentication):
            force_setattr(self, "authentication", credentials)

    def __repr__(self) -> str:
        # Headers and the proxy's address may hold secrets as plain text.
        return f"EngineSettings({self.url!r})"


def clean_url(url: str) -> tuple[str, Basic | None]:
    """Return the address without trailing slash and credentials, and the credentials that it held.

    Raises:
        ConfigError: It is no http or https address; the message never shows credentials.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError("The engine's address can't be read. It looks like http://host:8080/engine-rest.") from None
    if parts.scheme not in ("http", "https") or not host:
        shown = "" if "@" in text else f" {text!r}"
        raise ConfigError(
            f"The engine's address{shown} needs http:// or https:// in front, such as http://localhost:8080/engine-rest."
        )
    if parts.query or parts.fragment:
        raise ConfigError(
            "The engine's address ends before any '?' or '#': it is the REST base, such as …/engine-rest."
        )
    place = f"[{host}]" if ":" in host else host
    clean = urlunsplit((parts.scheme, place if port is None else f"{place}:{port}", parts.path.rstrip("/"), "", ""))
    if parts.username is None:
        return clean, None
    return clean, Basic(unquote(parts.username), Secret(unquote(parts.password or "")))


def proxy_address(settings: EngineSettings) -> str | None:
    """Return the proxy of the settings: None asks the environment, an empty string is no proxy."""
    proxy = settings.proxy
    return proxy.reveal() if isinstance(proxy, Secret) else proxy
