"""One cause with all of its instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.message import Message

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.instances.details import TextModal, wrapped
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.screens.instances.check_lines import CheckLine
    from tui_migrate.tui.widgets.line_list import Piece


NAMED_AT_MOST: Final = 500
"""Instances of a cause whose business keys are read: nobody scrolls through more."""


class Named(Message):
    """The business keys of the instances have been read.

    Args:
        business_keys: Those that there are, by instance.
    """

    def __init__(self, business_keys: Mapping[str, str]) -> None:
        self.business_keys = business_keys
        super().__init__()


class CauseModal(TextModal):
    """The whole sentence, the remedy, the instances: ids at once, business keys as soon as they are read.

    Args:
        plan: The plan.
        line: The cause.
        glyphs: The set of characters.
        session: Where the business keys are read; without it there are none.
    """

    BINDINGS = bindings("dialog")

    def __init__(self, plan: OpenPlan, line: CheckLine, glyphs: Glyphs, session: Session | None = None) -> None:
        noun = "instance" if len(line.ids) == 1 else "instances"
        super().__init__(f"{len(line.ids)} {noun}")
        self.session = session
        self.plan = plan
        self.line = line
        self.glyphs_shown = glyphs
        self.business_keys: Mapping[str, str] = {}

    def on_mount(self) -> None:
        """Read the business keys."""
        super().on_mount()
        session, ids = self.session, self.line.ids[:NAMED_AT_MOST]
        if session is None:
            return

        async def read() -> Named:
            from tui_migrate.engine.queries import InstanceQuery

            found = await session.engine.instances(InstanceQuery(process_instance_ids=ids), limit=len(ids))
            return Named({one.id: one.business_key for one in found if one.business_key})

        start(self, "names", read, lambda message: message)

    @on(Named)
    def _named(self, event: Named) -> None:
        event.stop()
        self.business_keys = event.business_keys
        self.fill()

    @on(WorkFailed)
    def _not_named(self, event: WorkFailed) -> None:
        """The ids stand there, and say which instances it is about."""
        event.stop()

    def lines(self, width: int) -> Iterator[list[Piece]]:
        """Yield sentence, place, remedy, ids."""
        yield from wrapped(shown(self.line.sentence, 4000), "error" if self.line.outcome == "fails" else "", width)
        activity = self.plan.source_model.get(self.line.activity_id)
        if activity is not None:
            target = self.plan.draft.target_of(activity.id)
            to = f" {self.glyphs_shown.arrow} {shown(target, 60)}" if target else ", which is not mapped"
            yield from wrapped(f"at {shown(activity.label, 80)} ({shown(activity.id, 80)}){to}", "", width)
        if self.line.remedy:
            yield from wrapped(f"{self.glyphs_shown.arrow} {shown(self.line.remedy, 2000)}", "accent", width)
        yield []
        for one in self.line.ids:
            name = self.business_keys.get(one)
            yield [(f"  {shown(one, 80)}", "dim"), (f"  {shown(name, 200)}" if name else "", "")]
