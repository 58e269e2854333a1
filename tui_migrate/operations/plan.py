"""The plan that is being edited, with all that the screens and commands say about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from tui_migrate.errors import EngineFault, EngineRefused, EngineTimeout, Forbidden, PlanError, PlanRejected
from tui_migrate.migration.plan import Instruction, MigrationPlan
from tui_migrate.operations.counts import ActivityCounts, read_statistics, read_waiting
from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import EngineFamily, ProcessModel
    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.migration.advice.base import Severity
    from tui_migrate.migration.advise import Advice
    from tui_migrate.migration.compare import Comparison
    from tui_migrate.migration.draft import Draft
    from tui_migrate.migration.forecast import Forecaster
    from tui_migrate.migration.report import ValidationReport
    from tui_migrate.operations.session import Session

Side = Literal["source", "target"]
Marker = Literal["mapped", "unmapped", "error", "none"]
ProblemKind = Literal["error", "unmapped", "waiting", "advice", "note"]

_GENERATION_ERRORS = (EngineRefused, EngineFault, EngineTimeout, Forbidden, PlanRejected)


class Mark(Struct, frozen=True):
    """What a tree shows beside one activity."""

    marker: Marker
    advice: Severity | None
    """The worst that advice says about it, which belongs beside the marker; None where there is none."""
    instances: int
    """Activity instances, as Cockpit counts them; of the source on the source's side."""
    incidents: int
    blind: tuple[str, ...]
    """What activity statistics don't tell, in sentences: tokens at joins, at asynchronous jobs, compensation."""


class Problem(Struct, frozen=True):
    """One thing to look at before going on."""

    kind: ProblemKind
    """`error`: the engine refuses the plan; `unmapped`, `waiting`: instances here would fail; `advice`: dangerous;
    `note`: advice to read, and no danger."""
    source_id: str | None
    target_id: str | None
    sentences: tuple[str, ...]
    remedies: tuple[str, ...]
    instances: int = 0


class EngineVerdict(Struct, frozen=True):
    """What the engine says about a plan."""

    report: ValidationReport
    seconds: float
    """From asking to the answer."""


