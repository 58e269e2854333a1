"""The command palette: what applies on the screen in front, from the registry of keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

from tui_migrate.tui.bindings import scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.command import Hits

    from tui_migrate.tui.keys.key import Key


class RegistryCommands(Provider):
    """Offers each key of the screen's scopes whose action can be done now."""

    async def discover(self) -> Hits:
        """Yield all commands, before anything is typed."""
        for key in self._applying():
            yield DiscoveryHit(self._title(key), partial(self._run, key), help=self._help(key))

    async def search(self, query: str) -> Hits:
        """Yield the commands that match what was typed."""
        matcher = self.matcher(query)
        for key in self._applying():
            score = matcher.match(key.description)
            if score > 0:
                title = matcher.highlight(key.description)
                yield Hit(score, title, partial(self._run, key), text=key.description, help=self._help(key))

    @staticmethod
    def _title(key: Key) -> str:
        return key.description

    @staticmethod
    def _help(key: Key) -> str | None:
        return f"key {key.all_displays}" if key.keys else None

    def _applying(self) -> Iterator[Key]:
        names = (*getattr(self.screen, "SCOPES", ()), "everywhere")
        reason = getattr(self.screen, "reason_against", None)
        for name in names:
            for key in scope(name).keys:
                if key.palette and (reason is None or reason(key.action) is None):
                    yield key

    async def _run(self, key: Key) -> None:
        owner = self.app if key.id.startswith("app-") else self.screen
        await self.app.run_action(key.action, owner)
