"""Asking the engine for its own verdict on the instances of all versions that are to go; it goes on beside the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from tui_migrate.tui.screens.versions.messages import CheckProgress, Rehearsed, VersionChecked
from tui_migrate.tui.screens.versions.part import VersionsPart
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from textual.worker import Worker

    from tui_migrate.tui.widgets.line_list import Piece


class VersionsRehearsing(VersionsPart):
    """The part of the combined check that rehearses."""

    status: Piece | None = None
    """What goes on, in the place of the numbers; None is nothing."""
    rehearsal: Worker[None] | None = None
    """At work; None without one."""

    @property
    def is_rehearsing(self) -> bool:
        """Whether a rehearsal goes on."""
        return self.rehearsal is not None

    def tell_progress(self, sentence: str) -> None:
        """Tell how far a check or a rehearsal is."""
        self.post_message(CheckProgress(sentence))

    def action_rehearse(self) -> None:
        """Ask the engine about the instances of all versions that are to go; the first time it is said what it logs."""
        if self.refuse("rehearse"):
            return
        from tui_migrate.tui.screens.rehearsal_question import once_told

        once_told(self.app, "Rehearse all of these versions?", self._rehearse)

    def _rehearse(self) -> None:
        versions, session = self.versions, self.state.session
        if versions is None or session is None:
            return
        wanted = [plan for plan in versions.chosen if plan.draft.report.valid]

        async def work() -> Rehearsed:
            from tui_migrate.operations.versions import rehearse_version

            for plan in wanted:
                one = await rehearse_version(
                    session,
                    plan,
                    versions.checked[plan.source.id],
                    on_progress=lambda progress, plan=plan: self.tell_progress(  # type: ignore[misc]
                        f"Rehearsal of v{plan.source.version}: {progress.done} of {progress.total} …"
                    ),
                )
                self.post_message(VersionChecked(versions, one))
            return Rehearsed()

        self.status = ("Rehearsing: the engine is asked about each instance …", "accent")
        self.rehearsal = start(self, "rehearse", work, lambda message: message)
        self.show_all()

    @on(Rehearsed)
    def _rehearsal_over(self, event: Rehearsed) -> None:
        event.stop()
        self.rehearsal = self.status = None
        self.show_all()

    def leave_mode(self) -> bool:
        """Cancel a rehearsal first; the versions that are rehearsed stay so."""
        if self.rehearsal is None:
            return False
        self.rehearsal.cancel()
        self.rehearsal = self.status = None
        self.say("The rehearsal was cancelled; what the engine said of whole versions stays.")
        self.show_all()
        return True

    def on_screen_suspend(self) -> None:
        """A rehearsal ends with the screen."""
        super().on_screen_suspend()
        if self.app.screen_is_left(self):
            self.rehearsal = None
