"""From the journal's rows to its records, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from sqlite3 import Row
from typing import Any

from msgspec.structs import asdict

from tui_migrate.operations.records import RequestRecord, RunRecord, SentBatch, WaveFailure, WaveRecord


def run_of(row: Row, waves: Iterable[Row]) -> RunRecord:
    """Return a run with its waves."""
    return RunRecord(
        id=row["id"],
        kind=row["kind"],
        status=row["status"],
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=_time(row["ended_at"]),
        who=row["who"],
        process=row["process"],
        engine_url=row["engine_url"],
        engine_label=row["engine_label"],
        profile=row["profile"],
        source_id=row["source_id"],
        target_id=row["target_id"],
        plan=json.loads(row["plan"]),
        options=json.loads(row["options"]),
        total=row["total"],
        waves=tuple(wave_of(wave) for wave in waves),
        counts=json.loads(row["counts"]),
        accounted_at=_time(row["accounted_at"]),
    )


def dump(value: SentBatch | WaveFailure | None) -> str | None:
    """Return a batch or failure as JSON."""
    return None if value is None else json.dumps(asdict(value))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def wave_of(row: Row) -> WaveRecord:
    """Return one wave."""
    failure = json.loads(row["failure"]) if row["failure"] else None
    return WaveRecord(
        number=row["number"],
        size=row["size"],
        status=row["status"],
        sent_at=_time(row["sent_at"]),
        ended_at=_time(row["ended_at"]),
        batch=SentBatch(**json.loads(row["batch"])) if row["batch"] else None,
        batches_before=tuple(json.loads(row["batches_before"])),
        failure=_failure(failure),
        deleted=bool(row["deleted"]),
    )


def _failure(values: dict[str, Any] | None) -> WaveFailure | None:
    if values is None:
        return None
    lists = {name: tuple(values[name]) for name in ("failures", "activity_ids")}
    return WaveFailure(**{**values, **lists})


def request_of(row: Row) -> RequestRecord:
    """Return one request."""
    return RequestRecord(
        id=row["id"],
        run_id=row["run_id"],
        wave=row["wave"],
        action=row["action"],
        subject=row["subject"],
        sent_at=datetime.fromisoformat(row["sent_at"]),
        answered_at=_time(row["answered_at"]),
        outcome=row["outcome"],
        message=row["message"],
    )
