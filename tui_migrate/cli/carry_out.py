"""Carrying a prepared run out at the command line: narrated, with a time limit, with questions answered or left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from tui_migrate.cli.confirm import can_ask
from tui_migrate.cli.exit_code import ExitCode, exit_code_of
from tui_migrate.operations.changing import refuse_if_read_only
from tui_migrate.operations.rights import require_rights
from tui_migrate.operations.run import Runner, recheck

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.account import Account
    from tui_migrate.operations.records import RunRecord
    from tui_migrate.operations.run import PreparedRun, Question, RunEvent, RunState
    from tui_migrate.operations.session import Session


class Finished(NamedTuple):
    """A run of which nothing more comes, with its account if one was taken."""

    record: RunRecord
    account: Account | None


async def last_look(session: Session, runs: Sequence[PreparedRun], output: Output) -> bool:
    """Read again what was reviewed, tell what has changed, and return whether any of it matters.

    Raises:
        Forbidden: The user lacks a right that a run needs.
        ReadOnly: The profile is read-only.
    """
    important = False
    for prepared in runs:
        refuse_if_read_only(session, "migrate instances")
        await require_rights(session, prepared)
        for change in await recheck(session, prepared):
            output.say(change.sentence)
            important = important or change.important
    return important


async def carry_out(
    session: Session, prepared: PreparedRun, arguments: argparse.Namespace, output: Output
) -> tuple[Finished, ExitCode]:
    """Start a run and follow it to its end, or to the time limit; what was sent goes on in any case."""
    return await follow(session, Runner(session, prepared), arguments, output)


async def follow(
    session: Session, runner: Runner, arguments: argparse.Namespace, output: Output
) -> tuple[Finished, ExitCode]:
    """Follow a runner: a new one, or one that was taken up from the journal."""
    await runner.start()
    output.say(f"Run {runner.run_id} is in the journal.")
    timed_out = False
    try:
        async with asyncio.timeout(arguments.timeout):
            await _narrate(runner, arguments, output)
    except TimeoutError:
        timed_out = True
        output.say(f"Waited {arguments.timeout:g} s and stopped waiting. {runner.stop_waiting().sentence}")
    except asyncio.CancelledError:
        # A signal: a request that is on its way is still answered and written down, unless a second signal comes.
        output.say(runner.stop_waiting().sentence)
        await runner.wait()
        raise
    await runner.wait()
    state = runner.state
    record = await asyncio.to_thread(session.journal.run, runner.run_id)
    for note in state.notes:
        output.say(note)
    code = ExitCode.TIMED_OUT if timed_out else _code(state, arguments)
    if code is not ExitCode.DONE or state.account is None:
        _explain(state, output)
    return Finished(record, state.account), code


async def _narrate(runner: Runner, arguments: argparse.Namespace, output: Output) -> None:
    answered: tuple[str, int] | None = None
    async for event in runner.events():
        question = event.state.question
        # The first event shows the state as it is; a question may have been asked before anybody listened.
        if question is not None and (question.kind, question.next_wave) != answered:
            answered = question.kind, question.next_wave
            await _answer(question, runner, arguments, output)
        elif question is None:
            _tell(event, output)
        if arguments.no_wait and event.kind == "sent":
            output.say(runner.stop_waiting().sentence)


def _tell(event: RunEvent, output: Output) -> None:
    reading = event.state.waves[event.state.wave].reading if event.state.waves else None
    if event.kind == "reading" and reading is not None:
        rate = f", {reading.rate:.0f}/s" if reading.rate else ""
        left = f", {reading.seconds_left:.0f} s left" if reading.seconds_left else ""
        failed = f", {reading.failed} failed" if reading.failed else ""
        output.progress(f"{reading.phase}: {reading.completed} of {reading.total} jobs{failed}{rate}{left}")
        if reading.stall and reading.phase == "stalled":
            output.progress(reading.stall)
    elif event.text and event.kind not in ("changed", "ended", "note"):
        output.say(event.text)


async def _answer(question: Question, runner: Runner, arguments: argparse.Namespace, output: Output) -> None:
    output.say(question.sentence)
    if question.kind == "canary" and arguments.canary_wait is not None:
        await runner.session.clock.sleep(arguments.canary_wait)
        report = await runner.refresh_canary()
        if report is not None and not report.troubled and not report.not_moved:
            output.say(f"The canary does well: {report.sentence} The rest follows.")
            runner.confirm_next_wave()
            return
        output.say(f"The canary does not do well: {report.sentence if report else 'it can not be read.'}")
    elif question.kind == "taken up" and arguments.yes:
        runner.confirm_next_wave()
        return
    elif can_ask() and not arguments.yes:
        output.say(f"Send the next wave? {question.unsent} instances are not sent yet. Type yes to go on:")
        answer = await asyncio.to_thread(_read_line)
        if answer.strip() == "yes":
            runner.confirm_next_wave()
            return
    output.say(f"{question.unsent} instances stay unsent. `tui-migrate runs resume {runner.run_id}` takes it up.")
    runner.stop_waiting()


def _read_line() -> str:
    import sys

    return sys.stdin.readline()


def _code(state: RunState, arguments: argparse.Namespace) -> ExitCode:
    if state.phase == "interrupted" and state.error is not None:
        return exit_code_of(state.error)
    if state.outcome == "unknown":
        return ExitCode.UNKNOWN
    if state.phase == "left":
        return ExitCode.DONE if arguments.no_wait and not state.unsent else ExitCode.REFUSED
    if state.outcome == "nothing":
        return ExitCode.DONE
    if state.outcome == "done" and state.account is not None and state.account.all_moved:
        return ExitCode.DONE
    return ExitCode.REFUSED


def _explain(state: RunState, output: Output) -> None:
    if state.error is not None:
        output.say(str(state.error))
    failure = state.failure
    if failure is not None:
        words = {
            "plan": "The engine says that the plan is invalid; nothing of it was migrated.",
            "instance": f"Instance {failure.instance_id} could not be migrated, and none of its wave was.",
        }
        output.say(words.get(failure.kind, "The migration failed."))
        for line in failure.failures or (failure.message,):
            output.say(f"    {line}")
