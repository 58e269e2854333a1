"""The way back from a cause to the mapping that is at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.screens.plan.screen import PlanScreen

if TYPE_CHECKING:
    from tui_migrate.tui.app import TuiMigrateApp


def show_fault(app: TuiMigrateApp, activity_id: str) -> None:
    """Go to the plan with the cursor on a source activity; the scopes around it are opened."""
    plan = app.state.open_plan
    if plan is None or plan.source_model.get(activity_id) is None:
        app.say("This activity is not in the plan that is open.", "warning")
        return
    view = app.state.plan_view
    view.focused = "source"
    view.source.cursor = activity_id
    screen = app.built("plan")
    if app.go("plan") and isinstance(screen, PlanScreen):
        screen.call_after_refresh(_put_cursor, screen, activity_id)


def _put_cursor(screen: PlanScreen, activity_id: str) -> None:
    if screen.facts is not None:
        screen.source_tree.focus()
        screen.source_tree.select(activity_id)
