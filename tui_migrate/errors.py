"""The one family of errors. A message says what happened, to what, and what to do next."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class TuiMigrateError(Exception):
    """Any error that a user may see; `str(error)` is the whole sentence, never a traceback.

    Args:
        message: What happened, to what, and what to do next.
    """


class UsageError(TuiMigrateError):
    """The arguments or the input files can't be used as they are."""


class ConfigError(TuiMigrateError):
    """The configuration file, an environment variable or a secret can't be used."""


class BpmnError(TuiMigrateError):
    """A BPMN file can't be read into a model.

    Args:
        message: What is wrong, with what to do next.
        file: The file's name as the user gave it, if there is one.
        line: The line in the file, counted from 1, if it is known.
    """

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None) -> None:
        self.file = file
        self.line = line
        place = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(f"{place}: {message}" if place else message)


class PlanError(TuiMigrateError):
    """A migration plan, or a plan file, can't be read or made."""


class JournalError(TuiMigrateError):
    """The journal can't be read or written; nothing is sent without it."""


class EngineError(TuiMigrateError):
    """The engine, or the way to it, answered with something other than success.

    Args:
        message: The sentence for the user.
        method: HTTP method of the request.
        path: Path below the REST base, without host, query or secrets.
        status: HTTP status, or None where no answer came.
        engine_type: Member `type` of the engine's error body.
        engine_message: Member `message` of the engine's error body, unchanged.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        engine_type: str | None = None,
        engine_message: str | None = None,
    ) -> None:
        super().__init__(message)
        self.method = method
        self.path = path
        self.status = status
        self.engine_type = engine_type
        self.engine_message = engine_message


class EngineUnreachable(EngineError):
    """No connection: refused, unknown host, TLS trouble, or a proxy that answers for the engine."""


class EngineTimeout(EngineError):
    """A read got no answer in time."""


class AuthFailed(EngineError):
    """401: never retried, since the engine locks a user after wrong passwords."""


class Forbidden(EngineError):
    """403: `missing` names each missing permission as `PERMISSION on Resource 'id'`."""

    missing: tuple[str, ...] = ()


class NotFound(EngineError):
    """The thing asked for does not exist on this engine, or may not be seen by this user."""


class PlanRejected(EngineError):
    """The engine says that the plan is invalid; `report` is the body's `validationReport`, as it came."""

    report: Mapping[str, object] = {}


class InstanceRejected(EngineError):
    """The engine can't migrate one instance; `report` is the body's `validationReport`, as it came."""

    report: Mapping[str, object] = {}


class EngineRefused(EngineError):
    """The engine understood the request and says no (bad input, unknown definition, wrong tenant …)."""


class EngineFault(EngineError):
    """A fault inside the engine (5xx) that is none of the known refusals."""


class UnexpectedReply(EngineError):
    """An answer that is not of the known shape: HTML, another content type, another JSON."""


class OutcomeUnknown(EngineError):
    """A changing request was sent and its answer was not read. It is never sent again by itself."""


class ReadOnly(TuiMigrateError):
    """The profile is read-only and the request would change the engine."""
