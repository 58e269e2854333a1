"""Rules about work that has begun: what of a task or call stays as it was begun, whatever the target says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tui_migrate.migration.advice.base import Advice, Context, shown
from tui_migrate.migration.words import named

_STAYS: Final = ("assignee", "candidate users", "candidate groups", "due date", "follow-up date", "priority")
_FORMS: Final = ("form", "form binding", "form version", "form fields")
_CALLED: Final = ("called element", "called case", "binding", "version", "version tag", "tenant")


def external_task_topic_stays(context: Context) -> Iterator[Advice]:
    """An external task keeps its topic."""
    for pair in context.pairs_of_behavior("ExternalTaskActivityBehavior"):
        if pair.differing("topic"):
            old, new = pair.shown("topic")
            yield pair.say(
                "external-task-topic-stays",
                "danger",
                f"Tasks that wait at {named(pair.source)} keep the topic {old}: workers of {new} don't see them.",
                "Keep a worker of the old topic until these tasks are done.",
            )


def called_instance_stays(context: Context) -> Iterator[Advice]:
    """Called instances are not migrated with the calling one."""
    for pair in context.pairs:
        if pair.source.behavior == pair.target.behavior == "CallActivityBehavior":
            changed = pair.differing(*_CALLED)
            later = f" The target's other {' and '.join(changed)} only counts for later calls." if changed else ""
            yield pair.say(
                "called-instance-stays",
                "note",
                f"Instances called by {named(pair.source)} stay on their own version.{later}",
                "Migrate them with a plan of their own where they should follow.",
            )


def called_kind_changed(context: Context) -> Iterator[Advice]:
    """Calling a process and calling a case are compatible; what was called stays what it is."""
    for pair in context.pairs:
        if pair.source.tag == "callActivity" and pair.source.behavior != pair.target.behavior:
            old, new = pair.names
            yield pair.say(
                "called-kind-changed",
                "danger",
                f"{old} and {new} call different kinds of things: "
                "what has been called stays what it is, and only its end is waited for.",
                "Let these calls end before, unless nothing depends on what the call returns.",
            )


def task_attributes_stay(context: Context) -> Iterator[Advice]:
    """A user task keeps its name, assignee, candidates, dates and priority; its form comes from the target."""
    for pair in context.pairs_of_behavior("UserTaskActivityBehavior"):
        stays = pair.differing(*_STAYS)
        if (pair.source.name or "") != (pair.target.name or ""):
            stays.insert(0, "name")
        if stays:
            yield pair.say(
                "task-attributes-stay",
                "note",
                f"Open tasks of {named(pair.source)} keep their {', '.join(stays)}, though the target's differ.",
                "Change the open tasks themselves where that matters.",
            )


def form_changes(context: Context) -> Iterator[Advice]:
    """A user task's form is looked up in the definition that it belongs to."""
    for pair in context.pairs_of_behavior("UserTaskActivityBehavior"):
        changed = pair.differing(*_FORMS)
        if changed:
            what = " → ".join(pair.shown("form")) if "form" in changed else f"another {' and '.join(changed)}"
            yield pair.say(
                "form-changes",
                "note",
                f"Open tasks of {named(pair.source)} show the target's form from now on ({what}).",
                "See that the variables that the new form needs are there; the plan can set them.",
            )


def extra_ids_ignored(instructions: Sequence[Mapping[str, Any]]) -> tuple[Advice, ...]:
    """Return advice on instructions in the engine's JSON form that name more ids than the engine reads.

    The engine takes the first of `sourceActivityIds` and of `targetActivityIds` and passes over the rest.

    Args:
        instructions: The member `instructions` of a plan as it was read from a file.
    """
    found = []
    for one in instructions:
        source_ids, target_ids = (_ids(one.get(key)) for key in ("sourceActivityIds", "targetActivityIds"))
        extra = [*source_ids[1:], *target_ids[1:]]
        if extra:
            found.append(
                Advice(
                    "extra-ids-ignored",
                    source_ids[0] if source_ids else None,
                    target_ids[0] if target_ids else None,
                    f"The engine reads one id on each side and ignores {', '.join(map(shown, extra))}.",
                    "Write an instruction of its own for each of them.",
                    "danger",
                )
            )
    return tuple(found)


def _ids(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


RULES: Final = (
    external_task_topic_stays,
    called_kind_changed,
    called_instance_stays,
    task_attributes_stay,
    form_changes,
)
