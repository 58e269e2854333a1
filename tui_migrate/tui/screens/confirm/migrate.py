"""The last question before anything is sent: where, what, how many, and what has changed since the review."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.widgets import Input, Static

from tui_migrate.text import safe
from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.screens.modal import BaseModal
from tui_migrate.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui_migrate.operations.run import Change, PreparedRun
    from tui_migrate.operations.session import Session


def where_words(session: Session) -> str:
    """Return where something would be sent: profile, address, engine."""
    name, url = session.profile.name or "", session.engine.base_url
    return f"{'' if name in url else f'{name} '}{url} ({session.engine_label})"


class MigrateModal(BaseModal[bool]):
    """Ends with True only by `y`, or by the definition's key typed and `enter`, as the profile wants it.

    Args:
        prepared: What is about to be sent.
        changes: What has changed since it was reviewed.
        where: Engine and profile, in words.
        confirm: What the profile asks for.
        valid: Whether the plan is valid by the rules.
        unmoved: How many of the instances would fail, by forecast or rehearsal.
    """

    BINDINGS = bindings("migrate", "dialog")
    SCOPES: ClassVar[tuple[str, ...]] = ("migrate", "dialog")
    DEFAULT_CSS = """
    MigrateModal .changed { color: $warning; }
    MigrateModal .wrong { color: $error; }
    MigrateModal Input { background: $panel; }
    """

    def __init__(
        self,
        prepared: PreparedRun,
        changes: Sequence[Change],
        *,
        where: str,
        confirm: Literal["none", "yes", "key"],
        valid: bool,
        unmoved: int,
    ) -> None:
        number = len(prepared.ids)
        super().__init__(f"Migrate {number} {'instance' if number == 1 else 'instances'}?")
        self.prepared = prepared
        self.changes = tuple(changes)
        self.where = where
        self.by_key = confirm == "key"
        self.valid = valid
        self.unmoved = unmoved

    def body(self) -> Iterable[Widget]:
        """Return where, from, to, how, what changed, what to type."""
        prepared = self.prepared
        first = len(prepared.waves[0]) if prepared.waves else 0
        how = "one transaction each" if not prepared.asynchronous else "batch"
        waves = f"{len(prepared.waves)} waves, the first with {first}" if len(prepared.waves) > 1 else f"one {how}"
        yield Static(safe(f"on   {self.where}"), markup=False)
        yield Static(safe(f"from {prepared.source.id}"), markup=False)
        yield Static(safe(f"to   {prepared.target.id}"), markup=False)
        yield Static(f"as   {waves if prepared.asynchronous or len(prepared.waves) > 1 else 'one transaction'}")
        if not self.valid:
            words = "The plan has errors: the engine will refuse it, and nothing will be migrated."
            yield Static(words, classes="wrong", markup=False)
        yield from self.rest()

    def rest(self) -> Iterable[Widget]:
        """Return how many would fail, what changed, what to type."""
        if self.unmoved:
            words = f"{self.unmoved} of them would fail as it looks now."
            yield Static(words, classes="wrong", markup=False)
        for change in self.changes:
            yield Static(safe(f"! {change.sentence}", limit=500), classes="changed", markup=False)
        if not self.changes:
            yield Static("Read again just now: nothing has changed since the review.", markup=False)
        if self.by_key:
            yield Static(safe(f"Type the key of the process to go on: {self.prepared.source.key}"), markup=False)
            field = Input(placeholder="process definition key")
            field.cursor_blink = False
            yield field

    def on_mount(self) -> None:
        """Begin in the field, where there is one."""
        super().on_mount()
        if self.by_key:
            self.query_one(Input).focus()

    def refresh_hints(self) -> None:
        """Show how to agree."""
        agree = ("enter", "migrate", "screen.accept") if self.by_key else ("y", "migrate", "screen.agree")
        self.query_one(KeyLine).hints = (agree, ("esc", "not now", "screen.close"))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_agree(self) -> None:
        """Agree, where no key has to be typed."""
        if not self.by_key:
            self.dismiss(True)

    def action_accept(self) -> None:
        """Agree if the right key was typed; `enter` alone never agrees."""
        if not self.by_key:
            self.app.say("y migrates, n does not; enter alone does nothing.")
            return
        typed = self.query_one(Input).value.strip()
        if typed == self.prepared.source.key:
            self.dismiss(True)
        else:
            self.app.say(f"That is not the key {self.prepared.source.key}; nothing was sent.", "warning")
