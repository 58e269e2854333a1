"""What can be done with a run of the journal: account for it again, take it up, make the plan back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from tui_migrate.cli.carry_out import Finished, follow
from tui_migrate.cli.connect import open_session
from tui_migrate.cli.exit_code import ExitCode
from tui_migrate.cli.run_output import show_accounts
from tui_migrate.operations.account import account
from tui_migrate.operations.plan import open_plan
from tui_migrate.operations.plan_file import Made, make_plan_file, write_plan_file
from tui_migrate.operations.return_plan import make_return_plan
from tui_migrate.operations.run import Runner

if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


async def export(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Ask the engine about each instance of the run and print the account."""
    async with open_session(arguments) as session:
        found = await account(session, arguments.run)
        record = await asyncio.to_thread(session.journal.run, arguments.run)
    if arguments.failed_ids:
        for one in found.failed_ids:
            output.text(one)
    else:
        show_accounts([Finished(record, found)], output)
    return ExitCode.DONE if found.all_moved else ExitCode.REFUSED


async def resume(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Take a run up: what was sent is found out and watched; unsent waves are sent only on a yes."""
    arguments.no_wait = False
    arguments.canary_wait = None
    async with open_session(arguments) as session:
        runner = await Runner.take_up(session, arguments.run)
        finished, code = await follow(session, runner, arguments, output)
    show_accounts([finished], output)
    return code


async def write_return_plan(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Print the plan file for the way back and say what it doesn't undo."""
    async with open_session(arguments) as session:
        record = await asyncio.to_thread(session.journal.run, arguments.run)
        back = await make_return_plan(session, record)
        opened = await open_plan(session, back.plan.source_definition_id, back.plan.target_definition_id)
        opened.take_imported(back.plan.instructions)
        made = Made(at=session.clock.now(), engine=session.engine_label)
        file = make_plan_file(opened, comment=f"The way back of run {record.id}.", made=made)
    for one in back.dropped:
        output.say(f"Left out, since it can't be valid: {one.source_activity_id} to {one.target_activity_id}.")
    for note in back.notes:
        output.say(note)
    if arguments.output:
        write_plan_file(file, Path(arguments.output))
    else:
        output.text(file.to_json().rstrip("\n"))
    return ExitCode.DONE if back.report.valid else ExitCode.REFUSED
