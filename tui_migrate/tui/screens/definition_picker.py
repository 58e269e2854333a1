"""Choosing a definition: type to search key, name, version, tag or tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message
from textual.widgets import Input

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.screens.overview.list import DefinitionList
from tui_migrate.tui.screens.overview.rows import GroupLine
from tui_migrate.tui.widgets.line_list import LineList
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tui_migrate.operations.overview import Overview


class PickerRead(Message):
    """The definitions have been read.

    Args:
        overview: What was read.
    """

    def __init__(self, overview: Overview) -> None:
        self.overview = overview
        super().__init__()


class DefinitionPicker(BaseModal[str]):
    """Ends with the id of a definition.

    Args:
        title: What is to be chosen.
        search: What stands in the field at first.
        current: Id of the definition that has the cursor at first, or None.
    """

    BINDINGS = bindings("picker")
    SCOPES: ClassVar[tuple[str, ...]] = ("picker", "dialog")
    DEFAULT_CSS = """
    DefinitionPicker > .dialog { width: 78; height: 20; max-height: 100%; }
    """

    def __init__(self, title: str, *, search: str = "", current: str | None = None) -> None:
        super().__init__(title)
        self.search = search
        self.current = current

    def body(self) -> Iterable[Widget]:
        """Return the field and the list below it."""
        field = Input(self.search, placeholder="Search key, name, v3, tag or tenant", select_on_focus=True)
        field.cursor_blink = False
        yield field
        yield DefinitionList(self.app.glyphs, flat=True)

    def hints(self) -> Iterable[str]:
        """Return the keys of the last line."""
        return ("picker-choose", "picker-next", "dialog-close")

    def on_mount(self) -> None:
        """Show what is known, and read if nothing is."""
        super().on_mount()
        rows = self.query_one(DefinitionList)
        rows.can_focus = False
        self.query_one(Input).focus()
        overview = self.app.state.overview
        if overview is not None:
            self._show(overview)
            return
        session = self.app.state.session
        if session is not None:
            from tui_migrate.operations.overview import load_overview

            start(self, "overview", lambda: load_overview(session), PickerRead)

    @on(PickerRead)
    def _read(self, event: PickerRead) -> None:
        self.app.state.overview = event.overview
        self._show(event.overview)

    @on(WorkFailed)
    def _failed(self, event: WorkFailed) -> None:
        event.stop()
        self.app.say(event.sentence, "error")

    def _show(self, overview: Overview) -> None:
        rows = self.query_one(DefinitionList)
        rows.show_overview(overview, search=self.search)
        if self.current is not None:
            rows.select(self.current)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.search = event.value
        rows = self.query_one(DefinitionList)
        if rows.overview is not None:
            rows.show_overview(rows.overview, search=event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    @on(LineList.Clicked)
    def _clicked(self, event: LineList.Clicked) -> None:
        if event.again:
            self.action_accept()

    def action_accept(self) -> None:
        """Close with the definition under the cursor."""
        line = self.query_one(DefinitionList).current
        if line is None or isinstance(line, GroupLine):
            self.app.say("No definition matches; change the search.", "warning")
            return
        self.dismiss(line.definition_id)

    def action_cursor_down(self) -> None:
        """Go to the next definition."""
        self.query_one(DefinitionList).action_cursor_down()

    def action_cursor_up(self) -> None:
        """Go to the definition before."""
        self.query_one(DefinitionList).action_cursor_up()

    def action_page_down(self) -> None:
        """Go one page down."""
        self.query_one(DefinitionList).action_page_down()

    def action_page_up(self) -> None:
        """Go one page up."""
        self.query_one(DefinitionList).action_page_up()
