"""A box around a list. The box is a widget of its own, so that a changed row doesn't write the box's side again."""

from __future__ import annotations

from textual.containers import Vertical

from tui_migrate.tui.widgets.kept import Kept


class Pane(Vertical, Kept):
    """A border with a title; brighter while what is inside has the keys."""

    DEFAULT_CSS = """
    Pane {
        height: 1fr;
        border: round $row-dim;
        border-title-color: $row-dim;
        border-subtitle-color: $row-dim;
        &:focus-within {
            border: round $primary;
            border-title-color: $foreground;
            border-title-style: bold;
        }
    }
    """
