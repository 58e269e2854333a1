"""What the embedded engine answers in place of a result: the engine's error body, or another server's page."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Ends a request with the engine's error body.

    Args:
        status: HTTP status.
        error_type: Member `type`.
        message: Member `message`.
        code: Member `code`: 0 for the engine's own errors, None for those of its REST layer.
        extra: Further members.
    """

    def __init__(self, status: int, error_type: str, message: str, *, code: int | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message
        self.code = code
        self.extra = extra


class PlainRefusal(Exception):
    """Ends a request with text in place of JSON, as the JSON reader of an engine does."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def not_found(message: str, *, code: int | None = None) -> Refusal:
    """Return the 404 of a single resource."""
    return Refusal(404, "InvalidRequestException", message, code=code)


def invalid(message: str, *, code: int | None = None) -> Refusal:
    """Return the 400 of a request that can't be understood."""
    return Refusal(400, "InvalidRequestException", message, code=code)


def engine_error(message: str) -> Refusal:
    """Return the 500 with which the engine refuses by a `ProcessEngineException`."""
    return Refusal(500, "ProcessEngineException", message, code=0)


def null_pointer(message: str) -> Refusal:
    """Return the 500 of a `NullPointerException`."""
    return Refusal(500, "NullPointerException", message)
