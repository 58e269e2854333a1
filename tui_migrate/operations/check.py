"""The check before confirming: what becomes of the selected instances, causes in groups with what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from tui_migrate.operations.causes import cause_of
from tui_migrate.operations.forecast import CauseGroup, forecast_instances, group_forecasts, remedy_for

if TYPE_CHECKING:
    from tui_migrate.migration.forecast import Forecast
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.rehearse import Rehearsal, RehearsalVerdict
    from tui_migrate.operations.session import Session

Outcome = Literal["migrates", "fails", "cannot tell", "gone"]

_OUTCOMES: Mapping[str, Outcome] = {
    "migrates": "migrates",
    "fails": "fails",
    "ended": "gone",
    "moved": "gone",
    "unknown": "cannot tell",
}


class InstanceCheck(Struct, frozen=True):
    """What would become of one instance, and who says so."""

    outcome: Outcome
    rehearsed: bool
    """By the engine's own verdict; else by forecast."""


class CheckSummary(Struct, frozen=True):
    """What would become of the selected instances. Each is in exactly one of the four numbers."""

    total: int
    migrates: int
    fails: int
    cannot_tell: int
    gone: int
    """Ended, or moved to another version, since they were selected; only a rehearsal tells."""
    rehearsed: int
    """Of how many the engine itself gave the verdict."""
    groups: tuple[CauseGroup, ...]
    """Causes with their instances and remedies; an instance with several failures is in several."""
    checks: Mapping[str, InstanceCheck] = field(default_factory=dict)
    """By instance id."""
    disagreements: tuple[str, ...] = ()
    """Where forecast and rehearsal differ, in sentences; the rehearsal counts."""

    def ids(self, outcome: Outcome) -> tuple[str, ...]:
        """Return the instances with this outcome."""
        return tuple(one for one, check in self.checks.items() if check.outcome == outcome)


async def check_selection(
    session: Session,
    open_plan: OpenPlan,
    ids: Sequence[str],
    *,
    rehearsal: Rehearsal | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> CheckSummary:
    """Forecast the selected instances and sum up, with a rehearsal's verdicts where there are any.

    Args:
        session: The engine.
        open_plan: The plan; its draft as it stands.
        ids: The selected instances.
        rehearsal: Verdicts that the engine gave for this draft.
        on_progress: Called with the number of instances forecast.
    """
    forecasts = await forecast_instances(session, open_plan, ids, on_progress=on_progress)
    return summarize(open_plan, forecasts, rehearsal.verdicts if rehearsal is not None else {})


def summarize(
    open_plan: OpenPlan,
    forecasts: Mapping[str, Forecast],
    rehearsed: Mapping[str, RehearsalVerdict] | None = None,
) -> CheckSummary:
    """Sum up forecasts and the verdicts of a rehearsal; where there are both for an instance, the rehearsal counts.

    Args:
        open_plan: The plan; for the remedies.
        forecasts: By instance id.
        rehearsed: By instance id.
    """
    verdicts = rehearsed or {}
    checks: dict[str, InstanceCheck] = {}
    for one in dict.fromkeys((*forecasts, *verdicts)):
        verdict = verdicts.get(one)
        if verdict is not None:
            checks[one] = InstanceCheck(_OUTCOMES[verdict.outcome], rehearsed=not verdict.by_forecast)
        else:
            checks[one] = InstanceCheck(forecasts[one].verdict, rehearsed=False)
    numbers = Counter(check.outcome for check in checks.values())
    unheard = [forecast for one, forecast in forecasts.items() if one not in verdicts]
    return CheckSummary(
        total=len(checks),
        migrates=numbers["migrates"],
        fails=numbers["fails"],
        cannot_tell=numbers["cannot tell"],
        gone=numbers["gone"],
        rehearsed=sum(check.rehearsed for check in checks.values()),
        groups=_merged([*_rehearsal_groups(open_plan, verdicts), *group_forecasts(unheard, open_plan)]),
        checks=checks,
        disagreements=_disagreements(forecasts, verdicts),
    )


def _rehearsal_groups(open_plan: OpenPlan, verdicts: Mapping[str, RehearsalVerdict]) -> list[CauseGroup]:
    causes: dict[tuple[str, str | None, bool], list[str]] = {}
    for one, verdict in verdicts.items():
        if verdict.outcome == "migrates":
            continue
        fails = verdict.outcome == "fails"
        for sentence, place in _causes(verdict):
            activity_id = place if open_plan.source_model.get(place) is not None else None
            causes.setdefault((sentence, activity_id, fails), []).append(one)
    return [
        CauseGroup(sentence, activity_id, tuple(ids), remedy_for(open_plan, sentence, activity_id), fails)
        for (sentence, activity_id, fails), ids in causes.items()
    ]


def _causes(verdict: RehearsalVerdict) -> Iterable[tuple[str, str]]:
    sentences = tuple(map(cause_of, verdict.failures)) or (_WITHOUT_WORDS[verdict.outcome],)
    places = (*verdict.activity_ids, *[""] * len(sentences))
    return dict.fromkeys(zip(sentences, places, strict=False))


_WITHOUT_WORDS: Mapping[str, str] = {
    "fails": "The engine refused it without saying why.",
    "ended": "It has ended meanwhile.",
    "moved": "It is on another version meanwhile.",
    "unknown": "The engine's verdict is not known.",
}


def _merged(groups: Iterable[CauseGroup]) -> tuple[CauseGroup, ...]:
    """One group for one cause, whoever said it; failures first, then by falling number of instances."""
    merged: dict[tuple[str, str | None, bool], CauseGroup] = {}
    for group in groups:
        key = (group.sentence, group.activity_id, group.fails)
        known = merged.get(key)
        ids = group.ids if known is None else (*known.ids, *group.ids)
        merged[key] = CauseGroup(group.sentence, group.activity_id, ids, group.remedy, group.fails)
    order = sorted(merged.values(), key=lambda one: (not one.fails, -len(one.ids), one.activity_id or "", one.sentence))
    return tuple(order)


def _disagreements(forecasts: Mapping[str, Forecast], verdicts: Mapping[str, RehearsalVerdict]) -> tuple[str, ...]:
    sentences = []
    for one, verdict in verdicts.items():
        forecast = forecasts.get(one)
        if forecast is None or verdict.by_forecast or verdict.outcome not in ("migrates", "fails"):
            continue
        if forecast.verdict != "cannot tell" and forecast.verdict != verdict.outcome:
            sentences.append(
                f"Instance '{one}': the forecast says it {forecast.verdict}, the engine that it {verdict.outcome}."
            )
    return tuple(sentences)
