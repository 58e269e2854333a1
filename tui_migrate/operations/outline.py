"""What of a model the migration rules read, as text: to tell whether a plan still fits, and what changed.

A plan travels to engines where the definition has another id and may have been saved by another modeler. The text of
the XML then differs while nothing that matters does. The outline has, per activity, all that generation, validation and
instance validation look at, and nothing else: no names, no forms, no positions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tui_migrate.bpmn.model import ROOT, Activity, ProcessModel


def text_hash(xml: bytes) -> str:
    """Return the hash of a model's text, `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(xml).hexdigest()


def rules_hash(model: ProcessModel) -> str:
    """Return the hash of what the rules read of a model: equal for two models that the rules can't tell apart.

    Document order, names and the definition's id don't count.
    """
    return outline_hash(outline(model))


def outline_hash(lines: Mapping[str, str]) -> str:
    """Return the hash of an outline, in the form of `rules_hash`."""
    import json  # only plan files and their use need it

    canonical = json.dumps(dict(sorted(lines.items())), ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def outline(model: ProcessModel) -> dict[str, str]:
    """Return, by activity id in document order, one line with all that the rules read of the activity."""
    return {activity.id: _line(activity, model.handlers.get(activity.id)) for activity in model.activities.values()}


def _line(activity: Activity, handler: str | None) -> str:
    parts = [activity.type, activity.behavior, f"in {activity.flow_scope}"]
    if activity.event_scope is not None:
        parts.append(f"listens in {activity.event_scope}")
    flags = {
        "scope": activity.is_scope,
        "compensation handler": activity.is_compensation_handler,
        "async before": activity.async_before,
        "async after": activity.async_after,
    }
    parts += [word for word, is_set in flags.items() if is_set]
    if activity.trigger is not None:
        parts.append(f"trigger {activity.trigger}")
    if activity.timeout_listeners:
        parts.append("timeout listeners " + " ".join(activity.timeout_listeners))
    if activity.incoming:
        parts.append(f"{activity.incoming} incoming")
    if activity.outgoing:
        parts.append("outgoing " + " ".join(activity.outgoing))
    if handler is not None:
        parts.append(f"compensated by {handler}")
    return "; ".join(parts)


def outline_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Return one sentence for each activity that was added, removed or changed, in the order of `before`, then `after`.

    Args:
        before: The outline that a plan was made for.
        after: The outline of the model that is there now.
    """
    changes = []
    for activity_id, line in before.items():
        if activity_id not in after:
            changes.append(f"activity '{activity_id}' is gone ({line.split('; ', 1)[0]})")
        elif after[activity_id] != line:
            changes.append(f"activity '{activity_id}' changed: {_difference(line, after[activity_id])}")
    added = [activity_id for activity_id in after if activity_id not in before]
    changes += [f"activity '{activity_id}' is new ({after[activity_id].split('; ', 1)[0]})" for activity_id in added]
    return tuple(changes)


def _difference(before: str, after: str) -> str:
    old, new = before.split("; "), after.split("; ")
    gone = [part for part in old if part not in new]
    come = [part for part in new if part not in old]
    texts = []
    if gone:
        texts.append("no longer " + ", ".join(_named(part) for part in gone))
    if come:
        texts.append("now " + ", ".join(_named(part) for part in come))
    return "; ".join(texts) or "another order of its outgoing flows"


def _named(part: str) -> str:
    return part.replace(f"in {ROOT}", "in the process")
