"""Carrying a prepared run out at the command line: narrated, with a time limit, with questions answered or left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.cli.confirm import can_ask
from tui_migrate.cli.exit_code import ExitCode, exit_code_of
from tui_migrate.operations.series import RunSeries, look_again

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.account import Account
    from tui_migrate.operations.records import RunRecord
    from tui_migrate.operations.run import PreparedRun, Question, RunEvent, Runner, RunState
    from tui_migrate.operations.series import NextRun
    from tui_migrate.operations.session import Session


class Finished(Struct, frozen=True):
    """A run of which nothing more comes, with its account if one was taken."""

    record: RunRecord
    account: Account | None


async def last_look(session: Session, runs: Sequence[PreparedRun], output: Output) -> bool:
    """Read again what was reviewed, tell what has changed, and return whether any of it matters.

    Raises:
        Forbidden: The user lacks a right that a run needs.
        ReadOnly: The profile is read-only.
    """
    changes = await look_again(session, runs)
    for change in changes:
        output.say(change.sentence)
    return any(change.important for change in changes)


async def carry_all_out(
    session: Session, runs: Sequence[PreparedRun], arguments: argparse.Namespace, output: Output
) -> tuple[list[Finished], ExitCode]:
    """Carry runs out one after the other; what was sent goes on in any case, what was not is in the journal.

    Returns:
        All runs, also those that were not begun, and the first exit code that is not 0.
    """
    series = RunSeries(session, runs)
    finished: list[Finished] = []
    codes: list[ExitCode] = []
    until = None if arguments.timeout is None else session.clock.monotonic() + arguments.timeout

    async def follow_one(runner: Runner) -> None:
        left = None if until is None else max(until - session.clock.monotonic(), 0.0)
        done, code = await follow(session, runner, arguments, output, seconds=left)
        finished.append(done)
        codes.append(code)

    said: set[str] = set()

    def read() -> None:
        for sentence in series.count_changes():
            if sentence not in said:
                said.add(sentence)
                output.say(sentence)

    async def ask(following: NextRun) -> bool:
        if arguments.no_wait and codes[-1] is ExitCode.DONE:
            return True
        output.say(following.sentence)
        if ExitCode.TIMED_OUT not in codes:
            question = f"{following.instances} instances of the other versions are not sent yet."
            if await _asked(question, arguments, output):
                return True
        output.say(f"{following.instances} instances were not sent; their runs are in the journal.")
        return False

    await series.write_down()
    try:
        await series.carry_out(follow_one, ask, read)
    finally:
        series.release()
    for runner in series.unbegun:
        record = await asyncio.to_thread(session.journal.run, runner.run_id)
        output.say(f"`tui-migrate runs resume {runner.run_id}` sends {record.total} from {record.source_id}.")
        finished.append(Finished(record, None))
    return finished, next((code for code in codes if code is not ExitCode.DONE), ExitCode.DONE)


async def follow(
    session: Session,
    runner: Runner,
    arguments: argparse.Namespace,
    output: Output,
    *,
    seconds: float | None = None,
) -> tuple[Finished, ExitCode]:
    """Follow a runner: a new one, or one that was taken up from the journal.

    Args:
        session: The engine and the journal.
        runner: The run.
        arguments: With `timeout`, `no_wait`, `canary_wait` and `yes`.
        output: Where it is told.
        seconds: What is left of the time limit, where other runs have used some of it.
    """
    limit = arguments.timeout if seconds is None else seconds
    await runner.start()
    output.say(f"Run {runner.run_id} is in the journal.")
    timed_out = False
    try:
        async with asyncio.timeout(limit):
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
    elif event.text and event.kind not in ("changed", "ended") and event.text not in event.state.notes:
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
    elif (question.kind == "taken up" and arguments.yes) or await _asked(
        f"Send the next wave? {question.unsent} instances are not sent yet.", arguments, output
    ):
        runner.confirm_next_wave()
        return
    output.say(f"{question.unsent} instances stay unsent. `tui-migrate runs resume {runner.run_id}` takes it up.")
    runner.stop_waiting()


def _next_wave(question: Question) -> str:
    return f"Send the next wave? {question.unsent} instances are not sent yet."


async def _asked(question: str, arguments: argparse.Namespace, output: Output) -> bool:
    """Whether somebody at the terminal says to go on; False where nobody can be asked, and where `--yes` was said."""
    import sys

    if arguments.yes or not can_ask():
        return False
    output.say(f"{question} Type yes to go on:")
    answer: str = await asyncio.to_thread(sys.stdin.readline)
    return answer.strip() == "yes"


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
    if state.outcome == "unknown":
        output.say(
            "Whether the engine has done what was asked for could not be found out; it is not sent again. The account "
            "tells where each instance is now, `tui-migrate batches` lists the batches."
        )
    failure = state.failure
    if failure is not None:
        words = {
            "plan": "The engine says that the plan is invalid; nothing of it was migrated.",
            "instance": f"Instance {failure.instance_id} could not be migrated, and none of its wave was.",
        }
        output.say(words.get(failure.kind, "The migration failed."))
        for line in failure.failures or (failure.message,):
            output.say(f"    {line}")
