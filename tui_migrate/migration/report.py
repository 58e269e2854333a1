"""What is wrong with a plan: the engine's validation report."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from tui_migrate.migration.plan import Instruction

_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class InstructionReport(Struct, frozen=True):
    """The failures of one instruction, in the order of the engine's validators."""

    instruction: Instruction
    failures: tuple[str, ...]


class ValidationReport(Struct, frozen=True):
    """All failures of a plan. The order of the reports means nothing (the engine's is a hash order)."""

    instruction_reports: tuple[InstructionReport, ...] = ()
    variable_reports: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    """Failures by variable name."""

    @property
    def valid(self) -> bool:
        """Whether the engine would take the plan."""
        return not self.instruction_reports and not self.variable_reports
