"""An account as a file: CSV for people, JSON for programs, JUnit for pipelines."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tui_migrate.operations.account_rules import MOVED, AccountClass
from tui_migrate.operations.junit import Case, suites_to_junit_xml, to_junit_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tui_migrate.operations.account import Account, AccountEntry
    from tui_migrate.operations.records import RunRecord

    Accounted = tuple[Account, RunRecord]

FORMAT: Final = "tui-migrate account"
VERSION: Final = 1
"""Of the JSON's shape; a member may be added without a new version."""

COLUMNS: Final = ("instance", "class", "cause", "wave", "batch")
SERIES_COLUMNS: Final = ("run", "source", *COLUMNS)
"""Of the CSV of several runs."""

SERIES_FORMAT: Final = "tui-migrate accounts"
"""Of the JSON of several runs."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheet programs take for the beginning of a formula."""


def to_csv(account: Account, run: RunRecord) -> str:
    """Return one line for each instance: id, class, cause, number of the wave from 1, id of the batch."""
    return _table(COLUMNS, _rows(account, run))


def to_json(account: Account, run: RunRecord) -> str:
    """Return the account as JSON with format and version, run, counts of all nine classes, and each instance."""
    return _json(_document(account, run))


def to_junit(account: Account, run: RunRecord) -> str:
    """Return a JUnit document with one case for each instance.

    Moved ones pass, as do those that ended before; failed and rolled back ones fail; the others are skipped.
    """
    return to_junit_xml(*_suite(account, run))


def series_to_csv(accounts: Sequence[Accounted]) -> str:
    """Return the accounts of several runs as one table: run and source stand before the columns of one run."""
    rows = ((run.id, run.source_id, *row) for account, run in accounts for row in _rows(account, run))
    return _table(SERIES_COLUMNS, rows)


def series_to_json(accounts: Sequence[Accounted]) -> str:
    """Return the accounts of several runs as one JSON document: the counts of all, and the document of each run."""
    total: Counter[str] = Counter()
    for account, _ in accounts:
        total.update({class_.value: number for class_, number in account.counts.items()})
    return _json(
        {
            "format": SERIES_FORMAT,
            "version": VERSION,
            "selected": sum(len(account.entries) for account, _ in accounts),
            "counts": {class_.value: total[class_.value] for class_ in AccountClass},
            "runs": [_document(account, run) for account, run in accounts],
        }
    )


def series_to_junit(accounts: Sequence[Accounted]) -> str:
    """Return the accounts of several runs as one JUnit document with a suite for each run."""
    return suites_to_junit_xml("migrations", [_suite(account, run) for account, run in accounts])


def account_text(accounts: Sequence[Accounted], ending: str) -> str:
    """Return accounts as the text of a file whose name ends so: `.json`, `.xml` (JUnit), else CSV.

    Args:
        accounts: Of one run, or of several that belong together.
        ending: With its dot.
    """
    kind = ending.lower()
    if len(accounts) == 1:
        write_one = {".json": to_json, ".xml": to_junit}.get(kind, to_csv)
        return write_one(*accounts[0])
    return {".json": series_to_json, ".xml": series_to_junit}.get(kind, series_to_csv)(accounts)


def _rows(account: Account, run: RunRecord) -> Iterator[tuple[str, ...]]:
    for one, entry in account.entries.items():
        wave = account.waves.get(one, 0)
        yield one, entry.class_.value, _line(entry.cause), str(wave + 1), _batch(run, wave)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _document(account: Account, run: RunRecord) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": {
            "id": run.id,
            "startedAt": run.started_at.isoformat(),
            "who": run.who,
            "engine": run.engine_label,
            "url": run.engine_url,
            "sourceProcessDefinitionId": run.source_id,
            "targetProcessDefinitionId": run.target_id,
            "batches": [wave.batch.id for wave in run.waves if wave.batch is not None],
        },
        "takenAt": account.taken_at.isoformat(),
        "selected": len(account.entries),
        "counts": {class_.value: number for class_, number in account.counts.items()},
        "notes": list(account.notes),
        "instances": [_instance(one, entry, account, run) for one, entry in account.entries.items()],
    }


def _suite(account: Account, run: RunRecord) -> tuple[str, list[Case]]:
    cases = [_case(one, entry, run) for one, entry in account.entries.items()]
    return f"migration {run.source_id} → {run.target_id}", cases


def _instance(one: str, entry: AccountEntry, account: Account, run: RunRecord) -> dict[str, Any]:
    wave = account.waves.get(one, 0)
    return {
        "id": one,
        "class": entry.class_.value,
        "cause": entry.cause,
        "wave": wave + 1,
        "batch": _batch(run, wave) or None,
    }


def _case(one: str, entry: AccountEntry, run: RunRecord) -> Case:
    cause = _line(entry.cause) or entry.class_.value
    if entry.class_ in MOVED or entry.class_ is AccountClass.ENDED_BEFORE:
        return Case(run.source_id, one)
    if entry.class_ in (AccountClass.FAILED, AccountClass.ROLLED_BACK):
        text = cause if entry.class_ is AccountClass.FAILED else f"{entry.class_.value}: {cause}"
        return Case(run.source_id, one, failure=text)
    text = f"{entry.class_.value}: {cause}" if entry.cause else entry.class_.value
    return Case(run.source_id, one, skipped=text)


def _batch(run: RunRecord, wave: int) -> str:
    batch = run.waves[wave].batch if wave < len(run.waves) else None
    return "" if batch is None else batch.id


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
