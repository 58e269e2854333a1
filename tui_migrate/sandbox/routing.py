"""Which function answers which path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

from msgspec import Struct

from tui_migrate.sandbox.errors import Refusal
from tui_migrate.sandbox.exchange import Answer, Request

Handler = Callable[[Request], Answer]


class Route(Struct, frozen=True):
    """One method on one path; `{name}` in it is a variable part."""

    method: str
    parts: tuple[str, ...]
    handler: Handler


class Router:
    """Finds the route of a request. Literal parts win over variable ones."""

    def __init__(self) -> None:
        self._by_length: dict[int, list[Route]] = {}

    def on(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Return a decorator that makes a function answer a method on a path."""

        def register(handler: Handler) -> Handler:
            parts = tuple(path.strip("/").split("/"))
            routes = self._by_length.setdefault(len(parts), [])
            routes.append(Route(method, parts, handler))
            routes.sort(key=lambda route: [part.startswith("{") for part in route.parts])
            return handler

        return register

    def routes(self) -> Iterator[Route]:
        """Yield all that have been registered so far."""
        for routes in self._by_length.values():
            yield from routes

    def knows(self, method: str, path: str) -> bool:
        """Return whether a function for a method on a path (still percent-encoded) has registered itself so far."""
        try:
            self.find(method, path)
        except Refusal:
            return False
        return True

    def find(self, method: str, path: str) -> tuple[Handler, Mapping[str, str]]:
        """Return the handler of a path (still percent-encoded) and its variable parts.

        Raises:
            Refusal: No such path (404), or not with this method (405).
        """
        parts = [unquote(part) for part in path.removesuffix("/").removeprefix("/").split("/")]
        known = False
        for route in self._by_length.get(len(parts), ()):
            names = _match(route.parts, parts)
            if names is not None:
                if route.method == method:
                    return route.handler, names
                known = True
        if known:
            raise Refusal(405, "NotAllowedException", "HTTP 405 Method Not Allowed")
        raise Refusal(404, "NotFoundException", "HTTP 404 Not Found")


def _match(pattern: tuple[str, ...], parts: list[str]) -> dict[str, str] | None:
    names = {}
    for wanted, given in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            if not given:
                return None
            names[wanted[1:-1]] = given
        elif wanted != given:
            return None
    return names


ROUTER = Router()
