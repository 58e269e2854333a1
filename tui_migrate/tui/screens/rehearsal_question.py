"""The question before the first rehearsal: nothing is migrated, but the server's log will show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.operations.rehearse import NOTICE
from tui_migrate.tui.screens.question import QuestionModal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_migrate.tui.base_app import BaseApp

_FIRST = "The engine gives its own verdict on each instance, and rolls all back: nothing is migrated."


def once_told(app: BaseApp, title: str, do: Callable[[], None]) -> None:
    """Do something at once where it was said before what a rehearsal leaves in the log, or say it and ask first.

    Args:
        app: Where it is asked.
        title: The question in few words.
        do: Begins the rehearsal.
    """
    if app.state.rehearsal_told:
        do()
        return

    def answered(answer: bool | None) -> None:
        if answer:
            app.state.rehearsal_told = True
            do()

    app.push_screen(QuestionModal(title, (_FIRST, NOTICE), yes="rehearse", no="not now"), answered)
