"""How the engine writes the names that are in snake case here."""

from __future__ import annotations


def member_name(name: str) -> str:
    """Return a name as a member of the engine's JSON: `process_definition_id` is `processDefinitionId`."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
