"""Accounts and dry runs as output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui_migrate.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_migrate.cli.carry_out import Finished
    from tui_migrate.cli.output import Output
    from tui_migrate.operations.run import PreparedRun


def show_accounts(finished: Sequence[Finished], output: Output) -> None:
    """Print what became of each instance: a summary for people, everything as JSON, JUnit or CSV."""
    from tui_migrate.operations.export import account_text, to_json

    accounted = [(one.account, one.record) for one in finished if one.account is not None]
    endings = {"junit": ".xml", "csv": ".csv"}
    if output.format in endings:
        output.text(account_text(accounted, endings[output.format]).rstrip("\n"))
    else:
        members = {
            "runs": [json.loads(to_json(account, record)) for account, record in accounted],
            "unaccounted": [one.record.id for one in finished if one.account is None],
        }
        output.document("account", members, _lines(finished))


def _lines(finished: Sequence[Finished]) -> Iterable[str]:
    if not finished:
        yield "nothing to migrate"
    for one in finished:
        record, account = one.record, one.account
        yield f"run {record.id}: {record.total} instances from {record.source_id} to {record.target_id}"
        for batch in (wave.batch for wave in record.waves if wave.batch is not None):
            yield f"  batch {batch.id}"
        if account is None:
            yield "  no account yet: `tui-migrate runs resume` takes the run up"
            continue
        for class_, number in account.counts.items():
            if number:
                yield f"  {number:7d}  {class_.value}"
        for entry, ids in account.groups():
            if entry.cause:
                few = ", ".join(ids[:3]) + (" …" if len(ids) > 3 else "")
                yield f"  {entry.class_.value}: {safe(entry.cause)} ({len(ids)}: {few})"


def show_dry_run(runs: Sequence[PreparedRun], output: Output) -> None:
    """Print what would be sent."""
    members = {"requests": [request for one in runs for request in _requests(one)]}
    output.document("dry-run", members, [line for one in runs for line in _dry_lines(one)])


def _requests(prepared: PreparedRun) -> list[dict[str, Any]]:
    return [
        {"method": "POST", "path": prepared.path, "body": prepared.payload(number)}
        for number in range(len(prepared.waves))
    ]


def _dry_lines(prepared: PreparedRun) -> Iterable[str]:
    waves = "1 request" if len(prepared.waves) == 1 else f"{len(prepared.waves)} requests"
    yield f"{len(prepared.ids)} instances from {prepared.source.id} to {prepared.target.id}, {waves}"
    yield f"POST {prepared.base_url}{prepared.path}"
    for one in prepared.plan.instructions:
        flag = ", update event trigger" if one.update_event_trigger else ""
        yield f"  {safe(one.source_activity_id)} -> {safe(one.target_activity_id)}{flag}"
    yield "nothing was sent; --format json shows the whole requests"
