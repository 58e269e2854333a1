"""What the reads behind the check of all versions tell its screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui_migrate.operations.overview import DefinitionGroup
    from tui_migrate.operations.versions import OneVersion, VersionPlans
    from tui_migrate.tui.shown_versions import ShownVersions


class PlansOpened(Message):
    """The plans of all versions are open.

    Args:
        versions: What they belong to.
        group: The versions as they are now.
        plans: The plans.
    """

    def __init__(self, versions: ShownVersions, group: DefinitionGroup, plans: VersionPlans) -> None:
        self.versions = versions
        self.group = group
        self.plans = plans
        super().__init__()


class VersionChecked(Message):
    """One version is checked.

    Args:
        versions: What it belongs to.
        one: What would become of it.
    """

    def __init__(self, versions: ShownVersions, one: OneVersion) -> None:
        self.versions = versions
        self.one = one
        super().__init__()


class Rehearsed(Message):
    """The versions are rehearsed."""


class CheckProgress(Message):
    """The check goes on.

    Args:
        sentence: How far it is.
    """

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__()
