"""The themes and the profiles' colours; no other module names a colour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

if TYPE_CHECKING:
    from rich.color import Color as RichColour
    from textual.app import App

DARK = Theme(
    name="migrate-dark",
    primary="#5f9fd7",
    secondary="#8a8fd0",
    accent="#d7a65f",
    warning="#e5c07b",
    error="#e06c75",
    success="#7fc97f",
    foreground="#d4d4d4",
    # Few digits: the background is written with nearly every piece of a line.
    background="#090909",
    surface="#1e2127",
    panel="#2a2e36",
    dark=True,
    variables={
        "row-dim": "#8b919c",
        "row-text": "#d4d4d4",
        "row-counterpart-text": "#d4d4d4",
        "row-cursor": "#2f4a66",
        "row-cursor-blurred": "#2a2e36",
        "row-counterpart": "#3a3a2a",
        "profile-foreground": "#ffffff",
        "profile-red": "#b3261e",
        "profile-orange": "#9a5b00",
        "profile-yellow": "#7d6b00",
        "profile-green": "#2e6b34",
        "profile-cyan": "#1a6b75",
        "profile-blue": "#1f5fa8",
        "profile-magenta": "#8a3a8a",
        "profile-grey": "#555a63",
    },
)

LIGHT = Theme(
    name="migrate-light",
    primary="#1f5fa8",
    secondary="#5a4fa0",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#b3261e",
    success="#1e6b2a",
    foreground="#1c1c1c",
    background="#fafafa",
    surface="#f0f0f0",
    panel="#e2e2e2",
    dark=False,
    variables={
        "row-dim": "#6a6a6a",
        "row-text": "#1c1c1c",
        "row-counterpart-text": "#1c1c1c",
        "row-cursor": "#c5dcf5",
        "row-cursor-blurred": "#e2e2e2",
        "row-counterpart": "#f3ecc8",
        "profile-foreground": "#ffffff",
        "profile-red": "#b3261e",
        "profile-orange": "#9a5b00",
        "profile-yellow": "#7d6b00",
        "profile-green": "#2e6b34",
        "profile-cyan": "#1a6b75",
        "profile-blue": "#1f5fa8",
        "profile-magenta": "#8a3a8a",
        "profile-grey": "#555a63",
    },
)

TERMINAL = Theme(
    name="migrate-ansi-dark",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "row-dim": "ansi_bright_black",
        "row-text": "ansi_bright_white",
        "row-counterpart-text": "ansi_black",
        "row-cursor": "ansi_blue",
        "row-cursor-blurred": "ansi_bright_black",
        "row-counterpart": "ansi_yellow",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_bright_black",
        "profile-foreground": "ansi_bright_white",
        "profile-red": "ansi_red",
        "profile-orange": "ansi_yellow",
        "profile-yellow": "ansi_yellow",
        "profile-green": "ansi_green",
        "profile-cyan": "ansi_cyan",
        "profile-blue": "ansi_blue",
        "profile-magenta": "ansi_magenta",
        "profile-grey": "ansi_bright_black",
    },
)

TERMINAL_LIGHT = replace(
    TERMINAL,
    name="migrate-ansi-light",
    dark=False,
    variables={
        **TERMINAL.variables,
        "row-cursor": "ansi_blue",
        "row-cursor-blurred": "ansi_bright_black",
        "row-counterpart": "ansi_bright_yellow",
        "ansi-background": "ansi_white",
        "ansi-foreground": "ansi_black",
    },
)

THEMES = (DARK, LIGHT, TERMINAL, TERMINAL_LIGHT)
DEFAULT = "dark"


def theme_name(wanted: str | None) -> str:
    """Return Textual's name for one of ours (`dark`, `light`, `ansi-dark`, `ansi-light`); the default for any other."""
    name = f"migrate-{wanted or DEFAULT}"
    return name if name in {theme.name for theme in THEMES} else f"migrate-{DEFAULT}"


PROFILE_COLOURS = ("red", "orange", "yellow", "green", "cyan", "blue", "magenta", "grey")
"""The names that a profile's `colour` can have; each is a variable `$profile-<name>` of every theme."""


_PIECES = {
    "cursor": ("row-text", "row-cursor", True),
    "blurred": ("row-text", "row-cursor-blurred", False),
    "counterpart": ("row-counterpart-text", "row-counterpart", True),
    "marked": (None, "row-counterpart", False),
    "dim": ("row-dim", None, False),
    "success": ("success", None, False),
    "warning": ("warning", None, False),
    "error": ("error", None, False),
    "accent": ("accent", None, False),
    "strong": (None, None, True),
}
"""Each style of a piece of text by its name: the theme's variables of its colours, and whether it is bold."""

_styles: dict[tuple[str, str], Style] = {}


def piece_style(app: App[object], name: str) -> Style:
    """Return what a piece of text adds to the style of its widget, in the theme of the app.

    As component classes of each widget Textual would read them from the style sheets again and again: they were three
    quarters of all styles that were read until the plan was there.

    Args:
        app: Whose theme it is.
        name: `dim`, `success`, `warning`, `error`, `accent` or `strong` for a piece; `cursor`, `blurred`, `counterpart`
            or `marked` for a whole row.
    """
    style = _styles.get((app.theme, name))
    if style is None:
        foreground, background, bold = _PIECES[name]
        style = _styles[app.theme, name] = Style(
            color=_colour(app, foreground), bgcolor=_colour(app, background), bold=bold or None
        )
    return style


def _colour(app: App[object], variable: str | None) -> RichColour | None:
    return None if variable is None else Color.parse(app.theme_variables[variable]).rich_color
