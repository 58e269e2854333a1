"""Troubles between a client and the engine, for tests: each applies to the next request that it fits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

HTML_PAGE = "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"

Kind = Literal["answer", "timeout", "connection", "broken", "slow"]


class Fault(Struct, frozen=True):
    """One trouble."""

    kind: Kind
    method: str | None = None
    path: str | None = None
    """A regular expression that has to be found in the path below the base; None fits all."""
    does_it: bool = False
    """Whether the engine does what was asked for all the same."""
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    content: str = ""
    seconds: float = 0.0

    def fits(self, method: str, path: str) -> bool:
        """Return whether this request is the one."""
        return (self.method is None or self.method == method) and (
            self.path is None or re.search(self.path, path) is not None
        )


class Faults:
    """The troubles to come, in order; each is used once."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first trouble that fits a request, and forget it."""
        for fault in self._coming:
            if fault.fits(method, path):
                self._coming.remove(fault)
                return fault
        return None

    def __len__(self) -> int:
        return len(self._coming)

    def clear(self) -> None:
        """Forget all."""
        self._coming.clear()

    def answer(
        self,
        status: int,
        content: str = "",
        *,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        path: str | None = None,
        does_it: bool = False,
    ) -> None:
        """Let the next answer be this one."""
        together = {"content-type": content_type, **(headers or {})}
        self._coming.append(
            Fault("answer", method, path, does_it=does_it, status=status, headers=together, content=content)
        )

    def html(
        self,
        status: int = 502,
        title: str = "Bad Gateway",
        *,
        method: str | None = None,
        path: str | None = None,
        does_it: bool = False,
    ) -> None:
        """Let a proxy answer with its page; a 504 with `does_it` is one behind which the engine worked on."""
        page = HTML_PAGE.format(title=title)
        self.answer(status, page, content_type="text/html", method=method, path=path, does_it=does_it)

    def timeout(self, *, does_it: bool = True, method: str | None = None, path: str | None = None) -> None:
        """Let no answer come in time; the engine has done what was asked for unless `does_it` is False."""
        self._coming.append(Fault("timeout", method, path, does_it=does_it))

    def connection(self, *, method: str | None = None, path: str | None = None) -> None:
        """Let the connection be refused: nothing was sent."""
        self._coming.append(Fault("connection", method, path))

    def broken(self, *, does_it: bool = True, method: str | None = None, path: str | None = None) -> None:
        """Let the connection break after the request was sent."""
        self._coming.append(Fault("broken", method, path, does_it=does_it))

    def slow(self, seconds: float, *, method: str | None = None, path: str | None = None) -> None:
        """Let the answer take this long; a client that waits less gets a time-out, and it is done all the same."""
        self._coming.append(Fault("slow", method, path, does_it=True, seconds=seconds))
