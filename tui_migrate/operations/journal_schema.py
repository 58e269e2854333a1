"""The tables of the journal, and opening its file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tui_migrate.errors import JournalError

VERSION: Final = 1
"""Kept in the file as `user_version`; a newer program may add steps, an older one refuses a newer file."""

BUSY_SECONDS: Final = 15.0
"""How long one process waits while another one writes."""

_STEPS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT,
        who TEXT NOT NULL, process TEXT NOT NULL, engine_url TEXT NOT NULL, engine_label TEXT NOT NULL,
        profile TEXT NOT NULL, source_id TEXT NOT NULL, target_id TEXT NOT NULL, plan TEXT NOT NULL,
        options TEXT NOT NULL, total INTEGER NOT NULL, counts TEXT NOT NULL DEFAULT '{}', accounted_at TEXT,
        notes TEXT NOT NULL DEFAULT '[]');
    CREATE TABLE instances (
        run_id TEXT NOT NULL REFERENCES runs, position INTEGER NOT NULL, wave INTEGER NOT NULL,
        instance_id TEXT NOT NULL, class TEXT, cause TEXT, PRIMARY KEY (run_id, position)) WITHOUT ROWID;
    CREATE TABLE waves (
        run_id TEXT NOT NULL REFERENCES runs, number INTEGER NOT NULL, size INTEGER NOT NULL, status TEXT NOT NULL,
        sent_at TEXT, ended_at TEXT, batch TEXT, batches_before TEXT NOT NULL DEFAULT '[]', failure TEXT,
        deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (run_id, number)) WITHOUT ROWID;
    CREATE TABLE requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT REFERENCES runs, wave INTEGER, action TEXT NOT NULL,
        subject TEXT NOT NULL, sent_at TEXT NOT NULL, answered_at TEXT, outcome TEXT, message TEXT);
    CREATE INDEX requests_of_run ON requests (run_id);
    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL REFERENCES runs, at TEXT NOT NULL,
        kind TEXT NOT NULL, text TEXT NOT NULL);
    CREATE INDEX events_of_run ON events (run_id);
    CREATE INDEX runs_by_status ON runs (status, kind);
    """,
)


def open_database(path: Path | str) -> sqlite3.Connection:
    """Open the journal's file, made with mode 0600 if it isn't there, and bring its tables up to date.

    Args:
        path: The file, or `:memory:`.

    Raises:
        JournalError: It can't be opened, is no journal, or was written by a newer program.
    """
    if path == ":memory:":
        return _open(path)
    try:
        with _alone(Path(path)):
            return _open(path)
    except OSError as error:
        raise _cannot("open", path, error) from error


def _open(path: Path | str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise _cannot("open", path, error) from error
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: what is written before a request must still be there after a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _update(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _cannot("use", path, error) from error
    except JournalError:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock while the journal is opened, since SQLite does not wait at one place, whatever the time-out.

    It refuses to switch a file to WAL at once while another process opens it for the first time, too (SQLite 3.40). The
    lock is on a file beside: closing a second handle of the journal's own file would drop SQLite's locks on it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)  # given back with the handle, also by a process that is killed
        _create(path)
        yield
    finally:
        os.close(lock)


def _create(path: Path) -> None:
    # SQLite gives its two companion files the mode of this one.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _update(connection: sqlite3.Connection, path: Path | str) -> None:
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another process may have been faster
        if version > VERSION:
            raise JournalError(
                f"The journal {path} was written by a newer tui-migrate (format {version}, this one knows {VERSION}). "
                "Update tui-migrate, or set TUI_MIGRATE_STATE to another folder."
            )
        for step in _STEPS[version:]:
            for statement in filter(str.strip, step.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _cannot(what: str, path: Path | str, error: Exception) -> JournalError:
    return JournalError(
        f"Cannot {what} the journal {path} ({error}). Nothing is sent to an engine without it: make the file readable "
        "and writable for you, or set TUI_MIGRATE_STATE to another folder."
    )
