"""The configuration file: TOML, every member known, mistakes named with file and key."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from msgspec import Meta, Struct, ValidationError, convert
from msgspec.structs import FieldInfo, fields

from tui_migrate.errors import ConfigError
from tui_migrate.secret import Secret
from tui_migrate.text import safe

Colour = Literal["red", "orange", "yellow", "green", "cyan", "blue", "magenta", "grey"]
Confirm = Literal["none", "yes", "key"]
Seconds = Annotated[float, Meta(gt=0)]

S = TypeVar("S", bound="Section")

_SECRET_HEADER = re.compile(r"auth|cookie|token|key|secret|password", re.IGNORECASE)
_SOURCES = ("value", "environment", "file", "command", "prompt")
_WORDS: Mapping[Any, str] = {
    str: "a string",
    Path: "a string",
    Secret: "a string",
    bool: "true or false",
    Seconds: "a number greater than 0",
    tuple[str, ...]: "a string or an array of strings",
}
"""What a value has to be, by its type, in the words of TOML."""


class Section(Struct, frozen=True, kw_only=True):
    """Base of the file's sections: an unknown member is an error."""


class SecretSection(Section, frozen=True, kw_only=True):
    """Where a secret comes from: exactly one of these, or a plain string for `value` in a file of mode 0600."""

    value: Secret | None = None
    """The secret itself."""
    environment: str | None = None
    """Name of an environment variable."""
    file: Path | None = None
    """A file that only its owner may read."""
    command: tuple[str, ...] | None = None
    """A program and its arguments; what it prints is the secret."""
    prompt: bool = False
    """Ask when it is needed."""

    def __post_init__(self) -> None:
        if len(self._given()) != 1 or self.command == ():
            raise ValueError(f"give exactly one of {', '.join(_SOURCES)}")

    def __repr__(self) -> str:
        # An argument of the command might be a secret itself.
        return f"SecretSection({self._given()[0]})"

    def _given(self) -> list[str]:
        return [name for name in _SOURCES if getattr(self, name) not in (None, False)]


class AuthenticationSection(Section, frozen=True, kw_only=True):
    """How to log in."""

    type: Literal["none", "basic", "bearer"]
    user: str | None = None
    """For basic."""
    password: SecretSection | None = None
    """For basic; without it the password is asked for."""
    token: SecretSection | None = None
    """For bearer."""
    lifetime: Seconds = 60.0
    """Seconds for which a token of a file or command is used before it is read again."""

    def __post_init__(self) -> None:
        if self.type == "basic" and (not self.user or self.token is not None):
            raise ValueError("basic takes a user and a password")
        if self.type == "basic" and ":" in (self.user or ""):
            raise ValueError("a user with a colon can't log in by basic authentication")
        if self.type == "bearer" and (self.token is None or self.user is not None or self.password is not None):
            raise ValueError("bearer takes a token")
        if self.type == "none" and (self.user or self.password or self.token):
            raise ValueError("type none takes no credentials")


class CertificateSection(Section, frozen=True, kw_only=True):
    """The certificate that is shown to the server."""

    file: Path
    """PEM file with the certificate, and with its key where `key_file` is missing."""
    key_file: Path | None = None
    password: SecretSection | None = None
    """Of the key."""


class ProfileSection(Section, frozen=True, kw_only=True):
    """One engine."""

    url: str
    """REST base, such as `https://host/engine-rest`."""
    engine: str | None = None
    """Name of the process engine below the REST base."""
    tenant: str | None = None
    """Tenant of the definitions that are named by key."""
    colour: Colour | None = None
    """How the screens show whose engine this is."""
    read_only: bool | None = None
    """Refuse everything that would change the engine."""
    confirm: Confirm | None = None
    """What a migration asks for: nothing, a yes, or the process's key to be typed."""
    authentication: AuthenticationSection | None = None
    ca_file: Path | None = None
    """PEM file with the authorities to trust in place of the system's store."""
    client_certificate: CertificateSection | None = None
    proxy: Secret | None = None
    """Address of the proxy in place of the environment's; an empty string is none."""
    connect_timeout: Seconds | None = None
    """Seconds until a connection stands."""
    read_timeout: Seconds | None = None
    """Seconds until a read is given up."""
    execute_timeout: Seconds | None = None
    """Seconds until the answer to a migration is given up; the engine goes on."""
    headers: dict[str, SecretSection] = {}
    """Extra headers of each request, by name."""


class ConfigFile(Section, frozen=True, kw_only=True):
    """The whole file."""

    default_profile: str | None = None
    """The profile that is used where none is named."""
    theme: str | None = None
    """Of the screens."""
    ascii: bool | None = None
    """Draw with ASCII characters only."""
    mouse: bool | None = None
    """Let the screens have the mouse."""
    keymap: dict[str, str] = {}
    """Keys by the id of a binding, in place of the default ones."""
    profiles: dict[str, ProfileSection] = {}


