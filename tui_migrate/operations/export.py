"""An account as a file: CSV for people, JSON for programs, JUnit for pipelines."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from tui_migrate.operations.account_rules import MOVED, AccountClass
from tui_migrate.operations.junit import Case, to_junit_xml

if TYPE_CHECKING:
    from tui_migrate.operations.account import Account, AccountEntry
    from tui_migrate.operations.records import RunRecord

FORMAT: Final = "tui-migrate account"
VERSION: Final = 1
"""Of the JSON's shape; a member may be added without a new version."""

COLUMNS: Final = ("instance", "class", "cause", "wave", "batch")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheet programs take for the beginning of a formula."""


def to_csv(account: Account, run: RunRecord) -> str:
    """Return one line for each instance: id, class, cause, number of the wave from 1, id of the batch."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one, entry in account.entries.items():
        wave = account.waves.get(one, 0)
        values = (one, entry.class_.value, _line(entry.cause), str(wave + 1), _batch(run, wave))
        writer.writerow(_cell(value) for value in values)
    return out.getvalue()


def to_json(account: Account, run: RunRecord) -> str:
    """Return the account as JSON with format and version, run, counts of all nine classes, and each instance."""
    document: dict[str, Any] = {
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
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def to_junit(account: Account, run: RunRecord) -> str:
    """Return a JUnit document with one case for each instance.

    Moved ones pass, as do those that ended before; failed and rolled back ones fail; the others are skipped.
    """
    cases = [_case(one, entry, run) for one, entry in account.entries.items()]
    return to_junit_xml(f"migration {run.source_id} → {run.target_id}", cases)


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
