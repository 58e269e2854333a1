"""The plan file: a migration plan that travels, as documented, versioned JSON.

Definition ids differ in every environment, so the file names definitions by key with version or version tag and tenant,
and holds what the plan was made for: hashes of both models, and their outlines to tell what changed.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PrivateAttr, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema

from tui_migrate.migration.plan import Instruction
from tui_migrate.operations.outline import outline, rules_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.operations.plan import OpenPlan

FORMAT_MEMBER: Final = "tui-migrate-plan"
"""The member that tells a plan file; its value is the version of the format."""

FORMAT_VERSION: Final = 1


class Part(BaseModel):
    """Base of all parts: no unknown members, no conversions, camel case in the file."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class ModelHashes(Part):
    """Two hashes of one model."""

    text: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    """Of the XML text. Another one alone is a notice: a modeler saved the same process again."""
    rules: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    """Of what the migration rules read (activities, scopes, triggers). With another one the plan is refused."""


class DefinitionReference(Part):
    """Names a process definition on any engine: by key, and version tag or version; without both the newest version."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["key"]}, {"required": ["id"]}]})

    key: str | None = None
    """Key of the process definition."""
    version: int | None = Field(default=None, ge=1)
    """Version number. Where there is a version tag, that decides, and the number only says where the plan was made."""
    version_tag: str | None = None
    """Version tag, if the definition has one; the newest version with this tag is meant."""
    tenant: str | None = None
    """Id of the tenant; null for a definition without one."""
    id: str | None = None
    """Id of the process definition: only in plans that were read from the engine's own JSON."""
    hashes: ModelHashes | None = None
    """What the plan was made for; without them nothing is checked."""
    activities: dict[str, str] | None = None
    """By activity id what the rules read of it, to say what changed where the hash of the rules differs."""

    @model_validator(mode="after")
    def _names_something(self) -> DefinitionReference:
        if not self.key and not self.id:
            raise ValueError("needs a key")
        return self

    @property
    def text(self) -> str:
        """The reference in words, as one would type it."""
        if self.key is None:
            return self.id or ""
        if self.version_tag is not None:
            return f"{self.key}@{self.version_tag}"
        return self.key if self.version is None else f"{self.key}:{self.version}"


class PlannedInstruction(Part):
    """One migration instruction: exactly one activity on each side, as the engine reads it."""

    source: str | None
    """Id of the source activity; `<id>#multiInstanceBody` for the body around a multi-instance activity."""
    target: str | None
    """Id of the target activity."""
    update_event_trigger: bool = False
    """Whether the event's trigger (timer, message name …) is taken from the target."""


class PlannedVariable(Part):
    """A variable that is set on each migrated instance, as the engine's REST API takes it."""

    value: JsonValue = None
    """The value."""
    type: str | None = None
    """The engine's type such as `String`, `Integer`, `Date`; null lets the engine choose by the value."""
    value_info: dict[str, JsonValue] = Field(default_factory=dict)
    """More about the value, such as a file's name."""


class PlanOptions(Part):
    """How to run the plan, where the author wants it said; null leaves it to whoever runs it."""

    asynchronous: bool | None = None
    """Whether to migrate as a batch."""
    skip_custom_listeners: bool | None = None
    """Whether listeners of scopes that are entered or left are skipped."""
    skip_io_mappings: bool | None = None
    """Whether IO mappings of scopes that are entered or left are skipped."""
    wave_size: int | None = Field(default=None, ge=1)
    """Instances of one batch; more become several batches, one after the other."""
    canary: int | None = Field(default=None, ge=0)
    """Instances of a first small batch."""
    allowed_failures: int | None = Field(default=None, ge=0)
    """Failed instances of one batch that don't keep the next from starting."""
    annotation: str | None = None
    """A text such as a change ticket for the engine's user operation log."""


class Made(Part):
    """Where a plan file comes from."""

    at: datetime | None = Field(default=None, strict=False)
    """When it was written."""
    engine: str | None = None
    """On what kind of engine, such as `Camunda 7.24.0`."""


