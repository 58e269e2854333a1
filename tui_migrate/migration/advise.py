"""What is valid and still dangerous in a plan, said before anything is executed.

Validation answers whether the engine takes a plan. What becomes of timers, triggers, scopes and tokens is another
matter: each rule here is one small function in one list, with its name, a sentence and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.migration.advice import events, scopes, waiting, work
from tui_migrate.migration.advice.base import Advice, Context, Rule, Severity
from tui_migrate.migration.advice.work import extra_ids_ignored
from tui_migrate.migration.plan import Instruction

__all__ = ["RULES", "Advice", "Severity", "advise", "extra_ids_ignored"]

RULES: Final[tuple[Rule, ...]] = (*waiting.RULES, *events.RULES, *scopes.RULES, *work.RULES)
"""All rules, the most dangerous themes first. What only the text of a plan file shows is `extra_ids_ignored`."""


def advise(source: ProcessModel, target: ProcessModel, instructions: Iterable[Instruction]) -> tuple[Advice, ...]:
    """Return the advice on a plan: dangers first, then notes, each in document order of the source.

    Args:
        source: Model of the source process definition.
        target: Model of the target process definition.
        instructions: The plan. Instructions with unknown ids are passed over: validation reports them.
    """
    context = Context(source, target, instructions)
    found = [advice for rule in RULES for advice in rule(context)]
    places = {activity_id: place for place, activity_id in enumerate(source.activities)}
    last = len(places)
    found.sort(key=lambda one: (one.severity != "danger", last if one.source_id is None else places[one.source_id]))
    return tuple(found)
