"""The tabs beside the four steps: definitions, batches, runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from tui_migrate.tui.bindings import SCOPES

if TYPE_CHECKING:
    from textual.app import RenderResult

    from tui_migrate.tui.app import TuiMigrateApp


class TabLine(Widget):
    """One line; the tabs can be clicked, and each shows its key.

    Args:
        shown: Name of the screen that the line stands on.
    """

    DEFAULT_CSS = """
    TabLine { width: 100%; height: 1; padding: 0 1; }
    """

    auto_links = False
    open_runs = reactive(0)
    """Runs to be taken up; the tab of the runs tells them."""

    app: TuiMigrateApp

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.shown_tab = shown

    def render(self) -> RenderResult:
        """Draw the tabs that there are screens for."""
        from tui_migrate.tui.screens.registry import SCREENS, TABS

        keys = {key.action: key for scope in SCOPES for key in scope.keys}
        parts: list[Content] = []
        for name, title in TABS:
            if name not in SCREENS:
                continue
            key = keys.get(f"go('{name}')")
            hint = f" {self.app.key_text(key)}" if key is not None else ""
            look = "bold underline" if name == self.shown_tab else "$row-dim"
            note = f" {self.open_runs} to take up" if name == "runs" and self.open_runs else ""
            tab = Content.assemble((title, look), (hint, "$row-dim"), (note, "$warning"), "   ")
            parts.append(tab.stylize(Style.from_meta({"@click": f"app.go('{name}')"})))
        return Content("").join(parts)