class PlanFile(Part):
    """A migration plan between two process definitions, made on one engine and applied on any."""

    model_config = ConfigDict(title="tui-migrate plan file")

    json_schema: str | None = Field(default=None, alias="$schema")
    """Where the JSON Schema of this format is; for editors."""
    format_version: Literal[1] = Field(alias=FORMAT_MEMBER)
    """Version of this format."""
    comment: str | None = None
    """The author's words."""
    made: Made | None = None
    """Where the file comes from."""
    source: DefinitionReference
    """Where the instances are."""
    target: DefinitionReference
    """Where they go."""
    instructions: tuple[PlannedInstruction, ...] = Field(default=(), strict=False)
    """The plan. An instance at an activity that is not in it fails."""
    variables: dict[str, PlannedVariable] = Field(default_factory=dict)
    """Variables to set on each migrated instance, by name."""
    options: PlanOptions = Field(default_factory=PlanOptions)
    """How to run it."""

    @classmethod
    def of(cls, **members: Any) -> PlanFile:
        """Return a file of this format's version with these members, named as the attributes are."""
        return cls.model_validate({FORMAT_MEMBER: FORMAT_VERSION, **members})

    _notices: tuple[str, ...] = PrivateAttr(default=())

    @property
    def notices(self) -> tuple[str, ...]:
        """What was noticed while reading, each a sentence: above all what an engine would make of odd members."""
        return self._notices

    def with_notices(self, notices: tuple[str, ...]) -> PlanFile:
        """Return the same file with other notices."""
        copy = self.model_copy()
        copy._notices = notices
        return copy

    def to_instructions(self) -> tuple[Instruction, ...]:
        """Return the instructions as the rules take them."""
        return tuple(Instruction(one.source, one.target, one.update_event_trigger) for one in self.instructions)

    def to_variables(self) -> dict[str, dict[str, Any]]:
        """Return the variables as `MigrationPlan` takes them."""
        return {name: _engine_variable(one) for name, one in self.variables.items()}

    def to_json(self) -> str:
        """Return the file's text: one line for each instruction and each activity, so that a difference reads well."""
        content = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        content[FORMAT_MEMBER] = FORMAT_VERSION
        rows = [json.dumps(one, ensure_ascii=False) for one in content.pop("instructions", [])]
        head: tuple[str, ...] = ("$schema", FORMAT_MEMBER, "comment", "made", "source", "target")
        ordered: dict[str, Any] = {name: content.pop(name) for name in head if name in content}
        ordered["instructions"] = []
        text = json.dumps({**ordered, **content}, ensure_ascii=False, indent=2)
        if rows:
            text = text.replace('"instructions": []', '"instructions": [\n    ' + ",\n    ".join(rows) + "\n  ]", 1)
        return text + "\n"


def make_plan_file(
    open_plan: OpenPlan,
    *,
    comment: str | None = None,
    variables: Mapping[str, Mapping[str, Any]] | None = None,
    options: PlanOptions | None = None,
    made: Made | None = None,
) -> PlanFile:
    """Return an open plan as it stands as a plan file.

    Args:
        open_plan: The plan.
        comment: The author's words.
        variables: Variables to set, as `MigrationPlan` takes them.
        options: How to run it.
        made: Where the file comes from.
    """
    return PlanFile.of(
        comment=comment,
        made=made,
        source=_reference(open_plan.source, open_plan.source_model, open_plan.source_text_hash),
        target=_reference(open_plan.target, open_plan.target_model, open_plan.target_text_hash),
        instructions=tuple(
            PlannedInstruction(
                source=one.source_activity_id,
                target=one.target_activity_id,
                update_event_trigger=one.update_event_trigger,
            )
            for one in open_plan.draft.instructions
        ),
        variables={name: PlannedVariable.model_validate(dict(value)) for name, value in (variables or {}).items()},
        options=options or PlanOptions(),
    )


def _engine_variable(variable: PlannedVariable) -> dict[str, Any]:
    typed = {"value": variable.value, "type": variable.type, "valueInfo": variable.value_info}
    return {name: value for name, value in typed.items() if name == "value" or value}


def _reference(definition: ProcessDefinition, model: ProcessModel, text: str) -> DefinitionReference:
    return DefinitionReference(
        key=definition.key,
        version=definition.version,
        version_tag=definition.version_tag or None,
        tenant=definition.tenant_id,
        hashes=ModelHashes(text=text, rules=rules_hash(model)),
        activities=outline(model),
    )


class _Schema(GenerateJsonSchema):
    """Without the titles that only repeat the members' names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def plan_file_schema() -> str:
    """Return the JSON Schema of the plan file as text, as `docs/plan-file.schema.json` has it."""
    schema = PlanFile.model_json_schema(by_alias=True, schema_generator=_Schema)
    ordered = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(ordered, ensure_ascii=False, indent=2) + "\n"
