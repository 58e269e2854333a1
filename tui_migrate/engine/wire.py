"""What goes over the wire and comes back, and what can carry it: a network, the embedded engine, a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct


class WireRequest(Struct, frozen=True):
    """A request as it is sent."""

    method: str
    url: str
    """The whole address, with its query string."""
    headers: Mapping[str, str]
    """By their names in lower case. What belongs to the line (Host, Content-Length) is the carrier's to add."""
    content: bytes | None
    """None where the request has no body at all."""
    connect_seconds: float
    """Until a connection stands."""
    read_seconds: float
    """Without a byte of the answer."""

    @property
    def path(self) -> str:
        """The address without server and query string."""
        return urlsplit(self.url).path

    @property
    def query(self) -> str:
        """The query string, as it is sent."""
        return urlsplit(self.url).query


class Reply(Struct, frozen=True):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    content: bytes

    @property
    def content_type(self) -> str:
        """What the body says that it is, in lower case."""
        return self.headers.get("content-type", "").lower()

    @property
    def location(self) -> str:
        """Where a redirection points."""
        return self.headers.get("location", "")

    @property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON."""
        return "json" in self.content_type

    @property
    def is_html(self) -> bool:
        """Whether the body is a page for people."""
        return "html" in self.content_type

    def error_body(self) -> Mapping[str, Any]:
        """The engine's error body, or nothing where it is another thing."""
        if not self.is_json:
            return {}
        import json  # answers that are no errors are read by msgspec

        try:
            body = json.loads(self.content)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}


class Carrier(Protocol):
    """Takes a request to the engine and brings its answer back. It never sends a request twice."""

    async def send(self, request: WireRequest) -> Reply:
        """Return the answer, whatever its status.

        Raises:
            NoAnswer: There was none.
        """
        ...

    async def aclose(self) -> None:
        """Give back what is held: connections."""
        ...


class NoAnswer(Exception):
    """A request got no answer that can be read. What failed underneath is the cause."""


class NotSent(NoAnswer):
    """Nothing of it has reached the engine."""


class AddressUnusable(NotSent):
    """The address is none that can be asked."""


class NotConnected(NotSent):
    """No connection came about."""


class NotConnectedInTime(NotSent):
    """No connection came about in the time that there was for it."""


class ProxyRefused(NotSent):
    """The proxy does not lead to the engine."""


class NotAnsweredInTime(NoAnswer):
    """It was sent, and no byte of an answer came in the time that there was for it."""


class LineCut(NoAnswer):
    """The line was cut before the whole answer was there."""


class AnswerUnreadable(NoAnswer):
    """The answer came, and its content can't be unpacked."""
