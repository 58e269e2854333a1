"""Snapshots of screens: an SVG and the same screen as text, by name, in the top-level folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_textual_snapshot import SVGImageExtension

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation

USED: set[str] = set()
"""Names that tests of this process have compared."""

FOLDER = Path(__file__).parents[2] / "snapshots"


class ScreenSvg(SVGImageExtension):  # type: ignore[misc]  # the plugin has no types
    """The plugin's SVG snapshots, one file for each name."""

    file_extension = "svg"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(FOLDER)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: Any = 0) -> str:
        return str(index) if isinstance(index, str) else test_location.methodname

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """A screen's name doesn't tell its test: those of tests that didn't run are not for this run to judge."""
        return Path(snapshot_location).stem in USED


class ScreenText(ScreenSvg):
    """The same screen as text."""

    file_extension = "txt"
