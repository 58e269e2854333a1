"""Options, environment and file into one profile: option > environment > file > default, for each value alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

from tui_migrate.config.paths import config_file
from tui_migrate.config.profile import CertificateFiles, Login, Profile
from tui_migrate.config.secret import (
    CommandSecret,
    EnvironmentSecret,
    FileSecret,
    LiteralSecret,
    PromptSecret,
    SecretSource,
)
from tui_migrate.engine.settings import Basic, clean_url
from tui_migrate.errors import ConfigError
from tui_migrate.secret import Secret

if TYPE_CHECKING:
    # At runtime only where there is a file: without one, nobody waits for the reader of TOML.
    from tui_migrate.config.file import CertificateSection, ConfigFile, ProfileSection, SecretSection

T = TypeVar("T")

VARIABLES = (
    "TUI_MIGRATE_URL", "TUI_MIGRATE_ENGINE", "TUI_MIGRATE_PROFILE", "TUI_MIGRATE_USER", "TUI_MIGRATE_PASSWORD",
    "TUI_MIGRATE_TOKEN", "TUI_MIGRATE_CONFIG", "TUI_MIGRATE_STATE", "TUI_MIGRATE_READ_ONLY", "TUI_MIGRATE_TENANT",
)  # fmt: skip
DEMO_URL = "http://demo.invalid/engine-rest"
"""Address of the embedded engine: no host of that name can exist."""

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class Config(Struct, frozen=True):
    """The configuration file's content, and where it is."""

    content: ConfigFile | None = None
    path: Path | None = None
    """Both None where there is no file."""

    @property
    def profile_names(self) -> tuple[str, ...]:
        """The profiles of the file, in its order."""
        return tuple(self.content.profiles) if self.content is not None else ()

    @property
    def default_profile(self) -> str | None:
        """The profile that the file names for when nothing else does."""
        return self.content.default_profile if self.content is not None else None

    def section(self, name: str | None) -> ProfileSection | None:
        """Return what the file says about one of its profiles, or None for none."""
        return self.content.profiles[name] if self.content is not None and name is not None else None


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Return the configuration.

    Args:
        path: File named by an option; it has to exist. None takes `TUI_MIGRATE_CONFIG`, which has to exist too, or the
            user's file, which need not.
        environ: The environment.

    Raises:
        ConfigError: The file can't be read or used, or an environment variable is misspelt.
    """
    _refuse_misspelt(environ)
    named = path or (Path(environ["TUI_MIGRATE_CONFIG"]) if environ.get("TUI_MIGRATE_CONFIG") else None)
    if named is not None:
        return _read(named.expanduser())
    usual = config_file()
    return _read(usual) if usual.exists() else Config()


def _read(path: Path) -> Config:
    from tui_migrate.config.file import read_config_file

    return Config(read_config_file(path), path)


def resolve_profile(
    config: Config,
    *,
    profile: str | None = None,
    url: str | None = None,
    engine: str | None = None,
    tenant: str | None = None,
    read_only: bool | None = None,
    demo: bool = False,
    environ: Mapping[str, str],
) -> Profile:
    """Return the profile to work with. Each value is the option's, else the environment's, the file's, the default.

    An address given without naming a profile leaves the file's profiles out: their credentials are for other hosts.

    Args:
        config: The configuration file.
        profile: Option: name of a profile in the file.
        url: Option: address of the engine.
        engine: Option: name of the process engine below the address.
        tenant: Option: tenant of the definitions named by key.
        read_only: Option: refuse every change. None or False is no option.
        demo: Option: the embedded engine, whatever the environment and the file say.
        environ: The environment.

    Raises:
        ConfigError: No engine is named, or two different ones, or a value can't be used.
    """
    _refuse_misspelt(environ)
    options = {"url": url, "engine": engine, "tenant": tenant, "read_only": read_only or None}
    if demo:
        return _demo_profile(options, environ)
    _refuse_url_secret(url)
    name, named_by_option = _profile_name(config, profile, options, environ)
    sources = _Sources(options, environ, config.section(name), config.path)
    return _resolved(sources, name, named_by_option=named_by_option)


class _Found(Struct, Generic[T], frozen=True):
    value: T
    origin: str | None
    """None for a default."""


class _Sources(Struct, frozen=True):
    """The three places where a value may come from."""

    options: Mapping[str, Any]
    environ: Mapping[str, str]
    section: ProfileSection | None
    path: Path | None

    @property
    def file_origin(self) -> str:
        return f"file {self.path}"

    def find(self, name: str, default: Any, *, variable: str | None = None) -> _Found[Any]:
        option = self.options.get(name)
        if option is not None:
            return _Found(option, f"option --{name.replace('_', '-')}")
        if variable is not None and self.environ.get(variable):
            return _Found(self.environ[variable], f"environment {variable}")
        written = None if self.section is None else getattr(self.section, name)
        return _Found(default, None) if written is None else _Found(written, self.file_origin)

    def file(self, path: Path) -> str:
        """A file's path as written in the configuration file: relative to it, with `~`."""
        folder = self.path.parent if self.path else Path()
        return str(folder / path.expanduser())


