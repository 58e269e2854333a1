"""A request as the routes see it, and what they answer."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from tui_migrate.sandbox.errors import PlainRefusal, Refusal
from tui_migrate.sandbox.security import Grant, User, check_permission, is_allowed

if TYPE_CHECKING:
    from tui_migrate.sandbox.engine import SandboxEngine
    from tui_migrate.sandbox.store.store import Store

_MOST = 2**31 - 1


class Answer(Struct, frozen=True):
    """What goes back."""

    status: int = 200
    body: Any = None
    """JSON; None with another content than JSON, or with nothing to say."""
    text: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the bytes of the answer's body."""
        if self.text is not None:
            return self.text.encode()
        if self.status == 204:
            return b""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


NOTHING = Answer(204)


class Request(Struct, frozen=True):
    """One request of a client, with the engine that it goes to."""

    engine: SandboxEngine
    method: str
    path: str
    """Below the engine's base, without the query."""
    query: Mapping[str, str]
    """Of a parameter that comes more than once the last counts."""
    headers: Mapping[str, str]
    content: bytes
    user: User | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """The variable parts of the path."""

    @property
    def store(self) -> Store:
        """What the engine holds."""
        return self.engine.store

    def text(self, name: str) -> str | None:
        """Return a query parameter; an empty one is as good as none."""
        return self.query.get(name) or None

    def texts(self, name: str) -> list[str] | None:
        """Return a query parameter that is a list with commas."""
        value = self.text(name)
        return value.split(",") if value else None

    def flag(self, name: str) -> bool:
        """Return whether a query parameter is `true`."""
        return self.query.get(name, "").lower() == "true"

    def number(self, name: str) -> int | None:
        """Return a query parameter that is a number.

        Raises:
            Refusal: 404, as an engine answers to an unparsable parameter.
        """
        value = self.query.get(name)
        if value is None:
            return None
        try:
            number = int(value)
        except ValueError:
            number = _MOST + 1
        if abs(number) > _MOST:
            raise Refusal(404, "QueryParamException", "HTTP 404 Not Found")
        return number

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            Refusal: There is no body, or it is another kind of JSON.
            PlainRefusal: It is no JSON at all.
        """
        if "application/json" not in self.headers.get("content-type", ""):
            raise Refusal(415, "NotSupportedException", "HTTP 415 Unsupported Media Type")
        if not self.content:
            return {}
        try:
            body = json.loads(self.content)
        except ValueError as error:
            raise PlainRefusal("Unexpected end-of-input: expected close marker for Object") from error
        if body is None:
            return {}
        if not isinstance(body, dict):
            raise binding_failure()
        return body

    def may(self, permission: str, resource: str, resource_id: str = "*") -> bool:
        """Return whether the user has a permission."""
        return is_allowed(self.user, permission, resource, resource_id)

    def require(self, *wanted: Grant) -> None:
        """Refuse a user who has none of these permissions."""
        check_permission(self.user, wanted)


def binding_failure() -> Refusal:
    """Return the answer to JSON that does not fit what was expected; its message is empty (Camunda 7.24, Operaton)."""
    return Refusal(400, "InvalidRequestException", "")


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """Return user and password of an `Authorization` header, or None where it holds none of that kind."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, separator, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if separator else None
