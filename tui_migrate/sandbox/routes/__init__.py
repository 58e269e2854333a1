"""The REST resources of the embedded engine, one module for each family; they register themselves by being imported.

What the first screen asks for is imported at once, all else when the first request comes that needs it: half of the
embedded engine's code is in these modules.
"""

from __future__ import annotations

from typing import Final

FIRST: Final = "definitions"
"""What the first screen asks; the others add no path to it that fits one of these, so the order does not matter."""
OTHERS: Final = ("batches", "events", "history", "instances", "jobs", "migration", "operations", "work")
