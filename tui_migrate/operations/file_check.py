"""Whether running instances could follow from one BPMN file to another: all that can be said with no engine.

Pipelines ask this before they deploy. The key stands for the process definition id in the engine's sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from tui_migrate.bpmn.model import EngineFamily, ProcessModel
from tui_migrate.bpmn.reader import read_model
from tui_migrate.migration.advise import Advice, advise
from tui_migrate.migration.compare import Comparison, compare
from tui_migrate.migration.generate import GenerationFailed, generate
from tui_migrate.migration.suggest import Suggestion, suggest
from tui_migrate.migration.validate import validate
from tui_migrate.migration.validators import JOINING_BEHAVIORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_migrate.bpmn.model import Activity
    from tui_migrate.migration.plan import Instruction
    from tui_migrate.migration.report import ValidationReport

Level = Literal["error", "unmapped", "advice", "never"]
"""From which finding on a check says no: an invalid plan; a place to wait without a mapping; advice; never."""

_WAITING_BEHAVIORS = frozenset(
    {
        "UserTaskActivityBehavior",
        "ReceiveTaskActivityBehavior",
        "ExternalTaskActivityBehavior",
        "CallActivityBehavior",
        "CaseCallActivityBehavior",
        "IntermediateCatchEventActivityBehavior",
        "IntermediateConditionalEventBehavior",
        "EventBasedGatewayActivityBehavior",
    }
)


class FileCheck(Struct, frozen=True):
    """Everything that two models and a plan tell."""

    source: ProcessModel
    target: ProcessModel
    instructions: tuple[Instruction, ...]
    generated: bool
    """Whether the instructions were generated here, not read from a plan file."""
    generation_error: str | None
    """The engine's message where it would answer an error in place of a plan."""
    report: ValidationReport
    comparison: Comparison
    advice: tuple[Advice, ...]
    unmapped: tuple[Activity, ...]
    """Activities of the source where instances can wait, without an instruction: instances there would fail."""
    suggestions: dict[str, tuple[Suggestion, ...]]
    """By unmapped activity id the ranked candidates."""

    def says_no(self, level: Level) -> bool:
        """Return whether the finding is as bad as `level` or worse."""
        if level == "never":
            return False
        if self.generation_error is not None or not self.report.valid:
            return True
        if level == "error":
            return False
        return bool(self.unmapped) or (level == "advice" and any(a.severity == "danger" for a in self.advice))


def can_wait(activity: Activity, model: ProcessModel) -> bool:
    """Return whether an instance can stand at this activity when a migration finds it.

    An inner multi-instance activity counts, its body doesn't (it is only a scope). Events behind an event-based gateway
    hold no instance: the gateway does. Source: migration-relevant wait states of the engine, joins and async included.
    """
    if activity.async_before or activity.async_after:
        return True
    if activity.is_body or activity.is_compensation_handler:
        return False
    if activity.behavior in JOINING_BEHAVIORS:
        return activity.incoming > 1
    behind_gateway = activity.event_scope is not None and activity.event_scope not in (activity.id, activity.flow_scope)
    return activity.behavior in _WAITING_BEHAVIORS and not behind_gateway


def check_files(
    source: bytes,
    target: bytes,
    *,
    source_file: str | None = None,
    target_file: str | None = None,
    source_process: str | None = None,
    target_process: str | None = None,
    engine: EngineFamily = "camunda",
    instructions: Sequence[Instruction] | None = None,
    update_event_triggers: bool = False,
) -> FileCheck:
    """Judge a plan between two BPMN files.

    Args:
        source: Content of the file that running instances are on.
        target: Content of the file that they shall move to.
        source_file: Name for messages; `target_file` likewise.
        target_file: Name for messages.
        source_process: Key of the process where the file holds several.
        target_process: The same for the target.
        engine: Whose extension namespaces count.
        instructions: The plan; None generates one as the engine would.
        update_event_triggers: The flag of the generation.

    Raises:
        BpmnError: A file can't be read into a model.
    """
    source_model = read_model(source, process=source_process, engine=engine, file=source_file)
    target_model = read_model(target, process=target_process, engine=engine, file=target_file)
    generation_error: str | None = None
    plan: tuple[Instruction, ...] = ()
    if instructions is not None:
        plan = tuple(instructions)
    else:
        try:
            plan = generate(source_model, target_model, update_event_triggers=update_event_triggers)
        except GenerationFailed as error:
            generation_error = str(error)
    mapped = {instruction.source_activity_id for instruction in plan}
    unmapped = tuple(
        activity
        for activity in source_model.activities.values()
        if activity.id not in mapped and can_wait(activity, source_model)
    )
    return FileCheck(
        source=source_model,
        target=target_model,
        instructions=plan,
        generated=instructions is None,
        generation_error=generation_error,
        report=validate(source_model, target_model, plan),
        comparison=compare(source_model, target_model),
        advice=advise(source_model, target_model, plan),
        unmapped=unmapped,
        suggestions={
            activity.id: suggest(source_model, target_model, plan, activity.id, limit=3) for activity in unmapped
        },
    )
