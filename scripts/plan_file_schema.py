"""Write the JSON Schema of the plan file to docs/plan-file.schema.json.

Usage: python -m scripts.plan_file_schema
"""

from __future__ import annotations

from pathlib import Path

from tui_migrate.operations.plan_file import plan_file_schema

SCHEMA = Path(__file__).parent.parent / "docs" / "plan-file.schema.json"


def main() -> None:
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(plan_file_schema(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
