"""The app: wiring only. Screens hold behaviour, operations hold work."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on
from textual.app import App
from textual.message import Message

from tui_migrate.errors import TuiMigrateError
from tui_migrate.text import safe
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.commands import RegistryCommands
from tui_migrate.tui.glyphs import glyphs_for
from tui_migrate.tui.screens.registry import SCREENS, reason_against_going
from tui_migrate.tui.state import AppState
from tui_migrate.tui.themes import PROFILE_COLOURS, THEMES, theme_name
from tui_migrate.tui.widgets.header_line import STEPS, HeaderFacts
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.screen import Screen

    from tui_migrate.operations.overview import DefinitionGroup
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.keys.key import Key
    from tui_migrate.tui.options import AppOptions
    from tui_migrate.tui.screens.base import BaseScreen

SMALLEST = (60, 15)
"""Columns and rows below which nothing useful can be shown."""

FAULT = 70
USAGE = 2
"""Exit codes after a fault of our own and for a configuration that can't be used, as `cli/exit_code.py` has them."""

_FOLDER = Path(__file__).parent / "styles"
_STYLES = [_FOLDER / "base.tcss", _FOLDER / "plan.tcss", _FOLDER / "run.tcss"]
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


class Connected(Message):
    """The session is there; the engine has not been asked anything yet.

    Args:
        session: What the operations work with.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        super().__init__()


class OpenRunsFound(Message):
    """Runs of an earlier start are not over, and nobody carries them out.

    Args:
        number: How many.
        unsent: Instances of them that were never sent.
    """

    def __init__(self, number: int, unsent: int) -> None:
        self.number = number
        self.unsent = unsent
        super().__init__()


class TuiMigrateApp(App[None]):
    """Four steps on one engine, and the overview, batches and runs beside them."""

    TITLE = "tui-migrate"
    CSS_PATH: ClassVar[list[Path]] = _STYLES  # type: ignore[assignment]
    BINDINGS = bindings("everywhere")
    COMMANDS = {RegistryCommands}  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, options: AppOptions) -> None:
        super().__init__()
        self.options = options
        self.state = AppState()
        self.glyphs = glyphs_for(options.ascii)
        self.animation_level = "none"
        self.quit_guards: list[Callable[[], str | None]] = [self._edits_at_stake]
        """Each returns what would be lost or left undone by quitting now, as a sentence, or None."""
        self._built: dict[str, BaseScreen] = {}
        self._secrets: list[str] = []
        self._error_shown = False
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_name(options.theme)

    # -- start and end -----------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the first screen, take the signals, and connect once the first frame is painted."""
        self.set_class(self.glyphs.ascii, "-ascii")
        if self.options.keymap:
            self.set_keymap(dict(self.options.keymap))
        if not self.is_headless:
            self._take_signals()
        self.push_screen(self.built("plan" if self.options.opens_plan else "overview"))
        self.call_after_refresh(self._connect)

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._end_by_signal, int(number))

    def _end_by_signal(self, number: int) -> None:
        self.exit(return_code=128 + number)

    def _connect(self) -> None:
        from tui_migrate.tui.connection import open_session

        start(self, "connect", lambda: open_session(self.options, self._secrets), Connected)

    @on(Connected)
    def _take_session(self, event: Connected) -> None:
        self.state.session = event.session
        screen = self.screen
        for built in self._built.values():
            if built.is_running:
                built.refresh_frame()
        shown = getattr(screen, "shown", None)
        if shown is not None:
            shown()
        self._look_for_open_runs(event.session)

    def _look_for_open_runs(self, session: Session) -> None:
        """Look into the journal for runs that a kill or a dropped line left behind."""

        async def look() -> OpenRunsFound | None:
            found = await asyncio.to_thread(lambda: session.journal.open_runs(engine_url=session.engine.base_url))
            return OpenRunsFound(len(found), sum(run.unsent for run in found)) if found else None

        start(self, "open runs", look, lambda message: message)

    @on(OpenRunsFound)
    def _offer_open_runs(self, event: OpenRunsFound) -> None:
        from tui_migrate.tui.screens.question import QuestionModal

        runs = "run is" if event.number == 1 else "runs are"
        words = [f"{event.number} {runs} in the journal that nobody carries out any more: batches may still go on."]
        if event.unsent:
            words.append(f"{event.unsent} instances of them were never sent; taking a run up asks before sending them.")
        question = QuestionModal("Take up what was left?", words, yes="show them", no="later (J)")
        self.push_screen(question, lambda answer: self.action_go("runs") if answer else None)

    @on(WorkFailed)
    def _tell_failure(self, event: WorkFailed) -> None:
        if event.group == "connect":
            self._not_connected(event)
        else:
            self.say(event.sentence, "error")

    def _not_connected(self, event: WorkFailed) -> None:
        """Ask for the secret that is missing, or end with the sentence on the terminal."""
        from tui_migrate.tui.connection import secret_wanted
        from tui_migrate.tui.screens.secret_question import SecretQuestion

        code = USAGE if isinstance(event.error, TuiMigrateError) else FAULT
        wanted = secret_wanted(event.error)
        if wanted is None:
            self.exit(return_code=code, message=event.sentence)
            return

        def answered(secret: str | None) -> None:
            if secret is None:
                self.exit(return_code=code, message=event.sentence)
            else:
                self._secrets.append(secret)
                self._connect()

        self.push_screen(SecretQuestion(safe(wanted, limit=100)), answered)

    async def on_unmount(self) -> None:
        """Close the client and the journal."""
        session = self.state.session
        if session is not None:
            await session.engine.aclose()
            session.journal.close()

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
        here = self.current_name
        if here not in names:
            self.go("plan" if by > 0 else "overview")
            return
        place = names.index(here) + by
        leave = getattr(self.screen, "leave_forwards", None)
        if by > 0 and leave is not None and not leave():
            return
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

    def unless_edits_are_lost(self, title: str, do: Callable[[], None]) -> None:
        """Do something at once, or ask first where it would lose edits."""
        reason = self._edits_at_stake()
        if reason is None:
            do()
            return
        from tui_migrate.tui.screens.question import QuestionModal

        question = QuestionModal(title, (reason.replace("quitting", "this"),), yes="lose them", no="keep them")
        self.push_screen(question, lambda answer: do() if answer else None)

    def bring_to_newest(self, group: DefinitionGroup) -> None:
        """Open the plan from the old version with the most instances to the newest, and tell how many are left."""
        old = sorted((row for row in group.rows[1:] if row.instances), key=lambda row: -row.instances)
        if not old:
            return
        if len(old) > 1:
            others = ", ".join(f"v{row.definition.version} ({row.instances})" for row in old[1:5])
            self.say(f"First v{old[0].definition.version} with {old[0].instances} instances; then {others}.")
        self.open_pair(old[0].definition.id, group.newest.definition.id)

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
            engine=session.engine_label,
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

    # -- everywhere --------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        """Show the keys of the screen in front."""
        from tui_migrate.tui.screens.help import HelpModal

        self.push_screen(HelpModal(getattr(self.screen, "SCOPES", ()), self.glyphs))

    def action_next_theme(self) -> None:
        """Take the next of the themes."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def action_toggle_ascii(self) -> None:
        """Draw with the other set of characters."""
        self.glyphs = glyphs_for(not self.glyphs.ascii)
        self.set_class(self.glyphs.ascii, "-ascii")
        for screen in self._built.values():
            if screen.is_running:
                screen.refresh_frame()
                screen.glyphs_changed()

    def action_save_screen(self) -> None:
        """Save the screen as an SVG in the folder that the app was started in."""
        self.say(f"Saved as {self.save_screenshot()}.")

    async def action_quit(self) -> None:
        """Quit at once, or ask if something would be lost."""
        reasons = [reason for guard in self.quit_guards if (reason := guard()) is not None]
        if not reasons:
            self.exit()
            return
        from tui_migrate.tui.screens.question import QuestionModal

        question = QuestionModal("Quit?", reasons, yes="quit", no="stay")
        self.push_screen(question, lambda answer: self.exit() if answer else None)

    def _edits_at_stake(self) -> str | None:
        plan = self.state.open_plan
        if plan is None or not plan.draft.changed:
            return None
        return "The plan has edits that are in no file; quitting loses them."

    def on_resize(self, event: events.Resize) -> None:
        """Say it plainly where the terminal is too small, and go on when it isn't any more."""
        from tui_migrate.tui.screens.too_small import TooSmallModal

        small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        covered = isinstance(self.screen, TooSmallModal)
        if small and not covered:
            self.push_screen(TooSmallModal(*SMALLEST))
        elif covered and not small:
            self.pop_screen()


def run_app(options: AppOptions) -> int:
    """Run the screens until they are left.

    Returns:
        The process's exit code: 0 after quitting, 128 + n after signal n, 2 where the configuration can't be used, 70
        after a fault.
    """
    if options.log_file is not None:
        _log_to(options)
    if not _speaks_unicode():
        options = replace(options, ascii=True)
    app = TuiMigrateApp(options)
    app.run(mouse=options.mouse)
    code = app.return_code or 0
    return FAULT if code == 1 else code


def _speaks_unicode() -> bool:
    """Whether the terminal gets what is not ASCII as it is; another encoding would write it as escapes."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _log_to(options: AppOptions) -> None:
    if options.log_file is None:
        return
    options.log_file.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(options.log_file, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger("tui_migrate").addHandler(handler)
