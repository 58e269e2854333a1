"""Plan files: made from an open plan, written, read, and bound to the definitions of an engine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tui_migrate.errors import PlanError
from tui_migrate.operations.outline import rules_hash, text_hash
from tui_migrate.operations.plan_binding import BoundPlan, bind_plan_file
from tui_migrate.operations.plan_file_format import (
    DefinitionReference,
    Made,
    PlanFile,
    PlannedInstruction,
    PlannedVariable,
    PlanOptions,
    make_plan_file,
    plan_file_schema,
)
from tui_migrate.operations.plan_file_reading import parse_plan_file, read_plan_file
from tui_migrate.text import safe

__all__ = [
    "BoundPlan",
    "DefinitionReference",
    "Made",
    "PlanFile",
    "PlanOptions",
    "PlannedInstruction",
    "PlannedVariable",
    "bind_plan_file",
    "make_plan_file",
    "parse_plan_file",
    "plan_file_schema",
    "read_plan_file",
    "rules_hash",
    "text_hash",
    "write_plan_file",
]


def write_plan_file(file: PlanFile, path: Path) -> None:
    """Write a plan file as a whole or not at all: beside its place first, then put there.

    Raises:
        PlanError: It can't be written; what was at `path` is as it was.
    """
    try:
        _replace(path, file.to_json())
    except OSError as error:
        raise PlanError(f"The plan file {safe(str(path))} can't be written: {error.strerror}.") from error


def _replace(path: Path, text: str) -> None:
    real = path.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, _mode(real))
        os.replace(name, real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """Return the mode of the file that is replaced, or what a new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
