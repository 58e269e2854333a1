"""The exit codes, and which error leads to which. Part of the public contract: a change is a breaking change."""

from __future__ import annotations

from enum import IntEnum

from tui_migrate import errors


class ExitCode(IntEnum):
    """What the process's exit code says to a pipeline."""

    DONE = 0
    """Everything asked for was done; nothing to migrate counts as done."""
    REFUSED = 1
    """The plan or some instances say no: an invalid plan, failed instances, a refused request."""
    USAGE = 2
    """The arguments, a file or the configuration can't be used; nothing was sent."""
    NOT_REACHED = 3
    """The engine can't be reached, or doesn't let this user do it."""
    TIMED_OUT = 4
    """Timed out or stalled; batches that were sent go on in the engine."""
    UNKNOWN = 5
    """A changing request was sent and its outcome could not be read."""
    FAULT = 70
    """A fault of tui-migrate itself."""
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143


_BY_ERROR: tuple[tuple[type[errors.TuiMigrateError], ExitCode], ...] = (
    (errors.OutcomeUnknown, ExitCode.UNKNOWN),
    (errors.EngineTimeout, ExitCode.TIMED_OUT),
    (errors.EngineUnreachable, ExitCode.NOT_REACHED),
    (errors.AuthFailed, ExitCode.NOT_REACHED),
    (errors.Forbidden, ExitCode.NOT_REACHED),
    (errors.UnexpectedReply, ExitCode.NOT_REACHED),
    (errors.ReadOnly, ExitCode.NOT_REACHED),
    (errors.NotFound, ExitCode.USAGE),
    (errors.EngineError, ExitCode.REFUSED),
    (errors.TuiMigrateError, ExitCode.USAGE),
)


def exit_code_of(error: errors.TuiMigrateError) -> ExitCode:
    """Return the exit code for an error, by the most specific class that the table knows.

    An error may carry its own code in an attribute `exit_code` where its class alone doesn't tell (a plan that can't
    be generated is the plan's "no", not a usage error).
    """
    own = getattr(error, "exit_code", None)
    if isinstance(own, int):
        return ExitCode(own)
    return next(code for kind, code in _BY_ERROR if isinstance(error, kind))
