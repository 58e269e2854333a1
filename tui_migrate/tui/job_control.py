"""Going to the shell and coming back, as ctrl+z and `fg` do in every program that has a terminal to itself."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from tui_migrate.tui.base_app import BaseApp

_TITLE = "Go to the shell?"
_NO_SHELL = "There is no shell to go to: none would bring this back."
_STANDS_STILL = (
    "What goes on in here stands still until fg brings it back: no wave is sent, and nothing is watched. "
    "What the engine was given goes on there."
)


def go_to_shell(app: BaseApp) -> None:
    """Give the terminal to the shell until it continues us; asks first where something of ours would stand still."""
    from tui_migrate.tui.screens.question import QuestionModal

    if not _something_goes_on(app):
        _go(app)
    elif getattr(app.screen, "dialog_title", "") != _TITLE:
        question = QuestionModal(_TITLE, (_STANDS_STILL,), yes="to the shell", no="stay")
        app.push_screen(question, lambda answer: _go(app) if answer else None)


def _something_goes_on(app: BaseApp) -> bool:
    versions = app.state.versions
    return (
        any(run.going_on for run in app.state.runs)
        or (versions is not None and versions.going_on)
        or any(worker.group == "rehearse" and worker.is_running for worker in app.workers)
    )


def _go(app: BaseApp) -> None:
    try:
        with app.suspend():
            went = stop_until_continued()
    except SuspendNotSupported:
        went = False
    if not went:
        app.say(_NO_SHELL, "warning")


def stop_until_continued() -> bool:
    """Stop as the terminal's own ctrl+z would, and return when the shell has continued us.

    The whole process group is stopped: a script that waits for us stops along, so that its shell gets the terminal. The
    kernel discards this signal where no shell could continue the group, as on `ssh host tui-migrate`. Textual (8.2.8)
    stops its own process only, and by the signal that is never discarded: nothing could bring it back there.

    Returns:
        Whether it was stopped; False where there is no shell to go to.
    """
    continued = False

    def note(*_: object) -> None:
        nonlocal continued
        continued = True

    at_stop, at_continue = signal.signal(signal.SIGTSTP, signal.SIG_DFL), signal.signal(signal.SIGCONT, note)
    try:
        os.killpg(0, signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, at_stop)
        signal.signal(signal.SIGCONT, at_continue)
    return continued
