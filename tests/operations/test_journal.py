from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui_migrate.errors import JournalError, UsageError
from tui_migrate.operations.journal import Journal, process_lives, process_name
from tui_migrate.operations.records import NewRun, SentBatch, WaveFailure

BATCH = SentBatch("batch", 3, 1, "seed", "monitor", "jobs")


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 10, 33, 24, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def new_run(*waves: tuple[str, ...]) -> NewRun:
    return NewRun(
        kind="migration",
        who="operator",
        engine_url="http://engine/engine-rest",
        engine_label="Camunda 7.24.0",
        profile="test",
        source_id="order:1:a",
        target_id="order:2:b",
        plan={"instructions": []},
        options={"canary": 1},
        waves=waves or (("one",), ("two", "three")),
    )


@pytest.fixture
def journal() -> Journal:
    return Journal(":memory:", clock=FixedClock())


def test_a_run_is_read_back_as_it_was_written(journal: Journal) -> None:
    run = journal.begin_run(new_run())
    assert run == journal.run(run.id)
    assert run.id.startswith("20261124-103324-")
    assert run.total == 3
    assert [wave.size for wave in run.waves] == [1, 2]
    assert run.unsent == 3
    assert run.plan == {"instructions": []}
    assert run.options == {"canary": 1}
    assert journal.instance_ids(run.id) == ("one", "two", "three")
    assert journal.instance_ids(run.id, 1) == ("two", "three")


def test_a_run_that_is_not_there_is_named(journal: Journal) -> None:
    with pytest.raises(UsageError, match="no run 'nope'"):
        journal.run("nope")


def test_a_wave_is_begun_once(journal: Journal) -> None:
    run = journal.begin_run(new_run())
    assert journal.begin_wave(run.id, 0, ["other"])
    assert not journal.begin_wave(run.id, 0, ["other"])
    journal.set_wave(run.id, 0, "sent", batch=BATCH)
    journal.set_wave(run.id, 0, "over", deleted=True)
    wave = journal.run(run.id).waves[0]
    assert (wave.status, wave.batch, wave.batches_before, wave.deleted) == ("over", BATCH, ("other",), True)
    assert wave.sent_at == wave.ended_at == FixedClock().now()
    assert journal.run(run.id).unsent == 2


def test_a_failure_is_read_back(journal: Journal) -> None:
    run = journal.begin_run(new_run())
    failure = WaveFailure("instance", "no", "one", ("There is no instruction",), ("x",), {"failures": []})
    journal.set_wave(run.id, 0, "refused", failure=failure)
    assert journal.run(run.id).waves[0].failure == failure


def test_a_request_without_an_answer_stays_unanswered(journal: Journal) -> None:
    run = journal.begin_run(new_run())
    first = journal.begin_request("execute batch", "2 instances", run_id=run.id, wave=1)
    journal.begin_request("suspend batch", "batch")
    journal.end_request(first, "refused", "ENGINE-23001")
    answered, lost = journal.requests()
    assert (answered.outcome, answered.message, answered.wave) == ("refused", "ENGINE-23001", 1)
    assert (lost.outcome, lost.answered_at) == (None, None)
    assert journal.requests(unanswered=True) == (lost,)
    assert journal.requests(run.id) == (answered,)


def test_open_runs_are_those_that_nobody_runs(journal: Journal) -> None:
    run = journal.begin_run(new_run())
    assert journal.open_runs() == ()  # this process runs it
    journal.release(run.id)
    assert [one.id for one in journal.open_runs()] == [run.id]
    assert journal.open_runs(engine_url="http://other/engine-rest") == ()
    journal.claim(run.id)
    journal.set_status(run.id, "done")
    journal.release(run.id)
    assert journal.open_runs() == ()
    assert journal.run(run.id).ended_at is not None


def test_a_run_of_a_living_process_is_not_taken_from_it(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        run = journal.begin_run(new_run())
        other = process_name().rpartition(":")[0] + f":{os.getppid()}"
        journal._execute("UPDATE runs SET process = ?", (other,))
        assert journal.open_runs() == ()
        with pytest.raises(UsageError, match="is being run by"):
            journal.claim(run.id)


def test_a_run_of_a_killed_process_can_be_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    script = (
        "import os, signal, sys; from tests.operations.test_journal import Journal, new_run; from pathlib import Path;"
        "journal = Journal(Path(sys.argv[1])); run = journal.begin_run(new_run());"
        "journal.begin_wave(run.id, 0, []); journal.begin_request('execute batch', 'x', run_id=run.id, wave=0);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=60)
    assert ended.returncode == -9
    with Journal(path) as journal:
        (run,) = journal.open_runs()
        assert not process_lives(run.process)
        assert run.waves[0].status == "sending"
        assert len(journal.requests(run.id, unanswered=True)) == 1
        journal.claim(run.id)
        assert journal.run(run.id).process == process_name()


def test_an_account_is_kept(journal: Journal) -> None:
    run = journal.begin_run(new_run())
    assert journal.account_entries(run.id) == {}
    entries: dict[str, tuple[str, str | None]] = {"one": ("migrated", None), "two": ("failed", "because")}
    journal.save_account(run.id, entries, {"migrated": 1, "failed": 1}, ["a note"])
    assert journal.account_entries(run.id) == entries
    assert journal.run(run.id).counts == {"migrated": 1, "failed": 1}
    assert journal.account_notes(run.id) == ("a note",)


def test_events_come_back_in_order(journal: Journal) -> None:
    run = journal.begin_run(new_run())
    for text in ("b", "a"):
        journal.add_event(run.id, "note", text)
    assert [event.text for event in journal.events(run.id)] == ["b", "a"]


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.sqlite3"
    with Journal(path) as journal:
        journal.begin_run(new_run())
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_who_opens_a_new_journal_waits_while_another_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, take, asked = tmp_path / "journal.sqlite3", fcntl.flock, threading.Event()

    def flock(handle: int, operation: int) -> None:
        asked.set()
        take(handle, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with Path(f"{path}.lock").open("w") as lock, contextlib.closing(sqlite3.connect(path)) as other:
        take(lock.fileno(), fcntl.LOCK_EX)
        other.execute("BEGIN")
        other.execute("SELECT * FROM sqlite_master").fetchall()
        with ThreadPoolExecutor(1) as pool:
            opened = pool.submit(Journal, path)
            assert asked.wait(60)
            # As long as somebody reads the file, SQLite would refuse at once to change it to WAL.
            assert not opened.done()
            other.execute("ROLLBACK")
            take(lock.fileno(), fcntl.LOCK_UN)
            with opened.result(60) as journal:
                assert journal.runs() == ()


def test_a_newer_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    Journal(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="newer tui-migrate"):
        Journal(path)


@pytest.mark.parametrize("content", [b"this is no database, whatever its name says" * 50, None])
def test_what_is_no_journal_is_said(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "journal.sqlite3"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(JournalError, match="Nothing is sent to an engine without it"):
        Journal(path)


def test_a_journal_that_breaks_is_said(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.close()
    with pytest.raises(JournalError, match="Cannot write the journal"):
        journal.begin_run(new_run())


def _write(path: str, count: int) -> None:
    with Journal(Path(path)) as journal:
        for _ in range(count):
            run = journal.begin_run(new_run())
            journal.end_request(journal.begin_request("execute batch", "x", run_id=run.id), "done")


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write, args=(str(path), 15)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with Journal(path) as journal:
        assert len(journal.runs()) == 45
        assert len(journal.requests()) == 45
        assert journal.requests(unanswered=True) == ()
