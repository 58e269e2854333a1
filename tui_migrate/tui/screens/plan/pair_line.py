"""The line with source and target; a click on either changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from tui_migrate.tui.cells import cut, fit
from tui_migrate.tui.widgets.kept import Kept

if TYPE_CHECKING:
    from textual.app import RenderResult

    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.tui.app import TuiMigrateApp


class PairLine(Kept):
    """One line: source with its running instances, the sign for swapping, target."""

    DEFAULT_CSS = """
    PairLine { width: 100%; height: 1; padding: 0 1; }
    """

    auto_links = False

    app: TuiMigrateApp

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._plan: OpenPlan | None = None
        self._newest = False

    def show(self, plan: OpenPlan) -> None:
        """Show a plan's definitions."""
        self._plan = plan
        overview = self.app.state.overview
        group = overview.group(plan.target.id) if overview is not None else None
        self._newest = group is not None and group.newest.definition.id == plan.target.id
        self.refresh()

    def render(self) -> RenderResult:
        """Draw both sides; names are cut, numbers never."""
        plan = self._plan
        if plan is None:
            return Content("")
        width = self.content_size.width
        swap = f" {self.app.glyphs.swap} "
        half = max((width - cell_len(swap)) // 2, 10)
        running = f" {plan.running} running" if plan.running != 1 else " 1 running"
        left = self._side(plan.source, running, half)
        newest = " newest" if self._newest else ""
        right = self._side(plan.target, newest, width - half - cell_len(swap))
        return Content.assemble(
            self._clickable(left, "choose_source"),
            self._clickable(Content.styled(swap, "bold $primary"), "swap"),
            self._clickable(right, "choose_target"),
        )

    def _side(self, definition: ProcessDefinition, tail: str, room: int) -> Content:
        tenant = f" @{cut(definition.tenant_id, 12)}" if definition.tenant_id else ""
        version = f" v{definition.version}"
        tag = f' "{cut(definition.version_tag, 14)}"' if definition.version_tag else ""
        if len(version) + cell_len(tag) + cell_len(tenant) + len(tail) + 8 > room:
            tag = ""
        space = room - len(version) - cell_len(tag) - cell_len(tenant) - len(tail)
        key = cut(definition.key, max(space, 4), self.app.glyphs.ellipsis)
        text = Content.assemble((key, "bold"), version, (tag, "$row-dim"), (tenant, "$accent"), (tail, "$row-dim"))
        return text + fit("", max(room - text.cell_length, 0))

    @staticmethod
    def _clickable(content: Content, action: str) -> Content:
        return content.stylize(Style.from_meta({"@click": f"screen.{action}"}))
