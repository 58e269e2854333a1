"""The generated documentation is what the code says; `make docs` writes it anew."""

from __future__ import annotations

import sys

from scripts.reference import generated

# From 3.13 on argparse writes `-o, --output FILE` where it wrote `-o FILE, --output FILE`; ours are written by 3.11.
OTHERWISE_WORDED = {"commands.md"} if sys.version_info >= (3, 13) else set()


def test_the_generated_documentation_is_fresh() -> None:
    stale = {
        path.name for path, text in generated().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    assert stale - OTHERWISE_WORDED == set(), "run `make docs`"
