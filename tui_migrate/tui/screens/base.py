"""What all full screens have in common: header, keys, back, and reads that stop when the screen is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.screen import Screen

from tui_migrate.tui.bindings import key_of
from tui_migrate.tui.widgets.header_line import HeaderLine
from tui_migrate.tui.widgets.kept import Kept
from tui_migrate.tui.widgets.key_line import KeyLine
from tui_migrate.tui.widgets.tab_line import TabLine
from tui_migrate.tui.workers import WorkFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

    from tui_migrate.tui.app import TuiMigrateApp
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.state import AppState
    from tui_migrate.tui.widgets.key_line import KeyHint

AT_ONCE = 0.1
"""Seconds within which an answer is taken for immediate: nothing is painted before it that says one is waited for."""


class BaseScreen(Screen[None], Kept):
    """A screen with a place in the app's registry.

    A subclass sets `NAME`, `BACK` and `SCOPES`, yields a `HeaderLine` first and a `KeyLine` last, and implements
    `shown`, which is called whenever the screen comes to the front.
    """

    NAME: ClassVar[str] = ""
    """Its name in the registry."""
    BACK: ClassVar[str] = "overview"
    """Name of the screen that `esc` goes to."""
    STEP: ClassVar[str] = ""
    """Name of the step that it belongs to in the header; its own name without it."""
    BEFORE: ClassVar[str] = ""
    AFTER: ClassVar[str] = ""
    """Names of the screens that `,` and `.` go to, where these are not the four steps'."""
    SCOPES: ClassVar[tuple[str, ...]] = ()
    """Scopes of keys that hold here besides those that hold everywhere; the help and the palette show them."""

    app: TuiMigrateApp
    _was_in_front = False

    @property
    def state(self) -> AppState:
        """What all screens share."""
        return self.app.state

    @property
    def glyphs(self) -> Glyphs:
        """The set of characters to draw with."""
        return self.app.glyphs

    def shown(self) -> None:
        """Bring what is shown up to date; called each time the screen comes to the front."""

    def read_again(self) -> None:
        """Read from the engine anew; `r` does this."""

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""

    def leave_mode(self) -> bool:
        """Leave what is inside the screen (a mode, a search) before `esc` leaves the screen.

        Returns:
            Whether there was something to leave.
        """
        return False

    def leave_forwards(self) -> bool:
        """Return whether the next step may be gone to; a screen may ask something first and go there itself."""
        return True

    def hints(self) -> Iterable[str]:
        """Return the ids of the keys for the last line, most needed first; the last one is never left out."""
        return ()

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now, as a sentence, or None if it can. The palette leaves those out."""
        return None

    def refuse(self, action: str) -> bool:
        """Say why an action can't be done now; for the first line of an action.

        Returns:
            Whether it was refused.
        """
        reason = self.reason_against(action)
        if reason is not None:
            self.say(reason, "warning")
        return reason is not None

    def say(self, sentence: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Show a sentence for some seconds."""
        self.app.say(sentence, severity)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Bring everything up to date."""
        # Its styles were read when it was made: Textual (8.2.8) would read them all once more.
        event.refresh_styles &= self._was_in_front
        self._was_in_front = True
        self.refresh_frame()
        self.shown()

    def on_screen_suspend(self) -> None:
        """Stop this screen's reads: a screen that is left asks nothing."""
        if self.app.screen_is_left(self):
            self.workers.cancel_node(self)

    def refresh_frame(self) -> None:
        """Draw header and key line for the state as it is."""
        for header in self.query(HeaderLine):
            header.facts = self.app.header_facts(self.STEP or self.NAME)
        for tabs in self.query(TabLine):
            tabs.open_runs = self.state.open_runs
        for line in self.query(KeyLine):
            line.hints = tuple(self.key_hint(binding_id) for binding_id in self.hints())

    def action_go(self, name: str) -> None:
        """Go to another screen: for keys of one screen; those of the app are its own."""
        self.app.go(name)

    def key_hint(self, binding_id: str) -> KeyHint:
        """Return what the key line shows for a binding."""
        key = key_of(binding_id)
        owner = "app" if binding_id.startswith("app-") else "screen"
        return self.app.key_text(key), key.label, f"{owner}.{key.action}"

    @on(WorkFailed)
    def _tell_failure(self, event: WorkFailed) -> None:
        event.stop()
        self.work_failed(event)

    def work_failed(self, event: WorkFailed) -> None:
        """Tell that a piece of work failed; a screen may do more."""
        self.say(event.sentence, "error")
