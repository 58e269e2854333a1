"""What all dialogs have in common: a box with a title, a body, and a line of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.containers import Vertical
from textual.screen import ModalScreen

from tui_migrate.tui.bindings import bindings, key_of
from tui_migrate.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui_migrate.tui.app import TuiMigrateApp

Result = TypeVar("Result")


class BaseModal(ModalScreen[Result], Generic[Result]):
    """A dialog. A subclass yields its body; `esc` closes it with None.

    Args:
        title: The title in the box's border; foreign text is made harmless by the caller.
    """

    BINDINGS = bindings("dialog")
    SCOPES: ClassVar[tuple[str, ...]] = ("dialog",)
    DEFAULT_CSS = """
    BaseModal {
        align: center middle;
        background: $background 60%;
        & > .dialog {
            width: 76;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            border: round $primary;
            border-title-style: bold;
            background: $surface;
            padding: 0 1;
        }
        & > .dialog > KeyLine { background: $surface; margin-top: 1; }
    }
    """

    app: TuiMigrateApp

    def __init__(self, title: str) -> None:
        super().__init__()
        self.dialog_title = title

    def body(self) -> Iterable[Widget]:
        """Return the widgets between title and keys."""
        return ()

    def hints(self) -> Iterable[str]:
        """Return the ids of the keys for the last line."""
        return ("dialog-accept", "dialog-close")

    def compose(self) -> ComposeResult:
        """Put the body into its box."""
        from textual.content import Content

        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.dialog_title)
            yield from self.body()
            yield KeyLine()

    def on_mount(self) -> None:
        """Fill the line of keys."""
        self.set_class(self.app.glyphs.ascii, "-ascii")
        self.refresh_hints()

    def refresh_hints(self) -> None:
        """Fill the line of keys anew."""
        line = self.query_one(KeyLine)
        keys = [key_of(binding_id) for binding_id in self.hints()]
        line.hints = tuple((self.app.key_text(key), key.label, f"screen.{key.action}") for key in keys)

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """Accept; a dialog without a result just closes."""
        self.dismiss(None)
