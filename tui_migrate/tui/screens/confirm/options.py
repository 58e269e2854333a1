"""The options of a run, as lines that can be clicked, each with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style

from tui_migrate.tui.cells import cut, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_migrate.operations.prepared_run import PreparedRun
    from tui_migrate.operations.side_effects import SideEffects
    from tui_migrate.tui.glyphs import Glyphs


def option_lines(
    prepared: PreparedRun, effects: SideEffects, glyphs: Glyphs, key: Callable[[str], str], width: int
) -> Content:
    """Return the options of a run on four lines.

    Args:
        prepared: The run.
        effects: Which listeners and mappings it would run.
        glyphs: The set of characters.
        key: Returns how the key of a binding is written.
        width: Cells of a line.
    """
    options = prepared.options
    waves = len(prepared.waves)
    how = f"{waves} {'batch' if waves == 1 else 'batches'}" if prepared.asynchronous else "now one transaction"
    half = max(width // 2, 20)

    def option(binding: str, action: str, text: str, *, cells: int) -> Content:
        body = Content.assemble((f"{key(binding)} ", "bold $primary"), text)
        cells_used = body.cell_length
        padded = body + Content(" " * max(cells - cells_used, 1))
        return padded.stylize(Style.from_meta({"@click": f"screen.{action}"}))

    def tick(on: bool) -> str:
        return glyphs.ticked if on else glyphs.unticked

    def runs(entries: tuple[str, ...]) -> str:
        if not entries:
            return "no effect"
        return cut(f"{len(entries)} would run: {', '.join(shown(one, 60) for one in entries)}", half, glyphs.ellipsis)

    names = ", ".join(shown(name, 30) for name in options.variables) or "none"
    canary = f"{options.canary} first, then stop and look" if prepared.has_canary else "none"
    annotation = shown(options.annotation, 60) if options.annotation else "none"
    wave_text = f"waves: at most {options.wave_size}"
    if options.allowed_failures:
        wave_text += f", {options.allowed_failures} may fail"
    first = option(
        "confirm-asynchronous", "asynchronous", f"{tick(prepared.asynchronous)} asynchronous: {how}", cells=half
    ) + option("confirm-waves", "waves", wave_text, cells=1)
    second = option(
        "confirm-listeners",
        "listeners",
        f"{tick(options.skip_custom_listeners)} skip custom listeners: {runs(effects.listeners)}",
        cells=1,
    )
    third = option(
        "confirm-mappings",
        "mappings",
        f"{tick(options.skip_io_mappings)} skip IO mappings: {runs(effects.mappings)}",
        cells=half,
    ) + option("confirm-canary", "canary", f"canary: {canary}", cells=1)
    fourth = option("confirm-variables", "variables", cut(f"variables: {names}", half - 3), cells=half) + option(
        "confirm-annotation", "annotation", f"annotation: {annotation}", cells=1
    )
    return Content("\n").join([first, second, third, fourth])