class OpenPlan:
    """Two definitions, their models and the draft between them. Mutable: the draft is edited, counts are read again.

    Args:
        source: Where the instances are.
        target: Where they are to go.
        draft: The plan, with both models.
        counts: What runs on the source.
        running: Running process instances of the source.
        engine_generated: What the engine generated; None where it didn't.
        generation_error: Why it didn't.
        text_hash: Returns the hash of the XML text of one of the definitions, by its id.
        family: Whose sentences count.
    """

    def __init__(
        self,
        source: ProcessDefinition,
        target: ProcessDefinition,
        draft: Draft,
        *,
        counts: ActivityCounts | None = None,
        running: int = 0,
        engine_generated: tuple[Instruction, ...] | None = None,
        generation_error: str | None = None,
        text_hash: Callable[[str], str] = lambda _: "",
        family: EngineFamily = "camunda",
    ) -> None:
        self.source = source
        self.target = target
        self.draft = draft
        self.source_model: ProcessModel = draft.source
        self.target_model: ProcessModel = draft.target
        self.counts = counts or ActivityCounts()
        self.target_counts = ActivityCounts()
        self.running = running
        self.engine_generated = engine_generated
        self.generation_error = generation_error
        self._text_hash = text_hash
        self.family: EngineFamily = family
        self._forecaster: tuple[int, Forecaster] | None = None
        self._advice: tuple[int, tuple[Advice, ...]] | None = None
        self._advised: tuple[int, Mapping[Side, Mapping[str, Severity]]] | None = None

    @property
    def source_text_hash(self) -> str:
        """The hash of the source's XML text."""
        return self._text_hash(self.source.id)

    @property
    def target_text_hash(self) -> str:
        """The hash of the target's XML text."""
        return self._text_hash(self.target.id)

    @cached_property
    def comparison(self) -> Comparison:
        """What differs between the two models; computed when it is first asked for."""
        from tui_migrate.migration.compare import compare

        return compare(self.source_model, self.target_model)

    def take_imported(self, instructions: Iterable[Instruction]) -> None:
        """Start a new draft from instructions that come from a file; its undo history begins here."""
        from tui_migrate.migration.draft import Draft

        self.draft = Draft(self.source_model, self.target_model, instructions, origin="imported")
        self._advice = self._advised = self._forecaster = None

    def plan(self, variables: Mapping[str, Mapping[str, Any]] | None = None) -> MigrationPlan:
        """Return the draft as it would be sent."""
        return MigrationPlan(self.source.id, self.target.id, self.draft.instructions, variables or {})

    def advice(self) -> tuple[Advice, ...]:
        """Return what is valid but dangerous in the draft as it stands."""
        if self._advice is None or self._advice[0] != self.draft.revision:
            from tui_migrate.migration.advise import advise

            advice = advise(self.source_model, self.target_model, self.draft.instructions)
            self._advice = (self.draft.revision, advice)
        return self._advice[1]

    def forecaster(self) -> Forecaster:
        """Return the forecaster of instances for the draft as it stands; prepared once for each revision."""
        if self._forecaster is None or self._forecaster[0] != self.draft.revision:
            from tui_migrate.migration.forecast import Forecaster

            prepared = Forecaster(
                self.source_model,
                self.target_model,
                self.draft.instructions,
                target_tenant_id=self.target.tenant_id,
            )
            self._forecaster = (self.draft.revision, prepared)
        return self._forecaster[1]

    def marker(self, side: Side, activity_id: str) -> Mark:
        """Return what to show beside an activity; cheap, for every line of a tree."""
        counts = self.counts if side == "source" else self.target_counts
        return Mark(
            marker=self._marker(side, activity_id),
            advice=self._severities(side).get(activity_id),
            instances=counts.instances.get(activity_id, 0),
            incidents=counts.incidents.get(activity_id, 0),
            blind=counts.reasons.get(activity_id, ()),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Return all problems of the draft as it stands, in the document order of the source.

        An activity has at most one problem of each kind. What belongs to no source activity comes last.
        """
        from tui_migrate.operations.problems import find_problems

        return find_problems(self)

    def _marker(self, side: Side, activity_id: str) -> Marker:
        draft = self.draft
        if side == "target":
            if activity_id in draft.failing_targets:
                return "error"
            return "mapped" if draft.sources_of(activity_id) else "none"
        if draft.failures_of(activity_id):
            return "error"
        if draft.target_of(activity_id) is not None:
            return "mapped"
        return "unmapped" if self.counts.tokens(activity_id) else "none"

    def _severities(self, side: Side) -> Mapping[str, Severity]:
        """Return the worst severity of the advice on each activity that there is advice on."""
        if self._advised is None or self._advised[0] != self.draft.revision:
            sources: dict[str, Severity] = {}
            targets: dict[str, Severity] = {}
            for one in sorted(self.advice(), key=lambda advice: advice.severity == "danger"):  # dangers come last
                if one.source_id is not None:
                    sources[one.source_id] = one.severity
                if one.target_id is not None:
                    targets[one.target_id] = one.severity
            self._advised = (self.draft.revision, {"source": sources, "target": targets})
        return self._advised[1][side]


async def open_plan(
    session: Session, source_id: str, target_id: str, *, update_event_triggers: bool = False
) -> OpenPlan:
    """Open a plan between two definitions: five requests in one round trip, whatever the size.

    Both models, the engine's own generated plan, the activity statistics of the source and the number of its running
    instances. (Definitions that no answer has brought along yet cost a request each, in the same round trip.) Where the
    engine can't generate, `generation_error` says why and the rules generate here.

    Args:
        session: The engine.
        source_id: Id of the source definition.
        target_id: Id of the target definition; may be of another key, or the same.
        update_event_triggers: Passed on to the engine's generation.

    Raises:
        NotFound: A definition isn't there, or the user may not see it.
        BpmnError: A model can't be read.
    """
    from tui_migrate.engine.queries import InstanceQuery
    from tui_migrate.migration.draft import Draft

    features = await session.features()
    async with round_trip() as trip:
        source = trip.create_task(_definition_and_model(session, source_id))
        target = trip.create_task(_definition_and_model(session, target_id))
        generated = trip.create_task(_generate(session, source_id, target_id, update_event_triggers))
        counts = trip.create_task(read_statistics(session, source_id))
        running = trip.create_task(session.engine.count_instances(InstanceQuery(process_definition_id=source_id)))
    (source_definition, source_model), (target_definition, target_model) = source.result(), target.result()
    instructions, error = generated.result()
    draft_instructions = instructions
    if draft_instructions is None:
        draft_instructions, local_error = await _generate_here(source_model, target_model, update_event_triggers)
        error = " ".join(part for part in (error, local_error) if part)
    draft = Draft(source_model, target_model, draft_instructions)
    return OpenPlan(
        source_definition,
        target_definition,
        draft,
        counts=counts.result(),
        running=running.result(),
        engine_generated=instructions,
        generation_error=error,
        text_hash=session.text_hash,
        family=features.family,
    )


async def read_counts(session: Session, open_plan: OpenPlan, *, again: bool = False) -> None:
    """Read what opening leaves out: the target's counts, and the tokens that activity statistics are blind to.

    The number of requests depends on neither the number of instances nor on that of activities (see `read_waiting`).

    Args:
        session: The engine.
        open_plan: Its counts are replaced.
        again: Reads the source's statistics and number of running instances anew as well.
    """
    from tui_migrate.engine.queries import InstanceQuery

    source_id = open_plan.source.id
    async with round_trip() as trip:
        target = trip.create_task(read_statistics(session, open_plan.target.id))
        statistics = trip.create_task(read_statistics(session, source_id)) if again else None
        query = InstanceQuery(process_definition_id=source_id)
        running = trip.create_task(session.engine.count_instances(query)) if again else None
        waiting = trip.create_task(read_waiting(session, source_id, open_plan.source_model))
    if statistics is not None and running is not None:
        open_plan.counts = statistics.result()
        open_plan.running = running.result()
    open_plan.counts = waiting.result().added_to(open_plan.counts)
    open_plan.target_counts = target.result()


async def regenerate(session: Session, open_plan: OpenPlan, update_event_triggers: bool) -> tuple[Instruction, ...]:
    """Return what generation gives now, leaving the draft as it is (`draft.difference` tells what would change).

    `engine_generated` and `generation_error` of the plan are set anew.

    Raises:
        PlanError: Neither the engine nor the rules here can generate.
    """
    instructions, error = await _generate(session, open_plan.source.id, open_plan.target.id, update_event_triggers)
    open_plan.engine_generated, open_plan.generation_error = instructions, error
    if instructions is not None:
        return instructions
    here, local_error = await _generate_here(open_plan.source_model, open_plan.target_model, update_event_triggers)
    if local_error is not None:
        raise PlanError(f"No plan can be generated. {error} {local_error}")
    return here


async def engine_verdict(session: Session, plan: MigrationPlan) -> EngineVerdict:
    """Ask the engine about a plan; one request."""
    start = session.clock.monotonic()
    report = await session.engine.validate(plan)
    return EngineVerdict(report, session.clock.monotonic() - start)


def verdict_differences(local: ValidationReport, engine: ValidationReport) -> tuple[str, ...]:
    """Return one sentence for each failure that only one of two reports has; none where they agree.

    The order of the reports means nothing (the engine's is that of a hash). Where two differ, the engine counts.
    """
    ours, theirs = _failures(local), _failures(engine)
    return tuple(
        [f"Only the engine says of {place}: {failure}" for place, failure in sorted(theirs - ours)]
        + [f"Only the rules here say of {place}: {failure}" for place, failure in sorted(ours - theirs)]
    )


def _failures(report: ValidationReport) -> set[tuple[str, str]]:
    found = {
        (f"'{one.instruction.source_activity_id}' → '{one.instruction.target_activity_id}'", failure)
        for one in report.instruction_reports
        for failure in one.failures
    }
    found |= {(f"variable '{name}'", one) for name, failures in report.variable_reports.items() for one in failures}
    return found


async def _definition_and_model(session: Session, definition_id: str) -> tuple[ProcessDefinition, ProcessModel]:
    model = await session.model(session.known_definition(definition_id) or definition_id)
    return await session.definition(definition_id), model


async def _generate(
    session: Session, source_id: str, target_id: str, update_event_triggers: bool
) -> tuple[tuple[Instruction, ...] | None, str | None]:
    try:
        plan = await session.engine.generate(source_id, target_id, update_event_triggers=update_event_triggers)
    except _GENERATION_ERRORS as error:
        return None, f"The engine generated no plan: {error}"
    return plan.instructions, None


async def _generate_here(
    source: ProcessModel, target: ProcessModel, update_event_triggers: bool
) -> tuple[tuple[Instruction, ...], str | None]:
    from tui_migrate.migration.generate import generate

    try:
        return await asyncio.to_thread(generate, source, target, update_event_triggers=update_event_triggers), None
    except PlanError as error:
        return (), str(error)
