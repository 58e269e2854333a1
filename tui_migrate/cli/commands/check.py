"""`tui-migrate check SOURCE.bpmn TARGET.bpmn`: everything that two files tell, with no engine."""

from __future__ import annotations

from pathlib import Path

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format
from tui_migrate.errors import UsageError
from tui_migrate.text import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.migration.plan import Instruction
    from tui_migrate.operations.file_check import FileCheck


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("source", metavar="SOURCE.bpmn", help="the file that running instances are on")
    parser.add_argument("target", metavar="TARGET.bpmn", help="the file that they shall move to")
    parser.add_argument("--plan", metavar="FILE", help="judge this plan in place of the generated one")
    parser.add_argument("--process", metavar="KEY", help="the process, where a file holds several")
    parser.add_argument("--target-process", metavar="KEY", help="the process of the target, where it has another key")
    parser.add_argument(
        "--engine-family", choices=("camunda", "operaton"), default="camunda", help="whose extension namespaces count"
    )
    parser.add_argument("--update-event-triggers", action="store_true", help="generate with updated event triggers")
    parser.add_argument(
        "--fail-on",
        choices=("error", "unmapped", "advice", "never"),
        default="unmapped",
        help="exit with 1 from which finding on (default unmapped: a place to wait without a mapping, or worse)",
    )
    add_format(parser, "table", "json", "junit")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.operations.file_check import check_files

    check = check_files(
        _read(arguments.source),
        _read(arguments.target),
        source_file=arguments.source,
        target_file=arguments.target,
        source_process=arguments.process,
        target_process=arguments.target_process or arguments.process,
        engine=arguments.engine_family,
        instructions=_instructions(arguments.plan, output) if arguments.plan else None,
        update_event_triggers=arguments.update_event_triggers,
    )
    for file, model in ((arguments.source, check.source), (arguments.target, check.target)):
        for warning in model.warnings:
            output.say(f"warning: {safe(file)}: {warning}")
    if arguments.format == "junit":
        output.text(_junit(check))
    else:
        output.document("check", _members(check), _lines(check))
    return ExitCode.REFUSED if check.says_no(arguments.fail_on) else ExitCode.DONE


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"can't read {safe(name)}: {error.strerror}. Check the path.") from error


def _instructions(name: str, output: Output) -> tuple[Instruction, ...]:
    from tui_migrate.operations.plan_file import read_plan_file

    file = read_plan_file(Path(name))
    for notice in file.notices:
        output.say(f"plan: {notice}")
    return file.to_instructions()


def _members(check: FileCheck) -> dict[str, Any]:
    return {
        "source": check.source.key,
        "target": check.target.key,
        "valid": check.report.valid and check.generation_error is None,
        "generationError": check.generation_error,
        "generated": check.generated,
        "instructions": [
            {
                "sourceActivityId": instruction.source_activity_id,
                "targetActivityId": instruction.target_activity_id,
                "updateEventTrigger": instruction.update_event_trigger,
            }
            for instruction in check.instructions
        ],
        "failures": [
            {
                "sourceActivityId": report.instruction.source_activity_id,
                "targetActivityId": report.instruction.target_activity_id,
                "failures": list(report.failures),
            }
            for report in check.report.instruction_reports
        ],
        "unmapped": [
            {
                "activityId": activity.id,
                "name": activity.name,
                "type": activity.type,
                "suggestions": [
                    {"targetActivityId": suggestion.target_id, "stars": suggestion.stars, "reasons": suggestion.reasons}
                    for suggestion in check.suggestions[activity.id]
                ],
            }
            for activity in check.unmapped
        ],
        "differences": [
            {
                "sourceActivityId": difference.source_id,
                "targetActivityId": difference.target_id,
                "kinds": list(difference.kinds),
                "sentences": list(difference.sentences),
            }
            for difference in check.comparison.differences
        ],
        "advice": [
            {
                "rule": advice.rule,
                "severity": advice.severity,
                "sourceActivityId": advice.source_id,
                "targetActivityId": advice.target_id,
                "sentence": advice.sentence,
                "remedy": advice.remedy,
            }
            for advice in check.advice
        ],
        "warnings": [*check.source.warnings, *check.target.warnings],
    }


def _lines(check: FileCheck) -> list[str]:
    lines = [
        f"{safe(check.source.key)} -> {safe(check.target.key)}: {len(check.instructions)} instructions"
        f" ({'generated' if check.generated else 'from the plan file'})"
    ]
    if check.generation_error is not None:
        lines.append(f"error: the engine would generate no plan: {safe(check.generation_error)}")
    for report in check.report.instruction_reports:
        pair = f"{report.instruction.source_activity_id} -> {report.instruction.target_activity_id}"
        lines += [f"error: {safe(pair)}: {safe(failure)}" for failure in report.failures]
    for activity in check.unmapped:
        lines.append(f"unmapped: {safe(activity.label)} ({safe(activity.id)}): instances that wait here would fail")
        lines += [
            f"    could be {safe(suggestion.target_id)}: {safe(', '.join(suggestion.reasons))}"
            for suggestion in check.suggestions[activity.id]
        ]
    lines += [f"{_severity(advice.severity)}: {safe(advice.sentence)} {safe(advice.remedy)}" for advice in check.advice]
    lines += [
        f"changed: {safe(sentence)}" for difference in check.comparison.differences for sentence in difference.sentences
    ]
    if check.says_no("unmapped"):
        lines.append("result: no, instances can't all follow")
    else:
        lines.append("result: yes, every place where an instance can wait is mapped and the plan is valid")
    return lines


def _severity(severity: str) -> str:
    return "danger" if severity == "danger" else "note"


def _junit(check: FileCheck) -> str:
    from tui_migrate.operations.junit import Case, to_junit_xml

    failures = {report.instruction: "\n".join(report.failures) for report in check.report.instruction_reports}
    cases = [Case("generate", "plan", check.generation_error)] if check.generated else []
    cases += [
        Case("instruction", f"{one.source_activity_id} -> {one.target_activity_id}", failures.get(one))
        for one in check.instructions
    ]
    cases += [
        Case("unmapped", activity.id, f"instances that wait at {activity.label} would fail: it has no mapping")
        for activity in check.unmapped
    ]
    return to_junit_xml(f"check {check.source.key} -> {check.target.key}", cases)
