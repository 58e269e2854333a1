"""The check of a selection as output: numbers, causes with remedies, a verdict for each instance."""

from __future__ import annotations

from tui_migrate.text import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.check import CheckSummary
    from tui_migrate.operations.plan import OpenPlan


def show_check(kind: str, plan: OpenPlan, summary: CheckSummary, output: Output) -> None:
    """Print a check: a summary as a table or JSON, one line an instance as JSONL, or JUnit."""
    if output.format == "junit":
        output.text(_junit(kind, plan, summary))
    elif output.format == "jsonl":
        output.rows("instances", (), _instances(summary))
    else:
        output.document(kind, _members(plan, summary), _lines(summary))
    for sentence in summary.disagreements:
        output.say(f"Forecast and engine differ, and the engine counts. {sentence}")


def _members(plan: OpenPlan, summary: CheckSummary) -> dict[str, Any]:
    return {
        "source": plan.source.id,
        "target": plan.target.id,
        "total": summary.total,
        "migrates": summary.migrates,
        "fails": summary.fails,
        "cannotTell": summary.cannot_tell,
        "gone": summary.gone,
        "rehearsed": summary.rehearsed,
        "causes": [
            {
                "sentence": group.sentence,
                "activityId": group.activity_id,
                "fails": group.fails,
                "remedy": group.remedy,
                "instances": list(group.ids),
            }
            for group in summary.groups
        ],
        "instances": _instances(summary),
    }


def _instances(summary: CheckSummary) -> list[dict[str, Any]]:
    return [
        {"id": one, "outcome": check.outcome, "rehearsed": check.rehearsed} for one, check in summary.checks.items()
    ]


def _lines(summary: CheckSummary) -> Iterable[str]:
    yield (
        f"{summary.total} instances: {summary.migrates} would migrate, {summary.fails} would fail,"
        f" {summary.cannot_tell} can't be told, {summary.gone} gone"
    )
    for group in summary.groups:
        place = f" at {safe(group.activity_id)}" if group.activity_id else ""
        yield f"{len(group.ids):6d}  {'fails' if group.fails else 'unsure'}{place}: {safe(group.sentence)}"
        if group.remedy:
            yield f"        {safe(group.remedy)}"
        yield f"        {safe(', '.join(group.ids[:3]))}{' …' if len(group.ids) > 3 else ''}"


def _junit(kind: str, plan: OpenPlan, summary: CheckSummary) -> str:
    from tui_migrate.operations.junit import Case, to_junit_xml

    causes: dict[str, list[str]] = {}
    for group in summary.groups:
        for one in group.ids:
            causes.setdefault(one, []).append(group.sentence)
    cases = []
    for one, check in summary.checks.items():
        why = "; ".join(causes.get(one, ())) or check.outcome
        if check.outcome == "migrates":
            cases.append(Case(plan.source.id, one))
        elif check.outcome == "fails":
            cases.append(Case(plan.source.id, one, failure=why))
        else:
            cases.append(Case(plan.source.id, one, skipped=why))
    return to_junit_xml(f"{kind} {plan.source.id} -> {plan.target.id}", cases)
