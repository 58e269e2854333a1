"""Secrets: where one comes from, and reading it. A secret is never printed; its source may be."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tui_migrate.errors import ConfigError
from tui_migrate.secret import Secret

_LARGEST = 64 * 1024
_COMMAND_SECONDS = 30.0


class SecretNeeded(ConfigError):
    """A secret has to be typed: the caller asks on a terminal or a screen, then uses `Profile.with_secret`.

    Args:
        question: What to ask for, such as `Password of admin at prod`.
    """

    def __init__(self, question: str) -> None:
        super().__init__(
            f"{question} is needed, and there is no terminal to ask. Give it by the environment, a file or a command."
        )
        self.question = question


class LiteralSecret(Struct, frozen=True):
    """A secret that is known already: from the environment, typed, or written in a private configuration file."""

    value: Secret
    origin: str
    """Where it came from, such as `TUI_MIGRATE_PASSWORD`."""

    def read(self, what: str) -> Secret:
        """Return the secret."""
        return self.value

    def __str__(self) -> str:
        return f"(from {self.origin})"


class EnvironmentSecret(Struct, frozen=True):
    """A secret in an environment variable that the configuration names."""

    variable: str
    environ: Mapping[str, str]

    def read(self, what: str) -> Secret:
        """Return the secret.

        Raises:
            ConfigError: The variable is not set.
        """
        value = self.environ.get(self.variable, "")
        if not value:
            raise ConfigError(f"{what}: the environment variable {self.variable} is not set.")
        return Secret(value)

    def __repr__(self) -> str:
        return f"EnvironmentSecret({self.variable!r})"

    def __str__(self) -> str:
        return f"(from the environment variable {self.variable})"


class FileSecret(Struct, frozen=True):
    """A secret in a file that only its owner may read."""

    path: Path

    def read(self, what: str) -> Secret:
        """Return the secret without its last line break.

        Raises:
            ConfigError: The file can't be read, is empty, or others may read it.
        """
        return Secret(read_private_file(self.path, what))

    def __str__(self) -> str:
        return f"(from the file {self.path})"


class CommandSecret(Struct, frozen=True):
    """A secret that a program prints, such as a password manager or a token helper."""

    command: tuple[str, ...]

    def read(self, what: str) -> Secret:
        """Return what the command prints, without its last line break. Blocks.

        Raises:
            ConfigError: The command is not there, fails, takes more than 30 s, or prints nothing.
        """
        return Secret(_printed(self.command, what))

    def __repr__(self) -> str:
        return f"CommandSecret({self.command[0]!r})"

    def __str__(self) -> str:
        # Not the arguments: one of them might be a secret itself.
        return f"(from the command {self.command[0]})"


class PromptSecret(Struct, frozen=True):
    """A secret that has to be typed."""

    def read(self, what: str) -> Secret:
        """Raise `SecretNeeded`, always."""
        raise SecretNeeded(what)

    def __str__(self) -> str:
        return "(asked for)"


SecretSource = LiteralSecret | EnvironmentSecret | FileSecret | CommandSecret | PromptSecret


def read_private_file(path: Path, what: str) -> str:
    """Return the text of a file that only its owner may read, without its last line break.

    Args:
        path: The file.
        what: For messages: what the secret is, such as `Password of admin at prod`.

    Raises:
        ConfigError: The file can't be read, is empty, or others may read it.
    """
    try:
        with path.open("rb") as file:
            refuse_loose_mode(path, os.fstat(file.fileno()).st_mode, what)
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{what}: the file {path} can't be read ({error.strerror}).") from None
    if len(content) > _LARGEST:
        raise ConfigError(f"{what}: the file {path} is too large for a secret.")
    return _text(content, what, f"the file {path}")


def refuse_loose_mode(path: Path, mode: int, what: str) -> None:
    """Raise ConfigError where the group or others may touch a file with a secret."""
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigError(
            f"{what}: others may read the file {path} (mode {stat.S_IMODE(mode):04o}). Run: chmod 600 {path}"
        )


def _printed(command: tuple[str, ...], what: str) -> str:
    program = command[0]
    try:
        # Its standard error is not shown: it would tear the screen, and nobody knows what it says.
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_SECONDS, check=False
        )
    except FileNotFoundError:
        raise ConfigError(f"{what}: the command {program} does not exist.") from None
    except OSError as error:
        raise ConfigError(f"{what}: the command {program} can't be run ({error.strerror}).") from None
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f"{what}: the command {program} gave nothing within {_COMMAND_SECONDS:g} s. Does it wait for input?"
        ) from None
    if done.returncode != 0:
        raise ConfigError(
            f"{what}: the command {program} failed with exit code {done.returncode}. Run it by hand to see why."
        )
    return _text(done.stdout, what, f"the command {program}")


def _text(content: bytes, what: str, source: str) -> str:
    try:
        text = content.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise ConfigError(f"{what}: {source} gives no UTF-8 text.") from None
    if not text:
        raise ConfigError(f"{what}: {source} gives nothing.")
    if "\n" in text or "\r" in text or "\0" in text:
        raise ConfigError(f"{what}: {source} gives more than one line.")
    return text
