from __future__ import annotations

import csv
import io
import json

from lxml import etree

from tests.operations.running import mixed_sandbox, prepared, running, sandbox
from tui_migrate.operations.account import Account, AccountClass, AccountEntry
from tui_migrate.operations.export import to_csv, to_json, to_junit
from tui_migrate.operations.records import RunRecord
from tui_migrate.operations.run import Runner, RunOptions


async def a_run() -> tuple[Account, RunRecord]:
    engine = sandbox()
    mixed = mixed_sandbox(engine, good=4, bad=2)
    async with running(engine) as it:
        run = await prepared(it.session, mixed.plan, mixed.ids, RunOptions(wave_size=3, allowed_failures=3))
        runner = Runner(it.session, run)
        await runner.start()
        state = await runner.wait()
        assert state.account is not None
        return state.account, it.session.journal.run(state.run_id)


async def test_csv_has_a_line_for_each_instance() -> None:
    account, run = await a_run()
    rows = list(csv.DictReader(io.StringIO(to_csv(account, run))))
    assert [row["instance"] for row in rows] == list(account.entries)
    assert [row["wave"] for row in rows] == ["1"] * 3 + ["2"] * 3
    assert {row["batch"] for row in rows} == {wave.batch.id for wave in run.waves if wave.batch}
    assert sorted(row["class"] for row in rows) == ["failed"] * 2 + ["migrated"] * 4
    assert {row["cause"] for row in rows if row["class"] == "failed"} == {
        "bad: There is no migration instruction for this instance's activity"
    }


async def test_csv_holds_no_formula_and_no_broken_line() -> None:
    account, run = await a_run()
    one = next(iter(account.entries))
    entries = {**account.entries, one: AccountEntry(AccountClass.FAILED, '=cmd|"/c calc"!A1\nnext, "line"')}
    hostile = Account(account.run_id, account.source_id, account.target_id, account.taken_at, entries)
    text = to_csv(hostile, run)
    assert len(text.splitlines()) == 7
    assert next(csv.DictReader(io.StringIO(text)))["cause"] == '\'=cmd|"/c calc"!A1 next, "line"'


async def test_json_is_versioned_and_adds_up() -> None:
    account, run = await a_run()
    document = json.loads(to_json(account, run))
    assert (document["format"], document["version"]) == ("tui-migrate account", 1)
    assert set(document) == {"format", "version", "run", "takenAt", "selected", "counts", "notes", "instances"}
    assert document["run"]["id"] == run.id
    assert len(document["run"]["batches"]) == 2
    assert len(document["counts"]) == 9
    assert sum(document["counts"].values()) == document["selected"] == len(document["instances"]) == 6
    assert set(document["instances"][0]) == {"id", "class", "cause", "wave", "batch"}


async def test_junit_passes_fails_and_skips() -> None:
    account, run = await a_run()
    ids = list(account.entries)
    entries = {
        **account.entries,
        ids[0]: AccountEntry(AccountClass.NOT_SENT),
        ids[1]: AccountEntry(AccountClass.ROLLED_BACK, "with instance x"),
        ids[2]: AccountEntry(AccountClass.ENDED_BEFORE),
        ids[3]: AccountEntry(AccountClass.UNKNOWN, "why\x1b[31m"),
        ids[4]: AccountEntry(AccountClass.FAILED, "a\nb"),
        ids[5]: AccountEntry(AccountClass.MIGRATED_AND_ENDED),
    }
    account = Account(account.run_id, account.source_id, account.target_id, account.taken_at, entries)
    suite = etree.fromstring(to_junit(account, run).encode()).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("6", "2", "2")
    cases = {case.get("name"): case for case in suite}
    assert [len(cases[one]) for one in ids] == [1, 1, 0, 1, 1, 0]
    failure = cases[ids[4]].find("failure")
    assert failure is not None
    assert failure.get("message") == "a b"
    assert cases[ids[1]][0].get("message") == "rolled back with a neighbour: with instance x"
