"""Pairs of process versions, and how many of what a run of them has reached."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from dataclasses import dataclass, field

from tests.strategies.changing import derive
from tests.strategies.elements import Process, needs
from tests.strategies.making import Maker
from tests.strategies.rows import FAILURES, ROWS, rows_of
from tests.strategies.writing import write
from tui_migrate.bpmn.model import EngineFamily, ProcessModel
from tui_migrate.bpmn.reader import read_model


@dataclass
class Pair:
    """A process and a changed version of it."""

    seed: str
    source: Process
    target: Process
    source_xml: str
    target_xml: str


def make_pair(seed: str, engine: EngineFamily, *, prefix: str = "", lacking: frozenset[str] = frozenset()) -> Pair:
    """Return the pair of a seed, under keys that begin with the prefix; `lacking` is what the engine has not."""
    maker = Maker(random.Random(seed), lacking)
    size = maker.chance.randint(7, 20)
    source = maker.process(f"{prefix}s", size)
    target = derive(source, f"{prefix}t", maker, maker.chance.choice((0, 1, 2, 2, 3, 4, 6)))
    return Pair(seed, source, target, write(source, engine), write(target, engine))


def read_pair(
    pair: Pair,
    engine: EngineFamily,
    source_id: str | None = None,
    target_id: str | None = None,
    *,
    connectors: bool = True,
) -> tuple[ProcessModel, ProcessModel]:
    """Return the two models; `connectors` says whether the engine has the connect plugin."""
    return (
        read_model(pair.source_xml.encode(), definition_id=source_id, engine=engine, connectors=connectors),
        read_model(pair.target_xml.encode(), definition_id=target_id, engine=engine, connectors=connectors),
    )


@dataclass
class Coverage:
    """What the compared pairs and plans have reached."""

    lacking: frozenset[str] = frozenset()
    """What the engine has not, so that some rows can't be reached on it."""
    pairs: int = 0
    plans: int = 0
    valid: int = 0
    generated: int = 0
    refusals: list[str] = field(default_factory=list)
    """Why the engine did not deploy a pair."""
    rows: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    sizes: list[int] = field(default_factory=list)

    def add_pair(self, pair: Pair, source: ProcessModel, target: ProcessModel) -> None:
        self.pairs += 1
        for process in (pair.source, pair.target):
            self.rows.update(rows_of(process))
        self.sizes += [len(source.activities), len(target.activities)]

    def add_refusal(self, reason: str) -> None:
        self.refusals.append(reason)

    def shortcomings(self, *, of_pairs: int, rows: float, failures: float) -> list[str]:
        """Return what was not reached often enough, each a sentence."""
        rare_rows = {row: self.rows[row] for row in self.reachable if self.rows[row] < rows}
        rare_failures = {name: self.failures[name] for name in FAILURES if self.failures[name] < failures}
        share = self.valid / max(1, self.plans)
        found = {
            f"only {self.pairs} of {of_pairs} pairs": self.pairs < of_pairs,
            f"rows below {rows}: {rare_rows}": bool(rare_rows),
            f"failures below {failures}: {rare_failures}": bool(rare_failures),
            f"{share:.0%} of the plans are valid, not 20 to 60": not 0.2 <= share <= 0.6,
            f"a median model has {self.median} activities, not 12": self.median < 12,
        }
        return [sentence for sentence, short in found.items() if short]

    @property
    def reachable(self) -> list[str]:
        """The rows that this engine can have."""
        return [row for row in ROWS if needs(row) not in self.lacking]

    @property
    def median(self) -> float:
        """Activities of a median model."""
        return statistics.median(self.sizes or [0])

    def summary(self) -> str:
        """Return the figures as text."""
        fewest = sorted((self.rows[row], row) for row in self.reachable)[:5]
        return (
            f"{self.pairs} pairs ({len(self.refusals)} refused), {self.plans} plans validated "
            f"({self.valid / max(1, self.plans):.0%} valid), {self.generated} generated, "
            f"median model {self.median:g} activities\n"
            f"failures: {', '.join(f'{name} {count}' for name, count in sorted(self.failures.items()))}\n"
            f"rows: {len(self.reachable)} of {len(ROWS)} can be reached "
            f"(this engine lacks: {', '.join(sorted(self.lacking)) or 'nothing'}), "
            f"rarest: {', '.join(f'{row} {count}' for count, row in fewest)}"
        )
