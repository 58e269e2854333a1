"""The first line of every screen: where we are connected to, and the four steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style

from tui_migrate.tui.cells import cut
from tui_migrate.tui.widgets.kept import Kept

if TYPE_CHECKING:
    from textual.app import RenderResult

STEPS = (("plan", "Plan"), ("instances", "Instances"), ("confirm", "Confirm"), ("result", "Result"))
"""Screen name and title of each step, in order."""


class HeaderFacts(Struct, frozen=True):
    """What the header says."""

    title: str = "tui-migrate"
    profile: str = ""
    colour: str = ""
    """Name of the profile's colour, or ""."""
    engine: str = ""
    """Family and version of the engine."""
    read_only: bool = False
    step: str = ""
    """Name of the screen that is shown, to tell its step from the others."""
    step_sign: str = "›"


class HeaderLine(Kept):
    """One line; the steps can be clicked."""

    DEFAULT_CSS = """
    HeaderLine { width: 100%; height: 1; background: $panel; }
    """

    auto_links = False

    facts: reactive[HeaderFacts] = reactive(HeaderFacts(), init=False)

    def render(self) -> RenderResult:
        """Draw the line: the left part is cut before the steps are."""
        steps = self._steps()
        left = self._left(max(self.size.width - steps.cell_length - 1, 0))
        gap = max(self.size.width - left.cell_length - steps.cell_length, 0)
        return Content.assemble(left, " " * gap, steps)

    def _left(self, room: int) -> Content:
        facts = self.facts
        parts: list[Content] = [Content.styled(f" {facts.title} ", "bold")]
        if facts.profile:
            chip = f" {cut(facts.profile, 20)} "
            style = f"bold $profile-foreground on $profile-{facts.colour}" if facts.colour else "bold reverse"
            parts.append(Content.styled(chip, style))
        if facts.read_only:
            parts.append(Content.styled(" read-only", "$warning"))
        if facts.engine:
            parts.append(Content(f" {cut(facts.engine, 30)}"))
        if sum(part.cell_length for part in parts) > room:
            # Where we are connected to counts more than what this program is called.
            del parts[0]
        line = Content("")
        for part in parts:
            if line.cell_length + part.cell_length <= room:
                line = line + part
        return line

    def _steps(self) -> Content:
        parts: list[Content] = []
        for name, title in STEPS:
            if parts:
                parts.append(Content.styled(f" {self.facts.step_sign} ", "$row-dim"))
            look = "bold underline" if name == self.facts.step else "$row-dim"
            parts.append(Content.styled(title, look).stylize(Style.from_meta({"@click": f"app.go('{name}')"})))
        parts.append(Content(" "))
        return Content("").join(parts)
