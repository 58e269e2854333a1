"""Asks for one or a few short texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input, Static

from tui_migrate.text import safe
from tui_migrate.tui.screens.modal import BaseModal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

Answers = Mapping[str, str]


class FieldsModal(BaseModal[Answers]):
    """Ends with what stands in the fields, or None. `enter` accepts, `tab` goes to the next field.

    Args:
        title: What it is about.
        fields: Label and first value by name.
        check: Returns what is wrong with the answers, as a sentence, or None.
        note: What there is to know; foreign text in it is made harmless.
    """

    DEFAULT_CSS = """
    FieldsModal .label { color: $row-dim; }
    FieldsModal Input { background: $panel; }
    """

    def __init__(
        self,
        title: str,
        fields: Mapping[str, tuple[str, str]],
        *,
        check: Callable[[Answers], str | None] | None = None,
        note: str = "",
    ) -> None:
        super().__init__(title)
        self.fields = dict(fields)
        self.check = check
        self.note = note

    def body(self) -> Iterable[Widget]:
        """Return a label and a field for each."""
        if self.note:
            yield Static(safe(self.note, limit=1000), markup=False)
        for name, (label, value) in self.fields.items():
            yield Static(label, classes="label", markup=False)
            field = Input(value, id=f"field-{name}")
            field.cursor_blink = False
            yield field

    def on_mount(self) -> None:
        """Begin in the first field."""
        super().on_mount()
        self.query(Input).first().focus()

    @property
    def answers(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: self.query_one(f"#field-{name}", Input).value for name in self.fields}

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """End with the answers, or say what is wrong with them."""
        answers = self.answers
        wrong = self.check(answers) if self.check is not None else None
        if wrong is not None:
            self.app.say(wrong, "warning")
            return
        self.dismiss(answers)
