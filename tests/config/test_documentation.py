"""The configuration in the documentation can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui_migrate.config.load import load_config

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md"])
def test_the_file_in_the_documentation(page: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        file = tmp_path / "config.toml"
        file.write_text(block, encoding="utf-8")
        file.chmod(0o600)
        assert "prod" in load_config(file, {}).profile_names


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/configuration.md", "docs/plan-file.md"])
def test_every_local_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    folder = (ROOT / page).parent
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (folder / link).exists()] == []
