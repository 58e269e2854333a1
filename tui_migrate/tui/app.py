"""The app: start, end, and what holds everywhere. Screens hold behaviour, operations hold work."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.message import Message

from tui_migrate.errors import TuiMigrateError
from tui_migrate.text import safe
from tui_migrate.tui.base_app import BaseApp
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.commands import RegistryCommands
from tui_migrate.tui.glyphs import glyphs_for
from tui_migrate.tui.hangup import when_hung_up
from tui_migrate.tui.screens.base import AT_ONCE, BaseScreen
from tui_migrate.tui.screens.ground import GroundScreen
from tui_migrate.tui.themes import DARK, THEMES, theme_name
from tui_migrate.tui.workers import WorkFailed, start

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen

    from tui_migrate.operations.session import Session
    from tui_migrate.tui.options import AppOptions

SMALLEST = (60, 15)
"""Columns and rows below which nothing useful can be shown."""

FAULT = 70
USAGE = 2
"""Exit codes after a fault of our own and for a configuration that can't be used, as `cli/exit_code.py` has them."""

_UNHURRIED = 0.5
"""Seconds after the start until the journal is looked into for runs that are not over."""

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


class JournalOpened(Message):
    """The journal can be used."""


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


class TuiMigrateApp(BaseApp):
    """Four steps on one engine, and the overview, batches and runs beside them."""

    TITLE = "tui-migrate"
    CSS_PATH: ClassVar[list[Path]] = _STYLES  # type: ignore[assignment]
    BINDINGS = bindings("everywhere")
    COMMANDS = {RegistryCommands}  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, options: AppOptions) -> None:
        super().__init__(options)
        self.animation_level = "none"
        self._secrets: list[str] = []
        self._painted = False
        for theme in THEMES:
            self.register_theme(theme)
        self._take_theme(theme_name(options.theme))

    def _take_theme(self, name: str) -> None:
        if name != DARK.name:
            self.theme = name
            return
        # By assigning it Textual would read all styles, draw, and read all styles again.
        self.set_reactive(BaseApp.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        """Return what is below the first screen."""
        return GroundScreen()

    # -- start and end -----------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the first screen, take the signals, and connect once the first frame is painted."""
        self.set_class(self.glyphs.ascii, "-ascii")
        if self.options.keymap:
            self.set_keymap(dict(self.options.keymap))
        if not self.is_headless:
            self._take_signals()
        self.state.opening = self.options.opens_plan
        self.push_screen(self.built("plan" if self.options.opens_plan else "overview"))

    def post_display_hook(self) -> None:
        """Connect as soon as the first frame is painted; after a refresh would be a sixtieth of a second later."""
        if not self._painted and isinstance(self.screen, BaseScreen):
            self._painted = True
            self._connect()

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._end_by_signal, int(number))
        when_hung_up(lambda: self._end_by_signal(signal.SIGHUP))

    def _end_by_signal(self, number: int) -> None:
        self.exit(return_code=128 + number)

    def _connect(self) -> None:
        from tui_migrate.tui.connection import open_session

        start(self, "connect", lambda: open_session(self.options, self._secrets), Connected)

    @on(Connected)
    def _take_session(self, event: Connected) -> None:
        self.state.session = event.session
        shown = getattr(self.screen, "shown", None)
        if shown is not None:
            shown()
        self.set_timer(AT_ONCE, self._refresh_frames)
        # What was asked for comes first, also on a machine that is slow.
        self.set_timer(_UNHURRIED, lambda: self._open_journal(event.session))

    def _refresh_frames(self) -> None:
        for built in self._built.values():
            if built.is_running:
                built.refresh_frame()

    def _open_journal(self, session: Session) -> None:
        start(self, "journal", lambda: asyncio.to_thread(lambda: session.journal), lambda _: JournalOpened())

    @on(JournalOpened)
    def _look_for_open_runs(self) -> None:
        """Look into the journal for runs that a kill or a dropped line left behind."""

        session = self.state.session
        assert session is not None

        async def look() -> OpenRunsFound | None:
            found = await asyncio.to_thread(lambda: session.journal.open_runs(engine_url=session.engine.base_url))
            return OpenRunsFound(len(found), sum(run.unsent for run in found)) if found else None

        start(self, "open runs", look, lambda message: message)

    @on(OpenRunsFound)
    def _offer_open_runs(self, event: OpenRunsFound) -> None:
        # No dialog: one that comes by itself would take keys that were meant for what was seen.
        self.state.open_runs = event.number
        screen = self.screen
        if isinstance(screen, BaseScreen):
            screen.refresh_frame()
        one = event.number == 1
        here = self.key_text_of("overview-runs")
        where = here if self.current_name == "overview" else f"{self.key_text_of('app-overview')} and {here}"
        unsent = f" {event.unsent} instances were never sent." if event.unsent else ""
        runs = "1 run of an earlier start is" if one else f"{event.number} runs of earlier starts are"
        self.say(f"{runs} not over: {where} shows {'it' if one else 'them'}, to be taken up.{unsent}", "warning")

    @on(WorkFailed)
    def _tell_failure(self, event: WorkFailed) -> None:
        if event.group in ("connect", "journal"):
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
        """Let requests on their way be answered, then close the client and the journal."""
        session = self.state.session
        if self.state.runs:
            from tui_migrate.tui.shown_run import leave

            await leave(self.state.runs)
        if session is not None:
            await session.aclose()

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

    def action_redraw(self) -> None:
        """Draw every cell anew, after another program has written on the terminal."""
        self.screen.refresh()

    def action_suspend_process(self) -> None:
        """Go to the shell until `fg` there comes back."""
        from tui_migrate.tui.job_control import go_to_shell

        go_to_shell(self)

    async def action_quit(self) -> None:
        """Quit at once, or ask if something would be lost."""
        reasons = [reason for guard in self.quit_guards if (reason := guard()) is not None]
        if not reasons:
            self.exit()
            return
        from tui_migrate.tui.screens.question import QuestionModal

        question = QuestionModal("Quit?", reasons, yes="quit", no="stay")
        self.push_screen(question, lambda answer: self.exit() if answer else None)

    def on_resize(self, event: events.Resize) -> None:
        """Say it plainly where the terminal is too small, and go on when it isn't any more."""
        small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        covered = "too-small" in getattr(self.screen, "SCOPES", ())
        if small and not covered:
            from tui_migrate.tui.screens.too_small import TooSmallModal

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
