"""The rules against live engines: random pairs of versions with all sorts of plans, and models that nobody writes.

Every difference is the local rules' fault. One that is found becomes a test in `tests/migration/test_regressions.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.strategies.engine_rules import compare_unusual, compare_with_engine
from tests.strategies.unusual import UNUSUAL
from tui_migrate.bpmn.model import EngineFamily

if TYPE_CHECKING:
    from tests.engines.launcher import RunningEngine

SHORT, LONG = 200, 2000
ROWS, FAILURES = 20, 50
"""How often a long run must reach each row and each failure; a short one in proportion."""


def _family(engine: RunningEngine) -> EngineFamily:
    return "operaton" if engine.name == "operaton" else "camunda"


Record = Callable[[str, object], None]


def _compare(engine: RunningEngine, seed: str, pairs: int, record: Record) -> None:
    prefix = f"rules{secrets.token_hex(4)}x"  # several sessions may use one engine
    differences, coverage = compare_with_engine(engine.url, _family(engine), seed=seed, pairs=pairs, prefix=prefix)
    record("figures", f"{engine.name} {engine.version}, seed {seed!r}\n{coverage.summary()}")
    assert not differences, f"{len(differences)} differences, seed {seed}:\n" + "\n".join(differences[:5])
    share = pairs / LONG
    assert coverage.shortcomings(of_pairs=pairs, rows=ROWS * share, failures=FAILURES * share) == []


@pytest.mark.live
@pytest.mark.timeout(600)
def test_random_versions_and_plans_get_the_engines_verdicts(
    live_engine: RunningEngine, record_property: Record
) -> None:
    """200 pairs with a fixed seed; rows and failures a tenth as often as in the long run."""
    _compare(live_engine, "the short run", SHORT, record_property)


@pytest.mark.live
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_random_versions_and_plans_get_the_engines_verdicts(
    live_engine: RunningEngine, record_property: Record
) -> None:
    _compare(live_engine, secrets.token_hex(8), LONG, record_property)


@pytest.mark.live
@pytest.mark.timeout(600)
def test_unusual_models_get_the_engines_verdicts(live_engine: RunningEngine, record_property: Record) -> None:
    """Each is compared with itself, every activity mapped to every other; one that is refused has a warning here."""
    outcome = compare_unusual(live_engine.url, _family(live_engine), UNUSUAL, prefix=f"rules{secrets.token_hex(4)}u")
    record_property("figures", f"{len(outcome.equal)} models compared, {len(outcome.refused)} refused by both")
    assert outcome.problems == []
    assert len(outcome.equal) > 60
    assert len(outcome.refused) > 40
