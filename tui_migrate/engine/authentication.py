"""How a request is given its credentials."""

from __future__ import annotations

import asyncio
import base64
import time

from tui_migrate.engine.settings import Authentication, Basic, Bearer


class RequestAuthentication:
    """Sends no credentials."""

    async def header(self) -> str | None:
        """Return the value of a request's Authorization header; None where it has none."""
        return None

    def forget(self) -> None:
        """Drop what may be asked for anew, after a 401."""


class _BasicAuthentication(RequestAuthentication):
    def __init__(self, basic: Basic) -> None:
        pair = f"{basic.user}:{basic.password.reveal()}".encode()
        self._value = f"Basic {base64.b64encode(pair).decode('ascii')}"

    async def header(self) -> str:
        return self._value


class _BearerAuthentication(RequestAuthentication):
    def __init__(self, bearer: Bearer) -> None:
        self._bearer = bearer
        self._value: str | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def header(self) -> str:
        async with self._reading:
            if self._value is None or time.monotonic() - self._read_at > self._bearer.lifetime:
                token = await asyncio.to_thread(self._bearer.token_source)
                self._value = f"Bearer {token.reveal()}"
                self._read_at = time.monotonic()
            return self._value

    def forget(self) -> None:
        self._value = None


def authentication_of(authentication: Authentication) -> RequestAuthentication:
    """Return what gives requests the credentials of the settings."""
    if isinstance(authentication, Basic):
        return _BasicAuthentication(authentication)
    if isinstance(authentication, Bearer):
        return _BearerAuthentication(authentication)
    return RequestAuthentication()
