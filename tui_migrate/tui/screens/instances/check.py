"""The check: what would become of the selected instances, with causes in groups, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from tui_migrate.tui.screens.instances.rehearsing import CheckRehearsing
from tui_migrate.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Iterable


class CheckScreen(CheckRehearsing):
    """Causes with their numbers and remedies; one key selects a group or leaves it out."""

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        event.stop()
        if event.column < 5:
            self.action_toggle_group()
        elif event.again:
            self.action_details()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        if self._rehearsal is not None:
            return ("check-cancel", "app-help")
        return (
            "check-toggle",
            "check-only",
            "check-mapping",
            "check-rehearse",
            "check-details",
            "app-back",
            "app-help",
            "check-confirm",
        )

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        if action in ("toggle_group", "only_group", "mapping", "details") and self.causes.current is None:
            return "There is nothing to choose from yet."
        if action == "mapping" and self._fault() is None:
            return "No mapping is at fault for these instances."
        if action == "rehearse":
            return self.reason_against_rehearsal()
        if action == "cancel" and self._rehearsal is None:
            return "No rehearsal is going on."
        return None

    def _fault(self) -> str | None:
        line = self.causes.current
        return line.activity_id if line is not None else None

    def action_mapping(self) -> None:
        """Go back to the mapping at fault."""
        fault = self._fault()
        if self.refuse("mapping") or fault is None:
            return
        from tui_migrate.tui.screens.instances.fault import show_fault

        show_fault(self.app, fault)

    def action_details(self) -> None:
        """Show the whole cause and its instances."""
        line = self.causes.current
        if line is None or self.refuse("details"):
            return
        from tui_migrate.tui.screens.instances.cause import CauseModal

        self.app.push_screen(CauseModal(self.plan, line, self.glyphs, self.state.session))

    def action_go_on(self) -> None:
        """Go on to confirm what is selected."""
        self.app.go("confirm")

    def action_go_back(self) -> None:
        """Go back to the instances."""
        self.app.go("instances")
