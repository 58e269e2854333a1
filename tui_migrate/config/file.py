"""The configuration file: TOML, every member known, mistakes named with file and key."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from tui_migrate.errors import ConfigError
from tui_migrate.text import safe

Colour = Literal["red", "orange", "yellow", "green", "cyan", "blue", "magenta", "grey"]
Confirm = Literal["none", "yes", "key"]
COLOURS: tuple[Colour, ...] = ("red", "orange", "yellow", "green", "cyan", "blue", "magenta", "grey")

_SECRET_HEADER = re.compile(r"auth|cookie|token|key|secret|password", re.IGNORECASE)
_SOURCES = ("value", "environment", "file", "command", "prompt")


class Section(BaseModel):
    """Base of the file's sections: an unknown member is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SecretSection(Section):
    """Where a secret comes from: exactly one of these, or a plain string for `value` in a file of mode 0600."""

    value: SecretStr | None = None
    """The secret itself."""
    environment: str | None = None
    """Name of an environment variable."""
    file: Path | None = None
    """A file that only its owner may read."""
    command: tuple[str, ...] | None = Field(default=None, repr=False)
    """A program and its arguments; what it prints is the secret."""
    prompt: Literal[True] | None = None
    """Ask when it is needed."""

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str) else data

    @field_validator("command", mode="before")
    @classmethod
    def _split(cls, command: Any) -> Any:
        if isinstance(command, str):
            import shlex

            return shlex.split(command)
        return command

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretSection:
        given = [name for name in _SOURCES if getattr(self, name) is not None]
        if len(given) != 1 or self.command == ():
            raise ValueError(f"give exactly one of {', '.join(_SOURCES)}")
        return self


class AuthenticationSection(Section):
    """How to log in."""

    type: Literal["none", "basic", "bearer"]
    user: str | None = None
    """For basic."""
    password: SecretSection | None = None
    """For basic; without it the password is asked for."""
    token: SecretSection | None = None
    """For bearer."""
    lifetime: float = Field(default=60.0, gt=0)
    """Seconds for which a token of a file or command is used before it is read again."""

    @model_validator(mode="after")
    def _complete(self) -> AuthenticationSection:
        if self.type == "basic" and (not self.user or self.token is not None):
            raise ValueError("basic takes a user and a password")
        if self.type == "basic" and ":" in (self.user or ""):
            raise ValueError("a user with a colon can't log in by basic authentication")
        if self.type == "bearer" and (self.token is None or self.user is not None or self.password is not None):
            raise ValueError("bearer takes a token")
        if self.type == "none" and (self.user or self.password or self.token):
            raise ValueError("type none takes no credentials")
        return self


class CertificateSection(Section):
    """The certificate that is shown to the server."""

    file: Path
    """PEM file with the certificate, and with its key where `key_file` is missing."""
    key_file: Path | None = None
    password: SecretSection | None = None
    """Of the key."""


class ProfileSection(Section):
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
    proxy: SecretStr | None = None
    """Address of the proxy in place of the environment's; an empty string is none."""
    connect_timeout: float | None = Field(default=None, gt=0)
    """Seconds until a connection stands."""
    read_timeout: float | None = Field(default=None, gt=0)
    """Seconds until a read is given up."""
    execute_timeout: float | None = Field(default=None, gt=0)
    """Seconds until the answer to a migration is given up; the engine goes on."""
    headers: dict[str, SecretSection] = {}
    """Extra headers of each request, by name."""


class ConfigFile(Section):
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
        content = ConfigFile.model_validate(data)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False, include_context=False)
        # A misspelt member is missing, too: its name says more.
        first = min(mistakes, key=lambda one: one["type"] != "extra_forbidden")
        raise ConfigError(f"{path}: {_sentence(first['type'], first['loc'], first['msg'])}") from None
    default = content.default_profile
    if default is not None and default not in content.profiles:
        raise ConfigError(
            f"{path}: default_profile is {default!r}, which is no profile{nearest(default, content.profiles)}."
        )
    return content


def _sentence(kind: str, location: tuple[int | str, ...], message: str) -> str:
    key = ".".join(safe(str(part)) for part in location) or "the file"
    if kind == "extra_forbidden":
        known = _known_members(location[:-1])
        return f"{key} is not known{nearest(str(location[-1]), known)}."
    if kind == "missing":
        return f"{key} is missing."
    words = message.removeprefix("Value error, ").removeprefix("Input ")
    return f"{key}: {words}."


def _known_members(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """The members of the section at a place in the file."""
    kind: Any = ConfigFile
    for part in location:
        fields = getattr(kind, "model_fields", None)
        if fields is not None and part in fields:
            kind = _section_of(fields[part].annotation)
        elif get_origin(kind) is dict:
            kind = _section_of(get_args(kind)[1])
    return tuple(getattr(kind, "model_fields", ()))


def _section_of(annotation: Any) -> Any:
    """The section, or dictionary of sections, in an annotation such as `AuthenticationSection | None`."""
    if get_origin(annotation) in (Union, UnionType):
        return next((one for one in get_args(annotation) if one is not type(None)), annotation)
    return annotation


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known name nearest to a wrong one, or the list of known names."""
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
    if profile.proxy is not None and "@" in profile.proxy.get_secret_value():
        yield "proxy"
