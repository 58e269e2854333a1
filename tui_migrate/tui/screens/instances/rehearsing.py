"""The rehearsal in the app: asked for, watched, cancelled; never unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.screens.instances.check_base import CheckBase
from tui_migrate.tui.verdicts import Review, Verdicts
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from textual.worker import Worker

    from tui_migrate.operations.rehearse import Rehearsal, RehearsalProgress


class Rehearsing(Message):
    """The rehearsal goes on.

    Args:
        progress: How far it is.
        revision: The draft's revision that it is about.
    """

    def __init__(self, progress: RehearsalProgress, revision: int) -> None:
        self.progress = progress
        self.revision = revision
        super().__init__()


class Rehearsed(Message):
    """The rehearsal is over.

    Args:
        rehearsal: The engine's verdicts.
        revision: The draft's revision that they are about.
    """

    def __init__(self, rehearsal: Rehearsal, revision: int) -> None:
        self.rehearsal = rehearsal
        self.revision = revision
        super().__init__()


class CheckRehearsing(CheckBase):
    """The part of the check that asks the engine for its own verdict."""

    _rehearsal: Worker[None] | None = None

    def reason_against_rehearsal(self) -> str | None:
        """Return why the engine can't be asked now, or None."""
        session = self.state.session
        if self._rehearsal is not None:
            return "A rehearsal is going on already."
        if session is not None and session.profile.read_only:
            return "This profile is read-only, and a rehearsal sends requests that could change the engine."
        if not self.plan.draft.report.valid:
            return "The plan has errors: the engine would refuse it before it looks at any instance."
        if self.summary is None or not self.selected_ids():
            return "There is no instance to rehearse."
        return None

    # -- rehearsal ---------------------------------------------------------------------------------------------

    def work_failed(self, event: WorkFailed) -> None:
        """Keep the verdicts up to now, and tell it."""
        if event.group == "rehearse":
            self._rehearsal = None
            self._sum_up()
        super().work_failed(event)

    def action_rehearse(self) -> None:
        """Ask the engine; the first time it is said what its log will show."""
        if self.refuse("rehearse"):
            return
        from tui_migrate.tui.screens.rehearsal_question import once_told

        once_told(self.app, f"Rehearse {len(self.selected_ids())} instances?", self._rehearse)

    def _rehearse(self) -> None:
        session, review = self.state.session, self.state.review
        if session is None or review is None:
            return
        from tui_migrate.operations.rehearse import rehearse

        plan, ids = self.plan, self.selected_ids()
        revision = plan.draft.revision
        forecasts = review.forecasts

        def tell(progress: RehearsalProgress) -> None:
            self.post_message(Rehearsing(progress, revision))

        async def work() -> Rehearsed:
            rehearsal = await rehearse(
                session,
                plan.plan(),
                ids,
                on_progress=tell,
                forecast=forecasts,
            )
            return Rehearsed(rehearsal, revision)

        self.tell(f"Rehearsing {len(ids)} instances …", "accent")
        self._rehearsal = start(self, "rehearse", work, lambda message: message)
        self.refresh_frame()

    @on(Rehearsing)
    def _rehearsal_goes_on(self, event: Rehearsing) -> None:
        event.stop()
        progress = event.progress
        self._keep(dict(progress.verdicts), event.revision, progress.seconds)
        bar = self._bar(progress.done, progress.total)
        words = f"Rehearsing {bar} {progress.done}/{progress.total}, {progress.failing} fail, {progress.seconds:.1f} s"
        if self._rehearsal is not None:
            self.tell(words, "accent")

    def _bar(self, done: int, total: int) -> str:
        full = round(20 * done / max(total, 1))
        return self.glyphs.bar_full * full + self.glyphs.bar_empty * (20 - full)

    @on(Rehearsed)
    def _rehearsal_over(self, event: Rehearsed) -> None:
        event.stop()
        self._rehearsal = None
        self._keep(dict(event.rehearsal.verdicts), event.revision, event.rehearsal.seconds)
        self._sum_up()
        unproven = [guard.sentence for guard in event.rehearsal.guards if not guard.proven]
        for sentence in unproven:
            self.say(sentence, "warning")

    def _keep(self, verdicts: dict[str, object], revision: int, seconds: float) -> None:
        session = self.state.session
        kept = self.state.verdicts
        if kept is None or kept.revision != revision:
            kept = self.state.verdicts = Verdicts(revision)
        kept.rehearsed.update(verdicts)  # type: ignore[arg-type]
        kept.seconds = seconds
        kept.at = session.clock.now() if session is not None else None

    def _sum_up(self) -> None:
        """Put the engine's verdicts into the summary."""
        from tui_migrate.operations.check import summarize

        review, verdicts = self.state.review, self.state.verdicts
        if review is None or review.summary is None:
            return
        rehearsed = verdicts.valid(self.plan) if verdicts is not None else {}
        mine = {one: rehearsed[one] for one in review.frozen.ids if one in rehearsed}
        summary = summarize(self.plan, review.forecasts, mine)
        self.state.review = Review(review.frozen, review.chosen, review.revision, review.forecasts, summary)
        self.status = None
        self.show_all()

    def action_cancel(self) -> None:
        """Cancel the rehearsal; what the engine said up to now stays."""
        if self.refuse("cancel") or self._rehearsal is None:
            return
        self._rehearsal.cancel()
        self._rehearsal = None
        self._sum_up()
        self.say("The rehearsal was cancelled; the verdicts up to now stay.")

    def leave_mode(self) -> bool:
        """Cancel a rehearsal before leaving."""
        if self._rehearsal is None:
            return False
        self.action_cancel()
        return True

    def on_screen_suspend(self) -> None:
        """A rehearsal ends with the screen."""
        super().on_screen_suspend()
        if self.app.screen_is_left(self):
            self._rehearsal = None
