"""Random plans for two models: generated ones, spoiled ones, careful ones and wild ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tui_migrate.bpmn.model import Activity, ProcessModel
from tui_migrate.migration.generate import GenerationFailed, generate
from tui_migrate.migration.incremental import Validation
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validators import CONDITIONAL_BEHAVIORS

Plan = tuple[Instruction, ...]


class Planner:
    """Makes plans for one pair of models.

    Args:
        chance: Decides everything.
        source: Model of the source.
        target: Model of the target.
    """

    def __init__(self, chance: random.Random, source: ProcessModel, target: ProcessModel) -> None:
        self._chance = chance
        self._source = source
        self._target = target
        self._targets = list(target.activities.values())

    def plans(self, count: int) -> list[Plan]:
        """Return plans of all sorts."""
        sorts = (self.generated, self.spoiled, self.careful, self.wild, self.mixed)
        return [self._chance.choice(sorts)() for _ in range(count)]

    def generated(self) -> Plan:
        """What the engine would generate; nothing where it can't."""
        try:
            return generate(self._source, self._target, update_event_triggers=self._chance.random() < 0.5)
        except GenerationFailed:
            return ()

    def spoiled(self) -> Plan:
        """A generated plan with some instructions changed, taken out, doubled or added."""
        plan = list(self.generated())
        for _ in range(self._chance.choice((1, 1, 2, 3))):
            place = self._chance.randrange(len(plan) + 1)
            if place < len(plan) and self._chance.random() < 0.7:
                plan[place : place + 1] = self._spoil(plan[place])
            else:
                plan.insert(place, self._any_instruction())
        return tuple(plan)

    def careful(self) -> Plan:
        """A plan grown by instructions that keep it valid, as far as they go beyond what is generated."""
        validation = Validation(self._source, self._target, self.generated())
        for activity in self._some_sources(0.5):
            self._try(validation, self._likely_instruction(activity))
        return validation.instructions

    def wild(self) -> Plan:
        """Any source with any target."""
        return tuple(self._any_instruction() for _ in range(self._chance.choice((0, 1, 2, 3, 5, 8))))

    def mixed(self) -> Plan:
        """For a part of the sources a likely target, in any order."""
        plan = [self._likely_instruction(activity) for activity in self._some_sources(0.4)]
        self._chance.shuffle(plan)
        return tuple(plan)

    def variables(self) -> dict[str, dict[str, Any]]:
        """Variables for a plan: mostly none, else such as the engine takes or refuses."""
        if self._chance.random() < 0.8:
            return {}
        chosen = self._chance.sample(VARIABLES, self._chance.choice((1, 1, 2, 4)))
        return dict(chosen + [RARE_VARIABLE] * (self._chance.random() < 0.1))

    def _some_sources(self, share: float) -> list[Activity]:
        return [one for one in self._source.activities.values() if self._chance.random() < share]

    def _try(self, validation: Validation, instruction: Instruction) -> None:
        if validation.by_source(instruction.source_activity_id or ""):
            return
        validation.replace(None, instruction)
        if validation.fault is not None or validation.report.instruction_reports:
            validation.replace(instruction, None)

    def _spoil(self, instruction: Instruction) -> list[Instruction]:
        chance = self._chance.randrange(6)
        source, target, flag = (
            instruction.source_activity_id,
            instruction.target_activity_id,
            instruction.update_event_trigger,
        )
        if chance == 0:
            return []
        if chance == 1:
            return [Instruction(source, target, not flag)]
        if chance == 2:
            return [instruction, Instruction(source, self._any_target(), flag)]
        if chance == 3:
            return [Instruction(self._any_source(), target, flag)]
        return [Instruction(source, self._any_target(), flag)]

    def _likely_instruction(self, activity: Activity) -> Instruction:
        same = self._target.get(activity.id)
        any_type = self._chance.random() < 0.3
        alike = [
            one
            for one in self._targets
            if one.behavior == activity.behavior and (any_type or one.type == activity.type)
        ]
        if same is not None and self._chance.random() < 0.5:
            target = same.id
        elif alike and self._chance.random() < 0.9:
            target = self._chance.choice(alike).id
        else:
            target = self._chance.choice(self._targets).id
        return Instruction(activity.id, target, self._likely_flag(activity))

    def _likely_flag(self, activity: Activity) -> bool:
        if self._chance.random() < 0.03:
            return self._chance.random() < 0.5
        if activity.behavior in CONDITIONAL_BEHAVIORS:
            return True
        return self._source.defines_persistent_trigger(activity) and self._chance.random() < 0.4

    def _any_instruction(self) -> Instruction:
        if self._chance.random() < 0.75:
            return self._likely_instruction(self._chance.choice(list(self._source.activities.values())))
        return Instruction(self._any_source(), self._any_target(), self._chance.random() < 0.3)

    def _any_source(self) -> str | None:
        return self._any_id([one.id for one in self._source.activities.values()])

    def _any_target(self) -> str | None:
        return self._any_id([one.id for one in self._targets])

    def _any_id(self, known: Sequence[str]) -> str | None:
        throw = self._chance.random()
        if throw < 0.06:
            return None
        if throw < 0.16:
            return self._chance.choice(
                ("nowhere", "", self._source.key, self._source.definition_id, "a1#multiInstanceBody")
            )
        return self._chance.choice(known)


JAVA = "application/x-java-serialized-object"


def _object(serialization: str | None, *, name: str = "Object") -> dict[str, Any]:
    value_info = {"objectTypeName": "x"} | ({"serializationDataFormat": serialization} if serialization else {})
    return {"value": "rO0AB", "type": name, "valueInfo": value_info}


VARIABLES: list[tuple[str, dict[str, Any]]] = [
    ("plain", {"value": "text", "type": "String"}),
    ("untyped", {"value": 5}),
    ("java", _object(JAVA)),
    ("lower", _object(JAVA, name="object")),
    ("json", _object("application/json")),
    ("bytes", {"value": "AAAA", "type": "Bytes"}),
    ("nothing", {"value": None, "type": "Null"}),
]
RARE_VARIABLE = ("unnamed", _object(None))
"""The engine answers with an internal error, which hides everything else that is wrong with a plan."""
