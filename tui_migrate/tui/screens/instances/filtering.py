"""The filter bar: criteria with completion, errors where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.instances.reading import InstancesReading
from tui_migrate.tui.widgets.filter_bar import FilterField
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from tui_migrate.operations.filter import InstanceFilter, Offer
    from tui_migrate.tui.widgets.line_list import Piece


class Offered(Message):
    """It is known which criteria this engine honours.

    Args:
        offers: All criteria, with the reason against those that it does not.
    """

    def __init__(self, offers: tuple[Offer, ...]) -> None:
        self.offers = offers
        super().__init__()


class Settled(Message):
    """What an earlier filter matched is a list of ids now, and the new filter can be shown.

    Args:
        filter: The new filter.
    """

    def __init__(self, filter: InstanceFilter) -> None:
        self.filter = filter
        super().__init__()


class InstancesFiltering(InstancesReading):
    """The part of the screen that narrows the list."""

    def action_filter(self) -> None:
        """Write a filter."""
        if self.refuse("filter"):
            return
        field = self.query_one(FilterField)
        field.values = self._known_values()
        self.add_class("-filtering")
        field.open(self.filter.text)
        self.show_verdict()
        self.refresh_frame()
        if field.offered is None:
            self._read_offers()

    def _known_values(self) -> dict[str, tuple[str, ...]]:
        counts, model = self.plan.counts, self.plan.source_model
        waiting = [one for one in model.activities if counts.tokens(one)]
        rest = [one for one in model.activities if not counts.tokens(one)]
        tenant = self.plan.source.tenant_id
        return {
            "activity": (*waiting, *rest),
            "incident": ("failedJob", "failedExternalTask"),
            "ignorecase": ("names", "values"),
            "tenant": (tenant,) if tenant else (),
        }

    def _read_offers(self) -> None:
        session = self.state.session
        if session is None:
            return

        async def read() -> tuple[Offer, ...]:
            from tui_migrate.operations.filter import offers

            return offers(await session.features(), history=await session.engine.history_available())

        start(self, "offers", read, Offered)

    @on(Offered)
    def _offered(self, event: Offered) -> None:
        event.stop()
        field = self.query_one(FilterField)
        field.offered = event.offers
        if field.has_class("-open"):
            field.read()

    @on(FilterField.Read)
    def _field_read(self, event: FilterField.Read) -> None:
        event.stop()
        self.show_verdict()

    def completion_sentences(self, field: FilterField) -> list[Piece]:
        """Return what is wrong, or the completions with the marked one's meaning."""
        found: list[Piece] = []
        if field.error is not None and not self._half_written(field):
            found.append((f"{self.glyphs.error} {shown(str(field.error), 400)}", "error"))
        if field.completions:
            start = max(0, field.marked - 2)
            for place, word in enumerate(field.completions[start : start + 8], start):
                found.append((shown(word, 40), "accent" if place == field.marked else "dim"))
            meaning = self._meaning(field)
            if meaning:
                found.append((meaning, ""))
        elif not found:
            found.append(("enter applies the filter; ctrl+u empties it, and an empty one shows all.", "dim"))
        return found

    @staticmethod
    def _half_written(field: FilterField) -> bool:
        """Whether the error is only that the last word is not written to its end."""
        error = field.error
        return error is not None and bool(field.completions) and error.position + error.length >= len(field.value)

    def _meaning(self, field: FilterField) -> str:
        from tui_migrate.operations.filter_criteria import BY_WORD

        word = field.completions[field.marked].partition(":")[0]
        criterion = BY_WORD.get(word.casefold())
        if criterion is None:
            return ""
        if ":" in field.completions[field.marked] and not field.completions[field.marked].endswith(":"):
            activity = self.plan.source_model.get(field.completions[field.marked].partition(":")[2])
            return "" if activity is None else f"= {shown(activity.label, 60)}"
        return f"{criterion.help} {criterion.example}"

    @on(FilterField.Left)
    def _field_left(self, event: FilterField.Left) -> None:
        event.stop()
        field = self.query_one(FilterField)
        self.remove_class("-filtering")
        self.table.focus()
        self.show_verdict()
        self.refresh_frame()
        if not event.accepted:
            return
        from tui_migrate.operations.filter import parse_filter

        self.apply_filter(parse_filter(field.value))

    def apply_filter(self, wanted: InstanceFilter) -> None:
        """Show another filter; what the one before matched and was selected is settled to ids first."""
        session = self.state.session
        if session is None or wanted.text == self.filter.text:
            return
        reason = self._reason_against_filter(wanted)
        if reason is not None:
            self.say(reason, "warning")
            return
        selection, source_id = self.selection, self.plan.source.id
        if selection.mode != "matching" or (selection.filter is not None and selection.filter.is_empty):
            self._show_filter(wanted)
            return
        self.tell("Reading what the filter before selected …")

        async def settle() -> Settled:
            await selection.settle(session, source_id)
            return Settled(wanted)

        start(self, "settle", settle, lambda message: message)

    def _reason_against_filter(self, wanted: InstanceFilter) -> str | None:
        offered = self.query_one(FilterField).offered or ()
        reasons = {offer.criterion.word: offer.reason for offer in offered if offer.reason is not None}
        return next((reasons[one.criterion.word] for one in wanted.terms if one.criterion.word in reasons), None)

    @on(Settled)
    def _settled(self, event: Settled) -> None:
        event.stop()
        self._show_filter(event.filter)

    def _show_filter(self, wanted: InstanceFilter) -> None:
        self.state.filter = wanted
        self.state.all_meant = False
        self.open_list()

    def leave_mode(self) -> bool:
        """Leave a range before the screen."""
        if self.table.range_start is not None:
            self.table.range_start = None
            self.table.draw_again()
            self.show_selection()
            return True
        return False
