"""The migration plan: instructions from source to target activities, as the engine has them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field

_NOTHING: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


class Instruction(Struct, frozen=True):
    """One migration instruction. The engine reads exactly one id on each side; None where a plan holds none."""

    source_activity_id: str | None
    target_activity_id: str | None
    update_event_trigger: bool = False

    def to_engine(self) -> dict[str, Any]:
        """Return the instruction in the engine's JSON form."""
        return {
            "sourceActivityIds": [self.source_activity_id],
            "targetActivityIds": [self.target_activity_id],
            "updateEventTrigger": self.update_event_trigger,
        }


class MigrationPlan(Struct, frozen=True):
    """A plan bound to two process definitions of one engine."""

    source_definition_id: str
    target_definition_id: str
    instructions: tuple[Instruction, ...] = ()
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NOTHING)
    """By name `{"value", "type", "valueInfo"}`, as the engine's REST API takes them (7.17 and newer)."""

    def to_engine(self) -> dict[str, Any]:
        """Return the body of `POST /migration/validate` and the member `migrationPlan` of an execution."""
        plan: dict[str, Any] = {
            "sourceProcessDefinitionId": self.source_definition_id,
            "targetProcessDefinitionId": self.target_definition_id,
            "instructions": [instruction.to_engine() for instruction in self.instructions],
        }
        if self.variables:
            plan["variables"] = {name: dict(value) for name, value in self.variables.items()}
        return plan
