"""A figure, its goal, and how both are printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TextIO


class BenchmarkError(Exception):
    """A benchmark could not be run: its figures would mean nothing."""


@dataclass(frozen=True)
class Figure:
    """One measured figure. It is good where it is not above its goal, or not below one that is a least."""

    name: str
    value: float
    goal: float
    unit: str = "×"
    note: str = ""
    least: bool = False

    @property
    def ok(self) -> bool:
        return self.value >= self.goal if self.least else self.value <= self.goal

    @property
    def cells(self) -> tuple[str, str, str]:
        """Value, goal and verdict as they are shown."""
        sign = "≥" if self.least else "≤"
        shown, goal = (f"{_number(number)} {self.unit}".rstrip() for number in (self.value, self.goal))
        return shown, f"{sign} {goal}", "ok" if self.ok else "MISSED"

    def line(self) -> str:
        shown, goal, verdict = self.cells
        return f"{self.name:<66} {shown:>12}   {goal:<16} {verdict:<7} {self.note}".rstrip()

    def row(self) -> str:
        """Return the line of a table in Markdown."""
        name = f"{self.name} ({self.note})" if self.note else self.name
        return f"| {' | '.join((name, *self.cells))} |"


@dataclass(frozen=True)
class Skipped:
    """A figure that could not be taken here."""

    name: str
    reason: str

    def line(self) -> str:
        return f"{self.name:<66} skipped: {self.reason}"

    def row(self) -> str:
        """Return the line of a table in Markdown."""
        return f"| {self.name} | skipped: {self.reason} | | |"


@dataclass
class Report:
    """Takes figures, and prints each as soon as it is there."""

    quiet: bool = False
    progress: TextIO | None = None
    """Where lines go as soon as they are there; None is standard output."""
    lines: list[Figure | Skipped] = field(default_factory=list)

    def add(
        self, name: str, value: float, goal: float, unit: str = "×", *, note: str = "", least: bool = False
    ) -> None:
        self._take(Figure(name, value, goal, unit, note, least))

    def skip(self, name: str, reason: str) -> None:
        self._take(Skipped(name, reason))

    def _take(self, line: Figure | Skipped) -> None:
        self.lines.append(line)
        if not self.quiet:
            print(line.line(), file=self.progress, flush=True)

    @property
    def missed(self) -> list[Figure]:
        return [line for line in self.lines if isinstance(line, Figure) and not line.ok]

    def table(self) -> str:
        """Return all lines as a table in Markdown."""
        head = "| figure | measured | goal | |\n|---|---|---|---|"
        return "\n".join([head, *(line.row() for line in self.lines)])

    def json(self) -> str:
        return json.dumps(
            [asdict(line) | ({"ok": line.ok} if isinstance(line, Figure) else {}) for line in self.lines],
            ensure_ascii=False, indent=2,
        )  # fmt: skip


@dataclass(frozen=True)
class Pairs:
    """Two things measured by turns, so that what else the machine does falls on both."""

    ours: Sequence[float]
    others: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return median(ours / other for ours, other in zip(self.ours, self.others, strict=True))

    def note(self, unit: str = "ms", scale: float = 1.0) -> str:
        return f"{_number(median(self.ours) * scale)} against {_number(median(self.others) * scale)} {unit}"


def paired(ours: Callable[[], float], other: Callable[[], float], rounds: int) -> Pairs:
    """Measure both `rounds` times after one round that does not count; each comes first every other time."""
    ours()
    other()
    found: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            second = other()
            found.append((ours(), second))
        else:
            found.append((ours(), other()))
    return Pairs([pair[0] for pair in found], [pair[1] for pair in found])


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
