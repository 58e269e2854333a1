"""What an engine of a version knows and what it leaves out."""

from __future__ import annotations


def version_number(version: str) -> tuple[int, int]:
    """Return the two first numbers of an engine's version; Operaton's 1.0 knows what Camunda 7.24 knows."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return (7, 24 + minor) if major < 7 else (major, minor)


def is_since_7_18(version: str) -> bool:
    """Return whether a version is newer than 7.17, the oldest one: where exactly a line lies between was not probed."""
    return version_number(version) >= (7, 18)
