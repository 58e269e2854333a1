"""Everything that instances can be filtered by: each criterion that Cockpit has, in the engine's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

Form = Literal["flag", "text", "pattern", "list", "optional", "moment", "variable"]


class Criterion(Struct, frozen=True):
    """One thing that instances can be filtered by."""

    word: str
    """What is written in front of the colon, or alone for a flag."""
    title: str
    form: Form
    help: str
    example: str
    fields: tuple[str, ...]
    """The members of the engine's query that it may use, in snake case."""
    history: bool = False
    """Only the history query has it."""
    aliases: tuple[str, ...] = ()


CRITERIA: Final[tuple[Criterion, ...]] = (
    Criterion(
        "id", "instance id", "list", "One of these process instances.", "id:4711,4712", ("process_instance_ids",)
    ),
    Criterion(
        "bk",
        "business key",
        "pattern",
        "Exactly this business key, or like a pattern with *; case counts.",
        "bk:EU-*",
        ("business_key", "business_key_like"),
        aliases=("businessKey",),
    ),
    Criterion(
        "activity",
        "activity",
        "list",
        "A token at one of these activities (ids); waiting joins and asynchronous jobs count.",
        "activity:ask_papers",
        ("activity_id_in",),
        aliases=("at",),
    ),
    Criterion(
        "var",
        "variable",
        "variable",
        "A variable compared by = != > >= < <= or ~ (like, with *). Quotes make it a string; an instance without the "
        "variable never matches.",
        "var:amount>=100",
        ("variables",),
        aliases=("variable",),
    ),
    Criterion(
        "ignorecase",
        "variables without regard to case",
        "list",
        "Compare names, values or both of variables without regard to case.",
        "ignorecase:names,values",
        ("variable_names_ignore_case", "variable_values_ignore_case"),
    ),
    Criterion("active", "active", "flag", "Not suspended.", "active", ("active",)),
    Criterion("suspended", "suspended", "flag", "Suspended.", "suspended", ("suspended",)),
    Criterion(
        "incident",
        "incident",
        "optional",
        "With an open incident, or with one of this type.",
        "incident:failedJob",
        ("with_incident", "incident_type"),
    ),
    Criterion(
        "message",
        "incident message",
        "pattern",
        "With an open incident of this message, or like a pattern with *.",
        'message:"*timed out*"',
        ("incident_message", "incident_message_like"),
        aliases=("incidentMessage",),
    ),
    Criterion("incidentId", "incident id", "text", "With this incident.", "incidentId:815", ("incident_id",)),
    Criterion(
        "parent",
        "parent instance",
        "text",
        "Called by this process instance.",
        "parent:4711",
        ("super_process_instance",),
        aliases=("super",),
    ),
    Criterion(
        "sub",
        "called instance",
        "text",
        "Calls this process instance.",
        "sub:4712",
        ("sub_process_instance",),
        aliases=("child",),
    ),
    Criterion(
        "root",
        "root instance",
        "text",
        "At any depth below this process instance, or that instance itself.",
        "root:4711",
        ("root_process_instance_id",),
    ),
    Criterion("top", "top level", "flag", "Called by no other instance.", "top", ("root_process_instances",)),
    Criterion("leaf", "leaf", "flag", "Calls no other instance.", "leaf", ("leaf_process_instances",)),
    Criterion("tenant", "tenant", "list", "Of one of these tenants.", "tenant:north,south", ("tenant_id_in",)),
    Criterion("notenant", "no tenant", "flag", "Of no tenant.", "notenant", ("without_tenant_id",)),
    Criterion(
        "started",
        "started",
        "moment",
        "Started before (<), until (<=), after (>), since (>=) or on a day or moment.",
        "started:<2026-11-01",
        ("started_before", "started_after"),
        history=True,
    ),
    Criterion(
        "startedBy", "started by", "text", "Started by this user.", "startedBy:mary", ("started_by",), history=True
    ),
)
"""Every criterion, in the order in which they are offered."""

BY_WORD: Final[Mapping[str, Criterion]] = {
    name.casefold(): criterion for criterion in CRITERIA for name in (criterion.word, *criterion.aliases)
}
"""By word and alias, in lower case."""
