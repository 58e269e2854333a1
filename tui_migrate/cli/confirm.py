"""Asking before a change: only on a terminal, and never silently assumed."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output


async def confirm(question: str, arguments: argparse.Namespace, output: Output, *, word: str = "yes") -> None:
    """Ask the person at the terminal; `--yes` answers beforehand.

    Args:
        question: What will happen, as a question.
        arguments: With `yes`.
        output: Where the question goes.
        word: What has to be typed.

    Raises:
        UsageError: There is no terminal to ask at, or the answer was another.
    """
    import asyncio

    from tui_migrate.errors import UsageError

    if arguments.yes:
        return
    if not can_ask():
        raise UsageError(f"{question} There is no terminal to ask at: say --yes if it is meant. Nothing was sent.")
    output.say(question)
    sys.stderr.write(f"Type {word} to go on: ")
    sys.stderr.flush()
    answer = await asyncio.to_thread(sys.stdin.readline)
    if answer.strip() != word:
        raise UsageError("Not confirmed, so nothing was sent.")


def can_ask() -> bool:
    """Return whether a person can be asked: both the question and the answer need a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
