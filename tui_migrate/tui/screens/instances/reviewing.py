"""Freezing the selection and forecasting it: what the check and the confirm screen begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_migrate.tui.screens.base import BaseScreen
from tui_migrate.tui.verdicts import Review, fingerprint
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.selection import Selection
    from tui_migrate.operations.session import Session


class ReviewProgress(Message):
    """The review goes on.

    Args:
        sentence: How far it is.
    """

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__()


class Frozen(Message):
    """The selection is frozen; nothing is forecast yet.

    Args:
        review: The review, without a summary.
    """

    def __init__(self, review: Review) -> None:
        self.review = review
        super().__init__()


class Reviewed(Message):
    """The selection is frozen and forecast.

    Args:
        review: The whole review.
    """

    def __init__(self, review: Review) -> None:
        self.review = review
        super().__init__()


class Reviewing(BaseScreen):
    """A screen that shows what would become of the selection."""

    @property
    def selection(self) -> Selection:
        """What is chosen."""
        if self.state.selection is None:
            from tui_migrate.operations.selection import Selection

            self.state.selection = Selection()
        return self.state.selection

    @property
    def current_review(self) -> Review | None:
        """The review of the selection as it stands, or None."""
        review = self.state.review
        return review if review is not None and review.is_of(self.selection) else None

    def review(self, *, again: bool = False) -> None:
        """Freeze and forecast; what is known already of the same selection is not read again.

        Args:
            again: Whether to read all anew.
        """
        session, plan = self.state.session, self.state.open_plan
        if session is None or plan is None:
            return
        known = None if again else self.current_review
        if known is not None and known.summary is not None and known.revision == plan.draft.revision:
            self.post_message(Reviewed(known))
            return
        selection = self.selection
        start(self, "review", lambda: self._review(session, plan, selection, known), Reviewed)

    async def _review(self, session: Session, plan: OpenPlan, selection: Selection, known: Review | None) -> Review:
        from tui_migrate.operations.check import summarize
        from tui_migrate.operations.forecast import forecast_instances
        from tui_migrate.operations.selection import freeze

        if known is None:
            chosen = fingerprint(selection)
            frozen = await freeze(
                session,
                plan.source.id,
                selection,
                on_progress=lambda number: self._tell(f"Freezing the selection: {number} instances …"),
            )
            known = Review(frozen, chosen)
            self.post_message(Frozen(known))
        revision = plan.draft.revision
        ids = known.frozen.ids
        forecasts = await forecast_instances(
            session, plan, ids, on_progress=lambda number: self._tell(f"Forecast: {number} of {len(ids)} …")
        )
        verdicts = self.state.verdicts
        rehearsed = verdicts.valid(plan) if verdicts is not None else {}
        summary = summarize(plan, forecasts, {one: rehearsed[one] for one in ids if one in rehearsed})
        return Review(known.frozen, known.chosen, revision, forecasts, summary)

    def _tell(self, sentence: str) -> None:
        self.post_message(ReviewProgress(sentence))
