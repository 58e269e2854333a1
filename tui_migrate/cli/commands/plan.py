"""`tui-migrate plan SOURCE TARGET`: generate a migration plan and write it to a file that travels."""

from __future__ import annotations

import json

from tui_migrate.cli.exit_code import ExitCode

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.plan_file import PlanFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("source", metavar="SOURCE", help="key:version, key@tag, key (the newest) or a definition id")
    parser.add_argument("target", metavar="TARGET", help="the same; where the instances go")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the plan there, not to stdout")
    parser.add_argument(
        "--update-event-triggers", action="store_true", help="take triggers (timers, messages …) from the target"
    )
    parser.add_argument("--suggestions", action="store_true", help="also map the best suggestion for each unmapped one")
    parser.add_argument("--comment", metavar="TEXT", help="the author's words, kept in the file")
    parser.add_argument("--engine-format", action="store_true", help="write the engine's own plan JSON instead")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.connect import open_session, tenant_of
    from tui_migrate.operations.plan import open_plan, read_counts
    from tui_migrate.operations.plan_file import Made, make_plan_file
    from tui_migrate.operations.resolve import resolve_definition

    async with open_session(arguments) as session:
        tenant = tenant_of(arguments, session)
        source = await resolve_definition(session, arguments.source, tenant=tenant)
        target = await resolve_definition(session, arguments.target, tenant=tenant)
        plan = await open_plan(session, source.id, target.id, update_event_triggers=arguments.update_event_triggers)
        await read_counts(session, plan)
        label = session.engine_label
        now = session.clock.now()
    if arguments.suggestions:
        tell_suggestions(plan, output)
    if plan.generation_error is not None:
        output.say(f"The engine generates no plan: {plan.generation_error}")
    file = make_plan_file(plan, comment=arguments.comment, made=Made(at=now, engine=label))
    _write(file, plan, arguments, output)
    tell_problems(plan, output)
    return ExitCode.DONE if plan.draft.report.valid and plan.generation_error is None else ExitCode.REFUSED


def _write(file: PlanFile, plan: OpenPlan, arguments: argparse.Namespace, output: Output) -> None:
    from pathlib import Path

    from tui_migrate.operations.plan_file import write_plan_file

    engine_text = json.dumps(plan.plan().to_engine(), ensure_ascii=False, indent=2) + "\n"
    if not arguments.output:
        output.text((engine_text if arguments.engine_format else file.to_json()).rstrip("\n"))
    elif arguments.engine_format:
        Path(arguments.output).write_text(engine_text, encoding="utf-8")
    else:
        write_plan_file(file, Path(arguments.output))


def tell_suggestions(plan: OpenPlan, output: Output) -> None:
    """Take the best suggestions into the plan and tell each with its reasons."""
    from tui_migrate.operations.suggestions import take_best_suggestions

    for suggestion in take_best_suggestions(plan):
        output.say(f"Mapped {suggestion.source_id} to {suggestion.target_id}: {', '.join(suggestion.reasons)}.")


def tell_problems(plan: OpenPlan, output: Output) -> None:
    """Tell at stderr what to look at before the plan is used."""
    draft = plan.draft
    pair = f"{plan.source.id} to {plan.target.id}"
    output.say(f"{pair}: {len(draft.instructions)} instructions, {plan.running} running instances.")
    for problem in plan.problems():
        for sentence in problem.sentences:
            output.say(f"{problem.kind} {problem.source_id or problem.target_id or 'plan'}: {sentence}")
        for remedy in problem.remedies:
            output.say(f"    {remedy}")
