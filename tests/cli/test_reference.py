"""The generated documentation is what the code says; `make docs` writes it anew."""

from __future__ import annotations

from scripts.reference import generated


def test_the_generated_documentation_is_fresh() -> None:
    stale = [
        path.name for path, text in generated().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make docs`"
