"""One key of the screens, as the tables of keys hold it."""

from __future__ import annotations

from msgspec import Struct


class Key(Struct, frozen=True):
    """What a key does and how it is told: the binding, the help, the palette and the documentation come from here."""

    id: str
    """Stable name in kebab case with its scope in front, for example `plan-map`; a user may give it other keys."""
    keys: str
    """Textual's names of the keys, separated by commas; empty for what is in the palette only."""
    action: str
    """The action's name, with arguments where it has any: `go('plan')`."""
    label: str
    """One or two words for the line of keys at the bottom."""
    description: str
    """What it does, a sentence without a full stop; the palette and the help show it."""
    shown: str = ""
    """How the key is written where Textual's name is not what people read; empty for the names themselves."""
    palette: bool = True
    """Whether the palette offers it."""
    priority: bool = False
    """Whether it counts before the keys of the focused widget."""

    @property
    def display(self) -> str:
        """How the first key is written."""
        return self.shown.split(" ")[0] if self.shown else readable(self.keys.split(",")[0])

    @property
    def all_displays(self) -> str:
        """How all its keys are written, with blanks between them."""
        return self.shown or " ".join(readable(name) for name in self.keys.split(",") if name)


_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "full_stop": ".",
    "comma": ",",
    "slash": "/",
    "escape": "esc",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "exclamation_mark": "!",
    "asterisk": "*",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def readable(name: str) -> str:
    """Return how people write a key that Textual names `name`."""
    if name.startswith("f") and name[1:].isdigit():
        return name.upper()
    return _NAMES.get(name, name)


class Scope(Struct, frozen=True):
    """The keys that hold in one place."""

    name: str
    """The word by which a class asks for them, for example `plan`."""
    title: str
    """The heading in the help and in the documentation."""
    keys: tuple[Key, ...]
