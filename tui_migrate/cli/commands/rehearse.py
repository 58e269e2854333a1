"""`tui-migrate rehearse PLAN`: the engine's own verdict on each instance, with nothing migrated."""

from __future__ import annotations

from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.output import add_format
from tui_migrate.cli.plan_arguments import add_plan_arguments, bind
from tui_migrate.cli.selection_arguments import add_selection_arguments, freeze_selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.rehearse import RehearsalProgress

NOTICE = (
    "A rehearsal asks the engine to migrate, together with an instance that doesn't exist, so that it rolls back the"
    " whole. The server sees it: each call leaves an ERROR with a stack trace in the engine's log and a 400 or 500 in"
    " the access log; alerts may fire. Listeners, IO mappings and variables are left out, so their faults are not"
    " foreseen."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_plan_arguments(parser)
    add_selection_arguments(parser)
    parser.add_argument("--every", action="store_true", help="also rehearse those that the forecast refuses")
    parser.add_argument(
        "--chunk", type=int, default=200, metavar="N", help="instances of one transaction (default 200)"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask: the server's log will show it")
    add_format(parser, "table", "json", "jsonl", "junit")


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    from tui_migrate.cli.check_output import show_check
    from tui_migrate.cli.confirm import confirm
    from tui_migrate.cli.connect import open_session
    from tui_migrate.operations.check import summarize
    from tui_migrate.operations.forecast import forecast_instances
    from tui_migrate.operations.rehearse import rehearse

    async with open_session(arguments) as session:
        bound = await bind(session, arguments, output)
        plan = bound.open_plan
        frozen = await freeze_selection(session, plan.source.id, arguments, output)
        output.say(NOTICE)
        await confirm(f"Rehearse {len(frozen.ids)} instances on {session.engine.base_url}?", arguments, output)
        forecasts = await forecast_instances(session, plan, frozen.ids)
        result = await rehearse(
            session,
            plan.plan(),
            frozen.ids,
            on_progress=lambda progress: output.progress(_progress(progress)),
            chunk=arguments.chunk,
            forecast=None if arguments.every else forecasts,
        )
    summary = summarize(plan, forecasts, result.verdicts)
    show_check("rehearsal", plan, summary, output)
    output.say(f"{result.calls} calls in {result.seconds:.1f} s; nothing was migrated.")
    return ExitCode.DONE if summary.migrates == summary.total - summary.gone else ExitCode.REFUSED


def _progress(progress: RehearsalProgress) -> str:
    return f"{progress.done} of {progress.total} rehearsed, {progress.failing} would fail, {progress.calls} calls"
