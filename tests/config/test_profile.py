"""Profiles: option > environment > file > default for each value alone, and secrets that nothing shows."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.config.conftest import Write
from tui_migrate.config.load import DEMO_URL, VARIABLES, Config, load_config, resolve_profile
from tui_migrate.config.profile import Profile
from tui_migrate.config.secret import SecretNeeded
from tui_migrate.engine.settings import Basic, Bearer, NoAuthentication
from tui_migrate.errors import ConfigError
from tui_migrate.secret import Secret

SECRET = "hunter2-très-secret"

FILE = """
[profiles.prod]
url = "https://prod.example/engine-rest"
engine = "file-engine"
tenant = "file-tenant"
colour = "red"
confirm = "key"
read_only = true
read_timeout = 7
ca_file = "ca.pem"
authentication = { type = "basic", user = "file-user", password = { environment = "PROD_PASSWORD" } }

[profiles.test]
url = "http://test.example/engine-rest"
"""


@pytest.fixture
def config(write: Write) -> Config:
    return load_config(write(FILE), {})


def resolve(config: Config, environ: Mapping[str, str] | None = None, **options: Any) -> Profile:
    return resolve_profile(config, environ=environ or {}, **options)


@pytest.mark.parametrize(
    ("attribute", "option", "variable", "values"),
    [
        ("engine_name", "engine", "TUI_MIGRATE_ENGINE", ("of-option", "of-environment", "file-engine", None)),
        ("tenant", "tenant", "TUI_MIGRATE_TENANT", ("of-option", "of-environment", "file-tenant", None)),
        (
            "url",
            "url",
            "TUI_MIGRATE_URL",
            (
                "http://option",
                "http://environment",
                "https://prod.example/engine-rest",
                "http://test.example/engine-rest",
            ),
        ),
    ],
)
def test_option_before_environment_before_file_before_default(
    config: Config, attribute: str, option: str, variable: str, values: tuple[str, str, str, str | None]
) -> None:
    by_option, by_environment, by_file, default = values
    named = {"TUI_MIGRATE_PROFILE": "prod"}
    both = resolve(config, {**named, variable: by_environment}, **{option: by_option})
    assert getattr(both, attribute) == by_option
    assert both.origins[attribute] == f"option --{option}"
    environment = resolve(config, {**named, variable: by_environment})
    assert getattr(environment, attribute) == by_environment
    assert environment.origins[attribute] == f"environment {variable}"
    file = resolve(config, {**named, variable: ""})
    assert getattr(file, attribute) == by_file
    assert file.origins[attribute] == f"file {config.path}"
    test = resolve(config, profile="test")
    assert getattr(test, attribute) == default
    if attribute != "url":
        assert attribute not in test.origins


def test_read_only(config: Config) -> None:
    def read_only(environ: Mapping[str, str] | None = None, **options: Any) -> tuple[bool, str]:
        profile = resolve(config, environ, **options)
        return profile.read_only, profile.origins.get("read_only", "default")

    assert read_only(profile="test") == (False, "default")
    assert read_only(profile="prod") == (True, f"file {config.path}")
    assert read_only(profile="test", read_only=True) == (True, "option --read-only")
    assert read_only(profile="prod", read_only=False) == (True, f"file {config.path}")
    for word, value in (("1", True), ("TRUE", True), ("yes", True), ("on", True), ("0", False), ("no", False)):
        assert read_only({"TUI_MIGRATE_READ_ONLY": word}, profile="prod") == (
            value,
            "environment TUI_MIGRATE_READ_ONLY",
        )
    assert read_only({"TUI_MIGRATE_READ_ONLY": "0"}, profile="test", read_only=True) == (True, "option --read-only")
    with pytest.raises(ConfigError, match="neither true nor false"):
        read_only({"TUI_MIGRATE_READ_ONLY": "jein"}, profile="prod")


def test_values_of_the_file_only(config: Config) -> None:
    profile = resolve(config, profile="prod")
    assert (profile.colour, profile.confirm, profile.read_timeout) == ("red", "key", 7)
    assert config.path is not None
    assert profile.ca_file == str(config.path.parent / "ca.pem")
    other = resolve(config, profile="test")
    assert (other.colour, other.confirm, other.connect_timeout, other.read_timeout, other.execute_timeout) == (
        None, "yes", 10, 30, 600,
    )  # fmt: skip
    settings = resolve(config, {"PROD_PASSWORD": SECRET}, profile="prod").engine_settings()
    assert (settings.url, settings.engine_name, settings.read_timeout, settings.read_only, settings.profile_name) == (
        "https://prod.example/engine-rest", "file-engine", 7, True, "prod",
    )  # fmt: skip


def test_which_profile(config: Config, write: Write) -> None:
    assert resolve(config, profile="test").name == "test"
    assert resolve(config, {"TUI_MIGRATE_PROFILE": "test"}).name == "test"
    assert resolve(config, {"TUI_MIGRATE_PROFILE": "test"}, profile="prod").name == "prod"
    with pytest.raises(ConfigError, match=r"Which engine\? Name a profile by --profile: prod, test"):
        resolve(config)
    with pytest.raises(ConfigError, match=r"no profile 'prdo' in .*config\.toml; did you mean 'prod'\?"):
        resolve(config, profile="prdo")
    default = load_config(write("default_profile = 'test'\n" + FILE, name="d.toml"), {})
    assert resolve(default).name == "test"
    one = load_config(write("[profiles.only]\nurl = 'http://only'", name="o.toml"), {})
    assert resolve(one).name == "only"


def test_without_a_file() -> None:
    with pytest.raises(ConfigError, match=r"No engine is named\. Give its address by --url or TUI_MIGRATE_URL"):
        resolve(Config())
    with pytest.raises(ConfigError, match="since there is no configuration file"):
        resolve(Config(), profile="prod")
    profile = resolve(Config(), {"TUI_MIGRATE_URL": "http://host:8080/engine-rest/"})
    assert (profile.name, profile.url, profile.from_file) == ("host:8080", "http://host:8080/engine-rest", False)
    assert profile.engine_settings().profile_name is None
    assert profile.origins["name"] == profile.origins["url"] == "environment TUI_MIGRATE_URL"


def test_an_address_alone_takes_nothing_from_the_file(write: Write) -> None:
    """The credentials of a profile are for its host and go nowhere else unasked."""
    config = load_config(write("default_profile = 'prod'\n" + FILE), {})
    for profile in (
        resolve(config, url="http://elsewhere"),
        resolve(config, {"TUI_MIGRATE_URL": "http://elsewhere"}),
    ):
        assert profile.name == "elsewhere"
        assert profile.login.user is None
        assert (profile.colour, profile.ca_file, profile.tenant) == (None, None, None)


def test_a_typed_profile_and_another_address_in_the_environment_are_two_engines(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"--profile prod and TUI_MIGRATE_URL name different engines\."):
        resolve(config, {"TUI_MIGRATE_URL": "http://elsewhere"}, profile="prod")
    same = {"TUI_MIGRATE_URL": "https://prod.example/engine-rest/"}
    assert resolve(config, same, profile="prod").url == "https://prod.example/engine-rest"
    tunnel = resolve(config, {"TUI_MIGRATE_URL": "http://elsewhere"}, profile="prod", url="http://localhost:1")
    assert tunnel.url == "http://localhost:1"
    assert tunnel.login.user == "file-user"


def test_the_embedded_engine(config: Config) -> None:
    environ = {"TUI_MIGRATE_URL": "http://elsewhere", "TUI_MIGRATE_PROFILE": "prod", "TUI_MIGRATE_PASSWORD": SECRET}
    profile = resolve(config, environ, demo=True, tenant="eu", url="http://x")
    assert (profile.name, profile.url, profile.tenant, profile.login.user) == ("demo", DEMO_URL, "eu", None)
    assert profile.engine_settings().authentication == NoAuthentication()
    assert resolve(config, {"TUI_MIGRATE_READ_ONLY": "1"}, demo=True).read_only
    assert dict(profile.origins) == {"name": "option --demo", "url": "option --demo", "tenant": "option --tenant"}


def basic(profile: Profile) -> tuple[str, str]:
    authentication = profile.engine_settings().authentication
    assert isinstance(authentication, Basic)
    return authentication.user, authentication.password.reveal()


def test_users_and_passwords(config: Config) -> None:
    named = {"TUI_MIGRATE_PROFILE": "prod", "PROD_PASSWORD": "of-file"}
    user, password = {"TUI_MIGRATE_USER": "other"}, {"TUI_MIGRATE_PASSWORD": "of-environment"}
    assert basic(resolve(config, named)) == ("file-user", "of-file")
    assert basic(resolve(config, named | password)) == ("file-user", "of-environment")
    assert basic(resolve(config, named | user | password)) == ("other", "of-environment")
    assert basic(resolve(config, named | {"TUI_MIGRATE_USER": "file-user"})) == ("file-user", "of-file")
    # Another user does not get the password of the file's.
    assert resolve(config, named | user).needed_secret() == "Password of other at prod"
    assert resolve(config, named | user | password).origins["login"] == (
        "environment TUI_MIGRATE_USER and TUI_MIGRATE_PASSWORD"
    )
    with pytest.raises(ConfigError, match="TUI_MIGRATE_PASSWORD is set, but no user"):
        resolve(config, password, profile="test")
    with pytest.raises(ConfigError, match="colon"):
        resolve(config, {"TUI_MIGRATE_USER": "a:b"}, profile="test")
    with pytest.raises(
        ConfigError, match="Password of file-user at prod: the environment variable PROD_PASSWORD is not"
    ):
        resolve(config, profile="prod").engine_settings()


def test_a_token(config: Config) -> None:
    profile = resolve(config, {"TUI_MIGRATE_TOKEN": SECRET}, profile="prod")
    authentication = profile.engine_settings().authentication
    assert isinstance(authentication, Bearer)
    assert authentication.token_source().reveal() == SECRET
    assert authentication.lifetime == float("inf")
    for other in ("TUI_MIGRATE_USER", "TUI_MIGRATE_PASSWORD"):
        with pytest.raises(ConfigError, match="unset one of them"):
            resolve(config, {"TUI_MIGRATE_TOKEN": SECRET, other: "x"}, profile="prod")


def test_credentials_in_an_address() -> None:
    url = "http://admin:p%40ss@host/engine-rest"
    profile = resolve(Config(), {"TUI_MIGRATE_URL": url})
    assert profile.url == "http://host/engine-rest"
    assert basic(profile) == ("admin", "p@ss")
    own = {"TUI_MIGRATE_URL": url, "TUI_MIGRATE_USER": "u", "TUI_MIGRATE_PASSWORD": "p"}
    assert basic(resolve(Config(), own)) == ("u", "p")
    with pytest.raises(ConfigError, match="process list") as caught:
        resolve(Config(), url=url)
    assert "p%40ss" not in str(caught.value)


def with_secret(write: Write, source: str, *, kind: str = "password") -> Config:
    login = "type = 'basic', user = 'op', password" if kind == "password" else "type = 'bearer', token"
    text = f"[profiles.p]\nurl = 'http://host'\nauthentication = {{ {login} = {source} }}"
    return load_config(write(text, mode=0o644), {})


def test_a_secret_of_a_file(write: Write) -> None:
    config = with_secret(write, "{ file = 'secret' }")
    with pytest.raises(ConfigError, match=r"Password of op at p: the file .*secret can't be read"):
        resolve(config).engine_settings()
    path = write(f"{SECRET}\n", name="secret")
    assert basic(resolve(config)) == ("op", SECRET)
    for mode in (0o640, 0o604, 0o660, 0o601):
        path.chmod(mode)
        with pytest.raises(
            ConfigError, match=rf"others may read the file .*\(mode {mode:04o}\)\. Run: chmod 600"
        ) as caught:
            resolve(config).engine_settings()
        assert SECRET not in str(caught.value)
    path.chmod(0o400)
    assert basic(resolve(config)) == ("op", SECRET)
    for content, words in (("", "gives nothing"), ("\n", "gives nothing"), ("a\nb\n", "more than one line")):
        path.chmod(0o600)
        path.write_text(content)
        with pytest.raises(ConfigError, match=words):
            resolve(config).engine_settings()
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="no UTF-8"):
        resolve(config).engine_settings()
    path.write_bytes(b"x" * 100_000)
    with pytest.raises(ConfigError, match="too large"):
        resolve(config).engine_settings()


def command(program: str) -> str:
    return f"{{ command = ['{sys.executable}', '-c', '''{program}'''] }}"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (f"import sys; sys.stderr.write('{SECRET}'); sys.exit(3)", "failed with exit code 3. Run it by hand"),
        ("pass", "gives nothing"),
        ("print(1); print(2)", "more than one line"),
        ("import sys; sys.stdout.buffer.write(bytes([255]))", "no UTF-8"),
    ],
)
def test_a_command_that_gives_no_secret(write: Write, program: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(with_secret(write, command(program))).engine_settings()
    assert words in str(caught.value)
    assert SECRET not in f"{caught.value}{caught.value.__cause__}{caught.value.__context__}"


def test_commands_that_can_not_be_run(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the command no-such-helper does not exist"):
        resolve(with_secret(write, "{ command = 'no-such-helper x' }")).engine_settings()
    with pytest.raises(ConfigError, match=r"can't be run"):
        resolve(with_secret(write, f"{{ command = ['{tmp_path}'] }}")).engine_settings()


def test_a_command_that_waits_for_input_does_not_wait(write: Write) -> None:
    # Its standard input is empty, not the terminal.
    with pytest.raises(ConfigError, match="gives nothing"):
        resolve(with_secret(write, command("import sys; print(sys.stdin.read(), end=str())"))).engine_settings()


def test_a_command_that_takes_too_long(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_migrate.config.secret._COMMAND_SECONDS", 0.05)
    with pytest.raises(ConfigError, match=r"gave nothing within 0\.05 s"):
        resolve(with_secret(write, command("import sys, signal; signal.pause()"))).engine_settings()


def test_a_command_gives_the_secret(write: Write) -> None:
    config = with_secret(write, command(f'print("{SECRET}")'))
    assert basic(resolve(config)) == ("op", SECRET)


def test_a_token_helper_is_asked_when_the_token_is_needed(write: Write, tmp_path: Path) -> None:
    counter = tmp_path / "calls"
    program = f'open("{counter}", "a").write("x"); print("token")'
    profile = resolve(with_secret(write, command(program), kind="token"))
    authentication = profile.engine_settings().authentication
    assert isinstance(authentication, Bearer)
    assert authentication.lifetime == 60
    assert not counter.exists()
    assert authentication.token_source().reveal() == "token"
    assert counter.read_text() == "x"


@pytest.mark.parametrize("source", ["{ prompt = true }", "MISSING"])
def test_a_secret_that_has_to_be_typed_is_only_signalled(write: Write, source: str) -> None:
    config = with_secret(write, source) if source != "MISSING" else load_config(
        write("[profiles.p]\nurl = 'http://host'\nauthentication = { type = 'basic', user = 'op' }"), {}
    )  # fmt: skip
    profile = resolve(config)
    assert profile.needed_secret() == "Password of op at p"
    with pytest.raises(SecretNeeded) as caught:
        profile.engine_settings()
    assert caught.value.question == "Password of op at p"
    typed = profile.with_secret(Secret(SECRET))
    assert typed.needed_secret() is None
    assert basic(typed) == ("op", SECRET)
    assert SECRET not in f"{typed!r}{typed.settings()}"


def test_other_secrets_that_have_to_be_typed(write: Write) -> None:
    text = """
    [profiles.p]
    url = 'http://host'
    authentication = { type = 'bearer', token = { prompt = true } }
    client_certificate = { file = 'c.pem', password = { prompt = true } }
    headers = { X-Key = { prompt = true }, X-Team = 'a' }
    """
    profile = resolve(load_config(write(text), {}))
    asked = []
    while (question := profile.needed_secret()) is not None:
        asked.append(question)
        with pytest.raises(SecretNeeded, match=question):
            profile.engine_settings()
        profile = profile.with_secret(Secret(f"secret {len(asked)}"))
    assert asked == ["Token for p", "Password of the client certificate's key for p", "Header X-Key of p"]
    settings = profile.engine_settings()
    assert isinstance(settings.authentication, Bearer)
    assert settings.authentication.token_source().reveal() == "secret 1"
    assert settings.client_certificate is not None
    assert settings.client_certificate.password == Secret("secret 2")
    assert {name: value.reveal() for name, value in settings.headers.items()} == {  # type: ignore[union-attr]
        "X-Key": "secret 3",
        "X-Team": "a",
    }
    with pytest.raises(ConfigError):
        profile.with_secret(Secret("x"))


def test_nothing_shows_a_secret(write: Write) -> None:
    text = f"""
    [profiles.p]
    url = 'http://host'
    proxy = 'http://me:{SECRET}@proxy:3128'
    authentication = {{ type = 'basic', user = 'op', password = '{SECRET}' }}
    client_certificate = {{ file = 'c.pem', password = '{SECRET}' }}
    headers = {{ X-Key = '{SECRET}', X-Vault = {{ command = ['vault', '--token={SECRET}'] }} }}
    """
    environ = {"TUI_MIGRATE_PASSWORD": SECRET, "TUI_MIGRATE_USER": "u", "OTHER": SECRET}
    config = load_config(write(text), environ)
    for profile in (resolve(config), resolve(config, environ), resolve(config, {"TUI_MIGRATE_TOKEN": SECRET})):
        shown = f"{config!r}{config}{profile!r}{profile}{profile.settings()}{profile.login}{profile.headers}"
        assert SECRET not in shown
        assert "(from" in shown


def test_every_value_is_shown_with_its_origin(config: Config) -> None:
    environ = {"TUI_MIGRATE_TENANT": "env-tenant", "PROD_PASSWORD": SECRET}
    shown = {one.name: (one.value, one.origin) for one in resolve(config, environ, profile="prod").settings()}
    file = f"file {config.path}"
    assert shown["profile"] == ("prod", file)
    assert shown["url"] == ("https://prod.example/engine-rest", file)
    assert shown["tenant"] == ("env-tenant", "environment TUI_MIGRATE_TENANT")
    assert shown["authentication"] == (
        "basic, user file-user, password (from the environment variable PROD_PASSWORD)", file,
    )  # fmt: skip
    assert shown["connect_timeout"] == ("10", "default")
    assert shown["read_timeout"] == ("7", file)
    assert shown["proxy"] == ("(the environment's)", "default")
    assert shown["read_only"] == ("true", file)


@pytest.mark.parametrize(
    "name", ["TUI_MIGRATE_READONLY", "TUI_MIGRATE_URLS", "TUI_MIGRATE_PASSWD", "TUI_MIGRATE_PROFIL"]
)
def test_a_misspelt_variable_is_refused(config: Config, name: str) -> None:
    with pytest.raises(ConfigError, match=rf"variable {name} is not known\. Did you mean TUI_MIGRATE_"):
        resolve(config, {name: "1"}, profile="test")
    with pytest.raises(ConfigError, match=name):
        load_config(None, {name: "1"})


def test_other_variables_are_left_alone(config: Config) -> None:
    environ = {
        "TUI_MIGRATE_TEST_ENGINES": "x",
        "TUI_MIGRATE_SOMETHING": "x",
        "HOME": "/",
        **dict.fromkeys(VARIABLES, ""),
    }
    assert resolve(config, environ, profile="test").name == "test"


@pytest.mark.parametrize("url", ["host:8080", "ftp://x", "http://h/x?y"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigError, match="address"):
        resolve(Config(), url=url)


def test_the_client_certificate_and_its_files(write: Write, own_home: Path, tmp_path: Path) -> None:
    text = """
    [profiles.p]
    url = 'https://host'
    ca_file = '/etc/ca.pem'
    client_certificate = { file = '~/me.pem', key_file = 'keys/me.key', password = { environment = 'KEY' } }
    """
    profile = resolve(load_config(write(text), {}), {"KEY": SECRET})
    settings = profile.engine_settings()
    assert settings.ca_file == "/etc/ca.pem"
    assert settings.client_certificate is not None
    assert settings.client_certificate.certificate_file == str(own_home / "me.pem")
    assert settings.client_certificate.key_file == str(tmp_path / "keys/me.key")
    assert settings.client_certificate.password == Secret(SECRET)
    assert SECRET not in repr(settings)
