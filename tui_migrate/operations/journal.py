"""The journal: each changing request is written down before it is sent and after its answer.

SQLite in the user's state folder; several processes may use it at once. A request without a recorded answer has an
unknown outcome. It never holds a secret. Calls are short (one write of the disk) but do block: the operations make them
in a thread.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_migrate.errors import JournalError, UsageError
from tui_migrate.operations.clock import Clock, SystemClock
from tui_migrate.operations.journal_rows import dump, request_of, run_of
from tui_migrate.operations.journal_schema import open_database
from tui_migrate.operations.records import (
    EventRecord,
    NewRun,
    RequestOutcome,
    RequestRecord,
    RunKind,
    RunRecord,
    RunStatus,
    SentBatch,
    WaveFailure,
    WaveStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Journal:
    """The journal of all runs of this user.

    Args:
        path: Its file, or `:memory:` for one that ends with the process.
        clock: Tells the time that is written.

    Raises:
        JournalError: The file can't be used; this holds for every method.
    """

    def __init__(self, path: Path | str = ":memory:", *, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()
        self._lock = threading.RLock()
        self._connection = open_database(path)
        self._finalizer = weakref.finalize(self, self._connection.close)

    def close(self) -> None:
        """Close the file."""
        self._finalizer()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Runs

    def begin_run(self, new: NewRun) -> RunRecord:
        """Write a run down with all of its ids, before anything is sent."""
        now = self._clock.now()
        total = sum(len(wave) for wave in new.waves)
        values = (
            *(new.kind, "open", now.isoformat(), new.who, process_name(), new.engine_url, new.engine_label),
            *(new.profile, new.source_id, new.target_id, json.dumps(new.plan), json.dumps(new.options), total),
        )
        with self._transaction() as database:
            run_id = _free_run_id(database, now)
            database.execute(
                "INSERT INTO runs (id, kind, status, started_at, who, process, engine_url, engine_label, profile,"
                " source_id, target_id, plan, options, total) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (run_id, *values),
            )
            database.executemany(
                "INSERT INTO waves (run_id, number, size, status) VALUES (?,?,?,'unsent')",
                ((run_id, number, len(ids)) for number, ids in enumerate(new.waves)),
            )
            numbered = ((number, one) for number, ids in enumerate(new.waves) for one in ids)
            database.executemany(
                "INSERT INTO instances (run_id, position, wave, instance_id) VALUES (?,?,?,?)",
                ((run_id, position, number, one) for position, (number, one) in enumerate(numbered)),
            )
        return self.run(run_id)

    def set_status(self, run_id: str, status: RunStatus) -> None:
        """Say how far a run is; any but `open` ends it."""
        ended = None if status == "open" else self._now()
        self._execute("UPDATE runs SET status = ?, ended_at = ? WHERE id = ?", (status, ended, run_id))

    def claim(self, run_id: str) -> None:
        """Say that this process runs it from now on.

        Raises:
            UsageError: Another process on this computer still does.
        """
        with self._transaction() as database:
            row = database.execute("SELECT process FROM runs WHERE id = ?", (run_id,)).fetchone()
            if row is not None and row["process"] != process_name() and process_lives(row["process"]):
                raise UsageError(
                    f"Run {run_id} is being run by process {row['process']}. Go on there, or end that process first."
                )
            database.execute("UPDATE runs SET process = ?, status = 'open' WHERE id = ?", (process_name(), run_id))

    def release(self, run_id: str) -> None:
        """Say that this process does not run it any more, so that it can be taken up."""
        self._execute("UPDATE runs SET process = '' WHERE id = ? AND process = ?", (run_id, process_name()))

    def run(self, run_id: str) -> RunRecord:
        """Return one run.

        Raises:
            UsageError: There is none with this id.
        """
        rows = self._query("SELECT * FROM runs WHERE id = ?", (run_id,))
        if not rows:
            raise UsageError(f"The journal has no run '{run_id}'. `tui-migrate runs` lists those that it has.")
        return self._run(rows[0])

    def runs(self, *, kind: RunKind | None = "migration", limit: int = 200) -> tuple[RunRecord, ...]:
        """Return the latest runs, newest first."""
        rows = self._query(
            "SELECT * FROM runs WHERE kind = coalesce(?, kind) ORDER BY started_at DESC, rowid DESC LIMIT ?",
            (kind, limit),
        )
        return tuple(self._run(row) for row in rows)

    def open_runs(self, *, engine_url: str | None = None) -> tuple[RunRecord, ...]:
        """Return the migrations that aren't over and that no living process runs: to be taken up, oldest first.

        Args:
            engine_url: Only those of this engine.
        """
        rows = self._query(
            "SELECT * FROM runs WHERE status = 'open' AND kind = 'migration' AND engine_url = coalesce(?, engine_url)"
            " ORDER BY started_at, rowid",
            (engine_url,),
        )
        runs = (self._run(row) for row in rows)
        return tuple(run for run in runs if not process_lives(run.process))

    def instance_ids(self, run_id: str, wave: int | None = None) -> tuple[str, ...]:
        """Return the ids of a run, or of one wave, in the order in which they were selected."""
        rows = self._query(
            "SELECT instance_id FROM instances WHERE run_id = ? AND wave = coalesce(?, wave) ORDER BY position",
            (run_id, wave),
        )
        return tuple(row["instance_id"] for row in rows)

    # Waves

    def begin_wave(self, run_id: str, number: int, batches_before: Sequence[str]) -> bool:
        """Write down that a wave is about to be sent; False if somebody else has sent it, then it must not be."""
        changed = self._execute(
            "UPDATE waves SET status = 'sending', sent_at = ?, batches_before = ?"
            " WHERE run_id = ? AND number = ? AND status = 'unsent'",
            (self._now(), json.dumps(list(batches_before)), run_id, number),
        )
        return changed == 1

    def set_wave(
        self,
        run_id: str,
        number: int,
        status: WaveStatus,
        *,
        batch: SentBatch | None = None,
        failure: WaveFailure | None = None,
        deleted: bool = False,
    ) -> None:
        """Write down what became of a wave; a batch or a failure that is known already stays.

        Args:
            run_id: The run.
            number: The wave, counted from 0.
            status: How far it is.
            batch: The batch that the engine made of it.
            failure: Why the engine refused it.
            deleted: Whether somebody deleted its batch before its end.
        """
        ended = self._now() if status in ("over", "refused") else None
        self._execute(
            "UPDATE waves SET status = ?, batch = coalesce(?, batch), failure = coalesce(?, failure), deleted = ?,"
            " ended_at = coalesce(?, ended_at) WHERE run_id = ? AND number = ?",
            (status, dump(batch), dump(failure), deleted, ended, run_id, number),
        )

    def runs_by_batch(self) -> dict[str, str]:
        """Return the run by the id of each batch that one of our runs has sent."""
        rows = self._query("SELECT run_id, batch FROM waves WHERE batch IS NOT NULL", ())
        return {json.loads(row["batch"])["id"]: row["run_id"] for row in rows}

    # Requests and events

    def begin_request(self, action: str, subject: str, *, run_id: str | None = None, wave: int | None = None) -> int:
        """Write a changing request down before it is sent; return its number for `end_request`."""
        with self._transaction() as database:
            cursor = database.execute(
                "INSERT INTO requests (run_id, wave, action, subject, sent_at) VALUES (?,?,?,?,?)",
                (run_id, wave, action, subject, self._now()),
            )
        return int(cursor.lastrowid or 0)

    def end_request(self, request_id: int, outcome: RequestOutcome, message: str | None = None) -> None:
        """Write down that the answer was read, and what it said."""
        self._execute(
            "UPDATE requests SET answered_at = ?, outcome = ?, message = ? WHERE id = ?",
            (self._now(), outcome, message, request_id),
        )

    def requests(self, run_id: str | None = None, *, unanswered: bool = False) -> tuple[RequestRecord, ...]:
        """Return the changing requests in the order in which they were sent.

        Args:
            run_id: Only those of one run; None means all, also those of no run.
            unanswered: Only those whose answer was never read.
        """
        rows = self._query(
            "SELECT * FROM requests WHERE (? IS NULL OR run_id = ?) AND (NOT ? OR answered_at IS NULL) ORDER BY id",
            (run_id, run_id, unanswered),
        )
        return tuple(request_of(row) for row in rows)

    def add_event(self, run_id: str, kind: str, text: str) -> None:
        """Write down something that happened."""
        self._execute("INSERT INTO events (run_id, at, kind, text) VALUES (?,?,?,?)", (run_id, self._now(), kind, text))

    def events(self, run_id: str) -> tuple[EventRecord, ...]:
        """Return what happened in a run, in order."""
        rows = self._query("SELECT at, kind, text FROM events WHERE run_id = ? ORDER BY id", (run_id,))
        return tuple(EventRecord(datetime.fromisoformat(row["at"]), row["kind"], row["text"]) for row in rows)

    # Account

    def save_account(
        self,
        run_id: str,
        entries: Mapping[str, tuple[str, str | None]],
        counts: Mapping[str, int],
        notes: Sequence[str] = (),
    ) -> None:
        """Keep the last account of a run.

        Args:
            run_id: The run.
            entries: By instance id its class and its cause.
            counts: Number of instances by class.
            notes: What else is to be said.
        """
        with self._transaction() as database:
            rows = database.execute(
                "SELECT position, instance_id FROM instances WHERE run_id = ?", (run_id,)
            ).fetchall()
            database.executemany(
                "UPDATE instances SET class = ?, cause = ? WHERE run_id = ? AND position = ?",
                [(*entries.get(one, (None, None)), run_id, position) for position, one in rows],
            )
            database.execute(
                "UPDATE runs SET counts = ?, accounted_at = ?, notes = ? WHERE id = ?",
                (json.dumps(dict(counts)), self._now(), json.dumps(list(notes)), run_id),
            )

    def account_entries(self, run_id: str) -> dict[str, tuple[str, str | None]]:
        """Return class and cause by instance id as the last account had them; empty before the first."""
        rows = self._query(
            "SELECT instance_id, class, cause FROM instances WHERE run_id = ? AND class IS NOT NULL ORDER BY position",
            (run_id,),
        )
        return {row["instance_id"]: (row["class"], row["cause"]) for row in rows}

    def account_notes(self, run_id: str) -> tuple[str, ...]:
        """Return what else the last account said."""
        rows = self._query("SELECT notes FROM runs WHERE id = ?", (run_id,))
        return tuple(json.loads(rows[0]["notes"])) if rows else ()

    # SQLite

    def _now(self) -> str:
        return self._clock.now().isoformat()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._broken("write", error) from error

    def _execute(self, statement: str, values: Iterable[Any]) -> int:
        with self._transaction() as database:
            return database.execute(statement, tuple(values)).rowcount

    def _query(self, statement: str, values: Iterable[Any]) -> list[sqlite3.Row]:
        with self._lock:
            try:
                return self._connection.execute(statement, tuple(values)).fetchall()
            except sqlite3.Error as error:
                raise self._broken("read", error) from error

    def _broken(self, what: str, error: sqlite3.Error) -> JournalError:
        return JournalError(
            f"Cannot {what} the journal {self.path} ({error}). Nothing is sent without it: look at the disk and the "
            "file's mode, then try again."
        )

    def _run(self, row: sqlite3.Row) -> RunRecord:
        return run_of(row, self._query("SELECT * FROM waves WHERE run_id = ? ORDER BY number", (row["id"],)))


def _free_run_id(database: sqlite3.Connection, now: datetime) -> str:
    """Return an id that no run has: those of several versions are written down in the same second."""
    while True:
        run_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        if database.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone() is None:
            return run_id


def process_name() -> str:
    """Return `host:pid` of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def process_lives(name: str) -> bool:
    """Return whether a process named `host:pid` runs on this computer; of other computers nothing is known: False."""
    host, _, pid = name.rpartition(":")
    # Elsewhere than on POSIX, signal 0 would end the process.
    if host != socket.gethostname() or not pid.isdigit() or os.name != "posix":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
