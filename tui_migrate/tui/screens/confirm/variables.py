"""The variables that the migration sets: a list, and a small form for one. The engine checks them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.widgets import Input, Static

from tui_migrate.operations.typed_variable import TYPES, VariableError, read_variable, variable_text
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import fit, shown
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.widgets.line_list import LineList, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui_migrate.tui.glyphs import Glyphs

Variables = Mapping[str, Mapping[str, Any]]
_FIELDS: Final = ("name", "value", "info")


class VariableModal(BaseModal[tuple[str, dict[str, Any]]]):
    """One variable: name, type, value. Ends with its name and the engine's form of it.

    Args:
        name: The name, empty for a new one.
        variable: Its value as the engine takes it, or None.
    """

    BINDINGS = bindings("variable", "dialog")
    SCOPES: ClassVar[tuple[str, ...]] = ("variable", "dialog")
    DEFAULT_CSS = """
    VariableModal .label { color: $row-dim; }
    VariableModal Input { background: $panel; }
    """

    def __init__(self, name: str = "", variable: Mapping[str, Any] | None = None) -> None:
        super().__init__("Variable")
        self.first_name = name
        self.first = variable or {}
        type_ = str(self.first.get("type") or "String")
        self.type = type_ if type_ in TYPES else "String"

    def body(self) -> Iterable[Widget]:
        """Return the form."""
        yield Static("", id="variable-type", markup=False)
        info = self.first.get("valueInfo")
        values = {
            "name": ("name", self.first_name),
            "value": ("value", variable_text(self.first) if self.first else ""),
            "info": (
                "value info as JSON, for Object: objectTypeName and serializationDataFormat",
                json.dumps(info) if info else "",
            ),
        }
        for name in _FIELDS:
            label, value = values[name]
            yield Static(label, classes="label", markup=False)
            field = Input(value, id=f"variable-{name}")
            field.cursor_blink = False
            yield field

    def on_mount(self) -> None:
        """Begin with the name."""
        super().on_mount()
        self._show_type()
        self.query_one("#variable-name", Input).focus()

    def _show_type(self) -> None:
        names = "  ".join(f"[{name}]" if name == self.type else name for name in TYPES)
        self.query_one("#variable-type", Static).update(f"type  {names}")

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("variable-type-next", "dialog-accept", "dialog-close")

    def action_next_type(self) -> None:
        """Take the next type."""
        self._turn(1)

    def action_previous_type(self) -> None:
        """Take the type before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self.type = TYPES[(TYPES.index(self.type) + by) % len(TYPES)]
        self._show_type()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """End with the variable, or say what is wrong with it."""
        name, value, info = (self.query_one(f"#variable-{field}", Input).value for field in _FIELDS)
        try:
            self.dismiss((name.strip(), read_variable(name.strip(), self.type, value, info)))
        except VariableError as error:
            self.app.say(str(error), "warning")


class VariableLines(LineList):
    """The variables, one to a line."""

    def __init__(self, variables: Variables, glyphs: Glyphs) -> None:
        super().__init__()
        self.variables = {name: dict(value) for name, value in variables.items()}
        self.glyphs = glyphs

    @property
    def current(self) -> str | None:
        """Name of the variable with the cursor."""
        names = list(self.variables)
        return names[self.cursor] if self.cursor < len(names) else None

    def row_count(self) -> int:
        """Return the number of variables."""
        return len(self.variables)

    def row_pieces(self, row: int, width: int) -> Sequence[Piece]:
        """Return name, type, value."""
        name = list(self.variables)[row]
        one = self.variables[name]
        value = shown(variable_text(one), 300)
        return [
            (f" {fit(name, 20, self.glyphs.ellipsis)} ", "strong"),
            (f"{fit(str(one.get('type') or ''), 9)} ", "dim"),
            (fit(value, max(width - 33, 4), self.glyphs.ellipsis), ""),
        ]


class VariablesModal(BaseModal[Variables]):
    """Ends with the variables as they are to be.

    Args:
        variables: By name, as the engine takes them.
        glyphs: The set of characters.
    """

    BINDINGS = bindings("variables")
    SCOPES: ClassVar[tuple[str, ...]] = ("variables",)
    DEFAULT_CSS = """
    VariablesModal VariableLines { height: 10; }
    """

    def __init__(self, variables: Variables, glyphs: Glyphs) -> None:
        super().__init__("Variables that the migration sets on each instance")
        self.rows = VariableLines(variables, glyphs)

    def body(self) -> Iterable[Widget]:
        """Return the list."""
        yield self.rows

    def on_mount(self) -> None:
        """Begin in the list."""
        super().on_mount()
        self.rows.focus()

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        some = ("variables-edit", "variables-remove") if self.rows.variables else ()
        return ("variables-add", *some, "variables-close")

    def action_add(self) -> None:
        """Add one."""
        self.app.push_screen(VariableModal(), self._take)

    def action_edit(self) -> None:
        """Change the one of the cursor."""
        name = self.rows.current
        if name is None:
            self.action_add()
            return
        old = name
        self.app.push_screen(VariableModal(name, self.rows.variables[name]), lambda found: self._take(found, old))

    def _take(self, found: tuple[str, dict[str, Any]] | None, old: str | None = None) -> None:
        if found is None:
            return
        name, value = found
        if old is not None and old != name:
            self.rows.variables.pop(old, None)
        self.rows.variables[name] = value
        self._changed()

    def action_remove(self) -> None:
        """Remove the one of the cursor."""
        if self.rows.current is not None:
            del self.rows.variables[self.rows.current]
            self._changed()

    def _changed(self) -> None:
        self.rows.rows_changed()
        self.refresh_hints()

    def action_close(self) -> None:
        """End with the variables."""
        self.dismiss(self.rows.variables)