def read_config_file(path: Path) -> ConfigFile:
    """Return the content of a configuration file.

    Raises:
        ConfigError: It can't be read, is no TOML, has an unknown member or a value of a wrong type, or holds a secret
            that others may read. The message names the file and the key, never a value.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(f"The configuration file {path} does not exist.") from None
    except OSError as error:
        raise ConfigError(f"The configuration file {path} can't be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: the file is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: this is no valid TOML: {safe(str(error))}.") from None
    content = _validated(data, path)
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        _refuse_open_secrets(content, path, mode)
    return content


def _validated(data: dict[str, Any], path: Path) -> ConfigFile:
    try:
        content = _section(ConfigFile, data, ())
    except _Mistake as mistake:
        raise ConfigError(f"{path}: {mistake}.") from None
    default = content.default_profile
    if default is not None and default not in content.profiles:
        raise ConfigError(
            f"{path}: default_profile is {default!r}, which is no profile{nearest(default, content.profiles)}."
        )
    return content


class _Mistake(Exception):
    """The first mistake in the file: where it is, by the keys that lead there, and what is wrong; never a value."""

    def __init__(self, where: tuple[str, ...], words: str) -> None:
        super().__init__((".".join(safe(key) for key in where) or "the file") + words)


# The tables are read here and only their values by `msgspec`: of a mistake in a table of tables it tells neither the
# profile nor the header, and with a wrong choice it tells the value (0.22).
def _section(kind: type[S], table: Any, where: tuple[str, ...]) -> S:
    """Return a section. A misspelt member is named before what is wrong or missing because of it."""
    members = _members(kind)
    for name in _table(table, where):
        if name not in members:
            raise _Mistake((*where, name), f" is not known{nearest(name, members)}")
    values = {name: _value(_type(members[name]), value, (*where, name)) for name, value in table.items()}
    for name, member in members.items():
        if member.required and name not in values:
            raise _Mistake((*where, name), " is missing")
    try:
        return kind(**values)
    except ValueError as error:
        raise _Mistake(where, f": {error}") from None


def _value(kind: Any, value: Any, where: tuple[str, ...]) -> Any:
    if get_origin(kind) is dict:
        one = get_args(kind)[1]
        return {key: _value(one, member, (*where, key)) for key, member in _table(value, where).items()}
    if kind is SecretSection:
        value = _secret_table(value, where)
    if isinstance(kind, type) and issubclass(kind, Section):
        return _section(kind, value, where)
    try:
        return convert(value, kind, dec_hook=_from_string)
    except ValidationError:
        raise _Mistake(where, f": should be {_expected(kind, value)}") from None


def _table(value: Any, where: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Mistake(where, ": should be a table")
    return value


def _secret_table(value: Any, where: tuple[str, ...]) -> dict[str, Any]:
    """The table of a secret: a string is its value, and a string as a command is split as a shell does."""
    if isinstance(value, str):
        return {"value": value}
    if not isinstance(value, dict):
        raise _Mistake(where, ": should be a string or a table")
    command = value.get("command")
    if not isinstance(command, str):
        return value
    import shlex

    try:
        return {**value, "command": shlex.split(command)}
    except ValueError as error:
        raise _Mistake((*where, "command"), f": {error}") from None


def _from_string(kind: type, value: Any) -> Any:
    """A path or a secret."""
    return kind(convert(value, str))


def _expected(kind: Any, value: Any) -> str:
    if get_origin(kind) is Literal:
        *others, last = (repr(choice) for choice in get_args(kind))
        return f"{', '.join(others)} or {last}"
    quoted = isinstance(value, str) and kind in (bool, Seconds)
    return _WORDS[kind] + (", without quotes" if quoted else "")


@cache
def _members(kind: type[Section]) -> dict[str, FieldInfo]:
    return {member.name: member for member in fields(kind)}


def _type(member: FieldInfo) -> Any:
    """The type of a member that is given: what TOML can't say, None, is left out."""
    if get_origin(member.type) in (Union, UnionType):
        return next(one for one in get_args(member.type) if one is not type(None))
    return member.type


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known name nearest to a wrong one, or the list of known names."""
    import difflib

    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(sorted(names))}" if names else ""


def _refuse_open_secrets(content: ConfigFile, path: Path, mode: int) -> None:
    for name, profile in content.profiles.items():
        for key in _written_secrets(profile):
            raise ConfigError(
                f"{path}: profiles.{name}.{key} holds a secret, and others may read the file (mode "
                f"{stat.S_IMODE(mode):04o}). Run chmod 600 {path}, or name a file, a command or an environment "
                "variable."
            )


def _written_secrets(profile: ProfileSection) -> Iterator[str]:
    """The keys of a profile that hold a secret in plain text."""
    authentication, certificate = profile.authentication, profile.client_certificate
    sections: dict[str, SecretSection | None] = {
        "authentication.password": authentication.password if authentication else None,
        "authentication.token": authentication.token if authentication else None,
        "client_certificate.password": certificate.password if certificate else None,
        **{f"headers.{name}": value for name, value in profile.headers.items() if _SECRET_HEADER.search(name)},
    }
    yield from (key for key, section in sections.items() if section is not None and section.value is not None)
    if "@" in profile.url:
        yield "url"
    if profile.proxy is not None and "@" in profile.proxy.reveal():
        yield "proxy"