def _profile_name(
    config: Config, option: str | None, options: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[str | None, bool]:
    """The profile of the file to use, if any, and whether an option named it."""
    named = option or environ.get("TUI_MIGRATE_PROFILE") or None
    known = config.profile_names
    if named is not None:
        if named not in known:
            from tui_migrate.config.file import nearest

            where = f"in {config.path}" if config.path else "since there is no configuration file"
            raise ConfigError(f"There is no profile {named!r} {where}{nearest(named, known)}.")
        return named, bool(option)
    if options["url"] or environ.get("TUI_MIGRATE_URL"):
        return None, False
    if config.default_profile is not None:
        return config.default_profile, False
    if len(known) == 1:
        return known[0], False
    if known:
        raise ConfigError(f"Which engine? Name a profile by --profile: {', '.join(known)}; or set default_profile.")
    raise ConfigError(
        "No engine is named. Give its address by --url or TUI_MIGRATE_URL, such as http://localhost:8080/engine-rest, "
        "or try --demo."
    )


def _resolved(sources: _Sources, name: str | None, *, named_by_option: bool) -> Profile:
    address = sources.find("url", None, variable="TUI_MIGRATE_URL")
    _refuse_two_engines(sources, address, name, named_by_option=named_by_option)
    url, credentials = clean_url(address.value)
    found = {
        "engine_name": sources.find("engine", None, variable="TUI_MIGRATE_ENGINE"),
        "tenant": sources.find("tenant", None, variable="TUI_MIGRATE_TENANT"),
        "colour": sources.find("colour", None),
        "read_only": _read_only(sources),
        "confirm": sources.find("confirm", "yes"),
        "login": _login(sources, credentials, address.origin or ""),
        "ca_file": _ca_file(sources),
        "client_certificate": _certificate(sources),
        "proxy": sources.find("proxy", None),
        "connect_timeout": sources.find("connect_timeout", 10.0),
        "read_timeout": sources.find("read_timeout", 30.0),
        "execute_timeout": sources.find("execute_timeout", 600.0),
        "headers": _headers(sources),
    }
    origins = {key: one.origin for key, one in found.items() if one.origin is not None}
    origins["url"] = address.origin or ""
    origins["name"] = sources.file_origin if name is not None else origins["url"]
    return Profile(
        name=name if name is not None else url.partition("://")[2].split("/")[0],
        url=url,
        from_file=name is not None,
        origins=origins,
        **{key: one.value for key, one in found.items()},
    )


def _refuse_two_engines(sources: _Sources, address: _Found[Any], name: str | None, *, named_by_option: bool) -> None:
    """Refuse a profile typed as an option while the environment names another engine: its secrets would go there."""
    from_environment = bool(address.origin and address.origin.startswith("environment"))
    if not named_by_option or not from_environment or sources.section is None:
        return
    if clean_url(address.value)[0] != clean_url(sources.section.url)[0]:
        raise ConfigError(
            f"--profile {name} and TUI_MIGRATE_URL name different engines. Unset TUI_MIGRATE_URL, or give --url."
        )


def _refuse_url_secret(url: str | None) -> None:
    if url and "@" in url and clean_url(url)[1] is not None:
        raise ConfigError(
            "The address given by --url holds credentials, which every user of this machine can see in the process "
            "list. Give them by TUI_MIGRATE_USER and TUI_MIGRATE_PASSWORD, or by a profile."
        )


def _read_only(sources: _Sources) -> _Found[bool]:
    found = sources.find("read_only", False, variable="TUI_MIGRATE_READ_ONLY")
    if not isinstance(found.value, str):
        return found
    word = found.value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ConfigError("TUI_MIGRATE_READ_ONLY is neither true nor false. Set it to true, or unset it.")
    return _Found(word in _TRUE, found.origin)


def _login(sources: _Sources, in_url: Basic | None, url_origin: str) -> _Found[Login]:
    environ = sources.environ
    user, password, token = (environ.get(f"TUI_MIGRATE_{name}") or None for name in ("USER", "PASSWORD", "TOKEN"))
    if token and (user or password):
        raise ConfigError("TUI_MIGRATE_TOKEN and TUI_MIGRATE_USER or TUI_MIGRATE_PASSWORD are set: unset one of them.")
    if token:
        return _Found(Login(token=LiteralSecret(Secret(token), "TUI_MIGRATE_TOKEN")), "environment TUI_MIGRATE_TOKEN")
    written = _written_login(sources)
    if in_url is not None and not user and not password:
        return _Found(Login(in_url.user, LiteralSecret(in_url.password, "the address")), url_origin)
    if not user and not password:
        return _Found(written, sources.file_origin) if written else _Found(Login(), None)
    return _login_of_environment(user, password, written)


def _login_of_environment(user: str | None, password: str | None, written: Login | None) -> _Found[Login]:
    known_user = written.user if written else None
    name = user or known_user
    if name is None:
        raise ConfigError("TUI_MIGRATE_PASSWORD is set, but no user. Set TUI_MIGRATE_USER too.")
    if ":" in name:
        raise ConfigError("TUI_MIGRATE_USER holds a colon, which basic authentication can't send.")
    variables = " and ".join(f"TUI_MIGRATE_{one}" for one, value in (("USER", user), ("PASSWORD", password)) if value)
    secret: SecretSource
    if password:
        secret = LiteralSecret(Secret(password), "TUI_MIGRATE_PASSWORD")
    elif written is not None and written.password is not None and name == known_user:
        secret = written.password
    else:
        secret = PromptSecret()
    return _Found(Login(user=name, password=secret), f"environment {variables}")


def _written_login(sources: _Sources) -> Login | None:
    section = sources.section.authentication if sources.section else None
    if section is None or section.type == "none":
        return None
    if section.type == "bearer" and section.token is not None:
        return Login(token=_secret(section.token, sources), lifetime=section.lifetime)
    password = _secret(section.password, sources) if section.password else PromptSecret()
    return Login(user=section.user, password=password)


def _secret(section: SecretSection, sources: _Sources) -> SecretSource:
    if section.environment is not None:
        return EnvironmentSecret(section.environment, sources.environ)
    if section.file is not None:
        return FileSecret(Path(sources.file(section.file)))
    if section.command is not None:
        return CommandSecret(section.command)
    if section.value is not None:
        return LiteralSecret(section.value, sources.file_origin)
    return PromptSecret()


def _ca_file(sources: _Sources) -> _Found[str | None]:
    found = sources.find("ca_file", None)
    return _Found(None if found.value is None else sources.file(found.value), found.origin)


def _certificate(sources: _Sources) -> _Found[CertificateFiles | None]:
    section: CertificateSection | None = sources.section.client_certificate if sources.section else None
    if section is None:
        return _Found(None, None)
    files = CertificateFiles(
        sources.file(section.file),
        sources.file(section.key_file) if section.key_file else None,
        _secret(section.password, sources) if section.password else None,
    )
    return _Found(files, sources.file_origin)


def _headers(sources: _Sources) -> _Found[dict[str, SecretSource]]:
    written = sources.section.headers if sources.section else {}
    headers = {name: _secret(section, sources) for name, section in written.items()}
    return _Found(headers, sources.file_origin if headers else None)


def _demo_profile(options: Mapping[str, Any], environ: Mapping[str, str]) -> Profile:
    sources = _Sources(options, environ, None, None)
    read_only = _read_only(sources)
    tenant = sources.find("tenant", None, variable="TUI_MIGRATE_TENANT")
    origins = {"name": "option --demo", "url": "option --demo"}
    origins |= {key: one.origin for key, one in (("read_only", read_only), ("tenant", tenant)) if one.origin}
    return Profile(
        name="demo", url=DEMO_URL, colour="green", tenant=tenant.value, read_only=read_only.value, origins=origins
    )


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    """A misspelt TUI_MIGRATE_READ_ONLY would let changes through without a word."""
    for name in environ:
        if name.startswith("TUI_MIGRATE_") and name not in VARIABLES:
            import difflib

            close = difflib.get_close_matches(name, VARIABLES, n=1, cutoff=0.93)
            if close:
                raise ConfigError(f"The environment variable {name} is not known. Did you mean {close[0]}?")
