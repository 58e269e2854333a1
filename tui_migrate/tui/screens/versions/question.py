"""The last question before the runs of several versions begin: where, what, how many, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from textual.widgets import Static

from tui_migrate.text import safe
from tui_migrate.tui.screens.confirm.migrate import MigrateModal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui_migrate.operations.run import Change, PreparedRun

_MOST: Final = 6
"""Versions that are listed one by one; the screen behind shows all."""


class VersionsModal(MigrateModal):
    """Ends with True only by `y`, or by the key typed, as the profile wants it.

    Args:
        runs: What is about to be sent, in its order.
        changes: What has changed since it was reviewed.
        where: Engine and profile, in words.
        confirm: What the profile asks for.
        invalid: Versions whose plan the engine will refuse.
        unmoved: How many of the instances would fail.
    """

    def __init__(
        self,
        runs: Sequence[PreparedRun],
        changes: Sequence[Change],
        *,
        where: str,
        confirm: Literal["none", "yes", "key"],
        invalid: Sequence[int],
        unmoved: int,
    ) -> None:
        super().__init__(runs[0], changes, where=where, confirm=confirm, valid=not invalid, unmoved=unmoved)
        self.runs = tuple(runs)
        self.invalid = tuple(invalid)
        total = sum(len(run.ids) for run in runs)
        noun = "instance" if total == 1 else "instances"
        versions = "1 version" if len(runs) == 1 else f"{len(runs)} versions"
        self.dialog_title = f"Migrate {total} {noun} of {versions}?"

    def body(self) -> Iterable[Widget]:
        """Return where, what in which order, what is wrong, what changed, what to type."""
        yield Static(safe(f"on {self.where}"), markup=False)
        yield Static(safe(f"to {self.prepared.target.id}"), markup=False)
        yield Static("one after the other:", markup=False)
        for number, run in enumerate(self.runs[:_MOST], start=1):
            waves = f", {len(run.waves)} waves" if len(run.waves) > 1 else ""
            yield Static(safe(f"{number}. {len(run.ids)} from {run.source.id}{waves}"), markup=False)
        rest = self.runs[_MOST:]
        if rest:
            number = sum(len(run.ids) for run in rest)
            yield Static(f"… and {number} of {len(rest)} more versions, as listed behind this question", markup=False)
        if self.invalid:
            versions = ", ".join(f"v{version}" for version in self.invalid)
            words = f"The plan of {versions} has errors: the engine will refuse it, and nothing of it will be migrated."
            yield Static(words, classes="wrong", markup=False)
        yield from self.rest()
