"""The configuration file: every member known; a mistake is told with file, key and the nearest known name."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from msgspec import Struct

from tests.config.conftest import Write
from tui_migrate.config.file import AuthenticationSection, ConfigFile, ProfileSection, SecretSection, read_config_file
from tui_migrate.config.load import Config, load_config
from tui_migrate.config.paths import config_file, journal_file, state_folder
from tui_migrate.errors import ConfigError

EVERYTHING = """
default_profile = "prod"
theme = "light"
ascii = true
mouse = false

[keymap]
plan-map = "m"

[profiles.prod]
url = "https://engine.example/engine-rest"
engine = "blue"
tenant = "eu"
colour = "red"
read_only = true
confirm = "key"
ca_file = "ca.pem"
proxy = ""
connect_timeout = 1
read_timeout = 2.5
execute_timeout = 3

[profiles.prod.authentication]
type = "basic"
user = "op"
password = { file = "secret" }

[profiles.prod.client_certificate]
file = "~/me.pem"
key_file = "me.key"
password = { environment = "KEY_PASSWORD" }

[profiles.prod.headers]
X-Team = "payments"
X-Api-Key = { command = ["pass", "show", "api key"] }

[profiles.test]
url = "http://localhost:8080/engine-rest"
authentication = { type = "bearer", token = { command = "token-helper --for 'the engine'" }, lifetime = 30 }
"""


def test_everything_that_a_file_may_hold(write: Write) -> None:
    content = read_config_file(write(EVERYTHING, mode=0o644))
    assert list(content.profiles) == ["prod", "test"]
    prod, test = content.profiles.values()
    assert prod.client_certificate is not None
    assert prod.headers["X-Api-Key"].command == ("pass", "show", "api key")
    assert test.authentication is not None
    assert test.authentication.token is not None
    assert test.authentication.token.command == ("token-helper", "--for", "the engine")
    assert content.keymap == {"plan-map": "m"}


def test_an_empty_file_is_a_file(write: Write) -> None:
    assert read_config_file(write("")) == ConfigFile()


UNKNOWN = [
    ("default_profil = 'x'", "default_profil is not known; did you mean 'default_profile'?"),
    ("[profile.prod]\nurl = 'x'", "profile is not known; did you mean 'profiles'?"),
    ("[profiles.prod]\nurl='http://x'\ncolor='red'", "profiles.prod.color is not known; did you mean 'colour'?"),
    (
        "[profiles.prod]\nurl='http://x'\nreadonly=true",
        "profiles.prod.readonly is not known; did you mean 'read_only'?",
    ),
    (
        "[profiles.prod]\nurl='http://x'\nauthentication={type='basic', user='u', pasword='hunter2'}",
        "profiles.prod.authentication.pasword is not known; did you mean 'password'?",
    ),
    (
        "[profiles.prod]\nurl='http://x'\nauthentication={type='basic', user='u', password={enviroment='X'}}",
        "profiles.prod.authentication.password.enviroment is not known; did you mean 'environment'?",
    ),
    (
        "[profiles.prod]\nurl='http://x'\nclient_certificate={file='x', keyfile='y'}",
        "profiles.prod.client_certificate.keyfile is not known; did you mean 'key_file'?",
    ),
    (
        "[profiles.prod]\nurl='http://x'\nheaders={X={fil='x'}}",
        "profiles.prod.headers.X.fil is not known; did you mean 'file'?",
    ),
    ("[profiles.prod]\nurl='http://x'\nzzz=1", "profiles.prod.zzz is not known; known are authentication, ca_file,"),
]


@pytest.mark.parametrize(("text", "sentence"), UNKNOWN)
def test_an_unknown_member_names_the_nearest_known_one(write: Write, text: str, sentence: str) -> None:
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        read_config_file(path)
    assert str(caught.value).startswith(f"{path}: {sentence}")
    assert "hunter2" not in str(caught.value)


def _members(section: type[Struct]) -> list[tuple[type, str]]:
    return [(section, name) for name in section.__struct_fields__]


@pytest.mark.parametrize(
    ("section", "name"),
    [*_members(ProfileSection), *_members(ConfigFile), *_members(AuthenticationSection), *_members(SecretSection)],
)
def test_every_member_is_suggested_when_it_is_misspelt(write: Write, section: type, name: str) -> None:
    places: dict[type, str] = {
        ConfigFile: "{name}x = 1\n",
        ProfileSection: "[profiles.a]\n{name}x = 1\n",
        AuthenticationSection: "[profiles.a.authentication]\n{name}x = 1\n",
        SecretSection: "[profiles.a.authentication.password]\n{name}x = 1\n",
    }
    with pytest.raises(ConfigError) as caught:
        read_config_file(write(places[section].format(name=name)))
    assert f"{name}x is not known; did you mean '{name}'?" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[profiles.prod]\ncolour='red'", "profiles.prod.url is missing."),
        ("[profiles.prod]\nurl='http://x'\ncolour='pink'", "profiles.prod.colour: should be 'red', 'orange'"),
        (
            "[profiles.p]\nurl='http://x'\nread_timeout='hunter2'",
            "profiles.p.read_timeout: should be a number greater than 0, without quotes.",
        ),
        ("[profiles.p]\nurl='http://x'\nread_timeout=0", "profiles.p.read_timeout: should be a number greater than 0."),
        ("[profiles.p]\nurl='x'\nread_only='maybe'", "profiles.p.read_only: should be true or false, without quotes."),
        ("[profiles.prod]\nurl=7", "profiles.prod.url: should be a string."),
        ("profiles = 'hunter2'", "profiles: should be a table."),
        (
            "default_profile = 'prd'\n[profiles.prod]\nurl='http://x'",
            "default_profile is 'prd', which is no profile; did you mean 'prod'?",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='basic'}",
            "profiles.p.authentication: basic takes a user and a password",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='bearer', user='u'}",
            "profiles.p.authentication: bearer takes a token",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='none', user='u'}",
            "profiles.p.authentication: type none takes no credentials",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='basic', user='a:b'}",
            "profiles.p.authentication: a user with a colon",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='basic', user='u', password={file='x', prompt=true}}",
            "profiles.p.authentication.password: give exactly one of value, environment, file, command, prompt",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='basic', user='u', password={}}",
            "profiles.p.authentication.password: give exactly one of",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='bearer', token={command=[]}}",
            "profiles.p.authentication.token: give exactly one of",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='bearer', token={command=\"a 'b\"}}",
            "profiles.p.authentication.token.command: No closing quotation",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='bearer', token={command=['a', 1]}}",
            "profiles.p.authentication.token.command: should be a string or an array of strings.",
        ),
        (
            "[profiles.p]\nurl='http://x'\nauthentication={type='hunter2'}",
            "profiles.p.authentication.type: should be 'none', 'basic' or 'bearer'.",
        ),
        ("[profiles.p]\nurl='http://x'\nauthentication={user='u'}", "profiles.p.authentication.type is missing."),
        (
            "[profiles.p]\nurl='http://x'\nheaders={X-Team='a', X-Key=5}",
            "profiles.p.headers.X-Key: should be a string or a table.",
        ),
        ("[profiles.p]\nurl='http://x'\nclient_certificate='hunter2'", "profiles.p.client_certificate: should be a"),
        ("[profiles.p]\nurl='http://x'\nca_file=['hunter2']", "profiles.p.ca_file: should be a string."),
        ("[profiles.p]\nurl='http://x'\nproxy={value='hunter2'}", "profiles.p.proxy: should be a string."),
        ("[profiles.p]\nurl='x'\nread_timeout=nan", "profiles.p.read_timeout: should be a number greater than 0."),
        ("[profiles.p]\nurl='http://x'\nread_only=1", "profiles.p.read_only: should be true or false."),
        ("[keymap]\nplan-map=['m']", "keymap.plan-map: should be a string."),
        (
            "[profiles.b]\nurl='http://x'\n[profiles.a]\nread_timeout=0\ncolor='red'\n[profiles.c]\ncolour='pink'",
            "profiles.a.color is not known; did you mean 'colour'?",
        ),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_by_its_key(write: Write, text: str, sentence: str) -> None:
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        read_config_file(path)
    assert str(caught.value).startswith(f"{path}: {sentence}")
    assert str(caught.value).endswith(".") or str(caught.value).endswith("?.")
    assert "hunter2" not in str(caught.value)


def test_what_is_no_toml(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: this is no valid TOML: .*line 2"):
        read_config_file(write("a = 1\npassword = hunter2 and more\n"))
    path = write("")
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config_file(path)


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nope\.toml does not exist"):
        read_config_file(tmp_path / "nope.toml")
    with pytest.raises(ConfigError, match="can't be read"):
        read_config_file(tmp_path)


SECRETS = [
    "authentication={type='basic', user='u', password='hunter2'}",
    "authentication={type='bearer', token={value='hunter2'}}",
    "client_certificate={file='x', password='hunter2'}",
    "headers={X-Api-Key='hunter2'}",
    "headers={Authorization='hunter2'}",
    "proxy='http://me:hunter2@proxy:3128'",
]


@pytest.mark.parametrize("line", SECRETS)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666])
def test_a_secret_in_a_file_that_others_may_read_is_refused(write: Write, line: str, mode: int) -> None:
    path = write(f"[profiles.p]\nurl='http://x'\n{line}", mode=mode)
    with pytest.raises(
        ConfigError, match=rf"holds a secret, and others may read the file \(mode {mode:04o}\)"
    ) as caught:
        read_config_file(path)
    assert "hunter2" not in str(caught.value)
    path.chmod(0o600)
    content = read_config_file(path)
    assert "hunter2" not in f"{content!r}{content}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_credentials_in_an_address_count_as_a_secret(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"profiles\.p\.url holds a secret"):
        read_config_file(write("[profiles.p]\nurl='http://u:hunter2@x'", mode=0o644))


def test_headers_that_are_no_secret_may_be_read_by_others(write: Write) -> None:
    content = read_config_file(write("[profiles.p]\nurl='http://x'\nheaders={X-Team='a'}", mode=0o644))
    assert "X-Team" in content.profiles["p"].headers


def test_the_usual_file_need_not_exist_and_a_named_one_must(own_home: Path, write: Write) -> None:
    assert load_config(None, {}) == Config()
    usual = config_file()
    assert usual == own_home / ".config/tui-migrate/config.toml"
    usual.parent.mkdir(parents=True)
    usual.write_text("theme = 'light'")
    assert load_config(None, {}) == Config(ConfigFile(theme="light"), usual)

    named = write("theme = 'dark'")
    assert load_config(None, {"TUI_MIGRATE_CONFIG": str(named)}) == Config(ConfigFile(theme="dark"), named)
    assert load_config(named, {"TUI_MIGRATE_CONFIG": "/nowhere"}) == Config(ConfigFile(theme="dark"), named)
    for path, environ in ((Path("/nowhere"), {}), (None, {"TUI_MIGRATE_CONFIG": "/nowhere"})):
        with pytest.raises(ConfigError, match="/nowhere does not exist"):
            load_config(path, environ)


def test_folders(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_folder() == own_home / ".local/state/tui-migrate"
    assert journal_file() == state_folder() / "journal.db"
    monkeypatch.setenv("XDG_STATE_HOME", str(own_home / "state"))
    assert state_folder() == own_home / "state/tui-migrate"
    monkeypatch.setenv("TUI_MIGRATE_STATE", "~/elsewhere")
    assert journal_file() == own_home / "elsewhere/journal.db"
