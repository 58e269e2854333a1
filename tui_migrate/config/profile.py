"""A profile: one engine, resolved, with the origin of each of its values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from tui_migrate.config.secret import CommandSecret, FileSecret, LiteralSecret, PromptSecret, SecretNeeded, SecretSource
from tui_migrate.engine.settings import (
    Authentication,
    Basic,
    Bearer,
    ClientCertificate,
    EngineSettings,
    NoAuthentication,
)
from tui_migrate.errors import ConfigError
from tui_migrate.secret import Secret

if TYPE_CHECKING:
    from tui_migrate.config.file import Colour, Confirm

_EMPTY: Mapping[str, str] = MappingProxyType({})
_NO_HEADERS: Mapping[str, SecretSource] = MappingProxyType({})
DEFAULT = "default"


class Login(Struct, frozen=True):
    """How a profile logs in; the secret itself is read when the session starts."""

    user: str | None = None
    password: SecretSource | None = None
    token: SecretSource | None = None
    lifetime: float = 60.0
    """Seconds for which a token of a file or command is used."""


class CertificateFiles(Struct, frozen=True):
    """A client certificate's files; the key's password is read when the session starts."""

    file: str
    key_file: str | None = None
    password: SecretSource | None = None


class Setting(Struct, frozen=True):
    """One value for people: what it is and where it came from."""

    name: str
    value: str
    """Shown form; never a secret."""
    origin: str
    """`option --url`, `environment TUI_MIGRATE_URL`, `file /…/config.toml` or `default`."""


class Profile(Struct, frozen=True):
    """One engine: where it is, how to talk to it, and what is allowed there."""

    name: str
    """Name in the configuration file, or host and port where the engine was named by its address."""
    url: str
    engine_name: str | None = None
    tenant: str | None = None
    colour: Colour | None = None
    read_only: bool = False
    confirm: Confirm = "yes"
    """What a migration asks for: nothing, a yes, or the process's key to be typed."""
    login: Login = Login()
    ca_file: str | None = None
    client_certificate: CertificateFiles | None = None
    proxy: Secret | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    execute_timeout: float = 600.0
    headers: Mapping[str, SecretSource] = field(default_factory=lambda: _NO_HEADERS)
    from_file: bool = False
    """Whether `name` is a profile of the configuration file."""
    origins: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    """By attribute, where its value came from; what is missing is a default."""

    def engine_settings(self) -> EngineSettings:
        """Return what the client needs; reads the secrets, so it may block for as long as a command runs.

        Raises:
            SecretNeeded: A secret has to be typed: ask `question`, then use `with_secret`.
            ConfigError: A secret can't be read.
        """
        return EngineSettings(
            url=self.url,
            engine_name=self.engine_name,
            authentication=self._authentication(),
            ca_file=self.ca_file,
            client_certificate=self._certificate(),
            proxy=self.proxy,
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            execute_timeout=self.execute_timeout,
            headers={name: source.read(f"Header {name} of {self.name}") for name, source in self.headers.items()},
            profile_name=self.name if self.from_file else None,
            read_only=self.read_only,
        )

    def needed_secret(self) -> str | None:
        """Return what has to be typed before `engine_settings` can be called, such as `Password of admin at prod`."""
        asked = (
            (self._password_name, self.login.password),
            (self._token_name, self.login.token),
            (self._key_name, self.client_certificate.password if self.client_certificate else None),
            *((f"Header {name} of {self.name}", source) for name, source in self.headers.items()),
        )
        return next((name for name, source in asked if isinstance(source, PromptSecret)), None)

    def with_secret(self, value: Secret) -> Profile:
        """Return the profile with the secret that `needed_secret` names.

        Raises:
            ConfigError: No secret is needed.
        """
        typed = LiteralSecret(value, "the prompt")
        if isinstance(self.login.password, PromptSecret):
            return replace(self, login=replace(self.login, password=typed))
        if isinstance(self.login.token, PromptSecret):
            return replace(self, login=replace(self.login, token=typed))
        certificate = self.client_certificate
        if certificate is not None and isinstance(certificate.password, PromptSecret):
            return replace(self, client_certificate=replace(certificate, password=typed))
        for name, source in self.headers.items():
            if isinstance(source, PromptSecret):
                return replace(self, headers={**self.headers, name: typed})
        raise ConfigError(f"{self.name} asks for no secret.")

    def settings(self) -> tuple[Setting, ...]:
        """Return every value with its origin, for `config show`; secrets by their source only."""
        shown = (
            ("profile", "name", self.name),
            ("url", "url", self.url),
            ("engine", "engine_name", self.engine_name or "(the default one)"),
            ("tenant", "tenant", self.tenant or ""),
            ("colour", "colour", self.colour or ""),
            ("read_only", "read_only", _word(self.read_only)),
            ("confirm", "confirm", self.confirm),
            ("authentication", "login", self._login_text()),
            ("ca_file", "ca_file", self.ca_file or "(the system's store)"),
            (
                "client_certificate",
                "client_certificate",
                self.client_certificate.file if self.client_certificate else "",
            ),
            ("proxy", "proxy", self._proxy_text()),
            ("connect_timeout", "connect_timeout", f"{self.connect_timeout:g}"),
            ("read_timeout", "read_timeout", f"{self.read_timeout:g}"),
            ("execute_timeout", "execute_timeout", f"{self.execute_timeout:g}"),
            ("headers", "headers", ", ".join(self.headers)),
        )
        return tuple(Setting(name, value, self.origins.get(attribute, DEFAULT)) for name, attribute, value in shown)

    def _authentication(self) -> Authentication:
        login = self.login
        if login.token is not None:
            if isinstance(login.token, PromptSecret):
                raise SecretNeeded(self._token_name)
            renewed = isinstance(login.token, CommandSecret | FileSecret)
            return Bearer(
                partial(login.token.read, self._token_name), lifetime=login.lifetime if renewed else float("inf")
            )
        if login.user is not None and login.password is not None:
            return Basic(login.user, login.password.read(self._password_name))
        return NoAuthentication()

    def _certificate(self) -> ClientCertificate | None:
        files = self.client_certificate
        if files is None:
            return None
        password = None if files.password is None else files.password.read(self._key_name)
        return ClientCertificate(files.file, files.key_file, password)

    @property
    def _password_name(self) -> str:
        return f"Password of {self.login.user} at {self.name}"

    @property
    def _token_name(self) -> str:
        return f"Token for {self.name}"

    @property
    def _key_name(self) -> str:
        return f"Password of the client certificate's key for {self.name}"

    def _login_text(self) -> str:
        if self.login.token is not None:
            return f"bearer, token {self.login.token}"
        if self.login.user is not None:
            return f"basic, user {self.login.user}, password {self.login.password}"
        return "none"

    def _proxy_text(self) -> str:
        if self.proxy is None:
            return "(the environment's)"
        address = self.proxy.reveal()
        return address.rpartition("@")[2] if address else "(none)"


def _word(value: bool) -> str:
    return "true" if value else "false"
