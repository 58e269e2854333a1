"""`tui-migrate validate PLAN`: the engine's verdict on a plan file, beside that of the local rules."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format
from tui_migrate.cli.plan_arguments import add_plan_arguments, bind

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.migration.report import ValidationReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_plan_arguments(parser)
    add_format(parser, "table", "json")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.connect import open_session
    from tui_migrate.operations.plan import engine_verdict, verdict_differences

    async with open_session(arguments) as session:
        bound = await bind(session, arguments, output)
        plan = bound.open_plan.plan(bound.variables)
        verdict = await engine_verdict(session, plan)
    local = bound.open_plan.draft.report
    differences = verdict_differences(local, verdict.report)
    for difference in differences:
        output.say(f"The rules here and the engine differ, and the engine counts. {difference}")
    members = {
        "source": plan.source_definition_id,
        "target": plan.target_definition_id,
        "valid": verdict.report.valid,
        "engine": _report(verdict.report),
        "local": _report(local),
        "differences": list(differences),
    }
    output.document("validation", members, _lines(plan.source_definition_id, plan.target_definition_id, verdict.report))
    return ExitCode.DONE if verdict.report.valid else ExitCode.REFUSED


def _report(report: ValidationReport) -> dict[str, Any]:
    return {
        "instructions": [
            {
                "sourceActivityId": one.instruction.source_activity_id,
                "targetActivityId": one.instruction.target_activity_id,
                "failures": list(one.failures),
            }
            for one in report.instruction_reports
        ],
        "variables": {name: list(failures) for name, failures in report.variable_reports.items()},
    }


def _lines(source: str, target: str, report: ValidationReport) -> Iterable[str]:
    yield f"{source} to {target}: {'valid' if report.valid else 'invalid'}"
    for one in report.instruction_reports:
        for failure in one.failures:
            yield f"error: {one.instruction.source_activity_id} -> {one.instruction.target_activity_id}: {failure}"
    for name, failures in report.variable_reports.items():
        for failure in failures:
            yield f"error: variable {name}: {failure}"
