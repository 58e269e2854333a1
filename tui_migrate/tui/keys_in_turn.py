"""Keys one after the other: each is taken for what the screen is once the one before has been done."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import App
    from textual.events import Event
    from textual.message_pump import MessagePump
    from textual.screen import Screen


class KeysInTurn:
    """Holds keys and pasted text back until what came before them has been done.

    A slow line brings several keys at once. Textual (8.2.8) hands each to the widget that has the focus when it is
    read, not when it is its turn: of `/fua` only the slash would search, and the others would be commands.

    Args:
        app: Whose keys they are.
        take: Handles one as Textual does.
    """

    def __init__(self, app: App[None], take: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._take = take
        self._waiting: deque[Event] = deque()
        self._under_way = False
        self._screen: Screen[object] | None = None

    async def come(self, event: Event) -> None:
        """Handle a key, now or when it is its turn."""
        if self._under_way:
            self._waiting.append(event)
            return
        self._under_way = True
        self._screen = self._app.screen
        target = self._app.focused or self._screen
        await self._take(event)
        self._follow(target.ancestors_with_self)

    def _follow(self, way: Sequence[MessagePump]) -> None:
        """Go the way of the key: behind it in each queue, from the focused widget up to the app that has the bindings.

        A widget that is being removed takes nothing any more, and had its turn.
        """
        for place, pump in enumerate(way):
            if pump.call_later(self._follow, way[place + 1 :]):
                return
        # What the key asked to be done later, such as giving the focus away, stands in the app's queue by now.
        self._app.call_later(self._done)

    async def _done(self) -> None:
        screen = self._app.screen
        if screen is not self._screen:
            # A screen that has come to the front has to be composed, and takes the focus then.
            self._screen = screen
            self._follow((screen, self._app))
            return
        self._under_way = False
        if self._waiting:
            await self.come(self._waiting.popleft())
