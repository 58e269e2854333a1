"""Verdicts in few words, for a column; the whole sentence stands below the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.cells import shown

if TYPE_CHECKING:
    from tui_migrate.migration.forecast import Forecast
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.rehearse import RehearsalVerdict
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.widgets.line_list import Piece

_SHORT = (
    ("no migration instruction for this instance's activity", "no mapping"),
    ("not asynchronous", "not async"),
    ("asyncBefore", "not async"),
    ("asyncAfter", "not async"),
    ("not migrated incidents", "incident stays"),
    ("not migrated jobs", "job stays"),
    ("not migrated tasks", "task stays"),
    ("not migrated externalTask", "task stays"),
    ("not migrated event subscriptions", "event stays"),
    ("not migrated variables", "variable stays"),
    ("compensation", "compensation"),
    ("outgoing sequence flow", "flow is gone"),
    ("tenant", "other tenant"),
    ("variable", "variables clash"),
)
"""Part of an engine's sentence, and what stands for it in a column."""


def short(sentence: str) -> str:
    """Return an engine's sentence in two words, or its beginning where it is a rare one."""
    lowered = sentence.casefold()
    return next((words for part, words in _SHORT if part.casefold() in lowered), shown(sentence, 60))


def verdict_words(forecast: Forecast | None, rehearsed: RehearsalVerdict | None, glyphs: Glyphs) -> Piece:
    """Return the verdict for a column: the engine's own where there is one, else the forecast."""
    if rehearsed is not None:
        if rehearsed.outcome == "migrates":
            return f"{glyphs.mapped} rehearsed", "success"
        if rehearsed.outcome == "fails":
            cause = short(rehearsed.failures[0]) if rehearsed.failures else "refused"
            return f"{glyphs.error} {cause}", "error"
        return {"ended": "- has ended", "moved": "- has moved"}.get(rehearsed.outcome, "? not told"), "warning"
    if forecast is None:
        return glyphs.ellipsis, "dim"
    if forecast.verdict == "migrates":
        return f"{glyphs.mapped} forecast", "success"
    if forecast.verdict == "fails":
        return f"{glyphs.error} {short(forecast.failures[0].sentence)}", "error"
    return "? can't tell", "warning"


def verdict_sentences(
    plan: OpenPlan, forecast: Forecast | None, rehearsed: RehearsalVerdict | None, glyphs: Glyphs
) -> list[Piece]:
    """Return the whole verdict with the activity at fault and what to do."""
    from tui_migrate.operations.forecast import remedy_for

    if rehearsed is not None and rehearsed.outcome != "unknown":
        causes = list(zip(rehearsed.failures, rehearsed.activity_ids or ("",) * len(rehearsed.failures), strict=False))
        if rehearsed.outcome == "migrates":
            return [(f"{glyphs.mapped} The engine would migrate it (rehearsed).", "success")]
        if rehearsed.outcome != "fails":
            return [(f"It has {rehearsed.outcome} since.", "warning")]
        who = "The engine refuses it"
    elif forecast is None:
        return []
    elif forecast.verdict == "migrates":
        return [(f"{glyphs.mapped} It would migrate, by the forecast.", "success")]
    elif forecast.verdict == "cannot tell":
        return [("? " + " ".join(shown(one, 300) for one in forecast.unknown), "warning")]
    else:
        causes = [(one.sentence, one.activity_id or "") for one in forecast.failures]
        who = "It would fail"
    found: list[Piece] = []
    for sentence, place in causes:
        activity = plan.source_model.get(place)
        at = f" at {shown(activity.label, 40)}" if activity is not None else ""
        found.append((f"{glyphs.error} {who}{at}: {shown(sentence, 400)}", "error"))
        remedy = remedy_for(plan, sentence, place or None)
        if remedy:
            found.append((f"{glyphs.arrow} {shown(remedy, 400)}", ""))
    return found or [(f"{glyphs.error} {who}.", "error")]


def fault_of(forecast: Forecast | None, rehearsed: RehearsalVerdict | None) -> str | None:
    """Return the source activity that is at fault first, or None where none is."""
    if rehearsed is not None and rehearsed.outcome == "fails":
        return next((one for one in rehearsed.activity_ids if one), None)
    if forecast is not None and forecast.verdict == "fails":
        return next((one.activity_id for one in forecast.failures if one.activity_id), None)
    return None
