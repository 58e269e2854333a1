"""What every screen asks of the app: going from one to another, opening plans, telling sentences, naming keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from textual import events
from textual.app import App

from tui_migrate.text import safe
from tui_migrate.tui.glyphs import glyphs_for
from tui_migrate.tui.keys_in_turn import KeysInTurn
from tui_migrate.tui.screens.overview.rows import group_key
from tui_migrate.tui.screens.registry import SCREENS, reason_against_going
from tui_migrate.tui.state import AppState
from tui_migrate.tui.themes import PROFILE_COLOURS
from tui_migrate.tui.widgets.header_line import STEPS, HeaderFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tui_migrate.operations.overview import DefinitionGroup
    from tui_migrate.tui.keys.key import Key
    from tui_migrate.tui.options import AppOptions
    from tui_migrate.tui.screens.base import BaseScreen


class BaseApp(App[None]):
    """The app without its start and end.

    Args:
        options: What it was started with.
    """

    def __init__(self, options: AppOptions) -> None:
        super().__init__()
        self.options = options
        self.state = AppState()
        self.glyphs = glyphs_for(options.ascii)
        self.quit_guards: list[Callable[[], str | None]] = [self._edits_at_stake]
        """Each returns what would be lost or left undone by quitting now, as a sentence, or None."""
        self._built: dict[str, BaseScreen] = {}
        self._error_shown = False
        self._keys = KeysInTurn(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """Take keys and pasted text in turn, and all else as it comes."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._keys.come(event)
        else:
            await super().on_event(event)

    # -- screens -----------------------------------------------------------------------------------------------

    def built(self, name: str) -> BaseScreen:
        """Return the screen with this name; the same one each time."""
        screen = self._built.get(name)
        if screen is None:
            screen = self._built[name] = SCREENS[name]()
            self.install_screen(screen, name)
        return screen

    def screen_is_left(self, screen: Screen[Any]) -> bool:
        """Return whether a full screen was switched away from, not just covered by a dialog."""
        return screen not in self.screen_stack

    def go(self, name: str) -> bool:
        """Show a screen, or say why not yet.

        Returns:
            Whether it is shown now.
        """
        reason = reason_against_going(name, self.state)
        if reason is not None:
            self.say(reason, "warning")
            return False
        screen = self.built(name)
        if self.screen is not screen:
            self.switch_screen(screen)
        return True

    def action_go(self, name: str) -> None:
        """Show a screen by its name."""
        self.go(name)

    def action_next_step(self) -> None:
        """Go to the next of the four steps; the screen may have to ask first."""
        self._step(1)

    def action_previous_step(self) -> None:
        """Go to the step before, and from the first to the overview."""
        self._step(-1)

    def _step(self, by: int) -> None:
        names = [name for name, _ in STEPS]
        here = getattr(self.screen, "STEP", "") or self.current_name
        beside = getattr(self.screen, "AFTER" if by > 0 else "BEFORE", "")
        leave = getattr(self.screen, "leave_forwards", None)
        if by > 0 and leave is not None and not leave():
            return
        if here not in names and not beside:
            self.go("plan" if by > 0 else "overview")
            return
        if beside:
            self.go(beside)
            return
        place = names.index(here) + by
        if place < 0:
            self.go("overview")
        elif place < len(names):
            self.go(names[place])

    @property
    def current_name(self) -> str:
        """Name of the full screen in front, or "" behind a dialog."""
        return getattr(self.screen, "NAME", "")

    async def action_back(self) -> None:
        """Go to where the screen was opened from; a screen may have something of its own to leave first."""
        screen = self.screen
        leave = getattr(screen, "leave_mode", None)
        if leave is not None and leave():
            return
        if self.current_name == "overview":
            self.say(f"This is the first screen; {self.key_text_of('app-quit')} quits.")
        else:
            self.go(getattr(screen, "BACK", "overview"))

    def action_read_again(self) -> None:
        """Let the screen read anew."""
        read = getattr(self.screen, "read_again", None)
        if read is not None:
            read()

    # -- plans -------------------------------------------------------------------------------------------------

    def open_pair(self, source_id: str, target_id: str | None) -> None:
        """Open the plan between two definitions; asks for what is missing, and before edits are lost.

        Args:
            source_id: Id of the source definition.
            target_id: Id of the target definition; None asks for it.
        """
        if target_id is None:
            from tui_migrate.tui.screens.definition_picker import DefinitionPicker

            picker = DefinitionPicker("Choose the target", current=source_id)
            self.push_screen(picker, lambda chosen: self.open_pair(source_id, chosen) if chosen else None)
            return
        plan = self.state.open_plan
        if plan is not None and (plan.source.id, plan.target.id) == (source_id, target_id):
            self.go("plan")
            return
        self.unless_edits_are_lost("Open another plan?", lambda: self._open_wanted(source_id, target_id))

    def _open_wanted(self, source_id: str, target_id: str) -> None:
        self.state.wanted = (source_id, target_id)
        screen = self.built("plan")
        if self.screen is screen:
            screen.shown()
        else:
            self.go("plan")

    def _edits_at_stake(self) -> str | None:
        plan, versions = self.state.open_plan, self.state.versions
        if versions is not None and versions.edited:
            return "Plans of old versions have edits that are in no file; quitting loses them."
        if plan is None or not plan.draft.changed:
            return None
        return "The plan has edits that are in no file; quitting loses them."

    def _open_edits_at_stake(self) -> str | None:
        """As at quitting, but for the plans of several versions: those stay when another plan is opened."""
        plan, versions = self.state.open_plan, self.state.versions
        if versions is not None and plan in versions.open_plans:
            return None
        return self._edits_at_stake() if plan is not None and plan.draft.changed else None

    def unless_edits_are_lost(self, title: str, do: Callable[[], None]) -> None:
        """Do something at once, or ask first where it would lose edits."""
        reason = self._open_edits_at_stake()
        if reason is None:
            do()
            return
        from tui_migrate.tui.screens.question import QuestionModal

        question = QuestionModal(title, (reason.replace("quitting", "this"),), yes="lose them", no="keep them")
        self.push_screen(question, lambda answer: do() if answer else None)

    def bring_to_newest(self, group: DefinitionGroup) -> None:
        """Open the plans of all old versions to the newest; those that are at work, or edited, as they were left."""
        from tui_migrate.tui.shown_versions import ShownVersions

        known = self.state.versions
        same = known is not None and group_key(known.group) == group_key(group)
        if known is not None and known.going_on:
            self.go("versions-result")
            if not same:
                self.say(f"Versions of {known.group.key} are under way; wait for their end.", "warning")
            return
        if known is not None and known.edited and same and known.sent is None:
            self.go("versions")
            return

        def begin() -> None:
            self.state.versions = ShownVersions(group)
            self.go("versions")

        if known is None or not known.edited or known.sent is not None:
            begin()
            return
        from tui_migrate.tui.screens.question import QuestionModal

        words = f"Plans of old versions of {safe(known.group.key)} have edits that are in no file; this loses them."
        question = QuestionModal("Open other versions?", (words,), yes="lose them", no="keep them")
        self.push_screen(question, lambda answer: begin() if answer else None)

    # -- telling -----------------------------------------------------------------------------------------------

    def say(self, sentence: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Show a sentence for some seconds; foreign text in it is made harmless."""
        if not self._error_shown:
            # One sentence at a time: they lie over the lines below the trees. An error stays until it has been read.
            self.clear_notifications()
        self._error_shown = severity == "error"
        seconds = {"information": 4, "warning": 6, "error": 12}[severity]
        self.notify(safe(sentence, limit=600), severity=severity, timeout=seconds, markup=False)

    def header_facts(self, screen: str) -> HeaderFacts:
        """Return what the header says on a screen."""
        session = self.state.session
        sign = self.glyphs.step
        if session is None:
            return HeaderFacts(step=screen, step_sign=sign)
        profile = session.profile
        colour = profile.colour or ""
        return HeaderFacts(
            profile=profile.name or "",
            colour=colour if colour in PROFILE_COLOURS else "",
            engine=session.engine_label if session.engine_label != "engine" else "",
            read_only=profile.read_only,
            step=screen,
            step_sign=sign,
        )

    def key_text(self, key: Key) -> str:
        """Return how a key is written, with the user's own keys in place of the defaults."""
        from tui_migrate.tui.keys.key import readable

        own = self.options.keymap.get(key.id)
        text = readable(own.split(",")[0]) if own else key.display
        return text if not self.glyphs.ascii else text.replace("←", "left").replace("→", "right")

    def key_text_of(self, binding_id: str) -> str:
        """Return how the key of a binding is written."""
        from tui_migrate.tui.bindings import key_of

        return self.key_text(key_of(binding_id))
